/** Writing events: made, imported, changed, cancelled, brought back, and moved between calendars. */
import { attachmentsAfter, bodyOf, contentOf, parseEvent, patched, type Content } from './event-body.ts'
import { duplicate, forbidden, gone, invalid, notFound, preconditionFailed, required } from './errors.ts'
import { findEvent } from './events-read.ts'
import { sendMail, type Told } from './mail.ts'
import { eventJson, type EventJson } from './render.ts'
import { exceptionsOf, isSeries, makes, withoutOwn } from './series.ts'
import {
  enter,
  etagOf,
  keepEvent,
  makeId,
  type CalendarRecord,
  type Caller,
  type EventRecord,
  type World,
} from './state.ts'
import type { UsageMeter } from './usage.ts'

/** What the writes of one request share. */
export interface Writing {
  readonly world: World
  readonly usage: UsageMeter
  readonly caller: Caller
  readonly told: Told
  /** The `If-Match` header. */
  readonly ifMatch: string | null
  readonly supportsAttachments: boolean
  readonly maxAttendees: number | null
}

const CLIENT_ID = /^[a-v0-9]{5,1024}$/

export function insertEvent(writing: Writing, calendarId: string, value: unknown): EventJson {
  const { world, usage, caller } = writing
  const { calendar } = enter(world, caller, calendarId, 'writer')
  const body = parseEvent(value)
  if (body.status === 'cancelled') throw invalid('A new event cannot be cancelled.')
  if (body.id && body.iCalUID) throw invalid('Only one of id and iCalUID can be given.')
  if (body.id && !CLIENT_ID.test(body.id)) throw invalid('Invalid resource id value.')
  const content = contentOf(body, attachmentsAfter(body, writing.supportsAttachments, undefined))
  if (body.id && calendar.events.has(body.id)) throw duplicate()
  if (body.iCalUID && byUid(calendar, body.iCalUID) !== undefined) throw duplicate()
  usage.spend(caller.user.id, 'eventsCreated', 1)
  const id = body.id || makeId(world, 22)
  const made = newRecord(writing, { id, iCalUID: body.iCalUID || `${id}@google.com`, content })
  return kept(writing, calendar, null, { ...made, sequence: body.sequence ?? 0 })
}

/** The private copy of an event from elsewhere. One that came before under the same iCalUID is replaced. */
export function importEvent(writing: Writing, calendarId: string, value: unknown): EventJson {
  const { world, usage, caller } = writing
  const { calendar } = enter(world, caller, calendarId, 'writer')
  const body = parseEvent(value)
  if (!body.iCalUID) throw required('Missing iCalUID.')
  if (body.id) throw invalid('An imported event cannot be given an id.')
  const content = contentOf(body, attachmentsAfter(body, writing.supportsAttachments, undefined))
  const before = byUid(calendar, body.iCalUID)
  if (before === undefined) usage.spend(caller.user.id, 'eventsCreated', 1)
  const { email, displayName } = body.organizer ?? {}
  const made = {
    ...(before ?? newRecord(writing, { id: makeId(world, 22), iCalUID: body.iCalUID, content })),
    organizer: email && email !== calendar.id ? { email, ...(displayName ? { displayName } : {}) } : null,
    imported: true,
    content,
    cancelled: body.status === 'cancelled',
    sequence: body.sequence ?? before?.sequence ?? 0,
    updated: world.ports.now(),
  }
  return kept({ ...writing, told: 'none' }, calendar, before ?? null, made)
}

/** `how`: a whole event, or changes to be merged into it. A cancelled event whose status is set again comes back. */
export function changeEvent(
  writing: Writing,
  calendarId: string,
  id: string,
  value: unknown,
  how: 'update' | 'patch',
): EventJson {
  const { world, caller } = writing
  const { calendar } = enter(world, caller, calendarId, 'writer')
  const found = findEvent(world, calendar, id)
  const isForgotten = found.cancelled && !world.rules.cancelledKeepContent
  const before = isForgotten ? withoutOwn(calendar, found) : found
  checkMatch(writing, before)
  if (before.content === null) throw notFound()
  const body = parseEvent(how === 'update' ? value : patched(wholeBody(world, calendar, before, before.content), value))
  const attachments = attachmentsAfter(body, writing.supportsAttachments, before.content.plain.attachments)
  const content = contentOf(body, attachments)
  if (before.instance !== null && content.recurrence.length > 0) throw invalid('An instance cannot recur.')
  if (world.rules.sequenceChecked && body.sequence && body.sequence < before.sequence)
    throw invalid('Invalid sequence value: it is below the current sequence number of the resource.')
  if (isOthers(calendar, before) && !sameText(shared(before.content), shared(content)))
    throw forbidden('forbiddenForNonOrganizer', 'Shared properties can only be changed by the organizer of the event.')
  const cancelled = body.status === 'cancelled'
  const rescheduled = cancelled !== before.cancelled || !sameText(schedule(before.content), schedule(content))
  const after = {
    ...before,
    content,
    cancelled,
    sequence: Math.max(body.sequence ?? 0, before.sequence + (rescheduled ? 1 : 0)),
    // Reminders are the caller's own and do not count as a change of the event.
    updated:
      cancelled === before.cancelled && onlyReminders(before.content, content) ? before.updated : world.ports.now(),
  }
  const json = kept(writing, calendar, before, after)
  if (cancelled) cancelExceptions(world, calendar, after)
  else if (isSeries(before)) dropUnmade(world, calendar, after)
  if (before.cancelled && !cancelled) tellExceptions(world, calendar, after.id)
  return json
}

export function deleteEvent(writing: Writing, calendarId: string, id: string): void {
  const { world, caller } = writing
  const { calendar } = enter(world, caller, calendarId, 'writer')
  const before = findEvent(world, calendar, id)
  if (before.cancelled) throw gone('deleted')
  checkMatch(writing, before)
  const after = { ...before, cancelled: true, sequence: before.sequence + 1, updated: world.ports.now() }
  kept(writing, calendar, before, after)
  cancelExceptions(world, calendar, after)
}

/** The event keeps its id in the new calendar; the old one keeps a stub. */
export function moveEvent(writing: Writing, calendarId: string, id: string, destination: string): EventJson {
  const { world, caller } = writing
  const { calendar } = enter(world, caller, calendarId, 'writer')
  const { calendar: target } = enter(world, caller, destination, 'writer')
  const before = findEvent(world, calendar, id)
  checkMatch(writing, before)
  if (before.cancelled || before.content === null) throw gone('deleted')
  if (before.instance !== null) throw invalid('An instance cannot be moved without its series.')
  if (isOthers(calendar, before)) throw forbidden('forbiddenForNonOrganizer', 'Only the organizer can move the event.')
  if (target === calendar) throw invalid('The event is in this calendar already.')
  if (target.events.has(id)) throw duplicate()
  const exceptions = exceptionsOf(calendar, id)
  const updated = world.ports.now()
  const json = kept(writing, target, before, { ...before, sequence: before.sequence + 1, updated })
  for (const exception of exceptions) keepEvent(world, target, exception)
  const stub = { cancelled: true, content: null, updated }
  keepEvent(world, calendar, { ...before, ...stub })
  for (const exception of exceptions) keepEvent(world, calendar, { ...exception, ...stub })
  return json
}

function newRecord(
  { world, caller }: Writing,
  given: Pick<EventRecord, 'id' | 'iCalUID' | 'content'>,
): Omit<EventRecord, 'version' | 'place'> {
  const now = world.ports.now()
  return {
    ...given,
    created: Math.floor(now / 1000) * 1000,
    creator: caller.user.email,
    organizer: null,
    imported: false,
    instance: null,
    cancelled: false,
    sequence: 0,
    updated: now,
  }
}

function kept(
  writing: Writing,
  calendar: CalendarRecord,
  before: EventRecord | null,
  after: Omit<EventRecord, 'version' | 'place'>,
): EventJson {
  const { world, caller, usage, told, maxAttendees } = writing
  sendMail(world, usage, caller, told, calendar, before, { ...after, version: 0, place: null })
  const record = keepEvent(world, calendar, after)
  const role = calendar.access.get(caller.user.id) ?? 'writer'
  return eventJson({ world, calendar, role, user: caller.user, zone: calendar.timeZone, maxAttendees }, record)
}

function byUid(calendar: CalendarRecord, uid: string): EventRecord | undefined {
  for (const record of calendar.events.values())
    if (record.iCalUID === uid && record.instance === null && !record.cancelled) return record
  return undefined
}

function checkMatch({ ifMatch }: Writing, record: EventRecord): void {
  if (ifMatch === null || ifMatch.trim() === '*') return
  const etags = ifMatch.split(',').map((etag) => etag.trim())
  if (!etags.includes(etagOf(record.version))) throw preconditionFailed()
}

function wholeBody(world: World, calendar: CalendarRecord, before: EventRecord, content: Content) {
  const body = bodyOf(content, calendar.timeZone, world.rules.timeZoneAlwaysTold)
  return before.cancelled ? { ...body, status: 'cancelled' } : body
}

/** Somebody else's event in this calendar, which its guests may not change for all. */
function isOthers(calendar: CalendarRecord, record: EventRecord): boolean {
  if (record.organizer === null || record.organizer.email === calendar.id || record.imported) return false
  return record.content?.plain.guestsCanModify !== true
}

function schedule({ start, end, recurrence }: Content): unknown {
  return [start, end, recurrence]
}

/** What all copies of an event share; reminders, colour, private properties and one's own answer are one's own. */
function shared({ start, end, recurrence, plain, shared: properties, attendees }: Content): unknown {
  const { colorId: _, transparency: __, visibility: ___, ...texts } = plain
  return [start, end, recurrence, texts, properties, attendees.map(({ email }) => email)]
}

function onlyReminders(before: Content, after: Content): boolean {
  const { reminders: _, ...old } = before
  const { reminders: __, ...current } = after
  return sameText(old, current)
}

function sameText(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function cancelExceptions(
  world: World,
  calendar: CalendarRecord,
  series: Omit<EventRecord, 'version' | 'place'>,
): void {
  if (series.instance !== null || !world.rules.deletedSeriesTellExceptions) return
  for (const exception of exceptionsOf(calendar, series.id))
    keepEvent(world, calendar, { ...exception, cancelled: true, updated: series.updated })
}

/** With a series that comes back its exceptions come back, and are told again. */
function tellExceptions(world: World, calendar: CalendarRecord, series: string): void {
  for (const exception of exceptionsOf(calendar, series)) keepEvent(world, calendar, exception)
}

/** An exception whose start the changed series no longer makes is deleted with it. */
function dropUnmade(world: World, calendar: CalendarRecord, changed: Omit<EventRecord, 'version' | 'place'>): void {
  const series = calendar.events.get(changed.id)
  if (series === undefined) return
  for (const exception of exceptionsOf(calendar, changed.id)) {
    if (exception.cancelled || exception.instance === null) continue
    if (isSeries(series) && makes(series, exception.instance.original)) continue
    keepEvent(world, calendar, { ...exception, cancelled: true, updated: world.ports.now() })
  }
}
