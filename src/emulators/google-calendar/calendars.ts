/** Calendars themselves: their title, zone and life. */
import { z } from 'zod'
import { forbidden, invalid, required } from './errors.ts'
import { addToList, touchLists } from './calendar-list.ts'
import { parseAs } from './query.ts'
import { calendarJson } from './render.ts'
import { enter, keepEvent, makeId, nextVersion, type CalendarRecord, type Caller, type World } from './state.ts'
import { isZone } from './times.ts'
import type { UsageMeter } from './usage.ts'

const text = z.string().nullish()
const anything = z.unknown().optional()
const CALENDAR = z.strictObject({
  summary: text,
  description: text,
  location: text,
  timeZone: text,
  id: anything,
  kind: anything,
  etag: anything,
  dataOwner: anything,
  conferenceProperties: anything,
  autoAcceptInvitations: anything,
  labelProperties: anything,
})

export interface NewCalendar {
  readonly id: string
  readonly owner: string
  readonly summary: string
  readonly primary: boolean
  readonly madeBy: string | null
  readonly description?: string
  readonly location?: string
  readonly timeZone: string
}

export function addCalendar(world: World, wanted: NewCalendar): CalendarRecord {
  const calendar: CalendarRecord = {
    description: '',
    location: '',
    ...wanted,
    access: new Map([[wanted.owner, 'owner']]),
    events: new Map(),
    exceptions: new Map(),
    deleted: false,
    version: nextVersion(world),
    updated: world.ports.now(),
  }
  world.calendars.set(calendar.id, calendar)
  addToList(world, wanted.owner, calendar)
  return calendar
}

export function getCalendar(world: World, caller: Caller, id: string) {
  return calendarJson(world, enter(world, caller, id, 'reader').calendar)
}

export function insertCalendar(world: World, usage: UsageMeter, caller: Caller, value: unknown) {
  const { summary, description, location, timeZone } = parse(value)
  if (!summary) throw required('Missing title.')
  usage.spend(caller.user.id, 'calendarsCreated', 1)
  const calendar = addCalendar(world, {
    id: `c_${makeId(world, 40)}@group.calendar.google.com`,
    owner: caller.user.id,
    summary,
    primary: false,
    madeBy: caller.app,
    description: description ?? '',
    location: location ?? '',
    timeZone: timeZone ?? 'UTC',
  })
  return calendarJson(world, calendar)
}

export function changeCalendar(world: World, caller: Caller, id: string, value: unknown, how: 'update' | 'patch') {
  const { calendar } = enter(world, caller, id, 'owner')
  const given = parse(value)
  const { summary } = given
  if (summary === null || summary === '' || (how === 'update' && summary === undefined))
    throw required('Missing title.')
  const next = (now: string, wanted: string | null | undefined): string =>
    wanted === undefined && how === 'patch' ? now : (wanted ?? '')
  calendar.summary = summary ?? calendar.summary
  calendar.description = next(calendar.description, given.description)
  calendar.location = next(calendar.location, given.location)
  calendar.timeZone = given.timeZone ?? (how === 'patch' ? calendar.timeZone : 'UTC')
  calendar.version = nextVersion(world)
  calendar.updated = world.ports.now()
  touchLists(world, calendar)
  return calendarJson(world, calendar)
}

export function deleteCalendar(world: World, caller: Caller, id: string): void {
  const { calendar } = enter(world, caller, id, 'owner')
  if (calendar.primary) throw forbidden('cannotDeletePrimaryCalendar', 'A primary calendar cannot be deleted.')
  calendar.deleted = true
  for (const [user, list] of world.lists) {
    const entry = list.get(calendar.id)
    if (entry === undefined || entry.deleted) continue
    list.set(calendar.id, { ...entry, deleted: true, version: nextVersion(world) })
    world.changed({ kind: 'calendarList', user })
  }
  world.changed({ kind: 'events', calendar: calendar.id, gone: true })
}

/** Deletes all events of a primary calendar. */
export function clearCalendar(world: World, caller: Caller, id: string): void {
  const { calendar } = enter(world, caller, id, 'owner')
  if (!calendar.primary) throw invalid('Only a primary calendar can be cleared.')
  const updated = world.ports.now()
  for (const record of calendar.events.values())
    if (!record.cancelled) keepEvent(world, calendar, { ...record, cancelled: true, updated })
}

function parse(value: unknown): z.output<typeof CALENDAR> {
  const body = parseAs(CALENDAR, value)
  if (body.timeZone && !isZone(body.timeZone)) throw invalid('Invalid time zone.')
  return body
}
