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
  const steps: UndoStep[] = []
  for (const model of engine.world.model.flows) steps.push(...(await planUndo(engine.world, model, found, false)))
  return steps
}

async function takeBack(on: Tables | Product, entries: readonly JournalEntry[]): Promise<readonly Undone[]> {
  const steps = await shown(on, entries)
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
