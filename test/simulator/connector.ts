/** The connector of a made-up system, declared from its shape as any other connector is declared. */
import { z } from 'zod'
import {
  ConnectorError,
  defineConnector,
  httpClient,
  requiredText,
  textOf,
  type Call,
  type Change,
  type Client,
  type Connector,
  type Create,
  type Delete,
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
          failure: ({ status, body }) =>
            status === 410 ? 'cursor-expired' : status === 409 && body.includes('key taken') ? 'key-taken' : null,
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

function common(
  shape: Shape,
  read: Reader,
  kind: KindName,
): Pick<Kind<Api>, 'get' | 'update' | 'find'> &
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
    async update({ api }, { ref, changed, base }: Update): Promise<Item | Unread> {
      const room = textOf(changed, 'room')
      const text = textOf(changed, kind === 'room' ? 'name' : kind === 'thread' ? 'title' : 'body')
      const ask: Ask = {
        op: 'update',
        kind,
        ref,
        ...(text === null ? {} : { text }),
        ...(room === null ? {} : { room }),
      }
      return written(read, base.scope, await post(api, { ...ask, ...guardOf(shape, kind, base) }, WriteAnswer))
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

function written(read: Reader, scope: string, answer: z.infer<typeof WriteAnswer>): Item | Unread {
  return 'item' in answer ? read.item(answer.item) : { scope, ref: answer.ref, unread: true }
}

function guardOf(shape: Shape, kind: KindName, base: Item): Pick<Ask, 'ifVersion' | 'ifText'> {
  if (!shape.guarded) return {}
  if (base.version !== undefined) return { ifVersion: Number(base.version) }
  return { ifText: textOf(base.values, kind === 'room' ? 'name' : kind === 'thread' ? 'title' : 'body') }
}

async function created({ api }: Seen, read: Reader, ask: Ask): Promise<Made> {
  const { made } = await post(api, { ...ask, op: 'create' }, MadeAnswer)
  if (made === null) throw new ConnectorError('rejected', 'nothing was made')
  return read.made(made)
}

function removal(shape: Shape, read: Reader, kind: KindName): Pick<Kind<Api>, 'delete' | 'empty'> {
  return {
    async delete({ api }, { ref, base }: Delete): Promise<void> {
      await post(api, { op: 'delete', kind, ref, ...guardOf(shape, kind, base) }, z.unknown())
    },
    ...(kind === 'post' && shape.empties
      ? {
          async empty({ api }, { ref, base }: Delete): Promise<Item | Unread> {
            const ask: Ask = { op: 'empty', kind, ref, ...guardOf(shape, kind, base) }
            return written(read, base.scope, await post(api, ask, WriteAnswer))
          },
        }
      : {}),
  }
}

function roomKind(shape: Shape, read: Reader): Kind<Api> {
  return {
    fields: { name: { type: 'text', required: true } },
    is: 'container',
    match: ['name'],
    ...common(shape, read, 'room'),
    create: (call, { key, values }) =>
      created(call, read, { op: 'create', kind: 'room', key, text: requiredText(values, 'name') }),
  }
}

function threadKind(shape: Shape, read: Reader): Kind<Api> {
  const { update, ...rest } = common(shape, read, 'thread')
  const implicit = shape.threads === 'implicit'
  const fixed = implicit ? { written: 'on-create' as const } : {}
  const room = shape.moves ? {} : { written: 'on-create' as const }
  return {
    fields: {
      room: { type: 'ref', to: 'room', required: true, ...room },
      title: { type: 'text', ...fixed },
    },
    in: 'room',
    scopeField: 'room',
    head: 'post',
    ...rest,
    async create(call, { key, values, head }) {
      if (head === undefined) throw new ConnectorError('rejected', 'a thread is made with its first post')
      const text = textOf(values, 'title') ?? ''
      const headText = requiredText(head.values, 'body')
      return created(call, read, {
        op: 'create',
        kind: 'thread',
        room: requiredText(values, 'room'),
        key,
        text,
        headText,
        headKey: head.key,
      })
    },
    ...(implicit || update === undefined ? {} : { update, takes: ['post'], ...removal(shape, read, 'thread') }),
  }
}

function postKind(shape: Shape, read: Reader): Kind<Api> {
  const room = { room: { type: 'ref' as const, to: 'room', required: true as const, written: 'on-create' as const } }
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
    ...removal(shape, read, 'post'),
    create: (call, { key, values }) =>
      created(call, read, {
        op: 'create',
        kind: 'post',
        room: call.scope,
        thread: requiredText(values, 'thread'),
        key,
        text: requiredText(values, 'body'),
      }),
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
