/** What people do at the far end of a one-way flow, and what a delete at the source does to it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pairOf, SPACE, type Pair } from './pair.ts'
import { tablesOf } from './tables.ts'
import { chatThreads, done, forumThreads, messageWith, postWith, rawWith, reworded, topicWith } from './views.ts'

const MINUTE = 60_000

/** Chat to Discourse only: a thread of two messages whose copies are in step, beside others, so that no brake holds. */
async function copied(astray: 'leave' | 'restore' | 'hold'): Promise<Pair> {
  const pair = await pairOf({ webhooks: true, flow: { direction: 'chat->forum', astray } })
  const first = pair.chat.as('101').post(SPACE, 'a question of Ann')
  pair.chat.as('101').post(SPACE, 'more of Ann', { thread: first.name })
  for (const text of ['one', 'two', 'three']) pair.chat.as('102').post(SPACE, `thread ${text}`)
  await pair.sync()
  return pair
}

async function editedThenDeleted(astray: 'leave' | 'restore' | 'hold'): Promise<Pair> {
  const pair = await copied(astray)
  const copy = rawWith(pair, 'more of Ann')
  done(pair.discourse.as('mod').edit(postWith(pair, 'more of Ann'), reworded(copy, 'more, in the words of the forum')))
  if (astray !== 'restore') await pair.run(5 * MINUTE)
  pair.chat.as('101').remove(messageWith(pair, 'more of Ann'))
  await pair.run(30 * MINUTE)
  return pair
}

// Seen red: when decideGone does not ask `strayed`.
test('a delete at the source leaves a far copy alone that somebody edited there', async () => {
  const pair = await editedThenDeleted('leave')
  assert.ok(forumThreads(pair).flat().includes('Ann Lee: more, in the words of the forum'))
  const [link] = (await pair.store.explain({ ref: String(postWith(pair, 'in the words')) })).links
  assert.equal(link?.state, 'asleep')
  assert.deepEqual(await pair.store.heldList({ flow: null }), [])
})

// Seen red: as above; and when decisionOf looks for the hold at the other side, so that the edit is taken back at once.
test('under "hold" such a delete waits for a person, who may approve it', async () => {
  const pair = await editedThenDeleted('hold')
  assert.ok(forumThreads(pair).flat().includes('Ann Lee: more, in the words of the forum'))
  const held = (await pair.store.heldList({ flow: null })).find(({ action }) => action === 'delete')
  assert.match(held?.detail ?? '', /deleted at a, but edited at b/)
  await pair.store.decideHeld({ ids: [held?.id ?? 0], decision: 'approved', ranks: {}, now: pair.time.now() })
  await pair.run(5 * MINUTE)
  assert.ok(!forumThreads(pair).flat().includes('Ann Lee: more, in the words of the forum'))
})

test('under "restore" the far edit is taken back, and goes with its source', async () => {
  const pair = await editedThenDeleted('restore')
  assert.equal(forumThreads(pair).flat().length, 4)
})

// Seen red: when strayed() looks at edits alone.
test('a thread deleted at the source leaves its topic, where somebody answered there', async () => {
  const pair = await copied('leave')
  done(pair.discourse.as('cyd').reply(topicWith(pair, 'a question'), 'an answer of Cyd, long enough'))
  await pair.run(5 * MINUTE)
  pair.chat.as('101').remove(messageWith(pair, 'a question of Ann'), { force: true })
  await pair.run(30 * MINUTE)
  assert.ok(forumThreads(pair).flat().includes('an answer of Cyd, long enough'))
  assert.equal(chatThreads(pair).length, 3)
})

// Seen red: when nothing was counted, it went on for as long as the other writer did.
test('F57 two writers that undo each other: after five times within an hour the change is held', async () => {
  const pair = await copied('restore')
  const post = postWith(pair, 'more of Ann')
  const copy = rawWith(pair, 'more of Ann')
  const fight = async (): Promise<void> => {
    done(pair.discourse.as('mod').edit(post, reworded(copy, 'what a bot of the forum wants there')))
    await pair.run(3 * MINUTE)
  }
  for (let round = 0; round < 5; round += 1) await fight()
  assert.ok(forumThreads(pair).flat().includes('Ann Lee: more of Ann'))
  assert.deepEqual(await pair.store.heldList({ flow: null }), [])
  for (let round = 0; round < 3; round += 1) await fight()
  assert.ok(forumThreads(pair).flat().includes('Ann Lee: what a bot of the forum wants there'))
  const [held, ...others] = await pair.store.heldList({ flow: null })
  assert.equal(held?.reason, 'reverted')
  assert.deepEqual(others, [])
  await pair.store.decideHeld({ ids: [held?.id ?? 0], decision: 'approved', ranks: {}, now: pair.time.now() })
  await pair.run(5 * MINUTE)
  assert.ok(forumThreads(pair).flat().includes('Ann Lee: more of Ann'))
})

// Seen red: the two were one update, which waited as a whole, and was dropped as a whole.
test('under "hold" a change at the far end waits alone: what the source says of other fields goes on', async () => {
  const kind = { note: { fields: { title: { type: 'text' }, body: { type: 'text' } } } } as const
  const tables = await tablesOf({ a: kind, b: kind, oneWay: 'hold' })
  await tables.approve()
  for (const title of ['Plan', 'one', 'two', 'three']) tables.a.add('note', { title, body: 'as it was' })
  await tables.sync()
  const copy = tables.b.living('note').find(({ values }) => values['title'] === 'Plan')?.ref ?? ''
  tables.b.set('note', copy, { title: 'Plan of the far end' })
  tables.a.set('note', 'note-2', { body: 'as it is now' })
  await tables.run(5 * MINUTE)
  assert.deepEqual(tables.b.get('note', copy).values, { title: 'Plan of the far end', body: 'as it is now' })
  const [held, ...more] = await tables.store.heldList({ flow: null })
  assert.ok(held !== undefined)
  assert.match(held.detail, /^title was changed against/)
  assert.deepEqual(more, [])

  await tables.store.decideHeld({ ids: [held.id], decision: 'discarded', ranks: {}, now: tables.time.now() })
  tables.a.set('note', 'note-2', { body: 'as it is in the end' })
  await tables.run(5 * MINUTE)
  assert.deepEqual(tables.b.get('note', copy).values, { title: 'Plan of the far end', body: 'as it is in the end' })
  assert.deepEqual(await tables.store.heldList({ flow: null }), [])
})

test('under "hold" what a person approves is taken back, and nothing else', async () => {
  const kind = {
    note: { fields: { title: { type: 'text' }, body: { type: 'text' }, place: { type: 'text' } } },
  } as const
  const tables = await tablesOf({ a: kind, b: kind, oneWay: 'hold' })
  await tables.approve()
  for (const title of ['Plan', 'one', 'two', 'three']) tables.a.add('note', { title, body: 'as it was' })
  await tables.sync()
  const copy = tables.b.living('note').find(({ values }) => values['title'] === 'Plan')?.ref ?? ''
  tables.b.set('note', copy, { title: 'Plan of the far end', place: 'the far end' })
  await tables.run(5 * MINUTE)
  const [held] = await tables.store.heldList({ flow: null })
  assert.match(held?.detail ?? '', /^title, place were changed against/)
  // Both are to be written in one pass, and no read shows the first of them.
  tables.b.fails = ({ do: call }) => (call === 'update' ? { failure: 'limited' } : null)
  tables.a.set('note', 'note-2', { body: 'as it is now' })
  await tables.run(2 * MINUTE)
  await tables.store.decideHeld({ ids: [held?.id ?? 0], decision: 'approved', ranks: {}, now: tables.time.now() })
  tables.b.hides = () => true
  tables.b.fails = () => null
  await tables.run(60 * MINUTE)
  assert.deepEqual(tables.b.get('note', copy).values, { title: 'Plan', body: 'as it is now', place: null })
})
