import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { z } from 'zod'
import { differences } from '../../src/cli/plan.ts'
import type { Approval, Operations, PlanReport, SyncReport } from '../../src/service/operations.ts'
import { connectRemote } from '../../src/service/remote.ts'
import { socketOf } from '../../src/service/store-access.ts'
import { postsIn, SPACE, worldOf, type World } from './world.ts'

const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
const { version } = z.object({ version: z.string() }).parse(JSON.parse(manifest))

/** A service whose first sync waits, and what a command asks of it. */
async function waiting(t: TestContext): Promise<{ world: World; operations: Operations }> {
  const world = await worldOf(t)
  await world.start('run').says(/running; Ctrl-C/)
  const operations = await connectRemote(socketOf(join(world.folder, 'lockstep.db')), version)
  assert.ok(operations)
  return { world, operations }
}

function sync(operations: Operations, approval: Approval): Promise<SyncReport> {
  return operations.sync({ flow: null, item: null, full: false, approval }, () => undefined)
}

function changes(shown: PlanReport, report: SyncReport): string[] {
  assert.equal(report.written, 0)
  assert.ok(report.waits)
  return differences(shown.lines, report.waits.lines)
}

// Seen red: when approveFirst() approves whatever was shown; when a waiting line has no values in its fingerprint.
test('a yes to a first sync is a yes to the plan that was shown: any other plan is refused, with the difference', async (t) => {
  const { world, operations } = await waiting(t)
  const ann = world.chat.as('101')
  const first = ann.post(SPACE, 'Where do we go for lunch?')
  const reply = ann.post(SPACE, 'To the corner', { thread: first.name })
  const shown = await operations.plan({ flow: null }, () => undefined)
  assert.equal(shown.lines.length, 2)
  const writes = (): number => world.forum.counters().writes.length
  const before = writes()

  ann.post(SPACE, 'And another thing')
  const more = await sync(operations, { shown: shown.fingerprint })
  assert.deepEqual(changes(shown, more), ['more: create the topic in forum for And another thing'])
  ann.edit(reply.name, 'To the harbour')
  ann.edit(first.name, 'Where do we go for dinner?')
  const edited = await sync(operations, { shown: more.waits?.fingerprint ?? '' })
  assert.deepEqual(changes(more.waits ?? shown, edited), [
    'changed: create the topic in forum for Where do we go for dinner?',
    'changed: create the post in forum for To the harbour',
  ])
  ann.remove(reply.name)
  const fewer = await sync(operations, { shown: edited.waits?.fingerprint ?? '' })
  assert.deepEqual(changes(edited.waits ?? shown, fewer), ['no more: create the post in forum for To the harbour'])
  assert.equal((await world.run('sync')).code, 3)
  assert.equal(writes(), before)

  const done = await sync(operations, { shown: fewer.waits?.fingerprint ?? '' })
  assert.equal(done.waits, null)
  assert.equal(done.written, 2)
})

test('a yes ahead is a yes to any plan', async (t) => {
  const { world, operations } = await waiting(t)
  world.chat.as('101').post(SPACE, 'Where do we go for lunch?')
  const done = await sync(operations, 'ahead')
  assert.equal(done.waits, null)
  assert.equal(done.written, 1)
})

// Seen red: when the plan showed what makes a container, and said nothing of what would then go into it.
test('the plan and the question before a first sync say that what stands in new containers is not planned yet', async (t) => {
  const world = await worldOf(t, {
    chat: {
      spaces: ['AAAATeam', 'BBBBKitchen'].map((id) => ({ id, displayName: id, members: ['100', '101'] })),
    },
  })
  const each = (text: string): string => text.replace(/ {4}scopes: .*/, '    each: { from: chat, under: 2 }')
  world.configure(each)
  world.chat.as('101').post(SPACE, 'Where do we go for lunch?')
  const said = /2 containers are new: what stands in them is not planned yet,\nand is copied, without another question/
  const plan = await world.run('plan')
  assert.match(plan.out, said)
  assert.match((await world.run('sync')).err, said)
  assert.equal((await world.run('sync', '--yes')).code, 0)
  assert.match(postsIn(world).join('\n'), /Where do we go for lunch/)
  world.chat.as('100').createSpace('Later', ['101'])
  assert.match((await world.run('plan')).out, /1 container is new: what stands in it is not planned yet/)
})
