/** Changing: edits travel, whoever made them and whenever; our own writes coming back change nothing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pairOf, SPACE, type Pair, type PairOptions } from '../engine/pair.ts'
import { chatThreads, done, forumThreads, messageWith, postWith, reworded, topicWith, writes } from '../engine/views.ts'

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

// Red when: performUpdate stores nothing of the answer, so that what was there before looks like an edit.
test('F7 our own write that comes back hours later changes nothing', async () => {
  const pair = await inStep({ discourse: { webhookDelay: [2 * HOUR, 3 * HOUR] } })
  pair.chat.as('101').edit(messageWith(pair, 'a question of Ann'), 'a question of Ann, reworded')
  done(pair.discourse.as('cyd').edit(postWith(pair, 'an answer of Cyd'), 'a better answer of Cyd, longer'))
  await pair.run(10 * MINUTE)
  const before = writes(pair).length
  await pair.run(5 * HOUR)
  assert.ok(pair.post.delivered.length >= 3)
  assert.equal(forumThreads(pair)[0]?.[1], 'a better answer of Cyd, longer')
  assert.equal(writes(pair).length, before)
  assert.equal(chatThreads(pair)[0]?.[0], 'a question of Ann, reworded')
})

// Red when: accept() takes what is seen within ten minutes after our own write for its echo.
test('F8 an edit one second after our own write is not taken for an echo', async () => {
  const pair = await inStep({ settings: { auditMs: 100 * HOUR } })
  pair.chat.as('100').post(SPACE, 'a word of the bot’s owner')
  let edited = false
  const watch = (): void => {
    const copy = [...pair.discourse.state().posts.values()].find(({ raw }) => raw.includes('a word of the'))
    if (copy === undefined) return void pair.time.after(100, watch)
    pair.time.after(1000, () => {
      done(pair.discourse.as('mod').edit(copy.id, reworded(copy.raw, 'a word of Mo, one second later')))
      edited = true
    })
  }
  watch()
  await pair.run(10 * MINUTE)
  assert.ok(edited)
  assert.deepEqual(chatThreads(pair)[1], ['a word of Mo, one second later'])
})

// Red when: decideLens carries side a's value wherever one side has changed.
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

// Red when: plain() in signed.ts leaves texts as they are, and linkOf() takes what was sent for what was stored.
test('F16 texts that a system changes as it stores them are written once', async () => {
  const pair = await inStep()
  const start = writes(pair).length
  const owner = pair.chat.as('100') // whose messages the engine may edit
  owner.post(SPACE, 'ends in blanks   \n\n')
  owner.post(SPACE, 'non\u00a0breaking\u00a0spaces and\ttabs')
  owner.post(SPACE, '   begins with blanks')
  owner.post(SPACE, 'lines\r\nas on\rmany systems')
  owner.post(SPACE, '👩‍👩‍👧 e\u0301 ﷽ 𝒳')
  owner.post(SPACE, '*bold* _italic_ ~struck~ `code` <b>no tag</b> &amp; @all :smile:')
  await pair.run(10 * MINUTE)
  const before = writes(pair).length
  assert.equal(before, start + 6, 'one write each')
  await pair.run(3 * HOUR)
  assert.equal(writes(pair).length, before)
  assert.equal(forumThreads(pair).length, 7)
  assert.deepEqual(await pair.store.divergences(undefined), [])
})

// Red when: createTopic leaves `skip_validations` out.
test('F43 a first message too short for Discourse begins its topic, and the next one stays a reply', async () => {
  const pair = await pairOf()
  const first = pair.chat.as('101').post(SPACE, 'k')
  pair.chat.as('102').post(SPACE, 'Could you say that in a few more words please?', { thread: first.name })
  await pair.run(5 * MINUTE)
  assert.deepEqual(forumThreads(pair), [['Ann Lee: k', 'Bob Ray: Could you say that in a few more words please?']])
})

// Red when: the Chat connector posts a reply without its thread.
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
      if (request.method !== 'POST' || !request.body.toString().includes('\\n\\nok"') || lost >= 2) return null
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

// Red when: decideLens() does not ask whether a side differs from its own base.
test('F59 a mapping that is changed makes no item look edited, and edits travel by the new one', async () => {
  const flow: Record<string, unknown> = {}
  const pair = await pairOf({ flow, webhooks: true })
  for (let i = 0; i < 12; i += 1) pair.chat.as('101').post(SPACE, `thread number ${i} of Ann`)
  await pair.sync()
  const [before, forum] = [writes(pair).length, forumThreads(pair)]
  // Names no author any more: of each linked text the two sides differ by this mapping.
  flow['kinds'] = { 'message-post': { fields: { text: { a: 'text', b: 'raw', as: 'value' } } } }
  await pair.restart()
  const [team] = pair.engine.world.model.flows
  assert.ok(team)
  const planned = { flow: 'team', scopes: { a: SPACE, b: '2' }, pairs: team.specs, now: pair.time.now() }
  assert.ok((await pair.store.replan(planned)) >= 24, 'everything is planned anew')
  await pair.run(10 * MINUTE)
  assert.equal(writes(pair).length, before)
  assert.deepEqual(forumThreads(pair), forum)
  pair.chat.as('101').edit(messageWith(pair, 'thread number 7'), 'thread number 7, edited by Ann')
  await pair.run(10 * MINUTE)
  assert.equal(writes(pair).length, before + 1)
  assert.ok(forumThreads(pair).flat().includes('thread number 7, edited by Ann'))
})
