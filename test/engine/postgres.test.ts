/** The engine over PostgreSQL: what it does to the two systems, and that every verb answers as it does on SQLite. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { carryOutUndo } from '../../src/engine/take-back.ts'
import { planUndo } from '../../src/engine/undo.ts'
import { keptInPostgres } from './kept-in-postgres.ts'
import { pairOf, SPACE, type Pair, type PairOptions } from './pair.ts'
import { chatThreads, done, forumThreads, messageWith, postWith, topicWith } from './views.ts'

const MINUTE = 60_000

/** Two messages of Ann in one thread, and an answer from the forum, all in step. */
async function conversation(t: TestContext, options: PairOptions = {}): Promise<Pair> {
  const pair = await pairOf({ kept: keptInPostgres(t), webhooks: true, ...options })
  const first = pair.chat.as('101').post(SPACE, 'a question of Ann')
  pair.chat.as('101').post(SPACE, 'more of Ann', { thread: first.name })
  await pair.sync()
  assert.deepEqual(forumThreads(pair), [['Ann Lee: a question of Ann', 'Ann Lee: more of Ann']])
  done(pair.discourse.as('cyd').reply(topicWith(pair, 'a question'), 'an answer of Cyd, long enough'))
  await pair.run(5 * MINUTE)
  assert.equal(chatThreads(pair)[0]?.[2], 'Cyd Fox: an answer of Cyd, long enough')
  return pair
}

test('on PostgreSQL: a first sync, edits and deletes travel both ways, over a restart too', async (t) => {
  const pair = await conversation(t)
  pair.chat.as('101').edit(messageWith(pair, 'more of Ann'), 'less of Ann')
  await pair.restart()
  await pair.run(5 * MINUTE)
  assert.equal(forumThreads(pair)[0]?.[1], 'Ann Lee: less of Ann')
  done(pair.discourse.as('cyd').edit(postWith(pair, 'an answer of Cyd'), 'a better answer of Cyd, longer'))
  pair.chat.as('101').remove(messageWith(pair, 'less of Ann'))
  await pair.run(10 * MINUTE)
  assert.deepEqual(chatThreads(pair), [['a question of Ann', 'Cyd Fox: a better answer of Cyd, longer']])
  assert.deepEqual(forumThreads(pair), [['Ann Lee: a question of Ann', 'a better answer of Cyd, longer']])
})

test('on PostgreSQL: a process that dies between a call and its outcome makes nothing twice', async (t) => {
  let dies = false
  const pair = await pairOf({
    kept: keptInPostgres(t),
    crash: (point) => dies && point.at === 'answered' && point.method === 'POST' && point.path === '/posts.json',
  })
  pair.chat.as('101').post(SPACE, 'a question of Ann')
  dies = true
  await pair.run(5 * MINUTE)
  assert.equal(pair.alive, false)
  dies = false
  await pair.restart()
  await pair.run(10 * MINUTE)
  assert.deepEqual(forumThreads(pair), [['Ann Lee: a question of Ann']])
})

test('on PostgreSQL: a conflict waits for a person, and an edit is taken back', async (t) => {
  const pair = await conversation(t, { flow: { conflict: 'ask' }, chatConfig: { manager: true } })
  pair.chat.as('100').edit(messageWith(pair, 'an answer of Cyd'), 'Cyd Fox: as Chat has it, long enough')
  done(pair.discourse.as('cyd').edit(postWith(pair, 'an answer of Cyd'), 'as the forum has it, long enough'))
  await pair.run(5 * MINUTE)
  const [open] = await pair.store.conflicts({ all: false })
  assert.ok(open)
  await pair.store.resolveConflict({ id: open.id, winner: 'b', ranks: {}, now: pair.time.now() })
  await pair.run(5 * MINUTE)
  assert.equal(chatThreads(pair)[0]?.[2], 'Cyd Fox: as the forum has it, long enough')
  const edit = (await pair.store.journal({ limit: 1000, after: 0 })).findLast(({ action }) => action === 'update')
  const found = await pair.store.undoable({ ids: [edit?.id ?? 0], run: null, since: null, flow: null })
  const { world } = pair.engine
  const steps = await planUndo(world, world.model.flows, found, { over: false, pastBrake: false })
  let ended = false
  const work = carryOutUndo(pair.engine.world, steps, new AbortController().signal).then(() => (ended = true))
  await pair.time.run(pair.time.now() + 60 * MINUTE, () => ended)
  await work
  await pair.run(10 * MINUTE)
  for (const shown of [forumThreads(pair), chatThreads(pair)]) assert.match(shown[0]?.[2] ?? '', /as Chat has it/)
  const { journal } = await pair.store.explain({ ref: edit?.refs.a ?? '' })
  assert.ok(journal.some(({ undoes }) => undoes === edit?.id))
  // The topic that was made with it comes along.
  const topic = (await pair.store.journal({ limit: 1000, after: 0 })).find(({ action }) => action === 'create')
  const made = await pair.store.undoable({ ids: [(topic?.id ?? 0) + 1], run: null, since: null, flow: null })
  assert.deepEqual(
    made.entries.map(({ pair: of }) => of),
    ['thread-topic', 'message-post'],
  )
  await pair.store.status(undefined)
})

// Seen red: with a join that SQLite alone takes.
test('on PostgreSQL: a paused pair of containers waits, is told how far it is, and goes on', async (t) => {
  const pair = await conversation(t)
  const scopes = { a: SPACE, b: '2' }
  assert.ok(await pair.store.pauseFlow({ flow: 'team', scopes, why: 'a person paused it', now: pair.time.now() }))
  pair.chat.as('101').post(SPACE, 'said while it is paused')
  await pair.run(5 * MINUTE)
  assert.equal(forumThreads(pair).length, 1)
  const pairs = pair.engine.world.model.flows[0]?.specs ?? []
  const [found] = await pair.store.progress({ flow: 'team', pairs })
  assert.ok(found !== undefined && found.links === 5 && found.due > 0 && found.pausedAt !== null, JSON.stringify(found))
  assert.equal((await pair.store.status(undefined)).paused.length, 1)
  const authors = await pair.store.authorsIn({ connection: 'chat', kind: 'message', scope: SPACE })
  assert.deepEqual(authors.map(({ name }) => name).toSorted(), ['Ann Lee', 'Sync Bot'])
  await pair.store.resumeFlow({ flow: 'team', scopes })
  pair.engine.wake()
  await pair.run(5 * MINUTE)
  assert.equal(forumThreads(pair).length, 2)
})

test('on PostgreSQL: channels are kept, heard, renewed and dropped', async (t) => {
  const { store } = await pairOf({ kept: keptInPostgres(t) })
  const channel = {
    id: 'a1',
    connection: 'chat',
    scope: SPACE,
    address: 'https://lockstep.example.org/webhooks/chat/a1',
    handle: null,
    state: 'opening',
    openedAt: 1,
    expiresAt: null,
    renewAt: null,
    heardAt: null,
    tries: 1,
    notBefore: 5,
    failingSince: 2,
    why: 'no',
  } as const
  await store.putChannel({ channel })
  assert.equal((await store.status(undefined)).channels.length, 1)
  const heard = { connection: 'chat', address: channel.address, now: 7 }
  assert.equal(await store.hearChannel({ ...heard, id: 'a1', handle: 'h' }), true)
  assert.equal(await store.hearChannel({ ...heard, id: 'b2', handle: 'h' }), false)
  assert.equal(await store.hearChannel({ ...heard, id: 'c3', handle: null }), false)
  await store.putChannel({ channel: { ...channel, id: 'd4', state: 'open', handle: 'i', expiresAt: 9 }, instead: 'a1' })
  assert.equal(await store.renewChannels({ connection: 'chat', now: 8 }), 1)
  assert.equal(await store.renewChannels({ connection: null, now: 9 }), 1)
  await store.dropChannel({ id: 'b2' })
  assert.deepEqual(
    (await store.channels({ connection: null })).map(({ id, renewAt }) => [id, renewAt]),
    [['d4', 9]],
  )
  assert.equal((await store.channels({ connection: 'chat' })).length, 1)
  // Seen red: they stayed, and were shown for ever.
  await store.start({ now: 10, flows: [], connections: [{ id: 'forum', connector: 'discourse' }] })
  assert.deepEqual(await store.channels({ connection: null }), [])
})

// Seen red: where halves are handed on as they are read, and to the store as well: the first create fails it.
test('on PostgreSQL: half of an emoji stops nothing, and travels as one character', async (t) => {
  const pair = await pairOf({ kept: keptInPostgres(t), webhooks: true, chatConfig: { manager: true } })
  const first = pair.chat.as('101').post(SPACE, 'a question of Ann, cut \ud83d')
  pair.chat.as('101').post(SPACE, 'more \ud83d\ud83d of Ann \\ud83d 😀', { thread: first.name })
  await pair.sync()
  const question = 'Ann Lee: a question of Ann, cut \ufffd'
  assert.deepEqual(forumThreads(pair), [[question, 'Ann Lee: more \ufffd\ufffd of Ann \\ud83d 😀']])
  done(pair.discourse.as('mod').remove(postWith(pair, 'more')))
  await pair.run(10 * MINUTE)
  assert.deepEqual(chatThreads(pair), [['a question of Ann, cut \ud83d']])
  assert.deepEqual(forumThreads(pair), [[question]])
})
