import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chatThreads, done, forumThreads, topics, topicWith, writes } from './views.ts'
import { pairOf, SPACE } from './pair.ts'

test('a first message as short as "ok" becomes a topic, and keeps its place before its reply', async () => {
  const pair = await pairOf()
  const first = pair.chat.as('101').post(SPACE, 'ok')
  pair.chat.as('102').post(SPACE, 'and now?', { thread: first.name })
  await pair.sync()
  assert.deepEqual(forumThreads(pair), [['Ann Lee: ok', 'Bob Ray: and now?']])
  assert.equal(topics(pair)[0]?.title.toLowerCase(), 'ok')
})

test('two honest identical messages stay two, in one thread and as two threads', async () => {
  const pair = await pairOf()
  const ann = pair.chat.as('101')
  const first = ann.post(SPACE, 'ok')
  ann.post(SPACE, 'ok', { thread: first.name })
  ann.post(SPACE, 'ok')
  await pair.sync()
  const ok = 'Ann Lee: ok'
  assert.deepEqual(forumThreads(pair), [[ok, ok], [ok]])
  await pair.run(600_000)
  assert.deepEqual(forumThreads(pair), [[ok, ok], [ok]])
  assert.equal(chatThreads(pair).flat().length, 3)
})

test('replies land in the right thread on both sides, in old threads too', async () => {
  const pair = await pairOf()
  const ann = pair.chat.as('101')
  const one = ann.post(SPACE, 'the first of all threads')
  const two = ann.post(SPACE, 'the second of all threads')
  await pair.sync()
  const first = topicWith(pair, 'the first of all')
  const second = topicWith(pair, 'the second of all')
  done(pair.discourse.as('cyd').reply(first, 'an answer from the forum to the first'))
  ann.post(SPACE, 'an answer in Chat to the second', { thread: two.name })
  await pair.run(180_000)
  await pair.time.run(pair.time.now() + 20 * 24 * 3600_000)
  ann.post(SPACE, 'much later, to the first', { thread: one.name })
  done(pair.discourse.as('dan').reply(second, 'much later, to the second one'))
  await pair.run(600_000)
  assert.deepEqual(chatThreads(pair), [
    ['the first of all threads', 'Cyd Fox: an answer from the forum to the first', 'much later, to the first'],
    ['the second of all threads', 'an answer in Chat to the second', 'Dan Poe: much later, to the second one'],
  ])
  assert.deepEqual(forumThreads(pair), [
    ['Ann Lee: the first of all threads', 'an answer from the forum to the first', 'Ann Lee: much later, to the first'],
    ['Ann Lee: the second of all threads', 'Ann Lee: an answer in Chat to the second', 'much later, to the second one'],
  ])
})

test('a topic born in Discourse becomes a thread that shows its title once', async () => {
  const pair = await pairOf()
  await pair.sync()
  const born = done(
    pair.discourse
      .as('cyd')
      .topic({ title: 'Where shall we eat today', raw: 'I would like soup, and you all?', category: 2 }),
  )
  await pair.run(180_000)
  done(pair.discourse.as('dan').reply(born.topicId, 'Soup is fine with me as well'))
  await pair.run(180_000)
  assert.deepEqual(chatThreads(pair), [
    ['*Where shall we eat today*\nCyd Fox: I would like soup, and you all?', 'Dan Poe: Soup is fine with me as well'],
  ])
  assert.equal(topics(pair).length, 1)
  assert.equal(writes(pair).length, 2)
})
