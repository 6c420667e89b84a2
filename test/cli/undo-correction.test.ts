/** What is told by a correcting reply is an action like any other: it is explained, taken back, and told again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { SPACE, worldOf, type World } from './world.ts'

const History = z.array(z.object({ id: z.number(), action: z.string() }))

async function lastCorrection(world: World): Promise<string> {
  const ran = await world.run('history', '--json')
  const found = History.parse(JSON.parse(ran.out)).filter(({ action }) => action === 'correct')
  return String(Math.max(...found.map(({ id }) => id)))
}

function said(world: World): string[] {
  return world.chat
    .as('101')
    .messages(SPACE)
    .map(({ text }) => text ?? '')
}

// Seen red: when `correct` is left out of what can be taken back; when the link of the correction sleeps.
test('undo: a correction is taken back, stays away, is told again by an undo of that, and explain tells each step', async (t) => {
  const world = await worldOf(t)
  world.configure((text) => `${text}    on_refused: reply\n`)
  const { name } = world.chat.as('101').post(SPACE, 'said by Ann in Chat')
  assert.equal((await world.run('sync', '--yes')).code, 0)
  const post = [...world.forum.state().posts.values()].find(({ raw }) => raw.includes('said by Ann'))
  assert.ok(post)
  const { ok } = world.forum
    .as('sync_bot')
    .edit(post.id, post.raw.replace('said by Ann in Chat', 'said otherwise in the forum'))
  assert.ok(ok)
  await world.run('sync', '--full')
  assert.equal(said(world).length, 2, said(world).join('\n'))
  assert.match(said(world)[1] ?? '', /now reads:\nsaid otherwise in the forum/)
  assert.match((await world.run('explain', name)).out, /tells a difference of/)

  const shown = await world.run('undo', await lastCorrection(world))
  assert.equal(shown.code, 3, shown.out + shown.err)
  assert.match(shown.out, /delete +chat +message +said by Ann.* +only the reply goes/)
  assert.equal(said(world).length, 2)
  const undone = await world.run('undo', await lastCorrection(world), '--yes')
  assert.equal(undone.code, 0, undone.out + undone.err)
  assert.deepEqual(said(world), ['said by Ann in Chat'])
  await world.run('sync', '--item', name)
  assert.deepEqual(said(world), ['said by Ann in Chat'], 'it stays away')
  assert.match((await world.run('explain', name)).out, /undo of \d+/)

  const again = await world.run('undo', await lastCorrection(world), '--yes')
  assert.equal(again.code, 0, again.out + again.err)
  await world.run('sync')
  assert.equal(said(world).length, 2)
  assert.match(said(world)[1] ?? '', /said otherwise in the forum/)
})
