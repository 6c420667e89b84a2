import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pairOf, SPACE, type Pair } from './pair.ts'
import { topicWith } from './views.ts'

test('What a first sync created does not count against the changes that follow it', async () => {
  const start = Date.parse('2026-11-01T09:00:00Z')
  const messages = Array.from({ length: 120 }, (_, index) => ({
    thread: 'one',
    sender: '101',
    text: `message ${index + 1}`,
    createTime: start + index * 60_000,
  }))
  const pair = await pairOf({
    chat: { spaces: [{ id: 'AAAATeam', displayName: 'Team', members: ['100', '101', '102'], messages }] },
  })
  await pair.sync()
  pair.chat.as('101').post(SPACE, 'one more')
  await pair.run(180_000)
  const [flow] = (await pair.store.status(undefined)).flows
  assert.deepEqual({ held: flow?.held, due: flow?.due }, { held: 0, due: 0 })
  const raws = [...pair.discourse.state().posts.values()].map(({ raw }) => raw)
  assert.equal(raws.filter((raw) => raw.endsWith('\n\none more')).length, 1)
})

const HOUR = 3600_000

/** Twenty messages of Bob in a thread each, all in step, and the brake at three. */
async function many(): Promise<{ pair: Pair; names: string[] }> {
  const pair = await pairOf({ webhooks: true, flow: { brake: { deletes: { at_least: 3, share: 0.1 } } } })
  const names = Array.from({ length: 20 }, (_, index) => pair.chat.as('102').post(SPACE, `thread number ${index}`).name)
  await pair.sync()
  return { pair, names }
}

async function braked(pair: Pair): Promise<string[]> {
  return (await pair.store.heldList({ flow: null })).filter(({ reason }) => reason === 'brake').map(({ name }) => name)
}

async function heldIn(pair: Pair): Promise<string[]> {
  return (await pair.store.heldList({ flow: null })).map(({ action, reason }) => `${action} ${reason}`)
}

function living(pair: Pair): number {
  return [...pair.discourse.state().topics.values()].filter((topic) => !topic.definition && topic.deletedAt === null)
    .length
}

// Seen red: when the hour was counted from the plan alone, each delete by itself went.
test('F60 single deletes, minutes apart, are held with their names once they are too many within an hour', async () => {
  const { pair, names } = await many()
  for (const name of names.slice(0, 6)) {
    pair.chat.as('102').remove(name)
    await pair.run(5 * 60_000)
  }
  assert.equal(living(pair), 17)
  assert.deepEqual((await braked(pair)).toSorted(), ['thread number 3', 'thread number 4', 'thread number 5'])
  // After the hour the deletes that went no longer count; what was held stays held until a person says so.
  await pair.run(2 * HOUR)
  assert.equal((await braked(pair)).length, 3)
  pair.chat.as('102').remove(names[6] ?? '')
  await pair.run(5 * 60_000)
  assert.equal(living(pair), 16)
})

// Seen red: when what was done under the lifted brake counted afterwards, the next single delete was held.
test('F19 a mass delete is held with names; the brake is lifted ahead for a bulk job, which does not count after it', async () => {
  const { pair, names } = await many()
  for (const name of names.slice(0, 10)) pair.chat.as('102').remove(name)
  await pair.run(10 * 60_000)
  assert.equal(living(pair), 20)
  assert.equal((await braked(pair)).length, 10)
  await pair.store.liftBrake({ flow: 'team', until: pair.time.now() + HOUR / 2, now: pair.time.now() })
  const held = await pair.store.heldList({ flow: null })
  await pair.store.decideHeld({ ids: held.map(({ id }) => id), decision: 'retry', ranks: {}, now: pair.time.now() })
  await pair.run(10 * 60_000)
  assert.equal(living(pair), 10)
  await pair.store.liftBrake({ flow: 'team', until: null, now: pair.time.now() })
  await pair.run(60_000)
  pair.chat.as('102').remove(names[10] ?? '')
  await pair.run(10 * 60_000)
  assert.equal(living(pair), 9)
  for (const name of names.slice(11, 15)) pair.chat.as('102').remove(name)
  await pair.run(10 * 60_000)
  assert.ok((await braked(pair)).length > 0)
})

// Seen red: as another action than the one that was held it went, since an hour later there were not too many.
test('F60 what is held stays held until a person says so, also where it would be done in another way by now', async () => {
  const rules = { on_delete: { chat: 'delete' } }
  const pair = await pairOf({
    webhooks: true,
    flow: { brake: { deletes: { at_least: 3, share: 0.1 } }, kinds: { 'message-post': rules } },
  })
  const bob = pair.chat.as('102')
  const { thread } = bob.post(SPACE, 'number 0')
  const answers = Array.from({ length: 12 }, (_, at) =>
    bob.post(SPACE, `number ${at + 1}`, { thread: thread?.name ?? '' }),
  )
  await pair.sync()
  for (const some of [answers.slice(0, 3), answers.slice(3, 5)]) {
    for (const each of some) bob.remove(each.name)
    await pair.run(10 * 60_000)
  }
  assert.deepEqual(await heldIn(pair), ['delete brake', 'delete brake'])
  await pair.run(2 * HOUR)
  rules.on_delete.chat = 'empty'
  await pair.restart()
  await pair.run(30 * 60_000)
  assert.deepEqual(await heldIn(pair), ['empty brake', 'empty brake'])
})

// Seen red: when release() leaves the holds of a subject that needs nothing any more.
test('what people delete by hand on the other side needs no approval any more', async () => {
  const { pair, names } = await many()
  for (const name of names.slice(10)) pair.chat.as('102').remove(name)
  await pair.run(10 * 60_000)
  assert.equal((await braked(pair)).length, 10)
  for (let index = 10; index < 20; index += 1)
    pair.discourse.as('mod').removeTopic(topicWith(pair, `thread number ${index}`))
  await pair.run(10 * 60_000)
  assert.deepEqual(await braked(pair), [])
  assert.equal((await pair.store.status(undefined)).flows[0]?.due, 0)
})

// Seen red: when performDelete takes what its guard finds gone for news: a topic is "stale: it is gone", once.
test('what both sides delete at the same time makes no trouble', async () => {
  const pair = await pairOf({ webhooks: true, chatConfig: { manager: true } })
  for (let index = 0; index < 14; index += 1) pair.chat.as('101').post(SPACE, `thread number ${index}`)
  await pair.sync()
  for (const topic of pair.discourse.state().topics.values())
    if (!topic.definition) pair.discourse.as('mod').removeTopic(topic.id)
  await pair.run(HOUR)
  const trouble = pair.events.filter(({ is }) => is === 'trouble')
  assert.deepEqual(trouble, [])
})
