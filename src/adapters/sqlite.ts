/** A user's SQLite file. Another program's lock is waited for without standing in anybody's way. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { z } from 'zod'
import { SqlError, type SqlFailure, type SqlRow, type Statement } from '../connector/sql.ts'
import type { OpenDatabase } from './open-database.ts'

const PATIENCE_MS = 5000
const PAUSE_MS = 20
const KEPT = 200

const shown = z.record(z.string(), z.union([z.string(), z.number(), z.bigint(), z.null()]))

export function createSqlite(path: string): OpenDatabase {
  let open: DatabaseSync | null = null
  const prepared = new Map<string, StatementSync>()
  const opened = (): DatabaseSync => {
    if (open !== null) return open
    if (!existsSync(path)) throw new SqlError('unreachable', `there is no file ${path}`, true)
    open = new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: true })
    open.function('lockstep_digest', { deterministic: true }, digest)
    return open
  }
  const rowsOf = ({ text, values }: Statement): readonly SqlRow[] => {
    const statement = prepared.get(text) ?? opened().prepare(text)
    statement.setReadBigInts(true)
    if (prepared.size < KEPT) prepared.set(text, statement)
    return statement.all(...values).map((row) => shown.parse({ ...row }))
  }
  const transaction = (statements: readonly Statement[]): readonly (readonly SqlRow[])[] => {
    const database = opened()
    database.exec(statements.every(({ text }) => /^\s*(SELECT|PRAGMA)\b/i.test(text)) ? 'BEGIN' : 'BEGIN IMMEDIATE')
    try {
      const results = statements.map(rowsOf)
      database.exec('COMMIT')
      return results
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  }
  return {
    dialect: 'sqlite',
    async run(statements) {
      for (let waited = 0; ; waited += PAUSE_MS)
        try {
          return transaction(statements)
        } catch (error) {
          const failure = failureOf(error)
          if (failure.failure !== 'busy' || waited >= PATIENCE_MS) throw failure
          await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
        }
    },
    file: {
      isAbsent: () => open === null && !existsSync(path),
      make() {
        const made = new DatabaseSync(path)
        made.exec('PRAGMA journal_mode = wal')
        made.close()
      },
    },
    close() {
      open?.close()
      open = null
      prepared.clear()
      return Promise.resolve()
    },
  }
}

function digest(text: unknown): string {
  return createHash('sha256').update(String(text)).digest('hex').slice(0, 32)
}

/** By the low byte of SQLite's result codes. */
const CODES: ReadonlyMap<number, SqlFailure> = new Map([
  [3, 'denied'],
  [5, 'busy'],
  [6, 'busy'],
  [8, 'denied'],
  [10, 'unreachable'],
  [13, 'busy'], // full
  [14, 'unreachable'],
  [19, 'constraint'],
  [20, 'value'],
  [23, 'denied'],
  [26, 'unreachable'], // no database
])
const UNIQUE: ReadonlySet<number> = new Set([1555, 2067, 2579])

/** A transaction that failed was rolled back here, or by SQLite itself. */
function failureOf(error: unknown): SqlError {
  if (error instanceof SqlError) return error
  if (!(error instanceof Error)) return new SqlError('other', String(error), true)
  const code = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : 0
  if (UNIQUE.has(code)) return new SqlError('unique', error.message, true)
  if (/^no such (table|column|function)|^table .* has no column/.test(error.message))
    return new SqlError('unknown-name', error.message, true)
  return new SqlError(CODES.get(code & 255) ?? 'other', error.message, true)
}
