/** Forward-only, numbered migrations: 0001-first.sql, 0002.sql, … in one folder. */
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { StoreError } from '../errors.ts'
import { storeError } from './failures.ts'

export interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
  readonly checksum: string
}

/** The migrations of a folder in order. Throws where a number is missing, doubled or not readable from the name. */
export function readMigrations(folder: string | URL): readonly Migration[] {
  const path = folder instanceof URL ? fileURLToPath(folder) : folder
  const files = readdirSync(path).filter((file) => file.endsWith('.sql'))
  return files.sort().map((file, i) => {
    const digits = /^(\d{4})(?:-[a-z0-9-]+)?\.sql$/.exec(file)?.[1]
    if (Number(digits) !== i + 1)
      throw new Error(`Migration ${i + 1} of ${path} is missing, doubled or misnamed: ${file}`)
    const sql = readFileSync(join(path, file), 'utf8').replaceAll('\r\n', '\n')
    const checksum = createHash('sha256').update(sql).digest('hex')
    return { number: i + 1, name: file.slice(0, -'.sql'.length), sql, checksum }
  })
}

/** The migrations that the store has yet to run. Throws where this program must not touch the store; changes nothing. */
export function pendingMigrations(db: DatabaseSync, known: readonly Migration[]): readonly Migration[] {
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  if (tables.length === 0) return known
  if (!tables.some((table) => table['name'] === 'migrations')) throw new StoreError('store-foreign')
  const applied = db.prepare('SELECT number, checksum FROM migrations ORDER BY number').all()
  if (applied.length > known.length) {
    throw new StoreError('store-newer', `its schema is ${applied.length}, this program knows ${known.length}`)
  }
  for (const [i, row] of applied.entries()) {
    if (row['number'] !== i + 1 || row['checksum'] !== known[i]?.checksum) {
      throw new StoreError('store-changed', `migration ${String(row['number'])} differs`)
    }
  }
  return known.slice(applied.length)
}

/**
 * Runs them all in one transaction: the store is at the old schema or at the new one, never between. Foreign keys are
 * off meanwhile, so that a table can be rebuilt, and checked before the commit.
 */
export function migrate(db: DatabaseSync, pending: readonly Migration[], now: number): void {
  if (pending.length === 0) return
  db.exec('PRAGMA foreign_keys = OFF')
  try {
    db.exec('BEGIN IMMEDIATE')
    db.exec(`CREATE TABLE IF NOT EXISTS migrations (
      number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT`)
    const record = db.prepare('INSERT INTO migrations (number, name, checksum, applied_at) VALUES (?, ?, ?, ?)')
    for (const { number, name, sql, checksum } of pending) {
      db.exec(sql)
      if (!db.isTransaction) throw new Error(`migration ${name} ends the transaction it runs in`)
      const dangling = db.prepare('PRAGMA foreign_key_check').get()
      if (dangling !== undefined) throw new Error(`migration ${name} leaves ${String(dangling['table'])} dangling`)
      record.run(number, name, checksum, now)
    }
    db.exec('COMMIT')
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw storeError(error, 'store-migration')
  } finally {
    db.exec('PRAGMA foreign_keys = ON')
  }
}
