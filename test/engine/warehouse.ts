/** Emulated Teamwork and Missive flowing into the documented tables of a real database, by the shipped mappings alone. */
import { flowing, MARKER_KEY, take, type Taker } from './engine-of.ts'
import {
  configured,
  NO_FOLDERS,
  type Configured,
  type Databases,
  type Folders,
  type RowCount,
  type Statement,
} from '../../src/connector/index.ts'
import { connect, type DatabaseApi } from '../../src/connectors/database/api.ts'
import { databaseConfig, type DatabaseConfig } from '../../src/connectors/database/config.ts'
import { database } from '../../src/connectors/database/index.ts'
import { layout } from '../../src/connectors/database/layout.ts'
import { missive } from '../../src/connectors/missive/index.ts'
import { teamwork } from '../../src/connectors/teamwork/index.ts'
import type { Delivery, Emulator, WireRequest } from '../../src/emulators/emulator.ts'
import type { Fault } from '../../src/emulators/faults.ts'
import type { Missive } from '../../src/emulators/missive/missive.ts'
import type { TeamworkOptions } from '../../src/emulators/teamwork/options.ts'
import type { Teamwork } from '../../src/emulators/teamwork/teamwork.ts'
import type { MissiveOptions } from '../../src/emulators/missive/options.ts'
import { type Engine } from '../../src/engine/engine.ts'
import { type EngineEvent } from '../../src/engine/world.ts'
import { channelSecret } from '../../src/core/key.ts'
import type { Store } from '../../src/store/verbs/index.ts'
import { networkOf } from '../../src/testing/network.ts'
import { clockOf, seeded, VirtualTime } from '../../src/testing/virtual-time.ts'
import type { Application, Row } from '../connectors/database/databases.ts'
import { testRuntime } from '../connectors/runtime.ts'
import { MAILBOX, ORG, organizationOf, SECRET, siteOf, sourcesOf, subscribe } from './ingest-systems.ts'
import { storeInMemory } from './tables.ts'

export const FLOWS = {
  work: {
    between: ['teamwork', 'warehouse'],
    direction: 'teamwork->warehouse',
    scopes: [['site', 'site']],
    each: { from: 'teamwork' },
  },
  mail: { between: ['missive', 'warehouse'], direction: 'missive->warehouse', each: { from: 'missive' } },
} as const

export interface WarehouseOptions {
  /** Webhooks of Teamwork reach the inbox as the listener would put them there. */
  readonly webhooks?: boolean
  /** How the site differs from what it is in other tests. */
  readonly site?: Partial<TeamworkOptions>
  /** How the organization does. */
  readonly organization?: Partial<MissiveOptions>
  /** Missive is asked to send webhooks. */
  readonly asks?: boolean
  readonly flows?: { readonly [flow: string]: unknown }
  readonly warehouse?: Record<string, unknown>
  /** Where the bytes of files are kept. */
  readonly folders?: Folders
  readonly fault?: (request: WireRequest, host: string) => Fault | null
  /** Of each transaction, whether its answer never comes: the process dies with it. It takes effect all the same. */
  readonly hangs?: (statements: readonly Statement[]) => boolean
  /** Told once a system has answered a request, before the answer is there. */
  readonly seen?: (request: WireRequest) => void
}

export interface Warehouse {
  readonly time: VirtualTime
  readonly teamwork: Teamwork
  readonly missive: Missive
  readonly config: DatabaseConfig
  readonly store: Store
  readonly engine: Engine
  readonly events: readonly EngineEvent[]
  /** Requests that reached a system, and transactions that reached the database. */
  readonly calls: { readonly host: string; readonly method: string; readonly path: string }[]
  readonly statements: Statement[][]
  rows(text: string): readonly Row[]
  /** What the layout counts. */
  counts(): Promise<readonly RowCount[]>
  send(subject: string, body: string): string
  sync(): Promise<void>
  run(ms: number): Promise<void>
  /** The same systems and tables, with a store that knows nothing of them. */
  anew(): Promise<Warehouse>
  /** It works for so long, and then not any more; another process has its store. */
  dies(ms: number): Promise<Warehouse>
}

export async function warehouseOf(application: Application, options: WarehouseOptions = {}): Promise<Warehouse> {
  const config = databaseConfig.parse({
    url: application.url,
    capture: 'off',
    ingest: {},
    ...options.warehouse,
  })
  const api = apiOf(application, config, options)
  await layout.carry(api, await layout.missing(api))
  const time = new VirtualTime(Date.parse('2026-11-02T09:00:00Z'))
  const random = seeded(7)
  let deliver: (delivery: Delivery) => Promise<number> = () => Promise.resolve(503)
  const ports = {
    now: () => time.now(),
    random: () => random.next(),
    after: (ms: number, task: () => void) => void time.after(ms, task),
    deliver: (delivery: Delivery) => deliver(delivery),
  }
  const [site, organization] = [siteOf(ports, options.site), organizationOf(ports, options.organization)]
  if (options.webhooks === true) subscribe(site)
  const world = { application, options, config, time, site, organization }
  return await begin(world, (to) => (deliver = to))
}

function apiOf({ databases }: Application, config: DatabaseConfig, { folders }: WarehouseOptions): DatabaseApi {
  const http = { send: () => Promise.reject(new Error('no network')) }
  return connect(config, testRuntime({ http, databases, ...(folders === undefined ? {} : { folders }) }))
}

interface World {
  readonly application: Application
  readonly options: WarehouseOptions
  readonly config: DatabaseConfig
  readonly time: VirtualTime
  readonly site: Teamwork
  readonly organization: Missive
}

async function begin(
  world: World,
  deliverTo: (to: (delivery: Delivery) => Promise<number>) => void,
  kept?: Store,
): Promise<Warehouse> {
  let isAlive = true
  const { application, options, config, time, site, organization } = world
  const calls: Warehouse['calls'] = []
  const events: EngineEvent[] = []
  const statements: Statement[][] = []
  const counted = { open: 0 }
  const network = networkOf(
    new Map<string, Emulator>([
      ['http://teamwork.test', site],
      ['http://missive.test', organization],
    ]),
    {
      time,
      latency: () => 100,
      ...(options.fault === undefined ? {} : { fault: options.fault }),
      seen: (request, host) => {
        calls.push({ host, method: request.method, path: request.path })
        options.seen?.(request)
      },
    },
  )
  const setups = setupsOf(config, options)
  const store = kept ?? storeInMemory(time.now())
  const engine = await flowing(options.flows ?? FLOWS, setups, {
    clock: clockOf(time, () => isAlive),
    random: seeded(8),
    http: network(() => isAlive),
    databases: watched(application.databases, statements, counted, options.hangs),
    store,
    folders: waited(options.folders ?? NO_FOLDERS, counted),
    events: (event) => events.push(event),
  })
  const now = (): number => time.now()
  const wake = (): void => engine.wake()
  deliverTo((delivery) => {
    if (delivery.url.startsWith(HOOK)) return takeByChannel(delivery, { store, now, wake })
    return take(delivery, {
      connection: 'teamwork',
      connector: teamwork as Configured,
      secret: SECRET,
      store,
      now,
      wake,
    })
  })
  return {
    time,
    teamwork: site,
    missive: organization,
    config,
    store,
    engine,
    events,
    calls,
    statements,
    rows: (text) => application.run(text),
    counts: async () => (await layout.counts?.(apiOf(application, config, options))) ?? [],
    send: (subject, body) =>
      organization.receive(MAILBOX, { from: { name: 'Dee Roe', address: 'dee@client.test' }, subject, body })
        .conversationId,
    sync: () => drive(time, counted, engine.once(new AbortController().signal), 4 * 3600_000),
    run: async (ms) => {
      const stop = new AbortController()
      time.after(ms, () => stop.abort())
      await drive(time, counted, engine.run(stop.signal), ms + 600_000)
    },
    anew: () => begin(world, deliverTo),
    dies: async (ms) => {
      engine.run(new AbortController().signal).catch(() => undefined)
      await pass(time, counted, time.now() + ms, () => false)
      isAlive = false
      return await begin(world, deliverTo, store)
    },
  }
}

/** Of what Missive is asked to send. */
const HOOK = 'https://lockstep.test/webhooks/missive'

function setupsOf(config: DatabaseConfig, { asks }: WarehouseOptions) {
  const sources = sourcesOf({ raw: config.ingest?.raw ?? false })
  return [
    sources.teamwork,
    { ...sources.missive, ...(asks === true ? { address: HOOK } : {}) },
    { id: 'warehouse', connector: configured(database, config), config: config as unknown },
  ]
}

/** As the listener does. */
async function takeByChannel(
  { url, headers, body }: Delivery,
  { store, now, wake }: Pick<Taker, 'store' | 'now' | 'wake'>,
): Promise<number> {
  const [address = '', query = ''] = url.split('?')
  const id = address.slice(HOOK.length + 1)
  const request = { headers, body: Buffer.from(body), query }
  if (missive.webhook?.verify(request, channelSecret(MARKER_KEY, 'missive', id)) !== true) return 401
  const hints = missive.webhook.hints(request).map((hint) => ({ ...hint, kind: hint.kind ?? '' }))
  const isKnown = await store.hearChannel({ connection: 'missive', id, address, handle: null, now: now() })
  if (isKnown) await store.receive({ connection: 'missive', hints, now: now() })
  wake()
  return 200
}

/** Time stands still while the database, which knows of no such time, is at work. */
async function drive(time: VirtualTime, counted: { open: number }, work: Promise<void>, ms: number): Promise<void> {
  let ended = false
  const end = work.finally(() => (ended = true))
  end.catch(() => undefined)
  await pass(time, counted, time.now() + ms, () => ended)
  if (!ended) throw new Error('it did not end in time')
  await end
}

async function pass(time: VirtualTime, counted: { open: number }, until: number, ended: () => boolean): Promise<void> {
  while (!ended() && time.now() < until) {
    await time.run(time.now() + 20, () => ended() || counted.open > 0)
    while (counted.open > 0) await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Time stands still while a folder is at work, too. */
function waited(folders: Folders, counted: { open: number }): Folders {
  const waiting = async <T>(work: () => Promise<T>): Promise<T> => {
    counted.open += 1
    try {
      return await work()
    } finally {
      counted.open -= 1
    }
  }
  return {
    at(path) {
      const inner = folders.at(path)
      return {
        put: (bytes, limit) => waiting(() => inner.put(bytes, limit)),
        get: (digest) => waiting(() => inner.get(digest)),
        drop: (digest) => waiting(() => inner.drop(digest)),
        digests: () => inner.digests(),
      }
    },
  }
}

function watched(
  databases: Databases,
  seen: Statement[][],
  counted: { open: number },
  hangs: WarehouseOptions['hangs'] = () => false,
): Databases {
  return {
    at(address) {
      const inner = databases.at(address)
      return {
        ...inner,
        async run(statements) {
          seen.push([...statements])
          counted.open += 1
          try {
            const rows = await inner.run(statements)
            if (!hangs(statements)) return rows
          } finally {
            counted.open -= 1
          }
          return await new Promise<never>(() => undefined)
        },
      }
    },
  }
}

export { ORG }
