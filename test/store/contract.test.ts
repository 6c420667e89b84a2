/** What a driver owes the store, whatever database is behind it. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test as one } from 'node:test'
import type { TestContext } from 'node:test'
import { locationOf } from '../../src/config/location.ts'
import type { Driver } from '../../src/store/driver.ts'
import { StoreError } from '../../src/store/errors.ts'
import { groupCommit, storeOf } from '../../src/store/group-commit.ts'
import { driverInThread } from '../../src/store/in-thread.ts'
import { openPostgres } from '../../src/store/postgres/database.ts'
import { openPostgresWorker } from '../../src/store/postgres/worker.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { inThread } from '../../src/store/sqlite/in-thread.ts'
import { openWorker } from '../../src/store/sqlite/worker.ts'
import { loadVerbs } from '../../src/store/verb.ts'
import { postgresStore } from '../postgres.ts'
import { folder, migrations, verbsModule } from './folder.ts'
import { verbs, type MadeUpVerbs } from './made-up-verbs.ts'

interface Place {
  open(): Promise<Driver>
  /** What is in it, as any other program sees it. */
  notes(): Promise<readonly unknown[]>
}

function file(t: TestContext, open: (path: string) => Promise<Driver>): Place {
  const path = join(folder(t), 'store.db')
  return {
    open: () => open(path),
    async notes() {
      const db = new DatabaseSync(path, { readOnly: true })
      const rows = db.prepare('SELECT text FROM notes ORDER BY id').all()
      db.close()
      return rows.map((row) => row['text'])
    },
  }
}

function schema(t: TestContext, open: (options: Parameters<typeof openPostgres>[0]) => Promise<Driver>): Place {
  const { store, query } = postgresStore(t)
  const location = locationOf(store) ?? assert.fail()
  return {
    open: () => open({ location, migrations, now: 1 }),
    notes: async () => (await query('SELECT text FROM $schema.notes ORDER BY id')).map((row) => row['text']),
  }
}

const here: { readonly [name: string]: (t: TestContext) => Place } = {
  'SQLite in this thread': (t) =>
    file(t, async (path) => inThread(openDatabase({ path, migrations, now: 1 }).db, verbs)),
  'PostgreSQL in this thread': (t) =>
    schema(t, async (options) => driverInThread((await openPostgres(options)).database, verbs)),
}
const apart: typeof here = {
  'SQLite in a worker': (t) =>
    file(t, async (path) => (await openWorker({ path, migrations, now: 1, verbs: verbsModule })).driver),
  'PostgreSQL in a worker': (t) =>
    schema(t, async (options) => (await openPostgresWorker({ ...options, verbs: verbsModule })).driver),
}

async function start(t: TestContext, place: Place) {
  const driver = await place.open()
  t.after(() => driver.close())
  const batches: number[] = []
  const call = groupCommit(driver, { onFlush: (calls) => batches.push(calls.length) })
  const run = (...calls: readonly (readonly [verb: string, input?: unknown])[]) =>
    driver.run(calls.map(([verb, input = null]) => ({ verb, input })))
  return { driver, batches, run, store: storeOf<MadeUpVerbs>(Object.keys(await loadVerbs(verbsModule)), call) }
}

type Kinds = typeof here
type Body = (t: TestContext, place: Place) => Promise<void>

/** A test for each kind of database, in the ways to run it. */
function testOf(kinds: Kinds) {
  return (name: string, body: Body): void => {
    for (const [kind, place] of Object.entries(kinds)) void one(`${kind}: ${name}`, (t) => body(t, place(t)))
  }
}
const test = { everywhere: testOf({ ...here, ...apart }), here: testOf(here), apart: testOf(apart) }

test.everywhere('what was answered is there for everybody', async (t, place) => {
  const { store } = await start(t, place)
  assert.deepEqual(await Promise.all([store.write('a'), store.write('b')]), [{ id: 1 }, { id: 2 }])
  assert.deepEqual(await place.notes(), ['a', 'b'])
  assert.deepEqual(await store.read(null), ['a', 'b'])
})

test.everywhere('two hundred callers share one commit', async (t, place) => {
  const { batches, store } = await start(t, place)
  await Promise.all(Array.from({ length: 200 }, (_, i) => store.write(`note ${i}`)))
  assert.deepEqual(batches, [200])
  assert.equal((await store.read(null)).length, 200)
})

test.everywhere('calls run in order and see what those before them wrote', async (t, place) => {
  const { run } = await start(t, place)
  assert.deepEqual(
    (await run(['write', 'a'], ['read'], ['write', 'b'], ['read'])).map((each) => each.ok && each.output),
    [{ id: 1 }, ['a'], { id: 2 }, ['a', 'b']],
  )
})

test.everywhere("a verb's error undoes that verb alone, and keeps its name, code and message", async (t, place) => {
  const { store } = await start(t, place)
  const [first, refused, last] = await Promise.allSettled([
    store.write('a'),
    store.writeAndRefuse('b'),
    store.write('c'),
  ])
  assert.deepEqual([first.status, last.status], ['fulfilled', 'fulfilled'])
  assert(refused.status === 'rejected' && refused.reason instanceof Error)
  const { name, message } = refused.reason
  assert.deepEqual({ name, message }, { name: 'RangeError', message: 'Not that one' })
  assert('code' in refused.reason && refused.reason.code === 'refused')
  assert.deepEqual(await store.read(null), ['a', 'c'])
  await assert.rejects(store.writeAndRefuse('d'), { name: 'RangeError' })
  assert.deepEqual(await place.notes(), ['a', 'c'])
})

test.everywhere("a broken constraint and an unknown verb are their own callers' business", async (t, place) => {
  const { run } = await start(t, place)
  const results = await run(['write', 'a'], ['write', 'a'], ['toString'], ['write', 'b'])
  assert.deepEqual(
    results.map(({ ok }) => ok),
    [true, false, false, true],
  )
  assert.match(String(results[1]?.ok === false && results[1].error.message), /unique constraint/i)
  assert.match(String(results[2]?.ok === false && results[2].error.message), /no verb "toString"/)
  assert.deepEqual(await place.notes(), ['a', 'b'])
})

// Seen red: where the inputs of all are made JSON of at once, and nowhere else.
test.everywhere("an input that is not plain data is its own caller's business", async (t, place) => {
  const { run } = await start(t, place)
  const results = await run(['write', 'a'], ['write', 1n], ['write', 'b'])
  assert.deepEqual(
    results.map(({ ok }) => ok),
    [true, false, true],
  )
  assert.match(
    String(results[1]?.ok === false && results[1].error),
    /^TypeError: .*"write" is not plain data: .*BigInt/,
  )
  assert.deepEqual(await place.notes(), ['a', 'b'])
})

test.everywhere('when the commit fails nothing is written, and work goes on after', async (t, place) => {
  const { run } = await start(t, place)
  for (const calls of [[['replyToNobody']], [['write', 'a'], ['replyToNobody'], ['write', 'b']]] as const)
    await assert.rejects(run(...calls), { name: 'StoreError', code: 'store-failed', message: /foreign key/i })
  assert.deepEqual(await place.notes(), [])
  await run(['write', 'c'])
  assert.deepEqual(await place.notes(), ['c'])
})

test.everywhere('a verb that ends the transaction fails all of it', async (t, place) => {
  const { run } = await start(t, place)
  const failure = { code: 'store-failed', message: /"endTransaction" ended the transaction/ }
  await assert.rejects(run(['write', 'a'], ['endTransaction'], ['write', 'b']), failure)
  assert.deepEqual(await place.notes(), [])
})

test.everywhere('a verb that is not synchronous is refused', async (t, place) => {
  const [result] = await (await start(t, place)).run(['late'])
  assert.match(String(result?.ok === false && result.error.message), /not synchronous/)
})

test.everywhere('a row is answered as a plain object', async (t, place) => {
  const { driver, store } = await start(t, place)
  await store.write('a')
  assert.deepStrictEqual(await driver.run([{ verb: 'first', input: null }]), [{ ok: true, output: { text: 'a' } }])
})

test.everywhere('texts are kept to the letter, and are in the order of their bytes', async (t, place) => {
  const { run } = await start(t, place)
  const texts = ['b', 'B', 'a', 'ä', 'é', '', "it's ? $1 \\ \n", '😀', 'x'.repeat(300)]
  for (const text of texts) await run(['write', text])
  const [sorted] = await run(['sorted'])
  const byBytes = texts.toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
  assert.deepEqual(sorted?.ok === true && sorted.output, byBytes)
})

test.everywhere('an output that is not plain data ends the answer with the code store-lost', async (t, place) => {
  const { driver } = await start(t, place)
  await assert.rejects(driver.run([{ verb: 'unplain', input: null }]), { code: 'store-lost' })
})

test.everywhere('closing waits for what was asked before, and refuses what is asked after', async (t, place) => {
  const { driver } = await start(t, place)
  const asked = Array.from({ length: 20 }, (_, i) => driver.run([{ verb: 'write', input: `note ${i}` }]))
  await driver.close()
  await driver.close()
  assert.equal((await Promise.all(asked)).flat().filter(({ ok }) => ok).length, 20)
  assert.equal((await place.notes()).length, 20)
  await assert.rejects(driver.run([{ verb: 'read', input: null }]), { code: 'store-closed' })
})

test.everywhere('what was closed is opened again as it was', async (t, place) => {
  const first = await place.open()
  await first.run([{ verb: 'write', input: 'a' }])
  await first.close()
  const { store } = await start(t, place)
  assert.deepEqual(await store.read(null), ['a'])
})

test.here('in this thread it settles in microtasks', async (t, place) => {
  const { driver } = await start(t, place)
  let turned = false
  setImmediate(() => (turned = true))
  await driver.run([{ verb: 'write', input: 'a' }])
  assert.equal(turned, false)
})

test.apart(
  'its death rejects everything waiting and everything asked later; what was committed stays',
  async (t, place) => {
    const { driver } = await start(t, place)
    await driver.run([{ verb: 'write', input: 'kept' }])
    const asked = ['write', 'die', 'write', 'read'].map((verb) => driver.run([{ verb, input: `${verb} while dying` }]))
    const settled = await Promise.allSettled(asked)
    assert.deepEqual(
      settled.map(({ status }) => status),
      ['fulfilled', 'rejected', 'rejected', 'rejected'],
    )
    for (const outcome of settled.slice(1)) {
      assert(outcome.status === 'rejected' && outcome.reason instanceof StoreError)
      assert.equal(outcome.reason.code, 'store-lost')
    }
    await assert.rejects(driver.run([{ verb: 'read', input: null }]), { code: 'store-lost' })
    await driver.close()
    assert.deepEqual(await place.notes(), ['kept', 'write while dying'])
  },
)
