import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Sorts } from './table.ts'
import { tablesOf } from './tables.ts'

const SERIES: Sorts = {
  series: { fields: { title: { type: 'text', required: true } }, takes: ['exception'] },
  exception: {
    fields: { series: { type: 'ref', to: 'series', required: true, written: 'on-create' }, words: { type: 'text' } },
    under: 'series',
  },
}

// Seen red: when the item is looked at only before what goes along with it is read.
test('what is edited while the engine reads what would go along with its delete is not deleted', async () => {
  const tables = await tablesOf({ a: SERIES, b: SERIES })
  await tables.approve()
  const series = tables.a.add('series', { title: 'weekly' })
  tables.a.add('exception', { series, words: 'later' })
  await tables.sync()
  const copy = tables.b.living('series')[0]?.ref ?? ''
  tables.b.fails = ({ do: what, kind }) => {
    if (what === 'get' && kind === 'exception') {
      tables.b.fails = () => null
      tables.b.set('series', copy, { title: 'edited' })
    }
    return null
  }
  tables.a.drop('series', series)
  await tables.run(5 * 60_000)
  assert.deepEqual(tables.b.all('series', 'title'), ['edited'])
  assert.deepEqual(tables.a.all('series', 'title'), ['edited'])
})

// Seen red: when it is decided before the item itself is looked at once more.
test('what a feed tells while the engine looks at an item for the last time before its delete keeps it', async () => {
  const tables = await tablesOf({ a: SERIES, b: SERIES })
  await tables.approve()
  const series = tables.a.add('series', { title: 'weekly' })
  for (const words of ['later', 'even later']) tables.a.add('exception', { series, words })
  await tables.sync()
  const copy = tables.b.living('series')[0]?.ref ?? ''
  const add = (): void => {
    tables.b.add('exception', { series: copy, words: 'earlier' })
    const hints = [{ feed: 'all', kind: '', ref: '', scope: '' }]
    void tables.store.receive({ connection: 'b', hints, now: tables.time.now() }).then(() => tables.engine.hinted())
  }
  let looks = 0
  tables.b.fails = ({ do: what, kind }) => {
    if (what === 'get' && kind === 'exception') looks += 1
    // A pull takes as long as a look: it ends in the middle of the last one.
    if (what === 'get' && kind === 'exception' && looks === 2) tables.time.after(5, add)
    return null
  }
  tables.a.drop('series', series)
  await tables.run(5 * 60_000)
  assert.deepEqual(tables.b.all('series', 'title'), ['weekly'])
  assert.deepEqual(tables.a.all('exception', 'words'), ['later', 'even later', 'earlier'])
})

// Seen red: when persons are compared as they are written: nobody, and who is known to nobody on the other side, pass for
// an edit.
test('whom the two sides have not agreed on, and a set that holds nobody, keep nothing from going with its parent', async () => {
  for (const team of [[], ['u-carl']]) {
    const sorts: Sorts = {
      series: { fields: { title: { type: 'text', required: true } }, takes: ['exception'] },
      exception: {
        fields: {
          series: { type: 'ref', to: 'series', required: true, written: 'on-create' },
          team: { type: 'person', many: 'set' },
        },
        under: 'series',
      },
    }
    const tables = await tablesOf({ a: sorts, b: sorts })
    await tables.approve()
    const series = tables.a.add('series', { title: 'weekly' })
    tables.a.add('exception', { series, team })
    await tables.sync()
    tables.b.drop('series', tables.b.living('series')[0]?.ref ?? '')
    await tables.run(5 * 60_000)
    assert.deepEqual(
      [tables.a, tables.b].map((each) => each.all('series', 'title')),
      [[], []],
    )
  }
})

// Seen red: when each try of the delete has the scope listed again: what is there is found after hours.
test('a listing that left out what is there is made again at its own times, however many wait for it', async () => {
  const tables = await tablesOf({ a: SERIES, b: SERIES })
  await tables.approve()
  const series = tables.a.add('series', { title: 'weekly' })
  tables.a.add('exception', { series, words: 'known' })
  await tables.sync()
  const copy = tables.b.living('series')[0]?.ref ?? ''
  tables.b.add('exception', { series: copy, words: 'nobody told of it' })
  tables.b.blind = true
  tables.b.expires = true
  await tables.run(90_000)
  tables.a.drop('series', series)
  const before = tables.b.listed.length
  await tables.run(12 * 60_000)
  assert.ok(tables.b.listed.length - before <= 3, `${tables.b.listed.length - before} listings`)
  tables.b.blind = false
  await tables.run(15 * 60_000)
  for (const table of [tables.a, tables.b])
    assert.deepEqual(table.all('exception', 'words').toSorted(), ['known', 'nobody told of it'])
})

// Seen red: when a look before a delete that is sent again counts as the answer to it: the copy stayed for ever.
test('a read that does not show a new item yet, once its delete has to be sent again, does not make it deleted', async () => {
  const note = { fields: { words: { type: 'text' } } } as const
  const tables = await tablesOf({ a: { note }, b: { note: { ...note, lag: 60 } } })
  await tables.approve()
  const ref = tables.a.add('note', { words: 'for a moment' })
  const drop = (): void => {
    tables.a.drop('note', ref)
    const hints = [{ feed: 'all', kind: 'note', ref, scope: 'shelf-1' }]
    void tables.store.receive({ connection: 'a', hints, now: tables.time.now() }).then(() => tables.engine.hinted())
  }
  let shows = true
  tables.b.fails = ({ do: what, kind }) => {
    if (what === 'create') tables.time.after(1000, drop)
    if (what === 'get' && kind === 'note' && !shows) return { failure: 'missing' }
    if (what !== 'delete' || !shows) return null
    shows = false
    tables.time.after(60_000, () => (tables.b.fails = () => null))
    return { failure: 'limited' }
  }
  await tables.run(20 * 60_000)
  assert.equal(shows, false)
  assert.deepEqual(tables.b.all('note', 'words'), [])
})
