/**
 * Known ways to fail, of rows and Google Calendar, of docs/failures.md; those of channels and silence:
 * calendar-silence.test.ts.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fault } from '../../src/emulators/faults.ts'
import {
  ANN,
  at,
  CALENDAR,
  calendarsOf,
  eventsOf as events,
  KINDS,
  linked,
  MEETING,
  MINUTE,
  ROWS,
  shown,
  titlesOf as titles,
  writesIn as writes,
  type Calendars,
} from './calendars.ts'

const HOUR = 60 * MINUTE

async function isAtRest(both: Calendars): Promise<void> {
  const before = writes(both)
  await both.run(5 * MINUTE)
  assert.equal(writes(both), before)
  assert.deepEqual(await both.store.heldList({ flow: null }), [])
}

test('F7 calendar: our own write comes back and changes nothing', async () => {
  const both = await linked()
  both.rows.set('row', both.row, { title: 'Review' })
  await both.sync()
  await isAtRest(both)
  assert.deepEqual([both.rows.all('row', 'title'), titles(both)], [['Review'], ['Review']])
})

test('F8 calendar: an edit right after our own write is not lost', async () => {
  const both = await linked()
  both.rows.set('row', both.row, { title: 'Review' })
  await both.sync()
  both.google.as(ANN).edit(CALENDAR, both.id, { summary: 'Review of the year' })
  await both.sync()
  assert.deepEqual(both.rows.all('row', 'title'), ['Review of the year'])
})

test('F9 calendar: of two edits of one field the later one stands, and the other is listed', async () => {
  const both = await linked()
  both.rows.set('row', both.row, { title: 'older' })
  await both.pass(10 * MINUTE)
  both.google.as(ANN).edit(CALENDAR, both.id, { summary: 'newer' })
  await both.sync()
  assert.deepEqual([both.rows.all('row', 'title'), titles(both)], [['newer'], ['newer']])
  assert.deepEqual(
    (await both.store.conflicts({ all: true })).map(({ lens }) => lens),
    ['title'],
  )
})

test('F9 calendar: edits of two fields on two sides both stand', async () => {
  const both = await linked()
  both.rows.set('row', both.row, { colour: '5' })
  both.google.as(ANN).edit(CALENDAR, both.id, { description: 'notes' })
  await both.sync()
  assert.equal(both.rows.all('row', 'notes')[0], 'notes')
  assert.equal(at(events(both)[0], 'colorId'), '5')
})

// Seen red: without If-Match.
test('calendar: an edit that lands between our read and our write is read first', async () => {
  let armed = false
  const fault = ({ method }: { readonly method: string }): Fault | null => {
    if (armed && method === 'PATCH') {
      armed = false
      both.google.as(ANN).edit(CALENDAR, both.id, { description: 'from Ann' })
    }
    return null
  }
  const both = await linked({ fault })
  armed = true
  both.rows.set('row', both.row, { title: 'Review' })
  await both.sync()
  assert.ok(both.calls.some(({ status }) => status === 412))
  assert.deepEqual(titles(both), ['Review'])
  assert.equal(at(events(both)[0], 'description'), 'from Ann')
  assert.equal(both.rows.all('row', 'notes')[0], 'from Ann')
})

test('F12 F13 calendar: an amount in a title is exact, and the title does not grow', async () => {
  const sorts = { ...ROWS, row: { ...ROWS.row, fields: { ...ROWS.row.fields, amount: { type: 'decimal' } } } } as const
  const title = {
    b: 'summary',
    template: '{title}[ · {amount}]',
    formats: { amount: { locale: 'de-DE', decimals: 2 } },
  }
  const kinds = { ...KINDS, row: { ...KINDS.row, fields: { ...KINDS.row.fields, title } } }
  const both = await calendarsOf({ sorts, flow: { kinds } })
  const row = both.rows.add('row', { ...MEETING, title: 'Rent', amount: '-1234567.89' })
  await both.sync()
  assert.deepEqual(titles(both), ['Rent · -1.234.567,89'])
  const id = events(both)[0]?.id ?? ''
  for (let again = 0; again < 3; again += 1) {
    both.google.as(ANN).edit(CALENDAR, id, { description: `note ${again}` })
    await both.sync()
  }
  assert.deepEqual(titles(both), ['Rent · -1.234.567,89'])
  both.google.as(ANN).edit(CALENDAR, id, { summary: 'Rent · -1.234.567,90' })
  await both.sync()
  assert.equal(both.rows.get('row', row).values['amount'], '-1234567.9')
})

const SPAN = {
  as: 'span',
  a: { start: 'begins', end: 'ends', all_day: 'whole', zone: 'zone', end_is: 'last_day' },
  b: { start: 'start', end: 'end', zone: 'zone' },
  zone: 'Europe/Berlin',
}
const SPANNED = {
  sorts: {
    row: {
      ...ROWS.row,
      fields: {
        ...ROWS.row.fields,
        begins: { type: 'instant' },
        ends: { type: 'instant' },
        whole: { type: 'boolean' },
      },
    },
  },
  flow: {
    kinds: {
      shelf: KINDS.shelf,
      row: { a: 'row', b: 'event', fields: { title: KINDS.row.fields.title, when: SPAN } },
    },
  },
} as const

test('F14 calendar: whole days stay the same days, and become times and days again', async () => {
  const both = await calendarsOf(SPANNED)
  const ann = both.google.as(ANN)
  const { id } = ann.add(CALENDAR, { summary: 'Trip', start: { date: '2026-12-24' }, end: { date: '2026-12-27' } })
  await both.sync()
  const [row] = both.rows.living('row')
  assert.deepEqual(
    [row?.values['begins'], row?.values['ends'], row?.values['whole']],
    ['2026-12-23T23:00:00.000Z', '2026-12-25T23:00:00.000Z', true],
  )
  const ref = row?.ref ?? ''
  both.rows.set('row', ref, { ends: '2026-12-26T23:00:00.000Z' })
  await both.sync()
  assert.deepEqual(
    [at(ann.event(CALENDAR, id), 'start', 'date'), at(ann.event(CALENDAR, id), 'end', 'date')],
    ['2026-12-24', '2026-12-28'],
  )
  both.rows.set('row', ref, { begins: '2026-12-24T09:00:00.000Z', ends: '2026-12-24T10:00:00.000Z', whole: false })
  await both.sync()
  assert.equal(at(ann.event(CALENDAR, id), 'start', 'dateTime'), '2026-12-24T10:00:00+01:00')
  ann.edit(CALENDAR, id, {
    start: { date: '2026-12-24', dateTime: null, timeZone: null },
    end: { date: '2026-12-25', dateTime: null, timeZone: null },
  })
  await both.sync()
  assert.deepEqual(both.rows.all('row', 'whole'), [true])
  await isAtRest(both)
})

test('calendar: who moves the start on one side and the end on the other at once makes one conflict', async () => {
  const both = await calendarsOf({ ...SPANNED, flow: { ...SPANNED.flow, conflict: 'rows' } })
  const row = both.rows.add('row', { ...MEETING, whole: false })
  await both.sync()
  const id = events(both)[0]?.id ?? ''
  both.rows.set('row', row, { begins: '2026-11-09T08:00:00.000Z' })
  both.google.as(ANN).edit(CALENDAR, id, {
    end: { dateTime: '2026-11-09T12:00:00+01:00', timeZone: 'Europe/Berlin' },
  })
  await both.sync()
  const times = [at(events(both)[0], 'start', 'dateTime'), at(events(both)[0], 'end', 'dateTime')]
  assert.deepEqual(times, ['2026-11-09T09:00:00+01:00', '2026-11-09T11:00:00+01:00'])
  assert.equal((await both.store.conflicts({ all: true })).length, 1)
})

const STANDUP = { ...MEETING, title: 'Standup', rule: 'RRULE:FREQ=DAILY;COUNT=9' }

// Seen red: where a cancelled occurrence is told as the deletion of its series, or as none.
test('F15 calendar: what becomes of single occurrences, on either side, leaves the series whole and none is lost', async () => {
  const both = await calendarsOf()
  const ann = both.google.as(ANN)
  const row = both.rows.add('row', STANDUP)
  await both.sync()
  const id = events(both)[0]?.id ?? ''
  ann.edit(CALENDAR, `${id}_20261110T090000Z`, {
    start: { dateTime: '2026-11-10T15:00:00+01:00' },
    end: { dateTime: '2026-11-10T16:00:00+01:00' },
  })
  ann.remove(CALENDAR, `${id}_20261111T090000Z`)
  both.rows.add('change', { row, original: '2026-11-12T09:00:00.000Z', cancelled: true })
  both.rows.add('change', { row, original: '2026-11-13T09:00:00.000Z', title: 'late', cancelled: false })
  await both.sync()
  // The series itself is edited after that, and everything is read anew.
  both.rows.set('row', row, { notes: 'bring coffee' })
  both.google.expireSyncTokens()
  await both.run(10 * MINUTE)
  const expected = [
    [undefined, undefined, 'cancelled'],
    [undefined, undefined, 'cancelled'],
    ['2026-11-09T10:00:00+01:00', 'Standup', 'confirmed'],
    ['2026-11-10T15:00:00+01:00', 'Standup', 'confirmed'],
    ['2026-11-13T10:00:00+01:00', 'late', 'confirmed'],
  ]
  assert.deepEqual(shown(both), expected)
  assert.deepEqual(both.rows.all('row', 'title'), ['Standup'])
  assert.equal(at(ann.event(CALENDAR, id), 'description'), 'bring coffee')
  const changes = both.rows
    .living('change')
    .map(({ values: { original, begins, title, cancelled } }) => [original, begins ?? null, title ?? null, cancelled])
  assert.deepEqual(changes.sort(), [
    ['2026-11-10T09:00:00.000Z', '2026-11-10T14:00:00.000Z', 'Standup', false],
    ['2026-11-11T09:00:00.000Z', null, null, true],
    ['2026-11-12T09:00:00.000Z', null, null, true],
    ['2026-11-13T09:00:00.000Z', null, 'late', false],
  ])
  await isAtRest(both)
})

test('F20 calendar: what was deleted on both sides at once is done; what is brought back comes back', async () => {
  const both = await linked()
  both.rows.drop('row', both.row)
  both.google.as(ANN).remove(CALENDAR, both.id)
  await both.sync()
  await isAtRest(both)
  both.google.as(ANN).restore(CALENDAR, both.id)
  await both.sync()
  assert.deepEqual([both.rows.all('row', 'title'), titles(both)], [['Meeting'], ['Meeting']])
})

test('calendar: an event that is deleted while its row is edited is made again under another id', async () => {
  const both = await linked()
  both.google.as(ANN).remove(CALENDAR, both.id)
  both.rows.set('row', both.row, { title: 'Review' })
  await both.sync()
  assert.deepEqual(titles(both), ['Review'])
  assert.notEqual(events(both)[0]?.id, both.id)
  await isAtRest(both)
})

// Seen red: when an answer of 410 is taken for a deleted event.
test('F28 calendar: a dead sync token means reading everything again, with what was deleted meanwhile', async () => {
  const both = await linked()
  const other = both.google
    .as(ANN)
    .add(CALENDAR, { summary: 'Trip', start: { date: '2026-12-24' }, end: { date: '2026-12-27' } })
  await both.sync()
  both.google.as(ANN).remove(CALENDAR, both.id)
  both.google.as(ANN).edit(CALENDAR, other.id, { summary: 'Journey' })
  both.google.expireSyncTokens()
  await both.run(10 * MINUTE)
  assert.ok(both.calls.some(({ status }) => status === 410))
  assert.deepEqual(both.rows.all('row', 'title'), ['Journey'])
  await isAtRest(both)
})

test('F27 calendar: what changes while a long list is paged is not skipped', async () => {
  let pages = 0
  const fault = ({ method, path }: { readonly method: string; readonly path: string }): Fault | null => {
    if (method === 'GET' && path.endsWith('/events') && (pages += 1) === 4)
      both.google.as(ANN).edit(CALENDAR, firstId, { summary: 'edited meanwhile' })
    return null
  }
  const both = await calendarsOf({ google: { pageCap: 5 }, fault })
  let firstId = ''
  for (let day = 10; day < 30; day += 1) {
    const made = both.google
      .as(ANN)
      .add(CALENDAR, { summary: `day ${day}`, start: { date: `2026-11-${day}` }, end: { date: `2026-12-${day}` } })
    if (day === 10) firstId = made.id
  }
  await both.run(3 * MINUTE)
  assert.equal(both.rows.living('row').length, 20)
  assert.ok(both.rows.all('row', 'title').includes('edited meanwhile'))
})

// Seen red: where the time of a read is taken for that of the edit.
for (const later of ['row', 'event'] as const)
  test(`F29 calendar: of two edits that are read a day later, the one of the ${later} was made later and stands`, async () => {
    const both = await linked()
    const edits = {
      row: () => both.rows.set('row', both.row, { title: 'of the row' }),
      event: () => void both.google.as(ANN).edit(CALENDAR, both.id, { summary: 'of the event' }),
    }
    await both.pass(HOUR)
    edits[later === 'row' ? 'event' : 'row']()
    await both.pass(HOUR)
    edits[later]()
    await both.pass(24 * HOUR)
    await both.run(5 * MINUTE)
    assert.deepEqual([both.rows.all('row', 'title'), titles(both)], [[`of the ${later}`], [`of the ${later}`]])
    const [listed] = await both.store.conflicts({ all: true })
    assert.equal(listed?.why, 'newest: edited later')
  })

// Seen red: where the side that tells a time wins.
test('F29 calendar: where rows tell no time of an edit, no other time is taken for it', async () => {
  const both = await linked()
  both.rows.set('row', both.row, { title: 'of the row' })
  const edited = both.rows.rows.get(`row ${both.row}`) ?? assert.fail()
  both.rows.rows.set(`row ${both.row}`, { ...edited, item: { ...edited.item, editedAt: undefined } })
  await both.pass(HOUR)
  both.google.as(ANN).edit(CALENDAR, both.id, { summary: 'of the event' })
  await both.pass(HOUR)
  await both.run(5 * MINUTE)
  assert.deepEqual([both.rows.all('row', 'title'), titles(both)], [['of the row'], ['of the row']])
  const [listed] = await both.store.conflicts({ all: true })
  assert.match(listed?.why ?? '', /an edit time is missing, so side a stands/)
})

test('F38 calendar: a token that cannot be refreshed for a while stops nothing for good', async () => {
  let down = true
  const fault = ({ path }: { readonly path: string }): Fault | null =>
    down && path === '/token' ? { kind: 'answer-before', status: 503 } : null
  const both = await calendarsOf({ fault })
  both.rows.add('row', MEETING)
  await both.run(5 * MINUTE)
  down = false
  await both.run(5 * MINUTE)
  assert.deepEqual(titles(both), ['Meeting'])
})

test('F53 calendar: a one-way flow imports nothing', async () => {
  const both = await linked({ flow: { direction: 'rows->google' } })
  both.google.as(ANN).add(CALENDAR, { summary: 'Trip', start: { date: '2026-12-24' }, end: { date: '2026-12-27' } })
  both.google.as(ANN).edit(CALENDAR, both.id, { summary: 'edited there' })
  await both.run(5 * MINUTE)
  assert.deepEqual(both.rows.all('row', 'title'), ['Meeting'])
})

// Seen red: when the id of an event does not tell the key that it was made with.
test('F54 F55 calendar: after a lost store everything is matched again, exceptions too, and nothing made', async () => {
  const both = await linked()
  both.rows.add('row', MEETING)
  const series = both.rows.add('row', { ...MEETING, title: 'Standup', rule: 'RRULE:FREQ=DAILY;COUNT=9' })
  both.rows.add('change', { row: series, original: '2026-11-10T09:00:00.000Z', title: 'late', cancelled: false })
  both.rows.add('change', { row: series, original: '2026-11-11T09:00:00.000Z', cancelled: true })
  await both.sync()
  const before = shown(both)
  assert.equal(before.length, 5)
  await both.loseStore()
  await both.sync()
  await both.run(5 * MINUTE)
  assert.deepEqual(shown(both), before)
  assert.deepEqual([both.rows.living('row').length, both.rows.living('change').length], [3, 2])
  await isAtRest(both)
})

for (const kind of ['lose-response', 'lose-request'] as const)
  test(`F1 F3 calendar: an event whose create is ${kind === 'lose-response' ? 'not answered' : 'lost'} is there once`, async () => {
    let lost = 0
    const fault = ({ method, path }: { readonly method: string; readonly path: string }): Fault | null =>
      method === 'POST' && path.endsWith('/events') && (lost += 1) === 1 ? { kind } : null
    const both = await calendarsOf({ fault })
    both.rows.add('row', MEETING)
    await both.run(5 * MINUTE)
    assert.deepEqual(titles(both), ['Meeting'])
    assert.equal(both.rows.living('row').length, 1)
    await isAtRest(both)
  })
