/**
 * A product with one database of all its users and a table of each user's own, joined by a template: from the text of the
 * configuration to the engine.
 */
import { z } from 'zod'
import { flowAt, flowFingerprint, formatProblem, loadConfig } from '../../src/config/index.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { modelOf } from '../../src/engine/model.ts'
import type { Started } from '../../src/store/verbs/flows.ts'
import type { Store } from '../../src/store/verbs/index.ts'
import { memoryBlobs } from '../../src/testing/memory-blobs.ts'
import { VirtualTime } from '../../src/testing/virtual-time.ts'
import { connectorOf, Table, type Asked, type Sort } from './table.ts'
import { drive, engineOver, storeInMemory } from './tables.ts'

const EVENT: Sort = {
  fields: { title: { type: 'text', required: true } },
  match: ['title'],
  takes: ['note'],
  finds: true,
}
const NOTE: Sort = {
  fields: { event: { type: 'ref', to: 'event', required: true, written: 'on-create' }, text: { type: 'text' } },
  under: 'event',
}
const SORTS = { event: EVENT, note: NOTE }
const OF = z.object({ of: z.string().min(1) })

export interface Product {
  readonly time: VirtualTime
  readonly store: Store
  /** The database of all. */
  readonly db: Table
  readonly asked: Asked[]
  readonly engine: Engine
  readonly started: Started
  /** The shelf of an account in the database. */
  shelf(account: string): string
  /** The account's own table. */
  home(account: string): Table
  titles(account: string): unknown[]
  /** Another process over the same store, for these accounts; `settings`: with another configuration. */
  restart(accounts: readonly string[], settings?: ProductOptions): Promise<void>
  sync(): Promise<void>
  run(ms: number): Promise<void>
}

export interface ProductOptions {
  /** Lines of the flow, in YAML. */
  readonly flow?: string
  /** More of its pair of events, as it stands in braces. */
  readonly event?: string
}

interface Begun {
  readonly engine: Engine
  readonly started: Started
}

export async function productOf(
  accounts: readonly string[],
  { flow = '', event = '' }: ProductOptions = {},
): Promise<Product> {
  const time = new VirtualTime(Date.parse('2026-11-02T09:00:00Z'))
  const asked: Asked[] = []
  const now = (): number => time.now()
  const db = new Table('a', SORTS, now, undefined)
  const homes = new Map<string, Table>()
  const shelves = new Map<string, string>()
  const store = storeInMemory(time.now())
  const home = (account: string): Table => homes.get(account) ?? furnish(account)
  const furnish = (account: string): Table => {
    const table = new Table('b', SORTS, now, undefined)
    table.add('shelf', { name: 'Own' })
    homes.set(account, table)
    shelves.set(account, db.add('shelf', { name: account }))
    return table
  }
  const shelf = (account: string): string => (home(account), shelves.get(account) ?? '')
  const connectors = new Map(
    [
      connectorOf(SORTS, 'a', () => db, asked, { config: z.object({}) }),
      connectorOf(SORTS, 'b', (config) => home(OF.parse(config).of), asked, { config: OF }),
    ].map((each) => [each.name, each]),
  )
  const begin = async (named: readonly string[], settings: ProductOptions = {}): Promise<Begun> => {
    const text = configOf(named, shelf, { flow, event, ...settings })
    const { config, problems } = loadConfig({
      path: '/product/lockstep.yaml',
      readFile: (path) => (path.endsWith('.yaml') ? text : null),
      env: {},
      connectors,
    })
    if (config === null) throw new Error(problems.map(formatProblem).join('\n'))
    const flows = config.flows.map((each) => flowAt(each, new Date(time.now()).toISOString()))
    const started = await store.start({
      now: time.now(),
      flows: flows.map((each) => ({ ...each, fingerprint: flowFingerprint(each) })),
      connections: config.connections.map(({ id, connector }) => ({ id, connector: connector.name })),
    })
    const around = { time, store, blobs: memoryBlobs(), events: [], process: started.process }
    return { engine: engineOver(around, modelOf(flows, config.connections)), started }
  }
  let current = await begin(accounts)
  return {
    time,
    store,
    db,
    asked,
    get engine() {
      return current.engine
    },
    get started() {
      return current.started
    },
    shelf,
    home,
    titles: (account) => home(account).all('event', 'title'),
    restart: async (named, settings) => {
      current = await begin(named, settings)
    },
    sync: async () => {
      await drive(time, current.engine.once(new AbortController().signal, []), 4 * 3600_000)
      for (const { flow: each } of current.engine.world.model.flows)
        await store.approve({ flow: each.id, now: time.now() })
      await drive(time, current.engine.once(new AbortController().signal), 4 * 3600_000)
    },
    run: async (ms) => {
      const stop = new AbortController()
      time.after(ms, () => stop.abort())
      await drive(time, current.engine.run(stop.signal), ms + 600_000)
    },
  }
}

function configOf(
  accounts: readonly string[],
  shelf: (account: string) => string,
  { flow, event }: Required<ProductOptions>,
): string {
  return `
accounts: { ${accounts.map((each) => `${each}: { user: ${shelf(each)} }`).join(', ')} }
connections:
  db: { connector: table-a }
  home: { per: account, connector: table-b, of: "\${account.id}" }
flows:
  events:
    per: account
    between: [db, home]
    scopes: [["\${account.user}", shelf-1]]${flow}
    kinds:
      shelf: { a: shelf, b: shelf, fields: { name: { a: name, b: name } } }
      event: { a: event, b: event, match: [title], fields: { title: { a: title, b: title } }${event} }
      note: { a: note, b: note, fields: { event: { a: event, b: event }, text: { a: text, b: text } } }
`
}
