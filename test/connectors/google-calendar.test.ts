/** Google Calendar's connector: what it asks, and how it takes answers that no emulator gives. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configured, type Item } from '../../src/connector/index.ts'
import { googleCalendar } from '../../src/connectors/google-calendar/index.ts'
import { createGoogleCalendar } from '../../src/emulators/google-calendar/google-calendar.ts'
import { realPorts, serve } from '../../src/emulators/serve.ts'
import {
  callOf,
  changes,
  cursor,
  failureOf,
  items,
  NOW,
  refusal,
  SCOPE,
  waysOf,
  wire,
} from './google-calendar-setting.ts'
import { Answer, loopbackHttp, pagesOf, testRuntime } from './runtime.ts'

const { feed, event, exception } = waysOf()

for (const [status, reason, failure] of [
  [403, 'rateLimitExceeded', 'limited'],
  [403, 'userRateLimitExceeded', 'limited'],
  [403, 'quotaExceeded', 'limited'],
  [403, 'forbiddenForNonOrganizer', 'forbidden'],
  [403, 'insufficientPermissions', 'forbidden'],
  [429, 'rateLimitExceeded', 'limited'],
  [404, 'notFound', 'missing'],
  [410, 'deleted', 'missing'],
  [410, 'fullSyncRequired', 'cursor-expired'],
  [410, 'updatedMinTooLongAgo', 'cursor-expired'],
  [409, 'duplicate', 'key-taken'],
  [409, 'conflict', 'stale'],
  [412, 'conditionNotMet', 'stale'],
  [400, 'invalid', 'rejected'],
  [500, 'backendError', 'unavailable'],
] as const)
  test(`google-calendar: ${status} ${reason} is ${failure}`, async () => {
    const { call } = callOf(() => refusal(status, reason))
    assert.equal(await failureOf(event?.get?.(call, `${SCOPE}/x`) ?? assert.fail()), failure)
  })

test('google-calendar: the question is the same with every token, and only the last page gives one', async () => {
  const { call, asked } = callOf((_, url) =>
    url.searchParams.get('pageToken') === null
      ? { items: [wire('one')], nextPageToken: 'p2' }
      : { items: [wire('two')], nextSyncToken: 's2' },
  )
  const pages = await pagesOf(feed?.pull(call, cursor({ sync: 's1' })) ?? assert.fail())
  const places = pages.map((page) => (JSON.parse(page.cursor) as { events: Record<string, unknown> }).events[SCOPE])
  assert.deepEqual(places, [{ sync: 's1' }, { sync: 's1', page: 'p2' }, { sync: 's2' }])
  const questions = asked.map(({ searchParams }) =>
    [...searchParams].filter(([name]) => name !== 'pageToken' && name !== 'syncToken').join('&'),
  )
  assert.deepEqual([...new Set(questions)], ['maxResults,250&singleEvents,false'])
  assert.deepEqual(
    asked.map(({ searchParams }) => searchParams.get('syncToken')),
    ['s1', 's1'],
  )
})

// Seen red: a page of 2500 such events is longer than any answer that is taken, and was so at each try.
test('google-calendar: a full page of long events with 200 guests each is read', async () => {
  const attendees = Array.from({ length: 200 }, (_, at) => ({
    email: `colleague.number${at}@corporation.example.com`,
    displayName: `Colleague Number ${at}`,
    responseStatus: 'needsAction',
  }))
  const more = { description: 'x'.repeat(8192), attendees }
  const { call } = callOf((_, { searchParams }) => ({
    items: Array.from({ length: Number(searchParams.get('maxResults')) }, (__, at) => wire(`e${at}`, more)),
    nextSyncToken: 's2',
  }))
  const told = await changes(call, cursor({ sync: 's1' }))
  const [listed] = await pagesOf(feed?.list(call, null) ?? assert.fail())
  assert.deepEqual([told.length, listed?.changes.length], [250, 250])
})

test('google-calendar: a page token that is known no more begins its list anew; a refused sync token everything', async () => {
  const { call } = callOf((_, url) =>
    url.searchParams.get('pageToken') === 'old'
      ? refusal(400, 'invalid')
      : { items: [wire('one')], nextSyncToken: 's2' },
  )
  assert.equal((await changes(call, cursor({ sync: 's1', page: 'old' }))).length, 1)
  const { call: refused } = callOf(() => refusal(400, 'invalid'))
  assert.equal(await failureOf(changes(refused, cursor({ sync: 's1' }))), 'cursor-expired')
  assert.equal(await failureOf(changes(refused, 'a cursor of old')), 'cursor-expired')
})

// Seen red: the calendar was taken for out of reach, and its changes were read no more.
test('google-calendar: a 410 to a sync token is its end, whatever reason is given; to a page, that of the page', async () => {
  for (const answer of [refusal(410, 'deleted'), refusal(410, 'gone'), new Answer(410, {})]) {
    const { call: sync } = callOf(() => answer)
    assert.equal(await failureOf(changes(sync, cursor({ sync: 's1' }))), 'cursor-expired')
    const { call: paged } = callOf((_, url) =>
      url.searchParams.has('pageToken') ? answer : { items: [wire('one')], nextSyncToken: 's2' },
    )
    assert.equal((await changes(paged, cursor({ sync: 's1', page: 'old' }))).length, 1)
    const [listed] = await pagesOf(feed?.list(paged, 'old') ?? assert.fail())
    assert.equal(listed?.complete, true)
  }
})

test('google-calendar: a calendar that is out of reach is to be read by itself, and the others are read', async () => {
  const { call } = callOf((_, url) =>
    url.pathname.includes('gone') ? refusal(404, 'notFound') : { items: [wire('one')], nextSyncToken: 's' },
  )
  const events = { 'gone@x.org': { sync: 'a' }, [SCOPE]: { sync: 'b' } }
  const from = JSON.stringify({ form: 2, events, calendars: {}, listedAt: NOW })
  const pages = await pagesOf(feed?.pull({ ...call, scopes: ['gone@x.org', SCOPE] }, from) ?? assert.fail())
  assert.deepEqual(
    pages.flatMap((page) => page.changes).map(({ kind, ref }) => `${kind} ${ref}`),
    ['calendar gone@x.org', `event ${SCOPE}/one`],
  )
  assert.ok(pages.at(-1)?.cursor.includes('"gone@x.org":{"sync":"a"}'))
})

test('google-calendar: of what is deleted nothing but the id may be told', async () => {
  const { call } = callOf(() => ({ items: [{ id: 'x', status: 'cancelled' }], nextSyncToken: 's' }))
  assert.deepEqual(
    (await changes(call, cursor({ sync: 'b' }))).map((each) =>
      'gone' in each ? [each.kind, each.ref, each.gone] : [],
    ),
    [
      ['event', `${SCOPE}/x`, 'deleted'],
      ['exception', `${SCOPE}/x`, 'deleted'],
    ],
  )
})

test('F15 google-calendar: an exception is compared with its series once, and one that is as its series is none', async () => {
  const series = wire('s', { recurrence: ['RRULE:FREQ=DAILY'] })
  const occurrence = (day: number, more: object = {}): object =>
    wire(`s_202611${day}T090000Z`, {
      summary: 's',
      recurringEventId: 's',
      originalStartTime: { dateTime: `2026-11-${day}T10:00:00+01:00` },
      start: { dateTime: `2026-11-${day}T10:00:00+01:00`, timeZone: 'Europe/Berlin' },
      end: { dateTime: `2026-11-${day}T11:00:00+01:00`, timeZone: 'Europe/Berlin' },
      ...more,
    })
  const { call, asked } = callOf((_, url) =>
    url.pathname.endsWith('/s')
      ? series
      : {
          items: [occurrence(10), occurrence(11, { location: 'hall' }), occurrence(12, { status: 'cancelled' })],
          nextSyncToken: 't',
        },
  )
  const told = await changes(call, cursor({ sync: 'b' }))
  assert.deepEqual(
    told.map((each) => ('gone' in each ? each.gone : 'values' in each ? each.values['cancelled'] : null)),
    ['deleted', false, true],
  )
  assert.equal(asked.length, 2)
})

// Seen red: "The event is not a recurring one" was held for good, and so was "the series has no occurrence".
test('google-calendar: where a series is gone, it is missing, whatever Google says of its occurrences', async () => {
  const created = async (occurrences: object, status: string): Promise<string> => {
    const { call } = callOf((_, { pathname }) =>
      pathname.endsWith('/instances') ? occurrences : wire('s', { status }),
    )
    const values = { series: `${SCOPE}/s`, original: '2026-11-16T09:00:00.000Z', summary: 'Later', cancelled: false }
    return failureOf(exception?.create?.(call, { key: 'k', values, since: NOW }) ?? assert.fail())
  }
  for (const occurrences of [refusal(400, 'invalid'), { items: [] }]) {
    assert.equal(await created(occurrences, 'cancelled'), 'missing')
    assert.equal(await created(occurrences, 'confirmed'), 'rejected')
  }
})

test('google-calendar: what may be written of an event is known before it is tried', async () => {
  assert.equal((await items({})).may, undefined)
  assert.deepEqual((await items({ organizer: { email: 'boss@x.org' } })).may?.update, ['colour', 'reminders'])
  assert.equal((await items({ organizer: { email: 'boss@x.org' }, guestsCanModify: true })).may, undefined)
  for (const eventType of ['birthday', 'fromGmail', 'focusTime', 'outOfOffice', 'workingLocation']) {
    const { may, values } = await items({ eventType })
    assert.deepEqual([may?.update, may?.delete, values['type']], [[], false, eventType])
  }
  assert.deepEqual((await items({}, 'reader')).may?.update, [])
  assert.ok((await items({ locked: true })).may?.update?.includes('colour'))
})

test('F14 google-calendar: whole days are dates, times are exact, and zones keep their names', async () => {
  const { values } = await items({ start: { date: '2027-03-29' }, end: { date: '2027-03-30' } })
  assert.deepEqual(
    [values['start'], values['end'], values['all_day'], values['zone']],
    ['2027-03-29', '2027-03-30', true, null],
  )
  const flight = await items({
    start: { dateTime: '2027-03-29T23:00:00-04:00', timeZone: 'America/New_York' },
    end: { dateTime: '2027-03-30T12:00:00+02:00', timeZone: 'Europe/Berlin' },
  })
  assert.deepEqual(
    ['start', 'end', 'zone', 'end_zone'].map((field) => flight.values[field]),
    ['2027-03-30T03:00:00.000Z', '2027-03-30T10:00:00.000Z', 'America/New_York', 'Europe/Berlin'],
  )
})

test('google-calendar: a change says all that belongs together, and nobody is sent mail', async () => {
  const sent: unknown[] = []
  const { call, asked } = callOf((_, __, body) => {
    sent.push(body)
    return wire('x')
  })
  const base = await items({})
  const update = (changed: Item['values']) => event?.update?.(call, { key: 'k', ref: base.ref, changed, base })
  await update({ start: '2026-11-10', end: '2026-11-12' })
  await update({ reminders: ['email 60', 'popup 10'], colour: null })
  await update({ reminders: null, recurrence: null })
  assert.deepEqual(sent, [
    {
      start: { date: '2026-11-10', dateTime: null, timeZone: null },
      end: { date: '2026-11-12', dateTime: null, timeZone: null },
    },
    {
      colorId: null,
      reminders: {
        useDefault: false,
        overrides: [
          { method: 'email', minutes: 60 },
          { method: 'popup', minutes: 10 },
        ],
      },
    },
    { recurrence: null, reminders: { useDefault: true, overrides: [] } },
  ])
  assert.ok(asked.every(({ searchParams }) => searchParams.get('sendUpdates') === 'none'))
  assert.equal(await failureOf(Promise.resolve(update({ reminders: ['soon'] }))), 'rejected')
  assert.equal(await failureOf(Promise.resolve(update({ start: 'soon' }))), 'rejected')
})

// Seen red: an empty text was sent as a rule of nothing.
test('google-calendar: an empty line is no rule', async () => {
  const sent: unknown[] = []
  const { call } = callOf((_, __, body) => {
    sent.push(body)
    return wire('x')
  })
  const base = await items({})
  for (const recurrence of ['', 'RRULE:FREQ=DAILY\n\n'])
    await event?.update?.(call, { key: 'k', ref: base.ref, changed: { recurrence }, base })
  assert.deepEqual(sent, [{ recurrence: null }, { recurrence: ['RRULE:FREQ=DAILY'] }])
})

test('google-calendar: one calendar under two names is refused', async () => {
  const { call } = callOf(() => ({ items: [{ id: SCOPE, primary: true }] }))
  assert.equal(
    await failureOf(pagesOf(feed?.pull({ ...call, scopes: ['primary', SCOPE] }, null) ?? assert.fail())),
    'rejected',
  )
})

test('google-calendar: over real HTTP, an exception is made in its place, found by its key, and made as its series again', async (t) => {
  const google = createGoogleCalendar(realPorts(), {
    users: [{ id: '1', displayName: 'Me', email: 'me@example.org', timeZone: 'Europe/Berlin' }],
    clients: [{ id: 'c', secret: 's' }],
  })
  const served = await serve(google, { port: 0 })
  t.after(() => served.close())
  const tokens = { bearer: () => Promise.resolve(google.oauth.accessToken('1')), refused: () => undefined }
  const config = googleCalendar.config.parse({
    clientId: 'c',
    clientSecret: 's',
    baseUrl: served.url,
    tokeninfoUrl: `${served.url}/tokeninfo`,
  })
  const api = googleCalendar.connect(config, testRuntime({ http: loopbackHttp, tokens }))
  const { actor, problems } = await googleCalendar.probe(api)
  assert.deepEqual([actor.ref, problems], ['me@example.org', []])
  const call = { api, actor, scope: 'primary', scopes: ['primary'] }
  const values = {
    summary: 'Standup',
    start: '2099-01-05T09:00:00.000Z',
    end: '2099-01-05T09:15:00.000Z',
    zone: 'Europe/Berlin',
    recurrence: 'RRULE:FREQ=DAILY',
  }
  const [made] = (await event?.create?.(call, { key: '0123456789', values, since: 0 })) ?? []
  const series = made?.ref ?? ''
  const wish = {
    key: 'abcdefg',
    values: { series, original: '2099-01-07T09:00:00.000Z', cancelled: false, summary: 'late', location: null },
    since: 0,
  }
  const [late] = (await exception?.create?.(call, wish)) ?? []
  assert.ok(late !== undefined && 'values' in late)
  assert.deepEqual([late.values['summary'], late.key], ['late', 'abcdefg'])
  assert.deepEqual(
    (await exception?.find?.(call, wish))?.map(({ ref }) => ref),
    [late.ref],
  )
  assert.equal(await exception?.find?.(call, { ...wish, key: 'another' }), null)
  assert.equal(await failureOf(Promise.resolve(exception?.create?.(call, { ...wish, key: 'another' }))), 'stale')
  const nowhere = { ...wish, values: { ...wish.values, original: '2099-01-07T10:00:00.000Z' } }
  assert.equal(await failureOf(Promise.resolve(exception?.create?.(call, nowhere))), 'rejected')
  await exception?.delete?.(call, { key: 'd', ref: late.ref, base: late })
  const gone = await exception?.get?.(call, late.ref)
  assert.ok(gone !== undefined && 'gone' in gone && gone.gone === 'deleted')
})

// Seen red: when the list is sent as it is wanted, without what guests answered.
test('google-calendar: guests are written only where that is wanted, and keep what they answered', async () => {
  const parsed = googleCalendar.config.parse({ clientId: 'c', clientSecret: 's', writeAttendees: true })
  const writing = configured(googleCalendar, parsed).kinds['event']
  assert.equal(event?.fields['attendees']?.written, 'never')
  assert.equal(writing?.fields['attendees']?.written, undefined)
  const room = { displayName: 'Room 5', resource: true }
  const attendees = [{ email: 'Ann@x.org', responseStatus: 'accepted' }, { email: 'bob@x.org' }, room]
  const sent: unknown[] = []
  const { call } = callOf((method, _, body) => {
    if (method !== 'GET') sent.push(body)
    return wire('x', { attendees })
  })
  const base = await items({ attendees })
  assert.deepEqual(base.values['attendees'], ['ann@x.org', 'bob@x.org'])
  const changed = { attendees: ['ann@x.org', 'cyd@x.org'] }
  await writing?.update?.(call, { key: 'k', ref: base.ref, changed, base })
  assert.deepEqual(sent, [
    { attendees: [{ email: 'Ann@x.org', responseStatus: 'accepted' }, room, { email: 'cyd@x.org' }] },
  ])
})

// Seen red: when the first refusal ends the pull.
test('google-calendar: a calendar that may not be read keeps back none of the others, and is told', async () => {
  const { call } = callOf((_, url) =>
    url.pathname.includes('secret') ? refusal(403, 'forbidden') : { items: [wire('one')], nextSyncToken: 's' },
  )
  const events = { 'secret@x.org': { sync: 'a' }, [SCOPE]: { sync: 'b' } }
  const from = JSON.stringify({ form: 2, events, calendars: {}, listedAt: NOW })
  const told: string[] = []
  const pull = async (): Promise<void> => {
    for await (const page of feed?.pull({ ...call, scopes: ['secret@x.org', SCOPE] }, from) ?? assert.fail())
      told.push(...page.changes.map(({ ref }) => ref))
  }
  await assert.rejects(pull, /the calendar secret@x\.org: 403/)
  assert.deepEqual(told, [`${SCOPE}/one`])
})

// Seen red: the event was deleted, and the deletion travelled back.
test('google-calendar: a status that is none of an event is refused in words; only an exception is cancelled, by its own field', async () => {
  const sent: unknown[] = []
  const { call } = callOf((method, _, body) => {
    if (method !== 'GET') sent.push(body)
    return wire('s_20261110T090000Z', { recurringEventId: 's', originalStartTime: { date: '2026-11-10' } })
  })
  const base = await items({})
  const { start, end } = base.values
  for (const status of ['cancelled', 'done', '']) {
    const changed = { status }
    await assert.rejects(
      async () => event?.update?.(call, { key: 'k', ref: base.ref, changed, base }),
      /is no status of an event: write "confirmed" or "tentative"/,
    )
    await assert.rejects(
      async () =>
        event?.create?.(call, { key: 'k', values: { start: start ?? null, end: end ?? null, status }, since: NOW }),
      /is no status of an event/,
    )
    await assert.rejects(async () => exception?.update?.(call, { key: 'k', ref: base.ref, changed, base }), /no status/)
  }
  assert.deepEqual(sent, [])
  for (const changed of [{ status: null }, { status: 'tentative' }, { cancelled: true }])
    await exception?.update?.(call, {
      key: 'k',
      ref: base.ref,
      changed,
      base: { ...base, values: { ...base.values, series: `${SCOPE}/s`, original: '2026-11-10' } },
    })
  assert.deepEqual(sent, [{ status: 'confirmed' }, { status: 'tentative' }, { status: 'cancelled' }])
})
