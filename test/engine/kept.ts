/** What the engine's tests keep their store in, SQLite in memory unless told. */
import type { DatabaseSync } from 'node:sqlite'
import type { Driver } from '../../src/store/driver.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { inThread } from '../../src/store/sqlite/in-thread.ts'
import { verbs } from '../../src/store/verbs/index.ts'

export interface Kept {
  /** Of the process that begins now; the one before is no more. Settles in microtasks only. */
  driver(): Promise<Driver>
  /** Another answer than before, where something may have been written since. */
  written(): unknown
}

const migrations = new URL('../../src/store/migrations/', import.meta.url)

export function keptInMemory(now: number): Kept & { readonly db: DatabaseSync } {
  const { db } = openDatabase({ path: ':memory:', migrations, now })
  const changes = db.prepare('SELECT total_changes() AS n')
  return { db, driver: async () => inThread(db, verbs), written: () => changes.get()?.['n'] }
}
