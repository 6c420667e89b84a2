import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { READY, postsIn, json, SECRETS, SPACE, worldOf } from './world.ts'

// Seen red: when a restored store was not read anew, what was made since was copied a second time; when it was not
// paused, the sync wrote.
test('F58 a backup is made while the service runs; restored it is paused, matches what was made since, and shows a plan', async (t) => {
  const world = await worldOf(t)
  const ann = world.chat.as('101')
  const first = ann.post(SPACE, 'said before the backup')
  const service = world.start('run', '--yes')
  await service.says(READY)
  assert.equal((await world.run('sync')).code, 0)
  const backup = await world.run('backup', 'safe.backup')
  assert.equal(backup.code, 0, backup.err)
  assert.equal(statSync(join(world.folder, 'safe.backup')).mode & 0o077, 0)
  assert.equal(json(await world.run('backup', 'safe.backup', '--json')).error?.code, 'in-the-way')
  assert.equal(json(await world.run('restore', 'safe.backup', '--yes', '--json')).error?.code, 'store-in-use')
  ann.post(SPACE, 'a reply since the backup', { thread: first.name })
  ann.post(SPACE, 'a thread since the backup')
  assert.equal((await world.run('sync')).code, 0)
  assert.equal(postsIn(world).length, 3)
  service.child.kill('SIGTERM')
  await service.ended

  ann.post(SPACE, 'said after the service ended')
  assert.equal(json(await world.run('restore', 'safe.backup', '--json')).error?.code, 'needs-yes')
  const restored = await world.run('restore', 'safe.backup', '--yes')
  assert.equal(restored.code, 0, restored.err)
  assert.ok(readdirSync(world.folder).some((file) => file.startsWith('lockstep.db.before-restore-')))
  const plan = await world.run('plan')
  assert.match(plan.out, /create +forum +topic +said after the service ended/)
  assert.doesNotMatch(plan.out, /since the backup/)
  const paused = await world.run('sync')
  assert.match(paused.out, /^0 changes written/)
  assert.match(paused.out, /paused: restored from safe\.backup/)
  assert.equal((await world.run('flows', 'resume', 'team')).code, 0)
  const done = await world.run('sync')
  assert.equal(done.code, 0, done.out + done.err)
  assert.equal(postsIn(world).length, 4)
})

// Seen red: when the main file alone was copied, what had been committed since its last checkpoint was lost.
test('F58 a store that was set aside after a kill comes back with its newest commits', async (t) => {
  const world = await worldOf(t)
  const ann = world.chat.as('101')
  ann.post(SPACE, 'said before the backup')
  assert.equal((await world.run('sync', '--yes')).code, 0)
  assert.equal((await world.run('backup', 'safe.backup')).code, 0)
  const service = world.start('run', '--yes')
  await service.says(READY)
  ann.post(SPACE, 'said before the kill')
  assert.equal((await world.run('sync')).code, 0)
  service.child.kill('SIGKILL')
  await service.ended
  assert.ok(statSync(join(world.folder, 'lockstep.db-wal')).size > 0)

  assert.equal((await world.run('restore', 'safe.backup', '--yes')).code, 0)
  const aside = readdirSync(world.folder).find((file) => /^lockstep\.db\.before-restore-[^-]+$/.test(file)) ?? 'none'
  const back = await world.run('restore', aside, '--yes')
  assert.equal(back.code, 0, back.err)
  const known = await world.run('history', '--json')
  assert.match(known.out, /said before the kill/)
  const plan = await world.run('plan')
  assert.doesNotMatch(plan.out, /said before the kill/)
})

// Seen red: when an empty file was taken for a store, it took the place of the one that was there, and knew of nothing.
test('what is no whole backup takes the place of nothing', async (t) => {
  const world = await worldOf(t)
  world.chat.as('101').post(SPACE, 'said before the backup')
  assert.equal((await world.run('sync', '--yes')).code, 0)
  assert.equal((await world.run('backup', 'safe.backup')).code, 0)
  const whole = readFileSync(join(world.folder, 'safe.backup'))
  writeFileSync(join(world.folder, 'empty.backup'), '')
  writeFileSync(join(world.folder, 'half.backup'), whole.subarray(0, whole.length / 2))
  new DatabaseSync(join(world.folder, 'blank.backup')).exec('PRAGMA user_version = 1')
  for (const [file, code] of [
    ['empty.backup', 'no-backup'],
    ['half.backup', 'no-backup'],
    ['blank.backup', 'no-backup'],
    ['.', 'cannot-restore'],
  ] as const)
    assert.equal(json(await world.run('restore', file, '--yes', '--json')).error?.code, code, file)
  assert.ok(!readdirSync(world.folder).some((file) => /before-restore|restoring/.test(file)))
  assert.match((await world.run('history')).out, /said before the backup/)
})

// Seen red: when markers were made with the key of the moment, the second rotation wrote another one down.
test('keys rotate while the service runs: tokens open, markers survive it, and an interrupted rotation is finished', async (t) => {
  const world = await worldOf(t)
  const key = join(world.folder, 'lockstep.db.key')
  world.chat.as('101').post(SPACE, 'said under the first key')
  const service = world.start('run', '--yes')
  await service.says(READY)
  assert.equal((await world.run('sync')).code, 0)
  const before = readFileSync(key, 'utf8')
  const rotated = await world.run('keys', 'rotate')
  assert.equal(rotated.code, 0, rotated.err)
  assert.notEqual(readFileSync(key, 'utf8'), before)
  assert.equal((await world.run('sync')).code, 0)
  service.child.kill('SIGTERM')
  await service.ended

  const again = await world.run('keys', 'rotate', '--json')
  assert.equal(again.code, 0)
  const after = readFileSync(key, 'utf8')
  assert.ok(after.includes(`marker ${before.trim()}`), 'markers are still made with the first key')
  const [old] = readdirSync(world.folder).filter((file) => file.startsWith('lockstep.db.key.old-'))
  assert.ok(old !== undefined)
  // As a crash would leave it between the store and the key file.
  writeFileSync(`${key}.next`, after, { mode: 0o600 })
  writeFileSync(key, readFileSync(join(world.folder, old)))
  assert.equal((await world.run('status')).code, 0)
  assert.equal(readFileSync(key, 'utf8'), after)
  assert.equal(existsSync(`${key}.next`), false)
  for (const secret of Object.values(SECRETS)) assert.ok(!rotated.out.includes(secret))

  world.configure((text) => `store: ./lost.db\nsealing: { key_file: ./lockstep.db.key }\n${text}`)
  const lost = await world.run('sync', '--yes')
  assert.equal(lost.code, 0, lost.out + lost.err)
  assert.match(lost.out, /^0 changes written/)
  assert.equal(postsIn(world).length, 1)
})
