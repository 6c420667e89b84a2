import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ANN, at, CALENDAR, calendarsOf, shown, type Calendars } from './calendars.ts'

const MEETING = {
  title: 'Meeting',
  begins: '2026-11-09T09:00:00.000Z',
  ends: '2026-11-09T10:00:00.000Z',
  zone: 'Europe/Berlin',
}

function titles({ google }: Calendars): unknown[] {
  return google
    .as(ANN)
    .events(CALENDAR)
    .map(({ summary }) => summary)
}

test('calendar: an event that is made, changed and deleted on one side is so on the other', async () => {
  const both = await calendarsOf()
  const row = both.rows.add('row', MEETING)
  await both.sync()
  assert.deepEqual(titles(both), ['Meeting'])
  const [event] = both.google.as(ANN).events(CALENDAR)
  assert.equal(at(event, 'start', 'dateTime'), '2026-11-09T10:00:00+01:00')
  both.google.as(ANN).edit(CALENDAR, event?.id ?? '', { summary: 'Review' })
  await both.sync()
  assert.deepEqual(both.rows.all('row', 'title'), ['Review'])
  both.rows.set('row', row, { begins: '2026-11-09T09:30:00.000Z' })
  await both.sync()
  assert.equal(
    at(both.google.as(ANN).event(CALENDAR, event?.id ?? ''), 'start', 'dateTime'),
    '2026-11-09T10:30:00+01:00',
  )
  both.rows.drop('row', row)
  await both.sync()
  assert.deepEqual(titles(both), [])
  both.google.as(ANN).add(CALENDAR, { summary: 'Trip', start: { date: '2026-12-24' }, end: { date: '2026-12-27' } })
  await both.sync()
  assert.deepEqual(
    both.rows.living('row').map(({ values }) => [values['title'], values['begins'], values['ends']]),
    [['Trip', '2026-12-24', '2026-12-27']],
  )
})

const SERIES = {
  title: 'Standup',
  begins: '2026-11-09T08:30:00.000Z',
  ends: '2026-11-09T08:45:00.000Z',
  zone: 'Europe/Berlin',
  rule: 'RRULE:FREQ=WEEKLY;BYDAY=MO',
}
const WEEK_2 = '2026-11-16T08:30:00.000Z'
const WEEK_3 = '2026-11-23T08:30:00.000Z'

async function series(
  options: Parameters<typeof calendarsOf>[0] = {},
): Promise<Calendars & { row: string; id: string }> {
  const both = await calendarsOf(options)
  const row = both.rows.add('row', SERIES)
  await both.sync()
  return Object.assign(both, { row, id: both.google.as(ANN).events(CALENDAR)[0]?.id ?? '' })
}

/** By their original times. */
const changes = ({ rows }: Calendars): unknown[] =>
  rows
    .living('change')
    .map(({ values: { original, title, begins, cancelled } }) => [
      original,
      title ?? null,
      begins ?? null,
      cancelled ?? null,
    ])
    .sort()

test('calendar: a series is one row with its rule, and never its occurrences', async () => {
  const both = await series()
  const [event] = both.google.as(ANN).events(CALENDAR)
  assert.deepEqual(at(event, 'recurrence'), ['RRULE:FREQ=WEEKLY;BYDAY=MO'])
  assert.equal(at(event, 'start', 'timeZone'), 'Europe/Berlin')
  assert.equal(both.rows.living('row').length, 1)
  assert.deepEqual(changes(both), [])
})

test('calendar: an occurrence that somebody moves or cancels in Google is a change of its row', async () => {
  const both = await series()
  const ann = both.google.as(ANN)
  const times = { start: { dateTime: '2026-11-17T10:00:00+01:00' }, end: { dateTime: '2026-11-17T10:15:00+01:00' } }
  ann.edit(CALENDAR, `${both.id}_20261116T083000Z`, times)
  ann.remove(CALENDAR, `${both.id}_20261123T083000Z`)
  await both.sync()
  assert.deepEqual(changes(both), [
    [WEEK_2, 'Standup', '2026-11-17T09:00:00.000Z', false],
    [WEEK_3, null, null, true],
  ])
  assert.equal(both.rows.living('row').length, 1)
  await both.sync()
  assert.equal(ann.events(CALENDAR).length, 3)
})

test('calendar: an occurrence that is moved or cancelled in a row is so in Google, and as its series again once the row goes', async () => {
  const both = await series()
  const ann = both.google.as(ANN)
  const moved = both.rows.add('change', {
    row: both.row,
    original: WEEK_2,
    title: 'Standup',
    begins: '2026-11-17T09:00:00.000Z',
    ends: '2026-11-17T09:15:00.000Z',
    cancelled: false,
  })
  const cancelled = both.rows.add('change', { row: both.row, original: WEEK_3, cancelled: true })
  await both.sync()
  assert.deepEqual(shown(both), [
    [undefined, undefined, 'cancelled'],
    ['2026-11-09T09:30:00+01:00', 'Standup', 'confirmed'],
    ['2026-11-17T10:00:00+01:00', 'Standup', 'confirmed'],
  ])
  both.rows.drop('change', moved)
  both.rows.set('change', cancelled, { cancelled: false, title: 'Standup, after all' })
  await both.sync()
  assert.equal(at(ann.event(CALENDAR, `${both.id}_20261116T083000Z`), 'start', 'dateTime'), '2026-11-16T09:30:00+01:00')
  assert.equal(at(ann.event(CALENDAR, `${both.id}_20261123T083000Z`), 'summary'), 'Standup, after all')
  await both.run(20 * 60_000)
  assert.deepEqual(
    changes(both).map((each) => (each as unknown[])[0]),
    [WEEK_3],
  )
})

const MOVED = {
  title: 'In the garden',
  begins: '2026-11-17T09:00:00.000Z',
  ends: '2026-11-17T09:15:00.000Z',
}
const OCCURRENCE = '20261116T083000Z'

/** Row by row: title, begin, and whether it is cancelled. */
const told = ({ rows }: Calendars): unknown[] =>
  rows.living('change').map(({ values: { title, begins, cancelled } }) => [title, begins, cancelled])

// Seen red: the row lost title and hours, as Google shows none of a cancelled occurrence.
test('calendar: a cancelled occurrence keeps in its row what it was, whoever cancels it', async () => {
  const both = await series()
  const change = both.rows.add('change', { row: both.row, original: WEEK_2, ...MOVED, cancelled: false })
  await both.sync()
  both.rows.set('change', change, { cancelled: true })
  await both.sync()
  assert.deepEqual(told(both), [[MOVED.title, MOVED.begins, true]])
  const ann = both.google.as(ANN)
  ann.edit(CALENDAR, `${both.id}_${OCCURRENCE}`, { status: 'confirmed' })
  await both.sync()
  assert.deepEqual(told(both), [[MOVED.title, MOVED.begins, false]])
  ann.remove(CALENDAR, `${both.id}_${OCCURRENCE}`)
  await both.sync()
  assert.deepEqual(told(both), [[MOVED.title, MOVED.begins, true]])
  both.rows.drop('change', change)
  await both.sync()
  assert.deepEqual([changes(both), ann.event(CALENDAR, `${both.id}_${OCCURRENCE}`)['summary']], [[], 'Standup'])
})

for (const cancelledKeepContent of [true, false])
  // Seen red: the row got the hours of its series where only `cancelled` was written.
  test(`calendar: an occurrence that takes place after all is as its row says${cancelledKeepContent ? '' : ', also where Google has forgotten it'}`, async () => {
    const both = await series({ google: { cancelledKeepContent } })
    const change = both.rows.add('change', { row: both.row, original: WEEK_2, ...MOVED, cancelled: true })
    await both.sync()
    both.rows.set('change', change, { title: 'In the hall' })
    await both.sync()
    assert.deepEqual(told(both), [['In the hall', MOVED.begins, true]])
    both.rows.set('change', change, { cancelled: false })
    await both.sync()
    assert.deepEqual(told(both), [['In the hall', MOVED.begins, false]])
    const event = both.google.as(ANN).event(CALENDAR, `${both.id}_${OCCURRENCE}`)
    assert.deepEqual([event['summary'], at(event, 'start', 'dateTime')], ['In the hall', '2026-11-17T10:00:00+01:00'])
  })

for (const tells of [false, true])
  test(`calendar: a deleted series takes its exceptions along${tells ? ', though each is told as cancelled' : ''}`, async () => {
    const both = await series({ google: { deletedSeriesTellExceptions: tells } })
    const ann = both.google.as(ANN)
    ann.remove(CALENDAR, `${both.id}_20261123T083000Z`)
    ann.edit(CALENDAR, `${both.id}_20261116T083000Z`, { summary: 'Standup in the garden' })
    await both.sync()
    assert.equal(changes(both).length, 2)
    ann.remove(CALENDAR, both.id)
    await both.sync()
    assert.deepEqual([both.rows.living('row').length, changes(both).length], [0, 0])
    assert.deepEqual(await both.store.heldList({ flow: null }), [])
  })

// Seen red: what Google does not tell of a cancelled occurrence kept the series.
test('calendar: a series that is deleted in a row takes its exceptions along in Google', async () => {
  const both = await series()
  both.rows.add('change', { row: both.row, original: WEEK_3, cancelled: true })
  const moved = both.rows.add('change', { row: both.row, original: WEEK_2, ...MOVED, cancelled: false })
  await both.sync()
  both.rows.set('change', moved, { cancelled: true })
  await both.sync()
  both.rows.drop('row', both.row)
  await both.sync()
  assert.deepEqual(both.google.as(ANN).events(CALENDAR), [])
})

test('calendar: what two people make of one occurrence at once is one exception', async () => {
  const both = await series({ flow: { conflict: 'rows' } })
  both.google.as(ANN).edit(CALENDAR, `${both.id}_20261116T083000Z`, { summary: 'In the hall' })
  both.rows.add('change', { row: both.row, original: WEEK_2, title: 'In the garden', cancelled: false })
  await both.sync()
  assert.equal(at(both.google.as(ANN).event(CALENDAR, `${both.id}_20261116T083000Z`), 'summary'), 'In the garden')
  assert.equal(changes(both).length, 1)
  assert.deepEqual(await both.store.heldList({ flow: null }), [])
})

type Series = Awaited<ReturnType<typeof series>>

/** Google does what is written to the occurrence next, and its answer is lost; after a while `then` somebody does something. */
async function losing(): Promise<Series & { lose(ms: number, then: () => void): void }> {
  let lost: (() => void) | null = null
  const both = await series({
    fault: ({ method, path }) => {
      if (lost === null || method !== 'PATCH' || !path.endsWith(OCCURRENCE)) return null
      lost()
      lost = null
      return { kind: 'lose-response' }
    },
  })
  return Object.assign(both, {
    lose: (ms: number, then: () => void) => (lost = () => void both.time.after(ms, then)),
  })
}

// Seen red: the row came back, cancelled, as what somebody did in Google: a cancelled occurrence does not tell whose it is.
test('calendar: an occurrence that was cancelled without an answer, and whose row goes before it is asked about, takes place after all', async () => {
  const both = await losing()
  both.lose(500, () => both.rows.drop('change', change))
  const change = both.rows.add('change', { row: both.row, original: WEEK_2, ...MOVED, cancelled: true })
  await both.run(10 * 60_000)
  const event = both.google.as(ANN).event(CALENDAR, `${both.id}_${OCCURRENCE}`)
  assert.deepEqual([changes(both), event.status, event['summary']], [[], 'confirmed', 'Standup'])
})

// Seen red: it was cancelled again, as what Google does not tell of a cancelled occurrence did not look like what was written.
test('calendar: an occurrence that is renamed and cancelled without an answer, and that somebody restores since, takes place', async () => {
  const both = await losing()
  const change = both.rows.add('change', { row: both.row, original: WEEK_2, ...MOVED, cancelled: false })
  await both.sync()
  const ann = both.google.as(ANN)
  both.lose(20_000, () => void ann.edit(CALENDAR, `${both.id}_${OCCURRENCE}`, { status: 'confirmed' }))
  both.rows.set('change', change, { title: 'In the hall', cancelled: true })
  await both.run(10 * 60_000)
  assert.deepEqual(told(both), [['In the hall', MOVED.begins, false]])
  assert.equal(ann.event(CALENDAR, `${both.id}_${OCCURRENCE}`).status, 'confirmed')
})

// Seen red: the engine took it for the work of another installation, and paused the flow.
test('calendar: what somebody makes of an occurrence that was written without an answer and taken back is a change like any other', async () => {
  const both = await losing()
  const ann = both.google.as(ANN)
  both.lose(500, () => {
    const times = { start: { dateTime: '2026-11-16T09:30:00+01:00' }, end: { dateTime: '2026-11-16T09:45:00+01:00' } }
    ann.edit(CALENDAR, `${both.id}_${OCCURRENCE}`, { summary: 'Standup', ...times })
    both.rows.drop('change', change)
  })
  const change = both.rows.add('change', { row: both.row, original: WEEK_2, ...MOVED, cancelled: false })
  await both.run(10 * 60_000)
  assert.deepEqual(changes(both), [])
  ann.edit(CALENDAR, `${both.id}_${OCCURRENCE}`, { summary: 'In the hall' })
  await both.run(10 * 60_000)
  assert.deepEqual(changes(both), [[WEEK_2, 'In the hall', '2026-11-16T08:30:00.000Z', false]])
  const { flows } = await both.store.status(undefined)
  assert.deepEqual(
    flows.map(({ paused_at: at }) => at),
    [null],
  )
})
