/** Reading events: one by its id, lists whole or since a sync token, and the instances of a series. */
import { emptyTimeRange, invalid, gone, leftOut, notFound } from './errors.ts'
import { listPage, type ListedPage } from './paging.ts'
import type { Query } from './query.ts'
import { eventJson, type EventJson, type View } from './render.ts'
import { anyWithin, asItIs, eventById, instancesWithin, isSeries, touches, type Series } from './series.ts'
import {
  enter,
  etagOf,
  hasVanished,
  listOf,
  placeOf,
  type CalendarRecord,
  type Caller,
  type EventRecord,
  type World,
} from './state.ts'
import { boundOf, isZone, parseCompact, sameTime, startOf } from './times.ts'

const DAY_MS = 86_400_000
const STANDARD = 250
const MOST = 2500
const EVENT_TYPES = ['birthday', 'default', 'focusTime', 'fromGmail', 'outOfOffice', 'workingLocation'] as const

/** What cannot be said together with a sync token. */
const NOT_WITH_SYNC = [
  'iCalUID',
  'orderBy',
  'privateExtendedProperty',
  'q',
  'sharedExtendedProperty',
  'timeMin',
  'timeMax',
  'updatedMin',
]
/** Filters that a sync cannot repeat; a time window it simply drops. */
const NOT_SYNCABLE = NOT_WITH_SYNC.filter((name) => !name.startsWith('time'))

/** The event that an id means, deleted or not; one that has vanished is not found. */
export function findEvent(world: World, calendar: CalendarRecord, id: string): EventRecord {
  const found = eventById(calendar, id)
  const record = found === null ? null : asItIs(calendar, found)
  if (record === null || hasVanished(world, calendar, record)) throw notFound()
  return record
}

export function viewOf(world: World, caller: Caller, calendarId: string, query: Query | null): View {
  const { calendar, role } = enter(world, caller, calendarId, 'freeBusyReader')
  const zone = query?.text('timeZone') ?? calendar.timeZone
  if (!isZone(zone)) throw invalid('Invalid time zone.', 'timeZone')
  const maxAttendees = query?.count('maxAttendees') ?? null
  if (maxAttendees !== null && maxAttendees < 1) throw invalid('Bad Request', 'maxAttendees')
  return { world, calendar, role, user: caller.user, zone, maxAttendees }
}

export function getEvent(world: World, caller: Caller, calendarId: string, id: string, query: Query | null): EventJson {
  const view = viewOf(world, caller, calendarId, query)
  return eventJson(view, findEvent(world, view.calendar, id))
}

interface Wanted {
  readonly showDeleted: boolean
  readonly singleEvents: boolean
  readonly timeMin: number | null
  readonly timeMax: number | null
  readonly updatedMin: number | null
  readonly iCalUID: string | null
  readonly q: string | null
  readonly orderBy: 'startTime' | 'updated' | null
  readonly private: readonly string[]
  readonly shared: readonly string[]
  readonly eventTypes: readonly string[]
}

export function listEvents(world: World, caller: Caller, calendarId: string, query: Query) {
  const view = viewOf(world, caller, calendarId, query)
  const wanted = wantedOf(world, query)
  const syncToken = query.text('syncToken')
  if (syncToken !== null) checkSyncQuery(query)
  const repeated = [wanted.singleEvents, wanted.showDeleted, wanted.eventTypes, view.zone, view.maxAttendees]
  const page = listPage({
    world,
    resource: ['events', view.calendar.id, caller.user.id],
    pageToken: query.text('pageToken'),
    syncToken,
    maxResults: query.count('maxResults'),
    standard: STANDARD,
    most: MOST,
    pageParameters: [wanted, view.zone, view.maxAttendees],
    syncParameters: repeated,
    syncable: world.rules.filteredListsGiveTokens || !NOT_SYNCABLE.some((name) => query.texts(name).length > 0),
    items: (since) =>
      selected(view, wanted, since).map((record) => ({ key: keyOf(view, wanted, record), item: record })),
  })
  return eventsJson(view, caller, page, syncToken !== null && !wanted.showDeleted)
}

function checkSyncQuery(query: Query): void {
  for (const name of NOT_WITH_SYNC)
    if (query.texts(name).length > 0)
      throw invalid(`The parameter ${name} cannot be used together with a sync token.`, name)
  if (query.flag('showDeleted') === false)
    throw invalid('showDeleted cannot be false together with a sync token.', 'showDeleted')
  if (query.flag('singleEvents') === true) throw leftOut('incremental lists of single events')
}

function wantedOf(world: World, query: Query): Wanted {
  const bound = (name: string): number | null => {
    const text = query.text(name)
    return text === null ? null : boundOf(text, name)
  }
  const timeMin = bound('timeMin')
  const timeMax = bound('timeMax')
  if (timeMin !== null && timeMax !== null && timeMin >= timeMax) throw emptyTimeRange('timeMax')
  const updatedMin = bound('updatedMin')
  if (updatedMin !== null && updatedMin < world.ports.now() - world.rules.updatedMinDays * DAY_MS)
    throw gone('updatedMinTooLongAgo')
  const singleEvents = query.flag('singleEvents') ?? false
  const orderBy = query.oneOf('orderBy', ['startTime', 'updated'])
  if (orderBy === 'startTime' && !singleEvents)
    throw invalid('The requested ordering is not available for the particular query.', 'orderBy')
  const eventTypes = query.texts('eventTypes')
  if (eventTypes.some((type) => !EVENT_TYPES.some((known) => known === type)))
    throw invalid('Invalid value for: eventTypes', 'eventTypes')
  return {
    showDeleted: query.flag('showDeleted') ?? false,
    singleEvents,
    timeMin,
    timeMax,
    updatedMin,
    iCalUID: query.text('iCalUID'),
    q: query.text('q'),
    orderBy,
    private: constraints(query, 'privateExtendedProperty'),
    shared: constraints(query, 'sharedExtendedProperty'),
    eventTypes,
  }
}

function constraints(query: Query, name: string): readonly string[] {
  const given = query.texts(name)
  if (given.some((constraint) => !constraint.includes('='))) throw invalid(`Invalid value for: ${name}`, name)
  return given
}

function selected(view: View, wanted: Wanted, since: number | null): EventRecord[] {
  const { world, calendar } = view
  if (wanted.eventTypes.length > 0 && !wanted.eventTypes.includes('default')) return []
  const chosen: EventRecord[] = []
  for (const kept of calendar.events.values()) {
    if (since !== null && kept.version <= since) continue
    if (hasVanished(world, calendar, kept)) continue
    const record = asItIs(calendar, kept)
    for (const shown of shownFor(view, wanted, record))
      if (isShown(shown, calendar, wanted, since) && matches(shown, wanted)) chosen.push(shown)
  }
  return chosen
}

/** What stands in the list for a record: itself, or for a series its instances. */
function shownFor(view: View, wanted: Wanted, record: EventRecord): EventRecord[] {
  const { world, calendar, zone } = view
  const window = { from: wanted.timeMin, to: wanted.timeMax, zone }
  if (!isSeries(record)) {
    // A series brings its exceptions along.
    if (wanted.singleEvents && record.instance !== null) return []
    return (window.from === null && window.to === null) || touches(record, window) ? [record] : []
  }
  if (wanted.singleEvents) return instancesWithin(calendar, record, { ...window, to: endOf(world, record, window) })
  if (window.from === null && window.to === null) return [record]
  return anyWithin(calendar, record, { ...window, to: endOf(world, record, window) }) ? [record] : []
}

/** Series without an end are looked at as far ahead as Calendar might expand them. */
function endOf(
  world: World,
  series: Series,
  window: { readonly from: number | null; readonly to: number | null },
): number {
  if (window.to !== null) return window.to
  const latest = Math.max(world.ports.now(), window.from ?? 0, startOf(series.content.start, 'UTC'))
  return latest + world.rules.expansionDays * DAY_MS
}

/** Deleted events come when they are asked for, or when the list tells changes. */
function isShown(record: EventRecord, calendar: CalendarRecord, wanted: Wanted, since: number | null): boolean {
  if (!record.cancelled || wanted.showDeleted || since !== null || wanted.updatedMin !== null) return true
  const series = record.instance === null ? undefined : calendar.events.get(record.instance.series)
  return series !== undefined && !series.cancelled && !wanted.singleEvents
}

function matches(record: EventRecord, wanted: Wanted): boolean {
  const { content } = record
  if (wanted.updatedMin !== null && record.updated < wanted.updatedMin) return false
  if (wanted.iCalUID !== null && record.iCalUID !== wanted.iCalUID) return false
  const holds = (properties: Readonly<Record<string, string>>, constraint: string): boolean => {
    const split = constraint.indexOf('=')
    return properties[constraint.slice(0, split)] === constraint.slice(split + 1)
  }
  if (!wanted.private.every((constraint) => holds(content?.private ?? {}, constraint))) return false
  if (!wanted.shared.every((constraint) => holds(content?.shared ?? {}, constraint))) return false
  if (wanted.q === null) return true
  const { summary, description, location } = content?.plain ?? {}
  const guests = (content?.attendees ?? []).flatMap(({ email, displayName }) => [email, displayName])
  const text = [summary, description, location, ...guests].join('\n').toLowerCase()
  return wanted.q
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

function keyOf({ calendar, zone }: View, { orderBy }: Wanted, record: EventRecord): string {
  const place = `${record.place ?? placeOf(calendar.id, record.id)}${record.id}`
  const padded = (value: number): string => String(value + 1e15).padStart(17, '0')
  if (orderBy === 'updated') return `${padded(record.updated)}${place}`
  if (orderBy === null) return place
  const start = record.content?.start ?? record.instance?.original
  return `${padded(start === undefined ? 0 : startOf(start, zone))}${place}`
}

function eventsJson(view: View, caller: Caller, page: ListedPage<EventRecord>, bare: boolean) {
  const { world, calendar, role } = view
  const entry = listOf(world, caller.user.id).get(calendar.id)
  return {
    kind: 'calendar#events',
    etag: etagOf(world.version),
    summary: calendar.summary,
    ...(calendar.description === '' ? {} : { description: calendar.description }),
    updated: new Date(calendar.updated).toISOString(),
    timeZone: calendar.timeZone,
    accessRole: role,
    defaultReminders: entry?.defaultReminders ?? [],
    ...page.next,
    items: page.items.map((record) => eventJson(view, record, bare)),
  }
}

export function listInstances(world: World, caller: Caller, calendarId: string, id: string, query: Query) {
  const view = viewOf(world, caller, calendarId, query)
  const series = findEvent(world, view.calendar, id)
  if (!isSeries(series)) throw invalid('The event is not a recurring one.')
  const showDeleted = query.flag('showDeleted') ?? false
  const originalStart = query.text('originalStart')
  const bound = (name: string): number | null => {
    const text = query.text(name)
    return text === null ? null : boundOf(text, name)
  }
  const window = { from: bound('timeMin'), to: bound('timeMax'), zone: view.zone }
  const pageParameters = [showDeleted, originalStart, window, view.maxAttendees]
  const page = listPage({
    world,
    resource: ['instances', view.calendar.id, id, caller.user.id],
    pageToken: query.text('pageToken'),
    syncToken: null,
    maxResults: query.count('maxResults'),
    standard: STANDARD,
    most: MOST,
    pageParameters,
    syncParameters: [],
    syncable: false,
    items: () =>
      // The lower bound is inclusive here, unlike in the list of events.
      instancesWithin(view.calendar, series, {
        ...window,
        from: window.from === null ? null : window.from - 1,
        to: endOf(world, series, window),
      })
        .filter((record) => showDeleted || !record.cancelled)
        .filter((record) => originalStart === null || startsAt(record, originalStart))
        .map((record) => ({ key: keyOf(view, ORDERED, record), item: record })),
  })
  return eventsJson(view, caller, page, false)
}

const ORDERED: Wanted = {
  showDeleted: false,
  singleEvents: true,
  timeMin: null,
  timeMax: null,
  updatedMin: null,
  iCalUID: null,
  q: null,
  orderBy: 'startTime',
  private: [],
  shared: [],
  eventTypes: [],
}

/** `originalStart` is a day or a time with an offset. */
function startsAt({ instance }: EventRecord, text: string): boolean {
  if (instance === null) return false
  const wanted = /^\d{4}-\d\d-\d\d$/.test(text)
    ? parseCompact(text.replaceAll('-', ''))
    : { at: boundOf(text, 'originalStart'), zone: null }
  return wanted !== null && sameTime(instance.original, wanted)
}
