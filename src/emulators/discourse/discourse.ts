/** An emulated Discourse forum: topics, posts, categories and webhooks as 3.1.0.beta4 was measured to do them. */
import { routerOf, type Emulator, type EmulatorPorts, type WireRequest, type WireResponse } from '../emulator.ts'
import { badCsrf, notFound, Refused } from './answers.ts'
import { seed } from './history.ts'
import { Limits } from './limits.ts'
import { defaultSettings, defaultSwitches, type ApiKey, type DiscourseOptions, type Switches } from './options.ts'
import { paramsOf } from './params.ts'
import { personWith, type Person } from './person.ts'
import { approve } from './posts-create.ts'
import { purgeStubs } from './posts-remove.ts'
import { routes, type DiscourseRoute } from './routes.ts'
import type { Actor, Site } from './site.ts'
import { Store, type Reader } from './state.ts'
import { actorOf, sessionToken } from './users.ts'
import { Hooks } from './webhooks.ts'

/** What was asked for with an API key. */
export interface Counters {
  readonly reads: number
  readonly writes: readonly {
    readonly at: number
    readonly user: string
    readonly method: string
    readonly path: string
    readonly status: number
  }[]
}

export interface Discourse extends Emulator {
  counters(): Counters
  /** A scripted person, who acts through a browser and so outside of the API's bucket. */
  as(username: string): Person
  /** For a person's `_t` cookie. */
  sessionToken(username: string): string
  /** The truth, whatever lag reads have. */
  state(): Reader
  /** Lets a post out which is held for review; answers whether there was one. */
  approve(pendingId: number): boolean
  /** As when enough people flag a post. */
  hide(postId: number): void
}

interface Door {
  readonly site: Site
  readonly keys: readonly ApiKey[]
  readonly find: (request: WireRequest) => { route: DiscourseRoute; params: Record<string, string> } | null
  readonly counted: { reads: number; writes: Counters['writes'][number][] }
}

export function createDiscourse(ports: EmulatorPorts, options: DiscourseOptions = {}): Discourse {
  const site = siteOf(ports, options)
  seed(site, options)
  const door: Door = { site, keys: options.apiKeys ?? [], find: finder(), counted: { reads: 0, writes: [] } }
  const userNamed = (username: string): { id: number; token: string } => {
    const user = site.store.userNamed(username)
    if (user === undefined) throw new Error(`the forum knows no ${username}`)
    return { id: user.id, token: sessionToken(user) }
  }
  return {
    name: 'discourse',
    handle: (request) => handle(door, request),
    counters: () => ({ reads: door.counted.reads, writes: [...door.counted.writes] }),
    as: (username) => {
      const { id, token } = userNamed(username)
      return personWith((method, path, body) => handle(door, browserRequest(id, token, method, path, body)))
    },
    sessionToken: (username) => userNamed(username).token,
    state: () => site.store,
    approve: (pendingId) => approve(site, pendingId) !== null,
    hide(postId) {
      const post = site.store.posts.get(postId)
      if (post === undefined) throw new Error(`there is no post ${postId}`)
      site.store.putPost({ ...post, hidden: true })
    },
  }
}

function siteOf(ports: EmulatorPorts, options: DiscourseOptions): Site {
  const settings = { ...defaultSettings, ...options.settings }
  const switches: Switches = { ...defaultSwitches, ...given(options) }
  const baseUrl = options.baseUrl ?? 'http://forum.test'
  const now = (): number => ports.now()
  return {
    ports,
    baseUrl,
    settings,
    switches,
    store: new Store(now, switches.readLagMs),
    limits: new Limits(now, settings, switches.limits),
    hooks: new Hooks(ports, switches, baseUrl),
    memo: new Map(),
    recentTexts: new Map(),
    pending: new Map(),
    stubs: new Map(),
    drafts: new Map(),
  }
}

/** The switches among the options, without those left undefined. */
function given(options: DiscourseOptions): Partial<Switches> {
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => Object.hasOwn(defaultSwitches, name) && value !== undefined),
  )
}

function finder(): Door['find'] {
  const byHandler = new Map<unknown, DiscourseRoute>()
  const find = routerOf(
    routes.map((route) => {
      const handler = (): WireResponse => {
        throw new Error('routes are answered with their call')
      }
      byHandler.set(handler, route)
      return { method: route.method, path: route.path, handler }
    }),
  )
  return (request) => {
    const found = find({ ...request, path: request.path.replace(/\.json$/, '') })
    const route = found === null ? undefined : byHandler.get(found.handler)
    return found === null || route === undefined ? null : { route, params: found.params }
  }
}

function handle(door: Door, request: WireRequest): WireResponse {
  let actor: Actor = { user: null, via: 'none' }
  let named = ''
  const response = ((): WireResponse => {
    try {
      purgeStubs(door.site)
      limitCalls(door.site, request)
      actor = actorOf(door.site, door.keys, request)
      const found = door.find(request)
      if (found === null) throw notFound()
      named = found.route.name
      return answer(door.site, actor, request, found)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      if (error.bare) named = ''
      return error.response
    }
  })()
  count(door, actor, request, response)
  if (named === '') return response
  const who: Record<string, string> = actor.user === null ? {} : { 'x-discourse-username': actor.user.username }
  return { ...response, headers: { ...response.headers, ...who, 'x-discourse-route': named } }
}

function answer(
  site: Site,
  actor: Actor,
  request: WireRequest,
  found: { readonly route: DiscourseRoute; readonly params: Record<string, string> },
): WireResponse {
  const reading = request.method === 'GET'
  if (!reading && actor.via !== 'key' && found.route.name !== 'users/create')
    if (actor.user === null || (request.headers['x-csrf-token'] ?? '') === '') throw badCsrf()
  const params = paramsOf(request)
  if (params === null) return { status: 400, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: '' }
  const lag = reading ? site.switches.readLagMs : 0
  const reader = lag === 0 ? site.store : site.store.asOf(site.ports.now() - Math.floor(site.ports.random() * lag))
  return found.route.answer({ site, actor, request, at: found.params, params, reader, path: request.path })
}

/** People above trust level 0 in browsers have limits of their own, all others those of their address. */
function limitCalls(site: Site, request: WireRequest): void {
  const browser = request.headers['api-key'] === undefined ? browserUser(site, request) : null
  if (browser !== null) site.limits.call(browser, 'id')
  else site.limits.call(request.address, 'ip')
}

function browserUser(site: Site, request: WireRequest): string | null {
  const id = /(?:^|;\s*)_t=session-of-user-(-?\d+)/.exec(request.headers['cookie'] ?? '')?.[1]
  const user = id === undefined ? undefined : site.store.users.get(Number(id))
  return user === undefined || user.trustLevel === 0 ? null : String(user.id)
}

function count(door: Door, actor: Actor, request: WireRequest, response: WireResponse): void {
  if (request.headers['api-key'] === undefined) return
  if (request.method === 'GET') {
    door.counted.reads += 1
    return
  }
  const { method, path } = request
  const user = actor.user?.username ?? request.headers['api-username'] ?? ''
  door.counted.writes.push({ at: door.site.ports.now(), user, method, path, status: response.status })
}

function browserRequest(id: number, token: string, method: string, path: string, body: unknown): WireRequest {
  return {
    method,
    path,
    query: new URLSearchParams(),
    headers: { cookie: `_t=${token}`, 'x-csrf-token': `csrf-${id}`, 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(body)),
    address: `browser-${id}`,
  }
}
