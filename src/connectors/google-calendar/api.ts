/** The Calendar API over HTTP: its failures, its quotas and its ways of paging. */
import {
  ConnectorError,
  failedAs,
  httpClient,
  jsonIn,
  type Client,
  type Clock,
  type Draws,
  type Failure,
  type HttpResponse,
  type Runtime,
  type Tokens,
} from '../../connector/index.ts'
import { bucket, type CalendarConfig } from './config.ts'
import {
  calendarAnswer,
  calendarsAnswer,
  errorAnswer,
  eventAnswer,
  eventsAnswer,
  type WireCalendar,
  type WireEvent,
} from './wire.ts'

/** A longer page of events with long texts and many guests exceeds what is taken of an answer. */
const EVENTS_PER_PAGE = 250
const CALENDARS_PER_PAGE = 250

export interface CalendarApi {
  readonly config: CalendarConfig
  readonly clock: Clock
  readonly tokens: Tokens
  readonly client: Client
  readonly tokeninfo: Client
}

export function connect(config: CalendarConfig, runtime: Runtime): CalendarApi {
  const { clock, tokens } = runtime
  return {
    config,
    clock,
    tokens,
    client: httpClient({ baseUrl: config.baseUrl, bearer: true, draw: drawsOf(config), words, failure }, runtime),
    tokeninfo: httpClient(
      { baseUrl: config.tokeninfoUrl, draw: {}, failure: ({ status }) => (status === 400 ? 'unauthorized' : null) },
      runtime,
    ),
  }
}

/** What every call draws on. */
export function drawsOf({ projectId, clientId, email }: CalendarConfig): Draws {
  const project = projectId ?? clientId
  return { [bucket.project]: project, [bucket.account]: `${project} ${email ?? ''}` }
}

const LIMITS: ReadonlySet<string> = new Set([
  'rateLimitExceeded',
  'userRateLimitExceeded',
  'quotaExceeded',
  'dailyLimitExceeded',
  'calendarLimitExceeded',
])

/** 403 stands for limits too, and 410 of a single event for its end: only the reason tells. */
function failure(response: HttpResponse): Failure | null {
  const { status } = response
  if (status < 400) return null
  const reason = errorOf(response)?.errors[0]?.reason ?? ''
  if (status === 403) return LIMITS.has(reason) ? 'limited' : 'forbidden'
  if (status === 409) return reason === 'duplicate' ? 'key-taken' : 'stale'
  if (status === 410)
    return reason === 'fullSyncRequired' || reason === 'updatedMinTooLongAgo' ? 'cursor-expired' : 'missing'
  return null
}

function words(response: HttpResponse): string | null {
  const error = errorOf(response)
  if (error?.message === undefined) return null
  const reason = error.errors[0]?.reason
  return reason === undefined ? error.message : `${error.message} (${reason})`
}

function errorOf(response: HttpResponse): ReturnType<typeof errorAnswer.parse>['error'] | null {
  return errorAnswer.safeParse(jsonIn(response.body)).data?.error ?? null
}

/** The address of the events of a calendar, or of one of them. */
export function eventsPath(calendar: string, ...rest: readonly string[]): string {
  return ['/calendar/v3/calendars', calendar, 'events', ...rest].map(escaped).join('/')
}

function escaped(part: string, at: number): string {
  return at === 0 ? part : encodeURIComponent(part)
}

export async function* calendarPages(api: CalendarApi, from?: string): AsyncIterable<CalendarsPage> {
  let pageToken = from
  do {
    const answer = await api.client.get('/calendar/v3/users/me/calendarList', {
      // What somebody hides from the list on the screen is still to be synced.
      query: { maxResults: CALENDARS_PER_PAGE, showHidden: true, pageToken },
      as: calendarsAnswer,
    })
    pageToken = present(answer.nextPageToken)
    yield { calendars: answer.items.filter(({ deleted }) => deleted !== true), next: pageToken }
  } while (pageToken !== undefined)
}

export interface CalendarsPage {
  readonly calendars: readonly WireCalendar[]
  /** Absent on the last page. */
  readonly next: string | undefined
}

export function readCalendar(api: CalendarApi, id: string): Promise<WireCalendar> {
  return api.client.get(`/calendar/v3/users/me/calendarList/${encodeURIComponent(id)}`, { as: calendarAnswer })
}

export function readEvent(api: CalendarApi, calendar: string, id: string): Promise<WireEvent> {
  return api.client.get(eventsPath(calendar, id), { as: eventAnswer })
}

/** Null: there is none, or it is deleted. */
export async function livingEvent(api: CalendarApi, calendar: string, id: string): Promise<WireEvent | null> {
  try {
    const found = await readEvent(api, calendar, id)
    return found.status === 'cancelled' ? null : found
  } catch (error) {
    if (failedAs(error, 'missing')) return null
    throw error
  }
}

/** A place in a list: what changed since the sync token, or everything; from a page on. */
export interface At {
  readonly sync?: string | undefined
  readonly page?: string | undefined
}

export interface EventsPage {
  readonly events: readonly WireEvent[]
  /** What this account may do in the calendar. */
  readonly role: string | undefined
  /** Where the list goes on; null on its last page. */
  readonly next: string | null
  /** On the last page only. */
  readonly sync: string | null
}

/**
 * Series and exceptions, never single events of a series. The question is the same with every token, as Google wants it:
 * so no bounds of time are among it, and what lies outside of the window is left out here.
 */
export async function eventsPage(api: CalendarApi, calendar: string, { sync, page }: At): Promise<EventsPage> {
  const answer = await api.client
    .get(eventsPath(calendar), {
      query: { maxResults: EVENTS_PER_PAGE, singleEvents: false, syncToken: sync, pageToken: page },
      as: eventsAnswer,
    })
    .catch((error: unknown) => {
      throw isGone(error) && (sync ?? page) !== undefined ? expired(error) : error
    })
  return {
    events: answer.items,
    role: answer.accessRole,
    next: present(answer.nextPageToken) ?? null,
    sync: present(answer.nextSyncToken) ?? null,
  }
}

/** No event is asked for by its id here: whatever reason Google gives, it is the token that is no longer good. */
function isGone(error: unknown): error is ConnectorError {
  return error instanceof ConnectorError && error.status === 410
}

function expired({ message }: ConnectorError): ConnectorError {
  return new ConnectorError('cursor-expired', message, { status: 410 })
}

function present(token: string | undefined): string | undefined {
  return token === '' ? undefined : token
}
