/** Queueing and operating, as far as the engine is concerned; the listener has tests of its own. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { connectors } from '../../src/connectors/index.ts'
import { pairOf, SPACE } from '../engine/pair.ts'
import { chatThreads, done, forumThreads, postWith, topicWith, writes } from '../engine/views.ts'

const MINUTE = 60_000

// Red when: receive() keeps no hint of a post.
test('F35 a webhook is answered only once it is committed, and after a crash it is still looked at', async () => {
  let dying = false
  const pair = await pairOf({
    webhooks: true,
    settings: { pollMs: 10 * 60 * MINUTE, auditMs: 100 * 60 * MINUTE },
    crash: (point) => dying && point.at === 'committed' && point.verb === 'receive',
  })
  pair.chat.as('101').post(SPACE, 'a question of Ann')
  await pair.sync()
  dying = true
  done(pair.discourse.as('cyd').reply(topicWith(pair, 'a question'), 'an answer of Cyd, long enough'))
  const answered = pair.post.delivered.length
  await pair.run(MINUTE)
  assert.equal(pair.alive, false)
  assert.equal(pair.post.delivered.length, answered, 'nobody was answered')
  dying = false
  await pair.restart()
  assert.ok((await pair.store.status(undefined)).inbox > 0)
  await pair.run(MINUTE)
  assert.deepEqual(chatThreads(pair), [['a question of Ann', 'Cyd Fox: an answer of Cyd, long enough']])
})

// Red when: receive() drops hints until the flow has been in step.
test('F36 webhooks that arrive before and during a long first sync are not lost', async () => {
  const pair = await pairOf({ webhooks: true, settings: { pollMs: 24 * 60 * MINUTE, auditMs: 100 * 60 * MINUTE } })
  for (let i = 0; i < 120; i += 1) pair.chat.as('101').post(SPACE, `thread ${i}`)
  const early = done(
    pair.discourse
      .as('cyd')
      .topic({ title: 'Before the engine began', raw: 'A text of Cyd, long enough', category: 2 }),
  )
  await pair.time.run(pair.time.now() + 5000)
  assert.ok(pair.post.delivered.length > 0)
  pair.time.after(MINUTE, () => done(pair.discourse.as('dan').reply(early.topicId, 'During the first sync, by Dan')))
  pair.time.after(2 * MINUTE, () =>
    done(pair.discourse.as('cyd').edit(early.postId, 'A text of Cyd, edited meanwhile')),
  )
  await pair.run(20 * MINUTE)
  assert.equal(forumThreads(pair).length, 121)
  const copied = chatThreads(pair).find((texts) => texts.some((text) => text.includes('by Dan')))
  assert.deepEqual(copied?.length, 2)
  assert.ok(copied?.[0]?.endsWith('A text of Cyd, edited meanwhile'))
})

// Red when: act() says "wrote" before the call has come back.
test('F48 where every write fails nothing is called a success, and status says what fails', async () => {
  for (const status of [404, 500, 403]) {
    const pair = await pairOf({
      fault: ({ method, path }) =>
        method === 'POST' && path !== '/token' ? { kind: 'answer-before', status, body: '{"errors":["no"]}' } : null,
    })
    for (let i = 0; i < 10; i += 1) pair.chat.as('101').post(SPACE, `thread ${i}`)
    await pair.run(30 * MINUTE)
    assert.deepEqual(
      pair.events.filter(({ is }) => is === 'wrote'),
      [],
    )
    assert.deepEqual(writes(pair), [])
    const [flow] = (await pair.store.status(undefined)).flows
    assert.equal(flow?.writes, 0)
    assert.equal(flow?.links, 1)
    assert.ok((flow?.failing ?? 0) + (flow?.held ?? 0) + (flow?.open ?? 0) > 0, `nothing said about ${status}`)
    assert.ok(pair.events.some(({ is }) => is === 'trouble' || is === 'held'))
  }
})

// Red when: verify() leaves the prefix on.
test('F51 a signature as Discourse sends it is accepted, any other refused', () => {
  const webhook = connectors.get('discourse')?.webhook
  assert.ok(webhook)
  const body = Buffer.from('{"post":{"id":1}} ')
  const secret = 'a-secret-of-webhooks'
  const digest = createHmac('sha256', secret).update(body).digest('hex')
  const signed = (signature: string) => ({ headers: { 'x-discourse-event-signature': signature }, body })
  assert.equal(webhook.verify(signed(`sha256=${digest}`), secret), true)
  assert.equal(webhook.verify(signed(digest), secret), false)
  assert.equal(webhook.verify(signed(`sha256=${digest.slice(1)}`), secret), false)
  assert.equal(webhook.verify(signed(''), secret), false)
  assert.equal(webhook.verify({ headers: {}, body }, secret), false)
  assert.equal(webhook.verify(signed(`sha256=${digest}`), 'another-secret-of-it'), false)
  const trimmed = { ...signed(`sha256=${digest}`), body: Buffer.from(body.toString().trim()) }
  assert.equal(webhook.verify(trimmed, secret), false)
})

// Red when: an error of the HTTP client shows the headers of its request.
test('F52 no secret stands in what is said or stored', async () => {
  let calls = 0
  const pair = await pairOf({
    webhooks: true,
    fault: () => {
      calls += 1
      if (calls % 5 === 0) return { kind: 'answer-before', status: 401, body: '{"error":"invalid_grant"}' }
      return calls % 7 === 0 ? { kind: 'lose-response' } : null
    },
  })
  pair.chat.as('101').post(SPACE, 'a question of Ann')
  await pair.run(30 * MINUTE)
  const said = JSON.stringify([
    pair.events,
    await pair.store.status(undefined),
    await pair.store.heldList({ flow: null }),
    await pair.store.journal({ limit: 1000, after: 0 }),
  ])
  for (const secret of ['api-key', '"refresh"', 'a-secret-of-webhooks', 'Bearer ', 'client_secret'])
    assert.ok(!said.includes(secret), secret)
})

// Red when: `carries` says yes to every direction.
test('F53 on a one-way flow nothing of the far end is imported, changed or deleted at the source', async () => {
  const pair = await pairOf({ webhooks: true, flow: { direction: 'a->b' }, chatConfig: { manager: true } })
  pair.chat.as('101').post(SPACE, 'a question of Ann')
  pair.chat.as('101').post(SPACE, 'another thread of Ann')
  await pair.sync()
  done(
    pair.discourse.as('cyd').topic({ title: 'Something of the forum', raw: 'A text of Cyd, long enough', category: 2 }),
  )
  done(pair.discourse.as('dan').reply(topicWith(pair, 'a question'), 'an answer of Dan, long enough'))
  done(pair.discourse.as('mod').edit(postWith(pair, 'a question'), 'changed at the far end by Mo'))
  done(pair.discourse.as('mod').removeTopic(topicWith(pair, 'another thread')))
  await pair.run(60 * MINUTE)
  assert.deepEqual(chatThreads(pair), [['a question of Ann'], ['another thread of Ann']])
  assert.deepEqual(
    writes(pair).filter((each) => each.startsWith('chat')),
    [],
  )
  pair.chat.as('102').post(SPACE, 'and on it goes')
  await pair.run(10 * MINUTE)
  assert.ok(forumThreads(pair).some(([first]) => first === 'Bob Ray: and on it goes'))
})
