/** What is PostgreSQL's own about a store; what every driver owes is in contract.test.ts. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { TestContext } from 'node:test'
import { locationOf } from '../../src/config/location.ts'
import { lockOf, openPostgres } from '../../src/store/postgres/database.ts'
import { openPostgresWorker } from '../../src/store/postgres/worker.ts'
import { runVerbs } from '../../src/store/run.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import type { Verb } from '../../src/store/verb.ts'
import { needsSessions, postgresStore } from '../postgres.ts'
import { folder, migrations, verbsModule } from './folder.ts'

const real = new URL('../../src/store/migrations/', import.meta.url)

function place(t: TestContext) {
  const { store, schema, query } = postgresStore(t)
  const location = locationOf(store) ?? assert.fail()
  const open = (options: Partial<Parameters<typeof openPostgres>[0]> = {}) =>
    openPostgres({ location, migrations, now: 1, ...options })
  return { schema, query, location, open }
}

/** The server ends the session that owns the store of a schema, as a restart of it would. */
const endOwner = (schema: string) =>
  `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lockstep' AND pid IN (
     SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND ((classid::bigint << 32) | objid::bigint) = ${lockOf(schema)})`

test('the tables and columns are those of SQLite', async (t) => {
  const { open, query, schema } = place(t)
  const { database } = await open({ migrations: real })
  await database.close()
  const { db } = openDatabase({ path: ':memory:', migrations: real, now: 1 })
  const theirs = await query(
    `SELECT table_name AS "table", column_name AS "column", data_type AS type, is_nullable = 'NO' AS "notNull"
     FROM information_schema.columns WHERE table_schema = '${schema}'`,
  )
  const ours = db
    .prepare(
      `SELECT t.name AS "table", c.name AS "column", c.type, c."notnull" OR c.pk > 0 AS "notNull", t.type AS kind FROM sqlite_schema t
       JOIN pragma_table_info(t.name) c WHERE t.type IN ('table', 'view') AND t.name NOT LIKE 'sqlite_%'`,
    )
    .all()
  db.close()
  const line = (row: { readonly [column: string]: unknown }) =>
    `${String(row['table'])}.${String(row['column'])} ${/^(TEXT|text)$/.test(String(row['type'])) ? 'text' : 'integer'}${row['notNull'] === 1 || row['notNull'] === true ? ' not null' : ''}`
  const views = new Set(ours.filter(({ kind }) => kind === 'view').map(({ table }) => table))
  const tables = (rows: readonly { readonly [column: string]: unknown }[]) =>
    rows
      .filter((row) => !views.has(String(row['table'])))
      .map(line)
      .toSorted()
  assert.deepEqual(tables(theirs), tables(ours))
  assert.deepEqual(new Set(theirs.map((row) => row['table'])).isSupersetOf(views), true)
})

test('a store has one owner at a time, also within one process, and is free with it', needsSessions, async (t) => {
  const { open } = place(t)
  const first = await open()
  await assert.rejects(open(), { name: 'StoreError', code: 'store-owned' })
  await first.database.close()
  await (await open()).database.close()
})

test('two stores in one database have an owner each', async (t) => {
  const [one, other] = [await place(t).open(), await place(t).open()]
  await one.database.close()
  await other.database.close()
})

test('a lost connection is a lost store: nothing goes on without the lock', needsSessions, async (t) => {
  const { location, open, query } = place(t)
  const { driver } = await openPostgresWorker({ location, migrations, now: 1, verbs: verbsModule })
  t.after(() => driver.close())
  await driver.run([{ verb: 'write', input: 'a' }])
  await query(endOwner(location.schema))
  // Whether the next transaction finds it out or the thread has ended before: it is the same to who asks.
  await assert.rejects(driver.run([{ verb: 'write', input: 'b' }]), { code: 'store-lost', remedy: /Start again/ })
  await assert.rejects(driver.run([{ verb: 'read', input: null }]), { code: 'store-lost' })
  const next = await open()
  assert.deepEqual(next.database.sql.get('SELECT text FROM notes').all(), [{ text: 'a' }])
  await next.database.close()
})

// Seen red: whoever asked stood still for two minutes, and was told that the database does not answer.
test('who asks over a connection that has ended is told so at once', needsSessions, async (t) => {
  const { location, open } = place(t)
  const { database } = await open()
  t.after(() => database.close())
  // This thread stands still until the session is gone, and so hears of nothing by itself.
  const file = fileURLToPath(new URL('../postgres-server.ts', import.meta.url))
  const end = `import { query } from ${JSON.stringify(file)}; await query(process.argv[1], process.argv[2])`
  execFileSync(process.execPath, ['--input-type=module', '-e', end, location.url, endOwner(location.schema)])
  // In the server's words, where those came through, or in the connection's own.
  const ask = () => database.sql.get('SELECT 1 AS n').all()
  for (let times = 0; times < 3; times += 1) assert.throws(ask, { code: 'store-lost', message: /connection/ })
})

// Seen red: it was told as a fault of the verb, after which the store can be gone on with.
test(
  'a connection that is lost in the middle of a verb is told as that, and as no fault of the verb',
  needsSessions,
  async (t) => {
    const { open } = place(t)
    const { database } = await open()
    t.after(() => database.close())
    const loses: Verb<null> = (sql) => {
      // What the server says as it ends the session is told as that; after it nobody says anything.
      assert.throws(() => sql.get('SELECT pg_terminate_backend(pg_backend_pid()) AS n').get())
      return sql.get('SELECT 1 AS n').get()
    }
    const calls = ['loses', 'loses'].map((verb) => ({ verb, input: null }))
    assert.throws(() => runVerbs(database, { loses }, calls), { code: 'store-lost', message: /connection/i })
  },
)

test('a newer or another schema, and tables of somebody else, are refused and left as they were', async (t) => {
  const { open, query } = place(t)
  const two = join(folder(t), 'two')
  mkdirSync(two)
  writeFileSync(join(two, '0001.sql'), 'CREATE TABLE notes (id INTEGER PRIMARY KEY) STRICT;')
  writeFileSync(join(two, '0002.sql'), 'CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT;')
  await (await open({ migrations: two })).database.close()
  await assert.rejects(open(), { code: 'store-newer' })
  writeFileSync(join(two, '0002.sql'), 'CREATE TABLE other (id INTEGER PRIMARY KEY) STRICT;')
  await assert.rejects(open({ migrations: two }), { code: 'store-changed' })
  const theirs = place(t)
  await theirs.query('CREATE SCHEMA $schema; CREATE TABLE $schema.bookmarks (url text)')
  await assert.rejects(theirs.open(), { code: 'store-foreign' })
  assert.deepEqual(await query(`SELECT to_regclass('$schema.more')::text IS NULL AS gone`), [{ gone: false }])
})

test('a migration that fails leaves the store as it was', async (t) => {
  const { open, query } = place(t)
  const bad = join(folder(t), 'bad')
  mkdirSync(bad)
  writeFileSync(join(bad, '0001.sql'), 'CREATE TABLE notes (id INTEGER PRIMARY KEY) STRICT;\nCREATE TABLE notes (x);')
  await assert.rejects(open({ migrations: bad }), { code: 'store-migration' })
  assert.deepEqual(await query(`SELECT count(*)::int AS n FROM pg_namespace WHERE nspname = '$schema'`), [{ n: 0 }])
})

test('what is not to be made is not made', async (t) => {
  const { open, query } = place(t)
  await assert.rejects(open({ create: false }), { code: 'store-absent' })
  assert.deepEqual(await query(`SELECT count(*)::int AS n FROM pg_namespace WHERE nspname = '$schema'`), [{ n: 0 }])
})

test('a server, a database and a user that are not there are told apart', async (t) => {
  const { location, open } = place(t)
  const at = (url: string) => open({ location: { ...location, url } })
  await assert.rejects(at('postgres://nobody@127.0.0.1:1/none'), { code: 'store-unreachable' })
  await assert.rejects(at(Object.assign(new URL(location.url), { pathname: '/none' }).href), { code: 'store-denied' })
  await assert.rejects(at(Object.assign(new URL(location.url), { username: 'none' }).href), { code: 'store-denied' })
})

test('commits are durable whatever the user is set to', async (t) => {
  const { location, open } = place(t)
  const url = `${location.url}${location.url.includes('?') ? '&' : '?'}options=-c%20synchronous_commit%3Doff`
  const { database } = await open({ location: { ...location, url } })
  assert.deepEqual(database.sql.get('SHOW synchronous_commit').get(), { synchronous_commit: 'on' })
  await database.close()
})

test('numbers, truths and characters come back as SQLite hands them out', async (t) => {
  const { database } = await place(t).open()
  const { sql } = database
  const row = sql.get(
    `SELECT CAST(? AS BIGINT) AS n, 1 = 1 AS yes, sum(x) AS s, CAST(? AS TEXT) AS t, '?' AS q FROM (VALUES (1), (2)) v (x)`,
  )
  assert.deepEqual(row.get(Number.MAX_SAFE_INTEGER, 'a\0b'), {
    n: Number.MAX_SAFE_INTEGER,
    yes: 1,
    s: 3,
    t: 'a\u{FFFD}b',
    q: '?',
  })
  assert.throws(() => sql.get('SELECT 9007199254740993 AS n').get(), /no integer that a number can hold/)
  const json = JSON.stringify({ a: { b: 'x' }, nul: '\0', slash: '\\u0000' })
  assert.deepEqual(
    sql
      .get(`SELECT json_extract(?1, '$.a.b') AS b, CAST(?1 AS TEXT) ->> 'slash' AS slash, min(?2, ?3) AS least`)
      .get(json, 5, 7),
    { b: 'x', slash: '\\u0000', least: 5 },
  )
  await database.close()
})
