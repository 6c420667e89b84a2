import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { acquire } from '../../src/store/lock.ts'
import { json, SPACE, worldOf, type World } from './world.ts'

const OTHER_KEY = '5'.repeat(64)

async function synced(t: TestContext): Promise<World> {
  const world = await worldOf(t)
  world.chat.as('101').post(SPACE, 'something to keep')
  assert.equal((await world.run('sync', '--yes')).code, 0)
  return world
}

test('a wrong sealing key is refused, and so is a missing one', async (t) => {
  const world = await synced(t)
  const key = join(world.folder, 'lockstep.db.key')
  const right = readFileSync(key)
  writeFileSync(key, OTHER_KEY)
  const wrong = await world.run('sync', '--json')
  assert.equal(wrong.code, 2)
  assert.equal(json(wrong).error?.code, 'wrong-key')
  assert.match(wrong.err, /→ /)
  renameSync(key, `${key}.away`)
  const missing = await world.run('status')
  assert.equal(missing.code, 2)
  assert.match(missing.err, /no key to open the secrets/)
  assert.equal(existsSync(key), false)
  writeFileSync(key, right)
  chmodSync(key, 0o600)
  assert.equal((await world.run('status')).code, 0)
})

test('a store of a newer version, one that is damaged and one of another program are refused', async (t) => {
  const world = await synced(t)
  const path = join(world.folder, 'lockstep.db')
  const db = new DatabaseSync(path)
  db.exec("INSERT INTO migrations (number, name, checksum, applied_at) VALUES (99, '0099', 'x', 0)")
  db.close()
  const newer = await world.run('run', '--json')
  assert.equal(newer.code, 2)
  assert.equal(json(newer).error?.code, 'store-newer')

  writeFileSync(path, 'this was a store once'.repeat(400))
  const corrupt = await world.run('sync', '--json')
  assert.equal(corrupt.code, 1)
  assert.equal(json(corrupt).error?.code, 'store-corrupt')
  assert.match(corrupt.err, /newest backup/)

  const foreign = new DatabaseSync(join(world.folder, 'foreign.db'))
  foreign.exec('CREATE TABLE notes (text TEXT)')
  foreign.close()
  world.configure((text) => `store: foreign.db\n${text}`)
  const other = await world.run('status', '--json')
  assert.equal(other.code, 2)
  assert.equal(json(other).error?.code, 'store-foreign')
})

test('F4 a store that another process owns and that does not answer is told as such', async (t) => {
  const world = await synced(t)
  const lock = acquire(join(world.folder, 'lockstep.db'))
  assert.notEqual(lock, 'held')
  const ran = await world.run('sync', '--json')
  if (lock !== 'held') lock.release()
  assert.equal(ran.code, 1)
  assert.equal(json(ran).error?.code, 'store-in-use')
})

test('a folder that does not exist for the store is told, and nothing is made', async (t) => {
  const world = await worldOf(t)
  world.configure((text) => `store: nowhere/lockstep.db\n${text}`)
  const ran = await world.run('sync', '--json')
  assert.equal(ran.code, 1)
  assert.equal(json(ran).error?.code, 'store-denied')
})

test('F54 a renamed flow stops the start with its choices, and each of them works', async (t) => {
  const world = await synced(t)
  const renamed = (text: string): string => text.replace('  team:', '  crew:')
  world.configure(renamed)
  const stopped = await world.run('sync')
  assert.equal(stopped.code, 2)
  for (const choice of [
    /rename: /,
    /adopt: +.*lockstep flows adopt team --as crew/,
    /remove: .*lockstep flows remove team/,
  ])
    assert.match(stopped.err, choice)
  assert.match((await world.run('check')).out, /no longer names/)

  assert.equal((await world.run('flows', 'adopt', 'team', '--as', 'crew')).code, 0)
  const adopted = await world.run('sync')
  assert.equal(adopted.code, 0, adopted.out + adopted.err)
  assert.match(adopted.out, /^0 changes written/)

  world.configure()
  assert.equal((await world.run('sync')).code, 2)
  assert.equal((await world.run('flows', 'remove', 'team')).code, 2)
  assert.equal((await world.run('flows', 'remove', 'crew')).code, 0)
  const matched = await world.run('sync', '--yes')
  assert.equal(matched.code, 0, matched.out + matched.err)
  assert.match(matched.out, /^0 changes written/)
})

test('swapped sides are refused', async (t) => {
  const world = await synced(t)
  world.configure((text) =>
    text.replace('between: [chat, forum]', 'between: [forum, chat]').replace(`[${SPACE}, 2]`, `[2, ${SPACE}]`),
  )
  const ran = await world.run('sync', '--json')
  assert.equal(ran.code, 2)
  assert.equal(json(ran).error?.code, 'flow-swapped')
})

test('a long path keeps the control socket reachable', async (t) => {
  const world = await worldOf(t)
  const deep = 'a-folder-with-quite-a-long-name/'.repeat(4)
  mkdirSync(join(world.folder, deep), { recursive: true })
  world.configure((text) => `store: ${deep}lockstep.db\n${text}`)
  const service = world.start('run', '--yes')
  await service.says(/running; Ctrl-C/)
  assert.match((await world.run('status')).out, /service running/)
})

test('a Node that is too old is refused in one message', (t) => {
  const script = fileURLToPath(new URL('../../bin/lockstep.mjs', import.meta.url))
  const text = readFileSync(script, 'utf8')
  assert.doesNotMatch(text, /^import .* from '(?!node:)/m)
  const alone = mkdtempSync(join(tmpdir(), 'lockstep-alone-'))
  t.after(() => rmSync(alone, { recursive: true }))
  mkdirSync(join(alone, 'bin'), { recursive: true })
  writeFileSync(join(alone, 'bin', 'lockstep.mjs'), text.replace('const NEEDED = 24', 'const NEEDED = 999'))
  const bare = spawnSync(process.execPath, [join(alone, 'bin', 'lockstep.mjs'), 'status'], { encoding: 'utf8' })
  assert.equal(bare.status, 2)
  assert.match(bare.stderr, /run "npm ci"/)
  mkdirSync(join(alone, 'node_modules', 'commander'), { recursive: true })
  const old = spawnSync(process.execPath, [join(alone, 'bin', 'lockstep.mjs'), 'status'], { encoding: 'utf8' })
  assert.equal(old.status, 2)
  assert.match(old.stderr, /Node \d+\.\d+\.\d+ is too old/)
})
