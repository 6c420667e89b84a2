import assert from 'node:assert/strict'
import { test } from 'node:test'
import { carryOutUndo, type Undone } from '../../src/engine/take-back.ts'
import { planUndo, type UndoStep } from '../../src/engine/undo.ts'
import type { JournalEntry } from '../../src/core/state.ts'
import type { Undoable } from '../../src/store/verbs/undo.ts'
import { pairOf, SPACE, type Pair, type PairOptions } from './pair.ts'
import { chatThreads, done, forumThreads, messageWith, postWith, reworded, topicWith } from './views.ts'

const MINUTE = 60_000
const WHOLE = [['Ann Lee: a question of Ann', 'Ann Lee: more of Ann', 'an answer of Cyd, long enough']]
const WHOLE_IN_CHAT = [['a question of Ann', 'more of Ann', 'Cyd Fox: an answer of Cyd, long enough']]

/** Two messages of Ann in one thread, and an answer from the forum, all in step. */
async function conversation(options: PairOptions = {}): Promise<Pair> {
  const pair = await pairOf({ webhooks: true, chatConfig: { manager: true }, ...options })
  const first = pair.chat.as('101').post(SPACE, 'a question of Ann')
  pair.chat.as('101').post(SPACE, 'more of Ann', { thread: first.name })
  await pair.sync()
  done(pair.discourse.as('cyd').reply(topicWith(pair, 'a question'), 'an answer of Cyd, long enough'))
  await pair.run(5 * MINUTE)
  assert.deepEqual(forumThreads(pair), WHOLE)
  return pair
}

async function shown(pair: Pair, what: Partial<Undoable>, over = false): Promise<readonly UndoStep[]> {
  const found = await pair.store.undoable({ ids: [], run: null, since: null, flow: null, ...what })
  const { world } = pair.engine
  return planUndo(world, world.model.flows, found, { over, pastBrake: false })
}

/** Takes back, and lets the engine follow. */
async function takeBack(pair: Pair, what: Partial<Undoable>, over = false): Promise<readonly Undone[]> {
  return carriedOut(pair, await shown(pair, what, over))
}

async function carriedOut(pair: Pair, steps: readonly UndoStep[]): Promise<readonly Undone[]> {
  let undone: readonly Undone[] | null = null
  const work = carryOutUndo(pair.engine.world, steps, new AbortController().signal).then((each) => (undone = each))
  await pair.time.run(pair.time.now() + 60 * MINUTE, () => undone !== null)
  const result = await work
  await pair.run(10 * MINUTE)
  return result
}

async function lastOf(pair: Pair, action: string): Promise<JournalEntry> {
  const entry = (await pair.store.journal({ limit: 1000, after: 0 })).findLast((each) => each.action === action)
  assert.ok(entry !== undefined, action)
  return entry
}

function reasons(steps: readonly UndoStep[]): string[] {
  return steps.flatMap(({ step }) => ('why' in step ? [step.why] : []))
}

// Seen red: when the base moved with the write, Chat kept the edit.
test('undo: an update is taken back on both sides, and so is its undo', async () => {
  const pair = await conversation()
  done(pair.discourse.as('cyd').edit(postWith(pair, 'an answer of Cyd'), 'something else of Cyd, as long'))
  await pair.run(5 * MINUTE)
  assert.equal(chatThreads(pair)[0]?.[2], 'Cyd Fox: something else of Cyd, as long')
  const edit = await lastOf(pair, 'update')
  assert.deepEqual(
    (await takeBack(pair, { ids: [edit.id] })).map(({ why }) => why),
    [null],
  )
  assert.deepEqual([forumThreads(pair), chatThreads(pair)], [WHOLE, WHOLE_IN_CHAT])
  const explained = await pair.store.explain({ ref: edit.refs.a ?? '' })
  assert.ok(explained.journal.some(({ undoes, why }) => undoes === edit.id && why === `undo of ${edit.id}`))

  const undone = explained.journal.find(({ undoes }) => undoes === edit.id)
  await takeBack(pair, { ids: [undone?.id ?? 0] })
  assert.equal(forumThreads(pair)[0]?.[2], 'something else of Cyd, as long')
  assert.equal(chatThreads(pair)[0]?.[2], 'Cyd Fox: something else of Cyd, as long')
})

// Seen red: when later entries were not asked for, the newer edit was overwritten.
test('undo: what was changed since is not taken back unless a person says so', async () => {
  const pair = await conversation()
  const post = postWith(pair, 'an answer of Cyd')
  for (const text of ['the second text of Cyd, long', 'the third text of Cyd, longer']) {
    done(pair.discourse.as('cyd').edit(post, text))
    await pair.run(5 * MINUTE)
  }
  const [first] = (await pair.store.journal({ limit: 1000, after: 0 })).filter(({ action }) => action === 'update')
  const what = { ids: [first?.id ?? 0] }
  assert.deepEqual(reasons(await shown(pair, what)), ['text was changed since'])
  await takeBack(pair, what)
  assert.equal(forumThreads(pair)[0]?.[2], 'the third text of Cyd, longer')
  await takeBack(pair, what, true)
  assert.deepEqual([forumThreads(pair), chatThreads(pair)], [WHOLE, WHOLE_IN_CHAT])
})

// Seen red: when the link went as after any delete, the copy came back with the next edit.
test('undo: a create is taken back by deleting the copy; what it was made from stays, and the undo is undone', async () => {
  const pair = await conversation()
  const create = (await pair.store.journal({ limit: 1000, after: 0 })).find(
    ({ action, pair: of, refs }) =>
      action === 'create' && of === 'message-post' && refs.a === messageWith(pair, 'more of Ann'),
  )
  await takeBack(pair, { ids: [create?.id ?? 0] })
  assert.deepEqual(forumThreads(pair), [['Ann Lee: a question of Ann', 'an answer of Cyd, long enough']])
  assert.deepEqual(chatThreads(pair), WHOLE_IN_CHAT)
  pair.chat.as('101').edit(messageWith(pair, 'more of Ann'), 'more of Ann, said again')
  await pair.run(60 * MINUTE)
  assert.equal(forumThreads(pair)[0]?.length, 2)
  await takeBack(pair, { ids: [(await lastOf(pair, 'delete')).id] })
  assert.ok(forumThreads(pair)[0]?.includes('Ann Lee: more of Ann, said again'))
  assert.equal(chatThreads(pair)[0]?.[1], 'more of Ann, said again')
})

// Seen red: when only what is written anew brought its parent along, the message waited for its thread for ever.
test('undo: a thread that came with its first message is taken back with it, and so is that', async () => {
  const pair = await pairOf({ webhooks: true, chatConfig: { manager: true } })
  const raw = 'A text of Cyd that begins a topic'
  done(pair.discourse.as('cyd').topic({ title: 'A topic of Cyd in the forum', raw, category: 2 }))
  await pair.sync()
  const copy = chatThreads(pair)
  assert.equal(copy.length, 1)
  const creates = (await pair.store.journal({ limit: 1000, after: 0 })).filter(({ action }) => action === 'create')
  await takeBack(pair, { ids: creates.map(({ id }) => id) })
  assert.deepEqual(chatThreads(pair), [])
  assert.equal(forumThreads(pair).length, 1)
  const since = (await pair.store.journal({ limit: 1000, after: 0 })).filter(({ undoes }) => undoes !== null)
  await takeBack(pair, { ids: since.map(({ id }) => id) })
  assert.deepEqual(chatThreads(pair), copy)
  assert.equal((await pair.store.status(undefined)).flows[0]?.due, 0)
})

// Seen red: when the children's links did not sleep, Chat lost its messages.
test('undo: a topic is taken back with what stands in it, unless others answered under it', async () => {
  const pair = await conversation()
  const creates = (await pair.store.journal({ limit: 1000, after: 0 })).filter(
    ({ action, side }) => action === 'create' && side === 'b',
  )
  const [topic] = creates
  assert.deepEqual(reasons(await shown(pair, { ids: [topic?.id ?? 0] })), [
    'the topic that it was made with stays',
    '2 more stand under it',
  ])
  done(pair.discourse.as('mod').remove(postWith(pair, 'an answer of Cyd')))
  await pair.run(10 * MINUTE)
  await takeBack(pair, { ids: creates.map(({ id }) => id) })
  assert.deepEqual(forumThreads(pair), [])
  assert.deepEqual(chatThreads(pair), [['a question of Ann', 'more of Ann']])
  await pair.run(60 * MINUTE)
  assert.deepEqual([forumThreads(pair), chatThreads(pair)], [[], [['a question of Ann', 'more of Ann']]])
  await takeBack(pair, { ids: [(await lastOf(pair, 'delete')).id] })
  assert.deepEqual(forumThreads(pair), [['Ann Lee: a question of Ann', 'Ann Lee: more of Ann']])
})

// Seen red: when whatever the plan names under it counts as gone, the topic takes the edited reply along.
test('undo: a topic stays with a reply that stays, and what was made with it; every other reply goes', async () => {
  const pair = await pairOf({ webhooks: true, chatConfig: { manager: true } })
  const first = pair.chat.as('101').post(SPACE, 'a question of Ann')
  for (const text of ['more of Ann', 'the last of Ann']) pair.chat.as('101').post(SPACE, text, { thread: first.name })
  await pair.sync()
  const reply = postWith(pair, 'more of Ann')
  const copy = pair.discourse.state().posts.get(reply)?.raw ?? ''
  done(pair.discourse.as('mod').edit(reply, reworded(copy, 'more, edited since')))
  await pair.run(5 * MINUTE)
  const creates = (await pair.store.journal({ limit: 1000, after: 0 })).filter(
    ({ action, side }) => action === 'create' && side === 'b',
  )
  const what = { ids: creates.map(({ id }) => id) }
  assert.deepEqual(reasons(await shown(pair, what)).toSorted(), [
    '1 more stand under it',
    'it was edited since',
    'the topic that it was made with stays',
  ])
  await takeBack(pair, what)
  assert.deepEqual(forumThreads(pair), [['Ann Lee: a question of Ann', 'Ann Lee: more, edited since']])
})

// Seen red: when what was gone already parts for good, it is copied again with the next edit.
test('undo: what a person takes back stays away too where somebody has deleted it just before', async () => {
  const pair = await pairOf({ webhooks: true, chatConfig: { manager: true } })
  pair.chat.as('101').post(SPACE, 'a question of Ann')
  await pair.sync()
  const creates = (await pair.store.journal({ limit: 1000, after: 0 })).filter(({ action }) => action === 'create')
  const [topic] = creates.filter(({ pair: of }) => of === 'thread-topic')
  const steps = await shown(pair, { ids: creates.map(({ id }) => id) })
  done(pair.discourse.as('mod').removeTopic(topicWith(pair, 'a question')))
  assert.deepEqual(
    (await carriedOut(pair, steps)).map(({ why }) => why),
    [null],
  )
  pair.chat.as('101').edit(messageWith(pair, 'a question of Ann'), 'a question, said again')
  await pair.run(60 * MINUTE)
  assert.deepEqual([forumThreads(pair), chatThreads(pair)], [[], [['a question, said again']]])
  const { journal } = await pair.store.explain({ ref: topic?.refs.b ?? '' })
  assert.ok(journal.some(({ action, undoes }) => action === 'sleep' && undoes === topic?.id))
})

// Seen red: when the new link was live, the copy was deleted again at once.
test('undo: a delete is taken back on both sides, each signed as before', async () => {
  const pair = await conversation()
  pair.chat.as('101').remove(messageWith(pair, 'more of Ann'))
  await pair.run(10 * MINUTE)
  assert.equal(forumThreads(pair)[0]?.length, 2)
  await takeBack(pair, { ids: [(await lastOf(pair, 'delete')).id] })
  assert.deepEqual(new Set(forumThreads(pair)[0]), new Set(WHOLE[0]))
  assert.ok(chatThreads(pair)[0]?.includes('Ann Lee: more of Ann'), JSON.stringify(chatThreads(pair)))
  await pair.run(60 * MINUTE)
  assert.equal(forumThreads(pair)[0]?.length, 3)
  assert.equal(chatThreads(pair)[0]?.length, 3)
})

// Seen red: when what went along was not asked for, the topic came back with its first post alone.
test('undo: a deleted topic comes back with all that stood in it', async () => {
  const pair = await conversation()
  pair.chat.as('101').remove(messageWith(pair, 'a question of Ann'), { force: true })
  await pair.run(10 * MINUTE)
  assert.deepEqual([forumThreads(pair), chatThreads(pair)], [[], []])
  const deletes = (await pair.store.journal({ limit: 1000, after: 0 })).filter(({ action }) => action === 'delete')
  await takeBack(pair, { ids: deletes.map(({ id }) => id) })
  await pair.run(30 * MINUTE)
  assert.deepEqual(forumThreads(pair), WHOLE)
  assert.equal(chatThreads(pair)[0]?.length, 3, JSON.stringify(chatThreads(pair)))
})

// Seen red: when an asleep link was refused, the note stayed in the place of the text.
test('undo: an emptied text is taken back, and what was deleted for it is made anew', async () => {
  const pair = await conversation({ flow: { kinds: { 'message-post': { on_delete: { chat: 'empty' } } } } })
  pair.chat.as('101').remove(messageWith(pair, 'more of Ann'))
  await pair.run(10 * MINUTE)
  const emptied = await lastOf(pair, 'empty')
  assert.equal(forumThreads(pair)[0]?.length, 3)
  assert.notEqual(forumThreads(pair)[0]?.[1], 'Ann Lee: more of Ann')
  await takeBack(pair, { ids: [emptied.id] })
  assert.deepEqual(forumThreads(pair), WHOLE)
  assert.ok(chatThreads(pair).flat().includes('Ann Lee: more of Ann'), JSON.stringify(chatThreads(pair)))
})

// Seen red: when containers were left out, the category kept the new name.
test('undo: the new name of a container is taken back on both sides', async () => {
  const pair = await conversation()
  pair.chat.as('100').rename(SPACE, 'Team of the North')
  await pair.run(60 * MINUTE)
  const renamed = await lastOf(pair, 'update')
  assert.equal(renamed.pair, 'space-category')
  await takeBack(pair, { ids: [renamed.id] })
  assert.equal(pair.chat.as('101').space(SPACE).displayName, 'Team')
  assert.equal(pair.discourse.state().categories.get(2)?.name, 'Team')
})

// Seen red: when the base was written back instead of what the losing side held, both texts were gone.
test('undo: a settled conflict is taken back: the value that lost stands on both sides', async () => {
  const pair = await conversation({ flow: { conflict: 'forum' } })
  const copy = messageWith(pair, 'an answer of Cyd')
  const signed = pair.chat.as('100').message(copy).formattedText ?? ''
  pair.chat.as('100').edit(copy, signed.replace('an answer of Cyd', 'as Chat has it'))
  done(pair.discourse.as('cyd').edit(postWith(pair, 'an answer of Cyd'), 'as the forum has it, long enough'))
  await pair.run(10 * MINUTE)
  assert.equal(chatThreads(pair)[0]?.[2], 'Cyd Fox: as the forum has it, long enough')
  await takeBack(pair, { ids: [(await lastOf(pair, 'update')).id] })
  assert.equal(forumThreads(pair)[0]?.[2], 'as Chat has it, long enough')
  assert.equal(chatThreads(pair)[0]?.[2], 'Cyd Fox: as Chat has it, long enough')
})

// Seen red: when the link was only put to sleep, it woke, and nothing was copied.
test('undo: two that were linked as the same are parted, and each gets its own copy', async () => {
  const pair = await pairOf({ webhooks: true, chatConfig: { manager: true } })
  pair.chat.as('101').post(SPACE, 'The same words on both sides')
  done(
    pair.discourse
      .as('cyd')
      .topic({ title: 'The same words on both sides', raw: 'The same words on both sides', category: 2 }),
  )
  await pair.sync()
  const links = (await pair.store.journal({ limit: 100, after: 0 })).filter(
    ({ action, pair: of }) => action === 'link' && of !== 'space-category',
  )
  assert.equal(links.length, 2)
  assert.equal(forumThreads(pair).length, 1)
  await takeBack(pair, { ids: links.map(({ id }) => id) })
  await pair.run(10 * MINUTE)
  assert.equal(forumThreads(pair).length, 2)
  assert.equal(chatThreads(pair).length, 2)
  const container = (await pair.store.journal({ limit: 100, after: 0 })).find(({ action }) => action === 'link')
  assert.match(reasons(await shown(pair, { ids: [container?.id ?? 0] }))[0] ?? '', /out of the configuration/)
})

// Seen red: when the plan did not pass the brake, all of them went.
test('undo: the brake holds an undo that deletes too many', async () => {
  const pair = await conversation({ flow: { brake: { deletes: { at_least: 2, share: 0.1 } } } })
  for (let index = 0; index < 5; index += 1) pair.chat.as('102').post(SPACE, `thread number ${index}`)
  await pair.run(10 * MINUTE)
  const creates = (await pair.store.journal({ limit: 1000, after: 0 })).filter(
    ({ action, pair: of, refs }) => action === 'create' && of === 'thread-topic' && refs.a !== null,
  )
  const steps = await shown(pair, { ids: creates.slice(1).map(({ id }) => id) })
  assert.equal(steps.filter(({ hold }) => hold !== null).length, 5)
})
