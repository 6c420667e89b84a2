/** What waits for people: an answer is to what was asked, once, and what is over is asked no more. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Held } from '../../src/core/state.ts'
import { adoptGiven } from '../../src/engine/adopting.ts'
import type { Sort } from './table.ts'
import { tablesOf, type Tables, type TablesOptions } from './tables.ts'

const ROW: Sort = { fields: { title: { type: 'text', required: true }, note: { type: 'text' } }, match: ['title'] }

/** Rows with these titles at a, in step with b. */
async function inStep(titles: readonly string[], options: Partial<TablesOptions> = {}): Promise<Tables> {
  const tables = await tablesOf({ a: { row: ROW }, b: { row: ROW }, ...options })
  for (const title of titles) tables.a.add('row', { title })
  await tables.approve()
  await tables.sync()
  return tables
}

function refAt({ a, b }: Tables, side: 'a' | 'b', title: string): string {
  const found = (side === 'a' ? a : b).living('row').find(({ values }) => values['title'] === title)
  assert.ok(found, `${title} at ${side}`)
  return found.ref
}

async function open({ store }: Tables): Promise<readonly Held[]> {
  return store.heldList({ flow: null })
}

async function asked(tables: Tables): Promise<string[]> {
  return (await open(tables)).map(({ action, reason }) => `${action} ${reason}`)
}

/** What people answer to all that is asked. */
async function answer(tables: Tables, decision: 'approved' | 'discarded'): Promise<void> {
  await tables.store.decideHeld({ ids: 'all', decision, ranks: {}, now: tables.time.now() })
  await tables.sync()
}

const ROWS = ['one', 'two', 'three', 'four', 'five', 'six']

// Seen red: when pass() ends no hold of a subject whose write goes.
test('an edit that was discarded is an edit again once the source said something else meanwhile', async () => {
  const tables = await inStep(ROWS)
  const ref = refAt(tables, 'a', 'one')
  tables.b.refuses = (_, { title }) => (title === 'X' ? 'rejected' : null)
  tables.a.set('row', ref, { title: 'X' })
  await tables.sync()
  assert.deepEqual(await asked(tables), ['update rejected'])
  await answer(tables, 'discarded')
  assert.deepEqual(await asked(tables), [])
  tables.b.refuses = () => null
  for (const title of ['Y', 'X']) {
    tables.a.set('row', ref, { title })
    await tables.sync()
    assert.ok(tables.b.all('row', 'title').includes(title), title)
  }
})

// Seen red: when finish() does not use the approval up.
test('an approval lets one write go: the next edit that would be taken back is asked about', async () => {
  const tables = await inStep(ROWS, { oneWay: 'hold' })
  const ref = refAt(tables, 'b', 'one')
  for (const title of ['as b has it', 'as b has it now']) {
    tables.b.set('row', ref, { title })
    await tables.sync()
    assert.ok(tables.b.all('row', 'title').includes(title), title)
    assert.deepEqual(await asked(tables), ['update policy'])
    await answer(tables, 'approved')
    assert.ok(tables.b.all('row', 'title').includes('one'))
  }
})

// Seen red: when a refusal leaves the approval, and what is asked again is taken for answered.
test('what was approved and is refused again is asked again', async () => {
  const tables = await inStep(ROWS)
  tables.b.refuses = (_, { title }) => (title === 'X' || title === 'new' ? 'rejected' : null)
  tables.a.set('row', refAt(tables, 'a', 'one'), { title: 'X' })
  tables.a.add('row', { title: 'new' })
  await tables.sync()
  for (let round = 0; round < 2; round += 1) {
    assert.deepEqual((await asked(tables)).toSorted(), ['create rejected', 'update rejected'])
    await answer(tables, 'approved')
    await tables.run(20 * 60_000)
  }
})

// Seen red: when endedBy() is asked only of what needs nothing.
test('what is asked about an edit ends with its item', async () => {
  const tables = await inStep(ROWS)
  tables.b.refuses = (_, { title }) => (title === 'X' ? 'rejected' : null)
  const ref = refAt(tables, 'a', 'one')
  tables.a.set('row', ref, { title: 'X' })
  await tables.sync()
  assert.deepEqual(await asked(tables), ['update rejected'])
  tables.a.drop('row', ref)
  await tables.sync()
  assert.equal(tables.b.living('row').length, ROWS.length - 1)
  assert.deepEqual(await asked(tables), [])
})

/** One row of a could be either of two of b; the others are alone. */
async function ambiguous(rules: TablesOptions['rules'] = {}): Promise<Tables> {
  const tables = await tablesOf({ a: { row: ROW }, b: { row: ROW }, rules: { ...rules } })
  for (const title of ['same', ...ROWS]) tables.a.add('row', { title })
  for (const note of ['first', 'second']) tables.b.add('row', { title: 'same', note })
  await tables.approve()
  await tables.sync()
  assert.deepEqual(await asked(tables), ['create ambiguous', 'create ambiguous', 'create ambiguous'])
  return tables
}

// Seen red: when an answer about the item as such is taken for one to whatever is done with it later.
test('what may be copied though it is ambiguous may not be deleted unasked later', async () => {
  const tables = await ambiguous({ onDelete: { a: 'hold', b: 'hold' } })
  await answer(tables, 'approved')
  const titles = tables.b.all('row', 'title')
  assert.equal(titles.filter((title) => title === 'same').length, 3)
  tables.a.drop('row', refAt(tables, 'a', 'same'))
  await tables.sync()
  assert.deepEqual(tables.b.all('row', 'title'), titles)
  assert.deepEqual(await asked(tables), ['delete policy'])
})

// Seen red: when a link leaves what was answered about making its items.
test('what a person joins after it was discarded as ambiguous is in step from then on', async () => {
  const tables = await ambiguous()
  await answer(tables, 'discarded')
  const a = refAt(tables, 'a', 'same')
  await tables.store.giveLinks({ links: [{ flow: 'team', pair: 'row', a, b: refAt(tables, 'b', 'same') }] })
  for (const model of tables.engine.world.model.flows) await adoptGiven(tables.engine.world, model)
  tables.a.set('row', a, { title: 'joined' })
  await tables.sync()
  assert.ok(tables.b.all('row', 'title').includes('joined'))
})

// Seen red: when the counts leave out what the brake holds: the last two of them went.
test('all of a mass delete are held, however many are planned at a time', async () => {
  const titles = Array.from({ length: 150 }, (_, at) => `row ${at}`)
  const tables = await inStep(titles)
  for (const { ref } of tables.a.living('row').slice(0, 130)) tables.a.drop('row', ref)
  await tables.sync()
  assert.equal(tables.b.living('row').length, 150)
  assert.equal((await open(tables)).length, 130)
})

/** Rows in step on a one-way flow, one of them edited at its far end. */
async function editedAstray(): Promise<{ tables: Tables; ref: string }> {
  const tables = await inStep(ROWS, { oneWay: 'hold' })
  const ref = refAt(tables, 'b', 'one')
  tables.b.set('row', ref, { title: 'as b has it' })
  return { tables, ref }
}

/** It is edited again before what is asked about it is approved: that edit stands. */
async function approvedTooLate(tables: Tables, ref: string): Promise<void> {
  const ids = (await open(tables)).map(({ id }) => id)
  tables.b.set('row', ref, { title: 'as b has it now' })
  await tables.store.decideHeld({ ids, decision: 'approved', ranks: {}, now: tables.time.now() })
  await tables.sync()
  assert.ok(tables.b.all('row', 'title').includes('as b has it now'))
}

// Seen red: when the fingerprint of an update is of what it writes alone.
test('an approval is about what was seen: what is edited again before it is carried out is asked about again', async () => {
  const { tables, ref } = await editedAstray()
  await tables.sync()
  await approvedTooLate(tables, ref)
  assert.deepEqual(await asked(tables), ['update policy'])
})

// Seen red: when the fingerprint of a delete is of the item alone, whatever it says.
test('who let a delete go let that go which stood there: what is written into it meanwhile is asked about again', async () => {
  const { tables, ref } = await editedAstray()
  tables.a.drop('row', refAt(tables, 'a', 'one'))
  await tables.sync()
  assert.deepEqual(await asked(tables), ['delete policy'])
  await approvedTooLate(tables, ref)
  assert.deepEqual(await asked(tables), ['delete policy'])
})

// Seen red: when an answer to a delete is looked for by what it would take away.
test('what is not to be taken away is not asked about again, whatever is written into it', async () => {
  const { tables, ref } = await editedAstray()
  tables.a.drop('row', refAt(tables, 'a', 'one'))
  await tables.sync()
  await answer(tables, 'discarded')
  tables.b.set('row', ref, { title: 'as b has it now' })
  await tables.sync()
  assert.deepEqual(await asked(tables), [])
  assert.ok(tables.b.all('row', 'title').includes('as b has it now'))
})
