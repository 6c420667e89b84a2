import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  allDay,
  ANN,
  at,
  DAY,
  EVENTS,
  idsOf,
  insert,
  listAll,
  refusal,
  summariesOf,
  testCalendar,
  textAt,
  timed,
} from './google-calendar-world.ts'
import type { Call } from './google-calendar-world.ts'

/** Fridays at 9:30 in Berlin, over the change to summer time on 29 March 2026. */
function weekly(call: Call, more: object = {}): string {
  const recurrence = ['RRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=4']
  return insert(call, timed('Review', '2026-03-20T09:30', '2026-03-20T10:30', { id: 'series', recurrence, ...more })).id
}

const starts = (items: readonly unknown[]) =>
  items.map((item) => at(item, 'start', 'dateTime') ?? at(item, 'start', 'date'))
const single = { singleEvents: 'true', orderBy: 'startTime' }
const instances = (call: Call, query: Record<string, string> = {}) =>
  listAll(call, query, `${EVENTS}/series/instances`).items

test('a series is expanded in its own zone, so that clock changes do not move it', () => {
  const { api } = testCalendar()
  weekly(api(ANN))
  const { items } = listAll(api(ANN), single)
  assert.deepEqual(starts(items), [
    '2026-03-20T09:30:00+01:00',
    '2026-03-27T09:30:00+01:00',
    '2026-04-03T09:30:00+02:00',
    '2026-04-10T09:30:00+02:00',
  ])
  assert.equal(at(items[2], 'id'), 'series_20260403T073000Z')
  assert.equal(at(items[2], 'recurringEventId'), 'series')
  assert.equal(at(items[2], 'originalStartTime', 'dateTime'), '2026-04-03T09:30:00+02:00')
  assert.equal(at(items[2], 'end', 'dateTime'), '2026-04-03T10:30:00+02:00')
  assert.equal(at(items[2], 'recurrence'), undefined)
  assert.equal(at(items[2], 'iCalUID'), at(items[0], 'iCalUID'))
})

test('without singleEvents a list holds the series and its exceptions, and no other instance', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  weekly(call)
  assert.deepEqual(idsOf(listAll(call).items), ['series'])
  const moved = 'series_20260327T083000Z'
  const times = timed('', '2026-03-28T11:00', '2026-03-28T12:00')
  call('PATCH', `${EVENTS}/${moved}`, { body: { start: times.start, end: times.end } })
  const cancelled = 'series_20260403T073000Z'
  assert.equal(call('DELETE', `${EVENTS}/${cancelled}`).status, 204)
  const { items } = listAll(call)
  assert.deepEqual(idsOf(items), ['series', moved, cancelled].toSorted())
  const exception = items.find((item) => at(item, 'id') === moved)
  assert.equal(at(exception, 'start', 'dateTime'), '2026-03-28T11:00:00+01:00')
  assert.equal(at(exception, 'originalStartTime', 'dateTime'), '2026-03-27T09:30:00+01:00')
  const gone = items.find((item) => at(item, 'id') === cancelled)
  assert.deepEqual(gone, {
    kind: 'calendar#event',
    etag: at(gone, 'etag'),
    id: cancelled,
    status: 'cancelled',
    recurringEventId: 'series',
    originalStartTime: { dateTime: '2026-04-03T09:30:00+02:00', timeZone: 'Europe/Berlin' },
  })
  assert.deepEqual(starts(listAll(call, single).items), [
    '2026-03-20T09:30:00+01:00',
    '2026-03-28T11:00:00+01:00',
    '2026-04-10T09:30:00+02:00',
  ])
})

test('a cancelled instance is deleted for good, and a set status brings it back', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  weekly(call)
  const path = `${EVENTS}/series_20260327T083000Z`
  assert.equal(call('DELETE', path).status, 204)
  assert.equal(refusal(call('DELETE', path)), '410 deleted')
  assert.equal(instances(call).length, 3)
  assert.equal(instances(call, { showDeleted: 'true' }).length, 4)
  assert.equal(at(call('PATCH', path, { body: { status: 'confirmed' } }).body, 'status'), 'confirmed')
  assert.equal(instances(call).length, 4)
})

test('a cancelled instance is told as long as its series lives, and no longer than other deleted events after', async () => {
  const { api, advance } = testCalendar()
  weekly(api(ANN))
  const cancelled = 'series_20260327T083000Z'
  api(ANN)('DELETE', `${EVENTS}/${cancelled}`)
  await advance(400 * DAY)
  assert.deepEqual(idsOf(listAll(api(ANN)).items), ['series', cancelled])
  api(ANN)('DELETE', `${EVENTS}/series`)
  assert.deepEqual(idsOf(listAll(api(ANN), { showDeleted: 'true' }).items), ['series'])
})

test('an instance is found by its original start, also when it was moved', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  weekly(call)
  const path = `${EVENTS}/series_20260327T083000Z`
  const { start, end } = timed('', '2026-05-01T11:00', '2026-05-01T12:00')
  call('PATCH', path, { body: { start, end, summary: 'May review' } })
  const found = instances(call, { originalStart: '2026-03-27T09:30:00+01:00' })
  assert.deepEqual(summariesOf(found), ['May review'])
  const inMay = listAll(call, { ...single, timeMin: '2026-05-01T00:00:00Z' }).items
  assert.deepEqual(summariesOf(inMay), ['May review'])
  assert.equal(instances(call, { timeMax: '2026-03-28T00:00:00Z' }).length, 1)
  // The end of the third; here the lower bound is inclusive.
  const bounds = { timeMin: '2026-04-03T10:30:00+02:00', timeMax: '2026-04-04T00:00:00Z' }
  assert.equal(instances(call, bounds).length, 1)
  assert.equal(listAll(call, { ...single, ...bounds }).items.length, 0)
})

test('an id that no rule makes is not found, and an instance cannot recur', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  weekly(call)
  for (const stamp of ['20260328T083000Z', '20260327', '20260417T073000Z', 'rubbish'])
    assert.equal(refusal(call('GET', `${EVENTS}/series_${stamp}`)), '404 notFound', stamp)
  const body = { recurrence: ['RRULE:FREQ=DAILY'] }
  assert.equal(refusal(call('PATCH', `${EVENTS}/series_20260327T083000Z`, { body })), '400 invalid')
  const one = insert(call, timed('once', '2026-03-02T10:00', '2026-03-02T11:00')).id
  assert.equal(refusal(call('GET', `${EVENTS}/${one}/instances`)), '400 invalid')
})

test('a series of days has days in its instances and their ids', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  const recurrence = ['RRULE:FREQ=MONTHLY;COUNT=3', 'EXDATE;VALUE=DATE:20260402', 'RDATE;VALUE=DATE:20260315']
  insert(call, allDay('Rent', '2026-03-02', '2026-03-04', { id: 'rent0', recurrence }))
  const { items } = listAll(call, single)
  assert.deepEqual(starts(items), ['2026-03-02', '2026-03-15', '2026-05-02'])
  assert.deepEqual(
    items.map((item) => at(item, 'end', 'date')),
    ['2026-03-04', '2026-03-17', '2026-05-04'],
  )
  assert.equal(at(items[1], 'id'), 'rent0_20260315')
  assert.deepEqual(at(items[1], 'originalStartTime'), { date: '2026-03-15' })
})

test('dates to leave out and to add are taken in UTC and in a zone', () => {
  const { api } = testCalendar()
  weekly(api(ANN), {
    recurrence: [
      'RRULE:FREQ=WEEKLY;BYDAY=FR;UNTIL=20260410T073000Z',
      'EXDATE:20260327T083000Z',
      'EXDATE;TZID=Europe/Berlin:20260403T093000',
      'RDATE;TZID=America/New_York:20260401T080000',
    ],
  })
  assert.deepEqual(starts(listAll(api(ANN), single).items), [
    '2026-03-20T09:30:00+01:00',
    '2026-04-01T14:00:00+02:00',
    '2026-04-10T09:30:00+02:00',
  ])
})

test('recurrence that cannot be expanded is refused', () => {
  const { api } = testCalendar()
  const post = (recurrence: readonly string[], event: object = timed('x', '2026-03-02T10:00', '2026-03-02T11:00')) =>
    refusal(api(ANN)('POST', EVENTS, { body: { ...event, recurrence } }))
  for (const line of [
    'FREQ=DAILY',
    'RRULE:FREQ=OFTEN',
    'RRULE:COUNT=2',
    'RRULE:FREQ=DAILY;COUNT=0',
    'RRULE:FREQ=DAILY;COUNT=2;UNTIL=20270101T000000Z',
    'DTSTART:20260302T100000Z',
    'EXDATE:tomorrow',
  ])
    assert.equal(post([line]), '400 invalid', line)
  assert.equal(post(['RRULE:FREQ=DAILY', 'EXRULE:FREQ=WEEKLY']), '501 notImplemented')
  const zoneless = { start: { dateTime: '2026-03-02T10:00:00Z' }, end: { dateTime: '2026-03-02T11:00:00Z' } }
  assert.equal(post(['RRULE:FREQ=DAILY'], zoneless), '400 invalid')
})

test('a series counts as within a window when one of its instances is', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  insert(call, timed('daily', '2020-01-01T10:00', '2020-01-01T11:00', { recurrence: ['RRULE:FREQ=DAILY'] }))
  insert(call, timed('over', '2020-01-01T10:00', '2020-01-01T11:00', { recurrence: ['RRULE:FREQ=DAILY;COUNT=9'] }))
  assert.deepEqual(summariesOf(listAll(call, { timeMin: '2026-03-01T00:00:00Z' }).items), ['daily'])
  insert(call, timed('yearly', '2020-02-01T10:00', '2020-02-01T11:00', { recurrence: ['RRULE:FREQ=YEARLY'] }))
  const far = listAll(call, { timeMin: '2026-03-01T00:00:00Z' }).items
  assert.deepEqual(summariesOf(far).toSorted(), ['daily', 'yearly'])
  const { items } = listAll(call, { ...single, timeMin: '2026-03-01T00:00:00Z', timeMax: '2026-03-04T00:00:00Z' })
  assert.deepEqual(starts(items), [
    '2026-03-01T10:00:00+01:00',
    '2026-03-02T10:00:00+01:00',
    '2026-03-03T10:00:00+01:00',
  ])
})

test('with a deleted series all its instances are deleted; the change is told for the series alone, or by a switch for each exception', () => {
  for (const deletedSeriesTellExceptions of [false, true]) {
    const { api } = testCalendar({ deletedSeriesTellExceptions })
    const call = api(ANN)
    weekly(call)
    const exception = 'series_20260327T083000Z'
    call('PATCH', `${EVENTS}/${exception}`, { body: { summary: 'Other' } })
    const { syncToken } = listAll(call)
    assert.equal(call('DELETE', `${EVENTS}/series`).status, 204)
    const told = idsOf(listAll(call, { syncToken: String(syncToken) }).items)
    assert.deepEqual(told, deletedSeriesTellExceptions ? ['series', exception] : ['series'])
    assert.deepEqual(listAll(call).items, [])
    assert.deepEqual(listAll(call, single).items, [])
    assert.equal(listAll(call, { ...single, showDeleted: 'true' }).items.length, 4)
    assert.equal(at(call('GET', `${EVENTS}/${exception}`).body, 'status'), 'cancelled')
    assert.equal(refusal(call('DELETE', `${EVENTS}/${exception}`)), '410 deleted')
    assert.equal(refusal(call('DELETE', `${EVENTS}/series_20260320T083000Z`)), '410 deleted')
  }
})

test('with a series that comes back its exceptions come back, and are told again', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  weekly(call)
  const exception = 'series_20260327T083000Z'
  call('PATCH', `${EVENTS}/${exception}`, { body: { summary: 'Other' } })
  call('DELETE', `${EVENTS}/series`)
  const { syncToken } = listAll(call)
  call('PATCH', `${EVENTS}/series`, { body: { status: 'confirmed' } })
  const told = listAll(call, { syncToken: String(syncToken) }).items
  assert.deepEqual(idsOf(told), ['series', exception])
  assert.deepEqual(new Set(told.map((item) => at(item, 'status'))), new Set(['confirmed']))
})

test('an exception whose start the changed series no longer makes is deleted, and told', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  weekly(call)
  const exception = 'series_20260327T083000Z'
  call('PATCH', `${EVENTS}/${exception}`, { body: { summary: 'Other' } })
  const { syncToken } = listAll(call)
  call('PATCH', `${EVENTS}/series`, { body: { recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=1'] } })
  const told = listAll(call, { syncToken: String(syncToken) }).items
  assert.deepEqual(
    told.map((item) => `${textAt(item, 'id')} ${textAt(item, 'status')}`).toSorted(),
    [`${exception} cancelled`, 'series confirmed'].toSorted(),
  )
})

test('a changed instance is one change for a sync, and leaves the series as it is', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  weekly(call)
  const before = textAt(call('GET', `${EVENTS}/series`).body, 'etag')
  const { syncToken } = listAll(call)
  const exception = 'series_20260327T083000Z'
  const changed = call('PUT', `${EVENTS}/${exception}`, { body: timed('New', '2026-03-27T12:00', '2026-03-27T13:00') })
  assert.equal(at(changed.body, 'recurringEventId'), 'series')
  assert.deepEqual(idsOf(listAll(call, { syncToken: String(syncToken) }).items), [exception])
  assert.equal(textAt(call('GET', `${EVENTS}/series`).body, 'etag'), before)
})

test('a time that a clock change skips is moved on, and of one that comes twice the first is meant', () => {
  const { api } = testCalendar()
  const skipped = insert(api(ANN), timed('skipped', '2026-03-29T02:30', '2026-03-29T04:00')).body
  assert.equal(at(skipped, 'start', 'dateTime'), '2026-03-29T03:30:00+02:00')
  const twice = insert(api(ANN), timed('twice', '2026-10-25T02:30', '2026-10-25T04:00')).body
  assert.equal(at(twice, 'start', 'dateTime'), '2026-10-25T02:30:00+02:00')
})
