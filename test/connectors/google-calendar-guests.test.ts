/** Guests of what differs from a series, at a real server and at lists that are not told whole. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { configured, type Call, type Item } from '../../src/connector/index.ts'
import { googleCalendar } from '../../src/connectors/google-calendar/index.ts'
import { createGoogleCalendar } from '../../src/emulators/google-calendar/google-calendar.ts'
import { realPorts, serve } from '../../src/emulators/serve.ts'
import { callOf, changes, cursor, failureOf, items, SCOPE, waysOf, wire } from './google-calendar-setting.ts'
import { loopbackHttp, testRuntime } from './runtime.ts'

const ME = 'me@example.org'
const GUESTS = ['ann@x.org', 'cyd@x.org']

/** A daily series with guests on an emulated calendar, which this account may change, and the connection to it. */
async function seriesOn(t: TestContext, config: object) {
  const google = createGoogleCalendar(realPorts(), {
    users: [{ id: '1', displayName: 'Me', email: ME, timeZone: 'Europe/Berlin' }],
    clients: [{ id: 'c', secret: 's' }],
  })
  const served = await serve(google, { port: 0 })
  t.after(() => served.close())
  const tokens = { bearer: () => Promise.resolve(google.oauth.accessToken('1')), refused: () => undefined }
  const parsed = googleCalendar.config.parse({ clientId: 'c', clientSecret: 's', baseUrl: served.url, ...config })
  const api = googleCalendar.connect(parsed, testRuntime({ http: loopbackHttp, tokens }))
  const call: Call<typeof api> = { api, actor: { ref: ME }, scope: 'primary', scopes: ['primary'] }
  const { exception } = configured(googleCalendar, parsed).kinds
  const { id } = google.as('1').add('primary', {
    summary: 'Standup',
    start: { dateTime: '2099-01-05T09:00:00Z', timeZone: 'Europe/Berlin' },
    end: { dateTime: '2099-01-05T09:15:00Z', timeZone: 'Europe/Berlin' },
    recurrence: ['RRULE:FREQ=DAILY'],
    attendees: GUESTS.map((email) => ({ email, responseStatus: 'accepted' })),
  })
  const occurrence = `${id}_20990107T090000Z`
  const read = async (): Promise<Item | undefined> => {
    const found = await exception?.get?.(call, `primary/${occurrence}`)
    return found !== undefined && 'values' in found ? found : undefined
  }
  return { call, exception, google: google.as('1'), series: `primary/${id}`, occurrence, read }
}

// Seen red: it read as deleted, and what stood for it was deleted.
test('google-calendar: an exception that differs in its guests alone is one, and deleted it has those of its series again', async (t) => {
  const { call, exception, google, series, occurrence, read } = await seriesOn(t, { writeAttendees: true })
  const original = '2099-01-07T09:00:00.000Z'
  const values = { series, original, cancelled: false, attendees: ['bob@x.org', 'cyd@x.org'] }
  const [made] = (await exception?.create?.(call, { key: 'abcdefg', values, since: 0 })) ?? []
  assert.ok(made !== undefined && 'values' in made)
  const found = await read()
  assert.deepEqual(found?.values['attendees'], ['bob@x.org', 'cyd@x.org'])
  assert.ok(found)
  await exception?.delete?.(call, { key: 'd', ref: made.ref, base: found })
  assert.equal(await read(), undefined)
  assert.deepEqual(google.event('primary', occurrence)['attendees'], [
    { email: 'cyd@x.org', responseStatus: 'accepted' },
    { email: 'ann@x.org', responseStatus: 'needsAction' },
  ])
})

test('google-calendar: where guests are not written, an exception by its guests is shown, and its deletion refused in words', async (t) => {
  const { call, exception, google, occurrence, read } = await seriesOn(t, {})
  google.edit('primary', occurrence, { attendees: [{ email: 'bob@x.org' }] })
  const found = await read()
  assert.ok(found)
  assert.deepEqual(found.values['attendees'], ['bob@x.org'])
  await assert.rejects(
    async () => exception?.delete?.(call, { key: 'd', ref: found.ref, base: found }),
    /its guests are not those of its series, and guests are not written/,
  )
  google.edit('primary', occurrence, { summary: 'Late', attendees: GUESTS.map((email) => ({ email })) })
  const late = (await read()) ?? assert.fail()
  await exception?.delete?.(call, { key: 'd', ref: late.ref, base: late })
  assert.equal(await read(), undefined)
})

// Seen red: the few guests that were told were written over all of them.
test('google-calendar: a list of guests that is not told whole is neither compared nor written', async () => {
  const omitted = { attendees: [{ email: 'me@example.org', self: true }], attendeesOmitted: true }
  const series = wire('s', { recurrence: ['RRULE:FREQ=DAILY'], attendees: [{ email: 'ann@x.org' }] })
  const occurrence = wire('s_20261110T090000Z', {
    summary: 's',
    recurringEventId: 's',
    originalStartTime: { dateTime: '2026-11-10T10:00:00+01:00' },
    start: { dateTime: '2026-11-10T10:00:00+01:00', timeZone: 'Europe/Berlin' },
    end: { dateTime: '2026-11-10T11:00:00+01:00', timeZone: 'Europe/Berlin' },
    ...omitted,
  })
  const { call: reading } = callOf(() => ({ items: [series, occurrence], nextSyncToken: 't' }))
  const told = await changes(reading, cursor({ sync: 'b' }))
  assert.deepEqual(
    told.map((each) => ('gone' in each ? each.gone : each.ref)),
    [`${SCOPE}/s`, 'deleted'],
  )
  const base = await items(omitted)
  assert.deepEqual([base.values['attendees'], base.values['attendees_omitted']], [null, true])
  assert.equal(base.may?.update?.includes('attendees'), false)
  assert.equal(base.may?.update?.includes('summary'), true)
  const sent: string[] = []
  const { call } = callOf((method) => {
    if (method !== 'GET') sent.push(method)
    return wire('x', omitted)
  })
  const { event } = waysOf({ writeAttendees: true })
  const changed = { attendees: ['ann@x.org'] }
  const work = Promise.resolve(event?.update?.(call, { key: 'k', ref: base.ref, changed, base }))
  assert.equal(await failureOf(work), 'rejected')
  assert.deepEqual(sent, [])
})
