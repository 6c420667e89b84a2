import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { READY, json, SPACE, until, worldOf, type World } from './world.ts'

const Entries = z.array(
  z.object({ id: z.number(), run: z.number(), action: z.string(), pair: z.string(), why: z.string() }),
)

async function entries(world: World, ...options: string[]): Promise<z.infer<typeof Entries>> {
  return Entries.parse(JSON.parse((await world.run('history', '--json', ...options)).out))
}

function posts(world: World): string[] {
  const state = world.forum.state()
  return [...state.topics.values()]
    .filter((topic) => !topic.definition && topic.deletedAt === null)
    .flatMap((topic) => state.postsOf(topic.id))
    .filter((post) => post.deletedAt === null)
    .map((post) => post.raw)
}

// Seen red: when the plan was carried out without a yes, the text was back after the first command.
test('undo shows what it would do, waits for a yes, does it on both sides, and is undone itself', async (t) => {
  const world = await worldOf(t)
  world.configure((text) => text.replace('client_id: client', 'client_id: client\n    lag_seconds: 0'))
  const topic = { title: 'Something to think about', raw: 'the first text of it, long', category: 2 }
  const made = world.forum.as('cyd').topic(topic)
  assert.ok(made.ok)
  assert.equal((await world.run('sync', '--yes')).code, 0)
  assert.ok(world.forum.as('cyd').edit(made.postId, 'the second text of it, long').ok)
  assert.equal((await world.run('sync', '--full')).code, 0)
  const copy = (): string =>
    world.chat
      .as('100')
      .messages(SPACE)
      .map((message) => message.text ?? '')
      .join('\n')
  assert.match(copy(), /the second text of it/)
  const [edit] = (await entries(world)).filter(({ action }) => action === 'update')
  const id = String(edit?.id)

  const shown = await world.run('undo', id)
  assert.equal(shown.code, 3, shown.err)
  assert.match(shown.out, /^\d+ +update +chat +message .*text: back to .*the first text/m)
  assert.match(shown.out, /needs a yes/)
  assert.match(copy(), /the second text of it/)
  const done = await world.run('undo', id, '--yes')
  assert.equal(done.code, 0, done.out + done.err)
  assert.match(done.out, /1 action taken back: in step/)
  assert.match(copy(), /the first text of it/)
  assert.deepEqual(posts(world), ['the first text of it, long'])
  assert.match((await world.run('explain', String(made.postId))).out, new RegExp(`undo of ${id}`))

  const service = world.start('run')
  await service.says(READY)
  const [undone] = (await entries(world)).filter(({ why }) => why === `undo of ${id}`)
  const again = await world.run('undo', String(undone?.id), '--yes', '--json')
  assert.equal(again.code, 0, again.out + again.err)
  await until('the second text is back', () => posts(world).includes('the second text of it, long'))
  service.child.kill('SIGTERM')
  await service.ended
})

test('a whole run is taken back within the brake, and mistakes are told', async (t) => {
  const world = await worldOf(t)
  world.configure(
    (text) => `${text}    brake: { deletes: { at_least: 1, share: 0.1 }, writes: { at_least: 1, share: 0.1 } }\n`,
  )
  for (const number of [1, 2, 3]) world.chat.as('101').post(SPACE, `message number ${number}`)
  assert.equal((await world.run('sync', '--yes')).code, 0)
  assert.equal(posts(world).length, 3)
  const braked = await world.run('undo', 'r1', '--yes')
  assert.equal(braked.code, 4, braked.out + braked.err)
  assert.match(braked.out, /--past-brake lets it go[^]*Nothing was taken back: the brake holds it/)
  assert.equal(posts(world).length, 3)
  const done = await world.run('undo', 'r1', '--yes', '--past-brake', '--json')
  assert.equal(posts(world).length, 0, done.out + done.err)
  assert.equal(world.chat.as('101').messages(SPACE).length, 3)
  assert.equal((await world.run('sync')).code, 0)
  assert.equal(posts(world).length, 0)
  // What the ordinary plan makes anew is wanted past the brake too.
  const [undone] = await entries(world)
  const again = await world.run('undo', `r${undone?.run}`, '--yes', '--past-brake')
  assert.equal(again.code, 0, again.out + again.err)
  assert.equal(posts(world).length, 3)
  world.chat.as('101').post(SPACE, 'message number 4')
  world.chat.as('101').post(SPACE, 'message number 5')
  assert.equal((await world.run('sync')).code, 4, 'the brake works again')

  for (const [args, code] of [
    [['undo'], 'which-actions'],
    [['undo', 'r1', '4'], 'which-actions'],
    [['undo', '999999'], 'nothing-to-undo'],
    [['undo', 'r999'], 'nothing-to-undo'],
    [['undo', '--since', 'soon'], 'no-time'],
  ] as const)
    assert.equal(json(await world.run(...args, '--json')).error?.code, code)
})
