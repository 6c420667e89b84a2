/** Brings a store in SQLite to this program's schema. */
import type { DatabaseSync } from 'node:sqlite'
import { StoreError } from '../errors.ts'
import { afterApplied, type Migration } from '../migrations.ts'
import { storeError } from './failures.ts'

/** The migrations that the store has yet to run. Throws where this program must not touch the store; changes nothing. */
export function pendingMigrations(db: DatabaseSync, known: readonly Migration[]): readonly Migration[] {
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  if (tables.length === 0) return known
  if (!tables.some((table) => table['name'] === 'migrations')) throw new StoreError('store-foreign')
  return afterApplied(db.prepare('SELECT number, checksum FROM migrations ORDER BY number').all(), known)
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
