/**
 * An emulated Missive: conversations with their messages, comments, posts and drafts, directories and webhooks, as Missive's
 * pages on its REST API and its webhooks have them. What is left out is an unknown address, or refused with 501.
 */
import { json, routerOf, type Emulator, type EmulatorPorts, type WireRequest, type WireResponse } from '../emulator.ts'
import { download } from './attachments.ts'
import { badRequest, forbidden, refusalAnswer, Refused } from './answers.ts'
import { createHooks, type Hooks, type Sent } from './hooks.ts'
import { createLimits, type Limits } from './limits.ts'
import { receive, type Mail } from './messages.ts'
import { rulesOf, type MissiveOptions } from './options.ts'
import { personOf, type Person } from './person.ts'
import { readQuery } from './query.ts'
import { routes, type Route } from './routes.ts'
import type { Message, World } from './state.ts'

export interface Counters {
  readonly reads: number
  /** Calls over HTTP that were refused, by status code. */
  readonly refused: ReadonlyMap<number, number>
  readonly writes: readonly {
    /** Milliseconds since 1970. */
    readonly at: number
    readonly user: string
    readonly method: string
    readonly path: string
    readonly status: number
  }[]
}

export interface Missive extends Emulator {
  /** A user in Missive's own window. */
  as(user: string): Person
  /** Everything that there is, to look at. */
  state(): World
  /** A mail comes in at an account. */
  receive(account: string, mail: Mail): Message
  counters(): Counters
  /** Every attempt to send a webhook. */
  webhooksSent(): readonly Sent[]
  /** Mail that left the house. */
  outbox(): readonly Message[]
}

interface Running {
  readonly world: World
  readonly hooks: Hooks
  readonly tokens: ReadonlyMap<string, string>
  readonly limits: Limits
  readonly refused: Map<number, number>
  readonly writes: Counters['writes'][number][]
  reads: number
}

const MOST_BODY = 10 * 1024 * 1024

export function createMissive(ports: EmulatorPorts, options: MissiveOptions): Missive {
  const running = runningOf(ports, options)
  const { world, hooks } = running
  const find = routerOf([
    {
      method: 'GET',
      path: '/attachments/:id/:name',
      handler: (request, params) => download(world, request, params['id'] ?? ''),
    },
    ...routes.map((route) => ({
      method: route.method,
      path: route.path,
      handler: (request: WireRequest, params: Readonly<Record<string, string>>) =>
        answer(running, route, request, params),
    })),
  ])
  return {
    name: 'missive',
    handle(request) {
      const { host } = request.headers
      world.attachmentsUrl = options.attachmentsUrl ?? (host === undefined ? world.attachmentsUrl : `http://${host}`)
      const found = find(request)
      return found === null ? json(404, { [world.rules.errorBody]: 'Not found' }) : found.handler(request, found.params)
    },
    as: (user) => personOf(world, hooks, user),
    state: () => world,
    receive(id, mail) {
      const account = world.accounts.get(id)
      if (account === undefined) throw new Error(`the emulator has no account ${id}`)
      return receive(world, account, mail)
    },
    counters: () => ({ reads: running.reads, refused: running.refused, writes: running.writes }),
    webhooksSent: () => hooks.sent,
    outbox: () => world.outbox,
  }
}

function runningOf(ports: EmulatorPorts, options: MissiveOptions): Running {
  const rules = rulesOf(options)
  const hooks = createHooks()
  const byId = <T extends { readonly id: string }>(items: readonly T[] = []): Map<string, T> =>
    new Map(items.map((item) => [item.id, item]))
  const world: World = {
    ports,
    rules,
    attachmentsUrl: options.attachmentsUrl ?? 'https://attachments.missiveapp.com',
    organizations: new Map(options.organizations.map(({ id, name }) => [id, name])),
    users: byId(options.users),
    teams: byId(options.teams),
    labels: byId(options.labels),
    accounts: byId(options.accounts),
    contactBooks: byId(options.contactBooks),
    conversations: new Map(),
    messages: new Map(),
    comments: new Map(),
    posts: new Map(),
    attachments: new Map(),
    contacts: new Map(),
    outbox: [],
    happened: (happening) => hooks.happened(world, happening),
  }
  const tokens = options.users.flatMap(({ id, token }) => (token === undefined ? [] : [[token, id] as const]))
  return {
    world,
    hooks,
    tokens: new Map(tokens),
    limits: createLimits(ports, rules),
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
  const { world, hooks } = running
  try {
    const token = /^bearer +(\S+)$/i.exec(request.headers['authorization'] ?? '')?.[1] ?? ''
    const by = running.tokens.get(token)
    if (by === undefined) throw new Refused(401, 'Unauthorized')
    if (world.rules.plan === 'starter') throw forbidden('Your plan does not include the API')
    running.limits.spend(token, request.underWay ?? 1)
    const id = params['id'] ?? ''
    const response = route.run({
      world,
      hooks,
      by,
      query: readQuery(request.query, route.query),
      id,
      ids: id.split(',').filter((part) => part !== ''),
      body: () => bodyOf(request),
    })
    if (route.method === 'GET') running.reads += 1
    else {
      const { method, path } = request
      running.writes.push({ at: world.ports.now(), user: by, method, path, status: response.status })
    }
    return response
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    running.refused.set(error.status, (running.refused.get(error.status) ?? 0) + 1)
    return refusalAnswer(error, world.rules.errorBody)
  }
}

function bodyOf({ body }: WireRequest): unknown {
  if (body.length > MOST_BODY) throw new Refused(413, 'The request is larger than 10 MB')
  try {
    return JSON.parse(body.length === 0 ? '{}' : body.toString('utf8'))
  } catch {
    throw badRequest('The body is no JSON')
  }
}
