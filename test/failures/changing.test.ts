/** Changing: edits travel, whoever made them and whenever; our own writes coming back change nothing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pairOf, SPACE, type Pair, type PairOptions } from '../engine/pair.ts'
import { chatThreads, done, forumThreads, messageWith, postWith, topicWith, writes } from '../engine/views.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

async function inStep(options: PairOptions = {}): Promise<Pair> {
  const pair = await pairOf({ webhooks: true, ...options })
  pair.chat.as('101').post(SPACE, 'a question of Ann')
  await pair.sync()
  done(pair.discourse.as('cyd').reply(topicWith(pair, 'a question'), 'an answer of Cyd, long enough'))
  await pair.run(5 * MINUTE)
  return pair
}

// Red when: a link's base is saved as what was sent instead of what the system answered, or changes are told by time.
test('F7 our own write that comes back hours later changes nothing', async () => {
  const pair = await inStep({ discourse: { webhookDelay: [2 * HOUR, 3 * HOUR] } })
  pair.chat.as('101').edit(messageWith(pair, 'a question of Ann'), 'a question of Ann, reworded')
  await pair.run(10 * MINUTE)
  const before = writes(pair).length
  await pair.run(5 * HOUR)
  assert.ok(pair.post.delivered.length >= 3)
  assert.equal(writes(pair).length, before)
  assert.equal(chatThreads(pair)[0]?.[0], 'a question of Ann, reworded')
})

// Red when: accept() drops what is seen within some seconds of our own write instead of reading it again.
test('F8 an edit one second after our own write is not taken for an echo', async () => {
  const pair = await inStep()
  pair.chat.as('101').post(SPACE, 'more of Ann', { thread: messageWith(pair, 'a question of Ann') })
  const stop = pair.run(10 * MINUTE)
  let edited = false
  const watch = (): void => {
    if (forumThreads(pair)[0]?.includes('Ann Lee: more of Ann') === true && !edited) {
      edited = true
      pair.chat.as('101').edit(messageWith(pair, 'more of Ann'), 'more of Ann, corrected at once')
      done(pair.discourse.as('cyd').edit(postWith(pair, 'an answer of Cyd'), 'an answer edited at the same time'))
    }
    if (!edited) pair.time.after(1000, watch)
  }
  watch()
  await stop
  assert.ok(edited)
  assert.deepEqual(forumThreads(pair)[0], [
    'Ann Lee: a question of Ann',
    'an answer edited at the same time',
    'Ann Lee: more of Ann, corrected at once',
  ])
  assert.equal(chatThreads(pair)[0]?.[1], 'Cyd Fox: an answer edited at the same time')
})

// Red when: decideLens writes the source wherever the two sides differ, without asking which side changed.
test('F9 an older source, read again, never overwrites a newer edit at its destination', async () => {
  const pair = await inStep({ settings: { auditMs: 10 * MINUTE } })
  done(pair.discourse.as('cyd').edit(postWith(pair, 'an answer of Cyd'), 'a newer answer of Cyd, long enough'))
  await pair.run(HOUR)
  assert.equal(forumThreads(pair)[0]?.[1], 'a newer answer of Cyd, long enough')
  assert.equal(chatThreads(pair)[0]?.[1], 'Cyd Fox: a newer answer of Cyd, long enough')
  for (const { delivery } of pair.post.delivered.slice()) await pair.post.deliver(delivery)
  await pair.run(HOUR)
  assert.equal(chatThreads(pair)[0]?.[1], 'Cyd Fox: a newer answer of Cyd, long enough')
})

// Red when: decide() answers NOTHING for whatever has a live link.
test('F10 what is linked already still takes edits, again and again', async () => {
  const pair = await inStep()
  let known = 'a question of Ann'
  for (const text of ['a second question', 'a third question', 'a fourth question']) {
    pair.chat.as('101').edit(messageWith(pair, known), text)
    known = text
    await pair.run(5 * MINUTE)
    assert.equal(forumThreads(pair)[0]?.[0], `Ann Lee: ${text}`)
  }
})

// Red when: the base of the written side is what was sent, and Discourse trims it: the same patch every minute.
test('F16 texts that a system changes as it stores them are written once', async () => {
  const pair = await inStep()
  const ann = pair.chat.as('101')
  ann.post(SPACE, 'ends in blanks   \n\n')
  ann.post(SPACE, 'non\u00a0breaking\u00a0spaces and\ttabs')
  ann.post(SPACE, '   begins with blanks')
  ann.post(SPACE, 'lines\r\nas on\rmany systems')
  ann.post(SPACE, '👩‍👩‍👧 e\u0301 ﷽ 𝒳')
  ann.post(SPACE, '*bold* _italic_ ~struck~ `code` <b>no tag</b> &amp; @all :smile:')
  await pair.run(10 * MINUTE)
  const before = writes(pair).length
  await pair.run(3 * HOUR)
  assert.equal(writes(pair).length, before)
  assert.equal(forumThreads(pair).length, 7)
})

// Red when: decideNew is given the topic's title only, and the first message is left to Discourse's length rules.
test('F43 a first message too short for Discourse begins its topic, and the next one stays a reply', async () => {
  const pair = await pairOf()
  const first = pair.chat.as('101').post(SPACE, 'k')
  pair.chat.as('102').post(SPACE, 'Could you say that in a few more words please?', { thread: first.name })
  await pair.run(5 * MINUTE)
  assert.deepEqual(forumThreads(pair), [['Ann Lee: k', 'Bob Ray: Could you say that in a few more words please?']])
})

// Red when: the reference lens of message-post resolves no parent and the create falls back to a new thread.
test('F44 replies join their thread and never start one', async () => {
  const pair = await inStep()
  const topic = topicWith(pair, 'a question')
  for (const text of ['one more answer from Dan Poe', 'yet another answer by Dan Poe']) {
    done(pair.discourse.as('dan').reply(topic, text))
    pair.chat.as('102').post(SPACE, `before: ${text}`, { thread: messageWith(pair, 'a question of Ann') })
    await pair.run(5 * MINUTE)
  }
  assert.equal(chatThreads(pair).length, 1)
  assert.equal(forumThreads(pair).length, 1)
  assert.equal(chatThreads(pair)[0]?.length, 6)
})

// Red when: findPost ignores `created_at` and takes the first post of the same text for the new one.
test('F45 "ok" twice by one person is two, from both sides, also after a lost answer', async () => {
  let lost = 0
  const pair = await pairOf({
    webhooks: true,
    fault: (request) => {
      if (request.method !== 'POST' || !request.body.toString().includes('ok') || lost >= 2) return null
      lost += 1
      return { kind: 'lose-response' }
    },
  })
  const first = pair.chat.as('101').post(SPACE, 'a question of Ann')
  for (let i = 0; i < 3; i += 1) {
    await pair.time.run(pair.time.now() + 1000)
    pair.chat.as('102').post(SPACE, 'ok', { thread: first.name })
  }
  await pair.run(10 * MINUTE)
  assert.equal(lost, 2)
  assert.deepEqual(forumThreads(pair), [['Ann Lee: a question of Ann', 'Bob Ray: ok', 'Bob Ray: ok', 'Bob Ray: ok']])
  assert.equal(chatThreads(pair).flat().length, 4)
})
