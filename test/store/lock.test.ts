import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { acquire } from '../../src/store/lock.ts'
import { folder } from './folder.ts'

/** A process that owns the store, says how that went, and then waits for its end. */
async function owner(t: TestContext, path: string) {
  const child = spawn(process.execPath, [new URL('./lock-owner.ts', import.meta.url).pathname, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  const [said]: unknown[] = await once(child.stdout, 'data')
  return { said: String(said).trim(), kill: () => (child.kill('SIGKILL'), once(child, 'exit')) }
}

function owned(lock: ReturnType<typeof acquire>) {
  assert.notEqual(lock, 'held')
  assert(lock !== 'held')
  return lock
}

test('a store has one owner at a time, also within one process', (t) => {
  const path = join(folder(t), 'store.db')
  const lock = owned(acquire(path))
  assert.equal(acquire(path), 'held')
  lock.release()
  lock.release()
  owned(acquire(path)).release()
})

test('another process cannot own what is owned here', async (t) => {
  const path = join(folder(t), 'store.db')
  const lock = owned(acquire(path))
  assert.equal((await owner(t, path)).said, 'held')
  lock.release()
  assert.equal((await owner(t, path)).said, 'owned')
})

test('kill -9 of the owner frees the store', async (t) => {
  const path = join(folder(t), 'store.db')
  const child = await owner(t, path)
  assert.equal(child.said, 'owned')
  assert.equal(acquire(path), 'held')
  await child.kill()
  owned(acquire(path)).release()
})

test('two names of one store are one lock', (t) => {
  const at = folder(t)
  writeFileSync(join(at, 'store.db'), '')
  symlinkSync(join(at, 'store.db'), join(at, 'alias.db'))
  const lock = owned(acquire(join(at, 'store.db')))
  assert.equal(acquire(join(at, 'alias.db')), 'held')
  lock.release()
})

test('a lock that its owner did not keep is held all the same', (t) => {
  const path = join(folder(t), 'store.db')
  acquire(path)
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  assert.equal(acquire(path), 'held')
})

test('a lock file of another make, and a folder that is not there, are told apart from a lock that is held', (t) => {
  const at = folder(t)
  writeFileSync(join(at, 'store.db.lock'), '4711, the number of a process')
  assert.throws(() => acquire(join(at, 'store.db')), { code: 'lock-unusable' })
  assert.throws(() => acquire(join(at, 'nowhere', 'store.db')), { code: 'store-denied' })
})
