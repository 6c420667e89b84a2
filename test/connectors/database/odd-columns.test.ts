/** Tables as applications have them, whose columns are of types that nobody would choose for Lockstep. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Change } from '../../../src/connector/index.ts'
import { benchOf } from './bills.ts'
import { DATABASES } from './databases.ts'

const [POSTGRES, SQLITE] = DATABASES
assert.ok(POSTGRES && SQLITE)

function told(changes: readonly Change[]): readonly string[] {
  return changes.map((change) =>
    'gone' in change ? `${change.ref} ${change.gone}` : `${change.ref} ${'values' in change ? 'stands' : 'unread'}`,
  )
}

// Seen red: every row was told as deleted, and `check` found nothing.
test('PostgreSQL: a mark of deletion that is a number marks nothing by 0, and that it cannot be written is told', async (t) => {
  const tables = {
    bill: {
      table: 'bills',
      key: 'id',
      columns: { title: 'text' },
      deleted: { column: 'is_deleted', type: 'boolean' },
    },
  }
  const schema = [`CREATE TABLE bills (id int PRIMARY KEY, title text, is_deleted smallint NOT NULL DEFAULT 0)`]
  const bench = await benchOf(await POSTGRES.make(t), { schema, config: { tables } })
  bench.application.run(`INSERT INTO bills VALUES (1, 'rent', 0), (2, 'gas', 1)`)
  assert.deepEqual(told(await bench.list('all')), ['1 stands'])
  const { problems } = await bench.connector.probe(bench.api)
  assert.deepEqual(
    problems.map(({ message }) => message),
    ['is_deleted of bills is of the type smallint, in which true cannot be written to mark a row as deleted'],
  )
})

/** Numbers in columns that have no type. */
const UNTYPED = {
  schema: [`CREATE TABLE bills (id PRIMARY KEY, user_id, title TEXT)`],
  config: {
    tables: { bill: { table: 'bills', key: 'id', owner: 'user_id', columns: { title: 'text' } } },
  },
}

// Seen red: the listing stopped after its first page and said that it was complete, `get` found no row, and the feed told
// of rows that stand as deleted.
test('SQLite: a row whose key and owner are numbers in columns without a type is listed, told, read and written as any other', async (t) => {
  const bench = await benchOf(await SQLITE.make(t), UNTYPED)
  const { run } = bench.application
  run(`INSERT INTO bills WITH RECURSIVE n (at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < 1203)
    SELECT at, iif(at % 10 = 0, 99, 17), 'bill ' || at FROM n`)
  const listed = await bench.list('17')
  assert.deepEqual([listed.length, new Set(listed.map(({ ref }) => ref)).size], [1083, 1083])
  assert.deepEqual(
    (await bench.list('')).map(({ ref }) => ref),
    ['17', '99'],
  )
  const kind = bench.kind('bill')
  const base = await kind.get(bench.call(), '5')
  assert.ok('values' in base)
  const { cursor } = await bench.pull(null)
  await kind.update(bench.call(), { key: 'u', ref: '5', base, changed: { title: 'rent' } })
  assert.deepEqual(told((await bench.pull(cursor)).changes), ['5 stands'])
  const changed = await kind.get(bench.call(), '5')
  assert.ok('values' in changed && changed.values['title'] === 'rent')
  await kind.delete(bench.call(), { key: 'd', ref: '5', base: changed })
  assert.deepEqual(run(`SELECT id FROM bills WHERE id = 5`), [])
})

test('SQLite: texts, numbers and fractions as keys of one column without a type are listed once each, over all pages', async (t) => {
  const bench = await benchOf(await SQLITE.make(t), UNTYPED)
  bench.application
    .run(`INSERT INTO bills WITH RECURSIVE n (at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < 1500)
    SELECT CASE at % 3 WHEN 0 THEN at WHEN 1 THEN 'text ' || at ELSE at / 7.0 END, 17, 'bill' FROM n`)
  const listed = await bench.list('17')
  assert.deepEqual([listed.length, new Set(listed.map(({ ref }) => ref)).size], [1500, 1500])
})

test('SQLite: a key that a field gives, and a new row that is found by its key again, are as good in a column without a type', async (t) => {
  const tables = {
    bill: {
      table: 'bills',
      key: 'id',
      keys: 'given',
      columns: { id: { type: 'text', required: true }, title: 'text' },
    },
  }
  const bench = await benchOf(await SQLITE.make(t), { schema: UNTYPED.schema, config: { tables } })
  bench.application.run(`INSERT INTO bills (id, title) VALUES (5, 'theirs')`)
  const kind = bench.kind('bill')
  const intent = (id: string) => ({ key: `made ${id}`, values: { id, title: 'ours' }, since: 0 })
  await assert.rejects(kind.create(bench.call('all'), intent('5')), /stands in its place/)
  await kind.create(bench.call('all'), intent('6'))
  assert.equal((await kind.find(bench.call('all'), intent('6')))?.length, 1)
  assert.deepEqual(told(await bench.list('all')), ['5 stands', '6 stands'])
})

// Seen red: the feed, every update and every delete failed with "domain … does not allow null values".
test('PostgreSQL: a table with domains that refuse null is read and written as any other, each value exact', async (t) => {
  const schema = [
    `CREATE DOMAIN bill_key AS bigint NOT NULL`,
    `CREATE DOMAIN heading AS varchar(40) NOT NULL CHECK (VALUE <> '')`,
    `CREATE DOMAIN sum AS numeric(30, 4)`,
    `CREATE DOMAIN exact_sum AS sum CHECK (VALUE IS NULL OR VALUE > 0)`,
    `CREATE DOMAIN mail AS text NOT NULL CHECK (VALUE LIKE '%@%')`,
    `CREATE SEQUENCE bill_keys`,
    `CREATE TABLE bills (id bill_key PRIMARY KEY DEFAULT nextval('bill_keys'), user_id int, title heading, amount exact_sum, paid boolean DEFAULT false, due date, seen_at timestamptz, tags text[], notes jsonb, mail mail DEFAULT 'a@b')`,
    `CREATE TABLE payments (id uuid PRIMARY KEY, user_id int, bill_id bill_key REFERENCES bills (id) ON DELETE CASCADE, words text, mail mail DEFAULT 'a@b')`,
  ]
  const bench = await benchOf(await POSTGRES.make(t), { schema })
  const { run } = bench.application
  assert.deepEqual((await bench.connector.probe(bench.api)).problems, [])
  const { cursor } = await bench.pull(null)
  const values = {
    title: 'rent',
    amount: '12345678901234567890.1234',
    paid: true,
    due: '2026-11-20',
    seen: '2026-11-20T08:00:00.123Z',
    tags: ['a "b"', 'c,d'],
    notes: { deep: ['x', 1] },
  }
  const bills = bench.kind('bill')
  const intents = [
    { key: 'b1', values, since: 0 },
    { key: 'b2', values: { title: 'gas' }, since: 0 },
  ]
  const made = (await bills.batch.create(bench.call(), intents)).map((each) => (Array.isArray(each) ? each[0] : each))
  const [rent, gas] = made
  assert.ok(rent !== undefined && 'values' in rent && gas !== undefined && 'values' in gas)
  assert.deepEqual({ ...rent.values }, values)
  assert.equal((await bills.find(bench.call(), { key: 'b1', values, since: 0 }))?.length, 1)
  const payment = { bill: rent.ref, words: 'half' }
  await bench.kind('payment').create(bench.call(), { key: 'p1', values: payment, since: 0 })
  const changed = { ...values, title: 'rent and heat', amount: '0.0001', tags: [], notes: null }
  const stored = await bills.update(bench.call(), { key: 'u', ref: rent.ref, base: rent, changed })
  assert.ok('values' in stored)
  assert.deepEqual({ ...stored.values }, changed)
  await bills.delete(bench.call(), { key: 'd', ref: gas.ref, base: gas })
  const { changes } = await bench.pull(cursor)
  assert.deepEqual(
    changes.map((change) => `${change.kind} ${'gone' in change ? change.gone : 'values' in change}`).toSorted(),
    ['bill deleted', 'bill true', 'payment true'],
  )
  const refused = bills.create(bench.call(), { key: 'b3', values: { title: '' }, since: 0 })
  await assert.rejects(refused, /heading/)
  // A column that gets another type meanwhile is read by that one.
  run(`ALTER TABLE bills ALTER amount TYPE numeric(30, 6)`)
  const base = await bills.get(bench.call(), rent.ref)
  assert.ok('values' in base)
  const finer = { amount: '0.000001' }
  const last = await bills.update(bench.call(), { key: 'v', ref: rent.ref, base, changed: finer })
  assert.ok('values' in last && last.values['amount'] === '0.000001')
})
