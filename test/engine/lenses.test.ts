/** Lenses of the configuration with the real engine and store: a table of rows and a calendar of events. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Values } from '../../src/connector/values.ts'
import { EVENT, lensesOf, ROW } from '../mappings/kinds.ts'
import { tablesOf, type Tables } from './tables.ts'

const MINUTE = 60_000

const FIELDS = {
  title: {
    b: 'summary',
    template: '{title}[ · {amount} {currency}]',
    formats: { amount: { locale: 'de-DE', decimals: 2 }, currency: { as: 'word' } },
  },
  status: { a: 'status', b: 'status', map: { open: 'confirmed', planned: 'confirmed', gone: 'cancelled' } },
  colour: { b: 'colour', rules: [{ when: { amount: { below: 0 } }, value: 'red' }, { value: 'green' }] },
  note: { b: 'description', template: '{category}: {title}', way: 'a->b' },
  source: { b: 'source', value: 'the books' },
}

const RENT = { title: 'Rent', amount: '-1234567.89', currency: 'EUR', category: 'Home', status: 'planned' }

async function books(rows: readonly Values[] = [RENT], fields: unknown = FIELDS): Promise<Tables> {
  const tables = await tablesOf({
    a: { entry: { fields: ROW } },
    b: { entry: { fields: EVENT } },
    lenses: lensesOf(fields),
  })
  await tables.approve()
  for (const row of rows) tables.a.add('entry', row)
  await tables.sync()
  return tables
}

const row = (tables: Tables, at = 0) => tables.a.living('entry')[at]?.values
const event = (tables: Tables, at = 0) => tables.b.living('entry')[at]?.values
const written = (tables: Tables, side: 'a' | 'b') =>
  tables.asked.filter((each) => each.side === side && (each.do === 'create' || each.do === 'update')).length

test('a row becomes an event that shows it, and a sync after that writes nothing', async () => {
  const tables = await books()
  assert.deepEqual(event(tables), {
    summary: 'Rent · -1.234.567,89 EUR',
    status: 'confirmed',
    colour: 'red',
    description: 'Home: Rent',
    source: 'the books',
  })
  await tables.run(10 * MINUTE)
  assert.deepEqual([written(tables, 'a'), written(tables, 'b')], [0, 1])
})

test('an edit of the title in the calendar changes the fields it shows, and what is computed of them follows', async () => {
  const tables = await books()
  tables.b.set('entry', 'entry-2', { summary: 'Rent of May · 1.234.567,89 EUR' })
  await tables.run(10 * MINUTE)
  assert.deepEqual(row(tables), { ...RENT, title: 'Rent of May', amount: '1234567.89' })
  assert.deepEqual([event(tables)?.['colour'], event(tables)?.['description']], ['green', 'Home: Rent of May'])
  assert.deepEqual([written(tables, 'a'), written(tables, 'b')], [1, 2])
})

test('another way to write the same is left as a person wrote it', async () => {
  const tables = await books()
  tables.b.set('entry', 'entry-2', { summary: 'Rent · −1 234 567,89 EUR' })
  tables.a.set('entry', 'entry-2', { category: 'House' })
  await tables.run(10 * MINUTE)
  assert.equal(event(tables)?.['summary'], 'Rent · −1 234 567,89 EUR')
  assert.equal(event(tables)?.['description'], 'House: Rent')
  assert.equal(written(tables, 'a'), 0)
})

test('what cannot be read is a divergence that nothing is written over, until somebody puts it right', async () => {
  const tables = await books()
  tables.b.set('entry', 'entry-2', { summary: 'Rent · a lot' })
  await tables.run(5 * MINUTE)
  tables.a.set('entry', 'entry-2', { title: 'Rent of May' })
  await tables.run(5 * MINUTE)
  assert.equal(event(tables)?.['summary'], 'Rent · a lot')
  assert.equal(event(tables)?.['description'], 'Home: Rent of May')
  const told = await tables.store.divergences(undefined)
  assert.match(JSON.stringify(told), /its title cannot be read after/)
  tables.b.set('entry', 'entry-2', { summary: 'Rent of May · -5,00 EUR' })
  await tables.run(5 * MINUTE)
  assert.equal(row(tables)?.['amount'], '-5')
  assert.deepEqual(await tables.store.divergences(undefined), [])
})

test('an event that a person makes becomes a row; one that cannot be read does not, and is told', async () => {
  const tables = await books()
  tables.b.add('entry', { summary: 'Dentist · 80 EUR', status: 'confirmed' })
  tables.b.add('entry', { summary: 'Dinner · what it takes' })
  await tables.run(5 * MINUTE)
  assert.deepEqual(row(tables, 1), { title: 'Dentist', amount: '80', currency: 'EUR', status: 'open' })
  assert.equal(tables.a.living('entry').length, 2)
  assert.equal(event(tables, 1)?.['colour'], 'green')
  assert.match(JSON.stringify(await tables.store.divergences(undefined)), /\(created\)/)
})

test('a colour that a person chose stays, whatever the rules say then', async () => {
  const tables = await books()
  tables.b.set('entry', 'entry-2', { colour: 'pink' })
  tables.a.set('entry', 'entry-2', { amount: '5.00' })
  await tables.run(5 * MINUTE)
  assert.deepEqual([event(tables)?.['summary'], event(tables)?.['colour']], ['Rent · 5,00 EUR', 'pink'])
  tables.b.set('entry', 'entry-2', { colour: null })
  tables.a.set('entry', 'entry-2', { amount: '7.00' })
  await tables.run(5 * MINUTE)
  assert.equal(event(tables)?.['colour'], 'green')
})

test('two edits of one title, each of another part, become one', async () => {
  const tables = await books([RENT], { ...FIELDS, title: { ...FIELDS.title, conflict: 'merge' } })
  tables.b.set('entry', 'entry-2', { summary: 'Rent of May · -1.234.567,89 EUR' })
  tables.a.set('entry', 'entry-2', { amount: '5.00' })
  await tables.run(5 * MINUTE)
  assert.deepEqual([row(tables)?.['title'], row(tables)?.['amount']], ['Rent of May', '5.00'])
  assert.deepEqual([event(tables)?.['summary'], event(tables)?.['colour']], ['Rent of May · 5,00 EUR', 'green'])
  const before = tables.asked.length
  await tables.run(30 * MINUTE)
  assert.equal(tables.asked.length, before)
})

test('a set that both sides changed is joined and at rest within a sync, where nothing else is derived', async () => {
  const tables = await books([{ tags: 'home' }], { tags: { a: 'tags', b: 'labels', conflict: 'merge' } })
  tables.b.set('entry', 'entry-2', { labels: ['home', 'tax'] })
  tables.a.set('entry', 'entry-2', { tags: 'home, rent' })
  await tables.sync()
  assert.deepEqual([row(tables)?.['tags'], event(tables)?.['labels']], ['home, rent, tax', ['home', 'rent', 'tax']])
})

/** The first answer to an update of the table is lost, after its effect. */
function losesAnswer(tables: Tables): void {
  let lost = false
  tables.a.fails = ({ do: call }) => {
    if (call !== 'update' || lost) return null
    lost = true
    return { failure: 'unavailable', after: true }
  }
}

test('a joined set travels on, and what is derived follows, though the answer to the first write was lost', async () => {
  const joined = await books([{ tags: 'home' }], { tags: { a: 'tags', b: 'labels', conflict: 'merge' } })
  losesAnswer(joined)
  joined.b.set('entry', 'entry-2', { labels: ['home', 'tax'] })
  joined.a.set('entry', 'entry-2', { tags: 'home, rent' })
  await joined.run(10 * MINUTE)
  assert.deepEqual([row(joined)?.['tags'], event(joined)?.['labels']], ['home, rent, tax', ['home', 'rent', 'tax']])

  const derived = await books()
  losesAnswer(derived)
  derived.b.set('entry', 'entry-2', { summary: 'Rent · 5,00 EUR' })
  await derived.run(10 * MINUTE)
  assert.deepEqual([row(derived)?.['amount'], event(derived)?.['colour']], ['5', 'green'])
})
