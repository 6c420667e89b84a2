/** An open SQLite database as its driver uses it. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { VerbCall, VerbResult } from '../driver.ts'
import { runVerbs as runOn, type Database } from '../run.ts'
import type { Sql } from '../sql.ts'
import type { VerbTable } from '../verb.ts'
import { databaseFailure } from './failures.ts'

const perDatabase = new WeakMap<DatabaseSync, Database>()

/** One for each database, whoever asks: it keeps the prepared statements. */
export function databaseOf(db: DatabaseSync): Database {
  const known = perDatabase.get(db)
  if (known !== undefined) return known
  const sql = statementsOn(db)
  let waiting: boolean | undefined
  const made: Database = {
    sql,
    get isTransaction() {
      return db.isTransaction
    },
    begin(waits) {
      // Set anew for each call list that differs: SQLite carries this out when it compiles the statement. In memory there
      // is no disk.
      if (waiting !== waits && db.location() !== null) db.exec(`PRAGMA synchronous = ${waits ? 'FULL' : 'NORMAL'}`)
      waiting = waits
      sql.get('BEGIN IMMEDIATE').run()
    },
    commit: () => void sql.get('COMMIT').run(),
    rollback: () => void sql.get('ROLLBACK').run(),
    failureOf: databaseFailure,
    async close() {
      db.close()
    },
  }
  perDatabase.set(db, made)
  return made
}

function statementsOn(db: DatabaseSync): Sql {
  const prepared = new Map<string, StatementSync>()
  return {
    get(text) {
      let statement = prepared.get(text)
      if (statement === undefined) {
        statement = db.prepare(text)
        prepared.set(text, statement)
      }
      return statement
    },
  }
}

export function runVerbs(db: DatabaseSync, verbs: VerbTable, calls: readonly VerbCall[]): readonly VerbResult[] {
  return runOn(databaseOf(db), verbs, calls)
}
