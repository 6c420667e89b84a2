import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
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

for (const [kind, open] of Object.entries(kinds)) {
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

  test(`${kind}: a corrupt file is refused when it is opened`, async (t) => {
    const { path, driver } = await start(t, open)
    await driver.close()
    writeFileSync(path, 'no database at all')
    await assert.rejects(open(path), { name: 'StoreError', code: 'store-corrupt', remedy: /backup/ })
  })
}

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
