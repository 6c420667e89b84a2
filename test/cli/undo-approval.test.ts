import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { z } from 'zod'
import type { Approval, Operations, UndoReport } from '../../src/service/operations.ts'
import { connectRemote } from '../../src/service/remote.ts'
import { socketOf } from '../../src/service/store-access.ts'
import { READY, SPACE, until, worldOf } from './world.ts'

const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
const { version } = z.object({ version: z.string() }).parse(JSON.parse(manifest))

function undo(operations: Operations, since: number, approval: Approval, pastBrake = false): Promise<UndoReport> {
  const asked = { ids: [], run: null, since, flow: null, over: false, pastBrake, approval }
  return operations.undo(asked, () => undefined)
}

// Seen red: when a yes was to whatever there was to take back by then, what came meanwhile was deleted as well.
test('a yes to an undo is a yes to what was shown: what was done meanwhile is shown first', async (t) => {
  const world = await worldOf(t)
  assert.equal((await world.run('sync', '--yes')).code, 0)
  await world.start('run').says(READY)
  const operations = await connectRemote(socketOf(join(world.folder, 'lockstep.db')), version)
  assert.ok(operations)
  const isCopied = (text: string): boolean =>
    [...world.forum.state().posts.values()].some((post) => post.deletedAt === null && post.raw.includes(text))
  const say = async (text: string): Promise<void> => {
    world.chat.as('101').post(SPACE, text)
    await operations.sync({ flow: null, item: null, full: false, approval: null }, () => undefined)
    await until('it is copied', () => isCopied(text))
  }
  const since = Date.now()
  await say('the first message of Ann')
  const shown = await undo(operations, since, null)
  assert.equal(shown.done, null)
  await say('what came while a person was thinking')
  const other = await undo(operations, since, { shown: shown.fingerprint })
  assert.equal(other.done, null)
  assert.ok(other.lines.length > shown.lines.length)
  assert.deepEqual([isCopied('the first message'), isCopied('what came')], [true, true])

  const same = await undo(operations, since, { shown: other.fingerprint })
  assert.ok(same.done?.every(({ failed }) => failed === null))
  assert.deepEqual([isCopied('the first message'), isCopied('what came')], [false, false])
})

// Seen red: when what would be held was left out of the question, there was none.
test('what the brake would hold is asked about too where a person lets it go', async (t) => {
  const world = await worldOf(t)
  const brake = 'brake: { deletes: { at_least: 1, share: 0.1 }, writes: { at_least: 1, share: 0.1 } }'
  world.configure((text) => `${text}    ${brake}\n`)
  for (const number of [1, 2, 3]) world.chat.as('101').post(SPACE, `message number ${number}`)
  assert.equal((await world.run('sync', '--yes')).code, 0)
  assert.match((await world.run('undo', 'r1')).out, /Nothing was taken back: the brake holds it/)
  const past = await world.run('undo', 'r1', '--past-brake')
  assert.equal(past.code, 3, past.err)
  assert.match(past.out, /Nothing was taken back yet: that needs a yes/)
  assert.doesNotMatch(past.out, /brake/)
})

// Seen red: when the first entry was where the journal begins, it had forgotten what never was; when what is forgotten counted as not done.
test('undo says that the journal begins later where something of it was forgotten, and only there', async (t) => {
  const world = await worldOf(t)
  world.chat.as('101').post(SPACE, 'a question of Ann')
  assert.equal((await world.run('sync', '--yes')).code, 0)
  const whole = await world.run('undo', '--since', '40d')
  assert.equal(whole.code, 3, whole.err)
  assert.doesNotMatch(whole.out, /journal begins/)

  const store = new DatabaseSync(join(world.folder, 'lockstep.db'))
  store.exec(`UPDATE journal SET at = at - ${40 * 86_400_000}`)
  store.close()
  const service = world.start('run')
  await service.says(READY)
  await until('the journal is forgotten', async () => (await world.run('history')).out.includes('Nothing was done'))
  assert.match((await world.run('undo', '--since', '45d')).err, /What was done before \S+ \S+ is forgotten/)
})
