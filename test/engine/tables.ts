/** Two made-up systems that hold items of declared kinds on one shelf each, with the real engine and store between them. */
import { z } from 'zod'
import {
  ConnectorError,
  defineConnector,
  type Configured,
  type Answers,
  type Change,
  type Create,
  type Delete,
  type Failure,
  type Feed,
  type Item,
  type Kind,
  type Made,
  type Page,
  type Person,
  type Runtime,
  type Update,
  type Values,
} from '../../src/connector/index.ts'
import { slotOf } from '../../src/core/slot.ts'
import type { Lens, Policy } from '../../src/core/flow.ts'
import { createEngine, type Engine } from '../../src/engine/engine.ts'
import { modelOf } from '../../src/engine/model.ts'
import { NO_TOKENS } from '../../src/engine/tokens.ts'
import { DEFAULT_SETTINGS, type EngineEvent } from '../../src/engine/world.ts'
import { groupCommit } from '../../src/store/group-commit.ts'
import { storeFrom } from '../../src/store/open.ts'
import { markerKey } from '../../src/store/seal.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { inThread } from '../../src/store/sqlite/in-thread.ts'
import type { PersonAt } from '../../src/store/verbs/aliases.ts'
import { verbs, type Store } from '../../src/store/verbs/index.ts'
import { memoryBlobs } from '../../src/testing/memory-blobs.ts'
import { clockOf, seeded, VirtualTime } from '../../src/testing/virtual-time.ts'
import { Depot, filesOf, type FileShelf } from './table-files.ts'
import { flowOf, type Rules } from './table-flow.ts'

/** What is declared of a kind; it stands on the shelf. */
export type Sort = Pick<Kind<unknown>, 'fields' | 'siblings' | 'under' | 'takes' | 'unique' | 'match' | 'compares'> & {
  readonly most?: number
  /** Whether a create is found again by its key. */
  readonly finds?: boolean
}
export type Sorts = { readonly [kind: string]: Sort }

/** One call that a system was asked for: a write, or a read of items. */
export interface Asked {
  readonly side: 'a' | 'b'
  readonly do: 'create' | 'update' | 'delete' | 'get' | 'find' | 'open' | 'upload' | 'people'
  readonly kind: string
  readonly values: readonly Values[]
}

/** What goes wrong with a call: it fails, before or after its effect. */
export interface Trouble {
  readonly failure: Failure
  readonly after?: true
}

interface Row {
  readonly kind: string
  readonly gone: boolean
  readonly item: Item
}

export class Table {
  readonly side: 'a' | 'b'
  readonly rows = new Map<string, Row>()
  readonly log: string[] = []
  /** Of each write, whether the system refuses it. */
  refuses: (kind: string, values: Values) => Failure | null = () => null
  /** Of each call, what goes wrong. */
  fails: (asked: Asked) => Trouble | null = () => null
  readonly files: Depot
  /** Its directory. */
  people: readonly Person[] = []
  private made = 0
  private readonly sorts: Sorts
  private readonly now: () => number

  constructor(side: 'a' | 'b', sorts: Sorts, now: () => number, tells: FileShelf['tells']) {
    this.side = side
    this.sorts = sorts
    this.files = new Depot(side, tells)
    this.now = now
  }

  /** Somebody makes an item. Answers its ref. */
  add(kind: string, values: Values, author = 'ann', key?: string): string {
    this.made += 1
    const ref = `${kind}-${this.made}`
    const createdAt = new Date(this.now() + this.made).toISOString()
    const scope = kind === 'shelf' ? '' : 'shelf-1'
    this.put(kind, { scope, ref, values, author: { ref: author }, createdAt, ...(key === undefined ? {} : { key }) })
    return ref
  }

  /** Somebody changes an item, or the engine does. */
  set(kind: string, ref: string, changed: Values): void {
    const item = this.get(kind, ref)
    this.put(kind, { ...item, values: { ...item.values, ...changed }, editedAt: new Date(this.now()).toISOString() })
  }

  /** What it takes along goes too. */
  drop(kind: string, ref: string): void {
    this.put(kind, this.get(kind, ref), true)
    for (const child of this.sorts[kind]?.takes ?? []) {
      const field = this.sorts[child]?.under ?? this.sorts[child]?.siblings ?? ''
      for (const item of this.living(child)) if (item.values[field] === ref) this.drop(child, item.ref)
    }
  }

  /** Whether something stands where only one thing can. */
  isTaken(kind: string, values: Values): boolean {
    const unique = this.sorts[kind]?.unique ?? []
    const slot = slotOf(unique, values)
    return slot !== null && this.living(kind).some((item) => slotOf(unique, item.values) === slot)
  }

  get(kind: string, ref: string): Item {
    const row = this.rows.get(`${kind} ${ref}`)
    if (row === undefined || row.gone) throw new ConnectorError('missing', `no ${kind} ${ref}`)
    return row.item
  }

  living(kind: string): readonly Item[] {
    return [...this.rows.values()].filter((row) => row.kind === kind && !row.gone).map(({ item }) => item)
  }

  /** The values of one field, in order of making. */
  all(kind: string, field: string): unknown[] {
    return this.living(kind).map(({ values }) => values[field] ?? null)
  }

  private put(kind: string, item: Item, gone = false): void {
    const name = `${kind} ${item.ref}`
    this.log.push(name)
    this.rows.set(name, { kind, gone, item: { ...item, version: String(this.log.length).padStart(6, '0') } })
  }
}

export interface Api {
  readonly table: Table
  readonly runtime: Runtime
  ask<T>(asked: Omit<Asked, 'side'>, carry: () => T): Promise<T>
}

const LATENCY = 10

function connectorOf(
  sorts: Sorts,
  table: Table,
  asked: Asked[],
  shelves: FileShelf | undefined,
  areEmails: boolean | undefined,
): Configured {
  const shelf: Kind<Api> = {
    fields: { name: { type: 'text', required: true } },
    is: 'container',
    get: ({ api }, ref) => api.ask({ do: 'get', kind: 'shelf', values: [] }, () => table.get('shelf', ref)),
  }
  const kinds = Object.fromEntries(Object.entries(sorts).map(([kind, sort]) => [kind, kindOf(kind, sort, table)]))
  return defineConnector<unknown, Api>({
    name: `table-${table.side}`,
    title: `Table ${table.side}`,
    config: z.unknown(),
    limits: () => ({ site: { requests: 100, perSeconds: 1 } }),
    calls: () => [{ site: table.side }],
    connect: (_, runtime) => ({
      table,
      runtime,
      ask: (wish, carry) =>
        runtime.limits.within({ site: table.side }, async () => {
          const whole = { ...wish, side: table.side }
          asked.push(whole)
          const trouble = table.fails(whole)
          await runtime.clock.sleep(LATENCY)
          if (trouble === null) return carry()
          if (trouble.after) carry()
          throw new ConnectorError(trouble.failure, 'trouble')
        }),
    }),
    probe: () => Promise.resolve({ actor: { ref: 'bot' }, problems: [] }),
    kinds: { shelf, ...kinds },
    ...(shelves === undefined ? {} : { files: filesOf(table, shelves) }),
    ...(areEmails === undefined ? {} : { people: areEmails ? { areEmails } : { list: listPeople } }),
    feeds: { all: feedOf(['shelf', ...Object.keys(sorts)], table) },
  })
}

async function* listPeople({ api }: { api: Api }): AsyncGenerator<readonly Person[]> {
  yield api.ask({ do: 'people', kind: '', values: [] }, () => api.table.people)
}

function kindOf(kind: string, { most, finds, ...declared }: Sort, table: Table): Kind<Api> {
  const allow = (values: Values): void => {
    const failure = table.refuses(kind, values)
    if (failure !== null) throw new ConnectorError(failure, `it does not take ${JSON.stringify(values)}`)
  }
  const create = ({ key, values }: Create): Made => {
    allow(values)
    if (table.isTaken(kind, values)) throw new ConnectorError('stale', 'its place is taken')
    return [{ kind, ...table.get(kind, table.add(kind, values, 'bot', finds === true ? key : undefined)) }]
  }
  const update = ({ ref, changed, base }: Update): Item => {
    allow(changed)
    if (declared.compares?.update === 'system' && table.get(kind, ref).version !== base.version)
      throw new ConnectorError('stale', 'it was changed')
    table.set(kind, ref, changed)
    return table.get(kind, ref)
  }
  const remove = ({ ref }: Delete): null => {
    table.drop(kind, ref)
    return null
  }
  return {
    ...declared,
    in: 'shelf',
    ordered: true,
    settle: 30,
    get: ({ api }, ref) => api.ask({ do: 'get', kind, values: [] }, () => table.get(kind, ref)),
    create: ({ api }, intent) => api.ask({ do: 'create', kind, values: [intent.values] }, () => create(intent)),
    ...(finds === true
      ? {
          find: ({ api }, { key, values }) =>
            api.ask({ do: 'find', kind, values: [values] }, () => {
              const found = table.living(kind).find((each) => each.key === key)
              return found === undefined ? null : [{ kind, ...found }]
            }),
        }
      : {}),
    update: ({ api }, intent) => api.ask({ do: 'update', kind, values: [intent.changed] }, () => update(intent)),
    delete: ({ api }, intent) =>
      api.ask({ do: 'delete', kind, values: [intent.base.values] }, () => remove(intent)).then(() => undefined),
    ...(most === undefined
      ? {}
      : {
          batch: {
            most,
            create: ({ api }, intents) =>
              api.ask({ do: 'create', kind, values: intents.map(({ values }) => values) }, () => each(intents, create)),
            update: ({ api }, intents) =>
              api.ask({ do: 'update', kind, values: intents.map(({ changed }) => changed) }, () =>
                each(intents, update),
              ),
            delete: ({ api }, intents) =>
              api.ask({ do: 'delete', kind, values: intents.map(({ base }) => base.values) }, () =>
                each(intents, remove),
              ),
          },
        }),
  }
}

function each<Intent, Done>(intents: readonly Intent[], one: (intent: Intent) => Done): Answers<Done> {
  return intents.map((intent) => {
    try {
      return one(intent)
    } catch (error) {
      if (error instanceof ConnectorError) return error
      throw error
    }
  })
}

function feedOf(kinds: readonly string[], table: Table): Feed<Api> {
  const changeOf = ({ kind, gone, item }: Row): Change =>
    gone ? { kind, scope: item.scope, ref: item.ref, gone: 'deleted' } : { kind, ...item }
  const page = (names: Iterable<string>, scope: string): Change[] =>
    [...new Set(names)].flatMap((name) => {
      const row = table.rows.get(name)
      return row === undefined || (scope !== '*' && row.item.scope !== scope) ? [] : [changeOf(row)]
    })
  return {
    kinds,
    async *pull({ api }, cursor): AsyncGenerator<Page> {
      await api.runtime.clock.sleep(LATENCY)
      const changes = cursor === null ? [] : page(table.log.slice(Number(cursor)), '*')
      yield { changes, cursor: String(table.log.length) }
    },
    async *list({ api, scope }): AsyncGenerator<Page> {
      await api.runtime.clock.sleep(LATENCY)
      const changes = page(table.rows.keys(), scope).filter((change) => !('gone' in change))
      yield { changes, cursor: '', complete: true }
    },
  }
}

export interface Tables {
  readonly time: VirtualTime
  readonly a: Table
  readonly b: Table
  readonly asked: Asked[]
  readonly events: EngineEvent[]
  readonly store: Store
  readonly blobs: ReturnType<typeof memoryBlobs>
  readonly engine: Engine
  approve(): Promise<unknown>
  /** One whole sync. */
  sync(): Promise<void>
  /** Keeps in step for so long. */
  run(ms: number): Promise<void>
}

export interface TablesOptions {
  readonly a: Sorts
  readonly b: Sorts
  readonly policy?: Policy
  /** Of each kind but the shelf. Absent: equal fields are the same. */
  readonly lenses?: readonly Lens[]
  readonly files?: { readonly a?: FileShelf; readonly b?: FileShelf }
  readonly mostFileBytes?: number
  /** Whether the refs of people are e-mails; else there is a directory. Absent: there is none. */
  readonly people?: { readonly a?: boolean; readonly b?: boolean }
  /** Who is one, as the configuration says. */
  readonly aliases?: readonly (readonly PersonAt[])[]
  /** Of every pair of kinds but the shelves. */
  readonly rules?: Rules
}

export async function tablesOf(options: TablesOptions): Promise<Tables> {
  const { policy = 'newest', lenses, rules, files, mostFileBytes, people, aliases, ...sorts } = options
  const time = new VirtualTime(Date.parse('2026-11-02T09:00:00Z'))
  const asked: Asked[] = []
  const events: EngineEvent[] = []
  const tableOf = (side: 'a' | 'b'): Table => new Table(side, sorts[side], () => time.now(), files?.[side]?.tells)
  const [a, b] = [tableOf('a'), tableOf('b')]
  for (const table of [a, b]) table.add('shelf', { name: 'Team' })
  const connectors = {
    a: connectorOf(sorts.a, a, asked, files?.a, people?.a),
    b: connectorOf(sorts.b, b, asked, files?.b, people?.b),
  }
  const setups = (['a', 'b'] as const).map((id) => ({ id, connector: connectors[id], config: {} }))
  const migrations = new URL('../../src/store/migrations/', import.meta.url)
  const { db } = openDatabase({ path: ':memory:', migrations, now: time.now() })
  const blobs = memoryBlobs()
  const store = storeFrom(groupCommit(inThread(db, verbs)))
  const { process } = await store.start({
    now: time.now(),
    flows: [{ id: 'team', title: 'Team', fingerprint: 'a b' }],
    connections: setups.map(({ id, connector }) => ({ id, connector: connector.name })),
  })
  const engine = createEngine(
    {
      clock: clockOf(time),
      random: seeded(7),
      http: { send: () => Promise.reject(new Error('there is no network')) },
      store,
      log: () => undefined,
      blobs,
      markerKey: markerKey(Buffer.alloc(32, 7)),
      tokens: () => NO_TOKENS,
      events: (event) => events.push(event),
    },
    modelOf(
      [
        {
          ...flowOf(Object.keys(sorts.a), policy, connectors, lenses, rules),
          ...(mostFileBytes === undefined ? {} : { mostFileBytes }),
        },
      ],
      setups,
      aliases,
    ),
    DEFAULT_SETTINGS,
    process,
  )
  const drive = async (work: Promise<void>, ms: number): Promise<void> => {
    let ended = false
    const end = work.finally(() => (ended = true))
    end.catch(() => undefined)
    await time.run(time.now() + ms, () => ended)
    if (!ended) throw new Error('it did not end in time')
    await end
  }
  return {
    time,
    a,
    b,
    asked,
    events,
    store,
    blobs,
    engine,
    approve: () => store.approve({ flow: 'team', now: time.now() }),
    sync: () => drive(engine.once(new AbortController().signal), 4 * 3600_000),
    run: async (ms) => {
      const stop = new AbortController()
      time.after(ms, () => stop.abort())
      await drive(engine.run(stop.signal), ms + 600_000)
    },
  }
}
