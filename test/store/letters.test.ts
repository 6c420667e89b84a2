import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Change } from '../../src/connector/connector.ts'
import { KINDS } from './kinds.ts'
import { readingOfNotes } from './notes.ts'

const HALF = 'Ren\ud83d\ud83d'
const side = { flow: 'team', pair: 'notes', side: 'a', connection: 'chat', kind: 'note' } as const
const kinds = [readingOfNotes]

for (const [name, open] of Object.entries(KINDS)) {
  // Seen red: where calls are handed to the store with the halves that are in them, and where a character 0 among refs is
  // left to PostgreSQL, or only the first of two.
  test(`${name}: half of an emoji and a character 0 stop no verb, and neither is found changed when it is read again`, async (t) => {
    const { store, sql } = await open(t)
    await store.start({ now: 1, flows: [{ id: 'team', title: 'Team', fingerprint: 'x' }], connections: [] })
    const note = (ref: string, author: string, text: string): Change => ({
      kind: 'note',
      ref,
      scope: 'room',
      values: { text },
      author: { ref: author, name: author },
    })
    const read = (...changes: readonly Change[]) =>
      store.observe({ connection: 'chat', now: 2, readAt: 2, changes, kinds, watches: [] })
    const changes = [
      note('1', HALF, `cut ${HALF}`),
      note(`nul \0\0`, 'Nul \0\0', 'nul \0\0 \\u0000'),
      note(HALF, 'Ann', ''),
    ]
    assert.equal((await read(...changes)).changed, 3)
    assert.equal((await read(...changes)).changed, 0)
    const waits = `INSERT INTO due (flow, pair, side, ref, generation, rank, created_at, since) VALUES ('team', 'notes', 'a', '1', 1, 0, '', 1)`
    sql.get(waits).run()
    const queued = await store.queue({ sides: [side], person: HALF, since: null, until: null, limit: 9, now: 5 })
    assert.deepEqual(
      queued.map(({ ref }) => ref),
      ['1'],
    )
    const own = { connection: 'chat', kind: 'note', scope: 'room', parent: null, since: 0 }
    for (const { author, values } of await store.ownSince({ ...own, actor: 'Nul \0\0' }))
      assert.deepEqual([author?.name, values['text']], ['Nul \0\0', 'nul \0\0 \\u0000'])
    assert.equal((await store.ownSince({ ...own, actor: 'Nul \0\0' })).length, 1)
    assert.equal((await store.ownSince({ ...own, actor: HALF }))[0]?.values['text'], 'cut Ren\ufffd\ufffd')
    await store.history({ sides: [side], person: 'Ann', since: null, until: null, limit: 5 })
  })
}
