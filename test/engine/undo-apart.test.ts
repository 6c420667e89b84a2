import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JournalEntry } from '../../src/core/state.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { carryOutUndo, type Undone } from '../../src/engine/take-back.ts'
import { planUndo, type UndoStep } from '../../src/engine/undo.ts'
import type { Store } from '../../src/store/verbs/index.ts'
import { drive, tablesOf, type Tables } from './tables.ts'
import { productOf, type Product } from './product.ts'
import type { Sorts } from './table.ts'

const MINUTE = 60_000
const CARDS: Sorts = { card: { fields: { name: { type: 'text' }, text: { type: 'text' } }, match: ['name'] } }

interface Taking {
  readonly engine: Engine
  readonly store: Store
}

async function shown({ engine, store }: Taking, entries: readonly JournalEntry[]): Promise<readonly UndoStep[]> {
  const ids = entries.map(({ id }) => id)
  const found = await store.undoable({ ids, run: null, since: null, flow: null })
  return planUndo(engine.world, engine.world.model.flows, found, { over: false, pastBrake: false })
}

async function takeBack(on: Tables | Product, entries: readonly JournalEntry[]): Promise<readonly Undone[]> {
  return carriedOut(on, await shown(on, entries))
}

async function carriedOut(on: Tables | Product, steps: readonly UndoStep[]): Promise<readonly Undone[]> {
  const said: Undone[] = []
  const work = carryOutUndo(on.engine.world, steps, new AbortController().signal)
  await drive(
    on.time,
    work.then((each) => void said.push(...each)),
    60 * MINUTE,
  )
  return said
}

async function done({ store }: Taking, action: string, kind: string): Promise<readonly JournalEntry[]> {
  const entries = await store.journal({ limit: 1000, after: 0 })
  return entries.filter((each) => each.action === action && each.pair === kind)
}

async function cards(options: Partial<Parameters<typeof tablesOf>[0]> = {}): Promise<Tables> {
  const tables = await tablesOf({ a: CARDS, b: CARDS, ...options })
  await tables.approve()
  return tables
}

// Seen red: when any other item that was made in the same moment counted as the first child, the memo went too.
test('undo: of two items of different kinds that were made in the same moment, only the one that is meant is taken back', async () => {
  const memos: Sorts = { ...CARDS, memo: { fields: { name: { type: 'text' } } } }
  const tables = await cards({ a: memos, b: memos })
  tables.a.add('card', { name: 'a card' })
  tables.a.add('memo', { name: 'a memo' })
  await tables.sync()
  const [[card], [memo]] = [await done(tables, 'create', 'card'), await done(tables, 'create', 'memo')]
  assert.equal(card?.at, memo?.at)
  assert.deepEqual(
    (await takeBack(tables, card === undefined ? [] : [card])).map(({ step }) => step.entry.pair),
    ['card'],
  )
  await tables.run(10 * MINUTE)
  assert.deepEqual([tables.b.all('card', 'name'), tables.b.all('memo', 'name')], [[], ['a memo']])
})

/** Ann and Bob have an event each with the same ref; each was edited once in their own system. */
async function twoAccounts(): Promise<Product> {
  const product = await productOf(['ann', 'bob'])
  for (const each of ['ann', 'bob']) product.home(each).add('event', { title: `own of ${each}` }, each)
  await product.sync()
  for (const each of ['ann', 'bob']) {
    product.home(each).set('event', 'event-2', { title: `news of ${each}` })
    await product.run(10 * MINUTE)
  }
  return product
}

// Seen red: when the refs alone told what a later action was about, the event of Ann was said to be changed since.
test('undo: what was done later to an item of another account with the same ref changes nothing', async () => {
  const product = await twoAccounts()
  const [edit] = await done(product, 'update', 'event')
  const others = (await done(product, 'create', 'event')).filter(({ flow }) => flow === 'events/bob')
  const steps = await shown(product, [...(edit === undefined ? [] : [edit]), ...others])
  assert.deepEqual(
    steps.map(({ model, step }) => [model.flow.id, step.is]),
    [
      ['events/ann', 'write'],
      ['events/bob', 'refused'],
    ],
  )
})

// Seen red: when the refs alone told what followed an undo, the later edit of Bob's event went back as well.
test('undo: with an undo goes what followed it in its own account alone', async () => {
  const product = await twoAccounts()
  const [edit] = await done(product, 'update', 'event')
  await takeBack(product, edit === undefined ? [] : [edit])
  const [undone] = (await done(product, 'update', 'event')).filter(({ undoes }) => undoes !== null)
  const others = (await done(product, 'create', 'event')).filter(({ flow }) => flow === 'events/bob')
  product.db.set('event', others[0]?.refs.a ?? '', { title: 'later for bob' })
  await product.run(10 * MINUTE)
  const found = await product.store.undoable({
    ids: [...(undone === undefined ? [] : [undone]), ...others].map(({ id }) => id),
    run: null,
    since: null,
    flow: null,
  })
  assert.deepEqual(
    found.entries.filter(({ flow }) => flow === 'events/bob').map(({ action }) => action),
    ['create'],
  )
})

async function all(tables: Tables): Promise<readonly JournalEntry[]> {
  return (await tables.store.journal({ limit: 1000, after: 0 })).filter(({ pair }) => pair === 'card')
}

// Seen red: when the two were only parted, both had the text of a.
test('undo: two that a first sync linked are parted, and what it wrote over one of them is back', async () => {
  const tables = await cards({ policy: 'a' })
  tables.a.add('card', { name: 'plan', text: 'of a' })
  tables.b.add('card', { name: 'plan', text: 'of b' })
  await tables.sync()
  assert.deepEqual(tables.b.all('card', 'text'), ['of a'])
  const said = await takeBack(tables, await all(tables))
  assert.deepEqual(
    said.map(({ why }) => why),
    [null],
  )
  await tables.run(10 * MINUTE)
  assert.deepEqual(tables.a.all('card', 'text'), ['of a', 'of b'])
  assert.deepEqual(tables.b.all('card', 'text'), ['of b', 'of a'])
})

// Seen red: when they were parted all the same, nobody could bring the text back any more.
test('undo: two that were linked stay so while what was written over one of them was edited since', async () => {
  const tables = await cards({ policy: 'a' })
  tables.a.add('card', { name: 'plan', text: 'of a' })
  const far = tables.b.add('card', { name: 'plan', text: 'of b' })
  await tables.sync()
  const first = await all(tables)
  tables.b.set('card', far, { text: 'edited' })
  await tables.run(10 * MINUTE)
  assert.deepEqual(
    (await shown(tables, first)).map(({ step }) => step),
    [{ is: 'refused', why: 'text was changed since' }],
  )
})

// Seen red: when the link alone counted, it was said to be gone, and the item stayed deleted.
test('undo: an item that was linked and then deleted comes back', async () => {
  const tables = await cards()
  const near = tables.a.add('card', { name: 'plan', text: 'the same' })
  tables.b.add('card', { name: 'plan', text: 'the same' })
  await tables.sync()
  tables.a.drop('card', near)
  await tables.run(10 * MINUTE)
  assert.deepEqual(tables.b.all('card', 'name'), [])
  await takeBack(tables, await all(tables))
  await tables.run(10 * MINUTE)
  for (const table of [tables.a, tables.b]) assert.deepEqual(table.all('card', 'text'), ['the same'])
})

// Seen red: when the second write rested on the whole item that the first one had just changed.
test('undo: an item goes back on both of its sides at once', async () => {
  const tables = await cards()
  const near = tables.a.add('card', { name: 'plan', text: 'the first' })
  await tables.sync()
  tables.a.set('card', near, { name: 'another plan' })
  await tables.run(10 * MINUTE)
  tables.b.set('card', tables.b.living('card')[0]?.ref ?? '', { text: 'the second' })
  await tables.run(10 * MINUTE)
  const said = await takeBack(tables, await done(tables, 'update', 'card'))
  assert.deepEqual(
    said.map(({ why }) => why),
    [null, null],
  )
  await tables.run(10 * MINUTE)
  for (const table of [tables.a, tables.b])
    assert.deepEqual(
      table.living('card').map(({ values }) => values),
      [{ name: 'plan', text: 'the first' }],
    )
})

test('undo: what was edited since it was shown is left as it is', async () => {
  const tables = await cards()
  const near = tables.a.add('card', { name: 'plan', text: 'the first' })
  await tables.sync()
  tables.a.set('card', near, { text: 'the second' })
  await tables.run(10 * MINUTE)
  const steps = await shown(tables, await done(tables, 'update', 'card'))
  tables.a.set('card', near, { text: 'the third' })
  await tables.run(10 * MINUTE)
  assert.deepEqual(
    (await carriedOut(tables, steps)).map(({ why }) => why),
    ['it changed meanwhile'],
  )
  assert.deepEqual(tables.b.all('card', 'text'), ['the third'])
})

// Seen red: when the brake counted each account by itself.
test('undo: the brake counts what is taken back over all accounts of a template', async () => {
  const product = await productOf(['ann', 'bob', 'cyd'], {
    flow: '\n    brake: { deletes: { at_least: 5, share: 0.1 }, writes: { at_least: 100, share: 1 } }',
  })
  for (const each of ['ann', 'bob', 'cyd'])
    for (let at = 0; at < 6; at += 1) product.home(each).add('event', { title: `${at} of ${each}` }, each)
  await product.sync()
  const made = await done(product, 'create', 'event')
  const few = ['ann', 'bob', 'cyd'].flatMap((each) => made.filter(({ flow }) => flow === `events/${each}`).slice(0, 2))
  const held = (await shown(product, few)).filter(({ hold }) => hold !== null)
  assert.deepEqual(new Set(held.map(({ model }) => model.flow.id)).size, 1)
  assert.match(held[0]?.hold ?? '', /^6 deletes of event within an hour over all accounts of events$/)
})
