/** How a conflict that waits for a person ends: by what is done to the items, without anybody's decision. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Conflict } from '../../src/core/state.ts'
import { carryOutUndo } from '../../src/engine/take-back.ts'
import { planUndo } from '../../src/engine/undo.ts'
import { drive, tablesOf, type Tables, type TablesOptions } from './tables.ts'

const MINUTE = 60_000
const NOTE = 'note-2'
const NOTES = { note: { fields: { title: { type: 'text' }, body: { type: 'text' } } } } as const

/** A note of which both sides say another title, and of which a person is asked. */
async function contested(options: Partial<TablesOptions> = {}): Promise<Tables> {
  const tables = await tablesOf({ a: NOTES, b: NOTES, policy: 'ask', ...options })
  await tables.approve()
  // Beside others, so that no brake holds.
  for (const title of ['Plan', 'one', 'two', 'three']) tables.a.add('note', { title, body: 'as it was' })
  await tables.sync()
  tables.a.set('note', NOTE, { title: 'Plan of May' })
  tables.b.set('note', NOTE, { title: 'Plan of June' })
  await tables.run(5 * MINUTE)
  assert.equal((await listed(tables)).length, 1)
  return tables
}

const listed = (tables: Tables): Promise<readonly Conflict[]> => tables.store.conflicts({ all: false })

/** What is said of all conflicts, as they stand. */
async function told(tables: Tables): Promise<readonly string[]> {
  const all = await tables.store.conflicts({ all: true })
  return all.map(({ winner, resolvedAt, why }) => `${resolvedAt === null ? 'open' : (winner ?? 'over')}: ${why}`)
}

const titles = (tables: Tables) => [tables.a, tables.b].map((table) => table.get('note', NOTE).values['title'])

// Seen red: it stayed open, and its alert on, though both said the same.
test('where one side takes its edit back, the other value travels, and nothing is contested any more', async () => {
  const tables = await contested()
  tables.b.set('note', NOTE, { title: 'Plan' })
  await tables.run(5 * MINUTE)
  assert.deepEqual(titles(tables), ['Plan of May', 'Plan of May'])
  assert.deepEqual(await told(tables), ['over: side b holds again what the two agreed on'])
})

test('where both take their edits back, or say the same, nothing is contested any more', async () => {
  const tables = await contested()
  for (const table of [tables.a, tables.b]) table.set('note', NOTE, { title: 'Plan' })
  await tables.run(5 * MINUTE)
  assert.deepEqual(titles(tables), ['Plan', 'Plan'])
  assert.match((await told(tables)).join(), /^over: \S+ \S+ holds? again what \S+ \S+ agreed on$/)

  const same = await contested()
  same.b.set('note', NOTE, { title: 'Plan of May' })
  await same.run(5 * MINUTE)
  assert.deepEqual(await told(same), ['over: the sides agree again'])
})

// Seen red: every rebase of the link closed all its conflicts, and the same values were asked about anew.
test('what the sides come to agree on in one field ends no conflict about another', async () => {
  const tables = await contested()
  const before = await listed(tables)
  for (const table of [tables.a, tables.b]) table.set('note', NOTE, { body: 'as it is now' })
  await tables.run(5 * MINUTE)
  tables.a.set('note', NOTE, { body: 'as it is in the end' })
  await tables.run(5 * MINUTE)
  assert.equal(tables.b.get('note', NOTE).values['body'], 'as it is in the end')
  assert.deepEqual(await listed(tables), before)
  assert.deepEqual(await told(tables), ['open: both sides changed'])
})

// Seen red: they stayed open for ever.
test('what is deleted on one side or on both is contested no more', async () => {
  const both = await contested()
  for (const table of [both.a, both.b]) table.drop('note', NOTE)
  await both.run(5 * MINUTE)
  assert.match((await told(both)).join(), /^over: it was deleted at side (a|b)$/)

  const one = await contested()
  one.b.drop('note', NOTE)
  await one.run(5 * MINUTE)
  assert.deepEqual(await told(one), ['over: it was deleted at side b'])
  assert.deepEqual(one.b.living('note').at(-1)?.values['title'], 'Plan of May')
})

// Seen red: it was open about a link that is no more.
test('what a person takes apart is contested no more', async () => {
  const kind = { note: { ...NOTES.note, unique: ['title'] } }
  const tables = await tablesOf({ a: kind, b: kind, policy: 'ask' })
  await tables.approve()
  for (const table of [tables.a, tables.b]) table.add('note', { title: 'Plan', body: 'as it was' })
  await tables.sync()
  tables.a.set('note', NOTE, { body: 'as a has it' })
  tables.b.set('note', NOTE, { body: 'as b has it' })
  await tables.run(5 * MINUTE)
  assert.deepEqual(await told(tables), ['open: both sides changed'])
  const { world } = tables.engine
  const joined = (await tables.store.journal({ limit: 10, after: 0 })).find(
    ({ pair, action }) => pair === 'note' && action === 'link',
  )
  const found = await tables.store.undoable({ ids: [joined?.id ?? 0], run: null, since: null, flow: null })
  const steps = await planUndo(world, world.model.flows, found, { over: false, pastBrake: false })
  await drive(
    tables.time,
    carryOutUndo(world, steps, new AbortController().signal).then(() => undefined),
    MINUTE,
  )
  assert.deepEqual(await told(tables), ['over: the two do not follow each other any more'])
})

test('another value is asked about anew, and what was asked before is over', async () => {
  const tables = await contested()
  tables.b.set('note', NOTE, { title: 'Plan of July' })
  await tables.run(5 * MINUTE)
  assert.deepEqual(await told(tables), ['over: another value stands there since', 'open: both sides changed'])
})

test('a difference that was accepted stays accepted, also where it comes back', async () => {
  const tables = await contested()
  const accept = async (id: number) =>
    tables.store.resolveConflict({ id, winner: 'accept', ranks: {}, now: tables.time.now() })
  await accept(1)
  await tables.run(5 * MINUTE)
  assert.deepEqual(await told(tables), ['accept: the difference was accepted'])
  tables.b.set('note', NOTE, { title: 'Plan of July' })
  await tables.run(5 * MINUTE)
  tables.b.set('note', NOTE, { title: 'Plan of June' })
  await tables.run(5 * MINUTE)
  assert.deepEqual(await told(tables), ['accept: the difference was accepted', 'over: the difference was accepted'])
  assert.deepEqual(titles(tables), ['Plan of May', 'Plan of June'])
})

// Seen red: with nothing of a decision committed that waits.
test('nothing stays contested because another field waits for what it refers to', async () => {
  const kind = { note: { fields: { ...NOTES.note.fields, about: { type: 'ref', to: 'note' } } } } as const
  const tables = await contested({ a: kind, b: kind })
  await tables.store.resolveConflict({ id: 1, winner: 'accept', ranks: {}, now: tables.time.now() })
  tables.b.set('note', NOTE, { title: 'Plan of July' })
  await tables.run(5 * MINUTE)
  tables.a.set('note', NOTE, { about: 'note-99' })
  tables.b.set('note', NOTE, { title: 'Plan of June' })
  await tables.run(5 * MINUTE)
  const { waiting } = await tables.store.explain({ ref: NOTE })
  assert.match(waiting.join(), /waits for its parent/)
  assert.deepEqual(await listed(tables), [])
})

test('what a person decides of two values is carried out and listed as such', async () => {
  const tables = await contested()
  await tables.store.resolveConflict({ id: 1, winner: 'b', ranks: {}, now: tables.time.now() })
  await tables.run(5 * MINUTE)
  assert.deepEqual(titles(tables), ['Plan of June', 'Plan of June'])
  assert.deepEqual(await told(tables), ['b: a person decided'])
})

// Seen red: the source's value was written over the one that a person had chosen.
test('on a one-way flow what a person lets stand at the far end stays there, and the two stay different', async () => {
  for (const oneWay of ['leave', 'hold', 'restore'] as const) {
    const tables = await contested({ oneWay })
    const [conflict] = await listed(tables)
    await tables.store.resolveConflict({ id: conflict?.id ?? 0, winner: 'b', ranks: {}, now: tables.time.now() })
    await tables.run(5 * MINUTE)
    assert.deepEqual(titles(tables), ['Plan of May', 'Plan of June'], oneWay)
    assert.deepEqual(await listed(tables), [])
    tables.a.set('note', NOTE, { title: 'Plan of July' })
    await tables.run(5 * MINUTE)
    assert.equal((await listed(tables)).length, 1, 'another value is another question')
  }
})
