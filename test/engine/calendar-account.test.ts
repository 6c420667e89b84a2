/** What an account and its calendar allow, of rows and Google Calendar: the window, guests, quotas, rights. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ANN,
  at,
  CALENDAR,
  calendarsOf,
  eventsOf,
  KINDS,
  linked,
  MEETING,
  ROWS,
  SYNC,
  titlesOf,
  writesIn,
} from './calendars.ts'

test('calendar: what lies before the window is not taken; what ages out has left, and is not deleted', async () => {
  const both = await calendarsOf({ config: { daysBack: 2 } })
  const ann = both.google.as(ANN)
  ann.add(CALENDAR, { summary: 'long ago', start: { date: '2026-10-01' }, end: { date: '2026-10-02' } })
  ann.add(CALENDAR, {
    summary: 'ended',
    start: { dateTime: '2026-09-01T10:00:00Z', timeZone: 'UTC' },
    end: { dateTime: '2026-09-01T11:00:00Z', timeZone: 'UTC' },
    recurrence: ['RRULE:FREQ=DAILY;COUNT=5'],
  })
  const { id } = ann.add(CALENDAR, { summary: 'now', start: { date: '2026-11-01' }, end: { date: '2026-11-02' } })
  await both.sync()
  assert.deepEqual(both.rows.all('row', 'title'), ['now'])
  await both.pass(4 * 24 * 3600_000)
  await both.sync()
  assert.deepEqual(both.rows.all('row', 'title'), ['now'])
  ann.edit(CALENDAR, id, { summary: 'now and then', start: { date: '2026-11-10' }, end: { date: '2026-11-11' } })
  await both.sync()
  assert.deepEqual(both.rows.all('row', 'title'), ['now and then'])
})

test('calendar: guests stay, and get no mail; what others organize is told as a divergence', async () => {
  const both = await linked()
  const ann = both.google.as(ANN)
  ann.edit(CALENDAR, both.id, { attendees: [{ email: 'guest@example.org' }, { email: 'sync@acme.test' }] })
  await both.sync()
  both.rows.set('row', both.row, { title: 'Review' })
  await both.sync()
  assert.deepEqual(titlesOf(both), ['Review'])
  assert.equal((at(eventsOf(both)[0], 'attendees') as unknown[]).length, 2)
  assert.deepEqual(both.google.mails(), [])
})

test('calendar: past the quota of an account calls wait, and all of it is done', async () => {
  const both = await calendarsOf({ google: { quotas: { userPerMinute: 30 } } })
  for (let at = 0; at < 60; at += 1) both.rows.add('row', { ...MEETING, title: `row ${at}` })
  await both.run(20 * 60_000)
  assert.ok(both.calls.some(({ status }) => status === 403))
  assert.equal(titlesOf(both).length, 60)
  assert.deepEqual(await both.store.heldList({ flow: null }), [])
})

test('calendar: in a calendar that may only be read nothing is written, and that is told', async () => {
  const both = await calendarsOf({
    google: { calendars: [{ id: CALENDAR, summary: 'Team', owner: ANN, access: { [SYNC]: 'reader' } }] },
  })
  both.google.as(ANN).add(CALENDAR, { summary: 'Trip', start: { date: '2026-12-24' }, end: { date: '2026-12-27' } })
  both.rows.add('row', MEETING)
  await both.sync()
  const [trip] = both.rows.living('row').filter(({ values }) => values['title'] === 'Trip')
  both.rows.set('row', trip?.ref ?? '', { title: 'Journey' })
  await both.sync()
  assert.deepEqual(titlesOf(both), ['Trip'])
  // The create was refused once, and is held.
  assert.equal(writesIn(both), 1)
  assert.deepEqual(
    (await both.store.heldList({ flow: null })).map(({ action }) => action),
    ['create'],
  )
  const told = await both.store.divergences(undefined)
  assert.ok(told.some(({ why }) => why.includes('this account may only read the calendar')))
})

test('calendar: primary is the account\u2019s own calendar', async () => {
  const both = await calendarsOf({ scope: 'primary' })
  both.rows.add('row', MEETING)
  await both.sync()
  assert.deepEqual(
    both.google
      .as(SYNC)
      .events('primary')
      .map((event) => at(event, 'summary')),
    ['Meeting'],
  )
})

// Seen red: the few guests that were told were taken for all, and the others left the row.
test('calendar: while Google does not tell all guests of an event, those of its row stay, and are not written', async () => {
  const { row, change } = ROWS
  const both = await linked({
    google: { guestsTold: 2 },
    config: { writeAttendees: true },
    sorts: { row: { ...row, fields: { ...row.fields, who: { type: 'person', many: 'set' } } }, change },
    flow: {
      kinds: { ...KINDS, row: { ...KINDS.row, fields: { ...KINDS.row.fields, who: { a: 'who', b: 'attendees' } } } },
    },
  })
  const ann = both.google.as(ANN)
  const guests = (...names: readonly string[]) => names.map((name) => ({ email: `${name}@x.org` }))
  const who = () => both.rows.living('row')[0]?.values['who']
  ann.edit(CALENDAR, both.id, { attendees: guests('bob', 'cyd') })
  await both.sync()
  assert.deepEqual(who(), ['bob@x.org', 'cyd@x.org'])
  ann.edit(CALENDAR, both.id, { summary: 'Big', attendees: guests('bob', 'cyd', 'dan') })
  await both.sync()
  assert.deepEqual([both.rows.all('row', 'title'), who()], [['Big'], ['bob@x.org', 'cyd@x.org']])
  both.rows.set('row', both.row, { title: 'Bigger', who: ['bob@x.org'] })
  await both.sync()
  const [event] = eventsOf(both)
  assert.deepEqual([at(event, 'summary'), at(event, 'attendeesOmitted')], ['Bigger', true])
  // Told again, they are what the row makes of them.
  ann.edit(CALENDAR, both.id, { attendees: guests('bob', 'cyd') })
  await both.sync()
  assert.deepEqual(await both.store.heldList({ flow: null }), [])
  assert.deepEqual([at(eventsOf(both)[0], 'attendees', '0', 'email'), who()], ['bob@x.org', ['bob@x.org']])
})
