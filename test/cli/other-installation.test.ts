/** Two installations that sync the same pair of containers would copy everything twice, and each other. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
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

const Topic = z.object({ title: z.string(), external_id: z.string() })

/** Nobody writes anything before both have begun to: from then on each is let through. */
function holdBack(world: World): void {
  const keys = new Map<string, Set<string>>()
  let isOpen = false
  const wait = { 'retry-after': '1', 'content-type': 'application/json' }
  world.meddle(
    ({ method, path }) =>
      isOpen || method === 'GET' || !path.endsWith('/messages')
        ? null
        : { status: 429, headers: wait, body: Buffer.from('{"error":{"status":"RESOURCE_EXHAUSTED"}}') },
    ({ method, path, body }) => {
      if (isOpen || method !== 'POST' || path !== '/posts.json') return null
      const { title, external_id: key } = Topic.parse(JSON.parse(body.toString()))
      const seen = keys.get(title) ?? new Set()
      keys.set(title, seen.add(key))
      isOpen = seen.size > 1
      return { status: 429, headers: wait, body: Buffer.from('{"extras":{"wait_seconds":1}}') }
    },
  )
}

// Seen red: without `noticeStrangers` each copied the copies of the other, at every sync.
test('two installations that begin at the same moment notice each other at the next read, and copy no copies', async (t) => {
  const world = await worldOf(t)
  const said = ['one of the space', 'two of the space', 'three of the space']
  for (const text of said) world.chat.as('101').post(SPACE, text)
  const raw = 'Said by Cyd in the forum, before anybody synced'
  assert.ok(world.forum.as('cyd').topic({ title: 'Something of the forum', raw, category: 2 }).ok)
  const other = second(world)
  holdBack(world)
  const first = await Promise.all([world.run('sync', '--yes'), world.run('sync', '--yes', ...other)])
  const copies = [postsIn(world).length, messages(world).length]
  assert.deepEqual(copies, [1 + 2 * said.length, said.length + 2], JSON.stringify(first))
  const ran = await Promise.all([world.run('sync'), world.run('sync', ...other)])
  for (const { out, err } of ran)
    assert.match(
      out + err,
      /team is paused: another installation copies here as well: it made the \w+ \S+ of (chat|forum)/,
    )
  await Promise.all([world.run('sync'), world.run('sync', ...other)])
  assert.deepEqual([postsIn(world).length, messages(world).length], copies)
  const check = await world.run('check')
  assert.equal(check.code, 1)
  assert.match(check.out, /flows\.team: another installation copies here as well/)
})
