import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pairOf, SPACE, type Pair } from './pair.ts'
import type { Sorts } from './table.ts'
import { tablesOf } from './tables.ts'

const texts = (pair: Pair): string[] =>
  pair.chat
    .as('100')
    .messages(SPACE)
    .map((message) => message.formattedText ?? '')

/** `lag`: in seconds, by which reads of replies are late. */
const topicsAndReplies = (lag: number): Sorts => ({
  topic: { fields: { title: { type: 'text', required: true } } },
  reply: {
    fields: {
      topic: { type: 'ref', to: 'topic', required: true, written: 'on-create' },
      words: { type: 'text', required: true },
    },
    siblings: 'topic',
    lag,
  },
})

test('A topic whose webhook overtakes that of its first post travels as soon as the post is known', async () => {
  const pair = await pairOf()
  await pair.sync()
  const hint = (kind: string, ref: number): void =>
    void pair.store.receive({
      connection: 'forum',
      hints: [{ feed: 'site', kind, ref: String(ref), scope: '2' }],
      now: pair.time.now(),
    })
  const wake = (): void => pair.engine.wake()
  pair.time.after(1000, () => {
    const made = pair.discourse
      .as('cyd')
      .topic({ title: 'A topic with a title', raw: 'And with words in it, too.', category: 2 })
    if (!made.ok) throw new Error(made.errors.join())
    hint('topic', made.topicId)
    wake()
    pair.time.after(1000, () => {
      hint('post', made.postId)
      wake()
    })
  })
  await pair.run(3000)
  assert.equal(texts(pair).filter((text) => text.endsWith('And with words in it, too.')).length, 1)
})

test('A message that is deleted right after it was written goes at once, not after the time that reads may lag', async () => {
  const pair = await pairOf({ settings: { pollMs: 1000 } })
  await pair.sync()
  const first = pair.chat.as('101').post(SPACE, 'Hello')
  const slip = pair.chat.as('101').post(SPACE, 'a slip', { thread: first.name })
  await pair.run(2500)
  const living = (): string[] =>
    [...pair.discourse.state().posts.values()].filter((post) => post.deletedAt === null).map(({ raw }) => raw)
  assert.equal(living().filter((raw) => raw.endsWith('a slip')).length, 1)
  pair.chat.as('101').remove(slip.name)
  await pair.run(2500)
  assert.equal(living().filter((raw) => raw.endsWith('a slip')).length, 0)
})

test('A reply whose webhook overtakes that of the reply before it does not overtake it in the thread', async () => {
  const pair = await pairOf()
  const made = pair.discourse
    .as('cyd')
    .topic({ title: 'A topic with a title', raw: 'The first post of a topic.', category: 2 })
  if (!made.ok) throw new Error(made.errors.join())
  await pair.sync()
  pair.time.after(60_000, () => {
    const replies = ['This one comes first, of course.', 'And this one comes second.'].map((raw, index) =>
      pair.discourse.as(index === 0 ? 'cyd' : 'dan').reply(made.topicId, raw),
    )
    const last = replies.at(-1)
    if (last?.ok !== true) throw new Error(JSON.stringify(replies))
    void pair.store.receive({
      connection: 'forum',
      hints: [{ feed: 'site', kind: 'post', ref: String(last.postId), scope: '2' }],
      now: pair.time.now(),
    })
    pair.engine.wake()
  })
  await pair.run(90_000)
  const copied = texts(pair).map((text) => text.split(': ').at(-1))
  assert.deepEqual(copied, [
    'The first post of a topic.',
    'This one comes first, of course.',
    'And this one comes second.',
  ])
})

// Seen red: where a pull that shows neither of the two yet counts as one that shows both.
test('A reply whose webhook comes before a lagging feed shows the reply before it does not overtake it in the thread', async () => {
  const sorts = topicsAndReplies(20)
  const { a, b, time, store, engine, ...tables } = await tablesOf({ a: sorts, b: sorts })
  await tables.approve()
  const topic = a.add('topic', { title: 'a topic' })
  await tables.sync()
  time.after(30_000, () => {
    a.add('reply', { topic, words: 'comes first' })
    const ref = a.add('reply', { topic, words: 'comes second' })
    a.behind = 2
    const hints = [{ feed: 'all', kind: 'reply', ref, scope: 'shelf-1' }]
    void store.receive({ connection: 'a', hints, now: time.now() }).then(() => engine.hinted())
  })
  time.after(49_000, () => (a.behind = 0))
  await tables.run(52_000)
  assert.deepEqual(b.all('reply', 'words'), ['comes first', 'comes second'])
})

// Seen red: the last reply, whose own news come first, is copied before the others of its topic are known.
test('Replies that come with their topic from elsewhere stand in their order, however their feed tells them', async () => {
  const sorts = topicsAndReplies(0)
  const { a, b, ...tables } = await tablesOf({ a: sorts, b: sorts })
  await tables.approve()
  const topic = a.add('topic', { title: 'a topic' }, 'ann', undefined, 'shelf-2')
  const words = ['one', 'two', 'three', 'four']
  for (const each of words) a.add('reply', { topic, words: each }, 'ann', undefined, 'shelf-2')
  await tables.sync()
  a.set('topic', topic, { title: 'the topic' })
  await tables.run(120_000)
  a.add('reply', { topic, words: 'five' }, 'ann', undefined, 'shelf-2')
  a.move('topic', topic, 'shelf-1')
  a.most = 2
  await tables.run(120_000)
  assert.deepEqual(b.all('reply', 'words'), [...words, 'five'])
})

// Seen red: where what is planned later goes behind what was planned before and was not begun.
test('A reply that is found while later ones of its topic wait for their turn keeps its place before them', async () => {
  const sorts = topicsAndReplies(0)
  const { a, b, time, store, engine, ...tables } = await tablesOf({ a: sorts, b: sorts })
  await tables.approve()
  const topic = a.add('topic', { title: 'a topic' })
  await tables.sync()
  const words = Array.from({ length: 90 }, (_, n) => `reply ${n}`)
  const refs = words.map((each) => a.add('reply', { topic, words: each }))
  const found = refs[80] ?? ''
  a.hides = ({ ref }) => ref === found
  let made = 0
  b.refuses = () => {
    made += 1
    if (made !== 20) return null
    a.hides = () => false
    const hints = [{ feed: 'all', kind: 'reply', ref: found, scope: 'shelf-1' }]
    void store.receive({ connection: 'a', hints, now: time.now() }).then(() => engine.hinted())
    return null
  }
  await tables.run(120_000)
  assert.deepEqual(b.all('reply', 'words'), words)
})
