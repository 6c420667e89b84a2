/** What changed: the list of calendars now and then, and of each calendar what changed since its sync token. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { ConnectorError, eachScope, type Call, type Change, type Page } from '../../connector/index.ts'
import { calendarPages, eventsPage, type At, type CalendarApi, type EventsPage } from './api.ts'
import { calendarItem } from './items.ts'
import { changesOf, type SeriesSeen } from './reading.ts'
import type { WireCalendar } from './wire.ts'

/** Names of calendars change seldom, and no token tells of it. */
const CALENDARS_EVERY_MS = 10 * 60_000

/**
 * `events`: how far each calendar was read. A token goes with the question that it was given for: with another question
 * the form of the cursor is another one.
 */
const cursorOfFeed = z.object({
  form: z.literal(2),
  events: z.record(z.string(), z.object({ sync: z.string().optional(), page: z.string().optional() })),
  /** Fingerprints, which are few bytes where the names are many. */
  calendars: z.record(z.string(), z.string()),
  listedAt: z.number(),
})
type Cursor = z.infer<typeof cursorOfFeed>

/**
 * Google has no token of this moment for less than a list of everything: a calendar that is read for the first time is
 * paged through, and nothing of it told.
 */
export async function* pull(call: Call<CalendarApi>, cursor: string | null): AsyncIterable<Page> {
  const { api } = call
  const state: Cursor = cursor === null ? { form: 2, events: {}, calendars: {}, listedAt: 0 } : parse(cursor)
  const read = call.scopes.filter((scope) => scope !== '')
  state.events = Object.fromEntries(read.map((scope) => [scope, state.events[scope] ?? {}]))
  const changes = await calendarChanges(api, state, cursor === null)
  checkNames(read, state)
  yield { changes, cursor: JSON.stringify(state) }
  yield* eachScope('calendar', read, async function* (scope) {
    for await (const page of readCalendar({ ...call, scope }, state.events[scope] ?? {})) {
      state.events[scope] = page.at
      yield { changes: page.changes, cursor: JSON.stringify(state) }
    }
  })
}

async function calendarChanges(api: CalendarApi, state: Cursor, isFirst: boolean): Promise<Change[]> {
  const now = api.clock.now()
  if (!isFirst && now - state.listedAt < CALENDARS_EVERY_MS) return []
  const changes: Change[] = []
  const before = state.calendars
  const names: Record<string, string> = {}
  for await (const { calendars } of calendarPages(api))
    for (const each of calendars) {
      names[each.id] = fingerprint(each)
      if (each.primary === true) names['primary'] = each.id
      if (!isFirst && before[each.id] !== names[each.id]) changes.push({ kind: 'calendar', ...calendarItem(each) })
    }
  for (const ref of Object.keys(before))
    if (!(ref in names)) changes.push({ kind: 'calendar', scope: '', ref, unread: true })
  state.calendars = names
  state.listedAt = now
  return changes
}

/** Each of its events would be two. */
function checkNames(scopes: readonly string[], { calendars }: Cursor): void {
  const own = calendars['primary']
  if (own !== undefined && own !== 'primary' && scopes.includes('primary') && scopes.includes(own))
    throw new ConnectorError('rejected', `${own} is synced under the name "primary" too: name it in one way`)
}

interface EventsRead {
  readonly changes: readonly Change[]
  readonly at: At
}

/** A calendar that is out of reach is to be read by itself, and keeps its place. */
async function* readCalendar(call: Call<CalendarApi>, from: At): AsyncIterable<EventsRead> {
  const seen: SeriesSeen = new Map()
  let at = from
  for (;;) {
    const page = await pageAt(call, at)
    if (page === 'missing') {
      yield { changes: [{ kind: 'calendar', scope: '', ref: call.scope, unread: true }], at: from }
      return
    }
    if (page === 'lost page') {
      at = at.sync === undefined ? {} : { sync: at.sync }
      continue
    }
    const isFirst = at.sync === undefined
    at = after(page, at)
    yield { changes: isFirst ? [] : await changesOf(call, page, seen), at }
    if (page.next === null) return
  }
}

function after({ next, sync }: EventsPage, { sync: before }: At): At {
  if (next !== null) return before === undefined ? { page: next } : { sync: before, page: next }
  if (sync === null) throw new ConnectorError('unavailable', 'the last page of a list tells no sync token')
  return { sync }
}

/** A page token goes stale, and then its list begins again; where a sync token is refused everything does. */
async function pageAt({ api, scope }: Call<CalendarApi>, at: At): Promise<EventsPage | 'missing' | 'lost page'> {
  try {
    return await eventsPage(api, scope, at)
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    if (error.failure === 'missing') return 'missing'
    const isRefused = error.failure === 'rejected' || error.failure === 'cursor-expired'
    if (isRefused && at.page !== undefined) return 'lost page'
    if (isRefused && at.sync !== undefined) throw expired(error.message)
    throw error
  }
}

function fingerprint(calendar: WireCalendar): string {
  const { values, may } = calendarItem(calendar)
  return createHash('sha256')
    .update(JSON.stringify([values, may ?? null]))
    .digest('base64url')
    .slice(0, 12)
}

function parse(cursor: string): Cursor {
  try {
    return cursorOfFeed.parse(JSON.parse(cursor))
  } catch {
    throw expired('the cursor is of another form')
  }
}

function expired(why: string): ConnectorError {
  return new ConnectorError('cursor-expired', why)
}
