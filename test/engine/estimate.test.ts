import assert from 'node:assert/strict'
import { test } from 'node:test'
import { estimate, type Estimate } from '../../src/engine/estimate.ts'
import { preview } from '../../src/engine/preview.ts'
import type { Foreseen } from '../../src/engine/forecast.ts'
import { pairOf, SPACE, type Pair } from './pair.ts'
import { done } from './views.ts'

async function estimated(pair: Pair): Promise<Estimate> {
  const calls: Foreseen[] = []
  for (const model of pair.engine.world.model.flows)
    for await (const each of preview(pair.engine.world, model)) calls.push(...each.calls)
  return estimate(pair.engine.world, calls)
}

/** What a poll makes whatever there is to write. */
const POLL = ['GET /posts.json', 'GET /latest.json', 'GET /categories.json', 'GET /session/current.json']

// Seen red: when a topic counts one call; when the last tenth is not kept back.
test('A plan tells the calls of each limit, and the time they then need', async () => {
  const pair = await pairOf({ approve: false })
  for (let i = 0; i < 60; i += 1) {
    const first = pair.chat.as('101').post(SPACE, `question ${i} of Ann`)
    pair.chat.as('102').post(SPACE, `answer ${i} of Bob`, { thread: first.name })
  }
  const mod = pair.discourse.as('mod')
  for (let i = 0; i < 30; i += 1)
    done(mod.topic({ title: `Topic of the forum ${i}`, raw: `Text ${i} of Mo, long enough`, category: 2 }))
  await pair.sync()
  await pair.time.run(pair.time.now() + 120_000)
  const foretold = await estimated(pair)
  const before = pair.calls.length
  const began = pair.time.now()
  await pair.store.approve({ flow: 'team', now: began })
  await pair.sync()
  const took = pair.time.now() - began

  const made = pair.calls.slice(before).map(({ host, method, path }) => ({ host, what: `${method} ${path}` }))
  const written = made.filter(({ host, what }) => host === 'forum.test' && !POLL.includes(what))
  const callsOn = (bucket: string): number | undefined => foretold.buckets.find((each) => each.bucket === bucket)?.calls
  assert.equal(callsOn('discourse.admin-api'), written.length)
  assert.equal(written.length, 60 * 2 + 60)
  assert.equal(
    callsOn('google-chat.space.writes'),
    made.filter(({ host, what }) => host === 'chat.test' && what.startsWith('POST /v1/')).length,
  )
  assert.equal(callsOn('google-chat.space.reads'), undefined)
  assert.equal(foretold.buckets[0]?.bucket, 'discourse.admin-api')
  assert.ok(foretold.durationMs <= took, `${took} is less than the ${foretold.durationMs} that were foretold`)
  assert.ok(took <= foretold.durationMs + 60_000, `${took} is far more than ${foretold.durationMs}`)
  assert.ok(!pair.calls.some(({ status }) => status === 429))
})
