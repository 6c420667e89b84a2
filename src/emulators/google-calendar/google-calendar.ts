/**
 * An emulated Google Calendar with its token endpoints: the v3 API of the discovery document, revision 20260708. A
 * method it lacks is an unknown address; a part of a method that it leaves out is refused with 501.
 */
import { json, routerOf, type Emulator, type EmulatorPorts, type WireRequest, type WireResponse } from '../emulator.ts'
import {
  createGoogleOAuth,
  signInOf,
  type Bearer,
  type BearerFailure,
  type GoogleOAuth,
} from '../google-oauth/google-oauth.ts'
import { selectFields } from '../partial.ts'
import { answerBatch } from './batch.ts'
import { createChannels, type Channel, type Channels } from './channels.ts'
import { CalendarError, errorResponse, invalid } from './errors.ts'
import { rulesOf, type GoogleCalendarOptions } from './options.ts'
import { personOf, type Person } from './person.ts'
import { readJson, readQuery } from './query.ts'
import { METHODS, reachOf, type Method } from './routes.ts'
import { seed } from './seed.ts'
import type { Caller, Mail, World } from './state.ts'
import { createCallMeter, createUsageMeter, type CallMeter, type UsageMeter } from './usage.ts'

const SCOPE = 'https://www.googleapis.com/auth/'
const BATCH = '/batch/calendar/v3'

/** What seeded and handmade tokens may do. */
export const DEFAULT_SCOPES: readonly string[] = [`${SCOPE}calendar`, `${SCOPE}userinfo.email`, 'openid']

export interface WriteNote {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly user: string
  /** The id in the discovery document, as `calendar.events.insert`. */
  readonly method: string
  /** The id of what was written. */
  readonly name: string
  /** The project of the app behind the call; null: a person in the window. */
  readonly app: string | null
}

export interface Counters {
  /** Answered reads over HTTP. */
  readonly reads: number
  /** Calls over HTTP that were refused, by status code. */
  readonly refused: ReadonlyMap<number, number>
  readonly writes: readonly WriteNote[]
}

export interface GoogleCalendar extends Emulator {
  readonly oauth: GoogleOAuth
  /** A person in Calendar's own window. */
  as(user: string): Person
  counters(): Counters
  /** The e-mails that guests would have got. */
  mails(): readonly Mail[]
  /** Push channels that are neither stopped nor expired. */
  channels(): readonly Channel[]
  /** Every sync token that was given out so far is dead. */
  expireSyncTokens(): void
}

interface Running {
  readonly world: World
  readonly oauth: GoogleOAuth
  readonly channels: Channels
  readonly calls: CallMeter
  readonly usage: UsageMeter
  readonly writes: WriteNote[]
  readonly refused: Map<number, number>
  reads: number
}

export function createGoogleCalendar(ports: EmulatorPorts, options: GoogleCalendarOptions): GoogleCalendar {
  const running = runningOf(ports, options)
  const { world, oauth, channels, usage } = running
  const find = routerOf(
    METHODS.map((method) => ({
      method: method.verb,
      path: method.path,
      handler: (request, params) => answer(running, method, request, params),
    })),
  )
  const handle = (request: WireRequest): WireResponse => {
    const found = find(request)
    return found === null ? notThere(request) : found.handler(request, found.params)
  }
  return {
    name: 'google-calendar',
    oauth,
    handle(request) {
      if (oauth.owns(request)) return oauth.handle(request)
      if (request.method === 'POST' && request.path === BATCH)
        return answerBatch(request, world.rules.batchCalls, handle)
      return handle(request)
    },
    as: (user) =>
      personOf(world, usage, user, (method, name) => {
        running.writes.push({ at: ports.now(), user, method, name, app: null })
      }),
    counters: () => ({ reads: running.reads, refused: running.refused, writes: running.writes }),
    mails: () => world.mails,
    channels: () => channels.live(),
    expireSyncTokens() {
      world.version += 1
      world.tokensFrom = world.version
    },
  }
}

function runningOf(ports: EmulatorPorts, options: GoogleCalendarOptions): Running {
  const rules = rulesOf(options)
  const channels = createChannels(ports, rules)
  const world: World = {
    ports,
    rules,
    users: new Map(options.users.map((user) => [user.id, user])),
    calendars: new Map(),
    lists: new Map(),
    mails: [],
    changed: (resource) => channels.changed(resource),
    version: 0,
    tokensFrom: 0,
    ids: 0,
  }
  seed(world, options.calendars ?? [])
  const oauth = createGoogleOAuth(ports, {
    ...signInOf(options),
    accounts: options.users,
    defaultScopes: DEFAULT_SCOPES,
  })
  const calls = createCallMeter(ports, rules)
  const usage = createUsageMeter(ports, rules.usageLimits)
  return { world, oauth, channels, calls, usage, writes: [], refused: new Map(), reads: 0 }
}

function answer(
  running: Running,
  method: Method,
  request: WireRequest,
  params: Readonly<Record<string, string>>,
): WireResponse {
  const { world, usage, channels } = running
  try {
    const bearer = authenticate(running.oauth.bearer(request), method)
    running.calls.call(bearer.project, bearer.user)
    const query = readQuery(request.query, method.query)
    const outcome = method.run({
      world,
      usage,
      channels,
      caller: callerOf(world, bearer, method),
      param: (name) => params[name] ?? '',
      query,
      json: () => readJson(request.body),
      ifMatch: request.headers['if-match'] ?? null,
    })
    if ('read' in outcome) running.reads += 1
    else
      running.writes.push({
        at: world.ports.now(),
        user: bearer.user,
        method: method.id,
        name: outcome.name,
        app: bearer.project,
      })
    return answered(request, 'read' in outcome ? outcome.read : outcome.wrote, query.text('fields'))
  } catch (error) {
    if (!(error instanceof CalendarError)) throw error
    const { code } = error.refusal
    running.refused.set(code, (running.refused.get(code) ?? 0) + 1)
    return errorResponse(error)
  }
}

function answered(request: WireRequest, body: object | null, fields: string | null): WireResponse {
  if (body === null) return { status: 204, headers: {}, body: '' }
  const etag = 'etag' in body && typeof body.etag === 'string' ? body.etag : null
  const headers: Record<string, string> = etag === null ? {} : { etag }
  const known = (request.headers['if-none-match'] ?? '').split(',').map((one) => one.trim())
  if (request.method === 'GET' && etag !== null && known.includes(etag)) return { status: 304, headers, body: '' }
  if (fields === null) return json(200, body, headers)
  const selected = selectFields(body, fields)
  if (selected === undefined) throw invalid(`Invalid field selection ${fields}`, 'fields')
  return json(200, selected, headers)
}

function callerOf(world: World, bearer: Bearer, method: Method): Caller {
  const user = world.users.get(bearer.user)
  if (user === undefined) throw new Error(`the emulator has no user ${bearer.user}`)
  const reach = reachOf(method.scopes.filter((scope) => bearer.scopes.includes(`${SCOPE}${scope}`)))
  return { user, app: bearer.project, ...(reach === undefined ? {} : { reach }) }
}

function authenticate(bearer: Bearer | BearerFailure, method: Method): Bearer {
  if (typeof bearer === 'string')
    throw new CalendarError({
      code: 401,
      reason: bearer === 'missing' ? 'required' : 'authError',
      message: bearer === 'missing' ? 'Login Required' : 'Invalid Credentials',
      location: 'Authorization',
      locationType: 'header',
      headers: { 'www-authenticate': 'Bearer realm="https://accounts.google.com/"' },
    })
  if (method.scopes.some((scope) => bearer.scopes.includes(`${SCOPE}${scope}`))) return bearer
  const message = 'Request had insufficient authentication scopes.'
  throw new CalendarError({ code: 403, reason: 'insufficientPermissions', message })
}

/** Google's front answers unknown addresses with a page, not with JSON. */
function notThere(request: WireRequest): WireResponse {
  const path = request.path.replace(/[&<>"]/g, '')
  return {
    status: 404,
    headers: { 'content-type': 'text/html; charset=UTF-8' },
    body: `<!DOCTYPE html><title>Error 404 (Not Found)!!1</title><p>The requested URL ${path} was not found on this server.</p>`,
  }
}
