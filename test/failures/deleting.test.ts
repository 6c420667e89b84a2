/** Deleting: only what somebody deleted is deleted, and that it was is remembered. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fault } from '../../src/emulators/faults.ts'
import type { WireRequest } from '../../src/emulators/emulator.ts'
import { pairOf, SPACE, type Pair, type PairOptions } from '../engine/pair.ts'
import { chatThreads, done, forumThreads, messageWith, postWith, topicWith, writes } from '../engine/views.ts'

const MINUTE = 60_000

type Outage = (request: WireRequest, host: string) => Fault | null

/** Five threads in step, then an outage of this sort for an hour of audits, in which everything is hinted at once more. */
async function under(outage: Outage, options: PairOptions = {}): Promise<{ pair: Pair; before: number }> {
  let down = false
  const pair = await pairOf({
    webhooks: true,
    settings: { auditMs: 5 * MINUTE },
    chatConfig: { manager: true },
    ...options,
    fault: (request, host) => (down ? outage(request, host) : null),
  })
  for (const text of ['one', 'two', 'three', 'four', 'five']) {
    const first = pair.chat.as('101').post(SPACE, `thread ${text}`)
    pair.chat.as('102').post(SPACE, `reply ${text}`, { thread: first.name })
  }
  await pair.sync()
  await pair.run(10 * MINUTE)
  const before = writes(pair).length
  down = true
  await pair.run(10 * MINUTE)
  for (const { delivery } of pair.post.delivered.slice()) await pair.post.deliver(delivery)
  await pair.store.lookAt({ connection: 'chat', hints: messageHints(pair), now: pair.time.now() })
  await pair.run(60 * MINUTE)
  assert.equal(writes(pair).length, before, 'during the outage')
  assert.deepEqual(await pair.store.heldList({ flow: null }), [], 'not even planned')
  down = false
  await pair.run(60 * MINUTE)
  return { pair, before }
}

function messageHints(pair: Pair): { feed: string; kind: string; ref: string; scope: string }[] {
  const messages = pair.chat.as('101').messages(SPACE)
  return messages.map(({ name }) => ({ feed: 'chat', kind: 'message', ref: name, scope: SPACE }))
}

function assertAllThere({ pair, before }: { pair: Pair; before: number }): void {
  assert.equal(writes(pair).length, before)
  assert.equal(chatThreads(pair).flat().length, 10)
  assert.equal(forumThreads(pair).flat().length, 10)
}

function answers(status: number, body: string): Fault {
  return { kind: 'answer-before', status, body, headers: { 'content-type': 'application/json' } }
}

// Red when: moveListing marks what a complete listing did not name as deleted instead of looking at it.
test('F17 a listing that comes back empty deletes nothing', async () => {
  assertAllThere(
    await under(({ path }, host) => {
      if (host === 'forum.test' && /^\/c\/.*latest/.test(path))
        return answers(200, '{"users":[],"topic_list":{"topics":[]}}')
      if (host === 'chat.test' && path.endsWith('/messages')) return answers(200, '{}')
      return null
    }),
  )
})

// Red when: noteStanding counts nothing.
test('F17 a listing that left out what is there is made again soon, and an honest one rests until the next audit', async () => {
  let lies = false
  const pair = await pairOf({
    settings: { auditMs: 60 * MINUTE },
    fault: ({ path }, host) => (lies && host === 'chat.test' && path.endsWith('/messages') ? answers(200, '{}') : null),
  })
  for (const text of ['one', 'two', 'three']) pair.chat.as('101').post(SPACE, `thread ${text}`)
  await pair.sync()
  const listings = async (ms: number): Promise<number> => {
    const before = pair.events.length
    await pair.run(ms)
    return pair.events.slice(before).filter((event) => event.is === 'listed' && event.scope === SPACE).length
  }
  assert.equal(await listings(50 * MINUTE), 0)
  lies = true
  assert.equal(await listings(20 * MINUTE), 3, 'the audit, and again after two and four minutes more')
  lies = false
  assert.equal(await listings(20 * MINUTE), 1)
  assert.equal(await listings(30 * MINUTE), 0)
  assert.equal(forumThreads(pair).length, 3)
})

// Red when: listScope commits a `complete` page after one that failed, and moveListing looks at nothing, as above.
test('F17 a listing that fails half-way deletes nothing and is gone on with', async () => {
  let calls = 0
  assertAllThere(
    await under(({ path, method }) => {
      if (method !== 'GET' || !/messages|\/t\/|\/c\/|posts/.test(path)) return null
      calls += 1
      return calls % 3 === 0 ? answers(500, 'oops') : calls % 3 === 1 ? { kind: 'lose-response' } : null
    }),
  )
})

// Red when: look() takes a `missing` item for deleted without asking whether its scope is readable.
test('F18 404 for everything after a lost permission deletes nothing', async () => {
  assertAllThere(
    await under(({ path }, host) =>
      host === 'chat.test' && path.startsWith('/v1/spaces/')
        ? answers(404, '{"error":{"code":404,"status":"NOT_FOUND","message":"not found"}}')
        : null,
    ),
  )
})

// Red when: as above.
test('F18 403 and 404 of the forum after a lost permission delete nothing', async () => {
  for (const status of [403, 404])
    assertAllThere(
      await under(({ path }, host) =>
        host === 'forum.test' && /^\/(t|c|posts|latest)/.test(path) ? answers(status, '{"errors":["no"]}') : null,
      ),
    )
})

// Red when: finish() deletes the link's row with its items.
test('F20 a deleted pair is remembered: nothing is orphaned, and what is brought back counts as new', async () => {
  const pair = await pairOf({ webhooks: true, chatConfig: { manager: true } })
  const first = pair.chat.as('101').post(SPACE, 'a question of Ann')
  pair.chat.as('102').post(SPACE, 'a reply of Bob', { thread: first.name })
  for (const text of ['one', 'two', 'three']) pair.chat.as('101').post(SPACE, `thread ${text}`)
  await pair.sync()
  done(pair.discourse.as('cyd').reply(topicWith(pair, 'a question'), 'an answer of Cyd, long enough'))
  await pair.run(5 * MINUTE)
  const post = postWith(pair, 'an answer of Cyd')
  done(pair.discourse.as('mod').remove(post))
  await pair.run(10 * MINUTE)
  assert.equal(chatThreads(pair).flat().length, 5)
  const { links } = await pair.store.explain({ ref: String(post) })
  assert.deepEqual(
    links.map(({ state }) => state),
    ['gone'],
  )
  done(pair.discourse.as('mod').recover(post))
  await pair.run(10 * MINUTE)
  assert.ok(chatThreads(pair)[0]?.includes('Cyd Fox: an answer of Cyd, long enough'))
  assert.equal(chatThreads(pair).flat().length, 6)
})

// Red when: nextIncarnation() answers 0 for what has no link, and Google Chat answers with the message it made then.
test('F20 what is brought back after it was made again from its copy gets a copy of its own, under a key of its own', async () => {
  const pair = await pairOf({ webhooks: true, chatConfig: { manager: true } })
  for (const text of ['one', 'two', 'three', 'four']) pair.chat.as('101').post(SPACE, `thread ${text}`)
  await pair.sync()
  const topic = pair.discourse
    .as('cyd')
    .topic({ title: 'A question of Cyd to all', raw: 'how is it, long enough?', category: 2 })
  assert.ok(topic.ok)
  await pair.run(MINUTE)
  done(pair.discourse.as('cyd').reply(topic.topicId, 'an answer of Cyd, long enough'))
  await pair.run(5 * MINUTE)
  const { thread } = pair.chat.as('101').message(messageWith(pair, 'how is it'))
  done(pair.discourse.as('mod').removeTopic(topic.topicId))
  pair.chat.as('102').post(SPACE, 'a reply of Bob, long enough', { thread: thread?.name ?? '' })
  await pair.run(10 * MINUTE)
  assert.equal(forumThreads(pair).filter((posts) => posts.some((text) => text.includes('a reply of Bob'))).length, 1)
  done(pair.discourse.as('mod').recoverTopic(topic.topicId))
  await pair.run(10 * MINUTE)
  assert.deepEqual(await pair.store.heldList({ flow: null }), [])
  const copies = chatThreads(pair).filter((texts) => texts.some((text) => text.includes('an answer of Cyd')))
  assert.deepEqual(copies.map((texts) => texts.length).toSorted(), [2, 3])
})

// Red when: accept() takes no tombstone of an item that is known to be present.
test('F21 a deletion that arrives as an edit, whose fetch shows that it is gone, is a deletion', async () => {
  const pair = await pairOf({ webhooks: true, chatConfig: { manager: true }, discourse: { webhookDisorder: false } })
  for (const text of ['one', 'two', 'three', 'four']) pair.chat.as('101').post(SPACE, `thread ${text}`)
  await pair.sync()
  done(pair.discourse.as('cyd').reply(topicWith(pair, 'thread one'), 'an answer of Cyd, long enough'))
  await pair.run(5 * MINUTE)
  const post = postWith(pair, 'an answer of Cyd')
  done(pair.discourse.as('cyd').edit(post, 'a better answer of Cyd, longer'))
  await pair.run(5 * MINUTE)
  const edit = pair.post.delivered.findLast(({ delivery }) => delivery.headers['X-Discourse-Event'] === 'post_edited')
  assert.ok(edit)
  const heard = pair.post.to.bind(pair.post)
  heard({ ...pair.store, receive: () => Promise.resolve(null) }, () => undefined)
  done(pair.discourse.as('mod').remove(post))
  await pair.run(5 * MINUTE)
  assert.ok(messageWith(pair, 'a better answer') !== '')
  heard(pair.store, () => pair.engine.wake())
  await pair.post.deliver(edit.delivery)
  await pair.run(5 * MINUTE)
  assert.equal(chatThreads(pair).flat().length, 4)
})
