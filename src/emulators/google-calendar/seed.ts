/** Lays the options' calendars and events into a fresh world. Every user has a primary calendar from the start. */
import { addToList } from './calendar-list.ts'
import { addCalendar } from './calendars.ts'
import { contentOf, parseEvent, type EventBody } from './event-body.ts'
import type { CalendarSeed, EventSeed } from './options.ts'
import { keepEvent, makeId, type CalendarRecord, type World } from './state.ts'

export function seed(world: World, calendars: readonly CalendarSeed[]): void {
  for (const { id, email, timeZone = 'UTC' } of world.users.values())
    addCalendar(world, { id: email.toLowerCase(), owner: id, summary: email, primary: true, madeBy: null, timeZone })
  for (const wanted of calendars) {
    const calendar = calendarOf(world, wanted)
    for (const [user, role] of Object.entries(wanted.access ?? {})) {
      calendar.access.set(user, role)
      addToList(world, user, calendar)
    }
    for (const event of wanted.events ?? []) seedEvent(world, calendar, wanted.owner, event)
  }
}

function calendarOf(world: World, wanted: CalendarSeed): CalendarRecord {
  const known = world.calendars.get(wanted.id ?? '')
  if (known !== undefined) return known
  const { owner, summary = 'Calendar', description = '', timeZone = 'UTC' } = wanted
  const id = wanted.id ?? `c_${makeId(world, 40)}@group.calendar.google.com`
  return addCalendar(world, { id, owner, summary, primary: false, madeBy: null, description, timeZone })
}

function seedEvent(world: World, calendar: CalendarRecord, owner: string, { createdAt, ...event }: EventSeed): void {
  const body = parseEvent(event satisfies EventBody)
  const id = body.id ?? makeId(world, 22)
  const created = createdAt ?? world.ports.now()
  const { email, displayName } = body.organizer ?? {}
  keepEvent(world, calendar, {
    id,
    iCalUID: body.iCalUID ?? `${id}@google.com`,
    created,
    creator: email ?? world.users.get(owner)?.email ?? '',
    organizer: email && email !== calendar.id ? { email, ...(displayName ? { displayName } : {}) } : null,
    imported: false,
    instance: null,
    cancelled: body.status === 'cancelled',
    content: contentOf(body, undefined),
    sequence: body.sequence ?? 0,
    updated: created,
  })
}
