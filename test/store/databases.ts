/** The store's own schema in each database that may be behind it, for verbs that have to do the same in both. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { locationOf } from '../../src/config/location.ts'
import { openPostgres } from '../../src/store/postgres/database.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { databaseOf } from '../../src/store/sqlite/run.ts'
import type { Sql } from '../../src/store/sql.ts'
import { postgresStore } from '../postgres.ts'

const migrations = new URL('../../src/store/migrations/', import.meta.url)

async function inPostgres(t: TestContext): Promise<Sql> {
  const { store } = postgresStore(t)
  const { database } = await openPostgres({ location: locationOf(store) ?? assert.fail(), migrations, now: 0 })
  // Before the schema is dropped, which waits for whoever uses it.
  t.after(() => database.close())
  return database.sql
}

const databases: { readonly [name: string]: (t: TestContext) => Sql | Promise<Sql> } = {
  SQLite: () => databaseOf(openDatabase({ path: ':memory:', migrations, now: 0 }).db).sql,
  PostgreSQL: inPostgres,
}

/** One test for each of them, in a store that is empty. */
export function testInEach(name: string, body: (sql: Sql) => void): void {
  for (const [database, open] of Object.entries(databases))
    void test(`${database}: ${name}`, async (t) => body(await open(t)))
}
