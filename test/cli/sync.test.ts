import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { assertSecretsKept, json, SPACE, worldOf } from './world.ts'

test('a plan writes nothing; a first sync waits for a yes; the second sync has nothing left to do', async (t) => {
  const world = await worldOf(t)
  const first = world.chat.as('101').post(SPACE, 'Where do we go for lunch?')
  world.chat.as('101').post(SPACE, 'To the corner', { thread: first.name })
  const writes = (): number => world.chat.counters().writes.length + world.forum.counters().writes.length
  const before = writes()

  const plan = await world.run('plan')
  assert.equal(plan.code, 0, plan.err)
  assert.match(plan.out, /create +forum +topic +Where do we go for lunch/)
  assert.match(plan.out, /^3 calls, no limit delays them:$/m)
  assert.match(plan.out, /^discourse\.admin-api +http\S+ +3 +6,000 in 60 s +no wait$/m)
  assert.equal(writes(), before)

  const asked = await world.run('sync', '--json')
  assert.equal(asked.code, 3)
  assert.notEqual(json(asked)['waits'], null)
  assert.equal(writes(), before)

  const done = await world.run('sync', '--yes')
  assert.equal(done.code, 0, done.err)
  assert.match(done.out, /2 changes written in .*: in step/)
  const after = writes()
  assert.ok(after > before)

  const again = await world.run('sync')
  assert.equal(again.code, 0)
  assert.match(again.out, /^0 changes written/)
  assert.equal(writes(), after)

  const status = await world.run('status')
  assert.equal(status.code, 0)
  assert.match(status.out, /^team +4 +0 +0 +0 +0 +\d+ +in step$/m)
  assert.ok(
    status.out.split('\n').every((line) => line.length <= 80),
    status.out,
  )

  const explained = await world.run('explain', first.name)
  assert.equal(explained.code, 0)
  assert.match(explained.out, /text: Where do we go for lunch\?/)
  assert.match(explained.out, /created the post \d+ in forum/)
  for (const ran of [plan, asked, done, again, status, explained]) assertSecretsKept(ran)
})

test('the store and what lies beside it are for their owner alone', async (t) => {
  const world = await worldOf(t)
  await world.run('sync', '--yes')
  for (const ending of ['', '.key', '.lock'])
    assert.equal(statSync(join(world.folder, `lockstep.db${ending}`)).mode & 0o077, 0, ending)
})

test('what one side rejects is held in its own words, is decided on, and goes through', async (t) => {
  const world = await worldOf(t)
  await world.run('sync', '--yes')
  const first = world.chat.as('101').post(SPACE, 'a beginning of something')
  world.chat.as('101').post(SPACE, 'an unwanted word', { thread: first.name })
  world.meddle(null, (request) =>
    request.method === 'POST' && request.body.toString().includes('unwanted')
      ? { status: 422, headers: {}, body: '{"errors":["Body contains a blocked word"]}' }
      : null,
  )
  const sync = await world.run('sync')
  assert.equal(sync.code, 3, sync.err)
  const held = await world.run('held')
  assert.equal(held.code, 3)
  assert.match(held.out, /blocked word/)
  assert.equal((await world.run('status')).code, 3)
  assert.match((await world.run('explain', first.name)).out, /a beginning/)

  world.meddle(null, null)
  const retried = await world.run('held', 'retry', '--all')
  assert.equal(retried.code, 0)
  const again = await world.run('sync')
  assert.equal(again.code, 0, again.out + again.err)
  assert.match(again.out, /1 change written/)
  assert.match((await world.run('held')).out, /Nothing is held/)
})

test('many deletes at once stop at the brake, and are approved once', async (t) => {
  const world = await worldOf(t)
  world.configure((text) => `${text}    brake: { deletes: { at_least: 3, share: 0.1 } }\n`)
  const ann = world.chat.as('101')
  const messages = Array.from({ length: 6 }, (_, index) => ann.post(SPACE, `message number ${index} of many`))
  assert.equal((await world.run('sync', '--yes')).code, 0)
  for (const message of messages) ann.remove(message.name)
  const braked = await world.run('sync')
  assert.equal(braked.code, 4, braked.out + braked.err)
  assert.match(braked.out, /the brake holds/)
  const held = await world.run('held')
  assert.equal(held.code, 4)
  assert.match(held.out, /^ {2}1-6: 6 deletes of message-post within an hour$/m)
  assert.equal((await world.run('held', 'approve', '--all')).code, 0)
  const done = await world.run('sync')
  assert.equal(done.code, 0, done.out + done.err)
})

test('a sync of a system that is down ends with 1, says so, and loses nothing', async (t) => {
  const world = await worldOf(t)
  await world.run('sync', '--yes')
  world.chat.as('101').post(SPACE, 'said meanwhile, to nobody')
  world.meddle(null, () => ({ status: 502, headers: {}, body: 'bad gateway' }))
  const down = await world.run('sync')
  assert.equal(down.code, 1, down.out + down.err)
  world.meddle(null, null)
  const up = await world.run('sync')
  assert.equal(up.code, 0, up.out + up.err)
  assert.match(up.out, /1 change written/)
})

test('one flow, one item and everything anew can be asked for', async (t) => {
  const world = await worldOf(t)
  const message = world.chat.as('101').post(SPACE, 'the only message here')
  assert.equal((await world.run('sync', 'team', '--yes')).code, 0)
  assert.equal((await world.run('sync', '--item', message.name)).code, 0)
  assert.equal((await world.run('sync', '--full')).code, 0)
  const unknown = await world.run('sync', 'tean', '--json')
  assert.equal(unknown.code, 2)
  assert.equal(json(unknown).error?.code, 'unknown-flow')
  const nothing = await world.run('sync', '--item', 'nothing', '--json')
  assert.equal(nothing.code, 1)
  assert.equal(json(nothing).error?.code, 'unknown-item')
})

test('a mistake on the command line ends with 2 and says what was meant', async (t) => {
  const world = await worldOf(t)
  const ran = await world.run('stauts')
  assert.equal(ran.code, 2)
  assert.match(ran.err, /Did you mean status/)
  const help = await world.run('--help')
  assert.equal(help.code, 0)
  assert.match(help.out, /Exit codes: 0 in step/)
})
