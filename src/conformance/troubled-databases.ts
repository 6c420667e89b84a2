/** What can go wrong with a transaction on its way to a database, made to happen on this side of the wire. */
import { SqlError, type Database, type Databases, type Statement } from '../connector/sql.ts'
import type { Trouble } from './trouble.ts'

export interface TroubledDatabases {
  readonly databases: Databases
  trouble(next: Trouble | null): void
  /** Nothing has gone wrong yet of what was told to. */
  isArmed(): boolean
  /** Transactions. */
  sent(): number
}

export function isChanging(statements: readonly Statement[]): boolean {
  return statements.some(({ text }) => /\b(INSERT INTO|UPDATE|DELETE FROM)\b/.test(text))
}

/**
 * The next transaction that changes something, of those made through it, goes wrong as it was told: its connection breaks
 * in the middle of it, its commit does not arrive, or it is committed and nobody is told.
 */
export function troubledDatabases(through: Databases): TroubledDatabases {
  let next: Trouble | null = null
  let sent = 0
  const run = async (database: Database, statements: readonly Statement[]): ReturnType<Database['run']> => {
    const now = isChanging(statements) ? next : null
    if (now !== null) next = null
    sent += 1
    if (now === 'lose-request' || now === 'error-before') {
      const { message, noEffect } = await broken(database, statements)
      throw now === 'error-before'
        ? new SqlError('unreachable', message, noEffect)
        : new SqlError('unreachable', 'its commit was lost on purpose', false)
    }
    const results = await database.run(statements)
    if (now !== null) throw new SqlError('unreachable', 'its answer was lost on purpose', false)
    return results
  }
  return {
    databases: {
      at(address) {
        const database = through.at(address)
        return { ...database, run: (statements) => run(database, statements) }
      },
    },
    trouble: (wanted) => {
      next = wanted
    },
    isArmed: () => next !== null,
    sent: () => sent,
  }
}

const FAILS = 'SELECT lockstep_broken_on_purpose()'
/** PostgreSQL ends the session itself; where it may not, as in SQLite, a statement fails. Either way all of it is rolled back. */
const BREAKS: { readonly [dialect in Database['dialect']]: readonly string[] } = {
  postgres: ['SELECT pg_terminate_backend(pg_backend_pid())', FAILS],
  sqlite: [FAILS],
}

async function broken(database: Database, statements: readonly Statement[]): Promise<SqlError> {
  try {
    await database.run([...statements, ...BREAKS[database.dialect].map((text) => ({ text, values: [] }))])
  } catch (error) {
    if (error instanceof SqlError) return error
    throw error
  }
  throw new Error('the transaction did not break')
}
