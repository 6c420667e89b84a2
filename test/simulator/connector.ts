/** The connector of a made-up system, declared from its shape as any other connector is declared. */
import { z } from 'zod'
import {
  ConnectorError,
  defineConnector,
  httpClient,
  requiredText,
  textOf,
  type FixedConnector,
  type Create,
  type Feed,
  type Item,
  type Kind,
  type Made,
  type Page,
  type Tombstone,
} from '../../src/connector/index.ts'
import { filesOf, refsIn } from './attached.ts'
import type { KindName } from './board.ts'
import { creation, deedsOf, failureIn, post, writesOf, type Api } from './deeds.ts'
import { MadeAnswer, namedIn, PageAnswer, Shown, Person, readerOf, type Reader } from './reader.ts'
import type { Shape } from './shape.ts'

export function connectorOf(shape: Shape): FixedConnector<Record<string, never>, Api> {
  const read = readerOf(shape)
  const calendar = shape.series ? { series: seriesKind(shape, read), exception: exceptionKind(shape, read) } : {}
  const talk = { room: roomKind(shape, read), thread: threadKind(shape, read), post: postKind(shape, read) }
  const kinds = { ...talk, ...calendar }
  const items: readonly KindName[] = ['thread', 'post', ...(shape.series ? (['series', 'exception'] as const) : [])]
  const one = { items: feedOf(read, ['room', ...items]) }
  const two = { rooms: feedOf(read, ['room']), items: feedOf(read, [...items]) }
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
          failure: failureIn,
        },
        runtime,
      ),
    probe: async (api) => {
      const { person } = await post(api, { op: 'me' }, z.object({ person: Person }))
      return { actor: person, problems: [] }
    },
    kinds,
    ...(shape.files === null ? {} : { files: filesOf(shape) }),
    ...(shape.people === null ? {} : { people: { list } }),
    feeds: shape.feeds === 'one' ? one : two,
  })
}

async function* list({ api }: { readonly api: Api }): AsyncGenerator<readonly z.infer<typeof Known>[]> {
  const { people } = await post(api, { op: 'people' }, z.object({ people: z.array(Known) }))
  yield people
}

const Known = z.object({ ref: z.string(), name: z.string(), email: z.string().optional() })

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
    ...(shape.retentionMin === null || (kind !== 'thread' && kind !== 'post')
      ? {}
      : { retention: shape.retentionMin * 60 }),
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
    const [headFiles, headWho] = [refsIn(head.values), namedIn(head.values)]
    return { op: 'create', kind: 'thread', room: where, key, text, headText, headKey: head.key, headFiles, headWho }
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
    files: refsIn(values),
    who: namedIn(values),
  }))
  return {
    fields: {
      ...(shape.threads === 'implicit' ? room : {}),
      thread: { type: 'ref', to: 'thread', required: true, written: 'on-create' },
      body: { type: 'text', required: true },
      ...(shape.files === null ? {} : { files: { type: 'file', many: 'set' } as const }),
      ...(shape.people === null
        ? {}
        : { who: { type: 'person', ...(shape.people.many ? { many: 'set' } : {}) } as const }),
    },
    in: 'room',
    ...(shape.threads === 'implicit' ? { scopeField: 'room' } : {}),
    siblings: 'thread',
    ...common(shape, read, 'post'),
    ...writesOf(shape, { create, update, delete: remove, ...(shape.empties ? { empty } : {}) }),
  }
}

function seriesKind(shape: Shape, read: Reader): Kind<Api> {
  const { update, delete: remove } = deedsOf(shape, read, 'series')
  const create = creation(read, ({ key, values }, scope) => ({
    op: 'create',
    kind: 'series',
    room: scope,
    key,
    text: requiredText(values, 'title'),
  }))
  return {
    fields: { title: { type: 'text', required: true } },
    in: 'room',
    takes: ['exception'],
    ...common(shape, read, 'series'),
    ...writesOf(shape, { create, update, delete: remove }),
  }
}

/** What differs from its series at one of its times: there is one, whoever makes it. */
function exceptionKind(shape: Shape, read: Reader): Kind<Api> {
  const { update, delete: remove } = deedsOf(shape, read, 'exception')
  const create = creation(read, ({ key, values }, scope) => ({
    op: 'create',
    kind: 'exception',
    room: scope,
    thread: requiredText(values, 'series'),
    slot: requiredText(values, 'slot'),
    key,
    text: requiredText(values, 'body'),
  }))
  return {
    fields: {
      series: { type: 'ref', to: 'series', required: true, written: 'on-create' },
      slot: { type: 'text', required: true, written: 'on-create' },
      body: { type: 'text', required: true },
    },
    in: 'room',
    under: 'series',
    unique: ['series', 'slot'],
    ...common(shape, read, 'exception'),
    ...writesOf(shape, { create, update, delete: remove }),
  }
}

function feedOf(read: Reader, kinds: KindName[]): Feed<Api> {
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
