import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Sort, Sorts } from './table.ts'
import { tablesOf, type Tables, type TablesOptions } from './tables.ts'

const MINUTE = 60_000
const NOTE: Sorts = { note: { fields: { title: { type: 'text', required: true }, words: { type: 'text' } } } }
const EXCEPTION: Sort = {
  fields: { series: { type: 'ref', to: 'series', required: true, written: 'on-create' }, words: { type: 'text' } },
  under: 'series',
}
const SERIES: Sorts = {
  series: { fields: { title: { type: 'text', required: true } }, takes: ['exception'] },
  exception: EXCEPTION,
}

/** Two scopes on each side, which stand for each other. */
async function rooms(sorts: Sorts = NOTE, options: Partial<TablesOptions> = {}): Promise<Tables> {
  const tables = await tablesOf({ a: sorts, b: sorts, shelves: 2, ...options })
  await tables.approve()
  return tables
}

/** What stands on each shelf of a side. */
function shelves({ a, b }: Tables, side: 'a' | 'b', kind = 'note', field = 'title'): string[] {
  const { [side]: table } = { a, b }
  return table
    .living(kind)
    .map(({ scope, values }) => `${scope}: ${String(values[field] ?? '-')}`)
    .toSorted()
}

for (const [from, to] of [
  ['a', 'b'],
  ['b', 'a'],
] as const)
  // Seen red: before there were moves it stood on the first shelf for ever.
  test(`an item of ${from} that goes to another scope of its flow stands in that scope's counterpart, once`, async () => {
    const tables = await rooms()
    const ref = tables[from].add('note', { title: 'mine', words: 'old' })
    tables[from].add('note', { title: 'stays' })
    await tables.sync()
    tables[from].move('note', ref, 'shelf-2')
    await tables.sync()
    assert.deepEqual(shelves(tables, to), ['shelf-1: stays', 'shelf-2: mine'])
    assert.deepEqual(shelves(tables, from), ['shelf-1: stays', 'shelf-2: mine'])
    // It goes on from there, and back again.
    tables[from].set('note', ref, { words: 'new' })
    await tables.run(5 * MINUTE)
    assert.deepEqual(shelves(tables, to, 'note', 'words'), ['shelf-1: -', 'shelf-2: new'])
    tables[from].move('note', ref, 'shelf-1')
    await tables.run(5 * MINUTE)
    assert.deepEqual(shelves(tables, to), ['shelf-1: mine', 'shelf-1: stays'])
    assert.deepEqual(await tables.store.heldList({ flow: null }), [])
  })

test('what was edited in the counterpart of a moved item is not lost with it', async () => {
  const tables = await rooms()
  const ref = tables.a.add('note', { title: 'mine', words: 'old' })
  await tables.sync()
  tables.a.move('note', ref, 'shelf-2')
  tables.b.set('note', tables.b.living('note')[0]?.ref ?? '', { words: 'edited there' })
  await tables.sync()
  assert.deepEqual(shelves(tables, 'b', 'note', 'words'), ['shelf-2: edited there'])
  assert.deepEqual(shelves(tables, 'a', 'note', 'words'), ['shelf-2: edited there'])
})

// Seen red: the counterpart went with what had been edited there, and no conflict was listed.
test('where a moved item and its counterpart were both edited, what loses is listed', async () => {
  const tables = await rooms(NOTE, { policy: 'a' })
  const ref = tables.a.add('note', { title: 'mine', words: 'old' })
  await tables.sync()
  tables.a.move('note', ref, 'shelf-2')
  tables.a.set('note', ref, { words: 'edited here' })
  tables.b.set('note', tables.b.living('note')[0]?.ref ?? '', { words: 'edited there' })
  await tables.run(5 * MINUTE)
  assert.deepEqual(shelves(tables, 'b', 'note', 'words'), ['shelf-2: edited here'])
  const conflicts = await tables.store.conflicts({ all: true })
  assert.match(JSON.stringify(conflicts), /edited there/)
})

test('an item that stood on both sides before the flow began moves like any other', async () => {
  const tables = await rooms({ note: { ...NOTE['note'], fields: NOTE['note']?.fields ?? {}, match: ['title'] } })
  const ref = tables.a.add('note', { title: 'mine' })
  tables.b.add('note', { title: 'mine' })
  await tables.sync()
  tables.a.move('note', ref, 'shelf-2')
  await tables.sync()
  assert.deepEqual([shelves(tables, 'a'), shelves(tables, 'b')], [['shelf-2: mine'], ['shelf-2: mine']])
})

test('what is under a moved item moves with it, its edits too', async () => {
  const tables = await rooms(SERIES)
  const series = tables.a.add('series', { title: 'every Monday' })
  tables.a.add('exception', { series, words: 'not the first' })
  await tables.sync()
  const [there] = tables.b.living('exception')
  tables.b.set('exception', there?.ref ?? '', { words: 'an hour later' })
  tables.a.move('series', series, 'shelf-2')
  await tables.run(5 * MINUTE)
  assert.deepEqual(shelves(tables, 'b', 'series'), ['shelf-2: every Monday'])
  assert.deepEqual(shelves(tables, 'b', 'exception', 'words'), ['shelf-2: an hour later'])
  assert.deepEqual(shelves(tables, 'a', 'exception', 'words'), ['shelf-2: an hour later'])
})

// Seen red: what was new was written under what cannot be reached, again and again, and nothing told of either.
test('what is new under an item that moved, and whose counterpart stands out of reach, waits, and that is told', async () => {
  const tables = await rooms(SERIES)
  const series = tables.a.add('series', { title: 'every Monday' })
  await tables.sync()
  const item = tables.b.get('shelf', 'shelf-1')
  tables.b.drop('shelf', item.ref)
  await tables.run(5 * MINUTE)
  tables.a.move('series', series, 'shelf-2')
  const exception = tables.a.add('exception', { series, words: 'an hour later' }, 'ann', undefined, 'shelf-2')
  const before = tables.asked.length
  await tables.run(60 * MINUTE)
  assert.deepEqual(
    tables.asked.slice(before).filter(({ do: what }) => what === 'create'),
    [],
  )
  assert.deepEqual(
    (await tables.store.divergences(undefined)).map(({ ref, lens }) => `${ref} ${lens}`),
    [`${exception} (created)`, `${series} (resting)`, 'shelf-1 (deleted)'],
  )
  tables.b.rows.set(`shelf ${item.ref}`, { kind: 'shelf', gone: false, item })
  await tables.run(60 * MINUTE)
  assert.deepEqual(shelves(tables, 'b', 'series'), ['shelf-2: every Monday'])
  assert.deepEqual(shelves(tables, 'b', 'exception', 'words'), ['shelf-2: an hour later'])
  assert.deepEqual(await tables.store.divergences(undefined), [])
})

test('where deletes are not followed, the counterpart of a moved item stays, and that is told', async () => {
  const tables = await rooms(NOTE, { rules: { onDelete: { a: 'keep', b: 'keep' } } })
  const ref = tables.a.add('note', { title: 'mine' })
  await tables.sync()
  tables.a.move('note', ref, 'shelf-2')
  await tables.sync()
  assert.deepEqual(shelves(tables, 'b'), ['shelf-1: mine'])
  const told = await tables.store.divergences(undefined)
  assert.match(JSON.stringify(told), /its counterpart was moved; it stays, as configured/)
})

// Seen red: it waited for good for what was added there, and nobody was told.
for (const [astray, where] of [
  ['leave', 'shelf-1'],
  ['hold', 'shelf-1'],
  ['restore', 'shelf-2'],
] as const)
  test(`on a one-way flow that is to ${astray} changes there, what was added to the counterpart of a moved item is ${astray === 'restore' ? 'taken along' : 'kept, and told'}`, async () => {
    const tables = await rooms(SERIES, { oneWay: astray })
    const series = tables.a.add('series', { title: 'every Monday' })
    await tables.sync()
    tables.b.add('exception', { series: tables.b.living('series')[0]?.ref ?? '', words: 'of b alone' })
    tables.a.move('series', series, 'shelf-2')
    await tables.run(5 * MINUTE)
    assert.deepEqual(shelves(tables, 'b', 'series'), [`${where}: every Monday`])
    const told = [...(await tables.store.divergences(undefined)), ...(await tables.store.heldList({ flow: null }))]
    assert.equal(/it was answered there, against the flow's direction/.test(JSON.stringify(told)), astray !== 'restore')
  })

// Seen red: the counterpart went with what had been edited there.
test('on a one-way flow the counterpart of a moved item that was edited there stays, and that is told', async () => {
  const tables = await rooms(NOTE, { oneWay: 'leave' })
  const ref = tables.a.add('note', { title: 'mine' })
  await tables.sync()
  tables.b.set('note', tables.b.living('note')[0]?.ref ?? '', { words: 'of b alone' })
  tables.a.move('note', ref, 'shelf-2')
  await tables.run(5 * MINUTE)
  assert.deepEqual(shelves(tables, 'b', 'note', 'words'), ['shelf-1: of b alone'])
  assert.match(JSON.stringify(await tables.store.divergences(undefined)), /it was edited there, against the flow/)
})

test('a move survives that its counterpart is deleted meanwhile', async () => {
  const tables = await rooms()
  const ref = tables.a.add('note', { title: 'mine' })
  await tables.sync()
  tables.a.move('note', ref, 'shelf-2')
  tables.b.drop('note', tables.b.living('note')[0]?.ref ?? '')
  await tables.sync()
  assert.deepEqual([shelves(tables, 'a'), shelves(tables, 'b')], [['shelf-2: mine'], ['shelf-2: mine']])
})

// Seen red: where the first flow keeps the item for itself, wherever it stands.
test('an item that goes from one flow to another between the same systems is new in the second, and leaves the first', async () => {
  for (const [onLeave, left] of [
    ['keep', ['shelf-1: mine']],
    ['delete', []],
  ] as const) {
    const tables = await rooms(NOTE, { apart: true, rules: { onLeave: { a: onLeave, b: onLeave } } })
    const ref = tables.a.add('note', { title: 'mine' })
    await tables.sync()
    tables.a.move('note', ref, 'shelf-2')
    await tables.run(5 * MINUTE)
    assert.deepEqual(shelves(tables, 'b'), [...left, 'shelf-2: mine'])
    tables.b.set('note', tables.b.living('note').find(({ scope }) => scope === 'shelf-2')?.ref ?? '', { title: 'ours' })
    await tables.run(5 * MINUTE)
    assert.deepEqual(shelves(tables, 'a'), ['shelf-2: ours'])
    // Back again it is the first one's, once.
    tables.a.move('note', ref, 'shelf-1')
    await tables.run(5 * MINUTE)
    assert.deepEqual(
      shelves(tables, 'b').filter((each) => each.startsWith('shelf-1')),
      ['shelf-1: ours'],
    )
  }
})

// Seen red: when an answer to a write tells only of the item itself: its parent is known to stand where it was.
test('that a parent went away is looked at as soon as the answer to a write shows what is under it elsewhere', async () => {
  const sorts: Sorts = { ...SERIES, exception: { ...EXCEPTION, compares: { update: 'connector' } } }
  const tables = await rooms(sorts, { apart: true, rules: { onLeave: { a: 'delete', b: 'keep' } } })
  const series = tables.a.add('series', { title: 'weekly' })
  tables.a.add('exception', { series, words: 'old' })
  await tables.sync()
  tables.a.move('series', series, 'elsewhere')
  // Its feed tells of nothing any more.
  tables.a.behind = 100
  tables.b.set('exception', tables.b.living('exception')[0]?.ref ?? '', { words: 'new' })
  await tables.run(10 * MINUTE)
  assert.deepEqual(shelves(tables, 'a', 'exception', 'words'), ['elsewhere: new'])
  assert.deepEqual(shelves(tables, 'b', 'exception', 'words'), [])
  assert.deepEqual(shelves(tables, 'b', 'series'), [])
})

// Seen red: when only what is found after a lost answer is looked at where it stands.
test('what is made under an item that is taken out of its flow at that moment leaves with it', async () => {
  const alone: Sorts = { series: { fields: { title: { type: 'text', required: true } } }, exception: EXCEPTION }
  const tables = await rooms(alone, { apart: true, rules: { onLeave: { a: 'delete', b: 'keep' } } })
  const series = tables.a.add('series', { title: 'weekly' })
  await tables.sync()
  tables.b.add('exception', { series: tables.b.living('series')[0]?.ref ?? '', words: 'new there' })
  tables.a.fails = ({ do: what }) => {
    if (what === 'create') tables.a.move('series', series, 'elsewhere')
    return null
  }
  await tables.run(10 * MINUTE)
  assert.deepEqual(shelves(tables, 'a', 'exception', 'words'), ['elsewhere: new there'])
  assert.deepEqual(shelves(tables, 'b', 'exception', 'words'), [])
  assert.deepEqual(shelves(tables, 'b', 'series'), [])
})

// Seen red: when what moves along is taken as it was known, it is made there; when nobody wakes who waits behind an item of
// another
// flow, the one that stays never comes.
test('what was deleted where no flow reads is not made again when its parent comes to a flow', async () => {
  const tables = await rooms(SERIES, { apart: true })
  const series = tables.a.add('series', { title: 'weekly' })
  const exception = tables.a.add('exception', { series, words: 'deleted' })
  tables.a.add('exception', { series, words: 'stays' })
  await tables.sync()
  tables.a.move('series', series, 'elsewhere')
  await tables.sync()
  const known = tables.a.rows.get(`exception ${exception}`)
  // Nothing tells of it.
  if (known !== undefined) tables.a.rows.set(`exception ${exception}`, { ...known, gone: true })
  const before = tables.asked.length
  tables.a.move('series', series, 'shelf-2')
  await tables.run(5 * MINUTE)
  const made = tables.asked.slice(before).filter((each) => each.side === 'b' && each.do === 'create')
  assert.deepEqual(
    made.map(({ kind, values }) => [kind, values[0]?.['words'] ?? null]),
    [
      ['series', null],
      ['exception', 'stays'],
    ],
  )
})

// Seen red: when it is enough that the parent has a counterpart, wherever that stands.
test('what is new under a copy that is held as left stays there, until its original is back in the flow', async () => {
  const tables = await rooms(SERIES, { apart: true, rules: { onLeave: { a: 'hold', b: 'hold' } } })
  const series = tables.a.add('series', { title: 'weekly' })
  await tables.sync()
  const [copy] = tables.b.living('series')
  tables.a.move('series', series, 'shelf-2')
  await tables.run(5 * MINUTE)
  tables.b.add('exception', { series: copy?.ref ?? '', words: 'for the first shelf' })
  await tables.run(5 * MINUTE)
  assert.deepEqual(tables.a.living('exception'), [])
  const told = await tables.store.divergences(undefined)
  assert.match(JSON.stringify(told), /its series was deleted there, or left the flow, and stays here/)
  tables.a.move('series', series, 'shelf-1')
  await tables.run(5 * MINUTE)
  assert.deepEqual(shelves(tables, 'a', 'exception', 'words'), ['shelf-1: for the first shelf'])
})

// Seen red: when it is enough that the parent's link is alive: the new one is sent after what is gone, for ever.
test('what is new under a copy stays there where its original is older than is kept, also while that is held', async () => {
  const kept: Sorts = {
    ...SERIES,
    series: { fields: { title: { type: 'text', required: true } }, takes: ['exception'], retention: 60 },
  }
  const tables = await tablesOf({ a: kept, b: SERIES, rules: { onLeave: { a: 'hold', b: 'hold' } } })
  await tables.approve()
  const series = tables.a.add('series', { title: 'weekly' })
  await tables.sync()
  const [copy] = tables.b.living('series')
  const standing = tables.a.rows.get(`series ${series}`)
  // Nothing tells of it.
  if (standing !== undefined) tables.a.rows.set(`series ${series}`, { ...standing, gone: true })
  await tables.run(7 * 60 * MINUTE)
  tables.b.add('exception', { series: copy?.ref ?? '', words: 'late' })
  const before = tables.asked.length
  await tables.run(5 * MINUTE)
  assert.deepEqual(
    tables.asked.slice(before).filter(({ side, do: what }) => side === 'a' && what === 'create'),
    [],
  )
  const told = await tables.store.divergences(undefined)
  assert.match(JSON.stringify(told), /its series was deleted there, or left the flow, and stays here/)
  if (standing !== undefined) tables.a.rows.set(`series ${series}`, standing)
  tables.a.set('series', series, { title: 'weekly again' })
  await tables.run(5 * MINUTE)
  assert.deepEqual(shelves(tables, 'a', 'exception', 'words'), ['shelf-1: late'])
})

// Seen red: where a person was asked about what had left, and had not answered yet, it was deleted with its parent.
test('what is held since its original was too old stays, and its parent with that, when the original of the parent is deleted', async () => {
  const kept: Sorts = { ...SERIES, exception: { ...EXCEPTION, retention: 60 } }
  const tables = await tablesOf({ a: kept, b: SERIES, rules: { onLeave: { a: 'hold', b: 'hold' } } })
  await tables.approve()
  const series = tables.a.add('series', { title: 'weekly' })
  const old = tables.a.add('exception', { series, words: 'old' })
  await tables.sync()
  const standing = tables.a.rows.get(`exception ${old}`)
  // Nothing tells of it.
  if (standing !== undefined) tables.a.rows.set(`exception ${old}`, { ...standing, gone: true })
  await tables.run(7 * 60 * MINUTE)
  assert.deepEqual(
    (await tables.store.heldList({ flow: null })).map(({ reason }) => reason),
    ['policy'],
  )
  tables.a.drop('series', series)
  await tables.run(10 * MINUTE)
  assert.deepEqual(shelves(tables, 'b', 'exception', 'words'), ['shelf-1: old'])
  assert.deepEqual(shelves(tables, 'b', 'series', 'title'), ['shelf-1: weekly'])
})

// Seen red: where only the look says what became of it, the copy stayed for ever.
test('what a feed told to be deleted is, also where nothing could be looked at before it was too old to be kept', async () => {
  const note = { fields: { title: { type: 'text', required: true } }, lag: 60, retention: 600 } as const
  const tables = await tablesOf({ a: { note }, b: { note } })
  await tables.approve()
  const ref = tables.a.add('note', { title: 'mine' })
  const ring = (): void => {
    const hints = [{ feed: 'all', kind: '', ref: '', scope: '' }]
    void tables.store.receive({ connection: 'a', hints, now: tables.time.now() }).then(() => tables.engine.hinted())
  }
  tables.time.after(3 * MINUTE, () => {
    tables.a.set('note', ref, { title: 'edited' })
    ring()
  })
  tables.time.after(3.5 * MINUTE, () => {
    tables.a.fails = ({ do: what, kind }) => (what === 'get' && kind === 'note' ? { failure: 'unavailable' } : null)
    tables.a.drop('note', ref)
    ring()
  })
  await tables.run(15 * MINUTE)
  assert.deepEqual(tables.b.all('note', 'title'), ['edited'])
  tables.a.fails = () => null
  await tables.run(30 * MINUTE)
  assert.deepEqual(tables.b.all('note', 'title'), [])
})
