import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { StoreError } from '../../src/store/errors.ts'
import { groupCommit, storeOf } from '../../src/store/group-commit.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { inThread } from '../../src/store/sqlite/in-thread.ts'
import { loadVerbs } from '../../src/store/verb.ts'
import { openWorker } from '../../src/store/sqlite/worker.ts'
import type { Driver } from '../../src/store/driver.ts'
import { folder, migrations, verbsModule } from './folder.ts'
import type { MadeUpVerbs } from './made-up-verbs.ts'

const kinds: { readonly [kind: string]: (path: string) => Promise<Driver> } = {
  'in this thread': async (path) =>
    inThread(openDatabase({ path, migrations, now: 1 }).db, await loadVerbs(verbsModule)),
  'in a worker': async (path) => (await openWorker({ path, migrations, now: 1, verbs: verbsModule })).driver,
}

async function start(t: TestContext, open: (path: string) => Promise<Driver>) {
  const path = join(folder(t), 'store.db')
  const driver = await open(path)
  t.after(() => driver.close())
  const batches: number[] = []
  const call = groupCommit(driver, { onFlush: (calls) => batches.push(calls.length) })
  const names = Object.keys(await loadVerbs(verbsModule))
  return { path, driver, batches, store: storeOf<MadeUpVerbs>(names, call) }
}

/** What is in the file, as any other program sees it. */
function notesIn(path: string) {
  const db = new DatabaseSync(path, { readOnly: true })
  const rows = db.prepare('SELECT text FROM notes ORDER BY id').all()
  db.close()
  return rows.map((row) => row['text'])
}

for (const [kind, open] of Object.entries(kinds)) {
  test(`${kind}: what was answered is in the file`, async (t) => {
    const { path, store } = await start(t, open)
    assert.deepEqual(await Promise.all([store.write('a'), store.write('b')]), [{ id: 1 }, { id: 2 }])
    assert.deepEqual(notesIn(path), ['a', 'b'])
    assert.deepEqual(await store.read(null), ['a', 'b'])
  })

  test(`${kind}: two hundred callers share one commit`, async (t) => {
    const { batches, store } = await start(t, open)
    await Promise.all(Array.from({ length: 200 }, (_, i) => store.write(`note ${i}`)))
    assert.deepEqual(batches, [200])
    assert.equal((await store.read(null)).length, 200)
  })

  test(`${kind}: a verb's error keeps its name, code and message and reaches its caller only`, async (t) => {
    const { store } = await start(t, open)
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
  })

  test(`${kind}: a full disk rejects the whole batch with the code store-full, and work goes on after`, async (t) => {
    const { store } = await start(t, open)
    await store.fill(12)
    const settled = await Promise.allSettled([store.write('a'), store.write('x'.repeat(1e6))])
    for (const outcome of settled) {
      assert(outcome.status === 'rejected' && outcome.reason instanceof StoreError)
      assert.equal(outcome.reason.code, 'store-full')
    }
    await store.fill(100_000)
    await store.write('b')
    assert.deepEqual(await store.read(null), ['b'])
  })

  test(`${kind}: closing waits for what was asked before, and refuses what is asked after`, async (t) => {
    const { path, driver } = await start(t, open)
    const asked = Array.from({ length: 20 }, (_, i) => driver.run([{ verb: 'write', input: `note ${i}` }]))
    await driver.close()
    await driver.close()
    assert.equal((await Promise.all(asked)).flat().filter(({ ok }) => ok).length, 20)
    assert.equal(notesIn(path).length, 20)
    await assert.rejects(driver.run([{ verb: 'read', input: null }]), { code: 'store-closed' })
  })

  test(`${kind}: a row is answered as a plain object`, async (t) => {
    const { driver, store } = await start(t, open)
    await store.write('a')
    assert.deepStrictEqual(await driver.run([{ verb: 'first', input: null }]), [{ ok: true, output: { text: 'a' } }])
  })

  test(`${kind}: an output that is not plain data ends the driver's answer with the code store-lost`, async (t) => {
    const { driver } = await start(t, open)
    await assert.rejects(driver.run([{ verb: 'unplain', input: null }]), { code: 'store-lost' })
  })

  test(`${kind}: a corrupt file is refused when it is opened`, async (t) => {
    const { path, driver } = await start(t, open)
    await driver.close()
    writeFileSync(path, 'no database at all')
    await assert.rejects(open(path), { name: 'StoreError', code: 'store-corrupt', remedy: /backup/ })
  })
}

test('the driver in this thread settles in microtasks', async (t) => {
  const { driver } = await start(t, kinds['in this thread'] ?? assert.fail())
  let turned = false
  setImmediate(() => (turned = true))
  await driver.run([{ verb: 'write', input: 'a' }])
  assert.equal(turned, false)
})

test('the death of the worker rejects everything waiting and everything asked later; what was committed stays', async (t) => {
  const { path, driver } = await start(t, kinds['in a worker'] ?? assert.fail())
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
  assert.deepEqual(notesIn(path), ['kept', 'write while dying'])
})

test('a worker that cannot import its verbs refuses to open', async (t) => {
  const path = join(folder(t), 'store.db')
  const options = { path, migrations, now: 1 }
  await assert.rejects(openWorker({ ...options, verbs: new URL('./folder.ts', import.meta.url) }), /table of verbs/)
  await assert.rejects(openWorker({ ...options, verbs: new URL('./nowhere.ts', import.meta.url) }), StoreError)
})

test('the worker says what it migrated', async (t) => {
  const path = join(folder(t), 'store.db')
  const { driver, migrated, backup } = await openWorker({ path, migrations, now: 1, verbs: verbsModule })
  assert.deepEqual({ migrated, backup }, { migrated: 1, backup: null })
  await driver.close()
})
