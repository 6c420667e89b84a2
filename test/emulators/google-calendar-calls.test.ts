import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  allDay,
  ANN,
  at,
  BOB,
  EVENTS,
  HOUR,
  insert,
  listAt,
  refusal,
  testCalendar,
  textAt,
} from './google-calendar-world.ts'
import type { Call } from './google-calendar-world.ts'

const LIST = '/calendar/v3/users/me/calendarList'
const CALENDARS = '/calendar/v3/calendars'
const day = (summary: string, more: object = {}) => allDay(summary, '2026-03-02', '2026-03-03', more)

function makeCalendar(call: Call, summary: string): string {
  return textAt(call('POST', CALENDARS, { body: { summary, timeZone: 'Asia/Tokyo' } }).body, 'id')
}

const pathOf = (calendar: string) => `${CALENDARS}/${encodeURIComponent(calendar)}`

test('a calendar is made, renamed, listed and deleted; a primary one stays', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  const id = makeCalendar(call, 'Work')
  assert.equal(at(call('GET', pathOf(id)).body, 'timeZone'), 'Asia/Tokyo')
  assert.equal(at(call('PATCH', pathOf(id), { body: { summary: 'Play' } }).body, 'timeZone'), 'Asia/Tokyo')
  assert.equal(at(call('PUT', pathOf(id), { body: { summary: 'Play' } }).body, 'timeZone'), 'UTC')
  const entries = listAt(call('GET', LIST).body, 'items')
  assert.deepEqual(
    entries.map((entry) => [at(entry, 'summary'), at(entry, 'primary'), at(entry, 'accessRole')]).toSorted(),
    [
      ['Play', undefined, 'owner'],
      ['ann@example.com', true, 'owner'],
    ],
  )
  assert.equal(at(call('GET', pathOf('primary')).body, 'id'), 'ann@example.com')
  assert.equal(call('DELETE', pathOf(id)).status, 204)
  assert.equal(refusal(call('GET', pathOf(id))), '404 notFound')
  assert.equal(refusal(call('DELETE', pathOf('primary'))), '403 cannotDeletePrimaryCalendar')
  assert.equal(refusal(call('POST', CALENDARS, { body: {} })), '400 required')
  assert.equal(refusal(call('POST', CALENDARS, { body: { summary: 'x', timeZone: 'Mars/Base' } })), '400 invalid')
})

test('the list of calendars syncs by token like events do', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  const [kept, removed] = [makeCalendar(call, 'kept'), makeCalendar(call, 'removed')]
  const first = call('GET', LIST, { query: { maxResults: '2' } })
  const pageToken = textAt(first.body, 'nextPageToken')
  const syncToken = textAt(call('GET', LIST, { query: { maxResults: '2', pageToken } }).body, 'nextSyncToken')
  call('PATCH', `${LIST}/${encodeURIComponent(kept)}`, { body: { summaryOverride: 'mine', hidden: true } })
  call('DELETE', `${LIST}/${encodeURIComponent(removed)}`)
  const changed = listAt(call('GET', LIST, { query: { syncToken } }).body, 'items')
  assert.deepEqual(
    changed.map((entry) => [at(entry, 'id'), at(entry, 'summaryOverride'), at(entry, 'deleted')]).toSorted(),
    [
      [kept, 'mine', undefined],
      [removed, undefined, true],
    ].toSorted(),
  )
  assert.equal(refusal(call('GET', LIST, { query: { syncToken, showHidden: 'false' } })), '400 invalid')
  assert.equal(refusal(call('GET', LIST, { query: { syncToken, minAccessRole: 'owner' } })), '400 invalid')
  assert.equal(refusal(call('GET', LIST, { query: { syncToken: 'junk' } })), '410 fullSyncRequired')
  assert.equal(listAt(call('GET', LIST).body, 'items').length, 1)
  assert.equal(listAt(call('GET', LIST, { query: { showHidden: 'true' } }).body, 'items').length, 2)
  assert.equal(call('POST', LIST, { body: { id: removed } }).status, 200)
  assert.equal(refusal(call('POST', LIST, { body: { id: removed } })), '409 duplicate')
})

test('an entry has colours by id, or as RGB when it says so', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  const colors = call('GET', '/calendar/v3/colors').body
  const patch = (body: object, query: Record<string, string> = {}) => call('PATCH', `${LIST}/primary`, { body, query })
  assert.equal(at(patch({ colorId: '5' }).body, 'backgroundColor'), at(colors, 'calendar', '5', 'background'))
  assert.equal(refusal(patch({ colorId: '25' })), '400 invalid')
  const rgb = { backgroundColor: '#112233', foregroundColor: '#ffffff' }
  assert.notEqual(at(patch(rgb).body, 'backgroundColor'), '#112233')
  assert.equal(at(patch(rgb, { colorRgbFormat: 'true' }).body, 'backgroundColor'), '#112233')
})

test('who shares a calendar sees it on the list and may do what the role allows', () => {
  const hidden = day('secret', { id: 'secret', visibility: 'private' })
  const { api } = testCalendar({
    calendars: [
      {
        id: 'team@group.calendar.google.com',
        summary: 'Team',
        owner: ANN,
        access: { [BOB]: 'reader' },
        events: [hidden],
      },
    ],
  })
  const path = `${pathOf('team@group.calendar.google.com')}/events`
  const bob = api(BOB)
  assert.equal(bob('GET', path).status, 200)
  assert.equal(at(bob('GET', `${path}/secret`).body, 'summary'), undefined)
  assert.equal(at(bob('GET', `${path}/secret`).body, 'visibility'), 'private')
  assert.equal(at(api(ANN)('GET', `${path}/secret`).body, 'summary'), 'secret')
  assert.equal(refusal(bob('POST', path, { body: day('x') })), '403 requiredAccessLevel')
  assert.equal(refusal(bob('DELETE', pathOf('team@group.calendar.google.com'))), '403 requiredAccessLevel')
  assert.equal(refusal(bob('GET', `${pathOf('ann@example.com')}/events`)), '404 notFound')
})

test('a token without a scope for the method is refused, and so is none', () => {
  const { api, emulator } = testCalendar()
  const reading = api(ANN, ['https://www.googleapis.com/auth/calendar.events.readonly'])
  assert.equal(reading('GET', EVENTS).status, 200)
  assert.equal(refusal(reading('POST', EVENTS, { body: day('x') })), '403 insufficientPermissions')
  assert.equal(refusal(reading('GET', LIST)), '403 insufficientPermissions')
  const bare = emulator.handle({
    method: 'GET',
    path: EVENTS,
    query: new URLSearchParams(),
    headers: {},
    body: Buffer.alloc(0),
    address: '',
  })
  assert.equal(bare.status, 401)
  assert.match(bare.body.toString(), /"reason":"required".*"location":"Authorization"/)
})

test('the scope for calendars of the app reaches those that it made, and the one for owned ones those of the user', () => {
  const { api, emulator } = testCalendar({
    calendars: [{ id: 'team@group.calendar.google.com', owner: ANN, access: { [BOB]: 'writer' } }],
  })
  const withScope = (scope: string) => api(BOB, [`https://www.googleapis.com/auth/${scope}`])
  const made = makeCalendar(withScope('calendar.app.created'), 'made by the app')
  const byHand = emulator.as(BOB).addCalendar('made by hand')
  const status = (scope: string, calendar: string) =>
    refusal(withScope(scope)('POST', `${pathOf(calendar)}/events`, { body: day('x') }))
  assert.equal(status('calendar.app.created', made), '200 undefined')
  assert.equal(status('calendar.app.created', byHand), '403 insufficientPermissions')
  assert.equal(status('calendar.events.owned', byHand), '200 undefined')
  assert.equal(status('calendar.events.owned', 'team@group.calendar.google.com'), '403 insufficientPermissions')
  assert.equal(status('calendar.events', 'team@group.calendar.google.com'), '200 undefined')
  assert.equal(refusal(withScope('calendar.app.created')('GET', LIST)), '403 insufficientPermissions')
})

test('a dead access token is an authError', async () => {
  const { emulator, advance } = testCalendar({ accessTokenSeconds: 60 })
  const headers = { authorization: `Bearer ${emulator.oauth.accessToken(ANN)}` }
  const get = () =>
    emulator.handle({
      method: 'GET',
      path: EVENTS,
      query: new URLSearchParams(),
      headers,
      body: Buffer.alloc(0),
      address: '',
    })
  assert.equal(get().status, 200)
  await advance(60_000)
  assert.equal(get().status, 401)
  assert.match(get().body.toString(), /"reason":"authError","message":"Invalid Credentials"/)
})

test('a user has a quota a minute in a project, and the project one for all', async () => {
  const { api, advance } = testCalendar({ quotas: { userPerMinute: 2, projectPerMinute: 3 } })
  const get = (user: string) => refusal(api(user)('GET', EVENTS))
  assert.deepEqual([get(ANN), get(ANN), get(ANN)], ['200 undefined', '200 undefined', '403 userRateLimitExceeded'])
  assert.deepEqual([get(BOB), get(BOB)], ['200 undefined', '403 rateLimitExceeded'])
  const answer = api(ANN)('GET', EVENTS)
  assert.equal(at(answer.body, 'error', 'errors', 0, 'domain'), 'usageLimits')
  await advance(60_000)
  assert.equal(get(ANN), '200 undefined')
})

test('a spent quota may be answered with 429, or with either status', () => {
  const exceeded = (quotaStatus: 429 | 'either') => {
    const { api } = testCalendar({ quotas: { userPerMinute: 0 }, quotaStatus })
    return new Set(Array.from({ length: 20 }, () => refusal(api(ANN)('GET', EVENTS))))
  }
  assert.deepEqual(exceeded(429), new Set(['429 userRateLimitExceeded']))
  assert.deepEqual(exceeded('either'), new Set(['403 userRateLimitExceeded', '429 userRateLimitExceeded']))
})

test('the real quotas let 600 calls of a user through in a minute', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  const answers = Array.from({ length: 601 }, () => call('GET', `${LIST}/primary`).status)
  assert.deepEqual([answers.filter((status) => status === 200).length, answers.at(-1)], [600, 403])
})

test("Calendar's own use limits stop what one user makes, for some hours", async () => {
  const { api, advance } = testCalendar({
    usageLimits: { eventsCreated: 2, calendarsCreated: 1, externalGuestsInvited: 1 },
  })
  const post = (body: object, query: Record<string, string> = {}) => refusal(api(ANN)('POST', EVENTS, { body, query }))
  assert.deepEqual(
    [post(day('1')), post(day('2')), post(day('3'))],
    ['200 undefined', '200 undefined', '403 quotaExceeded'],
  )
  makeCalendar(api(ANN), 'one')
  assert.equal(refusal(api(ANN)('POST', CALENDARS, { body: { summary: 'two' } })), '403 quotaExceeded')
  await advance(3 * HOUR)
  const guests = (...names: string[]) =>
    day('party', { attendees: names.map((name) => ({ email: `${name}@elsewhere.org` })) })
  assert.equal(
    refusal(api(ANN)('POST', EVENTS, { body: guests('eve', 'sam'), query: { sendUpdates: 'all' } })),
    '403 quotaExceeded',
  )
  assert.equal(refusal(api(ANN)('POST', EVENTS, { body: guests('eve', 'sam') })), '200 undefined')
})

test('a batch answers each call by itself, in order and under its id', () => {
  const { api } = testCalendar()
  const call = api(ANN)
  const { id } = insert(call, day('old'))
  const part = (name: string, request: string) =>
    `--cut\r\nContent-Type: application/http\r\nContent-ID: <${name}>\r\n\r\n${request}\r\n`
  const json = (body: object) => `Content-Type: application/json\r\n\r\n${JSON.stringify(body)}`
  const body = [
    part('a', `POST ${EVENTS}\r\n${json(day('new'))}`),
    part('b', `PATCH ${EVENTS}/${id} HTTP/1.1\r\nIf-Match: "old"\r\n${json({ summary: 'x' })}`),
    part('c', `DELETE ${EVENTS}/${id}\r\n`),
    part('d', `GET ${EVENTS}?maxResults=1&fields=items(summary)\r\n`),
    part('e', 'GET https://www.googleapis.com/calendar/v3/colors\r\n'),
    '--cut--\r\n',
  ].join('')
  const answer = call('POST', '/batch/calendar/v3', {
    body,
    headers: { 'content-type': 'multipart/mixed; boundary=cut' },
  })
  assert.equal(answer.status, 200)
  const text = String(answer.body)
  assert.deepEqual(
    [...text.matchAll(/Content-ID: <(.+)>\r\n\r\nHTTP\/1.1 (\d+)/g)].map(([, name, status]) => `${name} ${status}`),
    ['response-a 200', 'response-b 412', 'response-c 204', 'response-d 200', 'response-e 400'],
  )
  assert.match(text, /\{"items":\[\{"summary":"new"\}\]\}/)
  const boundary = /boundary=(.+)$/.exec(answer.headers['content-type'] ?? '')?.[1] ?? ''
  assert.equal(text.split(`--${boundary}\r\n`).length, 6)
})

test('a batch holds at most fifty calls, and each of them counts', () => {
  const { api } = testCalendar({ quotas: { userPerMinute: 50 } })
  const batch = (count: number) => {
    const parts = Array.from(
      { length: count },
      () => `--cut\r\nContent-Type: application/http\r\n\r\nGET ${EVENTS}\r\n\r\n`,
    )
    return api(ANN)('POST', '/batch/calendar/v3', {
      body: `${parts.join('')}--cut--`,
      headers: { 'content-type': 'multipart/mixed; boundary="cut"' },
    })
  }
  assert.equal(refusal(batch(51)), '400 badRequest')
  assert.equal(refusal(batch(0)), '400 invalid')
  assert.equal([...String(batch(50).body).matchAll(/HTTP\/1.1 200/g)].length, 50)
  assert.equal([...String(batch(2).body).matchAll(/HTTP\/1.1 403/g)].length, 2)
})

test('fields picks parts of an event, and an unreadable selection is refused', () => {
  const { api } = testCalendar()
  const { id } = insert(api(ANN), day('x'))
  const get = (fields: string) => api(ANN)('GET', `${EVENTS}/${id}`, { query: { fields } })
  assert.deepEqual(get('summary,start/date').body, { summary: 'x', start: { date: '2026-03-02' } })
  assert.equal(refusal(get('summary(')), '400 invalid')
})

test('people in the window are free of quotas, and what they and apps do is counted apart', () => {
  const { api, emulator } = testCalendar({ quotas: { userPerMinute: 1 } })
  const person = emulator.as(ANN)
  const { id } = person.add('primary', day('by hand'))
  person.edit('primary', id, { summary: 'by hand, again' })
  person.remove('primary', id)
  assert.equal(person.restore('primary', id).status, 'confirmed')
  assert.equal(person.event('primary', id)['summary'], 'by hand, again')
  insert(api(ANN), day('by app'))
  api(ANN)('GET', EVENTS)
  assert.equal(person.events('primary').length, 2)
  const { writes, refused } = emulator.counters()
  assert.deepEqual(
    writes.map(({ app, method }) => `${app ?? 'window'} ${method}`),
    [
      'window calendar.events.insert',
      'window calendar.events.patch',
      'window calendar.events.delete',
      'window calendar.events.patch',
      'client-one calendar.events.insert',
    ],
  )
  assert.deepEqual([...refused], [[403, 1]])
})

test('a primary calendar can be cleared', () => {
  const { api } = testCalendar()
  insert(api(ANN), day('x'))
  assert.equal(api(ANN)('POST', `${pathOf('primary')}/clear`).status, 204)
  assert.deepEqual(listAt(api(ANN)('GET', EVENTS).body, 'items'), [])
  assert.equal(refusal(api(ANN)('POST', `${pathOf(makeCalendar(api(ANN), 'w'))}/clear`)), '400 invalid')
})
