/** A made-up system that holds items of declared kinds on shelves, and the connector that speaks for it. */
import { z } from 'zod'
import {
  ConnectorError,
  defineConnector,
  type Configured,
  type Answers,
  type Call,
  type Change,
  type Connector,
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
import { Depot, filesOf, type FileShelf } from './table-files.ts'

/** What is declared of a kind; it stands on the shelf. */
export type Sort = Pick<
  Kind<unknown>,
  'fields' | 'siblings' | 'under' | 'takes' | 'unique' | 'match' | 'compares' | 'retention' | 'lag'
> & {
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
  /** What it answers to everybody, whatever is asked; null: it is well. */
  down: Failure | null = null
  /** The next pull finds its cursor too old; its lists show nothing. */
  expires = false
  blind = false
  /** How many of the last changes its feed does not show yet. */
  behind = 0
  /** What neither its feed nor its lists show. */
  hides: (item: Item) => boolean = () => false
  /** The most entries of its log that a page of its feed shows. */
  most = Infinity
  /** How often its feed was pulled, and which scopes were listed. */
  pulls = 0
  readonly listed: string[] = []
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
  add(kind: string, values: Values, author = 'ann', key?: string, shelf = 'shelf-1'): string {
    this.made += 1
    const ref = `${kind}-${this.made}`
    const createdAt = new Date(this.now() + this.made).toISOString()
    const scope = kind === 'shelf' ? '' : shelf
    this.put(kind, { scope, ref, values, author: { ref: author }, createdAt, ...(key === undefined ? {} : { key }) })
    return ref
  }

  /** Somebody changes an item, or the engine does. */
  set(kind: string, ref: string, changed: Values): void {
    const item = this.get(kind, ref)
    this.put(kind, { ...item, values: { ...item.values, ...changed }, editedAt: new Date(this.now()).toISOString() })
  }

  /** Somebody puts it on another shelf. */
  move(kind: string, ref: string, shelf: string): void {
    this.put(kind, { ...this.get(kind, ref), scope: shelf, editedAt: new Date(this.now()).toISOString() })
    for (const [child, { under, siblings }] of Object.entries(this.sorts))
      for (const item of this.living(child))
        if (item.values[under ?? siblings ?? ''] === ref) this.move(child, item.ref, shelf)
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

  /** Where the parent of an item stands: what is made under it stands there too. */
  shelfUnder(kind: string, values: Values): string | undefined {
    const { under, siblings } = this.sorts[kind] ?? {}
    const parent = values[under ?? siblings ?? '']
    return [...this.rows.values()].find(({ gone, item }) => !gone && item.ref === parent)?.item.scope
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

/** What its configuration is of: by that, which table a connection is. */
type TableOf = (config: unknown) => Table

/** What only some tests want of a system. */
interface Ability {
  readonly shelves?: FileShelf | undefined
  readonly areEmails?: boolean | undefined
  readonly config?: z.ZodType
}

export function connectorOf(
  sorts: Sorts,
  side: 'a' | 'b',
  tableOf: TableOf,
  asked: Asked[],
  { shelves, areEmails, config = z.unknown() }: Ability = {},
): Connector<unknown, Api> & Configured {
  const shelf: Kind<Api> = {
    fields: { name: { type: 'text', required: true } },
    is: 'container',
    get: ({ api }, ref) => api.ask({ do: 'get', kind: 'shelf', values: [] }, () => api.table.get('shelf', ref)),
  }
  const kinds = Object.fromEntries(Object.entries(sorts).map(([kind, sort]) => [kind, kindOf(kind, sort)]))
  return defineConnector<unknown, Api>({
    name: `table-${side}`,
    title: `Table ${side}`,
    config,
    limits: () => ({ site: { requests: 100, perSeconds: 1 } }),
    calls: () => [{ site: side }],
    connect: (given, runtime) => apiOf(tableOf(given), runtime, asked),
    probe: ({ table }) => {
      standing(table)
      return Promise.resolve({ actor: { ref: 'bot' }, problems: [] })
    },
    kinds: { shelf, ...kinds },
    ...(shelves === undefined ? {} : { files: filesOf(shelves) }),
    ...(areEmails === undefined ? {} : { people: areEmails ? { areEmails } : { list: listPeople } }),
    feeds: { all: feedOf(['shelf', ...Object.keys(sorts)]) },
  })
}

async function* listPeople({ api }: { api: Api }): AsyncGenerator<readonly Person[]> {
  yield api.ask({ do: 'people', kind: '', values: [] }, () => api.table.people)
}

function apiOf(table: Table, runtime: Runtime, asked: Asked[]): Api {
  return {
    table,
    runtime,
    ask: (wish, carry) =>
      runtime.limits.within({ site: table.side }, async () => {
        const whole = { ...wish, side: table.side }
        asked.push(whole)
        const trouble = table.fails(whole)
        await runtime.clock.sleep(LATENCY)
        standing(table)
        if (trouble === null) return carry()
        if (trouble.after) carry()
        throw new ConnectorError(trouble.failure, 'trouble')
      }),
  }
}

function standing({ down }: Table): void {
  if (down !== null) throw new ConnectorError(down, 'it answers nobody')
}

function kindOf(kind: string, { most, finds, ...declared }: Sort): Kind<Api> {
  const allow = (table: Table, values: Values): void => {
    const failure = table.refuses(kind, values)
    if (failure !== null) throw new ConnectorError(failure, `it does not take ${JSON.stringify(values)}`)
  }
  const create = ({ api: { table }, scope }: Call<Api>, { key, values }: Create): Made => {
    allow(table, values)
    if (table.isTaken(kind, values)) throw new ConnectorError('stale', 'its place is taken')
    const made = table.add(
      kind,
      values,
      'bot',
      finds === true ? key : undefined,
      table.shelfUnder(kind, values) ?? scope,
    )
    return [{ kind, ...table.get(kind, made) }]
  }
  const update = ({ api: { table } }: Call<Api>, { ref, changed, base }: Update): Item => {
    allow(table, changed)
    if (declared.compares?.update === 'system' && table.get(kind, ref).version !== base.version)
      throw new ConnectorError('stale', 'it was changed')
    table.set(kind, ref, changed)
    return table.get(kind, ref)
  }
  const remove = ({ api: { table } }: Call<Api>, { ref }: Delete): null => {
    table.drop(kind, ref)
    return null
  }
  return {
    ...declared,
    in: 'shelf',
    ordered: true,
    settle: 30,
    get: ({ api }, ref) => api.ask({ do: 'get', kind, values: [] }, () => api.table.get(kind, ref)),
    create: (call, intent) => call.api.ask({ do: 'create', kind, values: [intent.values] }, () => create(call, intent)),
    ...(finds === true
      ? {
          find: ({ api }, { key, values }) =>
            api.ask({ do: 'find', kind, values: [values] }, () => {
              const found = api.table.living(kind).find((each) => each.key === key)
              return found === undefined ? null : [{ kind, ...found }]
            }),
        }
      : {}),
    update: (call, intent) =>
      call.api.ask({ do: 'update', kind, values: [intent.changed] }, () => update(call, intent)),
    delete: (call, intent) =>
      call.api
        .ask({ do: 'delete', kind, values: [intent.base.values] }, () => remove(call, intent))
        .then(() => undefined),
    ...(most === undefined
      ? {}
      : {
          batch: {
            most,
            create: (call, intents) =>
              call.api.ask({ do: 'create', kind, values: intents.map(({ values }) => values) }, () =>
                each(call, intents, create),
              ),
            update: (call, intents) =>
              call.api.ask({ do: 'update', kind, values: intents.map(({ changed }) => changed) }, () =>
                each(call, intents, update),
              ),
            delete: (call, intents) =>
              call.api.ask({ do: 'delete', kind, values: intents.map(({ base }) => base.values) }, () =>
                each(call, intents, remove),
              ),
          },
        }),
  }
}

function each<Intent, Done>(
  call: Call<Api>,
  intents: readonly Intent[],
  one: (call: Call<Api>, intent: Intent) => Done,
): Answers<Done> {
  return intents.map((intent) => {
    try {
      return one(call, intent)
    } catch (error) {
      if (error instanceof ConnectorError) return error
      throw error
    }
  })
}

function feedOf(kinds: readonly string[]): Feed<Api> {
  const changeOf = ({ kind, gone, item }: Row): Change =>
    gone ? { kind, scope: item.scope, ref: item.ref, gone: 'deleted' } : { kind, ...item }
  const page = (table: Table, names: Iterable<string>, scope: string): Change[] =>
    [...new Set(names)].flatMap((name) => {
      const row = table.rows.get(name)
      const isShown = row !== undefined && !table.hides(row.item) && (scope === '*' || row.item.scope === scope)
      return isShown ? [changeOf(row)] : []
    })
  return {
    kinds,
    async *pull({ api }, cursor): AsyncGenerator<Page> {
      const { table } = api
      table.pulls += 1
      await api.runtime.clock.sleep(LATENCY)
      standing(table)
      if (cursor !== null && table.expires) {
        table.expires = false
        throw new ConnectorError('cursor-expired', 'it is too old')
      }
      const upTo = table.log.length - table.behind
      for (let at = cursor === null ? upTo : Number(cursor), first = true; first || at < upTo; first = false) {
        const to = Math.min(at + table.most, upTo)
        yield { changes: page(table, table.log.slice(at, to), '*'), cursor: String(to) }
        at = to
        if (at < upTo) await api.runtime.clock.sleep(LATENCY)
      }
    },
    async *list({ api, scope }): AsyncGenerator<Page> {
      const { table } = api
      table.listed.push(scope)
      await api.runtime.clock.sleep(LATENCY)
      standing(table)
      const rows = table.blind ? [] : table.rows.keys()
      const changes = page(table, rows, scope).filter((change) => !('gone' in change))
      yield { changes, cursor: '', complete: true }
    },
  }
}
