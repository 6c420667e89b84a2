import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  allDay,
  ANN,
  at,
  BOB,
  DAY,
  EVENTS,
  HOUR,
  idsOf,
  insert,
  listAll,
  listAt,
  refusal,
  START,
  summariesOf,
  testCalendar,
  timed,
} from './google-calendar-world.ts'
import type { Call } from './google-calendar-world.ts'

const day = (summary: string, more: object = {}) => allDay(summary, '2026-03-02', '2026-03-03', more)

function fill(call: Call, count: number): string[] {
  return Array.from({ length: count }, (_, index) => insert(call, day(`event ${index}`)).id).toSorted()
}

test('a list comes in pages, and only the last page tells a sync token', () => {
  const { api } = testCalendar({ quotas: false })
  const call = api(ANN)
  const ids = fill(call, 7)
  const { items, pages, syncToken } = listAll(call, { maxResults: '3' })
  assert.deepEqual(idsOf(items), ids)
  assert.equal(pages, 3)
  assert.equal(typeof syncToken, 'string')
  assert.equal(refusal(call('GET', EVENTS, { query: { maxResults: '0' } })), '400 invalid')
})

test('a page holds at most 2500 events, whatever is asked for', () => {
  const { api, emulator } = testCalendar()
  for (let index = 0; index < 2501; index += 1) emulator.as(ANN).add('primary', day(`event ${index}`))
  const page = api(ANN)('GET', EVENTS, { query: { maxResults: '100000' } })
  assert.equal(listAt(page.body, 'items').length, 2500)
})

test('a page token goes with its own query only', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  fill(call, 3)
  const pageToken = String(at(call('GET', EVENTS, { query: { maxResults: '2' } }).body, 'nextPageToken'))
  assert.equal(call('GET', EVENTS, { query: { maxResults: '1', pageToken } }).status, 200)
  assert.equal(refusal(call('GET', EVENTS, { query: { pageToken, showDeleted: 'true' } })), '400 invalid')
  assert.equal(refusal(call('GET', EVENTS, { query: { pageToken: 'junk' } })), '400 invalid')
})

test('pages may be shorter than asked for, or empty, before the list ends', () => {
  const capped = testCalendar({ pageCap: 2 })
  fill(capped.api(ANN), 5)
  assert.equal(listAll(capped.api(ANN)).pages, 3)
  const empty = testCalendar({ emptyPages: 0.5 })
  const ids = fill(empty.api(ANN), 5)
  const { items, pages } = listAll(empty.api(ANN), { maxResults: '1' })
  assert.deepEqual(idsOf(items), ids)
  assert.ok(pages > 5)
})

test('a sync token tells what was made, changed and deleted since, and nothing else', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  const [kept = '', changed = '', deleted = ''] = fill(call, 3)
  const first = String(listAll(call).syncToken)
  assert.deepEqual(listAll(call, { syncToken: first }).items, [])
  call('PATCH', `${EVENTS}/${changed}`, { body: { summary: 'changed' } })
  call('DELETE', `${EVENTS}/${deleted}`)
  const made = insert(call, day('made')).id
  const { items, syncToken } = listAll(call, { syncToken: first, maxResults: '1' })
  assert.deepEqual(idsOf(items), [changed, deleted, made].toSorted())
  assert.ok(!idsOf(items).includes(kept))
  const tombstone = items.find((item) => at(item, 'id') === deleted)
  assert.deepEqual(Object.keys(Object(tombstone)).toSorted(), ['etag', 'id', 'kind', 'status'])
  assert.deepEqual(listAll(call, { syncToken: String(syncToken) }).items, [])
})

test('what changes while a caller pages is told again by the next sync', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  const ids = fill(call, 4)
  const page = call('GET', EVENTS, { query: { maxResults: '2' } })
  for (const id of ids) call('PATCH', `${EVENTS}/${id}`, { body: { summary: 'changed' } })
  const pageToken = String(at(page.body, 'nextPageToken'))
  const last = call('GET', EVENTS, { query: { maxResults: '2', pageToken } })
  const syncToken = String(at(last.body, 'nextSyncToken'))
  assert.deepEqual(idsOf(listAll(call, { syncToken }).items), ids)
})

test('with showDeleted from the first list on, deleted events keep their details', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  const { id } = insert(call, day('gone soon'))
  const { syncToken } = listAll(call, { showDeleted: 'true' })
  call('DELETE', `${EVENTS}/${id}`)
  const { items } = listAll(call, { syncToken: String(syncToken), showDeleted: 'true' })
  assert.deepEqual(summariesOf(items), ['gone soon'])
  assert.equal(at(items[0], 'status'), 'cancelled')
})

test('a sync token refuses what would filter or order, and what differs from the first list', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  const syncToken = String(listAll(call).syncToken)
  const asked = (query: Record<string, string>) => refusal(call('GET', EVENTS, { query: { syncToken, ...query } }))
  const time = '2026-03-01T00:00:00Z'
  for (const [name, value] of Object.entries({
    iCalUID: 'x',
    orderBy: 'updated',
    privateExtendedProperty: 'a=b',
    q: 'x',
    sharedExtendedProperty: 'a=b',
    timeMin: time,
    timeMax: time,
    updatedMin: time,
    showDeleted: 'false',
  }))
    assert.equal(asked({ [name]: value }), '400 invalid', name)
  assert.equal(asked({ showDeleted: 'true' }), '400 invalid')
  assert.equal(asked({ timeZone: 'Asia/Tokyo' }), '400 invalid')
  assert.equal(asked({ singleEvents: 'true' }), '501 notImplemented')
})

test('a sync token that is old, foreign, junk or declared dead asks for a full sync', async () => {
  const { api, advance, emulator } = testCalendar()
  const tokenOf = (user: string) => String(listAll(api(user)).syncToken)
  const asked = (syncToken: string) => refusal(api(ANN)('GET', EVENTS, { query: { syncToken } }))
  const old = tokenOf(ANN)
  await advance(30 * DAY - HOUR)
  assert.equal(asked(old), '200 undefined')
  await advance(HOUR)
  assert.equal(asked(old), '410 fullSyncRequired')
  assert.equal(asked(tokenOf(BOB)), '410 fullSyncRequired')
  assert.equal(asked('junk'), '410 fullSyncRequired')
  const dead = tokenOf(ANN)
  emulator.expireSyncTokens()
  assert.equal(asked(dead), '410 fullSyncRequired')
  assert.equal(asked(tokenOf(ANN)), '200 undefined')
  const answer = api(ANN)('GET', EVENTS, { query: { syncToken: dead } })
  assert.deepEqual(at(answer.body, 'error'), {
    errors: [
      {
        domain: 'calendar',
        reason: 'fullSyncRequired',
        message: 'Sync token is no longer valid, a full sync is required.',
        locationType: 'parameter',
        location: 'syncToken',
      },
    ],
    code: 410,
    message: 'Sync token is no longer valid, a full sync is required.',
  })
})

test('a deleted event is shown for some time, and its id stays gone after', async () => {
  const { api, advance } = testCalendar()
  const { id } = insert(api(ANN), day('short'))
  api(ANN)('DELETE', `${EVENTS}/${id}`)
  assert.deepEqual(listAll(api(ANN)).items, [])
  assert.deepEqual(idsOf(listAll(api(ANN), { showDeleted: 'true' }).items), [id])
  await advance(30 * DAY)
  assert.deepEqual(listAll(api(ANN), { showDeleted: 'true' }).items, [])
  assert.equal(refusal(api(ANN)('DELETE', `${EVENTS}/${id}`)), '404 notFound')
})

test('updatedMin tells what changed since, deletions too, and refuses to look too far back', async () => {
  const { api, advance } = testCalendar()
  const [before = '', deleted = ''] = fill(api(ANN), 2)
  await advance(DAY)
  api(ANN)('DELETE', `${EVENTS}/${deleted}`)
  const { id } = insert(api(ANN), day('after'))
  const since = (ms: number) => ({ updatedMin: new Date(ms).toISOString() })
  const found = listAll(api(ANN), since(START + HOUR))
  assert.deepEqual(idsOf(found.items), [deleted, id].toSorted())
  assert.ok(!idsOf(found.items).includes(before))
  assert.equal(refusal(api(ANN)('GET', EVENTS, { query: since(START - 30 * DAY) })), '410 updatedMinTooLongAgo')
})

test('a list that was filtered tells no sync token, unless by a window of time', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  insert(call, day('x'))
  assert.equal(listAll(call, { q: 'x' }).syncToken, undefined)
  assert.equal(listAll(call, { privateExtendedProperty: 'a=b' }).syncToken, undefined)
  assert.equal(listAll(call, { orderBy: 'updated' }).syncToken, undefined)
  const { syncToken } = listAll(call, { timeMin: '2027-01-01T00:00:00Z' })
  insert(call, day('long before the window'))
  assert.equal(listAll(call, { syncToken: String(syncToken) }).items.length, 1)
  const lenient = testCalendar({ filteredListsGiveTokens: true }).api(ANN)
  assert.equal(typeof listAll(lenient, { q: 'x' }).syncToken, 'string')
})

test('timeMin is an exclusive bound of ends and timeMax one of starts', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  insert(call, timed('morning', '2026-03-02T08:00', '2026-03-02T09:00'))
  insert(call, timed('noon', '2026-03-02T12:00', '2026-03-02T13:00'))
  insert(call, day('all day'))
  const within = (timeMin: string, timeMax: string) => summariesOf(listAll(call, { timeMin, timeMax }).items).toSorted()
  assert.deepEqual(within('2026-03-02T09:00:00+01:00', '2026-03-02T12:00:00+01:00'), ['all day'])
  assert.deepEqual(within('2026-03-02T08:59:00+01:00', '2026-03-02T12:01:00+01:00'), ['all day', 'morning', 'noon'])
  // The day of an all-day event is a day in the calendar's zone.
  assert.deepEqual(within('2026-03-01T10:00:00Z', '2026-03-01T23:00:00Z'), [])
  assert.deepEqual(within('2026-03-01T10:00:00Z', '2026-03-01T23:00:01Z'), ['all day'])
  assert.equal(
    refusal(call('GET', EVENTS, { query: { timeMin: '2026-03-02T00:00:00Z', timeMax: '2026-03-01T00:00:00Z' } })),
    '400 timeRangeEmpty',
  )
  assert.equal(refusal(call('GET', EVENTS, { query: { timeMin: '2026-03-02T00:00:00' } })), '400 invalid')
})

test('extended properties find events, all constraints together', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  insert(call, day('one', { extendedProperties: { private: { row: '1', table: 'a=b' }, shared: { team: 'x' } } }))
  insert(call, day('two', { extendedProperties: { private: { row: '1' } } }))
  const found = (...pairs: readonly (readonly [string, string])[]) =>
    summariesOf(listAt(call('GET', EVENTS, { query: pairs }).body, 'items')).toSorted()
  assert.deepEqual(found(['privateExtendedProperty', 'row=1']), ['one', 'two'])
  assert.deepEqual(found(['privateExtendedProperty', 'row=1'], ['privateExtendedProperty', 'table=a=b']), ['one'])
  assert.deepEqual(found(['sharedExtendedProperty', 'team=x']), ['one'])
  assert.deepEqual(found(['sharedExtendedProperty', 'row=1']), [])
  assert.equal(refusal(call('GET', EVENTS, { query: { privateExtendedProperty: 'row' } })), '400 invalid')
})

test('lists are ordered by start or by update when asked to; by start only as single events', async () => {
  const { api, advance } = testCalendar()
  insert(api(ANN), timed('later', '2026-03-02T12:00', '2026-03-02T13:00'))
  await advance(1000)
  insert(api(ANN), timed('sooner', '2026-03-02T08:00', '2026-03-02T09:00'))
  const call = api(ANN)
  assert.deepEqual(summariesOf(listAll(call, { orderBy: 'updated', maxResults: '1' }).items), ['later', 'sooner'])
  const byStart = { orderBy: 'startTime', singleEvents: 'true' }
  assert.deepEqual(summariesOf(listAll(call, byStart).items), ['sooner', 'later'])
  assert.equal(refusal(call('GET', EVENTS, { query: { orderBy: 'startTime' } })), '400 invalid')
})
