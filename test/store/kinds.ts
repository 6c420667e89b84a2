/** A store of the real verbs on each kind of database. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { locationOf } from '../../src/config/location.ts'
import { groupCommit } from '../../src/store/group-commit.ts'
import { driverInThread } from '../../src/store/in-thread.ts'
import { storeFrom } from '../../src/store/open.ts'
import { openPostgres } from '../../src/store/postgres/database.ts'
import type { Database } from '../../src/store/run.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { databaseOf } from '../../src/store/sqlite/run.ts'
import { verbs, type Store } from '../../src/store/verbs/index.ts'
import { postgresStore } from '../postgres.ts'

const migrations = new URL('../../src/store/migrations/', import.meta.url)

export interface OpenStore {
  readonly store: Store
  /** What is beside the verbs, as a scene of a test needs it. */
  readonly sql: Database['sql']
}

export async function onPostgres(t: TestContext): Promise<OpenStore> {
  let last: Database | null = null
  // Before the schema is dropped, which waits for whoever uses it.
  t.after(() => last?.close())
  const location = locationOf(postgresStore(t).store) ?? assert.fail()
  last = (await openPostgres({ location, migrations, now: 0 })).database
  return storeOn(last)
}

async function onSqlite(t: TestContext): Promise<OpenStore> {
  const database = databaseOf(openDatabase({ path: ':memory:', migrations, now: 0 }).db)
  t.after(() => database.close())
  return storeOn(database)
}

export const KINDS: { readonly [name: string]: typeof onPostgres } = { SQLite: onSqlite, PostgreSQL: onPostgres }

function storeOn(database: Database): OpenStore {
  return { store: storeFrom(groupCommit(driverInThread(database, verbs))), sql: database.sql }
}
