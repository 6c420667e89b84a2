import assert from 'node:assert/strict'
import { test } from 'node:test'
import { preview } from '../../src/engine/preview.ts'
import type { Values } from '../../src/connector/index.ts'
import type { Sorts, Table } from './table.ts'
import { tablesOf, type Tables, type TablesOptions } from './tables.ts'

/** A series, and what differs from it at some of its times: known by the series and the time that it had at first. */
const CALENDAR = {
  series: { fields: { title: { type: 'text', required: true } }, takes: ['exception'], match: ['title'] },
  exception: {
    fields: {
      series: { type: 'ref', to: 'series', required: true, written: 'on-create' },
      original: { type: 'instant', required: true, written: 'on-create' },
      title: { type: 'text' },
      cancelled: { type: 'boolean' },
    },
    under: 'series',
    unique: ['series', 'original'],
  },
} as const satisfies Sorts
const MONDAY = '2026-11-09T09:00:00.000Z'
const TUESDAY = '2026-11-10T09:00:00.000Z'

interface Calendars extends Tables {
  readonly series: { readonly a: string; readonly b: string }
}

async function calendars(options: Partial<TablesOptions> = {}): Promise<Calendars> {
  const tables = await tablesOf({ a: CALENDAR, b: CALENDAR, ...options })
  const a = tables.a.add('series', { title: 'Standup' })
  await tables.approve()
  await tables.sync()
  return { ...tables, series: { a, b: tables.b.living('series')[0]?.ref ?? '' } }
}

/** What differs from the series: its time, title, and whether it takes place. */
function seen(table: Table): unknown[] {
  const told = table
    .living('exception')
    .map(({ values: { original, title, cancelled } }) => [original, title ?? null, cancelled ?? null])
  return told.sort()
}

/** How many exceptions the engine made. */
function made({ a, b }: Tables): number {
  return [a, b].flatMap((table) => table.living('exception')).filter(({ author }) => author?.ref === 'bot').length
}

// Seen red: when each side's is taken for a new one of its own.
test('series: what two people make of one occurrence at once is one exception', async () => {
  const both = await calendars()
  both.a.add('exception', { series: both.series.a, original: MONDAY, cancelled: true })
  both.b.add('exception', { series: both.series.b, original: MONDAY, cancelled: true }, 'cyd')
  await both.sync()
  assert.equal(made(both), 0)
  assert.deepEqual(seen(both.a), [[MONDAY, null, true]])
  assert.deepEqual(seen(both.b), [[MONDAY, null, true]])
})

for (const [policy, title] of [
  ['a', 'in the garden'],
  ['b', 'in the hall'],
] as const)
  test(`series: where they made different things of it, policy ${policy} decides and the other is listed`, async () => {
    const both = await calendars({ policy })
    both.a.add('exception', { series: both.series.a, original: MONDAY, title: 'in the garden' })
    both.b.add('exception', { series: both.series.b, original: MONDAY, title: 'in the hall' }, 'cyd')
    await both.sync()
    assert.equal(made(both), 0)
    for (const table of [both.a, both.b]) assert.deepEqual(seen(table), [[MONDAY, title, null]])
    assert.deepEqual(
      (await both.store.conflicts({ all: true })).map(({ lens, winner }) => [lens, winner]),
      [['title', policy]],
    )
  })

// Seen red: when a place that is taken is not looked for before it is tried again.
test('series: one that is made there just before ours is found in its place', async () => {
  const both = await calendars()
  both.b.fails = ({ do: what, kind }) => {
    if (what === 'create' && kind === 'exception' && both.b.living('exception').length === 0)
      both.b.add('exception', { series: both.series.b, original: MONDAY, title: 'in the hall' }, 'cyd')
    return null
  }
  // Only this side's webhook comes; the next poll would be half a minute later.
  both.time.after(20_000, () => {
    both.a.add('exception', { series: both.series.a, original: MONDAY, cancelled: true })
    const hint = { feed: 'all', kind: '', ref: '', scope: '' }
    void both.store.receive({ connection: 'a', hints: [hint], now: both.time.now() }).then(() => both.engine.wake())
  })
  await both.run(50_000)
  assert.equal(both.b.living('exception').length, 1)
  assert.deepEqual(seen(both.a), seen(both.b))
  assert.deepEqual(await both.store.heldList({ flow: null }), [])
})

test('series: a cancelled occurrence is a value, and comes back; a deleted exception is as its series again', async () => {
  const both = await calendars()
  const monday = both.a.add('exception', { series: both.series.a, original: MONDAY, cancelled: true })
  const tuesday = both.a.add('exception', { series: both.series.a, original: TUESDAY, title: 'late' })
  await both.sync()
  assert.deepEqual(seen(both.b), [
    [MONDAY, null, true],
    [TUESDAY, 'late', null],
  ])
  both.a.set('exception', monday, { cancelled: false })
  both.a.drop('exception', tuesday)
  await both.sync()
  assert.deepEqual(seen(both.b), [[MONDAY, null, false]])
})

test('series: a deleted series takes its exceptions along in one call', async () => {
  const both = await calendars()
  for (const original of [MONDAY, TUESDAY])
    both.a.add('exception', { series: both.series.a, original, cancelled: true })
  await both.sync()
  both.a.drop('series', both.series.a)
  await both.sync()
  assert.deepEqual([both.b.all('series', 'title'), seen(both.b)], [[], []])
  assert.equal(both.asked.filter(({ side, do: what }) => side === 'b' && what === 'delete').length, 1)
})

// Seen red: when only what was agreed on once can be edited.
test('series: one about which people are still asked does not go along with its series', async () => {
  const both = await calendars({ policy: 'ask' })
  both.a.add('exception', { series: both.series.a, original: MONDAY, title: 'in the garden' })
  both.b.add('exception', { series: both.series.b, original: MONDAY, title: 'in the hall' }, 'cyd')
  await both.sync()
  assert.equal((await both.store.conflicts({ all: false })).length, 1)
  both.a.drop('series', both.series.a)
  await both.run(5 * 60_000)
  for (const table of [both.a, both.b]) assert.deepEqual(seen(table), [[MONDAY, 'in the hall', null]])
})

// Seen red: when the new one waits for nothing and is made beside the old, or the old is deleted after it.
test('series: one that is deleted and made again at once stands in the place of the old one', async () => {
  const both = await calendars()
  const old = both.a.add('exception', { series: both.series.a, original: MONDAY, title: 'early' })
  await both.sync()
  const [there] = both.b.living('exception')
  both.a.drop('exception', old)
  both.a.add('exception', { series: both.series.a, original: MONDAY, title: 'late' })
  await both.sync()
  assert.deepEqual(seen(both.b), [[MONDAY, 'late', null]])
  assert.equal(both.b.living('exception')[0]?.ref, there?.ref)
  await both.run(10 * 60_000)
  assert.deepEqual(seen(both.a), [[MONDAY, 'late', null]])
})

// Seen red: when a lost answer is taken for nothing made; when what is not as it was written is held.
for (const [who, isOurs] of [
  ['ours', true],
  ['ours, edited since', true],
  ['of somebody else', false],
] as const)
  test(`series: after a lost answer what stands in the place is found: ${who}`, async () => {
    const both = await calendars()
    let times = 0
    both.b.fails = ({ do: what, kind }) => {
      if (what !== 'create' || kind !== 'exception' || (times += 1) > 1) return null
      if (!isOurs) both.b.add('exception', { series: both.series.b, original: MONDAY, title: 'in the hall' }, 'cyd')
      if (who === 'ours, edited since')
        both.time.after(50, () => both.b.set('exception', both.b.living('exception')[0]?.ref ?? '', { title: 'late' }))
      return isOurs ? { failure: 'unavailable', after: true } : { failure: 'unavailable' }
    }
    both.a.add('exception', { series: both.series.a, original: MONDAY, cancelled: true })
    await both.run(10 * 60_000)
    assert.equal(times, 1)
    assert.equal(both.b.living('exception').length, 1)
    assert.deepEqual(seen(both.a), seen(both.b))
    assert.deepEqual(await both.store.heldList({ flow: null }), [])
  })

test('series: at first contact exceptions of one time are paired, whatever else they say', async () => {
  const tables = await tablesOf({ a: CALENDAR, b: CALENDAR, policy: 'a' })
  const add = (table: Table, values: Values): void => {
    const series = table.add('series', { title: 'Standup' })
    table.add('exception', { series, original: MONDAY, ...values })
  }
  add(tables.a, { title: 'here' })
  add(tables.b, { title: 'there' })
  await tables.sync()
  const shown: unknown[] = []
  for (const model of tables.engine.world.model.flows)
    for await (const { line } of preview(tables.engine.world, model)) shown.push([line.do, line.kind, line.side])
  assert.deepEqual(shown, [['update', 'exception', 'b']])
  await tables.approve()
  await tables.sync()
  assert.equal(made(tables), 0)
  for (const table of [tables.a, tables.b]) assert.deepEqual(seen(table), [[MONDAY, 'here', null]])
})

// Seen red: when a place that is taken by another's counterpart is written over, or tried for ever.
test('labels: a second one with the same name, where the other side allows only one, is told and not made', async () => {
  const label = { fields: { name: { type: 'text', required: true } } } as const
  const tables = await tablesOf({ a: { label }, b: { label: { ...label, unique: ['name'] } } })
  tables.a.add('label', { name: 'urgent' })
  await tables.approve()
  await tables.sync()
  tables.a.add('label', { name: 'urgent' })
  await tables.run(5 * 60_000)
  assert.deepEqual(tables.b.all('label', 'name'), ['urgent'])
  assert.equal(tables.asked.filter(({ do: what }) => what === 'create').length, 1)
  const [told] = await tables.store.divergences(undefined)
  assert.match(told?.why ?? '', /has its place there, and stands for something else/)
  const [first] = tables.a.living('label')
  tables.a.set('label', first?.ref ?? '', { name: 'later' })
  await tables.run(5 * 60_000)
  assert.deepEqual(tables.b.all('label', 'name').sort(), ['later', 'urgent'])
  assert.deepEqual(await tables.store.divergences(undefined), [])
})
