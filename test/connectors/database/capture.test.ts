import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConnectorError, type Change } from '../../../src/connector/index.ts'
import { capture } from '../../../src/connectors/database/capture.ts'
import { connect, run as runStatements, type DatabaseApi } from '../../../src/connectors/database/api.ts'
import { postgres } from '../../../src/connectors/database/postgres.ts'
import { sqlite } from '../../../src/connectors/database/sqlite.ts'
import { needsSessions } from '../../postgres.ts'
import { pagesOf } from '../runtime.ts'
import { benchOf, type Bench } from './bills.ts'
import { DATABASES, type Application } from './databases.ts'

const EXPIRED = (error: unknown): boolean => error instanceof ConnectorError && error.failure === 'cursor-expired'
const [POSTGRES, SQLITE] = DATABASES
assert.ok(POSTGRES && SQLITE)

function titles(changes: readonly Change[]): unknown[] {
  return changes.map((change) => ('values' in change ? change.values['title'] : 'gone')).toSorted()
}

/** Everything that an application can see of a database's making. */
function made({ dialect, run }: Application): unknown {
  return dialect === 'postgres'
    ? run(`WITH own AS (SELECT oid, nspname FROM pg_namespace WHERE nspname LIKE '%' || substring(current_schema() FROM 'test_(.*)$'))
        SELECT string_agg(n, ' ' ORDER BY n) AS all FROM (SELECT nspname AS n FROM own UNION ALL
        SELECT 'trigger ' || t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN own ON own.oid = c.relnamespace WHERE NOT t.tgisinternal UNION ALL
        SELECT 'table ' || c.relname FROM pg_class c JOIN own ON own.oid = c.relnamespace WHERE c.relkind IN ('r', 'i', 'S') UNION ALL
        SELECT 'function ' || p.proname FROM pg_proc p JOIN own ON own.oid = p.pronamespace) o`)
    : run('SELECT type, name, sql FROM sqlite_master ORDER BY name')
}

// Seen red: with a cursor that is the number of the last change.
test(
  'F27 PostgreSQL: what a transaction commits late is told, though later ones were told before, and a transaction that stays open holds nothing back',
  needsSessions,
  async (t) => {
    const application = await POSTGRES.make(t)
    const bench = await benchOf(application)
    const [slow, quick, open] = [await application.another(), await application.another(), await application.another()]
    const begun = await bench.pull(null)
    open('BEGIN')
    open(`INSERT INTO bills (user_id, title) VALUES (17, 'never committed')`)
    slow('BEGIN')
    slow(`INSERT INTO bills (user_id, title) VALUES (17, 'early, committed late')`)
    quick(`INSERT INTO bills (user_id, title) VALUES (17, 'late, committed early')`)
    const first = await bench.pull(begun.cursor)
    assert.deepEqual(titles(first.changes), ['late, committed early'])
    slow('COMMIT')
    const second = await bench.pull(first.cursor)
    assert.deepEqual(titles(second.changes), ['early, committed late'])
    open('ROLLBACK')
    assert.deepEqual(titles((await bench.pull(second.cursor)).changes), [])
  },
)

test('F27 PostgreSQL: what commits while pages are read is told with the next ones', needsSessions, async (t) => {
  const application = await POSTGRES.make(t)
  const bench = await benchOf(application)
  const slow = await application.another()
  const begun = await bench.pull(null)
  slow('BEGIN')
  slow(`INSERT INTO bills (user_id, title) VALUES (17, 'late')`)
  application.run(`INSERT INTO bills (user_id, title) SELECT 17, 'bill ' || n FROM generate_series(1, 1200) n`)
  const feed = bench.connector.feeds['rows']
  assert.ok(feed)
  const told: Change[] = []
  let cursor = begun.cursor
  let pages = 0
  bench.calls()
  for await (const page of feed.pull(bench.call('', ['17']), begun.cursor)) {
    told.push(...page.changes)
    pages += 1
    cursor = page.cursor
    if (pages === 1) {
      slow('COMMIT')
      // As after a crash between two pages.
      const again = await bench.pull(page.cursor)
      assert.equal(again.changes.length, 700)
    }
  }
  assert.deepEqual([told.length, pages], [1200, 3])
  assert.deepEqual(titles((await bench.pull(cursor)).changes), ['late'])
})

for (const { name, make } of DATABASES) {
  // Seen red: both read what was noted, and each dropped what the other had not read.
  test(`${name}: what is noted is for one installation: another is told so, and how it takes the place of the first`, async (t) => {
    const bench = await benchOf(await make(t))
    const [one, two] = ['one', 'two'].map((installation) => connect(bench.config, { ...bench.runtime, installation }))
    assert.ok(one && two)
    const begin = (api: DatabaseApi) => {
      const feed = bench.connector.feeds['rows']
      assert.ok(feed)
      return pagesOf(feed.pull({ ...bench.call(''), api }, null))
    }
    const isTaken = (error: unknown): boolean =>
      error instanceof ConnectorError && /for another installation .*lockstep check/.test(error.message)
    await begin(one)
    await begin(one)
    assert.deepEqual(await capture.check(one), [])
    await assert.rejects(begin(two), isTaken)
    const [found] = await capture.check(two)
    assert.match(found?.remedy ?? '', /capture_schema(.|\n)*lockstep capture install/)
    await capture.carry(two, capture.install(bench.config))
    await begin(two)
    assert.deepEqual(await capture.check(two), [])
    await assert.rejects(begin(one), isTaken)
  })

  test(`${name}: capture is installed as it is printed, again where something is missing, and removed without a trace`, async (t) => {
    const application = await make(t)
    const bench = await benchOf(application, { install: false })
    const before = made(application)
    assert.match((await capture.check(bench.api)).map(({ message }) => message).join(), /nothing notes the changes/)
    for (const text of capture.install(bench.config)) application.run(text)
    assert.deepEqual(await capture.check(bench.api), [])
    const { cursor } = await bench.pull(null)
    application.run(
      application.dialect === 'postgres'
        ? `DROP TRIGGER ${bench.config.captureSchema} ON bills`
        : `DROP TRIGGER lockstep_capture_bills_update`,
    )
    assert.match(
      (await capture.check(bench.api)).map(({ message }) => message).join(),
      /^the triggers that note changes of bills are missing/,
    )
    await capture.carry(bench.api, capture.install(bench.config))
    assert.deepEqual(await capture.check(bench.api), [])
    // What changed without its trigger was told to nobody.
    await assert.rejects(bench.pull(cursor), EXPIRED)
    await capture.carry(bench.api, capture.remove(bench.config))
    assert.deepEqual(made(application), before)
    application.run(`INSERT INTO bills (user_id, title) VALUES (17, 'free again')`)
  })

  test(`F20 ${name}: what notes changes keeps key and owner of a deleted row, and of one that was deleted with its parent`, async (t) => {
    const bench = await benchOf(await make(t))
    const { run } = bench.application
    run(`INSERT INTO bills (id, user_id, title) VALUES (1, 17, 'rent')`)
    run(
      `INSERT INTO payments (id, user_id, bill_id, words) VALUES ('00000000-0000-0000-0000-000000000001', 17, 1, 'half')`,
    )
    const { cursor } = await bench.pull(null)
    run('DELETE FROM bills')
    const { changes } = await bench.pull(cursor)
    assert.deepEqual(
      changes
        .map((change) => ('gone' in change ? `${change.kind} ${change.ref} ${change.gone} in ${change.scope}` : '?'))
        .toSorted(),
      ['bill 1 deleted in 17', 'payment 00000000-0000-0000-0000-000000000001 deleted in 17'],
    )
  })

  test(`${name}: what is noted is dropped after its time, and a cursor from before is told to be too old`, async (t) => {
    const bench = await benchOf(await make(t))
    const { run, dialect } = bench.application
    const old = await bench.pull(null)
    run(`INSERT INTO bills (user_id, title) VALUES (17, 'one'), (17, 'two')`)
    const seen = await bench.pull(old.cursor)
    const { change } = (dialect === 'postgres' ? postgres : sqlite).noted(bench.config.captureSchema)
    run(`UPDATE ${change} SET at = '2020-01-01T00:00:00Z'`)
    run(`INSERT INTO bills (user_id, title) VALUES (17, 'three')`)
    const purge = (dialect === 'postgres' ? postgres : sqlite).purge(
      bench.config.captureSchema,
      30,
      new Date().toISOString(),
    )
    await runStatements(bench.api, purge)
    assert.equal(run(`SELECT count(*) AS n FROM ${change}`)[0]?.['n'], 1)
    assert.deepEqual(titles((await bench.pull(seen.cursor)).changes), ['three'])
    await assert.rejects(bench.pull(old.cursor), EXPIRED)
  })

  test(`${name}: a cursor of another form, or of later times than the database's, is told to be expired`, async (t) => {
    const bench = await benchOf(await make(t))
    const { cursor } = await bench.pull(null)
    const later = cursor
      .replace(/"from":"\d+:\d+:/, '"from":"99999999:99999999:')
      .replace(/"id":"\d+"/, '"id":"99999999"')
    for (const each of ['not a cursor of ours', '{}', '{"of":"x"}', later])
      await assert.rejects(bench.pull(each), EXPIRED, each)
  })
}

test('PostgreSQL: a table that was emptied at once makes its scopes be listed, for nothing tells of the rows', async (t) => {
  const bench = await benchOf(await POSTGRES.make(t))
  const { cursor } = await bench.pull(null)
  bench.application.run('TRUNCATE bills CASCADE')
  await assert.rejects(bench.pull(cursor), EXPIRED)
})

/** Rings, counted. */
function listening(bench: Bench): { readonly rings: () => number; readonly stop: () => Promise<void> } {
  const stop = new AbortController()
  let rings = 0
  const { listen } = bench.connector.feeds['rows'] ?? {}
  const ended = listen?.(bench.call(''), () => (rings += 1), stop.signal)
  assert.ok(ended)
  return {
    rings: () => rings,
    stop: async () => {
      stop.abort()
      await ended
    },
  }
}

test('PostgreSQL: a commit rings at once, and one that is rolled back does not', async (t) => {
  const bench = await benchOf(await POSTGRES.make(t))
  const heard = listening(bench)
  const until = async (rings: number): Promise<void> => {
    while (heard.rings() < rings) await new Promise((resolve) => setImmediate(resolve))
  }
  // It begins with a notification to itself.
  await until(1)
  const other = await bench.application.another()
  other('BEGIN')
  other(`INSERT INTO bills (user_id, title) VALUES (17, 'no')`)
  other('ROLLBACK')
  other(`INSERT INTO bills (user_id, title) VALUES (17, 'yes')`)
  await until(2)
  assert.equal(heard.rings(), 2)
  await heard.stop()
})

// Seen red: when the first look took what it found for known. A commit between the first read and that look waited for the poll.
test('SQLite: what was committed before it begins to listen rings too, once', async (t) => {
  const bench = await benchOf(await SQLITE.make(t))
  const stop = new AbortController()
  let [looks, rings] = [0, 0]
  const sleep = (): Promise<void> => {
    if ((looks += 1) === 3) stop.abort()
    return Promise.resolve()
  }
  const { runtime } = bench.api
  const api = { ...bench.api, runtime: { ...runtime, clock: { ...runtime.clock, sleep } } }
  await bench.connector.feeds['rows']?.listen?.({ ...bench.call(''), api }, () => (rings += 1), stop.signal)
  assert.deepEqual([looks, rings], [3, 1])
})
