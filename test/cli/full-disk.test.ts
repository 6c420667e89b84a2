/** A full disk under the real service and the real commands: one message, the remedy, nothing by halves, and on it goes. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { smallDisk } from './small-disk.ts'
import { json, postsIn, READY, SECRETS, SPACE, until, worldOf, type World } from './world.ts'

const FULL = /The disk that holds the store is full/
const SKIPPED = 'no small file system can be mounted here'

function storeOn(world: World, folder: string): void {
  world.configure((text) => `store: ${join(folder, 'lockstep.db')}\npoll: 1s\n${text}`)
}

/** As the forum sends it: somebody has edited a post. */
async function send(url: string, id: number): Promise<number> {
  const body = JSON.stringify({ post: { id, topic_id: 1, category_id: 2, post_number: 1 } })
  const headers = {
    'content-type': 'application/json',
    'x-discourse-event': 'post_edited',
    'x-discourse-event-type': 'post',
    'x-discourse-event-signature': `sha256=${createHmac('sha256', SECRETS.webhook).update(body).digest('hex')}`,
  }
  return (await fetch(url, { method: 'POST', headers, body })).status
}

// Seen red: when a full disk is not among what the service may recover from.
test('F37 a full disk under the running service: webhooks are refused, it is said once, and all arrives once there is room', async (t) => {
  const disk = smallDisk(t, 12)
  if (disk === null) return t.skip(SKIPPED)
  const world = await worldOf(t)
  storeOn(world, disk.folder)
  const service = world.start('run', '--yes')
  await service.says(READY)
  await until('the first sync is done', async () => (await world.run('status', '--json')).out.includes('"in step"'))
  const { listeners } = json(await world.run('status', '--json'))
  assert.ok(typeof listeners === 'object' && listeners !== null && 'webhooks' in listeners)
  const hook = `${String(listeners.webhooks)}/webhooks/forum`

  disk.fill()
  const answers: number[] = []
  for (let id = 1000; id < 6000 && !answers.includes(503); id += 1) answers.push(await send(hook, id))
  assert.equal(answers.at(-1), 503, `${answers.length} answers`)
  assert.ok(answers.slice(0, -1).every((status) => status === 200))
  const thread = world.chat.as('101').post(SPACE, 'said while the disk is full')
  for (let i = 1; i <= 20; i += 1)
    world.chat.as('101').post(SPACE, `and answer ${i} of that time`, { thread: thread.name ?? '' })
  await service.says(/the engine waits|"code":"store-full"/)
  assert.equal(service.child.exitCode, null)
  assert.equal((await world.run('status')).code, 1)

  disk.empty()
  assert.equal(await send(hook, 9999), 200)
  await until('everything has arrived', () => postsIn(world).length >= 21, 60_000)
  service.child.kill('SIGTERM')
  const ended = await service.ended
  assert.equal(ended.code, 0, ended.err)
  const posts = postsIn(world)
  assert.equal(new Set(posts).size, posts.length)
  assert.equal(posts.length, 21)
  assert.equal(ended.err.split('\n').filter((line) => FULL.test(line) && line.includes('webhook')).length, 1)
  assert.match(ended.err, /Free some space/)
  const kept = new DatabaseSync(join(disk.folder, 'lockstep.db'), { readOnly: true })
  assert.deepEqual({ ...kept.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' })
  kept.close()
})

// Seen red: when SQLITE_FULL is told as any other failure.
test('a command on a full disk ends with 1 and the remedy, writes nothing by halves, and goes on once there is room', async (t) => {
  const disk = smallDisk(t, 12)
  if (disk === null) return t.skip(SKIPPED)
  const world = await worldOf(t)
  storeOn(world, disk.folder)
  world.chat.as('101').post(SPACE, 'said before there was a store')
  disk.fill()
  const before = await world.run('sync', '--yes')
  assert.equal(before.code, 1, before.out + before.err)
  assert.match(before.err, FULL)
  assert.match(before.err, /→ Free some space/)
  assert.deepEqual(postsIn(world), [])

  disk.empty()
  assert.equal((await world.run('sync', '--yes')).code, 0)
  assert.equal(postsIn(world).length, 1)
  disk.fill()
  for (let i = 1; i <= 60; i += 1) world.chat.as('101').post(SPACE, `said while the disk is full, number ${i}`)
  const during = await world.run('sync')
  assert.equal(during.code, 1, during.out + during.err)
  assert.match(during.err, FULL)
  assert.equal(during.err.match(/Free some space/g)?.length, 1)

  disk.empty()
  const after = await world.run('sync')
  assert.equal(after.code, 0, after.out + after.err)
  assert.equal(new Set(postsIn(world)).size, 61)
  assert.equal(postsIn(world).length, 61)
})
