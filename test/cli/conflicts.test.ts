import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SPACE, worldOf, type World } from './world.ts'

function settledBy(world: World, policy: string): void {
  world.configure(
    (text) => `${text.replace('client_id: client', 'client_id: client\n    lag_seconds: 0')}    conflict: ${policy}\n`,
  )
}

/** A post that somebody edited on each side; a person is asked. Answers its copy in Chat. */
async function contested(world: World): Promise<string> {
  settledBy(world, 'ask')
  const topic = { title: 'A text that two people edit', raw: 'as it was in the beginning', category: 2 }
  const made = world.forum.as('cyd').topic(topic)
  assert.ok(made.ok)
  assert.equal((await world.run('sync', '--yes')).code, 0)
  // Their own copies are what Lockstep may change in Chat.
  const copy = world.chat
    .as('100')
    .messages(SPACE)
    .find((message) => (message.text ?? '').includes('in the beginning'))
  assert.ok(copy !== undefined)
  assert.ok(world.forum.as('cyd').edit(made.postId, 'a text that two people edit, as the forum has it').ok)
  world.chat
    .as('100')
    .edit(
      copy.name,
      (copy.formattedText ?? '').replace('as it was in the beginning', 'a text that two people edit, as Chat has it'),
    )

  const sync = await world.run('sync', '--full')
  assert.equal(sync.code, 3, sync.out + sync.err)
  return copy.name
}

test('a conflict that waits for a person is listed, shown in full and resolved', async (t) => {
  const world = await worldOf(t)
  const copy = await contested(world)
  const list = await world.run('conflicts')
  assert.equal(list.code, 3)
  assert.match(list.out, /^1 +open +text .*…as Chat has it +…as the forum has… /m)
  const show = await world.run('conflicts', 'show', '1')
  assert.match(show.out, /as the forum has it/)
  assert.match(show.out, /as Chat has it/)
  assert.match(show.out, /as it was in the beginning/)
  const wrong = await world.run('conflicts', 'resolve', '1', '--with', 'nobody')
  assert.equal(wrong.code, 2)

  const resolved = await world.run('conflicts', 'resolve', '1', '--with', 'forum')
  assert.equal(resolved.code, 0, resolved.err)
  assert.match(resolved.out, /forum stands/)
  const done = await world.run('sync')
  assert.equal(done.code, 0, done.out + done.err)
  assert.match(world.chat.as('100').message(copy).text ?? '', /as the forum has it/)
  assert.match((await world.run('conflicts')).out, /There are no conflicts/)
  assert.equal((await world.run('conflicts', 'list', '--all')).code, 0)

  assert.match((await world.run('explain', copy)).out, /1 text: forum stands: /)

  const again = await world.run('conflicts', 'resolve', '1', '--with', 'chat')
  assert.equal(again.code, 1)
  assert.match(again.err, /Conflict 1 is settled: forum stands\.\n.*lockstep undo/)
  assert.match((await world.run('conflicts', 'show', '1')).out, /lockstep undo/)
})

// Seen red: it stayed open; where it ended it was told as "accepted", and by `explain` as "open", and could be decided.
test('a conflict that ended by itself is told as over, with its reason, and is no more to be decided', async (t) => {
  const world = await worldOf(t)
  const copy = await contested(world)
  const { formattedText: text = '' } = world.chat.as('100').message(copy)
  const back = text.replace('a text that two people edit, as Chat has it', 'as it was in the beginning')
  world.chat.as('100').edit(copy, back)
  const sync = await world.run('sync', '--full')
  assert.equal(sync.code, 0, sync.out + sync.err)
  assert.match(world.chat.as('100').message(copy).text ?? '', /as the forum has it/)
  assert.match((await world.run('conflicts')).out, /There are no conflicts/)
  const all = await world.run('conflicts', 'list', '--all')
  assert.equal(all.code, 0)
  assert.match(all.out, /^1 +over +text /m)
  assert.doesNotMatch(all.out, /decide/)
  const show = await world.run('conflicts', 'show', '1')
  assert.match(show.out, /text: over, from .* to .*\nchat holds again what the two agreed on/)
  assert.match(show.out, /Nothing is to be decided/)
  assert.match((await world.run('explain', copy)).out, /1 text: over: chat holds again what the two agreed on/)
  const resolve = await world.run('conflicts', 'resolve', '1', '--with', 'accept')
  assert.equal(resolve.code, 1)
  assert.match(resolve.err, /Conflict 1 is over: chat holds again what the two agreed on\./)
})

// Seen red: the conflict stayed open, whatever the configuration said since.
test('a conflict that waits for a person is settled by the policy that the configuration has since', async (t) => {
  const world = await worldOf(t)
  const copy = await contested(world)
  settledBy(world, 'forum')
  const plan = await world.run('plan')
  assert.match(plan.out, /update +message/, plan.out)
  assert.match((await world.run('conflicts')).out, /^1 +open/m)
  assert.equal((await world.run('sync')).code, 0)
  assert.match(world.chat.as('100').message(copy).text ?? '', /as the forum has it/)
  assert.match((await world.run('conflicts')).out, /There are no conflicts/)
})
