/** A user's list of calendars, with the user's own name, colour and reminders for each. */
import { z } from 'zod'
import { CALENDAR_COLORS, EVENT_COLORS } from './colors.ts'
import { duplicate, invalid, leftOut, notFound, required } from './errors.ts'
import { listPage } from './paging.ts'
import { parseAs, type Query } from './query.ts'
import { entryJson } from './render.ts'
import {
  atLeast,
  enter,
  listOf,
  nextVersion,
  type CalendarRecord,
  type Caller,
  type ListEntry,
  type World,
} from './state.ts'

const text = z.string().nullish()
const flag = z.boolean().nullish()
const anything = z.unknown().optional()
const REMINDER = z.strictObject({ method: z.enum(['email', 'popup']), minutes: z.int().min(0).max(40_320) })
const NOTIFICATION = z.strictObject({
  type: z.enum(['eventCreation', 'eventChange', 'eventCancellation', 'eventResponse', 'agenda']),
  method: z.enum(['email']),
})
const ENTRY = z.strictObject({
  id: text,
  summaryOverride: text,
  colorId: text,
  backgroundColor: text,
  foregroundColor: text,
  hidden: flag,
  selected: flag,
  defaultReminders: z.array(REMINDER).nullish(),
  notificationSettings: z.strictObject({ notifications: z.array(NOTIFICATION).nullish() }).nullish(),
  kind: anything,
  etag: anything,
  summary: anything,
  description: anything,
  location: anything,
  timeZone: anything,
  dataOwner: anything,
  accessRole: anything,
  primary: anything,
  deleted: anything,
  conferenceProperties: anything,
  autoAcceptInvitations: anything,
})

const FIRST_COLOR = '14'
const STANDARD = 100
const MOST = 250

export function addToList(world: World, user: string, calendar: CalendarRecord): void {
  const entry: ListEntry = {
    calendar: calendar.id,
    ...colorsOf(FIRST_COLOR),
    summaryOverride: '',
    selected: calendar.primary,
    hidden: false,
    deleted: false,
    defaultReminders: calendar.primary ? [{ method: 'popup', minutes: 30 }] : [],
    notifications: [],
    version: nextVersion(world),
  }
  listOf(world, user).set(calendar.id, entry)
  world.changed({ kind: 'calendarList', user })
}

/** A calendar's own data has changed for all who list it. */
export function touchLists(world: World, calendar: CalendarRecord): void {
  for (const [user, list] of world.lists) {
    const entry = list.get(calendar.id)
    if (entry === undefined || entry.deleted) continue
    list.set(calendar.id, { ...entry, version: nextVersion(world) })
    world.changed({ kind: 'calendarList', user })
  }
}

export function listCalendars(world: World, caller: Caller, query: Query) {
  const syncToken = query.text('syncToken')
  const showDeleted = query.flag('showDeleted')
  const showHidden = query.flag('showHidden')
  const least = query.oneOf('minAccessRole', [
    'freeBusyReader',
    'reader',
    'writerWithoutPrivateAccess',
    'writer',
    'owner',
  ])
  if (query.flag('showOwnOrganizationOnly') === true) throw leftOut('organizations')
  if (least === 'writerWithoutPrivateAccess') throw leftOut('the role writerWithoutPrivateAccess')
  if (syncToken !== null && least !== null)
    throw invalid('The parameter minAccessRole cannot be used together with a sync token.', 'minAccessRole')
  if (syncToken !== null && (showDeleted === false || showHidden === false))
    throw invalid('showDeleted and showHidden cannot be false together with a sync token.', 'syncToken')
  const roleOf = (id: string) => world.calendars.get(id)?.access.get(caller.user.id)
  const parameters = [showDeleted ?? false, showHidden ?? false]
  const page = listPage<ListEntry>({
    world,
    resource: ['calendarList', caller.user.id],
    pageToken: query.text('pageToken'),
    syncToken,
    maxResults: query.count('maxResults'),
    standard: STANDARD,
    most: MOST,
    pageParameters: [...parameters, least],
    syncParameters: parameters,
    syncable: world.rules.filteredListsGiveTokens || least === null,
    items: (since) =>
      [...listOf(world, caller.user.id).values()]
        .filter((entry) => (since === null ? !entry.deleted || showDeleted === true : entry.version > since))
        .filter((entry) => since !== null || !entry.hidden || showHidden === true)
        .filter((entry) => least === null || atLeast(roleOf(entry.calendar) ?? 'freeBusyReader', least))
        .map((item) => ({ key: item.calendar, item })),
  })
  const items = page.items.flatMap((entry) => {
    const calendar = world.calendars.get(entry.calendar)
    return calendar === undefined ? [] : [entryJson(world, calendar, entry, caller)]
  })
  return { kind: 'calendar#calendarList', etag: `"p${world.version}"`, ...page.next, items }
}

export function getEntry(world: World, caller: Caller, id: string) {
  const { calendar } = enter(world, caller, id, 'freeBusyReader')
  const entry = listOf(world, caller.user.id).get(calendar.id)
  if (entry === undefined || entry.deleted) throw notFound()
  return entryJson(world, calendar, entry, caller)
}

export function insertEntry(world: World, caller: Caller, value: unknown, rgb: boolean) {
  const body = parseAs(ENTRY, value)
  if (!body.id) throw required('Missing calendar id.')
  const { calendar } = enter(world, caller, body.id, 'freeBusyReader')
  const before = listOf(world, caller.user.id).get(calendar.id)
  if (before !== undefined && !before.deleted) throw duplicate()
  addToList(world, caller.user.id, calendar)
  return change(world, caller, calendar, body, 'patch', rgb)
}

export function changeEntry(
  world: World,
  caller: Caller,
  id: string,
  value: unknown,
  how: 'update' | 'patch',
  rgb: boolean,
) {
  const { calendar } = enter(world, caller, id, 'freeBusyReader')
  return change(world, caller, calendar, parseAs(ENTRY, value), how, rgb)
}

export function deleteEntry(world: World, caller: Caller, id: string): void {
  const { calendar } = enter(world, caller, id, 'freeBusyReader')
  const list = listOf(world, caller.user.id)
  const entry = list.get(calendar.id)
  if (entry === undefined || entry.deleted) throw notFound()
  if (calendar.id === caller.user.email) throw invalid('A primary calendar cannot be taken off the list.')
  list.set(calendar.id, { ...entry, deleted: true, version: nextVersion(world) })
  world.changed({ kind: 'calendarList', user: caller.user.id })
}

function change(
  world: World,
  caller: Caller,
  calendar: CalendarRecord,
  body: z.output<typeof ENTRY>,
  how: 'update' | 'patch',
  rgb: boolean,
) {
  const list = listOf(world, caller.user.id)
  const entry = list.get(calendar.id)
  if (entry === undefined || entry.deleted) throw notFound()
  const keeps = how === 'patch'
  const next = <T>(now: T, wanted: T | null | undefined, none: T): T =>
    wanted === undefined && keeps ? now : (wanted ?? none)
  const colors =
    rgb && body.backgroundColor && body.foregroundColor
      ? { backgroundColor: body.backgroundColor, foregroundColor: body.foregroundColor }
      : {}
  const changed: ListEntry = {
    ...entry,
    ...(body.colorId ? colorsOf(body.colorId) : {}),
    ...colors,
    summaryOverride: next(entry.summaryOverride, body.summaryOverride, ''),
    hidden: next(entry.hidden, body.hidden, false),
    selected: next(entry.selected, body.selected, false),
    defaultReminders: next(entry.defaultReminders, body.defaultReminders, []),
    notifications: next(entry.notifications, body.notificationSettings?.notifications, []),
    version: nextVersion(world),
  }
  list.set(calendar.id, changed)
  world.changed({ kind: 'calendarList', user: caller.user.id })
  return entryJson(world, calendar, changed, caller)
}

export function colorsJson() {
  const listed = (colors: readonly string[]) =>
    Object.fromEntries(colors.map((background, index) => [String(index + 1), { background, foreground: '#1d1d1d' }]))
  return {
    kind: 'calendar#colors',
    updated: '2012-02-14T00:00:00.000Z',
    calendar: listed(CALENDAR_COLORS),
    event: listed(EVENT_COLORS),
  }
}

function colorsOf(colorId: string) {
  const backgroundColor = CALENDAR_COLORS[Number(colorId) - 1]
  if (backgroundColor === undefined) throw invalid('Invalid color id.')
  return { colorId, backgroundColor, foregroundColor: '#1d1d1d' }
}
