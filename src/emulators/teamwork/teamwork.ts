/**
 * An emulated Teamwork site: tasks, comments, time entries, directories and webhooks of its v3 and v1 APIs, as their
 * exports of 2021 and the official SDK of 2026 have them. What is left out is an unknown address, or refused with 501.
 */
import { json, routerOf, type Emulator, type EmulatorPorts, type WireRequest, type WireResponse } from '../emulator.ts'
import { badRequest, refusalAnswer, Refused } from './answers.ts'
import { createLimit, type Limit } from './limits.ts'
import { rulesOf, type TeamworkOptions } from './options.ts'
import { personOf, type Person } from './person.ts'
import { readQuery } from './query.ts'
import { routes, type Route } from './routes.ts'
import { nextId, type World } from './state.ts'
import { createWebhooks, type Sent, type Webhooks } from './webhooks.ts'

export interface Counters {
  readonly reads: number
  /** Calls over HTTP that were refused, by status code. */
  readonly refused: ReadonlyMap<number, number>
  readonly writes: readonly {
    /** Milliseconds since 1970. */
    readonly at: number
    readonly person: number
    readonly method: string
    readonly path: string
    readonly status: number
  }[]
}

export interface Teamwork extends Emulator {
  /** A person in Teamwork's own window. */
  as(person: number): Person
  /** Everything that there is, to look at. */
  state(): World
  counters(): Counters
  /** Every attempt to send a webhook. */
  webhooksSent(): readonly Sent[]
  /** Who was told of tasks by mail. */
  notified(): World['notified']
}

interface Running {
  readonly world: World
  readonly hooks: Webhooks
  readonly keys: ReadonlyMap<string, number>
  readonly limit: Limit
  readonly refused: Map<number, number>
  readonly writes: Counters['writes'][number][]
  reads: number
}

const SLOW_DOWN = 'You have exceeded your rate limit. Please try again in a little while.'

export function createTeamwork(ports: EmulatorPorts, options: TeamworkOptions): Teamwork {
  const running = runningOf(ports, options)
  const { world, hooks } = running
  const find = routerOf(
    routes.map((route) => ({
      method: route.method,
      path: route.path,
      handler: (request, params) => answer(running, route, request, params),
    })),
  )
  return {
    name: 'teamwork',
    handle(request) {
      const found = find({ ...request, path: request.path.replace(/\.json$/, '') })
      return found === null
        ? json(404, { STATUS: 'Error', MESSAGE: 'Not found' })
        : found.handler(request, found.params)
    },
    as: (person) => personOf(world, person),
    state: () => world,
    counters: () => ({ reads: running.reads, refused: running.refused, writes: running.writes }),
    webhooksSent: () => hooks.sent,
    notified: () => world.notified,
  }
}

function runningOf(ports: EmulatorPorts, options: TeamworkOptions): Running {
  const rules = rulesOf(options)
  const hooks = createWebhooks(ports, rules)
  const world: World = {
    ports,
    rules,
    accountId: options.accountId ?? 1,
    people: new Map(options.people.map((person) => [person.id, person])),
    projects: new Map(),
    tasklists: new Map(),
    tags: new Map(),
    tasks: new Map(),
    comments: new Map(),
    timeEntries: new Map(),
    notified: [],
    happened: (happening) => hooks.happened(world, happening),
    lastId: 0,
  }
  const now = ports.now()
  for (const { name, description = '', archived = false, tasklists = [] } of options.projects ?? []) {
    const projectId = nextId(world)
    world.projects.set(projectId, { id: projectId, name, description, archived, createdAt: now, updatedAt: now })
    for (const listName of tasklists) {
      const id = nextId(world)
      world.tasklists.set(id, { id, name: listName, projectId, isCompleted: false, isDeleted: false })
    }
  }
  for (const name of options.tags ?? []) {
    const id = nextId(world)
    world.tags.set(id, { id, name, color: '#9e6957' })
  }
  const keys = options.people.flatMap(({ id, apiKey }) => (apiKey === undefined ? [] : [[apiKey, id] as const]))
  return {
    world,
    hooks,
    keys: new Map(keys),
    limit: createLimit(ports, rules),
    refused: new Map(),
    writes: [],
    reads: 0,
  }
}

function answer(
  running: Running,
  route: Route,
  request: WireRequest,
  params: Readonly<Record<string, string>>,
): WireResponse {
  const generation = route.path.startsWith('/projects/api/v3') ? 'v3' : 'v1'
  const refuse = (refused: Refused): WireResponse => {
    running.refused.set(refused.status, (running.refused.get(refused.status) ?? 0) + 1)
    return refusalAnswer(refused, generation)
  }
  const key = keyOf(request)
  const by = running.keys.get(key)
  if (by === undefined) return refuse(new Refused(401, 'Unauthorized', 'Invalid credentials'))
  const { isSpent, headers } = running.limit.spend(key)
  const told = (response: WireResponse): WireResponse => ({ ...response, headers: { ...response.headers, ...headers } })
  if (isSpent) return told(refuse(new Refused(429, 'Too many requests', SLOW_DOWN)))
  try {
    const { world, hooks } = running
    const response = route.run({
      world,
      hooks,
      by,
      query: readQuery(request.query, route.query, world.rules.afterIsExclusive),
      id: (name = 'id') => Number(params[name]),
      json: () => bodyOf(request),
    })
    if (listsAll(request)) running.limit.listedAll(key)
    if (route.method === 'GET') running.reads += 1
    else {
      const { method, path } = request
      running.writes.push({ at: world.ports.now(), person: by, method, path, status: response.status })
    }
    return told(response)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return told(refuse(error))
  }
}

function listsAll({ method, path, query }: WireRequest): boolean {
  const isFirst = (query.get('page') ?? '1') === '1'
  return method === 'GET' && /\/api\/v3\/tasks(\.json)?$/.test(path) && isFirst && !query.has('updatedAfter')
}

/** Of a Basic header the user name, whatever the password; or a bearer token. */
function keyOf({ headers }: WireRequest): string {
  const [, scheme = '', credentials = ''] = /^(basic|bearer) +(\S+)$/i.exec(headers['authorization'] ?? '') ?? []
  if (scheme.toLowerCase() === 'bearer') return credentials
  return Buffer.from(credentials, 'base64').toString('utf8').split(':')[0] ?? ''
}

function bodyOf({ body }: WireRequest): unknown {
  try {
    return JSON.parse(body.length === 0 ? '{}' : body.toString('utf8'))
  } catch {
    throw badRequest('The body is no JSON')
  }
}
