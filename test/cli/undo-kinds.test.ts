/** Every kind of action is told by history and explain, is taken back by its id, and so is that. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { SPACE, until, worldOf, type World } from './world.ts'

const Entries = z.array(
  z.object({
    id: z.number(),
    action: z.string(),
    pair: z.string(),
    why: z.string(),
    refs: z.object({ a: z.string().nullable(), b: z.string().nullable() }),
  }),
)
type Entry = z.infer<typeof Entries>[number]

async function history(world: World): Promise<readonly Entry[]> {
  return Entries.parse(JSON.parse((await world.run('history', '--json')).out))
}

async function latest(world: World, action: string, pair: string): Promise<Entry> {
  const found = (await history(world)).find((each) => each.action === action && each.pair === pair)
  assert.ok(found, `no ${action} of ${pair}`)
  return found
}

function forum(world: World): string[] {
  const state = world.forum.state()
  return [...state.topics.values()]
    .filter((topic) => !topic.definition && topic.deletedAt === null)
    .flatMap((topic) => state.postsOf(topic.id))
    .filter((post) => post.deletedAt === null && !post.userDeleted)
    .map((post) => post.raw.replace(/^\*\*.*?:\n\n/s, ''))
}

function chat(world: World): string[] {
  return world.chat
    .as('101')
    .messages(SPACE)
    .map(({ text }) => (text ?? '').split('\n').at(-1) ?? '')
    .map((line) => line.replace(/^[A-Z]\w+ \w+: /, ''))
}

/** Takes an action back, and that as well; `between` looks at what stands in between. */
async function backAndForth(world: World, entry: Entry, done: RegExp, between: () => void): Promise<void> {
  const ref = entry.refs.b ?? entry.refs.a ?? ''
  assert.match((await world.run('explain', ref)).out, done)
  const undone = await world.run('undo', String(entry.id), '--yes')
  assert.equal(undone.code, 0, undone.out + undone.err)
  between()
  assert.match((await world.run('explain', ref)).out, new RegExp(`undo of ${entry.id}`))
  const again = (await history(world)).filter(({ why }) => why === `undo of ${entry.id}`)
  const redone = await world.run('undo', ...again.map(({ id }) => String(id)), '--yes')
  assert.equal(redone.code, 0, redone.out + redone.err)
  assert.equal((await world.run('status')).code, 0)
}

/** A thread with two messages, in step. */
async function thread(world: World): Promise<{ readonly head: string; readonly reply: string }> {
  const ann = world.chat.as('101')
  const head = ann.post(SPACE, 'a question of Ann, in Chat')
  const reply = ann.post(SPACE, 'more of Ann, in Chat', { thread: head.name })
  assert.equal((await world.run('sync', '--yes')).code, 0)
  return { head: head.name, reply: reply.name }
}

const manager = (text: string): string => text.replace('client_id: client', 'client_id: client\n    manager: true')

// Seen red: when the second create was, to Discourse, the first one repeated, it answered with the post that was gone.
test('a create and a delete are explained, taken back, and that is taken back', async (t) => {
  const world = await worldOf(t)
  world.configure(manager)
  const { reply } = await thread(world)
  const before = [chat(world), forum(world)]
  const create = (await history(world)).find(({ action, refs }) => action === 'create' && refs.a === reply)
  assert.ok(create)
  await backAndForth(world, create, /created the post \d+ in forum/, () => {
    assert.deepEqual(forum(world), ['a question of Ann, in Chat'])
    assert.equal(chat(world).length, 2, 'what it was made from stays')
  })
  assert.deepEqual([chat(world), forum(world)], before)

  const [, again] = world.chat.as('101').messages(SPACE)
  world.chat.as('101').remove(again?.name ?? '')
  await world.run('sync', '--full')
  assert.equal(forum(world).length, 1)
  await backAndForth(world, await latest(world, 'delete', 'message-post'), /deleted the post \d+ in forum/, () => {
    assert.deepEqual(
      [chat(world).toSorted(), forum(world).toSorted()],
      before.map((each) => each.toSorted()),
    )
  })
  assert.deepEqual([chat(world).length, forum(world).length], [1, 1])
})

test('a new text and a new name are explained, taken back, and that is taken back', async (t) => {
  const world = await worldOf(t)
  world.configure(manager)
  const [first, second] = ['The text of Cyd as it was first', 'The text of Cyd as it was then']
  const made = world.forum.as('cyd').topic({ title: 'Something of Cyd in the forum', raw: first, category: 2 })
  assert.ok(made.ok)
  await thread(world)
  assert.ok(world.forum.as('cyd').edit(made.postId, second).ok)
  await world.run('sync', '--full')
  assert.ok(chat(world).some((text) => text.includes(second)))
  await backAndForth(world, await latest(world, 'update', 'message-post'), /updated the message \S+ in chat/, () => {
    assert.ok(chat(world).some((text) => text.includes(first)))
    assert.ok(forum(world).includes(first))
  })
  assert.ok(chat(world).some((text) => text.includes(second)) && forum(world).includes(second))

  world.chat.as('100').rename(SPACE, 'Team of the North')
  const names = (): unknown[] => [
    world.chat.as('101').space(SPACE).displayName,
    world.forum.state().categories.get(2)?.name,
  ]
  // Within the lag of Chat's reads, the old name may be the newer one.
  const isRenamed = async (): Promise<boolean> => {
    await world.run('sync', '--full')
    return names().every((name) => name === 'Team of the North')
  }
  await until('the new name stands on both sides', isRenamed, 60_000)
  await backAndForth(world, await latest(world, 'update', 'space-category'), /updated the category 2 in forum/, () =>
    assert.deepEqual(names(), ['Team', 'Team']),
  )
  assert.deepEqual(names(), ['Team of the North', 'Team of the North'])
})

test('what was emptied gets its text back, and two that were linked as the same are parted', async (t) => {
  const world = await worldOf(t)
  world.configure((text) => `${manager(text)}    kinds: { message-post: { on_delete: { chat: empty } } }\n`)
  const same = 'The same words on both sides'
  world.chat.as('101').post(SPACE, same)
  assert.ok(world.forum.as('cyd').topic({ title: same, raw: same, category: 2 }).ok)
  const { reply } = await thread(world)
  assert.equal(forum(world).filter((text) => text === same).length, 1)
  const link = (await history(world)).filter(({ action, pair }) => action === 'link' && pair !== 'space-category')
  assert.equal(link.length, 2)
  assert.match((await world.run('explain', link[0]?.refs.b ?? '')).out, /linked as the same/)
  const parted = await world.run('undo', ...link.map(({ id }) => String(id)), '--yes')
  assert.equal(parted.code, 0, parted.out + parted.err)
  assert.equal(forum(world).filter((text) => text === same).length, 2)
  assert.equal(chat(world).filter((text) => text === same).length, 2)

  world.chat.as('101').remove(reply)
  await world.run('sync')
  const emptied = await latest(world, 'empty', 'message-post')
  assert.ok(!forum(world).includes('more of Ann, in Chat'))
  assert.match((await world.run('explain', emptied.refs.b ?? '')).out, /emptied the post \d+ in forum/)
  const undone = await world.run('undo', String(emptied.id), '--yes')
  assert.equal(undone.code, 0, undone.out + undone.err)
  assert.ok(forum(world).includes('more of Ann, in Chat') && chat(world).includes('more of Ann, in Chat'))
})
