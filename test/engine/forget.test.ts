/** What the journal keeps, and for how long. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pairOf, SPACE } from './pair.ts'
import { chatThreads, done, messageWith, postWith, rawWith, reworded } from './views.ts'

const HOUR = 3600_000

// Seen red: with nothing purged; and with the conflict's entries purged too.
test('what was done is forgotten after its time, but not what an open conflict is about', async () => {
  const pair = await pairOf({
    webhooks: true,
    settings: { journalMs: 2 * HOUR },
    chatConfig: { manager: true },
    flow: { conflict: 'ask' },
  })
  pair.chat.as('101').post(SPACE, 'a question of Ann')
  await pair.sync()
  const first = (await pair.store.journal({ limit: 100, after: 0 })).filter(({ action }) => action === 'create')
  assert.ok(first.length > 0)
  const copy = rawWith(pair, 'a question of Ann')
  done(pair.discourse.as('mod').edit(postWith(pair, 'a question of Ann'), reworded(copy, 'a question of the forum')))
  pair.chat.as('101').edit(messageWith(pair, 'a question of Ann'), 'a question of the chat')
  await pair.run(HOUR)
  const [conflict] = await pair.store.conflicts({ all: false })
  assert.ok(conflict !== undefined)

  await pair.run(3 * HOUR)
  const kept = await pair.store.journal({ limit: 100, after: 0 })
  assert.deepEqual([...new Set(kept.map(({ link }) => link))], [conflict.link])
  const { begins } = await pair.store.undoable({ ids: [], run: null, since: 0, flow: null })
  assert.ok(begins !== null && begins > pair.time.now() - 3.1 * HOUR, 'what is left tells of no whole journal')
  assert.equal(chatThreads(pair).length, 1)
})
