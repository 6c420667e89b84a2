import assert from 'node:assert/strict'
import { test } from 'node:test'
import { json, postsIn, READY, SPACE, until, worldOf, type World } from './world.ts'

const OPS = 'spaces/AAAAOps'

function twoRooms(t: Parameters<typeof worldOf>[0]): Promise<World> {
  return worldOf(t, {
    chat: {
      spaces: [
        { id: 'AAAATeam', displayName: 'Team', members: ['100', '101'] },
        { id: 'AAAAOps', displayName: 'Ops', members: ['100', '101'] },
      ],
    },
    forum: { categories: [{ name: 'Team' }, { name: 'Operations' }] },
  })
}

const says = (world: World, text: string): boolean => postsIn(world).some((raw) => raw.includes(text))

// Seen red: with a pause of the flow in the place of that of the instance.
test('one pair of containers is paused and resumed by ref or name, with the service and without it', async (t) => {
  const world = await twoRooms(t)
  world.configure((text) =>
    text.replace(`[[${SPACE}, 2]]`, `[[${SPACE}, 2], [${OPS}, 3]]`).replace('flows:', 'poll: 5s\nflows:'),
  )
  const ann = world.chat.as('101')
  ann.post(SPACE, 'a first message in Team')
  assert.equal((await world.run('sync', '--yes')).code, 0)
  const paused = await world.run('flows', 'pause', 'team', '--scope', 'Operations')
  assert.equal(paused.code, 0, paused.err)
  assert.match(paused.out, /Ops ↔ Operations of team is paused: .* until "lockstep flows resume team --scope 3"\./)
  ann.post(OPS, 'a message that has to wait')
  ann.post(SPACE, 'a message that goes on')
  await world.run('sync')
  assert.ok(says(world, 'a message that goes on') && !says(world, 'a message that has to wait'))
  const status = await world.run('status')
  assert.match(status.out, /1 of 2 paused/)
  assert.match(status.out, /team: spaces\/AAAAOps ↔ 3 is paused: a person paused it; .* --scope 3" lets it go on/)
  const listed = await world.run('flows')
  assert.match(listed.out, /^team +Team ↔ Team +\d+ +0 +0 +0 +in step/m)
  assert.match(listed.out, /^team +Ops ↔ Operations +\d+ +[1-9]\d* +0 +0 +paused since/m)

  const service = world.start('run')
  await service.says(READY)
  ann.post(SPACE, 'said while the service runs')
  ann.post(OPS, 'said to nobody while the service runs')
  await until('the other pair goes on', () => says(world, 'said while the service runs'), 20_000)
  assert.ok(!says(world, 'a message that has to wait') && !says(world, 'said to nobody'))
  assert.equal((await world.run('flows', 'resume', 'team', '--scope', OPS)).code, 0)
  await until(
    'what waited travels',
    () => says(world, 'a message that has to wait') && says(world, 'said to nobody'),
    20_000,
  )
  assert.equal((await world.run('flows', 'pause', 'team', '--scope', '2')).code, 0)
  assert.match((await world.run('flows')).out, /Team ↔ Team .* paused since/)
  service.child.kill('SIGTERM')
  assert.equal((await service.ended).code, 0)
  const copies = postsIn(world).filter((raw) => raw.includes('a message that has to wait'))
  assert.equal(copies.length, 1)
})

test('a container that the flow does not join is told, with those that it does', async (t) => {
  const world = await worldOf(t)
  assert.equal((await world.run('sync', '--yes')).code, 0)
  const unknown = await world.run('flows', 'pause', 'team', '--scope', 'Taem')
  assert.equal(unknown.code, 2)
  assert.match(unknown.err, /has joined no container "Taem"\.\n.*Did you mean "Team"/)
  const other = await world.run('flows', 'pause', 'team', '--scope', 'Kitchen', '--json')
  assert.equal(json(other).error?.code, 'unknown-scope')
})
