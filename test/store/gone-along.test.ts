import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Change } from '../../src/connector/index.ts'
import type { KindReading } from '../../src/store/verbs/kin.ts'
import { storeInMemory } from '../engine/tables.ts'

const LAG = 5000
const PLAIN = {
  feed: 'all',
  ordered: false,
  lagMs: LAG,
  gets: true,
  unique: [],
  people: { fields: [], areEmails: false },
}
const KINDS: readonly KindReading[] = [
  { ...PLAIN, kind: 'thread', parentField: null, takes: ['post'], children: ['post'] },
  { ...PLAIN, kind: 'post', parentField: 'thread', takes: [], children: [] },
]
const POST = { connection: 'x', kind: 'post', ref: 'p' }

// Seen red: when a copy that lags is taken for what stands now, so that its parent was deleted without it.
test('what went with its parent is not shown to stand by a read that may be older than that', async () => {
  const store = storeInMemory(0)
  const read = (now: number, ...changes: readonly Change[]): Promise<unknown> =>
    store.observe({ connection: 'x', now, readAt: now, changes, kinds: KINDS, watches: [] })
  const shown: Change = { kind: 'post', scope: 's', ref: 'p', values: { thread: 't', body: 'hello' } }
  await read(1, { kind: 'thread', scope: 's', ref: 't', values: { title: 'one' } }, shown)
  await read(60_000, { kind: 'thread', scope: 's', ref: 't', gone: 'deleted' })
  assert.equal((await store.item(POST))?.unread, true)
  await read(60_000 + LAG - 1, shown)
  assert.equal((await store.item(POST))?.unread, true)
  await read(60_000 + LAG, shown)
  assert.equal((await store.item(POST))?.unread, false)
})

const THREAD = { connection: 'x', kind: 'thread', ref: 't' }

// Seen red: when a child that stands elsewhere says nothing of its parent, and when a lagging read of the parent ends the doubt.
test('a parent whose child has gone elsewhere is looked at before it is planned, by a read that cannot be older than that', async () => {
  for (const scope of ['s', 'elsewhere']) {
    const store = storeInMemory(0)
    const read = (now: number, ...changes: readonly Change[]): Promise<unknown> =>
      store.observe({ connection: 'x', now, readAt: now, changes, kinds: KINDS, watches: [] })
    const thread = (at: string): Change => ({ kind: 'thread', scope: at, ref: 't', values: { title: 'one' } })
    const post = (at: string): Change => ({ kind: 'post', scope: at, ref: 'p', values: { thread: 't', body: 'hello' } })
    await read(1, thread('s'), post('s'))
    await read(60_000, post('elsewhere'))
    assert.equal((await store.item(THREAD))?.unread, true)
    assert.equal(await store.isHinted([THREAD]), true)
    await read(60_000 + LAG - 1, thread('s'))
    assert.equal((await store.item(THREAD))?.unread, true)
    // Also where the two just stand apart.
    await read(60_000 + LAG, thread(scope))
    const known = await store.item(THREAD)
    assert.deepEqual([known?.unread, known?.scope], [false, scope])
  }
})
