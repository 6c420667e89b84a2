import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pairOf, SPACE, type Pair, type PairOptions } from './pair.ts'
import {
  chatThreads,
  done,
  forumThreads,
  messageWith,
  postWith,
  rawWith,
  reworded,
  topicWith,
  writes,
} from './views.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** Two messages of Ann in one thread, and an answer from the forum, all in step. */
async function conversation(options: PairOptions = {}): Promise<Pair> {
  const pair = await pairOf({ webhooks: true, ...options })
  const first = pair.chat.as('101').post(SPACE, 'a question of Ann')
  pair.chat.as('101').post(SPACE, 'more of Ann', { thread: first.name })
  await pair.sync()
  done(pair.discourse.as('cyd').reply(topicWith(pair, 'a question'), 'an answer of Cyd, long enough'))
  await pair.run(5 * MINUTE)
  assert.equal(chatThreads(pair)[0]?.length, 3)
  return pair
}

test('edits travel both ways, to old items too', async () => {
  const pair = await conversation()
  await pair.time.run(pair.time.now() + 10 * DAY)
  pair.chat.as('101').edit(messageWith(pair, 'more of Ann'), 'less of Ann')
  done(pair.discourse.as('cyd').edit(postWith(pair, 'an answer of Cyd'), 'a better answer of Cyd, longer'))
  await pair.run(10 * MINUTE)
  assert.deepEqual(forumThreads(pair), [
    ['Ann Lee: a question of Ann', 'Ann Lee: less of Ann', 'a better answer of Cyd, longer'],
  ])
  assert.deepEqual(chatThreads(pair), [['a question of Ann', 'less of Ann', 'Cyd Fox: a better answer of Cyd, longer']])
})

// Seen red: when the look before a write is not taken again in the write's own turn.
test('an edit that comes while a delete waits for its turn is seen, and survives', async () => {
  let edited = false
  const pair = await conversation({
    fault: ({ method, path }) => {
      if (method !== 'DELETE' || !path.startsWith('/posts/') || edited) return null
      edited = true
      pair.time.after(20_000, () =>
        done(pair.discourse.as('mod').edit(postWith(pair, 'more of'), 'more of Mod himself, who was here')),
      )
      return { kind: 'answer-before', status: 429, headers: { 'retry-after': '60' }, body: '{"errors":["slow down"]}' }
    },
  })
  pair.chat.as('101').remove(messageWith(pair, 'more of Ann'))
  await pair.run(10 * MINUTE)
  assert.ok(edited)
  assert.equal(forumThreads(pair)[0]?.[1], 'more of Mod himself, who was here')
})

test('deletes travel both ways, of old items too', async () => {
  const pair = await conversation({ chatConfig: { manager: true } })
  await pair.time.run(pair.time.now() + 10 * DAY)
  pair.chat.as('101').remove(messageWith(pair, 'more of Ann'))
  await pair.run(10 * MINUTE)
  assert.deepEqual(forumThreads(pair), [['Ann Lee: a question of Ann', 'an answer of Cyd, long enough']])
  done(pair.discourse.as('mod').remove(postWith(pair, 'an answer of Cyd')))
  await pair.run(10 * MINUTE)
  assert.deepEqual(chatThreads(pair), [['a question of Ann']])
})

test('a thread deleted with its replies takes its topic along', async () => {
  const pair = await conversation()
  pair.chat.as('101').remove(messageWith(pair, 'a question of Ann'), { force: true })
  await pair.run(10 * MINUTE)
  assert.deepEqual(forumThreads(pair), [])
  assert.deepEqual(chatThreads(pair), [])
  await pair.run(60 * MINUTE)
  assert.deepEqual(forumThreads(pair), [])
})

test('a topic deleted in Discourse takes the messages along that may be deleted', async () => {
  const pair = await conversation({ chatConfig: { manager: true } })
  for (const text of ['one', 'two', 'three']) pair.chat.as('102').post(SPACE, `thread ${text}`)
  await pair.run(5 * MINUTE)
  done(pair.discourse.as('mod').removeTopic(topicWith(pair, 'a question')))
  await pair.run(30 * MINUTE)
  const left = [['thread one'], ['thread three'], ['thread two']]
  assert.deepEqual(chatThreads(pair), left)
  assert.equal(forumThreads(pair).length, 3)
})

// Seen red: when removeStub answers null; without managers the reply of Ann stays, and so does what it answers.
test("a topic deleted in Discourse leaves no emptied message behind, unless somebody else's stays under it", async () => {
  for (const manager of [true, false]) {
    const pair = await pairOf({ webhooks: true, chatConfig: { manager } })
    await pair.sync()
    const about = { title: 'Where shall we eat today', raw: 'I would like soup, and you all?', category: 2 }
    const { topicId } = done(pair.discourse.as('cyd').topic(about))
    for (const text of ['one', 'two', 'three']) pair.chat.as('102').post(SPACE, `thread ${text}`)
    await pair.run(5 * MINUTE)
    done(pair.discourse.as('dan').reply(topicId, 'Soup is fine with me as well'))
    const asked = pair.chat.as('101').message(messageWith(pair, 'I would like soup'))
    pair.chat.as('101').post(SPACE, 'soup it is', { thread: asked.thread?.name ?? '' })
    await pair.run(5 * MINUTE)
    done(pair.discourse.as('mod').removeTopic(topicId))
    await pair.run(30 * MINUTE)
    const others = [['thread one'], ['thread three'], ['thread two']]
    assert.deepEqual(chatThreads(pair), manager ? others : [['(deleted)', 'soup it is'], ...others])
    assert.deepEqual(await pair.store.heldList({ flow: null }), [])
  }
})

test("a Discourse edit of somebody else's Chat message is a declared divergence, told in Google's terms, and never retried", async () => {
  const pair = await conversation()
  done(
    pair.discourse
      .as('mod')
      .edit(postWith(pair, 'more of Ann'), reworded(rawWith(pair, 'more of Ann'), 'more of Ann, corrected')),
  )
  await pair.run(10 * MINUTE)
  const before = writes(pair).length
  await pair.run(2 * 60 * MINUTE)
  assert.equal(writes(pair).length, before)
  const [gap] = await pair.store.divergences(undefined)
  assert.match(gap?.why ?? '', /only its sender/)
  assert.equal(chatThreads(pair)[0]?.[1], 'more of Ann')
  assert.equal((await pair.store.heldList({ flow: null })).length, 0)
})

test('an edit survives a delete, and the item is made again where it was deleted', async () => {
  const pair = await conversation()
  pair.chat.as('101').edit(messageWith(pair, 'more of Ann'), 'more of Ann, still wanted')
  done(pair.discourse.as('mod').remove(postWith(pair, 'more of Ann')))
  await pair.run(10 * MINUTE)
  const posts = forumThreads(pair)[0] ?? []
  assert.ok(posts.includes('Ann Lee: more of Ann, still wanted'))
  assert.equal(chatThreads(pair)[0]?.[1], 'more of Ann, still wanted')
})

/** Both sides of Cyd's answer are edited; in Chat only the engine's own user may edit it. */
async function bothEdit(options: PairOptions, apartMs: number): Promise<Pair> {
  const pair = await conversation(options)
  const copy = messageWith(pair, 'an answer of Cyd')
  const signed = pair.chat.as('100').message(copy).formattedText ?? ''
  pair.chat.as('100').edit(copy, signed.replace('an answer of Cyd', 'as Chat has it'))
  await pair.time.run(pair.time.now() + apartMs)
  done(pair.discourse.as('cyd').edit(postWith(pair, 'an answer of Cyd'), 'as the forum has it, long enough'))
  await pair.run(10 * MINUTE)
  return pair
}

test('concurrent edits: the side that the policy names wins, and the loser is listed', async () => {
  for (const [conflict, said] of [
    ['chat', 'as Chat has it, long enough'],
    ['forum', 'as the forum has it, long enough'],
  ] as const) {
    const pair = await bothEdit({ flow: { conflict } }, 1000)
    assert.equal(chatThreads(pair)[0]?.[2], `Cyd Fox: ${said}`, conflict)
    assert.equal(forumThreads(pair)[0]?.[2], said, conflict)
    const [listed] = await pair.store.conflicts({ all: true })
    assert.deepEqual(listed?.values, { a: 'as Chat has it, long enough', b: 'as the forum has it, long enough' })
  }
})

test('F29 concurrent edits under "newest": side a stands where a time is missing', async () => {
  const pair = await bothEdit({}, 10 * MINUTE)
  assert.equal(forumThreads(pair)[0]?.[2], 'as Chat has it, long enough')
  const [listed] = await pair.store.conflicts({ all: true })
  assert.match(listed?.why ?? '', /side a stands/)
})

test('concurrent edits under "ask" wait for a person, whose word is carried out', async () => {
  const pair = await bothEdit({ flow: { conflict: 'ask' } }, 1000)
  assert.equal(chatThreads(pair)[0]?.[2], 'Cyd Fox: as Chat has it, long enough')
  assert.equal(forumThreads(pair)[0]?.[2], 'as the forum has it, long enough')
  const [open] = await pair.store.conflicts({ all: false })
  assert.ok(open)
  await pair.store.resolveConflict({ id: open.id, winner: 'b', ranks: {}, now: pair.time.now() })
  await pair.run(5 * MINUTE)
  assert.equal(chatThreads(pair)[0]?.[2], 'Cyd Fox: as the forum has it, long enough')
  assert.deepEqual(await pair.store.conflicts({ all: false }), [])
})

test('F24 where nothing changes nothing is written, and a poll costs a small fixed number of calls', async () => {
  const pair = await conversation({ settings: { auditMs: 100 * DAY } })
  await pair.run(10 * MINUTE)
  const written = writes(pair).length
  const asked = pair.calls.length
  await pair.run(60 * MINUTE)
  assert.equal(writes(pair).length, written)
  const perPoll = (pair.calls.length - asked) / 60
  assert.ok(perPoll < 7, `${perPoll} calls a poll`)
})
