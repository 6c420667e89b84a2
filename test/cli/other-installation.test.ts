/** Two installations that sync the same pair of containers would copy everything twice, and each other. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { postsIn, SPACE, worldOf, type World } from './world.ts'

/** Another installation, with a store and a key of its own. */
function second(world: World): readonly string[] {
  const text = readFileSync(join(world.folder, 'lockstep.yaml'), 'utf8')
  writeFileSync(join(world.folder, 'second.yaml'), `store: ./second.db\n${text}`)
  return ['-c', 'second.yaml']
}

function messages(world: World): string[] {
  return world.chat
    .as('101')
    .messages(SPACE)
    .map(({ text }) => text ?? '')
}

// Seen red: when only keys that lists show are looked at.
test('a second installation on the same containers is noticed at first contact: it writes nothing, and says why', async (t) => {
  const world = await worldOf(t)
  world.chat.as('101').post(SPACE, 'said before there were two')
  assert.equal((await world.run('sync', '--yes')).code, 0)
  const before = [postsIn(world).length, messages(world).length]
  const other = second(world)
  world.chat.as('101').post(SPACE, 'said when there are two')

  const ran = await world.run('sync', '--yes', ...other)
  assert.match(ran.out + ran.err, /team is paused: another installation has copied here before/)
  assert.match(ran.out + ran.err, /lockstep flows resume team/)
  assert.deepEqual([postsIn(world).length, messages(world).length], [before[0], (before[1] ?? 0) + 1])
  for (const command of ['plan', 'status']) {
    const shown = await world.run(command, ...other)
    assert.match(shown.out, /another installation has copied here before/, command)
  }
  const check = await world.run('check', ...other)
  assert.equal(check.code, 1)
  assert.match(check.out, /flows\.team: another installation .*\n.*→ "lockstep flows resume team"/)
  assert.equal((await world.run('check')).code, 0)

  assert.equal((await world.run('flows', 'resume', 'team', ...other)).code, 0)
  assert.equal((await world.run('sync', '--yes', ...other)).code, 0)
  assert.equal(postsIn(world).filter((text) => text.includes('said when there are two')).length, 1)
  assert.equal(postsIn(world).length, (before[0] ?? 0) + 1)
  assert.equal((await world.run('check', ...other)).code, 0)
})

// Seen red: when only what is linked is looked at.
test('a copy that pairs with nothing is noticed as the work of another installation too, and is not copied back', async (t) => {
  const world = await worldOf(t)
  const topic = { title: 'Something of the forum', raw: 'Said by Cyd in the forum', category: 2 }
  assert.ok(world.forum.as('cyd').topic(topic).ok)
  assert.equal((await world.run('sync', '--yes')).code, 0)
  const ran = await world.run('sync', '--yes', ...second(world))
  assert.match(ran.out + ran.err, /team is paused: another installation has copied here before/)
  assert.deepEqual([postsIn(world).length, messages(world).length], [1, 1])
})

test('this installation knows its own copies again after its store was lost, and goes on by itself', async (t) => {
  const world = await worldOf(t)
  world.chat.as('101').post(SPACE, 'said before the store was lost')
  assert.equal((await world.run('sync', '--yes')).code, 0)
  world.configure((text) => `store: ./anew.db\nsealing:\n  key_file: ./lockstep.db.key\n${text}`)
  const ran = await world.run('sync', '--yes')
  assert.equal(ran.code, 0, ran.out + ran.err)
  assert.doesNotMatch(ran.out + ran.err, /another installation/)
  assert.equal(postsIn(world).length, 1)
})
