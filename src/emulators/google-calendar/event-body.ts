/** What a caller may write of an event: its JSON as a schema, the checked content behind it, and the way back. */
import { z } from 'zod'
import { CalendarError, emptyTimeRange, invalid, leftOut, required } from './errors.ts'
import { checkRecurrence } from './recurrence.ts'
import { dayMs, jsonOf, whenOf, type When } from './times.ts'

const anything = z.unknown().optional()
const text = z.string().nullish()
const flag = z.boolean().nullish()
const TIME = z.strictObject({ date: text, dateTime: text, timeZone: text })
const MAIL = /^[^\s@]+@[^\s@]+$/

const ATTENDEE = z.strictObject({
  email: z.string().regex(MAIL, 'Invalid attendee email.'),
  displayName: text,
  optional: flag,
  resource: flag,
  responseStatus: z.enum(['needsAction', 'declined', 'tentative', 'accepted']).nullish(),
  comment: text,
  additionalGuests: z.int().nonnegative().nullish(),
  id: anything,
  organizer: anything,
  self: anything,
  asyncOperation: anything,
})
const REMINDER = z.strictObject({ method: z.enum(['email', 'popup']), minutes: z.int().min(0).max(40_320) })
const PROPERTIES = z.record(z.string(), z.string().nullable())
const ATTACHMENT = z.strictObject({
  fileUrl: z.string(),
  title: text,
  mimeType: text,
  iconLink: text,
  fileId: anything,
})

/** Fields that only Google sets are taken and forgotten, so that a whole resource may be sent back. */
const OUTPUT = {
  kind: anything,
  etag: anything,
  created: anything,
  updated: anything,
  creator: anything,
  hangoutLink: anything,
  htmlLink: anything,
  locked: anything,
  recurringEventId: anything,
  originalStartTime: anything,
  attendeesOmitted: anything,
  endTimeUnspecified: anything,
  privateCopy: anything,
  gadget: anything,
}

export const EVENT = z.strictObject({
  ...OUTPUT,
  id: text,
  iCalUID: text,
  organizer: z.looseObject({ email: text, displayName: text }).nullish(),
  status: z.enum(['confirmed', 'tentative', 'cancelled']).nullish(),
  summary: text,
  description: text,
  location: text,
  colorId: text,
  start: TIME.nullish(),
  end: TIME.nullish(),
  recurrence: z.array(z.string()).nullish(),
  transparency: z.enum(['opaque', 'transparent']).nullish(),
  visibility: z.enum(['default', 'public', 'private', 'confidential']).nullish(),
  attendees: z.array(ATTENDEE).nullish(),
  reminders: z.strictObject({ useDefault: flag, overrides: z.array(REMINDER).nullish() }).nullish(),
  extendedProperties: z.strictObject({ private: PROPERTIES.nullish(), shared: PROPERTIES.nullish() }).nullish(),
  guestsCanInviteOthers: flag,
  guestsCanModify: flag,
  guestsCanSeeOtherGuests: flag,
  anyoneCanAddSelf: flag,
  source: z.strictObject({ title: text, url: text }).nullish(),
  sequence: z.int().nonnegative().nullish(),
  attachments: z.array(ATTACHMENT).nullish(),
  eventType: z.enum(['birthday', 'default', 'focusTime', 'fromGmail', 'outOfOffice', 'workingLocation']).nullish(),
  conferenceData: anything,
  eventLabelId: anything,
  birthdayProperties: anything,
  focusTimeProperties: anything,
  outOfOfficeProperties: anything,
  workingLocationProperties: anything,
})

export type EventBody = z.input<typeof EVENT>
type Parsed = z.output<typeof EVENT>
export type Reminder = z.output<typeof REMINDER>
type Properties = Readonly<Record<string, string>>

export interface Attendee {
  readonly email: string
  readonly displayName?: string
  readonly optional?: true
  readonly resource?: true
  readonly responseStatus: 'needsAction' | 'declined' | 'tentative' | 'accepted'
  readonly comment?: string
  readonly additionalGuests?: number
}

/** An event's own data. Whatever equals Google's default is absent. */
export interface Content {
  readonly status: 'confirmed' | 'tentative'
  readonly start: When
  readonly end: When
  readonly recurrence: readonly string[]
  readonly attendees: readonly Attendee[]
  readonly reminders: { readonly useDefault: boolean; readonly overrides?: readonly Reminder[] }
  readonly private: Properties
  readonly shared: Properties
  /** Texts, choices and switches that need no treatment. */
  readonly plain: Plain
}

export interface Plain {
  readonly summary?: string
  readonly description?: string
  readonly location?: string
  readonly colorId?: string
  readonly transparency?: 'transparent'
  readonly visibility?: 'public' | 'private' | 'confidential'
  readonly guestsCanInviteOthers?: false
  readonly guestsCanModify?: true
  readonly guestsCanSeeOtherGuests?: false
  readonly anyoneCanAddSelf?: true
  readonly source?: { readonly title?: string; readonly url?: string }
  readonly attachments?: readonly Record<string, unknown>[]
}

export function parseEvent(value: unknown): Parsed {
  const parsed = EVENT.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  if (issue?.code === 'unrecognized_keys')
    throw invalid(`Unknown name "${issue.keys.join('", "')}" at '${issue.path.join('.')}'`)
  throw invalid(
    issue?.message.startsWith('Invalid attendee') ? issue.message : `Invalid value for: ${issue?.path.join('.')}`,
  )
}

/** `attachments`: whether the caller says that it knows of them; else the event keeps those that it has. */
export function contentOf(body: Parsed, attachments: Plain['attachments']): Content {
  if (body.start === null || body.start === undefined) throw required('Missing start time.')
  if (body.end === null || body.end === undefined) throw required('Missing end time.')
  if (body.eventType !== undefined && body.eventType !== null && body.eventType !== 'default')
    throw leftOut(`events of the type ${body.eventType}`)
  const start = whenOf(body.start, 'start')
  const end = whenOf(body.end, 'end')
  checkRange(start, end)
  const recurrence = body.recurrence ?? []
  if (recurrence.length > 0) checkRecurrence(recurrence, start)
  return {
    status: body.status === 'tentative' ? 'tentative' : 'confirmed',
    start,
    end,
    recurrence,
    attendees: (body.attendees ?? []).map(attendeeOf),
    reminders: remindersOf(body),
    private: propertiesOf(body.extendedProperties?.private),
    shared: propertiesOf(body.extendedProperties?.shared),
    plain: plainOf(body, attachments),
  }
}

function checkRange(start: When, end: When): void {
  if ('day' in start !== 'day' in end)
    throw invalid('Start and end times must either both be date or both be dateTime.')
  if ('day' in start && 'day' in end && dayMs(end.day) <= dayMs(start.day)) throw emptyTimeRange('end')
  if ('at' in start && 'at' in end && end.at < start.at) throw emptyTimeRange('end')
}

function attendeeOf(body: z.output<typeof ATTENDEE>): Attendee {
  return {
    email: body.email,
    ...(body.displayName ? { displayName: body.displayName } : {}),
    ...(body.optional === true ? { optional: true as const } : {}),
    ...(body.resource === true ? { resource: true as const } : {}),
    responseStatus: body.responseStatus ?? 'needsAction',
    ...(body.comment ? { comment: body.comment } : {}),
    ...(body.additionalGuests ? { additionalGuests: body.additionalGuests } : {}),
  }
}

const MOST_REMINDERS = 5

function remindersOf(body: Parsed): Content['reminders'] {
  const overrides = body.reminders?.overrides ?? []
  if (overrides.length > MOST_REMINDERS) throw invalid('Too many override reminders.')
  const useDefault = body.reminders?.useDefault ?? (body.reminders === null || body.reminders === undefined)
  if (useDefault && overrides.length > 0)
    throw new CalendarError({
      code: 400,
      domain: 'calendar',
      reason: 'cannotUseDefaultRemindersAndSpecifyOverride',
      message: 'Cannot specify both default reminders and overrides at the same time.',
    })
  return { useDefault, ...(overrides.length > 0 ? { overrides } : {}) }
}

const KEY_CHARACTERS = 44
const VALUE_CHARACTERS = 1024
const MOST_PROPERTIES = 300
const ALL_PROPERTIES_BYTES = 32 * 1024

/** As the guide to extended properties says: long keys are dropped, long values are cut, and neither is told. */
function propertiesOf(given: Readonly<Record<string, string | null>> | null | undefined): Properties {
  const kept: [string, string][] = []
  for (const [key, value] of Object.entries(given ?? {}))
    if (value !== null && key.length <= KEY_CHARACTERS) kept.push([key, value.slice(0, VALUE_CHARACTERS)])
  const size = kept.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0)
  if (kept.length > MOST_PROPERTIES || size > ALL_PROPERTIES_BYTES) throw invalid('Too many extended properties.')
  return Object.fromEntries(kept)
}

const COLORS = 11

function plainOf(body: Parsed, attachments: Plain['attachments']): Plain {
  const { summary, description, location, colorId, transparency, visibility, source } = body
  if (colorId && !(/^[1-9]\d?$/.test(colorId) && Number(colorId) <= COLORS)) throw invalid('Invalid color id.')
  if (source?.url && !/^https?:/.test(source.url)) throw invalid('Invalid source URL.')
  const from = {
    ...(source?.title ? { title: source.title } : {}),
    ...(source?.url ? { url: source.url } : {}),
  }
  return {
    ...(summary ? { summary } : {}),
    ...(description ? { description } : {}),
    ...(location ? { location } : {}),
    ...(colorId ? { colorId } : {}),
    ...(transparency === 'transparent' ? { transparency } : {}),
    ...(visibility && visibility !== 'default' ? { visibility } : {}),
    ...(body.guestsCanInviteOthers === false ? { guestsCanInviteOthers: false as const } : {}),
    ...(body.guestsCanModify === true ? { guestsCanModify: true as const } : {}),
    ...(body.guestsCanSeeOtherGuests === false ? { guestsCanSeeOtherGuests: false as const } : {}),
    ...(body.anyoneCanAddSelf === true ? { anyoneCanAddSelf: true as const } : {}),
    ...(Object.keys(from).length > 0 ? { source: from } : {}),
    ...(attachments === undefined || attachments.length === 0 ? {} : { attachments }),
  }
}

const MOST_ATTACHMENTS = 25

/** The attachments after a write: those that the event has, unless the caller says that it knows of them. */
export function attachmentsAfter(body: Parsed, supported: boolean, before: Plain['attachments']): Plain['attachments'] {
  if (!supported) return before
  const given = body.attachments ?? []
  if (given.length > MOST_ATTACHMENTS) throw invalid('Too many attachments.')
  return given.map((attachment) =>
    Object.fromEntries(
      Object.entries(attachment).filter(([name, value]) => name !== 'fileId' && typeof value === 'string'),
    ),
  )
}

/** The content as a caller could have written it. */
export function bodyOf(content: Content, zone: string, zoneAlways: boolean) {
  const { private: own, shared } = content
  const properties = {
    ...(Object.keys(own).length > 0 ? { private: own } : {}),
    ...(Object.keys(shared).length > 0 ? { shared } : {}),
  }
  return {
    status: content.status,
    ...content.plain,
    start: jsonOf(content.start, zone, zoneAlways || content.recurrence.length > 0),
    end: jsonOf(content.end, zone, zoneAlways || content.recurrence.length > 0),
    ...(content.recurrence.length > 0 ? { recurrence: content.recurrence } : {}),
    ...(content.attendees.length > 0 ? { attendees: content.attendees } : {}),
    ...(Object.keys(properties).length > 0 ? { extendedProperties: properties } : {}),
    reminders: content.reminders,
  }
}

/** Patch semantics: objects are merged, lists and values replaced, and null takes away. */
export function patched(before: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const result: Record<string, unknown> = isObject(before) ? { ...before } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else result[key] = patched(result[key], value)
  }
  return result
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
