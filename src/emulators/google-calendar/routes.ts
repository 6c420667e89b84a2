/** The methods of the Calendar API that the emulator answers, with their scopes. */
import { changeEntry, colorsJson, deleteEntry, getEntry, insertEntry, listCalendars } from './calendar-list.ts'
import { changeCalendar, clearCalendar, deleteCalendar, getCalendar, insertCalendar } from './calendars.ts'
import type { Channels } from './channels.ts'
import { leftOut, required } from './errors.ts'
import { getEvent, listEvents, listInstances } from './events-read.ts'
import { changeEvent, deleteEvent, importEvent, insertEvent, moveEvent, type Writing } from './events-write.ts'
import { toldBy } from './mail.ts'
import type { Query } from './query.ts'
import { enter, type Caller, type World } from './state.ts'
import type { UsageMeter } from './usage.ts'

export interface Call {
  readonly world: World
  readonly usage: UsageMeter
  readonly channels: Channels
  readonly caller: Caller
  /** A part of the path. */
  param(name: string): string
  readonly query: Query
  /** The body's JSON. */
  json(): unknown
  readonly ifMatch: string | null
}

/** `wrote`: null answers 204. `name`: what was written. */
export type Outcome = { readonly read: object } | { readonly wrote: object | null; readonly name: string }

export interface Method {
  readonly id: string
  readonly verb: string
  readonly path: string
  /** Any one of these, without the common prefix. */
  readonly scopes: readonly string[]
  readonly query: readonly string[]
  readonly run: (call: Call) => Outcome
}

const LISTS = ['calendar', 'calendar.calendarlist']
const SEE_LISTS = [...LISTS, 'calendar.calendarlist.readonly', 'calendar.readonly']
const CALENDARS = ['calendar', 'calendar.calendars']
/** These two reach some calendars alone. */
const OWNED = 'calendar.events.owned'
const MADE = 'calendar.app.created'
const MOVE_EVENTS = ['calendar', 'calendar.events', OWNED]
const EVENTS = [...MOVE_EVENTS, MADE]
const SEE_EVENTS = [...EVENTS, 'calendar.events.readonly', 'calendar.events.owned.readonly', 'calendar.readonly']
const COLORS = [...SEE_LISTS, MADE, OWNED, 'calendar.events.owned.readonly']
const ANY = [...new Set([...SEE_LISTS, ...SEE_EVENTS])]

const LIST_ENTRIES = [
  'maxResults',
  'minAccessRole',
  'pageToken',
  'showDeleted',
  'showHidden',
  'showOwnOrganizationOnly',
  'syncToken',
]
const LIST_EVENTS = [
  'alwaysIncludeEmail',
  'eventTypes',
  'iCalUID',
  'maxAttendees',
  'maxResults',
  'orderBy',
  'pageToken',
  'privateExtendedProperty',
  'q',
  'sharedExtendedProperty',
  'showDeleted',
  'showHiddenInvitations',
  'singleEvents',
  'syncToken',
  'timeMax',
  'timeMin',
  'timeZone',
  'updatedMin',
]
const TELLING = ['sendNotifications', 'sendUpdates']
const VERSIONS = ['conferenceDataVersion', 'eventLabelVersion', 'supportsAttachments']
const CHANGING = ['alwaysIncludeEmail', 'maxAttendees', ...TELLING, ...VERSIONS]

const ROOT = '/calendar/v3'
const LIST = `${ROOT}/users/me/calendarList`
const CALENDAR = `${ROOT}/calendars/:calendar`
const EVENT = `${CALENDAR}/events/:event`

function method(
  id: string,
  verb: string,
  path: string,
  scopes: readonly string[],
  query: readonly string[],
  run: Method['run'],
): Method {
  return { id: `calendar.${id}`, verb, path, scopes, query, run }
}

const listMethods: readonly Method[] = [
  method('calendarList.list', 'GET', LIST, SEE_LISTS, LIST_ENTRIES, ({ world, caller, query }) => ({
    read: listCalendars(world, caller, query),
  })),
  method('calendarList.get', 'GET', `${LIST}/:calendar`, [...SEE_LISTS, MADE], [], ({ world, caller, param }) => ({
    read: getEntry(world, caller, param('calendar')),
  })),
  method('calendarList.insert', 'POST', LIST, LISTS, ['colorRgbFormat'], ({ world, caller, query, json }) => {
    const entry = insertEntry(world, caller, json(), query.flag('colorRgbFormat') ?? false)
    return { wrote: entry, name: entry.id }
  }),
  ...(['update', 'patch'] as const).map((how) =>
    method(`calendarList.${how}`, verbOf(how), `${LIST}/:calendar`, [...LISTS, MADE], ['colorRgbFormat'], (call) => {
      const rgb = call.query.flag('colorRgbFormat') ?? false
      const entry = changeEntry(call.world, call.caller, call.param('calendar'), call.json(), how, rgb)
      return { wrote: entry, name: entry.id }
    }),
  ),
  method('calendarList.delete', 'DELETE', `${LIST}/:calendar`, [...LISTS, MADE], [], ({ world, caller, param }) => {
    deleteEntry(world, caller, param('calendar'))
    return { wrote: null, name: param('calendar') }
  }),
  method('calendarList.watch', 'POST', `${LIST}/watch`, SEE_LISTS, LIST_ENTRIES, ({ channels, caller, json }) => {
    const channel = channels.watch(caller, { kind: 'calendarList', user: caller.user.id }, json())
    return { wrote: channel, name: String(channel['id']) }
  }),
  method('colors.get', 'GET', `${ROOT}/colors`, COLORS, [], () => ({ read: colorsJson() })),
]

const calendarMethods: readonly Method[] = [
  method(
    'calendars.get',
    'GET',
    CALENDAR,
    [...CALENDARS, MADE, 'calendar.calendars.readonly', 'calendar.readonly'],
    [],
    ({ world, caller, param }) => ({ read: getCalendar(world, caller, param('calendar')) }),
  ),
  method(
    'calendars.insert',
    'POST',
    `${ROOT}/calendars`,
    [...CALENDARS, MADE],
    [],
    ({ world, usage, caller, json }) => {
      const calendar = insertCalendar(world, usage, caller, json())
      return { wrote: calendar, name: calendar.id }
    },
  ),
  ...(['update', 'patch'] as const).map((how) =>
    method(`calendars.${how}`, verbOf(how), CALENDAR, [...CALENDARS, MADE], [], ({ world, caller, param, json }) => {
      const calendar = changeCalendar(world, caller, param('calendar'), json(), how)
      return { wrote: calendar, name: calendar.id }
    }),
  ),
  method('calendars.delete', 'DELETE', CALENDAR, [...CALENDARS, MADE], [], ({ world, caller, param }) => {
    deleteCalendar(world, caller, param('calendar'))
    return { wrote: null, name: param('calendar') }
  }),
  method('calendars.clear', 'POST', `${CALENDAR}/clear`, CALENDARS, [], ({ world, caller, param }) => {
    clearCalendar(world, caller, param('calendar'))
    return { wrote: null, name: param('calendar') }
  }),
]

const eventMethods: readonly Method[] = [
  method('events.list', 'GET', `${CALENDAR}/events`, SEE_EVENTS, LIST_EVENTS, ({ world, caller, param, query }) => ({
    read: listEvents(world, caller, param('calendar'), query),
  })),
  method(
    'events.get',
    'GET',
    EVENT,
    SEE_EVENTS,
    ['alwaysIncludeEmail', 'maxAttendees', 'timeZone'],
    ({ world, caller, param, query }) => ({ read: getEvent(world, caller, param('calendar'), param('event'), query) }),
  ),
  method(
    'events.instances',
    'GET',
    `${EVENT}/instances`,
    SEE_EVENTS,
    [
      'alwaysIncludeEmail',
      'maxAttendees',
      'maxResults',
      'originalStart',
      'pageToken',
      'showDeleted',
      'timeMax',
      'timeMin',
      'timeZone',
    ],
    ({ world, caller, param, query }) => ({
      read: listInstances(world, caller, param('calendar'), param('event'), query),
    }),
  ),
  method('events.insert', 'POST', `${CALENDAR}/events`, EVENTS, ['maxAttendees', ...TELLING, ...VERSIONS], (call) =>
    written(insertEvent(writingOf(call), call.param('calendar'), call.json())),
  ),
  method('events.import', 'POST', `${CALENDAR}/events/import`, EVENTS, VERSIONS, (call) =>
    written(importEvent(writingOf(call), call.param('calendar'), call.json())),
  ),
  ...(['update', 'patch'] as const).map((how) =>
    method(`events.${how}`, verbOf(how), EVENT, EVENTS, CHANGING, (call) =>
      written(changeEvent(writingOf(call), call.param('calendar'), call.param('event'), call.json(), how)),
    ),
  ),
  method('events.move', 'POST', `${EVENT}/move`, MOVE_EVENTS, ['destination', ...TELLING], (call) => {
    const destination = call.query.text('destination')
    if (destination === null) throw required('Required parameter: destination')
    return written(moveEvent(writingOf(call), call.param('calendar'), call.param('event'), destination))
  }),
  method('events.delete', 'DELETE', EVENT, EVENTS, TELLING, (call) => {
    deleteEvent(writingOf(call), call.param('calendar'), call.param('event'))
    return { wrote: null, name: call.param('event') }
  }),
  method('events.watch', 'POST', `${CALENDAR}/events/watch`, SEE_EVENTS, LIST_EVENTS, (call) => {
    const { calendar } = enter(call.world, call.caller, call.param('calendar'), 'freeBusyReader')
    const channel = call.channels.watch(call.caller, { kind: 'events', calendar: calendar.id }, call.json())
    return { wrote: channel, name: String(channel['id']) }
  }),
  method('channels.stop', 'POST', `${ROOT}/channels/stop`, ANY, [], ({ channels, caller, json }) => {
    channels.stop(caller, json())
    return { wrote: null, name: 'channel' }
  }),
]

export const METHODS: readonly Method[] = [...listMethods, ...calendarMethods, ...eventMethods]

/** How far those scopes reach of a token that the method takes; undefined: everywhere. */
export function reachOf(scopes: readonly string[]): Caller['reach'] {
  const owned = (scope: string): boolean => scope.startsWith(OWNED)
  if (scopes.some((scope) => !owned(scope) && scope !== MADE)) return undefined
  return { owned: scopes.some((scope) => owned(scope)), madeByApp: scopes.includes(MADE) }
}

function verbOf(how: 'update' | 'patch'): string {
  return how === 'update' ? 'PUT' : 'PATCH'
}

function written(event: { readonly id: string }): Outcome {
  return { wrote: event, name: event.id }
}

function writingOf({ world, usage, caller, query, ifMatch }: Call): Writing {
  if ((query.count('conferenceDataVersion') ?? 0) > 0) throw leftOut('conference data')
  if ((query.count('eventLabelVersion') ?? 0) > 0) throw leftOut('event labels')
  return {
    world,
    usage,
    caller,
    told: toldBy(query),
    ifMatch,
    supportsAttachments: query.flag('supportsAttachments') ?? false,
    maxAttendees: query.count('maxAttendees'),
  }
}
