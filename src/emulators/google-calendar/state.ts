/** The state of an emulated Calendar: calendars with their events, and each user's list of calendars. */
import { createHash } from 'node:crypto'
import type { EmulatorPorts } from '../emulator.ts'
import { forbidden, notFound } from './errors.ts'
import type { Content, Reminder } from './event-body.ts'
import type { Role, Rules, UserSeed } from './options.ts'
import type { When } from './times.ts'

export interface EventRecord {
  readonly id: string
  readonly iCalUID: string
  readonly created: number
  readonly creator: string
  /** Null: the calendar itself. */
  readonly organizer: { readonly email: string; readonly displayName?: string | undefined } | null
  /** A private copy that was imported: whoever may write here may change it, whoever organizes it. */
  readonly imported: boolean
  /** The series that an instance belongs to. */
  readonly instance: { readonly series: string; readonly original: When } | null
  readonly cancelled: boolean
  /** Null: a stub that keeps nothing but the id. */
  readonly content: Content | null
  readonly sequence: number
  readonly updated: number
  /** The number of the change that made the record as it is. */
  readonly version: number
  /** Where an unordered list puts it: Calendar's order is stable and means nothing. Null: not worked out yet. */
  readonly place: string | null
}

export interface CalendarRecord {
  readonly id: string
  readonly owner: string
  readonly primary: boolean
  /** The project of the app that made it; null: a person in the window. */
  readonly madeBy: string | null
  readonly access: Map<string, Role>
  readonly events: Map<string, EventRecord>
  /** Ids of the exceptions of each series. */
  readonly exceptions: Map<string, Set<string>>
  summary: string
  description: string
  location: string
  timeZone: string
  deleted: boolean
  version: number
  updated: number
}

/** A calendar on a user's list. */
export interface ListEntry {
  readonly calendar: string
  readonly colorId: string
  readonly backgroundColor: string
  readonly foregroundColor: string
  readonly summaryOverride: string
  readonly selected: boolean
  readonly hidden: boolean
  readonly deleted: boolean
  readonly defaultReminders: readonly Reminder[]
  readonly notifications: readonly { readonly type: string; readonly method: string }[]
  readonly version: number
}

/** An e-mail that Calendar would have sent to guests. */
export interface Mail {
  readonly at: number
  readonly calendar: string
  readonly event: string
  readonly kind: 'invitation' | 'update' | 'cancellation'
  readonly to: readonly string[]
}

export interface World {
  readonly ports: EmulatorPorts
  readonly rules: Rules
  readonly users: ReadonlyMap<string, UserSeed>
  readonly calendars: Map<string, CalendarRecord>
  /** By user and then by calendar. */
  readonly lists: Map<string, Map<string, ListEntry>>
  readonly mails: Mail[]
  /** Hears which watchable resource has changed. */
  changed(resource: Resource): void
  /** The newest number of a change. */
  version: number
  /** Sync tokens from before this change are dead. */
  tokensFrom: number
  ids: number
}

export type Resource =
  | { readonly kind: 'events'; readonly calendar: string; readonly gone?: boolean }
  | { readonly kind: 'calendarList'; readonly user: string }

/** Who asks, and through which project; null: a person in Calendar's own window. */
export interface Caller {
  readonly user: UserSeed
  readonly app: string | null
  /** Where scopes reach no further than some calendars: those that the user owns, or that the app made. */
  readonly reach?: { readonly owned: boolean; readonly madeByApp: boolean }
}

const ROLES: readonly Role[] = ['freeBusyReader', 'reader', 'writer', 'owner']

export function atLeast(role: Role, wanted: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(wanted)
}

export function nextVersion(world: World): number {
  world.version += 1
  return world.version
}

/** Puts an event as it now is, under a new version, and tells whoever watches. */
export function keepEvent(
  world: World,
  calendar: CalendarRecord,
  record: Omit<EventRecord, 'version' | 'place'>,
): EventRecord {
  const kept = { ...record, version: nextVersion(world), place: placeOf(calendar.id, record.id) }
  calendar.events.set(kept.id, kept)
  if (kept.instance !== null) {
    const exceptions = calendar.exceptions.get(kept.instance.series) ?? new Set<string>()
    calendar.exceptions.set(kept.instance.series, exceptions.add(kept.id))
  }
  world.changed({ kind: 'events', calendar: calendar.id })
  return kept
}

export function placeOf(calendar: string, id: string): string {
  return createHash('sha256').update(`${calendar}\n${id}`).digest('hex').slice(0, 16)
}

export function etagOf(version: number): string {
  return `"${3_000_000_000_000_000 + version * 2000}"`
}

const ID_CHARACTERS = 'abcdefghijklmnopqrstuv0123456789'

/** Chance may be a constant; the counter makes the difference. */
export function makeId(world: World, length: number): string {
  let id = ''
  for (let i = 0; i < length; i += 1) id += ID_CHARACTERS[Math.floor(world.ports.random() * 32)] ?? 'a'
  world.ids += 1
  return `${id}${world.ids.toString(32).padStart(4, '0')}`
}

/** The calendar behind an id or `primary`, when the caller's role there is high enough. */
export function enter(
  world: World,
  caller: Caller,
  id: string,
  wanted: Role,
): { readonly calendar: CalendarRecord; readonly role: Role } {
  const calendar = world.calendars.get(id === 'primary' ? caller.user.email : id.toLowerCase())
  const role = calendar?.access.get(caller.user.id)
  if (calendar === undefined || role === undefined || calendar.deleted) throw notFound()
  if (!isReached(caller, calendar, role))
    throw forbidden('insufficientPermissions', 'Request had insufficient authentication scopes.')
  if (!atLeast(role, wanted))
    throw wanted === 'writer' || wanted === 'owner'
      ? forbidden('requiredAccessLevel', `You need to have ${wanted} access to this calendar.`)
      : forbidden('forbidden', 'Forbidden')
  return { calendar, role }
}

function isReached({ app, reach }: Caller, calendar: CalendarRecord, role: Role): boolean {
  if (reach === undefined) return true
  return (reach.owned && role === 'owner') || (reach.madeByApp && calendar.madeBy !== null && calendar.madeBy === app)
}

export function listOf(world: World, user: string): Map<string, ListEntry> {
  const list = world.lists.get(user) ?? new Map<string, ListEntry>()
  world.lists.set(user, list)
  return list
}

/** Whether a deleted event is no longer shown at all. Cancelled instances stay as long as their series lives. */
export function hasVanished(world: World, calendar: CalendarRecord, record: EventRecord): boolean {
  if (!record.cancelled) return false
  const series = record.instance === null ? undefined : calendar.events.get(record.instance.series)
  if (series !== undefined && !series.cancelled) return false
  return world.ports.now() >= record.updated + world.rules.tombstoneDays * 86_400_000
}
