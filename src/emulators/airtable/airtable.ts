/**
 * An emulated Airtable: bases with their structure, records, attachments and webhooks, as the pages of its Web API have them.
 * What is left out is an unknown address, or refused with 501.
 */
import { json, routerOf, type Emulator, type EmulatorPorts, type WireRequest, type WireResponse } from '../emulator.ts'
import { Refused, refusalAnswer } from './answers.ts'
import { download } from './attachments.ts'
import { createLimits, type Limits } from './limits.ts'
import { rulesOf, type AirtableOptions } from './options.ts'
import { personOf, type Person } from './person.ts'
import { insert } from './records-write.ts'
import { bodyOf, check, ok, routes, type Call, type Route } from './routes.ts'
import { addField, addTable } from './schema.ts'
import { transact, type Source, type World } from './state.ts'
import { createWebhooks, type Sent, type Webhooks } from './webhooks.ts'
import type { Iterators } from './records-read.ts'

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

export interface Airtable extends Emulator {
  /** A user in Airtable's own window, on one base. */
  as(user: string, base: string, source?: Source): Person
  counters(): Counters
  /** Every attempt to send a ping. */
  pingsSent(): readonly Sent[]
  /** Lists that are under way have to begin anew, as after a restart of Airtable's. */
  dropIterators(): void
}

interface Running {
  readonly world: World
  readonly hooks: Webhooks
  readonly iterators: Iterators
  readonly limits: Limits
  readonly refused: Map<number, number>
  readonly writes: Counters['writes'][number][]
  reads: number
}

const MOST_ADDRESS = 16_000

export function createAirtable(ports: EmulatorPorts, options: AirtableOptions): Airtable {
  const running = runningOf(ports, options)
  const { world, hooks, iterators } = running
  const find = routerOf([
    {
      method: 'GET',
      path: '/v3/u/:a/:b/:expires/:signature/:id',
      handler: (request, params) => download(world, request, params),
    },
    ...routes.map((route) => ({
      method: route.method,
      path: route.path,
      handler: (request: WireRequest, params: Readonly<Record<string, string>>) =>
        answer(running, route, request, params),
    })),
  ])
  return {
    name: 'airtable',
    handle(request) {
      const { host } = request.headers
      world.filesUrl = options.filesUrl ?? (host === undefined ? world.filesUrl : `http://${host}`)
      // Airtable's own client ends addresses with a slash.
      const found = find({ ...request, path: request.path.replace(/(?<=.)\/$/, '') })
      const response = found === null ? json(404, { error: 'NOT_FOUND' }) : found.handler(request, found.params)
      const date = new Date(ports.now()).toUTCString()
      return { ...response, headers: { date, ...response.headers } }
    },
    as: (user, base, source = 'client') => personOf(world, user, base, source),
    counters: () => ({ reads: running.reads, refused: running.refused, writes: running.writes }),
    pingsSent: () => hooks.sent,
    dropIterators: () => iterators.clear(),
  }
}

function runningOf(ports: EmulatorPorts, options: AirtableOptions): Running {
  const rules = rulesOf(options)
  const hooks = createWebhooks()
  const world: World = {
    ports,
    rules,
    fetchFile: options.fetchFile,
    filesUrl: options.filesUrl ?? 'https://v5.airtableusercontent.com',
    users: new Map(options.users.map((user) => [user.id, user])),
    tokens: new Map(options.tokens.map((token) => [token.token, token])),
    bases: new Map(),
    attachments: new Map(),
    transactions: new Map(),
    numbers: new Map(),
    after: [],
    happened: (transaction) => hooks.happened(world, transaction),
  }
  for (const base of options.bases) seed(world, base, options.users[0]?.id ?? '')
  return {
    world,
    hooks,
    iterators: new Map(),
    limits: createLimits(ports, rules),
    refused: new Map(),
    writes: [],
    reads: 0,
  }
}

/** Links and computed fields come once all tables are there. */
function seed(world: World, { id, name, permissions, tables }: AirtableOptions['bases'][number], user: string): void {
  const actor = { user, source: 'client' as const }
  world.bases.set(id, { id, name, permissions: permissions ?? null, tables: new Map() })
  transact(world, id, actor, (draft) => {
    const isLater = (type: string): boolean =>
      type === 'multipleRecordLinks' || type === 'multipleLookupValues' || type === 'count'
    for (const table of tables)
      addTable(world, draft, { ...table, fields: table.fields.filter(({ type }) => !isLater(type)) })
    for (const table of tables)
      for (const field of table.fields)
        if (isLater(field.type)) addField(world, draft, table.id ?? tableNamed(draft.tables, table.name), field)
    for (const table of tables)
      for (const fields of table.records ?? []) insert(world, actor, draft, table.name, { ...fields }, true)
  })
  world.transactions.set(id, 0)
}

function tableNamed(tables: ReadonlyMap<string, { readonly id: string; readonly name: string }>, name: string): string {
  return [...tables.values()].find((table) => table.name === name)?.id ?? ''
}

function answer(
  running: Running,
  route: Route,
  request: WireRequest,
  params: Readonly<Record<string, string>>,
): WireResponse {
  const { world, hooks, iterators } = running
  try {
    const key = /^bearer +(\S+)$/i.exec(request.headers['authorization'] ?? '')?.[1] ?? ''
    const token = world.tokens.get(key)
    if (token === undefined) throw new Refused(401, 'AUTHENTICATION_REQUIRED', 'Authentication required')
    if (`${request.path}?${request.query.toString()}`.length >= MOST_ADDRESS)
      throw new Refused(414, 'URI_TOO_LONG', 'The address is too long')
    const body = bodyOf(request)
    running.limits.spend(params['base'] ?? null, token.user, weightOf(world, body))
    const actor = { user: token.user, source: 'publicApi' as const }
    const call: Call = { world, hooks, iterators, token, actor, request, params, body: () => body }
    check(call, route)
    const response = ok(route.run(call))
    if (route.method === 'GET' || request.path.endsWith('/listRecords')) running.reads += 1
    else {
      const { method, path } = request
      running.writes.push({ at: world.ports.now(), user: token.user, method, path, status: response.status })
    }
    return response
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    running.refused.set(error.status, (running.refused.get(error.status) ?? 0) + 1)
    return refusalAnswer(error)
  }
}

function weightOf({ rules }: World, body: unknown): number {
  return typeof body === 'object' && body !== null && 'performUpsert' in body ? rules.upsertWeight : 1
}
