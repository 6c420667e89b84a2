/**
 * An emulated Google Chat with its token endpoints: the v1 API of the discovery document, revision 20260920, with user
 * authentication. A method it lacks is an unknown address; a part of a method that it leaves out is refused with 501.
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
import { ChatError, errorInfo, errorResponse, invalid } from './errors.ts'
import { rulesOf, type GoogleChatOptions } from './options.ts'
import { personOf, type Person } from './person.ts'
import { createMeter, type Meter } from './quotas.ts'
import { readQuery } from './request.ts'
import { METHODS, type Method } from './routes.ts'
import { seed } from './seed.ts'
import { createWorld, newest, type Caller, type World } from './state.ts'

const SCOPE = 'https://www.googleapis.com/auth/'

/** What seeded and handmade tokens may do. */
export const DEFAULT_SCOPES: readonly string[] = [
  `${SCOPE}chat.messages`,
  `${SCOPE}chat.spaces`,
  `${SCOPE}chat.memberships`,
  `${SCOPE}chat.delete`,
  `${SCOPE}userinfo.email`,
  `${SCOPE}userinfo.profile`,
  'openid',
]

export interface WriteNote {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly user: string
  /** The id in the discovery document, as `chat.spaces.messages.create`. */
  readonly method: string
  readonly name: string
  /** False: an idempotent repeat that changed nothing. */
  readonly changed: boolean
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

export interface GoogleChat extends Emulator {
  readonly oauth: GoogleOAuth
  /** A person at Chat's own window. */
  as(user: string): Person
  counters(): Counters
}

interface Running {
  readonly world: World
  readonly oauth: GoogleOAuth
  readonly meter: Meter
  readonly writes: WriteNote[]
  readonly refused: Map<number, number>
  reads: number
}

export function createGoogleChat(ports: EmulatorPorts, options: GoogleChatOptions): GoogleChat {
  const rules = rulesOf(options)
  const world = createWorld(ports, rules, options.users)
  seed(world, options.spaces ?? [])
  const oauth = createGoogleOAuth(ports, {
    ...signInOf(options),
    accounts: options.users.filter((user) => user.type !== 'BOT'),
    defaultScopes: DEFAULT_SCOPES,
  })
  const running: Running = {
    world,
    oauth,
    meter: createMeter(rules.quotas),
    writes: [],
    refused: new Map(),
    reads: 0,
  }
  const find = routerOf(
    METHODS.map((method) => ({
      method: method.verb,
      path: method.path,
      handler: (request, params) => answer(running, method, request, params),
    })),
  )
  return {
    name: 'google-chat',
    oauth,
    handle(request) {
      if (oauth.owns(request)) return oauth.handle(request)
      const found = find(request)
      return found === null ? notThere(request) : found.handler(request, found.params)
    },
    as: (user) =>
      personOf(world, user, (method, { name, changed }) => {
        running.writes.push({ at: ports.now(), user, method, name, changed, app: null })
      }),
    counters: () => ({ reads: running.reads, refused: running.refused, writes: running.writes }),
  }
}

function answer(
  running: Running,
  method: Method,
  request: WireRequest,
  params: Readonly<Record<string, string>>,
): WireResponse {
  try {
    const bearer = authenticate(running.oauth.bearer(request), method)
    charge(running, method, bearer, params['space'] ?? '')
    const query = readQuery(request.query, method.query)
    const caller = callerOf(running.world, bearer, method)
    const param = (name: string): string => params[name] ?? ''
    const result = method.run({ world: running.world, caller, param, query, body: request.body })
    if ('read' in result) running.reads += 1
    else {
      const { name, changed } = result.write
      const at = running.world.ports.now()
      running.writes.push({ at, user: bearer.user, method: method.id, name, changed, app: bearer.project })
    }
    const body = 'read' in result ? result.read : result.write.json
    const fields = query.text('fields')
    if (fields === null) return json(200, body)
    const selected = selectFields(body, fields)
    if (selected === undefined) throw invalid(`Invalid field selection ${fields}`)
    return json(200, selected)
  } catch (error) {
    if (!(error instanceof ChatError)) throw error
    running.refused.set(error.code, (running.refused.get(error.code) ?? 0) + 1)
    return errorResponse(error)
  }
}

/** Reads are served as of now, or as of an earlier moment within the lag; writes see the newest state. */
function callerOf(world: World, bearer: Bearer, method: Method): Caller {
  const lagging = world.rules.readLagMs > 0 && !method.charges.some((kind) => kind.endsWith('Writes'))
  const lag = !lagging ? 0 : Math.floor(world.ports.random() * world.rules.readLagMs * 1000)
  return { user: bearer.user, app: bearer.project, asOf: newest(world) - lag }
}

function charge(running: Running, method: Method, bearer: Bearer, space: string): void {
  const charges = method.charges
    .filter((kind) => kind.startsWith('project') || space !== '')
    .map((kind) => ({ charge: kind, owner: kind.startsWith('project') ? bearer.project : space }))
  running.meter.spend(running.world.ports.now(), charges)
}

const FAILURES: Readonly<Record<BearerFailure, string>> = {
  missing: 'CREDENTIALS_MISSING',
  invalid: 'ACCESS_TOKEN_TYPE_UNSUPPORTED',
  expired: 'ACCESS_TOKEN_EXPIRED',
}

function authenticate(bearer: Bearer | BearerFailure, method: Method): Bearer {
  const metadata = { service: 'chat.googleapis.com', method: method.id }
  if (typeof bearer === 'string') {
    const realm = 'Bearer realm="https://accounts.google.com/"'
    throw new ChatError(
      'UNAUTHENTICATED',
      bearer === 'missing'
        ? 'Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential.'
        : 'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
      {
        details: [errorInfo(FAILURES[bearer], metadata)],
        headers: { 'www-authenticate': bearer === 'missing' ? realm : `${realm}, error="invalid_token"` },
      },
    )
  }
  if (method.scopes.some((scope) => bearer.scopes.includes(`${SCOPE}${scope}`))) return bearer
  throw new ChatError('PERMISSION_DENIED', 'Request had insufficient authentication scopes.', {
    details: [errorInfo('ACCESS_TOKEN_SCOPE_INSUFFICIENT', metadata)],
  })
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
