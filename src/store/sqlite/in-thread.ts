/** SQLite in the thread that calls it. */
import type { DatabaseSync } from 'node:sqlite'
import { driverInThread } from '../in-thread.ts'
import type { Driver } from '../driver.ts'
import type { VerbTable } from '../verb.ts'
import { databaseOf } from './run.ts'

/** Closes the database with itself. */
export function inThread(db: DatabaseSync, verbs: VerbTable): Driver {
  return driverInThread(databaseOf(db), verbs)
}
