/**
 * One database in memory for all runs of a process: migrated once, and emptied before each run, which keeps its statements
 * prepared.
 */
import type { DatabaseSync } from 'node:sqlite'
import { openDatabase } from '../../src/store/sqlite/database.ts'

let known: { readonly db: DatabaseSync; readonly empty: string } | null = null

/** Runs of one process do not overlap: the next one empties what the last one left. */
export function emptyDatabase(now: number): DatabaseSync {
  known ??= prepared(now)
  known.db.exec(known.empty)
  return known.db
}

function prepared(now: number): { readonly db: DatabaseSync; readonly empty: string } {
  const { db } = openDatabase({
    path: ':memory:',
    migrations: new URL('../../src/store/migrations/', import.meta.url),
    now,
  })
  const tables = db
    .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('migrations', 'sqlite_stat1')`)
    .all()
    .map((row) => `DELETE FROM ${String(row['name'])};`)
  return { db, empty: `PRAGMA foreign_keys = OFF; BEGIN; ${tables.join(' ')} COMMIT; PRAGMA foreign_keys = ON;` }
}
