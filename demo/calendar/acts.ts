/** What people do on both sides, and what has to come of it. Times of series are those of clocks in Berlin. */
import { z } from 'zod'
import { OWNERS } from './configuration.ts'
import { at, day, ZONE } from './days.ts'
import { event as eventOf, RIDE, STANDUP } from './people.ts'
import {
  add,
  edit,
  event,
  exceptionRow,
  listed,
  occurrence,
  ran,
  row,
  set,
  timeIn,
  timeOf,
  type Stage,
} from './stage.ts'

interface Act {
  readonly title: string
  play(stage: Stage): Promise<void>
}

export const ACTS: readonly Act[] = [
  { title: 'The application writes', play: application },
  { title: 'People write in their calendars', play: calendar },
  { title: 'Series: one time moved, one cancelled, on each side', play: series },
  { title: 'Two people change one title', play: conflict },
  { title: 'Push channels', play: channels },
]

async function application(stage: Stage): Promise<void> {
  const { screen, claims, application: app, tally } = stage
  screen.told('the rent is moved by an hour, and costs more')
  await set(stage, 'Rent of the quay', {
    starts_at: at(day(0), '10:00'),
    ends_at: at(day(0), '10:30'),
    amount: '-1900.5',
  })
  await claims.holds('the event has the new time, and the amount in its title as Germans write it', () => {
    const found = event(stage, '17', 'Rent of the quay')
    return (
      timeIn(found?.['start']) === at(day(0), '10:00') &&
      /^Rent of the quay · -1\.900,50\s€$/.test(String(found?.['summary']))
    )
  })
  screen.told('an invoice becomes a workshop')
  await set(stage, 'Invoice 2041', { category: 'workshop' })
  await claims.holds('the rule gives it another colour, and its description names the category', () => {
    const found = event(stage, '17', 'Invoice 2041')
    return found?.['colorId'] === '10' && found['description'] === 'Net 14 days\nCategory: workshop'
  })
  screen.told('a new entry')
  await add(stage, {
    user_id: 18,
    title: 'Spoke delivery',
    amount: '-61.20',
    starts_at: at(day(4), '08:00'),
    ends_at: at(day(4), '08:20'),
    all_day: 0,
    zone: ZONE,
    status: 'planned',
  })
  await claims.holds('it is in its owner’s calendar, and in nobody else’s', () => {
    const [own, other] = [event(stage, '18', 'Spoke delivery'), event(stage, '17', 'Spoke delivery')]
    return own?.['colorId'] === '11' && other === null
  })
  screen.told('an entry gets another user')
  await set(stage, 'Lunch with Sörensen', { user_id: 18 })
  // Deleted in one calendar, and new in the other; the database notes it for both users.
  tally.changes += 1
  tally.own += 1
  await claims.holds('its event is in the calendar of that user, and no more in the first one’s', () => {
    const [old, own] = [event(stage, '17', 'Lunch'), event(stage, '18', 'Lunch')]
    return old === null && own?.status === 'tentative'
  })
  screen.told('the courier is deleted')
  tally.own += 1
  tally.changes += 1
  await app.run(`DELETE FROM ${app.table} WHERE title = $1`, 'Courier')
  await claims.holds('so is its event', () => event(stage, '17', 'Courier') === null)
}

async function calendar(stage: Stage): Promise<void> {
  const { screen, claims, google, tally } = stage
  screen.told('somebody writes another amount into a title')
  edit(stage, '17', 'Deposit', { summary: 'Deposit · 1.250,75 €' })
  await claims.holds('it is a decimal in the table, and no part of the title there', async () =>
    /^1250\.750*$/.test((await row(stage, 'Deposit'))?.['amount'] ?? ''),
  )
  screen.told('a call becomes a whole day')
  edit(stage, '17', 'Call with the port', {
    start: { date: day(2), dateTime: null, timeZone: null },
    end: { date: day(3), dateTime: null, timeZone: null },
  })
  await claims.holds('the row begins and ends at midnight, and says so', async () => {
    const found = await row(stage, 'Call with the port')
    return (
      /^(1|t|true)$/.test(found?.['all_day'] ?? '') &&
      timeOf(found?.['starts_at']) === at(day(2), '00:00') &&
      timeOf(found?.['ends_at']) === at(day(3), '00:00')
    )
  })
  screen.told('a new event, in the calendar of the second user')
  // Its colour comes by rule, and is a change of its own.
  tally.changes += 2
  google.person.add(OWNERS['18'], eventOf('Parts fair · 12,00 €', 10, '09:00', '17:00'))
  await claims.holds('its row belongs to that user', async () => {
    const found = await row(stage, 'Parts fair')
    return found?.['user_id'] === '18' && /^12(\.0+)?$/.test(found['amount'] ?? '')
  })
  screen.told('an event is deleted')
  tally.changes += 1
  google.person.remove(OWNERS['17'], event(stage, '17', 'Mira is away')?.id ?? '')
  await claims.holds('so is its row', async () => (await row(stage, 'Mira is away')) === null)
}

async function series(stage: Stage): Promise<void> {
  const { screen, claims, google, tally, application: app } = stage
  const mondays = [7, 14, 21].map((after) => at(day(after), '08:30'))
  const tuesdays = [8, 15].map((after) => at(day(after), '19:00'))
  const [first = '', second = '', third = ''] = mondays
  const [ride = '', noRide = ''] = tuesdays

  screen.told('in the calendar one stand-up is moved, and one cancelled')
  tally.changes += 2
  google.person.edit(OWNERS['17'], occurrence(stage, '17', STANDUP, first).id, {
    start: { dateTime: at(day(8), '09:30'), timeZone: ZONE },
    end: { dateTime: at(day(8), '09:45'), timeZone: ZONE },
  })
  google.person.remove(OWNERS['17'], occurrence(stage, '17', STANDUP, second).id)
  await claims.holds('the moved one is a row with its first time and its new one', async () => {
    const found = await exceptionRow(stage, STANDUP, first)
    return timeOf(found?.['starts_at']) === at(day(8), '09:30') && found?.['title'] === STANDUP
  })
  await claims.holds('the cancelled one is a row that says so', async () =>
    /^(1|t|true)$/.test((await exceptionRow(stage, STANDUP, second))?.['cancelled'] ?? ''),
  )
  await claims.holds('the series itself stays as it was', async () => {
    const found = await row(stage, STANDUP)
    return timeOf(found?.['starts_at']) === at(day(0), '08:30') && found?.['series_id'] === null
  })

  screen.told('in the table an evening ride is moved, and one cancelled')
  const parent = (await row(stage, RIDE))?.['id'] ?? ''
  const place = { user_id: 17, series_id: parent, all_day: 0, zone: ZONE, title: RIDE }
  await add(stage, {
    ...place,
    original_start: ride,
    cancelled: 0,
    starts_at: at(day(9), '18:00'),
    ends_at: at(day(9), '20:00'),
  })
  await add(stage, { ...place, original_start: noRide, cancelled: 1 })
  await claims.holds('the calendar shows the ride at its new time', () => {
    const found = occurrence(stage, '17', RIDE, ride)
    return timeIn(found['start']) === at(day(9), '18:00')
  })
  await claims.holds('and the other one no more', () => occurrence(stage, '17', RIDE, noRide).status === 'cancelled')

  screen.told('the moved stand-up is moved again, in the table')
  tally.own += 1
  tally.changes += 1
  await app.run(
    `UPDATE ${app.table} SET starts_at = $1, ends_at = $2 WHERE original_start = $3`,
    at(day(8), '10:00'),
    at(day(8), '10:15'),
    first,
  )
  await claims.holds('the same exception has moved, and no other one', () => {
    const found = occurrence(stage, '17', STANDUP, first)
    const untouched = occurrence(stage, '17', STANDUP, third)
    return timeIn(found['start']) === at(day(8), '10:00') && timeIn(untouched['start']) === third
  })
  await ends(stage, ride, noRide)
}

async function ends(stage: Stage, ride: string, noRide: string): Promise<void> {
  const { screen, claims, google, tally, application: app } = stage
  screen.told('the row of the moved ride is deleted')
  tally.own += 1
  tally.changes += 1
  await app.run(`DELETE FROM ${app.table} WHERE original_start = $1`, ride)
  await claims.holds('the ride is back where its series has it', () => {
    const found = occurrence(stage, '17', RIDE, ride)
    return timeIn(found['start']) === ride
  })
  screen.told('the evening rides end, in the calendar')
  // The series, and the cancelled one with it.
  tally.changes += 2
  google.person.remove(OWNERS['17'], event(stage, '17', RIDE)?.id ?? '')
  await claims.holds('their row is gone, and that of the cancelled one', async () => {
    const found = await app.run(`SELECT 1 FROM ${app.table} WHERE title = $1 OR original_start = $2`, RIDE, noRide)
    return found.length === 0
  })
}

const conflicts = z.array(z.object({ id: z.number(), lens: z.string(), values: z.record(z.string(), z.unknown()) }))

async function conflict(stage: Stage): Promise<void> {
  const { screen, claims, tally } = stage
  await ran(stage, [0, 3, 4], 'flows', 'pause', 'plans')
  screen.told('while the flow is paused, one entry gets two new titles')
  await set(stage, 'Brake workshop', { title: 'Disc brake workshop' })
  edit(stage, '17', 'Brake workshop', { summary: 'Brake evening · 45,00 €' })
  tally.changes -= 1
  await ran(stage, [0, 3, 4], 'flows', 'resume', 'plans')
  let open: z.infer<typeof conflicts> = []
  await claims.holds('one conflict is open, and keeps both titles', async () => {
    open = conflicts.parse(await listed(stage, 'conflicts'))
    const kept = JSON.stringify(open[0]?.values)
    return open.length === 1 && kept.includes('Disc brake workshop') && kept.includes('Brake evening')
  })
  await claims.holds('each side still says its own', async () => {
    const found = event(stage, '17', 'Brake evening')
    return found !== null && (await row(stage, 'Disc brake workshop')) !== null
  })
  screen.told('a person decides for the calendar')
  await ran(stage, [0, 3, 4], 'conflicts', 'resolve', String(open[0]?.id ?? 0), '--with', 'b')
  await claims.holds('its title stands in the table, with the amount', async () =>
    /^45(\.0+)?$/.test((await row(stage, 'Brake evening'))?.['amount'] ?? ''),
  )
  const all = conflicts.parse(await listed(stage, 'conflicts', 'list', '--all'))
  tally.conflicts = all.length
  await claims.holds('the value that lost is still listed', () => JSON.stringify(all).includes('Disc brake workshop'))
  await claims.holds(
    'and no conflict is open',
    async () => conflicts.parse(await listed(stage, 'conflicts')).length === 0,
  )
}

async function channels(stage: Stage): Promise<void> {
  const { screen, claims, google } = stage
  const before = new Set(google.emulator.channels().map(({ id }) => id))
  await claims.holds('one channel for each calendar is open', () => before.size === 2)
  screen.told('lockstep channels renew')
  await ran(stage, [0, 3, 4], 'channels', 'renew')
  await claims.holds('each has a successor', () => {
    const fresh = google.emulator.channels().filter(({ id }) => !before.has(id))
    return fresh.length === 2
  })
  screen.told('an event is moved; nothing is polled for an hour')
  edit(stage, '18', 'Supplier', {
    start: { dateTime: at(day(4), '15:00'), timeZone: ZONE },
    end: { dateTime: at(day(4), '16:00'), timeZone: ZONE },
  })
  await claims.holds(
    'the table hears of it by the channel',
    async () => timeOf((await row(stage, 'Supplier'))?.['starts_at']) === at(day(4), '15:00'),
  )
}
