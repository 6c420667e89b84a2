import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConnectorError, SqlError } from '../../../src/connector/index.ts'
import { benchOf, schemaOf, TABLES, type Bench } from './bills.ts'
import { needsSessions } from '../../postgres.ts'
import { DATABASES } from './databases.ts'
import { breaking, pooled, type Break } from './proxy.ts'

const [POSTGRES, SQLITE] = DATABASES
assert.ok(POSTGRES && SQLITE)

async function problems({ connector, api }: Bench): Promise<readonly string[]> {
  return (await connector.probe(api)).problems.map(({ message, remedy }) => `${message} → ${remedy}`)
}

function fails(failure: string, words: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ConnectorError, String(error))
    assert.equal(error.failure, failure, error.message)
    assert.match(error.message, words)
    return true
  }
}

for (const { name, make } of DATABASES) {
  test(`${name}: a table or a column that is missing is told with the SQL that would make it, and nothing is held for it`, async (t) => {
    const application = await make(t)
    const [bills = '', payments = ''] = schemaOf(application)
    const schema = [bills.replace('amount', 'total'), payments.replace('payments', 'other')]
    const bench = await benchOf(application, { schema, install: false })
    const found = await problems(bench)
    assert.equal(found.length, 2, found.join('\n'))
    assert.match(found.join('\n'), /bills has no column amount → .*ALTER TABLE "bills" ADD COLUMN "amount"/)
    assert.match(found.join('\n'), /there is no table payments → .*CREATE TABLE "payments"/)
    const create = bench
      .kind('bill')
      .create(bench.call(), { key: 'k', values: { title: 'rent', amount: '1' }, since: 0 })
    await assert.rejects(create, fails('unavailable', /(amount|made).*lockstep check/))
    await assert.rejects(bench.list('17'), fails('unavailable', /amount/))
  })

  test(`${name}: a database that is not there is an outage in which nothing was done`, async (t) => {
    const application = await make(t)
    const url = application.url.replace(/\/[^/?]*(\?|$)/, '/nowhere$1')
    const bench = await benchOf(application, { config: { url }, install: false })
    await assert.rejects(
      bench.list('17'),
      (error) => error instanceof ConnectorError && error.noEffect && /unavailable|unauthorized/.test(error.failure),
    )
  })
}

test('PostgreSQL: a right that is missing, and rows that a policy hides, are told with the statement that mends it', async (t) => {
  const application = await POSTGRES.make(t)
  const role = `reader_${process.pid}_${application.url.replace(/.*test_/, '').replace(/\W/g, '')}`
  const { run } = application
  for (const text of schemaOf(application)) run(text)
  run(`CREATE ROLE ${role} LOGIN`)
  const [{ schema } = {}] = run('SELECT current_schema() AS schema')
  run(`GRANT USAGE ON SCHEMA ${String(schema)} TO ${role}`)
  run(`GRANT SELECT, INSERT, UPDATE ON bills, payments TO ${role}`)
  run(`INSERT INTO bills (user_id, title) VALUES (17, 'rent')`)
  const url = application.url.replace(/\/\/[^@]*@/, `//${role}@`)
  const bench = await benchOf(application, { config: { url }, schema: [], install: false })
  assert.match(
    (await problems(bench)).join('\n'),
    new RegExp(`${role} may not DELETE in bills → GRANT DELETE ON "bills" TO "${role}"`),
  )
  const [bill] = await bench.list('17')
  assert.ok(bill !== undefined && 'values' in bill)
  await assert.rejects(
    bench.kind('bill').delete(bench.call(), { key: 'd', ref: bill.ref, base: bill }),
    fails('forbidden', /permission denied/),
  )
  run('ALTER TABLE bills ENABLE ROW LEVEL SECURITY')
  assert.match(
    (await problems(bench)).join('\n'),
    new RegExp(`row security hides rows of bills from ${role}.* → ALTER ROLE "${role}" BYPASSRLS`),
  )
  // Seen red: with row security as it is by default, which answers no row: that would read as deleted.
  await assert.rejects(bench.kind('bill').get(bench.call(), bill.ref), fails('forbidden', /row-level security/))
  await assert.rejects(bench.list('17'), fails('forbidden', /row-level security/))
  run(`DROP OWNED BY ${role}`)
  run(`DROP ROLE ${role}`)
})

test('PostgreSQL: a type that a column does not have is told', async (t) => {
  const bench = await benchOf(await POSTGRES.make(t), {
    config: { tables: { ...TABLES, bill: { ...TABLES.bill, columns: { ...TABLES.bill.columns, title: 'date' } } } },
  })
  assert.match((await problems(bench)).join('\n'), /^title of bills is of the type text, which is not read as date → /)
})

test('PostgreSQL: behind a pooler that keeps notifications back, that is said, and changes are looked for every few seconds', async (t) => {
  const application = await POSTGRES.make(t)
  const bench = await benchOf(application, { config: { url: await pooled(t, application.url) } })
  const { cursor } = await bench.pull(null)
  const said: string[] = []
  const slept: number[] = []
  const stop = new AbortController()
  const runtime = {
    ...bench.runtime,
    log: (_level: string, message: string) => void said.push(message),
    clock: { ...bench.runtime.clock, sleep: (ms: number) => Promise.resolve(void slept.push(ms)) },
  }
  let rings = 0
  const { listen } = bench.connector.feeds['rows'] ?? {}
  const call = bench.call('')
  await listen?.(
    { ...call, api: { ...call.api, runtime } },
    () => ((rings += 1) === 3 ? stop.abort() : undefined),
    stop.signal,
  )
  assert.deepEqual([rings, slept], [3, [5000, 5000, 5000]])
  assert.match(said.join(), /^notifications of the database do not come through/)
  application.run(`INSERT INTO bills (user_id, title) VALUES (17, 'rent')`)
  assert.equal((await bench.pull(cursor)).changes.length, 1)
})

test('PostgreSQL: a connection that is lost is made again', needsSessions, async (t) => {
  const application = await POSTGRES.make(t)
  const bench = await benchOf(application)
  const ended = application.run(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = current_setting('application_name') AND pid <> pg_backend_pid()`,
  )
  assert.ok(ended.length > 0)
  await bench
    .list('17')
    .catch((error: unknown) => assert.ok(error instanceof ConnectorError && error.failure === 'unavailable'))
  assert.deepEqual(await bench.list('17'), [])
})

const BREAKS: readonly { readonly where: Break; readonly noEffect: boolean; readonly rows: number }[] = [
  { where: 'in the middle of a statement', noEffect: true, rows: 0 },
  { where: 'before its commit arrives', noEffect: false, rows: 0 },
  { where: 'after its commit', noEffect: false, rows: 1 },
]

// Seen red: where what was lost with its commit counts as not done.
for (const { where, noEffect, rows } of BREAKS)
  test(
    `PostgreSQL: of a write whose connection breaks ${where} it is told what is known, and asking tells the rest`,
    needsSessions,
    async (t) => {
      const application = await POSTGRES.make(t)
      const { url, arm } = await breaking(t, application.url, where)
      const bench = await benchOf(application, { config: { url } })
      const intent = { key: 'k', values: { title: 'rent' }, since: 0 }
      arm()
      await assert.rejects(
        bench.kind('bill').create(bench.call(), intent),
        (error) => error instanceof ConnectorError && error.failure === 'unavailable' && error.noEffect === noEffect,
      )
      assert.equal(application.run('SELECT id FROM bills').length, rows)
      const found = await bench.kind('bill').find(bench.call(), intent)
      assert.equal(found?.length ?? 0, rows)
      assert.equal((await bench.list('17')).length, rows)
    },
  )

test('SQLite: a lock of another program is waited for', async (t) => {
  const application = await SQLITE.make(t)
  const bench = await benchOf(application)
  const other = await application.another()
  other('BEGIN IMMEDIATE')
  setTimeout(() => other('COMMIT'), 100)
  const made = await bench.kind('bill').create(bench.call(), { key: 'k', values: { title: 'rent' }, since: 0 })
  assert.equal(made.length, 1)
})

// Seen red: it failed with the database's own error, which the engine does not know, and with it the whole service ended.
for (const { name, make } of DATABASES)
  test(`${name}: a connection that listens and is lost is out of reach for now, no end of the service`, async (t) => {
    const bench = await benchOf(await make(t))
    const lost = (): Promise<never> => Promise.reject(new SqlError('unreachable', 'the connection has ended', true))
    const database = {
      ...bench.api.database,
      run: lost,
      ...(bench.api.database.listen === undefined ? {} : { listen: lost }),
    }
    const { listen } = bench.connector.feeds['rows'] ?? {}
    const heard = listen?.(
      { ...bench.call(''), api: { ...bench.api, database } },
      () => undefined,
      AbortSignal.timeout(5000),
    )
    await assert.rejects(heard ?? Promise.resolve(), fails('unavailable', /the connection has ended/))
  })
