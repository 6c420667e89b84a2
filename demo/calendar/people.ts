/** What stands in the table and in the calendars before Lockstep runs. Every title is there once. */
import type { EventBody } from '../../src/emulators/google-calendar/event-body.ts'
import type { Application } from './application.ts'
import type { Owner } from './configuration.ts'
import { at, day, ZONE } from './days.ts'

/** By column; what is not named is null. */
export type Entry = Readonly<Record<string, string | number | null>>

const timed = (owner: Owner, title: string, on: number, from: string, to: string, more: Entry = {}): Entry => ({
  user_id: Number(owner),
  title,
  starts_at: at(day(on), from),
  ends_at: at(day(on), to),
  all_day: 0,
  zone: ZONE,
  status: 'planned',
  ...more,
})

/** `last`: the day after the last one, at midnight. */
const days = (owner: Owner, title: string, first: number, last: number, more: Entry = {}): Entry => ({
  ...timed(owner, title, first, '00:00', '00:00', more),
  ends_at: at(day(last), '00:00'),
  all_day: 1,
})

export const STANDUP = 'Stand-up'
export const STANDUP_RULE = 'RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=8'

export const ENTRIES: readonly Entry[] = [
  timed('17', 'Rent of the quay', 0, '09:00', '09:30', { amount: '-1850.00', category: 'rent', notes: 'To the port' }),
  timed('17', 'Brake workshop', 1, '10:00', '12:00', { amount: '45', category: 'workshop', notes: 'Bring pads' }),
  timed('17', 'Invoice 2041', 2, '14:00', '14:15', { amount: '1234567.89', category: 'invoice', notes: 'Net 14 days' }),
  timed('17', 'Lunch with Sörensen', 3, '12:30', '13:30', { status: 'perhaps' }),
  days('17', 'Fair in Kiel', 4, 6, { amount: '-320.5' }),
  timed('17', 'Dentist', 7, '08:00', '08:45'),
  timed('17', 'Courier', 8, '16:00', '16:10', { amount: '-9.90' }),
  timed('17', STANDUP, 0, '08:30', '08:45', { recurrence: STANDUP_RULE }),
  timed('18', 'Tyre order', 0, '11:00', '11:20', { amount: '-412.35', category: 'parts', notes: 'Forty of 28 inch' }),
  timed('18', 'Wheel building', 2, '17:00', '20:00', { amount: '79', category: 'workshop', notes: 'Eight places' }),
  timed('18', 'Bank', 3, '10:00', '10:30'),
  days('18', 'Holiday', 7, 12),
  timed('18', '在庫確認 😀', 9, '09:00', '10:00'),
  timed('18', 'Accounts', 1, '15:00', '16:00', { recurrence: 'RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=6' }),
]

/** Truth values are 0 and 1, whatever the database calls them. Answers the new row's key. */
export async function insert({ table, run, place }: Application, entry: Entry): Promise<string> {
  const names = Object.keys(entry)
  const truths = new Set(['all_day', 'cancelled'])
  const isSqlite = place.schema === ''
  const values = names.map((name) => {
    const value = entry[name] ?? null
    return truths.has(name) && !isSqlite && value !== null ? String(value === 1) : value
  })
  const [row] = await run(
    `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map((_, index) => `$${index + 1}`).join(', ')}) RETURNING id`,
    ...values,
  )
  return row?.['id'] ?? ''
}

export const event = (
  summary: string,
  on: number,
  from: string,
  to: string,
  more: Partial<EventBody> = {},
): EventBody => ({
  summary,
  start: { dateTime: at(day(on), from), timeZone: ZONE },
  end: { dateTime: at(day(on), to), timeZone: ZONE },
  ...more,
})

export const RIDE = 'Evening ride'

/** One of each owner's is in the table as well. */
export const EVENTS: Readonly<Record<Owner, readonly EventBody[]>> = {
  '17': [
    event('Dentist', 7, '08:00', '08:45'),
    event('Call with the port', 2, '09:00', '09:20'),
    event('Deposit · 250,00 €', 5, '10:00', '10:15'),
    { summary: 'Mira is away', start: { date: day(9) }, end: { date: day(10) } },
    event('Perhaps a tandem', 3, '18:00', '19:00', { status: 'tentative' }),
    event(RIDE, 1, '19:00', '21:00', { recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=8'] }),
  ],
  '18': [
    event('Bank', 3, '10:00', '10:30'),
    event('Supplier', 4, '13:00', '14:00', { description: 'Room 2\nCategory: parts' }),
    event('Refund · -17,25 €', 6, '09:00', '09:10'),
  ],
}
