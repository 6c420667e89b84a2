import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  allDay,
  ANN,
  at,
  BOB,
  DAY,
  EVENTS,
  insert,
  listAll,
  listAt,
  refusal,
  summariesOf,
  testCalendar,
  textAt,
  timed,
} from './google-calendar-world.ts'

test('an event comes back as it was written, with what Google adds', () => {
  const { api } = testCalendar()
  const { id, body } = insert(api(ANN), timed('Stand-up', '2026-03-02T09:30', '2026-03-02T10:00', { colorId: '7' }))
  assert.deepEqual(api(ANN)('GET', `${EVENTS}/${id}`).body, body)
  assert.deepEqual(at(body, 'start'), { dateTime: '2026-03-02T09:30:00+01:00', timeZone: 'Europe/Berlin' })
  assert.equal(at(body, 'status'), 'confirmed')
  assert.equal(at(body, 'colorId'), '7')
  assert.equal(at(body, 'iCalUID'), `${id}@google.com`)
  assert.equal(at(body, 'sequence'), 0)
  assert.deepEqual(at(body, 'reminders'), { useDefault: true })
  assert.deepEqual(at(body, 'organizer'), { email: 'ann@example.com', self: true })
  assert.deepEqual(at(body, 'creator'), { email: 'ann@example.com', self: true })
})

test('a time is told in the zone of the calendar or of the request, whatever offset it came with', () => {
  const { api } = testCalendar()
  const body = {
    start: { dateTime: '2026-07-01T12:00:00-04:00' },
    end: { dateTime: '2026-07-01T17:00:00Z' },
  }
  const { id, body: made } = insert(api(ANN), body)
  assert.equal(at(made, 'start', 'dateTime'), '2026-07-01T18:00:00+02:00')
  const elsewhere = api(ANN)('GET', `${EVENTS}/${id}`, { query: { timeZone: 'America/New_York' } })
  assert.equal(at(elsewhere.body, 'end', 'dateTime'), '2026-07-01T13:00:00-04:00')
})

test('without the switch a time tells no zone that the event does not have itself', () => {
  const { api } = testCalendar({ timeZoneAlwaysTold: false })
  const start = { dateTime: '2026-07-01T12:00:00Z' }
  const { body } = insert(api(ANN), { start, end: start })
  assert.deepEqual(at(body, 'start'), { dateTime: '2026-07-01T14:00:00+02:00' })
})

test('an all-day event has days, and its end is exclusive', () => {
  const { api } = testCalendar()
  const { body } = insert(api(ANN), allDay('Fair', '2026-03-02', '2026-03-04'))
  assert.deepEqual(at(body, 'start'), { date: '2026-03-02' })
  assert.deepEqual(at(body, 'end'), { date: '2026-03-04' })
  const post = (event: unknown) => refusal(api(ANN)('POST', EVENTS, { body: event }))
  assert.equal(post(allDay('Nothing', '2026-03-02', '2026-03-02')), '400 timeRangeEmpty')
})

test('times that make no event are refused', () => {
  const { api } = testCalendar()
  const post = (event: unknown) => refusal(api(ANN)('POST', EVENTS, { body: event }))
  assert.equal(post({ summary: 'no time' }), '400 required')
  assert.equal(post({ start: { date: '2026-03-02' } }), '400 required')
  assert.equal(post(timed('back', '2026-03-02T10:00', '2026-03-02T09:00')), '400 timeRangeEmpty')
  assert.equal(post({ start: { date: '2026-03-02' }, end: { dateTime: '2026-03-03T10:00:00Z' } }), '400 invalid')
  assert.equal(
    post({ start: { dateTime: '2026-03-02T10:00:00' }, end: { dateTime: '2026-03-02T11:00:00' } }),
    '400 invalid',
  )
  assert.equal(post({ start: { date: '2026-02-30' }, end: { date: '2026-03-03' } }), '400 invalid')
  assert.equal(
    post({ start: { dateTime: '2026-03-02T10:00:00', timeZone: 'Mars/Base' }, end: { date: '2026-03-03' } }),
    '400 invalid',
  )
})

test('a patch merges objects, replaces lists and takes away what is null; an update replaces the whole', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  const { id } = insert(
    call,
    allDay('Trip', '2026-03-02', '2026-03-04', {
      description: 'by train',
      location: 'Ulm',
      extendedProperties: { private: { row: '1', kind: 'trip' } },
    }),
  )
  const body = { location: null, extendedProperties: { private: { kind: null, seen: 'yes' } } }
  const patched = call('PATCH', `${EVENTS}/${id}`, { body }).body
  assert.equal(at(patched, 'location'), undefined)
  assert.equal(at(patched, 'description'), 'by train')
  assert.deepEqual(at(patched, 'extendedProperties', 'private'), { row: '1', seen: 'yes' })
  const replaced = call('PUT', `${EVENTS}/${id}`, { body: allDay('Trip', '2026-03-02', '2026-03-04') }).body
  assert.equal(at(replaced, 'description'), undefined)
  assert.equal(at(replaced, 'extendedProperties'), undefined)
  assert.equal(refusal(call('PUT', `${EVENTS}/${id}`, { body: { summary: 'no times' } })), '400 required')
})

test('a patch from a day to a time has to take the day away', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  const { id } = insert(call, allDay('Trip', '2026-03-02', '2026-03-04'))
  const times = { start: { dateTime: '2026-03-02T10:00:00Z' }, end: { dateTime: '2026-03-02T11:00:00Z' } }
  assert.equal(refusal(call('PATCH', `${EVENTS}/${id}`, { body: times })), '400 invalid')
  const body = { start: { ...times.start, date: null }, end: { ...times.end, date: null } }
  const answer = call('PATCH', `${EVENTS}/${id}`, { body })
  assert.equal(at(answer.body, 'start', 'dateTime'), '2026-03-02T11:00:00+01:00')
})

test('a client chooses an id of base32hex characters, and a taken one is a duplicate even when it was deleted', async () => {
  const { api, advance } = testCalendar()
  const call = api(ANN)
  const post = (id: string) => refusal(call('POST', EVENTS, { body: allDay('x', '2026-03-02', '2026-03-03', { id }) }))
  for (const bad of ['abcd', 'abcdw', 'ABCDE', 'abc-de', 'a'.repeat(1025)]) assert.equal(post(bad), '400 invalid', bad)
  const { id } = insert(call, allDay('x', '2026-03-02', '2026-03-03', { id: 'r0o0001v' }))
  assert.equal(id, 'r0o0001v')
  assert.equal(post(id), '409 duplicate')
  assert.equal(call('DELETE', `${EVENTS}/${id}`).status, 204)
  assert.equal(post(id), '409 duplicate')
  await advance(31 * DAY)
  assert.equal(refusal(api(ANN)('GET', `${EVENTS}/${id}`)), '404 notFound')
  assert.equal(post(id), '409 duplicate')
  // Another calendar knows nothing of it.
  assert.equal(api(BOB)('POST', EVENTS, { body: allDay('x', '2026-03-02', '2026-03-03', { id }) }).status, 200)
})

test('an id and an iCalUID exclude each other, and a live iCalUID is a duplicate', () => {
  const { api } = testCalendar()
  const post = (more: object) => api(ANN)('POST', EVENTS, { body: allDay('x', '2026-03-02', '2026-03-03', more) })
  assert.equal(refusal(post({ id: 'abcde', iCalUID: 'one@elsewhere' })), '400 invalid')
  assert.equal(post({ iCalUID: 'one@elsewhere' }).status, 200)
  assert.equal(refusal(post({ iCalUID: 'one@elsewhere' })), '409 duplicate')
})

test('a deleted event is still got as cancelled, its second deletion is 410, and a set status brings it back', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  const { id } = insert(call, allDay('Trip', '2026-03-02', '2026-03-04'))
  assert.equal(call('DELETE', `${EVENTS}/${id}`).status, 204)
  const cancelled = call('GET', `${EVENTS}/${id}`)
  assert.equal(at(cancelled.body, 'status'), 'cancelled')
  assert.equal(at(cancelled.body, 'summary'), 'Trip')
  assert.equal(refusal(call('DELETE', `${EVENTS}/${id}`)), '410 deleted')
  assert.equal(at(call('PATCH', `${EVENTS}/${id}`, { body: { summary: 'Still gone' } }).body, 'status'), 'cancelled')
  const back = call('PUT', `${EVENTS}/${id}`, { body: allDay('Trip', '2026-03-02', '2026-03-04') })
  assert.equal(at(back.body, 'status'), 'confirmed')
  assert.deepEqual(summariesOf(listAll(call).items), ['Trip'])
})

test('a status of cancelled deletes', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  const { id } = insert(call, allDay('Trip', '2026-03-02', '2026-03-04'))
  assert.equal(at(call('PATCH', `${EVENTS}/${id}`, { body: { status: 'cancelled' } }).body, 'status'), 'cancelled')
  assert.deepEqual(listAll(call).items, [])
})

test('writes with an old etag are refused, and reads with the newest one are answered 304', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  const { id, body } = insert(call, allDay('Trip', '2026-03-02', '2026-03-04'))
  const first = textAt(body, 'etag')
  const known = { 'if-none-match': first }
  assert.equal(call('GET', `${EVENTS}/${id}`, { headers: known }).status, 304)
  const write = (verb: string, etag: string, change?: unknown) =>
    call(verb, `${EVENTS}/${id}`, { headers: { 'if-match': etag }, ...(change === undefined ? {} : { body: change }) })
  const second = write('PATCH', first, { summary: 'Tour' })
  assert.equal(second.status, 200)
  assert.equal(refusal(write('PATCH', first, { summary: 'Late' })), '412 conditionNotMet')
  assert.equal(refusal(write('PUT', first, allDay('Late', '2026-03-02', '2026-03-04'))), '412 conditionNotMet')
  assert.equal(refusal(write('DELETE', first)), '412 conditionNotMet')
  assert.equal(call('GET', `${EVENTS}/${id}`, { headers: known }).status, 200)
  assert.equal(write('DELETE', textAt(second.body, 'etag')).status, 204)
})

test('the sequence grows with the schedule, and may not be set back', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  const { id } = insert(call, allDay('Trip', '2026-03-02', '2026-03-04'))
  const patch = (body: object) => call('PATCH', `${EVENTS}/${id}`, { body })
  assert.equal(at(patch({ summary: 'Tour' }).body, 'sequence'), 0)
  assert.equal(at(patch({ end: { date: '2026-03-05' } }).body, 'sequence'), 1)
  assert.equal(at(patch({ sequence: 4 }).body, 'sequence'), 4)
  assert.equal(refusal(patch({ sequence: 3 })), '400 invalid')
})

test('reminders change the etag and not the time of the last update', async () => {
  const { api, advance } = testCalendar()
  const { id, body } = insert(api(ANN), allDay('Trip', '2026-03-02', '2026-03-04'))
  await advance(60_000)
  const patch = (change: object) => api(ANN)('PATCH', `${EVENTS}/${id}`, { body: change }).body
  const reminded = patch({ reminders: { useDefault: false, overrides: [{ method: 'popup', minutes: 10 }] } })
  assert.equal(at(reminded, 'updated'), at(body, 'updated'))
  assert.notEqual(at(reminded, 'etag'), at(body, 'etag'))
  assert.notEqual(at(patch({ summary: 'Tour' }), 'updated'), at(body, 'updated'))
})

test('reminders are the default ones or at most five of one’s own', () => {
  const { api } = testCalendar()
  const post = (reminders: unknown) =>
    api(ANN)('POST', EVENTS, { body: allDay('x', '2026-03-02', '2026-03-03', { reminders }) })
  const own = (count: number) => Array.from({ length: count }, (_, minutes) => ({ method: 'popup', minutes }))
  assert.deepEqual(at(post({ useDefault: false, overrides: own(5) }).body, 'reminders'), {
    useDefault: false,
    overrides: own(5),
  })
  assert.deepEqual(at(post({ useDefault: false }).body, 'reminders'), { useDefault: false })
  assert.equal(refusal(post({ useDefault: false, overrides: own(6) })), '400 invalid')
  assert.equal(
    refusal(post({ useDefault: true, overrides: own(1) })),
    '400 cannotUseDefaultRemindersAndSpecifyOverride',
  )
  assert.equal(refusal(post({ overrides: [{ method: 'popup', minutes: 40_321 }] })), '400 invalid')
  assert.equal(refusal(post({ overrides: [{ method: 'sms', minutes: 1 }] })), '400 invalid')
})

test('extended properties with long keys are dropped, long values cut, and too many refused', () => {
  const { api } = testCalendar()
  const post = (own: object) =>
    api(ANN)('POST', EVENTS, {
      body: allDay('x', '2026-03-02', '2026-03-03', { extendedProperties: { private: own } }),
    })
  const kept = post({ ['k'.repeat(44)]: 'v', ['k'.repeat(45)]: 'v', long: 'v'.repeat(1025) })
  assert.deepEqual(at(kept.body, 'extendedProperties', 'private'), {
    ['k'.repeat(44)]: 'v',
    long: 'v'.repeat(1024),
  })
  const many = Object.fromEntries(Array.from({ length: 301 }, (_, index) => [`k${index}`, '']))
  assert.equal(refusal(post(many)), '400 invalid')
})

test('unknown fields, colours and values are refused instead of being passed over', () => {
  const { api } = testCalendar()
  const post = (more: object) =>
    refusal(api(ANN)('POST', EVENTS, { body: allDay('x', '2026-03-02', '2026-03-03', more) }))
  assert.equal(post({ titel: 'x' }), '400 invalid')
  assert.equal(post({ colorId: '12' }), '400 invalid')
  assert.equal(post({ transparency: 'glass' }), '400 invalid')
  assert.equal(post({ attendees: [{ email: 'nobody' }] }), '400 invalid')
  assert.equal(post({ eventType: 'focusTime' }), '501 notImplemented')
  assert.equal(refusal(api(ANN)('POST', EVENTS, { body: '{' })), '400 parseError')
  assert.equal(refusal(api(ANN)('GET', EVENTS, { query: { page: '2' } })), '400 invalid')
})

test('an import keeps its iCalUID and organizer, and comes again as the same event', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  const body = allDay('Talk', '2026-03-02', '2026-03-03', {
    iCalUID: 'talk@elsewhere',
    organizer: { email: 'host@elsewhere.org', displayName: 'Host' },
  })
  const first = call('POST', `${EVENTS}/import`, { body })
  assert.equal(at(first.body, 'organizer', 'email'), 'host@elsewhere.org')
  const again = call('POST', `${EVENTS}/import`, { body: { ...body, summary: 'Long talk' } })
  assert.equal(at(again.body, 'id'), at(first.body, 'id'))
  const found = listAll(call, { iCalUID: 'talk@elsewhere' }).items
  assert.deepEqual(summariesOf(found), ['Long talk'])
  assert.equal(
    refusal(call('POST', `${EVENTS}/import`, { body: allDay('x', '2026-03-02', '2026-03-03') })),
    '400 required',
  )
})

test('a guest may change what is the guest’s own, and nothing else', () => {
  const event = allDay('Party', '2026-03-02', '2026-03-03', {
    id: 'party',
    organizer: { email: 'host@elsewhere.org' },
    attendees: [{ email: 'ann@example.com' }],
  })
  const { api } = testCalendar({ calendars: [{ id: 'ann@example.com', owner: ANN, events: [event] }] })
  const patch = (body: object) => api(ANN)('PATCH', `${EVENTS}/party`, { body })
  assert.equal(patch({ colorId: '3', reminders: { useDefault: false } }).status, 200)
  assert.equal(patch({ attendees: [{ email: 'ann@example.com', responseStatus: 'accepted' }] }).status, 200)
  assert.equal(refusal(patch({ summary: 'My party' })), '403 forbiddenForNonOrganizer')
})

test('mail goes to guests only when a write says so, and is kept to be looked at', () => {
  const { api, emulator } = testCalendar()
  const call = api(ANN)
  const attendees = [{ email: 'bob@example.com' }, { email: 'eve@elsewhere.org' }, { email: 'ann@example.com' }]
  const { id, body } = insert(call, allDay('Party', '2026-03-02', '2026-03-03', { attendees }))
  assert.deepEqual(
    listAt(body, 'attendees').map((guest) => at(guest, 'responseStatus')),
    ['needsAction', 'needsAction', 'needsAction'],
  )
  call('PATCH', `${EVENTS}/${id}`, { body: { summary: 'Quiet party' } })
  assert.deepEqual(emulator.mails(), [])
  call('PATCH', `${EVENTS}/${id}`, { body: { summary: 'Loud party' }, query: { sendUpdates: 'externalOnly' } })
  call('PATCH', `${EVENTS}/${id}`, { body: { attendees: attendees.slice(1) }, query: { sendUpdates: 'all' } })
  call('DELETE', `${EVENTS}/${id}`, { query: { sendNotifications: 'true' } })
  assert.deepEqual(
    emulator.mails().map(({ kind, to }) => `${kind} ${to.join(' ')}`),
    [
      'update eve@elsewhere.org',
      'update eve@elsewhere.org',
      'cancellation bob@example.com',
      'cancellation eve@elsewhere.org',
    ],
  )
})

test('a moved event keeps its id in the new calendar and leaves a stub with nothing but the id', () => {
  const { api, emulator } = testCalendar()
  const call = api(ANN)
  const other = emulator.as(ANN).addCalendar('Work')
  const { id } = insert(call, allDay('Trip', '2026-03-02', '2026-03-04'))
  const { syncToken } = listAll(call)
  const moved = call('POST', `${EVENTS}/${id}/move`, { query: { destination: other } })
  assert.equal(at(moved.body, 'id'), id)
  assert.equal(at(moved.body, 'organizer', 'email'), other)
  const [stub] = listAll(call, { syncToken: String(syncToken) }).items
  assert.equal(at(stub, 'id'), id)
  const left = call('GET', `${EVENTS}/${id}`).body
  assert.deepEqual(Object.keys(Object(left)).toSorted(), ['etag', 'id', 'kind', 'status'])
  assert.equal(refusal(call('POST', `${EVENTS}/${id}/move`, { query: { destination: other } })), '410 deleted')
  assert.equal(refusal(call('PATCH', `${EVENTS}/${id}`, { body: { summary: 'x' } })), '404 notFound')
})
