import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pairOf, SPACE, type Pair, type PairOptions } from './pair.ts'
import { tablesOf } from './tables.ts'
import { chatThreads, done, forumThreads, postWith, topicWith, writes } from './views.ts'

const MINUTE = 60_000
const REFUSED = 'a text that the forum refused, long enough'

async function lively(options: PairOptions): Promise<Pair> {
  const pair = await pairOf({ webhooks: true, ...options })
  pair.chat.as('101').post(SPACE, 'what do you think?')
  await pair.sync()
  const topic = topicWith(pair, 'what do you')
  done(pair.discourse.as('cyd').reply(topic, 'a first thought about it all'))
  await pair.run(MINUTE)
  done(pair.discourse.as('cyd').edit(postWith(pair, 'a first thought'), 'a second thought about it all'))
  done(pair.discourse.as('dan').reply(topic, 'another thought from Dan Poe'))
  await pair.run(5 * MINUTE)
  return pair
}

const EXPECTED = [
  ['what do you think?', 'Cyd Fox: a second thought about it all', 'Dan Poe: another thought from Dan Poe'],
]

for (const [what, discourse] of [
  ['in order', { webhookDisorder: false }],
  ['duplicated', { webhookDuplication: 1 }],
  ['reordered and late', { webhookDelay: [0, 4 * MINUTE] }],
  ['lost', { webhookLoss: 1 }],
] as const)
  test(`webhooks that come ${what} lead to the same state`, async () => {
    const pair = await lively({ discourse })
    assert.deepEqual(chatThreads(pair), EXPECTED)
    assert.ok(writes(pair).length <= 4)
  })

// Red when: claimHints() takes those of a connection that does not answer: each look that fails counts a try.
test('a webhook that came while the forum did not answer its API is looked at as soon as it does', async () => {
  let isOut = false
  const pair = await pairOf({
    webhooks: true,
    fault: (_, host) => (isOut && host === 'forum.test' ? { kind: 'answer-before', status: 503 } : null),
  })
  pair.chat.as('101').post(SPACE, 'what do you think?')
  await pair.sync()
  done(pair.discourse.as('cyd').reply(topicWith(pair, 'what do you'), 'a first thought about it all'))
  await pair.run(MINUTE)
  // So that no feed shows an edit of that any more.
  for (let i = 0; i < 60; i += 1) pair.chat.as('101').post(SPACE, `another question, number ${i}`)
  await pair.run(5 * MINUTE)
  isOut = true
  await pair.restart()
  pair.time.after(MINUTE, () =>
    done(pair.discourse.as('cyd').edit(postWith(pair, 'a first thought'), 'a second thought about it all')),
  )
  pair.time.after(20 * MINUTE, () => (isOut = false))
  await pair.run(22 * MINUTE)
  assert.deepEqual(chatThreads(pair).at(-1), ['what do you think?', 'Cyd Fox: a second thought about it all'])
})

test('replaying every webhook changes nothing', async () => {
  const pair = await lively({})
  const before = writes(pair).length
  for (const { delivery } of pair.post.delivered.slice()) assert.equal(await pair.post.deliver(delivery), 200)
  await pair.run(10 * MINUTE)
  assert.equal(writes(pair).length, before)
  assert.deepEqual(chatThreads(pair), EXPECTED)
})

test('a forged webhook is refused and has no effect', async () => {
  const pair = await lively({})
  const [first] = pair.post.delivered
  assert.ok(first)
  const body = first.delivery.body.replace('thought', 'forgery')
  const asked = pair.calls.length
  assert.equal(await pair.post.deliver({ ...first.delivery, body: `${body} ` }), 401)
  assert.equal((await pair.store.status(undefined)).inbox, 0)
  assert.equal(pair.calls.length, asked)
})

test('no text of a webhook is ever applied: an edit that was refused sends one all the same', async () => {
  const pair = await lively({})
  const edit = pair.post.delivered.find(({ delivery }) => delivery.headers['X-Discourse-Event'] === 'post_edited')
  assert.ok(edit)
  const body = edit.delivery.body.replaceAll('a second thought about it all', REFUSED)
  assert.ok(body.includes(REFUSED))
  const { createHmac } = await import('node:crypto')
  const { SECRET } = await import('./webhooks.ts')
  const signature = `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`
  const headers = { ...edit.delivery.headers, 'X-Discourse-Event-Signature': signature }
  assert.equal(await pair.post.deliver({ ...edit.delivery, headers, body }), 200)
  await pair.run(10 * MINUTE)
  assert.deepEqual(chatThreads(pair), EXPECTED)
})

test("F34 a message that the forum rejects is held with the forum's words, and everything else flows", async () => {
  let strikes = 0
  const pair = await pairOf({
    fault: (request) => {
      if (request.method !== 'POST' || !request.body.toString().includes('unwanted')) return null
      strikes += 1
      return { kind: 'answer-before', status: 422, body: '{"errors":["Body contains a blocked word"]}' }
    },
  })
  const ann = pair.chat.as('101')
  const first = ann.post(SPACE, 'a beginning')
  ann.post(SPACE, 'an unwanted word', { thread: first.name })
  ann.post(SPACE, 'what comes after', { thread: first.name })
  ann.post(SPACE, 'another thread')
  await pair.run(60 * MINUTE)
  assert.deepEqual(forumThreads(pair), [
    ['Ann Lee: a beginning', 'Ann Lee: what comes after'],
    ['Ann Lee: another thread'],
  ])
  const [held, ...more] = await pair.store.heldList({ flow: null })
  assert.equal(more.length, 0)
  assert.equal(held?.reason, 'rejected')
  assert.match(held?.detail ?? '', /blocked word/)
  assert.ok(strikes <= 2, `${strikes} tries`)
})

// Seen red: when a decision about the topic leaves the time alone until which its first post waits.
test('what a person discards is done with at once, with the first message that went into the same call', async () => {
  const pair = await pairOf({
    fault: ({ method, body }) =>
      method === 'POST' && body.toString().includes('unwanted')
        ? { kind: 'answer-before', status: 422, body: '{"errors":["Body contains a blocked word"]}' }
        : null,
  })
  pair.chat.as('101').post(SPACE, 'an unwanted word')
  await pair.sync()
  const [held] = await pair.store.heldList({ flow: null })
  assert.ok(held)
  await pair.store.decideHeld({ ids: [held.id], decision: 'discarded', ranks: {}, now: pair.time.now() })
  await pair.sync()
  const { flows } = await pair.store.status(undefined)
  assert.deepEqual([flows[0]?.due, flows[0]?.failing], [0, 0])
  assert.notEqual(flows[0]?.in_step_at, null)
})

// Seen red: when many hints of one feed make it be pulled as well.
test('hints of what is known cost one read each, however many come at once', async () => {
  const row = { fields: { title: { type: 'text', required: true } } } as const
  const tables = await tablesOf({ a: { row }, b: { row } })
  const refs = Array.from({ length: 45 }, (_, at) => tables.a.add('row', { title: `row ${at}` }))
  await tables.approve()
  await tables.sync()
  let before = 0
  tables.time.after(10_000, () => {
    before = tables.a.pulls
    tables.asked.length = 0
    const hints = refs.map((ref) => ({ feed: 'all', kind: 'row', ref, scope: 'shelf-1' }))
    void tables.store.receive({ connection: 'a', hints, now: tables.time.now() })
    tables.engine.hinted()
  })
  await tables.run(30_000)
  assert.deepEqual(
    tables.asked.map(({ side, do: what }) => `${what} at ${side}`),
    refs.map(() => 'get at a'),
  )
  assert.equal(tables.a.pulls, before)
})
