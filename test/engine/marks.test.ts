/** What may not be written on the other side is marked where it stands: in our own copy, beside its author's name. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goOn, type Pair, pairOf, type PairOptions, SPACE } from './pair.ts'
import { chatThreads, done, messageWith, postWith, rawWith, reworded, topicWith, writes } from './views.ts'

const MINUTE = 60_000
const OWN = '**Ann Lee** in Google Chat:\n\n'
const MARKED = '**Ann Lee** in Google Chat · edited here, not there:\n\n'

/** A thread of Ann's in step, where Discourse's edits of her messages are marked there. */
async function conversation(options: PairOptions = {}): Promise<Pair> {
  const pair = await pairOf({ webhooks: true, ...options, flow: { on_refused: 'mark', ...options.flow } })
  const first = pair.chat.as('101').post(SPACE, 'a question of Ann')
  pair.chat.as('101').post(SPACE, 'more of Ann', { thread: first.name })
  await pair.sync()
  return pair
}

function editInForum(pair: Pair, known: string, text: string): void {
  done(pair.discourse.as('mod').edit(postWith(pair, known), reworded(rawWith(pair, known), text)))
}

const thread = (pair: Pair): readonly string[] => chatThreads(pair)[0] ?? []
const deeds = async (pair: Pair): Promise<readonly string[]> =>
  (await pair.store.journal({ limit: 1000, after: 0 })).map(({ action }) => action)

test('an edit that Chat refuses is marked in Discourse by one call, and nothing comes of the mark', async () => {
  const pair = await conversation()
  const before = writes(pair).length
  editInForum(pair, 'more of Ann', 'more, as the forum has it')
  await pair.run(90 * MINUTE)
  assert.equal(rawWith(pair, 'as the forum has it'), `${MARKED}more, as the forum has it`)
  assert.deepEqual(thread(pair), ['a question of Ann', 'more of Ann'])
  assert.deepEqual(writes(pair).slice(before), ['forum PUT /posts/N.json'])
  assert.equal((await pair.store.divergences(undefined)).length, 1)
  const flow = (await pair.store.status(undefined)).flows[0]
  assert.deepEqual({ due: flow?.due, held: flow?.held, conflicts: flow?.conflicts }, { due: 0, held: 0, conflicts: 0 })
})

test('a further edit keeps the mark, and one that takes the line away has none', async () => {
  const pair = await conversation()
  editInForum(pair, 'more of Ann', 'more, as the forum has it')
  await pair.run(10 * MINUTE)
  const before = writes(pair).length
  editInForum(pair, 'as the forum has it', 'and once more')
  await pair.run(10 * MINUTE)
  assert.equal(rawWith(pair, 'and once more'), `${MARKED}and once more`)
  done(pair.discourse.as('mod').edit(postWith(pair, 'and once more'), 'nobody says whose this is'))
  await pair.run(10 * MINUTE)
  assert.equal(rawWith(pair, 'nobody says'), 'nobody says whose this is')
  assert.deepEqual(writes(pair).slice(before), [])
})

test('once the two agree again the mark goes', async () => {
  const pair = await conversation()
  editInForum(pair, 'more of Ann', 'more, as the forum has it')
  await pair.run(10 * MINUTE)
  pair.chat.as('101').edit(messageWith(pair, 'more of Ann'), 'more, as the forum has it')
  await pair.run(10 * MINUTE)
  assert.equal(rawWith(pair, 'as the forum has it'), `${OWN}more, as the forum has it`)
  assert.deepEqual(await pair.store.divergences(undefined), [])
  assert.deepEqual((await deeds(pair)).slice(-2), ['mark', 'mark'])
  pair.chat.as('101').remove(messageWith(pair, 'as the forum has it'))
  await pair.run(10 * MINUTE)
  assert.equal(pair.discourse.state().posts.get(3)?.raw.includes('as the forum'), true)
  assert.deepEqual(chatThreads(pair), [['a question of Ann']])
  assert.throws(() => postWith(pair, 'as the forum has it'))
})

test('a copy that outlives its original is made anew there, and is marked no longer', async () => {
  const pair = await conversation()
  editInForum(pair, 'more of Ann', 'more, as the forum has it')
  await pair.run(10 * MINUTE)
  pair.chat.as('101').remove(messageWith(pair, 'more of Ann'))
  await pair.run(10 * MINUTE)
  assert.deepEqual(thread(pair), ['a question of Ann', 'Ann Lee: more, as the forum has it'])
  assert.equal(rawWith(pair, 'as the forum has it'), `${OWN}more, as the forum has it`)
})

test('without the option nothing is marked', async () => {
  const pair = await conversation({ flow: { on_refused: 'declare' } })
  editInForum(pair, 'more of Ann', 'more, as the forum has it')
  await pair.run(10 * MINUTE)
  assert.equal(rawWith(pair, 'as the forum has it'), `${OWN}more, as the forum has it`)
})

test('a delete that Chat refuses is declared, and nothing is written', async () => {
  const pair = await conversation()
  const before = writes(pair).length
  done(pair.discourse.as('mod').remove(postWith(pair, 'more of Ann')))
  await pair.run(30 * MINUTE)
  assert.deepEqual(writes(pair).slice(before), [])
  assert.equal((await pair.store.divergences(undefined)).length, 1)
})

/** The other way round: our user in Discourse is nobody there, and Cyd's answer was edited in Chat. */
test('an edit that Discourse refuses is marked in Chat', async () => {
  const pair = await conversation({
    discourse: {
      users: [
        { username: 'sync_bot', trustLevel: 1, createdAt: 0 },
        { username: 'cyd', name: 'Cyd Fox', trustLevel: 4, createdAt: 0 },
      ],
    },
  })
  done(pair.discourse.as('cyd').reply(topicWith(pair, 'a question'), 'an answer of Cyd, long enough'))
  await pair.run(5 * MINUTE)
  const copy = messageWith(pair, 'an answer of Cyd')
  const text = (): string => pair.chat.as('100').message(copy).formattedText ?? ''
  pair.chat.as('100').edit(copy, text().replace('an answer of Cyd', 'an answer in Chat'))
  await pair.run(10 * MINUTE)
  assert.equal(text(), '*Cyd Fox* · edited here, not in Discourse: an answer in Chat, long enough')
})

/** Every moment at which the process can die while a mark is put and taken; each is tried in turn. */
test('a crash at any moment leaves one mark while the two differ, and none afterwards', async () => {
  let moments = 0
  for (let at = 0; ; at += 1) {
    let count = -1
    const pair = await conversation({
      crash: (point) => {
        const tells =
          'verb' in point ? ['begin', 'finish', 'settle', 'fail'].includes(point.verb) : point.method !== 'GET'
        return count >= 0 && tells && count++ === at
      },
    })
    count = 0
    editInForum(pair, 'more of Ann', 'more, as the forum has it')
    await goOn(pair)
    assert.equal(rawWith(pair, 'as the forum has it'), `${MARKED}more, as the forum has it`, `${at}`)
    pair.chat.as('101').edit(messageWith(pair, 'more of Ann'), 'more, as the forum has it')
    await goOn(pair)
    assert.equal(rawWith(pair, 'as the forum has it'), `${OWN}more, as the forum has it`, `${at}`)
    assert.deepEqual(thread(pair), ['a question of Ann', 'more, as the forum has it'], `${at}`)
    assert.deepEqual(await pair.store.divergences(undefined), [], `${at}`)
    moments = at
    if (count <= at) break
  }
  assert.ok(moments > 12, `${moments} moments`)
})
