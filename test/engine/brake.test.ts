import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pairOf, SPACE } from './pair.ts'

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
