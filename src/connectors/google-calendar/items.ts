/** How calendars, events and exceptions read as items. */
import type { Call, Item, Json, May, Tombstone, Values } from '../../connector/index.ts'
import type { CalendarApi } from './api.ts'
import { endAfter, isDate, isInWindow, momentText } from './times.ts'
import type { WireCalendar, WireEvent } from './wire.ts'

const DAY_MS = 86_400_000
const ID_PREFIX = 'lockstep'
/** Of an exception: its id is not ours to choose. */
export const KEY_PROPERTY = 'lockstepKey'

type Seen = Pick<Call<CalendarApi>, 'api' | 'scope'>

/** The id of an event that is made with this key: letters and digits of base32hex. */
export function idOf(key: string): string {
  return ID_PREFIX + key
}

/** Ids are unique in their calendar only. */
export function refOf(calendar: string, id: string): string {
  return `${calendar}/${id}`
}

/** The id in Google's own words. */
export function idIn(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1)
}

export function calendarItem(calendar: WireCalendar, ref = calendar.id): Item {
  const may: May | null = isWritable(calendar.accessRole)
    ? null
    : { update: [], create: false, delete: false, why: READ_ONLY }
  return {
    scope: '',
    ref,
    values: { name: calendar.summaryOverride ?? calendar.summary, zone: calendar.timeZone ?? null },
    ...(may === null ? {} : { may }),
  }
}

const READ_ONLY = 'this account may only read the calendar'

/** A role that is not told is not known to forbid anything. */
function isWritable(role: string | undefined): boolean {
  return role === undefined || role === 'owner' || role.startsWith('writer')
}

export function gone(calendar: string, id: string, how: Tombstone['gone'] = 'deleted'): Tombstone {
  return { scope: calendar, ref: refOf(calendar, id), gone: how }
}

/** What somebody sees of an event; of an exception what it is instead of the series' own. */
export function contentOf(event: WireEvent): Values {
  const start = momentText(event.start)
  const end = momentText(event.end)
  const isAllDay = start !== null && isDate(start)
  const zone = isAllDay ? null : (event.start?.timeZone ?? null)
  const endZone = isAllDay ? null : (event.end?.timeZone ?? null)
  return {
    summary: textOr(event.summary),
    description: textOr(event.description),
    location: textOr(event.location),
    start,
    end,
    all_day: isAllDay,
    zone,
    end_zone: endZone === zone ? null : endZone,
    status: event.status ?? 'confirmed',
    colour: event.colorId ?? null,
    transparency: event.transparency ?? 'opaque',
    visibility: event.visibility ?? 'default',
    reminders: remindersOf(event),
    attendees: areGuestsTold(event) ? attendeesOf(event) : null,
    attendees_omitted: areGuestsTold(event) ? null : true,
    type: event.eventType ?? 'default',
    meeting: event.hangoutLink ?? null,
  }
}

function textOr(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text
}

/** 'popup 10': so many minutes before. Null: those of the calendar. */
function remindersOf({ reminders }: WireEvent): Json {
  if (reminders === undefined || reminders.useDefault === true) return null
  return (reminders.overrides ?? []).map(({ method, minutes }) => `${method} ${minutes}`).sort()
}

function attendeesOf({ attendees = [] }: WireEvent): Json {
  const emails = attendees.flatMap(({ email }) => (email === undefined ? [] : [email.toLowerCase()]))
  return emails.length === 0 ? null : [...new Set(emails)].sort()
}

/** A list of some guests would be written over all of them. */
export function areGuestsTold({ attendeesOmitted }: WireEvent): boolean {
  return attendeesOmitted !== true
}

export const GUESTS_OMITTED = 'Google does not tell all of its guests'

/** What may be written of what somebody else organizes: the rest is told by the organizer. */
const OWN_FIELDS = ['colour', 'reminders']
const LOCKED_FREE = ['status', 'colour', 'transparency', 'visibility', 'reminders', 'cancelled']
const ALL_BUT_GUESTS = [
  ...LOCKED_FREE,
  'summary',
  'description',
  'location',
  'start',
  'end',
  'zone',
  'end_zone',
  'recurrence',
]

function mayOf(event: WireEvent, role: string | undefined): May | undefined {
  const { eventType = 'default', organizer } = event
  if (!isWritable(role)) return { update: [], create: false, delete: false, why: READ_ONLY }
  if (eventType !== 'default')
    return { update: [], create: false, delete: false, why: `an event of the type ${eventType} is left as it is` }
  if (organizer !== undefined && organizer.self !== true && event.guestsCanModify !== true)
    return { update: OWN_FIELDS, create: false, delete: false, why: 'only its organizer may change it' }
  if (event.locked === true) return { update: LOCKED_FREE, why: 'its main fields are locked' }
  return areGuestsTold(event) ? undefined : { update: ALL_BUT_GUESTS, why: GUESTS_OMITTED }
}

/** What it tells beside its values. */
function about({ scope }: Seen, event: WireEvent, role: string | undefined): Omit<Item, 'values'> {
  const { etag, creator, created, updated } = event
  const may = mayOf(event, role)
  const isEdited =
    updated !== undefined && (created === undefined || Date.parse(updated) - Date.parse(created) > CREATED_MS)
  return {
    scope,
    ref: refOf(scope, event.id),
    version: etag,
    ...(creator?.email === undefined
      ? {}
      : { author: { ref: creator.email.toLowerCase(), name: creator.displayName } }),
    ...(created === undefined ? {} : { createdAt: new Date(created).toISOString() }),
    ...(isEdited ? { editedAt: new Date(updated).toISOString() } : {}),
    ...(may === undefined ? {} : { may }),
  }
}

/** An event that is made shows an update at the same moment. */
const CREATED_MS = 2000

export function eventItem(seen: Seen, event: WireEvent, role?: string): Item {
  const { recurrence = [] } = event
  const key = event.id.startsWith(ID_PREFIX) ? event.id.slice(ID_PREFIX.length) : null
  return {
    ...about(seen, event, role),
    values: { ...contentOf(event), recurrence: recurrence.length === 0 ? null : recurrence.join('\n') },
    ...(key === null ? {} : { key }),
  }
}

/** Of a cancelled one nothing else is told for certain, so nothing else is shown. */
export function exceptionItem(seen: Seen, event: WireEvent, role?: string): Item {
  const { recurringEventId = '' } = event
  const place = { series: refOf(seen.scope, recurringEventId), original: momentText(event.originalStartTime) }
  const key = event.extendedProperties?.private?.[KEY_PROPERTY]
  const cancelled = event.status === 'cancelled'
  return {
    ...about(seen, event, role),
    values: { ...(cancelled ? {} : contentOf(event)), ...place, cancelled },
    ...(key === undefined ? {} : { key }),
  }
}

/** The item without the time of the last edit, which was ours. */
export function written(item: Item): Item {
  return { ...item, editedAt: undefined }
}

/** What an occurrence is where nothing differs from its series. */
export function asSeries(series: WireEvent, original: string): Values {
  const content = contentOf(series)
  const { start, end } = content
  if (typeof start !== 'string' || typeof end !== 'string') return content
  return { ...content, start: original, end: endAfter(start, end, original) }
}

/** The beginning of the window, in milliseconds since 1970. */
export function windowOf({ config, clock }: CalendarApi): number {
  return clock.now() - config.daysBack * DAY_MS
}

export function hasLeft(api: CalendarApi, event: WireEvent): boolean {
  return !isInWindow(event, windowOf(api))
}
