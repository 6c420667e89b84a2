/** What may not be written on a side is told there: one correcting reply for each item, the engine's own. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goOn, type Pair, pairOf, type PairOptions, SPACE } from './pair.ts'
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
const TOLD = '*Ann Lee* wrote “more of Ann”. In Discourse this was edited and now reads:\n'

/** A thread of Ann's in step, where Discourse's edits of her messages are told in Chat. */
async function conversation(options: PairOptions = {}): Promise<Pair> {
  const pair = await pairOf({ webhooks: true, ...options, flow: { on_refused: 'reply', ...options.flow } })
  const first = pair.chat.as('101').post(SPACE, 'a question of Ann')
  pair.chat.as('101').post(SPACE, 'more of Ann', { thread: first.name })
  for (const text of ['one', 'two', 'three']) pair.chat.as('102').post(SPACE, `thread ${text}`)
  await pair.sync()
  return pair
}

function editInForum(pair: Pair, known: string, text: string): void {
  done(pair.discourse.as('mod').edit(postWith(pair, known), reworded(rawWith(pair, known), text)))
}

const thread = (pair: Pair): readonly string[] => chatThreads(pair)[0] ?? []

test('an edit that Chat refuses is told there in the same thread, once, and comes back nowhere', async () => {
  const pair = await conversation()
  editInForum(pair, 'more of Ann', 'more, as the forum has it')
  await pair.run(10 * MINUTE)
  assert.deepEqual(thread(pair), ['a question of Ann', 'more of Ann', `${TOLD}more, as the forum has it`])
  const before = writes(pair).length
  await pair.run(60 * MINUTE)
  assert.equal(writes(pair).length, before)
  assert.deepEqual(forumThreads(pair)[0], ['Ann Lee: a question of Ann', 'Ann Lee: more, as the forum has it'])
  assert.equal((await pair.store.divergences(undefined)).length, 1)
  const flow = (await pair.store.status(undefined)).flows[0]
  assert.deepEqual({ due: flow?.due, links: flow?.links }, { due: 0, links: 10 })
})

test('a further edit rewrites the same correction', async () => {
  const pair = await conversation()
  editInForum(pair, 'more of Ann', 'more, as the forum has it')
  await pair.run(10 * MINUTE)
  editInForum(pair, 'as the forum has it', 'and once more')
  await pair.run(10 * MINUTE)
  assert.deepEqual(thread(pair), ['a question of Ann', 'more of Ann', `${TOLD}and once more`])
})

test('once the two agree again the correction goes', async () => {
  const pair = await conversation()
  editInForum(pair, 'more of Ann', 'more, as the forum has it')
  await pair.run(10 * MINUTE)
  pair.chat.as('101').edit(messageWith(pair, 'more of Ann'), 'more, as the forum has it')
  await pair.run(10 * MINUTE)
  assert.deepEqual(thread(pair), ['a question of Ann', 'more, as the forum has it'])
  assert.deepEqual(forumThreads(pair)[0], ['Ann Lee: a question of Ann', 'Ann Lee: more, as the forum has it'])
  assert.deepEqual(await pair.store.divergences(undefined), [])
})

test('a correction that somebody deleted stays away until there is something else to tell', async () => {
  const pair = await conversation()
  editInForum(pair, 'more of Ann', 'more, as the forum has it')
  await pair.run(10 * MINUTE)
  pair.chat.as('100').remove(messageWith(pair, 'In Discourse this was'))
  await pair.run(60 * MINUTE)
  assert.deepEqual(thread(pair), ['a question of Ann', 'more of Ann'])
  editInForum(pair, 'as the forum has it', 'and once more')
  await pair.run(10 * MINUTE)
  assert.deepEqual(thread(pair), ['a question of Ann', 'more of Ann', `${TOLD}and once more`])
})

test('a delete that Chat refuses is told there, and the telling goes when the message does', async () => {
  const pair = await conversation()
  done(pair.discourse.as('mod').remove(postWith(pair, 'more of Ann')))
  await pair.run(10 * MINUTE)
  const told = '*Ann Lee* wrote “more of Ann”. In Discourse this was deleted.'
  assert.deepEqual(thread(pair), ['a question of Ann', 'more of Ann', told])
  pair.chat.as('101').remove(messageWith(pair, 'more of Ann'))
  await pair.run(10 * MINUTE)
  assert.deepEqual(thread(pair), ['a question of Ann'])
})

test('a topic deleted as a whole is not told message by message', async () => {
  const pair = await conversation()
  done(pair.discourse.as('mod').removeTopic(topicWith(pair, 'a question of Ann')))
  await pair.run(30 * MINUTE)
  assert.deepEqual(thread(pair), ['a question of Ann', 'more of Ann'])
})

test('without the option nothing is told', async () => {
  const pair = await conversation({ flow: { on_refused: 'declare' } })
  editInForum(pair, 'more of Ann', 'more, as the forum has it')
  await pair.run(10 * MINUTE)
  assert.deepEqual(thread(pair), ['a question of Ann', 'more of Ann'])
})

/** Every moment at which the process can die while a correction is made, rewritten and removed; each is tried in turn. */
test('a crash at any moment makes no second correction, and none that stays', async () => {
  let moments = 0
  for (let at = 0; ; at += 1) {
    let count = -1
    const pair = await conversation({
      crash: (point) => {
        const tells = 'verb' in point ? ['begin', 'finish', 'fail'].includes(point.verb) : point.method !== 'GET'
        return count >= 0 && tells && count++ === at
      },
    })
    count = 0
    editInForum(pair, 'more of Ann', 'more, as the forum has it')
    await goOn(pair)
    assert.deepEqual(thread(pair), ['a question of Ann', 'more of Ann', `${TOLD}more, as the forum has it`], `${at}`)
    editInForum(pair, 'as the forum has it', 'and once more')
    await goOn(pair)
    assert.deepEqual(thread(pair), ['a question of Ann', 'more of Ann', `${TOLD}and once more`], `${at}`)
    pair.chat.as('101').edit(messageWith(pair, 'more of Ann'), 'and once more')
    await goOn(pair)
    assert.deepEqual(thread(pair), ['a question of Ann', 'and once more'], `${at}`)
    assert.equal(forumThreads(pair)[0]?.length, 2)
    moments = at
    if (count <= at) break
  }
  assert.ok(moments > 12, `${moments} moments`)
})

test('a lost store knows its corrections again, and what they tell', async () => {
  const pair = await conversation()
  editInForum(pair, 'more of Ann', 'more, as the forum has it')
  await pair.run(10 * MINUTE)
  await pair.loseStore()
  await pair.run(10 * MINUTE)
  assert.deepEqual(thread(pair), ['a question of Ann', 'more of Ann', `${TOLD}more, as the forum has it`])
  assert.deepEqual(forumThreads(pair)[0], ['Ann Lee: a question of Ann', 'Ann Lee: more, as the forum has it'])
  editInForum(pair, 'as the forum has it', 'and once more')
  await pair.run(10 * MINUTE)
  assert.deepEqual(thread(pair), ['a question of Ann', 'more of Ann', `${TOLD}and once more`])
})

/** The other way round: our user in Discourse is nobody there, and Cyd's answer was edited in Chat. */
async function refusedInForum(): Promise<Pair> {
  const pair = await pairOf({
    flow: { kinds: { 'message-post': { on_refused: { forum: 'reply' } } } },
    discourse: {
      users: [
        { username: 'sync_bot', trustLevel: 1, createdAt: 0 },
        { username: 'cyd', name: 'Cyd Fox', trustLevel: 4, createdAt: 0 },
      ],
    },
  })
  pair.chat.as('101').post(SPACE, 'a question of Ann')
  await pair.sync()
  done(pair.discourse.as('cyd').reply(topicWith(pair, 'a question'), 'an answer of Cyd, long enough'))
  await pair.run(5 * MINUTE)
  const copy = messageWith(pair, 'an answer of Cyd')
  const signed = pair.chat.as('100').message(copy).formattedText ?? ''
  pair.chat.as('100').edit(copy, signed.replace('an answer of Cyd', 'an answer in Chat'))
  await pair.run(10 * MINUTE)
  return pair
}

test('an edit that Discourse refuses is told there, and a lost store knows it by its first words', async () => {
  const pair = await refusedInForum()
  // As the view shows it: what stands before the text is the line that says whose it is.
  const all = ['Ann Lee: a question of Ann', 'an answer of Cyd, long enough', 'Cyd Fox: an answer in Chat, long enough']
  assert.deepEqual(forumThreads(pair), [all])
  assert.match(
    rawWith(pair, 'now reads'),
    /^\*\*Cyd Fox\*\* wrote “an answer of Cyd, long enough”\. In Google Chat this was/,
  )
  await pair.loseStore()
  await pair.run(10 * MINUTE)
  assert.deepEqual(forumThreads(pair), [all])
  assert.deepEqual(chatThreads(pair), [['a question of Ann', 'Cyd Fox: an answer in Chat, long enough']])
})
