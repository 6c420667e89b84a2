import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { READY, postsIn, json, SPACE, worldOf } from './world.ts'

const Report = z.object({
  applied: z.array(z.object({ name: z.string() })),
  refused: z.array(z.object({ line: z.object({ name: z.string() }), why: z.string() })),
})

// Seen red: when the fingerprint was not compared, the edited message went with the words that nobody had seen.
test('apply does what was shown, refuses item by item what has moved, and says what', async (t) => {
  const world = await worldOf(t)
  assert.equal((await world.run('sync', '--yes')).code, 0)
  const ann = world.chat.as('101')
  const first = ann.post(SPACE, 'the first of three, to stay')
  ann.post(SPACE, 'a reply to the first', { thread: first.name })
  const second = ann.post(SPACE, 'the second of three, to be edited')
  const third = ann.post(SPACE, 'the third of three, to be deleted')
  const plan = await world.run('plan', '--out', 'plan.json')
  assert.match(plan.err, /lockstep apply plan\.json/)
  assert.equal(statSync(join(world.folder, 'plan.json')).mode & 0o077, 0)
  assert.equal(postsIn(world).length, 0)

  ann.edit(second.name, 'the second one, in words that nobody saw')
  ann.remove(third.name)
  ann.post(SPACE, 'a fourth that the plan does not know')
  const applied = await world.run('apply', 'plan.json', '--json')
  assert.equal(applied.code, 3, applied.out + applied.err)
  const report = Report.parse(json(applied))
  assert.deepEqual(
    report.applied.map(({ name }) => name),
    ['the first of three, to stay', 'a reply to the first'],
  )
  assert.deepEqual(Object.fromEntries(report.refused.map(({ line, why }) => [line.name, why])), {
    'the second of three, to be edited': 'its values have changed since',
    'the third of three, to be deleted': 'there is nothing to do about it any more',
  })
  assert.equal(postsIn(world).length, 2)
  const again = await world.run('apply', 'plan.json')
  assert.equal(again.code, 3)
  assert.match(again.out, /^0 actions of the plan done, 4 refused/)
  assert.equal((await world.run('sync')).code, 0)
  assert.equal(postsIn(world).length, 4)
})

// Seen red: when the plan of a first sync was carried out line by line alone, the flow was still to be approved.
test('a kept plan is the yes to a first sync, also while the service runs; what is no plan is told', async (t) => {
  const world = await worldOf(t)
  world.chat.as('101').post(SPACE, 'said before the first sync')
  const service = world.start('run')
  await service.says(READY)
  await world.run('plan', '--out', 'plan.json')
  const applied = await world.run('apply', 'plan.json')
  assert.equal(applied.code, 0, applied.out + applied.err)
  assert.match(applied.out, /^1 action of the plan done: in step/)
  assert.equal(postsIn(world).length, 1)
  assert.equal(json(await world.run('apply', 'plan.json', '--json')).error?.code, 'flow-runs')
  service.child.kill('SIGTERM')
  await service.ended
  assert.equal(json(await world.run('apply', 'nothing.json', '--json')).error?.code, 'no-plan')
  writeFileSync(join(world.folder, 'other.json'), readFileSync(join(world.folder, 'plan.json'), 'utf8').slice(2))
  assert.equal(json(await world.run('apply', 'other.json', '--json')).error?.code, 'no-plan')
})
