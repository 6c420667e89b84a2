import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { READY, json, SPACE, until, worldOf, type World } from './world.ts'

function titles(world: World): string[] {
  return [...world.forum.state().topics.values()].filter((topic) => !topic.definition).map(({ title }) => title)
}

// Seen red: when the engine was not made anew, the service did not want them.
test('backfill shows what came before the start, asks, and brings it over; also while the service runs', async (t) => {
  const world = await worldOf(t)
  world.configure((text) => `${text}    start: now\n`)
  world.chat.as('101').post(SPACE, 'said long before the start')
  assert.equal((await world.run('sync', '--yes')).code, 0)
  assert.deepEqual(titles(world), [])
  const shown = await world.run('backfill', 'team', '--since', '1h')
  assert.equal(shown.code, 3, shown.err)
  assert.match(shown.out, /1 message of chat/)
  assert.equal((await world.run('backfill', 'team', '--since', '2099-01-01')).code, 0)
  const service = world.start('run')
  await service.says(READY)
  const done = await world.run('backfill', 'team', '--since', '1h', '--yes')
  assert.equal(done.code, 0, done.out + done.err)
  await until('it is there', () => titles(world).includes('said long before the start'))
  assert.equal((await world.run('flows', 'lift-brake', 'team', '--for', '2h')).code, 0)
  assert.match((await world.run('flows')).out, /brake lifted/)
  assert.equal((await world.run('flows', 'lift-brake', 'team', '--end')).code, 0)
  service.child.kill('SIGTERM')
  await service.ended
  assert.equal((await world.run('sync')).code, 0)
  assert.equal(titles(world).length, 1)
  assert.equal(json(await world.run('flows', 'lift-brake', 'team', '--json')).error?.code, 'how-long')
  const none = await world.run('flows', 'lift-brake', 'team', '--for', '0m', '--json')
  assert.deepEqual([none.code, json(none).error?.code], [2, 'how-long'])
})

// Seen red: when it was taken, the engine at work planned it away under the old start, and nobody wanted it any more.
test('backfill waits for a command that is at work, and finds all of it afterwards', async (t) => {
  const world = await worldOf(t)
  world.configure((text) => `${text}    start: now\n`)
  world.chat.as('101').post(SPACE, 'said long before the start')
  assert.equal((await world.run('sync', '--yes')).code, 0)
  const working = world.start('connect', 'chat')
  await working.says(/Sign in to Google Chat/)
  const refused = await world.run('backfill', 'team', '--since', '1h', '--yes', '--json')
  assert.deepEqual([refused.code, json(refused).error?.code], [1, 'store-in-use'])
  working.child.kill('SIGINT')
  await working.ended
  assert.equal((await world.run('backfill', 'team', '--since', '1h', '--yes')).code, 0)
  assert.equal((await world.run('sync')).code, 0)
  assert.deepEqual(titles(world), ['said long before the start'])
})

// Seen red: when what was wanted once counted as taken, it was told that there is nothing, and nothing came any more.
test('a backfill that was interrupted is asked for again, and brings everything over', async (t) => {
  const world = await worldOf(t)
  world.configure((text) => `${text}    start: now\n`)
  world.chat.as('101').post(SPACE, 'said long before the start')
  assert.equal((await world.run('sync', '--yes')).code, 0)
  const db = new DatabaseSync(join(world.folder, 'lockstep.db'))
  const since = new Date(Date.now() - 3600_000).toISOString()
  // It was noted since when, and the process ended before anything was made due.
  db.prepare('INSERT INTO meta (name, value) VALUES (?, ?)').run('backfill team', since)
  db.close()
  assert.equal((await world.run('sync')).code, 0)
  assert.deepEqual(titles(world), [])
  const again = await world.run('backfill', 'team', '--since', '30m', '--yes')
  assert.match(again.out, /1 message of chat/)
  assert.equal((await world.run('sync')).code, 0)
  assert.deepEqual(titles(world), ['said long before the start'])
  const nothing = await world.run('backfill', 'team', '--since', '1h')
  assert.match(nothing.out, /There is nothing from before the start/)
})
