/** Events, calendars and list entries as the API answers them. Fields at their default are left out, as Google does. */
import { bodyOf } from './event-body.ts'
import type { Role } from './options.ts'
import { etagOf, type Caller, type CalendarRecord, type EventRecord, type ListEntry, type World } from './state.ts'
import { jsonOf } from './times.ts'

export interface EventJson {
  readonly kind: 'calendar#event'
  readonly etag: string
  readonly id: string
  readonly status: 'confirmed' | 'tentative' | 'cancelled'
  readonly [field: string]: unknown
}

export interface View {
  readonly world: World
  readonly calendar: CalendarRecord
  readonly role: Role
  /** Of the caller. */
  readonly user: { readonly email: string }
  readonly zone: string
  readonly maxAttendees: number | null
}

/** `bare`: a deleted event tells its id alone, as it does in an incremental list without showDeleted. */
export function eventJson(view: View, record: EventRecord, bare = false): EventJson {
  const { world, calendar, zone } = view
  const always = world.rules.timeZoneAlwaysTold
  const head = { kind: 'calendar#event' as const, etag: etagOf(record.version), id: record.id }
  const instance =
    record.instance === null
      ? {}
      : {
          recurringEventId: record.instance.series,
          originalStartTime: jsonOf(record.instance.original, zone, always),
        }
  const { content } = record
  const isCancelledInstance = record.cancelled && record.instance !== null
  if (content === null || isCancelledInstance || (record.cancelled && bare))
    return { ...head, status: 'cancelled', ...instance }
  const status = record.cancelled ? 'cancelled' : content.status
  const hidden = isHidden(view, record)
  const { attendees: _, status: __, ...body } = bodyOf(content, zone, always)
  if (hidden) {
    const { start, end, recurrence } = body
    const series = recurrence === undefined ? {} : { recurrence }
    return { ...head, status, ...instance, visibility: content.plain.visibility, start, end, ...series }
  }
  return {
    ...head,
    status,
    htmlLink: `https://www.google.com/calendar/event?eid=${Buffer.from(`${record.id} ${calendar.id}`).toString('base64url')}`,
    created: new Date(record.created).toISOString(),
    updated: new Date(record.updated).toISOString(),
    ...people(view, record),
    ...body,
    ...attendeesJson(view, record),
    ...instance,
    iCalUID: record.iCalUID,
    sequence: record.sequence,
    eventType: 'default',
  }
}

/** Readers see when a private event is, and no more. */
function isHidden({ role, user }: View, { content }: EventRecord): boolean {
  const visibility = content?.plain.visibility
  if (role === 'freeBusyReader') return true
  if (role !== 'reader' || visibility === undefined || visibility === 'public') return false
  return !(content?.attendees ?? []).some(({ email }) => email === user.email)
}

function people({ world, calendar, user }: View, record: EventRecord): Record<string, unknown> {
  const named = [...world.users.values()].find(({ email }) => email === record.creator)
  const organizer = record.organizer ?? {
    email: calendar.id,
    ...(calendar.primary ? {} : { displayName: calendar.summary }),
  }
  return {
    creator: {
      email: record.creator,
      ...(named === undefined || named.email === user.email ? {} : { displayName: named.displayName }),
      ...(record.creator === calendar.id ? { self: true } : {}),
    },
    organizer: {
      email: organizer.email,
      ...(organizer.displayName === undefined ? {} : { displayName: organizer.displayName }),
      ...(organizer.email === calendar.id ? { self: true } : {}),
    },
  }
}

function attendeesJson(
  { world, calendar, maxAttendees }: View,
  { content, organizer }: EventRecord,
): Record<string, unknown> {
  const all = (content?.attendees ?? []).map((attendee) => ({
    ...attendee,
    ...(attendee.email === (organizer?.email ?? calendar.id) ? { organizer: true } : {}),
    ...(attendee.email === calendar.id ? { self: true } : {}),
  }))
  if (all.length === 0) return {}
  const most = maxAttendees ?? world.rules.guestsTold
  if (most === null || all.length <= most) return { attendees: all }
  const own = all.filter(({ email }) => email === calendar.id)
  return { ...(own.length > 0 ? { attendees: own } : {}), attendeesOmitted: true }
}

export function calendarJson(world: World, calendar: CalendarRecord) {
  return {
    kind: 'calendar#calendar',
    etag: etagOf(calendar.version),
    id: calendar.id,
    summary: calendar.summary,
    ...(calendar.description === '' ? {} : { description: calendar.description }),
    ...(calendar.location === '' ? {} : { location: calendar.location }),
    timeZone: calendar.timeZone,
    ...(calendar.primary ? {} : { dataOwner: world.users.get(calendar.owner)?.email }),
  }
}

export function entryJson(world: World, calendar: CalendarRecord, entry: ListEntry, caller: Caller) {
  const head = { kind: 'calendar#calendarListEntry', etag: etagOf(entry.version), id: entry.calendar }
  if (entry.deleted) return { ...head, deleted: true }
  const { kind: _, etag: __, ...about } = calendarJson(world, calendar)
  return {
    ...head,
    ...about,
    ...(entry.summaryOverride === '' ? {} : { summaryOverride: entry.summaryOverride }),
    colorId: entry.colorId,
    backgroundColor: entry.backgroundColor,
    foregroundColor: entry.foregroundColor,
    ...(entry.hidden ? { hidden: true } : {}),
    ...(entry.selected ? { selected: true } : {}),
    accessRole: calendar.access.get(caller.user.id) ?? 'reader',
    ...(entry.defaultReminders.length > 0 ? { defaultReminders: entry.defaultReminders } : {}),
    ...(entry.notifications.length > 0 ? { notificationSettings: { notifications: entry.notifications } } : {}),
    ...(calendar.id === caller.user.email ? { primary: true } : {}),
  }
}
