/** What the emulated API answers. The hosts of the API and of uploads are one here. */
import { json, type WireRequest, type WireResponse } from '../emulator.ts'
import { notPermitted, outOfReach, Refused } from './answers.ts'
import { askedOf, getRecord, listRecords, type Iterators } from './records-read.ts'
import {
  createRecords,
  deleteRecord,
  deleteRecords,
  updateRecord,
  updateRecords,
  uploadAttachment,
  type Place,
} from './records-write.ts'
import { changeField, changeTable, createField, createTable, tableJson } from './schema.ts'
import { tableOf, type Actor, type Base, type World } from './state.ts'
import type { Permission, TokenSeed } from './options.ts'
import {
  createWebhook,
  enableNotifications,
  listPayloads,
  listWebhooks,
  refresh,
  webhookOf,
  type Webhooks,
} from './webhooks.ts'

export interface Call {
  readonly world: World
  readonly hooks: Webhooks
  readonly iterators: Iterators
  readonly token: TokenSeed
  readonly actor: Actor
  readonly request: WireRequest
  readonly params: Readonly<Record<string, string>>
  body(): unknown
}

export interface Route {
  readonly method: string
  readonly path: string
  /** All that a token needs. */
  readonly scopes: readonly string[]
  /** What the user has to be in the base. */
  readonly permission: Permission
  readonly run: (call: Call) => object
}

const BASE = '/v0/:base{app[A-Za-z0-9]+}'
const META = '/v0/meta/bases/:base{app[A-Za-z0-9]+}'
const HOOKS = '/v0/bases/:base{app[A-Za-z0-9]+}/webhooks'
const ROW = ':record{rec[A-Za-z0-9]+}'
const READ = ['data.records:read']
const WRITE = ['data.records:write']
const SCHEMA_READ = ['schema.bases:read']
const SCHEMA_WRITE = ['schema.bases:write']
const MANAGE = ['webhook:manage']
export const SCOPES = [...READ, ...WRITE, ...SCHEMA_READ, ...SCHEMA_WRITE, ...MANAGE, 'user.email:read']

const route = (
  method: string,
  path: string,
  [permission, scopes]: readonly [Permission, readonly string[]],
  run: Route['run'],
): Route => ({ method, path, scopes, permission, run })

function baseOf({ world, params }: Call): Base {
  const base = world.bases.get(params['base'] ?? '')
  if (base === undefined) throw outOfReach()
  return base
}

function placeOf({ world, actor, params }: Call): Place {
  return { world, actor, base: params['base'] ?? '', table: params['table'] ?? '' }
}

function byIdOf({ request }: Call): 'name' | 'id' {
  const value = request.query.get('returnFieldsByFieldId')
  return value === 'true' || value === '1' ? 'id' : 'name'
}

const metaRoutes: readonly Route[] = [
  route('GET', '/v0/meta/whoami', ['none', []], ({ world, token }) => {
    const scopes = token.scopes ?? SCOPES
    const email = scopes.includes('user.email:read') ? { email: world.users.get(token.user)?.email ?? '' } : {}
    return { id: token.user, scopes, ...email }
  }),
  route('GET', '/v0/meta/bases', ['none', SCHEMA_READ], ({ world, token }) => ({
    bases: [...world.bases.values()]
      .filter((base) => reaches(token, base.id) && permissionIn(base, token.user) !== 'none')
      .map((base) => ({ id: base.id, name: base.name, permissionLevel: permissionIn(base, token.user) })),
  })),
  route('GET', `${META}/tables`, ['read', SCHEMA_READ], (call) => ({
    tables: [...baseOf(call).tables.values()].map((table) =>
      tableJson(
        table,
        call.request.query.getAll('include[]').concat(call.request.query.getAll('include')).includes('visibleFieldIds'),
      ),
    ),
  })),
  route('POST', `${META}/tables`, ['create', SCHEMA_WRITE], ({ world, actor, params, body }) =>
    createTable(world, params['base'] ?? '', actor, body()),
  ),
  route('PATCH', `${META}/tables/:table`, ['create', SCHEMA_WRITE], ({ world, actor, params, body }) =>
    changeTable(world, params['base'] ?? '', params['table'] ?? '', actor, body()),
  ),
  route('POST', `${META}/tables/:table/fields`, ['create', SCHEMA_WRITE], ({ world, actor, params, body }) =>
    createField(world, params['base'] ?? '', params['table'] ?? '', actor, body()),
  ),
  route('PATCH', `${META}/tables/:table/fields/:field`, ['create', SCHEMA_WRITE], ({ world, actor, params, body }) =>
    changeField(world, params['base'] ?? '', params['table'] ?? '', params['field'] ?? '', actor, body()),
  ),
]

const webhookRoutes: readonly Route[] = [
  route('GET', HOOKS, ['read', MANAGE], ({ world, hooks, token, params }) =>
    listWebhooks(world, hooks, params['base'] ?? '', token.integration ?? null),
  ),
  route('POST', HOOKS, ['create', MANAGE], ({ world, hooks, token, params, body }) => {
    const value = body()
    mayWatch(token, value)
    return createWebhook(world, hooks, params['base'] ?? '', token.integration ?? null, value)
  }),
  route('DELETE', `${HOOKS}/:hook`, ['create', MANAGE], (call) => {
    call.hooks.all.delete(hookOf(call).id)
    return {}
  }),
  route('POST', `${HOOKS}/:hook/refresh`, ['create', MANAGE], (call) => refresh(call.world, hookOf(call))),
  route('POST', `${HOOKS}/:hook/enableNotifications`, ['create', MANAGE], (call) =>
    enableNotifications(hookOf(call), call.body()),
  ),
  route('GET', `${HOOKS}/:hook/payloads`, ['read', MANAGE], (call) => {
    const webhook = hookOf(call)
    mayWatch(call.token, { specification: { options: webhook.specification } })
    return listPayloads(call.world, webhook, call.request.query)
  }),
]

const recordRoutes: readonly Route[] = [
  route('POST', `${BASE}/${ROW}/:field/uploadAttachment`, ['edit', WRITE], (call) =>
    uploadAttachment(placeOf(call), call.params['record'] ?? '', call.params['field'] ?? '', call.body()),
  ),
  route('POST', `${BASE}/:table/listRecords`, ['read', READ], (call) => {
    const base = baseOf(call)
    return listRecords(call.world, call.iterators, base, tableOf(base, call.params['table'] ?? ''), call.body())
  }),
  route('GET', `${BASE}/:table/${ROW}`, ['read', READ], (call) => {
    const base = baseOf(call)
    return getRecord(
      call.world,
      base,
      tableOf(base, call.params['table'] ?? ''),
      call.params['record'] ?? '',
      byIdOf(call),
    )
  }),
  ...['PATCH', 'PUT'].map((method) =>
    route(method, `${BASE}/:table/${ROW}`, ['edit', WRITE], (call) =>
      updateRecord(placeOf(call), call.params['record'] ?? '', call.body(), method === 'PUT'),
    ),
  ),
  route('DELETE', `${BASE}/:table/${ROW}`, ['edit', WRITE], (call) =>
    deleteRecord(placeOf(call), call.params['record'] ?? ''),
  ),
  route('GET', `${BASE}/:table`, ['read', READ], (call) => {
    const base = baseOf(call)
    const table = tableOf(base, call.params['table'] ?? '')
    return listRecords(call.world, call.iterators, base, table, askedOf(call.request.query))
  }),
  route('POST', `${BASE}/:table`, ['edit', WRITE], (call) => createRecords(placeOf(call), call.body())),
  ...['PATCH', 'PUT'].map((method) =>
    route(method, `${BASE}/:table`, ['edit', WRITE], (call) =>
      updateRecords(placeOf(call), call.body(), method === 'PUT'),
    ),
  ),
  route('DELETE', `${BASE}/:table`, ['edit', WRITE], (call) => {
    const { query } = call.request
    return deleteRecords(placeOf(call), query.getAll('records[]').concat(query.getAll('records')))
  }),
]

export const routes: readonly Route[] = [...metaRoutes, ...webhookRoutes, ...recordRoutes]

function hookOf({ world, hooks, token, params }: Call) {
  return webhookOf(world, hooks, params['base'] ?? '', token.integration ?? null, params['hook'] ?? '')
}

/** Records are watched with the scope to read them, fields and tables with that to read structure. */
function mayWatch({ scopes }: TokenSeed, value: unknown): void {
  if (scopes === undefined) return
  const text = JSON.stringify(value)
  const needed = [
    ...(text.includes('"tableData"') ? READ : []),
    ...(/"table(Fields|Metadata)"/.test(text) ? SCHEMA_READ : []),
  ]
  if (!needed.every((scope) => scopes.includes(scope))) throw outOfReach()
}

const LEVELS: readonly Permission[] = ['none', 'read', 'comment', 'edit', 'create']

export function permissionIn({ permissions }: Base, user: string): Permission {
  return permissions === null ? 'create' : (permissions[user] ?? 'none')
}

export function reaches({ bases }: TokenSeed, base: string): boolean {
  return bases === undefined || bases.includes(base)
}

/** Throws what Airtable answers who may not. */
export function check({ world, token, params }: Call, { scopes, permission }: Route): void {
  if (token.scopes !== undefined && !scopes.every((scope) => token.scopes?.includes(scope))) throw outOfReach()
  const id = params['base']
  if (id === undefined) return
  const base = world.bases.get(id)
  if (base === undefined || !reaches(token, id)) throw outOfReach()
  const level = LEVELS.indexOf(permissionIn(base, token.user))
  if (level <= 0) throw outOfReach()
  if (level < LEVELS.indexOf(permission)) throw notPermitted()
}

export function ok(value: object): WireResponse {
  return json(200, value)
}

export function bodyOf({ body }: WireRequest): unknown {
  try {
    return JSON.parse(body.length === 0 ? '{}' : body.toString('utf8'))
  } catch {
    throw new Refused(400, 'INVALID_REQUEST_BODY', 'The body is no JSON')
  }
}
