/** The connector of a made-up system, declared from its shape as any other connector is declared. */
import { z } from 'zod'
import {
  ConnectorError,
  defineConnector,
  failureOf,
  httpClient,
  requiredText,
  textOf,
  type Answers,
  type Call,
  type Change,
  type Client,
  type Connector,
  type Create,
  type Delete,
  type Failure,
  type Item,
  type Kind,
  type Made,
  type Page,
  type Tombstone,
  type Unread,
  type Update,
  type Values,
} from '../../src/connector/index.ts'
import { BOT, type Ask } from './ask.ts'
import type { KindName } from './board.ts'
import type { Shape } from './shape.ts'

const Person = z.object({ ref: z.string(), name: z.string() })
const Stored = z.object({
  kind: z.enum(['room', 'thread', 'post']),
  ref: z.string(),
  room: z.string(),
  thread: z.string().nullable(),
  text: z.string(),
  version: z.number(),
  author: Person,
  createdAt: z.number(),
  editedAt: z.number().nullable(),
  key: z.string().nullable(),
  emptied: z.boolean(),
})
type Stored = z.infer<typeof Stored>
const Gone = z.object({
  kind: z.enum(['room', 'thread', 'post']),
  ref: z.string(),
  room: z.string(),
  gone: z.enum(['deleted', 'moved']),
})
const Shown = z.union([z.object({ item: Stored }), z.object({ gone: Gone })])
const PageAnswer = z.object({ page: z.array(Shown), next: z.number(), more: z.boolean() })
const Id = z.object({ kind: z.enum(['room', 'thread', 'post']), ref: z.string(), room: z.string() })
const MadeAnswer = z.object({ made: z.array(z.union([Stored, Id])).nullable() })
const WriteAnswer = z.union([z.object({ item: Stored }), z.object({ ref: z.string() })])

type Api = Client
type Seen = Pick<Call<Api>, 'api' | 'scope'>

export function connectorOf(shape: Shape): Connector<Record<string, never>, Api> {
  const read = readerOf(shape)
  const kinds = { room: roomKind(shape, read), thread: threadKind(shape, read), post: postKind(shape, read) }
  const one = { items: feedOf(read, ['room', 'thread', 'post']) }
  const two = { rooms: feedOf(read, ['room']), items: feedOf(read, ['thread', 'post']) }
  return defineConnector<Record<string, never>, Api>({
    name: `board-${shape.side}`,
    title: `Board ${shape.side}`,
    config: z.object({}),
    limits: () => ({ site: { requests: 60, perSeconds: 10, concurrent: 8 } }),
    calls: () => [{ site: shape.side }],
    connect: (_, runtime) =>
      httpClient(
        {
          baseUrl: `http://${shape.side}.test`,
          draw: { site: shape.side },
          failure: refusalOf,
        },
        runtime,
      ),
    probe: async (api) => {
      const { person } = await post(api, { op: 'me' }, z.object({ person: Person }))
      return { actor: person, problems: [] }
    },
    kinds,
    feeds: shape.feeds === 'one' ? one : two,
  })
}

function post<T>(api: Api, ask: Ask, as: z.ZodType<T>): Promise<T> {
  return api.post(`/${ask.op}/${ask.kind ?? ''}`, { body: ask, as })
}

type Reader = ReturnType<typeof readerOf>

/** How stored things read as items. */
function readerOf(shape: Shape): {
  item(stored: Stored): Item
  change(shown: z.infer<typeof Shown>): Change
  made(all: (Stored | z.infer<typeof Id>)[]): Made
} {
  const item = (stored: Stored): Item => ({
    scope: stored.room,
    ref: stored.ref,
    values: valuesOf(shape, stored),
    ...(shape.versions === 'ordered' ? { version: String(stored.version).padStart(8, '0') } : {}),
    author: stored.author,
    createdAt: new Date(stored.createdAt).toISOString(),
    ...(shape.editTimes && stored.editedAt !== null ? { editedAt: new Date(stored.editedAt).toISOString() } : {}),
    ...(stored.key === null ? {} : { key: stored.key }),
    ...(stored.emptied ? { emptied: true } : {}),
    ...mayOf(shape, stored),
  })
  return {
    item,
    change: (shown) =>
      'item' in shown
        ? { kind: shown.item.kind, ...item(shown.item) }
        : { kind: shown.gone.kind, scope: shown.gone.room, ref: shown.gone.ref, gone: shown.gone.gone },
    made: (all) =>
      all.map((each) =>
        'text' in each
          ? { kind: each.kind, ...item(each) }
          : { kind: each.kind, scope: each.room, ref: each.ref, unread: true },
      ),
  }
}

function valuesOf(shape: Shape, { kind, room, thread, text }: Stored): Values {
  if (kind === 'room') return { name: text }
  if (kind === 'thread') return { room, title: text }
  return shape.threads === 'implicit' ? { room, thread, body: text } : { thread, body: text }
}

function mayOf(shape: Shape, stored: Stored): Pick<Item, 'may'> {
  if (stored.kind !== 'post' || stored.author.ref === BOT.ref) return {}
  const why = 'it is of somebody else'
  const update = shape.edits === 'own' ? { update: [] } : {}
  if (shape.edits === 'all' && shape.deletesOthers) return {}
  return { may: { ...update, ...(shape.deletesOthers ? {} : { delete: false }), why } }
}

/** How a write is asked for, and what its answer tells. */
interface Deed<Intent, Done> {
  ask(intent: Intent, scope: string): Ask
  done(body: unknown, intent: Intent): Done
}

type Deeds = {
  readonly create: Deed<Create, Made>
  readonly update: Deed<Update, Item | Unread>
  readonly delete: Deed<Delete, null>
  readonly empty: Deed<Delete, Item | Unread>
}

function single<Intent, Done>({ ask, done }: Deed<Intent, Done>): (call: Seen, intent: Intent) => Promise<Done> {
  return async ({ api, scope }, intent) => done(await post(api, ask(intent, scope), z.unknown()), intent)
}

const Many = z.object({ answers: z.array(z.object({ status: z.number(), body: z.unknown() })) })

function together<Intent, Done>({ ask, done }: Deed<Intent, Done>) {
  return async ({ api, scope }: Seen, intents: readonly Intent[]): Promise<Answers<Done>> => {
    const many = intents.map((intent) => ask(intent, scope))
    const { op = 'create', kind } = many[0] ?? {}
    const { answers } = await post(api, { op, ...(kind === undefined ? {} : { kind }), many }, Many)
    return answers.flatMap((answer, at) => {
      const intent = intents[at]
      if (intent === undefined) return []
      const told: [Done | ConnectorError] =
        answer.status === 200
          ? [done(answer.body, intent)]
          : [new ConnectorError(refusalOf(answer) ?? failureOf(answer.status), JSON.stringify(answer.body))]
      return told
    })
  }
}

function refusalOf({ status, body }: { status: number; body: unknown }): Failure | null {
  if (status === 410) return 'cursor-expired'
  return status === 409 && JSON.stringify(body).includes('key taken') ? 'key-taken' : null
}

type Writes = Partial<Pick<Kind<Api>, 'create' | 'update' | 'delete' | 'empty' | 'batch'>>

/** The writes of a kind, and those of them that one call takes many of. */
function writesOf(shape: Shape, deeds: Partial<Deeds>): Writes {
  const { create, update, delete: remove, empty } = deeds
  const most = shape.batch?.most
  return {
    ...(create === undefined ? {} : { create: single(create) }),
    ...(update === undefined ? {} : { update: single(update) }),
    ...(remove === undefined ? {} : { delete: (call, intent) => single(remove)(call, intent).then(() => undefined) }),
    ...(empty === undefined ? {} : { empty: single(empty) }),
    ...(most === undefined
      ? {}
      : {
          batch: {
            most,
            ...(create === undefined ? {} : { create: together(create) }),
            ...(update === undefined ? {} : { update: together(update) }),
            ...(remove === undefined ? {} : { delete: together(remove) }),
          },
        }),
  }
}

function deedsOf(shape: Shape, read: Reader, kind: KindName): Omit<Deeds, 'create'> {
  const field = kind === 'room' ? 'name' : kind === 'thread' ? 'title' : 'body'
  const written = (body: unknown, { base }: Pick<Update, 'base'>): Item | Unread => {
    const answer = WriteAnswer.parse(body)
    return 'item' in answer ? read.item(answer.item) : { scope: base.scope, ref: answer.ref, unread: true }
  }
  return {
    update: {
      ask({ ref, changed, base }) {
        const room = textOf(changed, 'room')
        const text = textOf(changed, field)
        const what = { ...(text === null ? {} : { text }), ...(room === null ? {} : { room }) }
        return { op: 'update', kind, ref, ...what, ...guardOf(shape, field, base) }
      },
      done: written,
    },
    delete: {
      ask: ({ ref, base }) => ({ op: 'delete', kind, ref, ...guardOf(shape, field, base) }),
      done: () => null,
    },
    empty: { ask: ({ ref, base }) => ({ op: 'empty', kind, ref, ...guardOf(shape, field, base) }), done: written },
  }
}

function creation(read: Reader, ask: Deed<Create, Made>['ask']): Deed<Create, Made> {
  return {
    ask,
    done(body) {
      const { made } = MadeAnswer.parse(body)
      if (made === null) throw new ConnectorError('rejected', 'nothing was made')
      return read.made(made)
    },
  }
}

function guardOf(shape: Shape, field: string, base: Item): Pick<Ask, 'ifVersion' | 'ifText'> {
  if (!shape.guarded) return {}
  if (base.version !== undefined) return { ifVersion: Number(base.version) }
  return { ifText: textOf(base.values, field) }
}

function common(
  shape: Shape,
  read: Reader,
  kind: KindName,
): Pick<Kind<Api>, 'get' | 'find'> &
  Pick<Kind<Api>, 'ordered' | 'compares' | 'idempotent' | 'lag' | 'settle' | 'retention'> {
  const finds = shape.keys === 'find' || shape.keys === 'both'
  return {
    ...(shape.versions === 'ordered' ? { ordered: true as const } : {}),
    ...(shape.guarded ? { compares: { update: 'system', delete: 'system', empty: 'system' } as const } : {}),
    ...(shape.keys === 'repeat' || shape.keys === 'both' ? { idempotent: true as const } : {}),
    ...(shape.lagMs === 0 ? {} : { lag: shape.lagMs / 1000 }),
    settle: shape.settleS,
    ...(shape.retentionMin === null || kind === 'room' ? {} : { retention: shape.retentionMin * 60 }),
    async get({ api }, ref): Promise<Item | Tombstone> {
      const shown = await post(api, { op: 'get', kind, ref }, Shown)
      return 'item' in shown ? read.item(shown.item) : { scope: shown.gone.room, ref, gone: shown.gone.gone }
    },
    ...(finds
      ? {
          async find({ api }, { key }: Create): Promise<Made | null> {
            const { made } = await post(api, { op: 'find', kind, key }, MadeAnswer)
            return made === null ? null : read.made(made)
          },
        }
      : {}),
  }
}

function roomKind(shape: Shape, read: Reader): Kind<Api> {
  const { update } = deedsOf(shape, read, 'room')
  const create = creation(read, ({ key, values }) => ({
    op: 'create',
    kind: 'room',
    key,
    text: requiredText(values, 'name'),
  }))
  return {
    fields: { name: { type: 'text', required: true } },
    is: 'container',
    match: ['name'],
    ...common(shape, read, 'room'),
    ...writesOf(shape, { create, update }),
  }
}

function threadKind(shape: Shape, read: Reader): Kind<Api> {
  const { update, delete: remove } = deedsOf(shape, read, 'thread')
  const implicit = shape.threads === 'implicit'
  const fixed = implicit ? { written: 'on-create' as const } : {}
  const room = shape.moves ? {} : { written: 'on-create' as const }
  const create = creation(read, ({ key, values, head }) => {
    if (head === undefined) throw new ConnectorError('rejected', 'a thread is made with its first post')
    const text = textOf(values, 'title') ?? ''
    const headText = requiredText(head.values, 'body')
    const where = requiredText(values, 'room')
    return { op: 'create', kind: 'thread', room: where, key, text, headText, headKey: head.key }
  })
  return {
    fields: {
      room: { type: 'ref', to: 'room', required: true, ...room },
      title: { type: 'text', ...fixed },
    },
    in: 'room',
    scopeField: 'room',
    head: 'post',
    ...(implicit ? {} : { takes: ['post'] }),
    ...common(shape, read, 'thread'),
    ...writesOf(shape, implicit ? { create } : { create, update, delete: remove }),
  }
}

function postKind(shape: Shape, read: Reader): Kind<Api> {
  const room = { room: { type: 'ref' as const, to: 'room', required: true as const, written: 'on-create' as const } }
  const { update, delete: remove, empty } = deedsOf(shape, read, 'post')
  const create = creation(read, ({ key, values }, scope) => ({
    op: 'create',
    kind: 'post',
    room: scope,
    thread: requiredText(values, 'thread'),
    key,
    text: requiredText(values, 'body'),
  }))
  return {
    fields: {
      ...(shape.threads === 'implicit' ? room : {}),
      thread: { type: 'ref', to: 'thread', required: true, written: 'on-create' },
      body: { type: 'text', required: true },
    },
    in: 'room',
    ...(shape.threads === 'implicit' ? { scopeField: 'room' } : {}),
    siblings: 'thread',
    ...common(shape, read, 'post'),
    ...writesOf(shape, { create, update, delete: remove, ...(shape.empties ? { empty } : {}) }),
  }
}

function feedOf(read: Reader, kinds: KindName[]): Connector<Record<string, never>, Api>['feeds'][string] {
  return {
    kinds,
    async *pull({ api, scopes }, cursor): AsyncGenerator<Page> {
      for (let at = cursor === null ? null : Number(cursor), more = true; more;) {
        const answer = await post(api, { op: 'changes', kinds, rooms: [...scopes], cursor: at }, PageAnswer)
        at = answer.next
        more = answer.more
        yield { changes: answer.page.map(read.change), cursor: String(at) }
      }
    },
    async *list({ api, scope }, position): AsyncGenerator<Page> {
      for (let at = position === null ? 0 : Number(position), more = true; more;) {
        const answer = await post(api, { op: 'list', kinds, room: scope, cursor: at }, PageAnswer)
        at = answer.next
        more = answer.more
        yield {
          changes: answer.page.map(read.change),
          cursor: String(at),
          ...(more ? {} : { complete: true as const }),
        }
      }
    },
  }
}
