import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import { after, before, test } from 'node:test'
import { calendar as googleCalendar, type calendar_v3 } from '@googleapis/calendar'
import { CodeChallengeMethod, OAuth2Client } from 'google-auth-library'
import { createGoogleCalendar, type GoogleCalendar } from '../../src/emulators/google-calendar/google-calendar.ts'
import { realPorts, serve, type Served } from '../../src/emulators/serve.ts'
import { allDay, ANN, BOB, timed } from './google-calendar-world.ts'

const BACK = 'https://app.example.com/oauth/back'
const SCOPES = [
  'https://www.googleapis.com/auth/calendar.events',
  'https://www.googleapis.com/auth/calendar.calendarlist',
]

let emulator: GoogleCalendar
let served: Served
let client: calendar_v3.Calendar

function oauth(refreshToken = ''): OAuth2Client {
  const made = new OAuth2Client({
    clientId: 'client-one',
    clientSecret: 'secret-one',
    redirectUri: BACK,
    endpoints: {
      oauth2TokenUrl: `${served.url}/token`,
      oauth2AuthBaseUrl: `${served.url}/o/oauth2/v2/auth`,
      oauth2RevokeUrl: `${served.url}/revoke`,
      tokenInfoUrl: `${served.url}/tokeninfo`,
    },
  })
  if (refreshToken !== '') made.setCredentials({ refresh_token: refreshToken })
  return made
}

function clientOf(auth: OAuth2Client): calendar_v3.Calendar {
  return googleCalendar({ version: 'v3', rootUrl: `${served.url}/`, auth })
}

before(async () => {
  emulator = createGoogleCalendar(realPorts(), {
    users: [
      { id: ANN, displayName: 'Ann Lee', email: 'ann@example.com', timeZone: 'Europe/Berlin' },
      { id: BOB, displayName: 'Bob Day', email: 'bob@example.com' },
    ],
    clients: [{ id: 'client-one', secret: 'secret-one', redirectUris: [BACK] }],
    refreshTokens: [{ token: '1//ann', user: ANN, client: 'client-one' }],
    loopbackWebhooks: true,
    messageDelay: [0, 5],
  })
  served = await serve(emulator)
  client = clientOf(oauth('1//ann'))
})

after(() => served.close())

test('the official client writes an event, changes it under its etag, deletes it and brings it back', async () => {
  const calendarId = 'primary'
  const made = await client.events.insert({
    calendarId,
    requestBody: allDay('Trip', '2026-03-02', '2026-03-04', { id: 'trip1' }),
  })
  assert.equal(made.data.start?.date, '2026-03-02')
  await assert.rejects(
    client.events.insert({ calendarId, requestBody: allDay('Trip', '2026-03-02', '2026-03-04', { id: 'trip1' }) }),
    {
      status: 409,
    },
  )
  const at = { calendarId, eventId: 'trip1' }
  const patched = await client.events.patch(
    { ...at, requestBody: { summary: 'Tour' } },
    { headers: { 'If-Match': made.data.etag ?? '' } },
  )
  await assert.rejects(client.events.delete(at, { headers: { 'If-Match': made.data.etag ?? '' } }), { status: 412 })
  await client.events.delete(at, { headers: { 'If-Match': patched.data.etag ?? '' } })
  await assert.rejects(client.events.delete(at), { status: 410, message: 'Resource has been deleted' })
  assert.equal((await client.events.get(at)).data.status, 'cancelled')
  const back = await client.events.update({ ...at, requestBody: { ...patched.data, status: 'confirmed' } })
  assert.equal(back.data.summary, 'Tour')
})

test('an insert whose answer is lost took effect: its id is a duplicate then', async () => {
  const requestBody = allDay('Lost', '2026-03-02', '2026-03-03', { id: 'lost1' })
  served.faults([{ method: 'POST', path: '/events$', fault: { kind: 'lose-response' } }])
  await assert.rejects(client.events.insert({ calendarId: 'primary', requestBody }, { retry: false }))
  served.faults([])
  await assert.rejects(client.events.insert({ calendarId: 'primary', requestBody }), { status: 409 })
  assert.equal((await client.events.get({ calendarId: 'primary', eventId: 'lost1' })).data.summary, 'Lost')
})

test('the official client pages through a list, syncs from its token and finds an event by its property', async () => {
  const { data: calendar } = await client.calendars.insert({ requestBody: { summary: 'Sync' } })
  const calendarId = calendar.id ?? ''
  for (const row of ['1', '2', '3'])
    await client.events.insert({
      calendarId,
      requestBody: allDay(`row ${row}`, '2026-03-02', '2026-03-03', { extendedProperties: { private: { row } } }),
    })
  const first = await client.events.list({ calendarId, maxResults: 2 })
  assert.equal(first.data.nextSyncToken, undefined)
  const last = await client.events.list({ calendarId, maxResults: 2, pageToken: first.data.nextPageToken ?? '' })
  const syncToken = last.data.nextSyncToken ?? ''
  const found = await client.events.list({ calendarId, privateExtendedProperty: ['row=2'] })
  const eventId = found.data.items?.[0]?.id ?? ''
  await client.events.delete({ calendarId, eventId })
  const changed = await client.events.list({ calendarId, syncToken })
  assert.deepEqual(
    changed.data.items?.map(({ id, status }) => [id, status]),
    [[eventId, 'cancelled']],
  )
  await assert.rejects(client.events.list({ calendarId, syncToken: 'old' }), { status: 410 })
  const lists = await client.calendarList.list()
  assert.ok(lists.data.items?.some(({ id }) => id === calendarId))
})

test('the official client reads a series, moves an instance of it and sees both', async () => {
  const calendarId = 'primary'
  const requestBody = timed('Review', '2026-03-20T09:30', '2026-03-20T10:30', {
    id: 'series',
    recurrence: ['RRULE:FREQ=WEEKLY;COUNT=3'],
  })
  await client.events.insert({ calendarId, requestBody })
  const { data } = await client.events.instances({ calendarId, eventId: 'series' })
  const second = data.items?.[1]
  assert.equal(second?.start?.dateTime, '2026-03-27T09:30:00+01:00')
  const { start, end } = timed('', '2026-03-28T11:00', '2026-03-28T12:00')
  await client.events.patch({ calendarId, eventId: second?.id ?? '', requestBody: { start, end } })
  const all = await client.events.list({ calendarId, q: 'review' })
  assert.deepEqual(all.data.items?.map(({ id }) => id).toSorted(), ['series', 'series_20260327T083000Z'])
})

test('the official client opens a channel, whose messages arrive by real HTTP, and stops it', async () => {
  const heard: (string | undefined)[] = []
  let server: Server | undefined
  const arrived = new Promise<void>((resolve) => {
    server = createServer((incoming, outgoing) => {
      heard.push(incoming.headers['x-goog-resource-state']?.toString())
      outgoing.writeHead(204).end()
      if (heard.length === 2) resolve()
    }).listen(0, '127.0.0.1')
  })
  await new Promise((resolve) => server?.once('listening', resolve))
  const address = server?.address()
  assert.ok(typeof address === 'object' && address !== null)
  const requestBody = { id: 'hook-1', type: 'web_hook', address: `http://127.0.0.1:${address.port}/`, token: 't' }
  const { data } = await client.events.watch({ calendarId: 'primary', requestBody })
  await client.events.insert({ calendarId: 'primary', requestBody: allDay('news', '2026-03-02', '2026-03-03') })
  await arrived
  assert.deepEqual(heard.toSorted(), ['exists', 'sync'])
  await client.channels.stop({ requestBody: { id: data.id ?? '', resourceId: data.resourceId ?? '' } })
  assert.deepEqual(emulator.channels(), [])
  server?.closeAllConnections()
  server?.close()
})

test("Google's auth library goes through Calendar's web flow with PKCE, and revokes what it got", async () => {
  const library = oauth()
  const { codeVerifier, codeChallenge } = await library.generateCodeVerifierAsync()
  const url = library.generateAuthUrl({
    scope: SCOPES,
    access_type: 'offline',
    prompt: 'consent',
    state: 'bound to the session',
    login_hint: 'bob@example.com',
    code_challenge: codeChallenge ?? '',
    code_challenge_method: CodeChallengeMethod.S256,
  })
  const response = await fetch(url, { redirect: 'manual' })
  const back = new URL(response.headers.get('location') ?? '')
  assert.equal(`${back.origin}${back.pathname}`, BACK)
  assert.equal(back.searchParams.get('state'), 'bound to the session')
  const { tokens } = await library.getToken({ code: back.searchParams.get('code') ?? '', codeVerifier })
  library.setCredentials(tokens)
  const own = await clientOf(library).calendarList.list()
  assert.deepEqual(
    own.data.items?.map(({ id }) => id),
    ['bob@example.com'],
  )
  await library.revokeToken(tokens.refresh_token ?? '')
  library.setCredentials({ refresh_token: tokens.refresh_token ?? '' })
  await assert.rejects(library.getAccessToken(), /invalid_grant/)
})
