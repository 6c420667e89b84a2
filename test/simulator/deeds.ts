/** Writes to a made-up system: how each is asked for, alone or many in one call, and what its answer tells. */
import { refsIn } from './attached.ts'
import { z } from 'zod'
import {
  ConnectorError,
  failureOf,
  textOf,
  type Answers,
  type Call,
  type Client,
  type Create,
  type Delete,
  type Failure,
  type Item,
  type Kind,
  type Made,
  type Unread,
  type Update,
} from '../../src/connector/index.ts'
import type { Ask } from './ask.ts'
import type { KindName } from './board.ts'
import { MadeAnswer, namedIn, WriteAnswer, type Reader } from './reader.ts'
import type { Shape } from './shape.ts'

export type Api = Client
type Seen = Pick<Call<Api>, 'api' | 'scope'>

export function post<T>(api: Api, ask: Ask, as: z.ZodType<T>): Promise<T> {
  return api.post(`/${ask.op}/${ask.kind ?? ''}`, { body: ask, as })
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
          : [new ConnectorError(failureIn(answer) ?? failureOf(answer.status), JSON.stringify(answer.body))]
      return told
    })
  }
}

export function failureIn({ status, body }: { status: number; body: unknown }): Failure | null {
  if (status === 410) return 'cursor-expired'
  return status === 409 && JSON.stringify(body).includes('key taken') ? 'key-taken' : null
}

type Writes = Partial<Pick<Kind<Api>, 'create' | 'update' | 'delete' | 'empty' | 'batch'>>

/** The writes of a kind, and those of them that one call takes many of. */
export function writesOf(shape: Shape, deeds: Partial<Deeds>): Writes {
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

export function deedsOf(shape: Shape, read: Reader, kind: KindName): Omit<Deeds, 'create'> {
  const field = kind === 'room' ? 'name' : kind === 'thread' || kind === 'series' ? 'title' : 'body'
  const written = (body: unknown, { base }: Pick<Update, 'base'>): Item | Unread => {
    const answer = WriteAnswer.parse(body)
    return 'item' in answer ? read.item(answer.item) : { scope: base.scope, ref: answer.ref, unread: true }
  }
  return {
    update: {
      ask({ ref, changed, base }) {
        const room = textOf(changed, 'room')
        const text = textOf(changed, field)
        const files = 'files' in changed ? { files: refsIn(changed) } : {}
        const who = 'who' in changed ? { who: namedIn(changed) } : {}
        const what = { ...(text === null ? {} : { text }), ...(room === null ? {} : { room }), ...files, ...who }
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

export function creation(read: Reader, ask: Deed<Create, Made>['ask']): Deed<Create, Made> {
  return {
    ask,
    done(body) {
      const { made } = MadeAnswer.parse(body)
      if (made === null) throw new ConnectorError('rejected', 'nothing was made')
      return read.made(made)
    },
  }
}

function guardOf(shape: Shape, field: string, base: Item): Pick<Ask, 'ifVersion' | 'ifText' | 'ifFiles' | 'ifWho'> {
  if (!shape.guarded) return {}
  if (base.version !== undefined) return { ifVersion: Number(base.version) }
  const files = shape.files === null || field !== 'body' ? {} : { ifFiles: refsIn(base.values) }
  const who = shape.people === null || field !== 'body' ? {} : { ifWho: namedIn(base.values) }
  return { ifText: textOf(base.values, field), ...files, ...who }
}
