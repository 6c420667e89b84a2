/** Two made-up systems that hold items of declared kinds on one shelf each, with the real engine and store between them. */
import { engineOf } from './engine-of.ts'
import type { Flow, Lens, Policy } from '../../src/core/flow.ts'
import { type Engine } from '../../src/engine/engine.ts'
import { modelOf, type Model } from '../../src/engine/model.ts'
import { type EngineEvent } from '../../src/engine/world.ts'
import { groupCommit } from '../../src/store/group-commit.ts'
import { storeFrom } from '../../src/store/open.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { inThread } from '../../src/store/sqlite/in-thread.ts'
import type { PersonAt } from '../../src/store/verbs/aliases.ts'
import { verbs, type Store } from '../../src/store/verbs/index.ts'
import { memoryBlobs } from '../../src/testing/memory-blobs.ts'
import { clockOf, seeded, VirtualTime } from '../../src/testing/virtual-time.ts'
import { connectorOf, Table, type Asked, type Sorts } from './table.ts'
import type { FileShelf } from './table-files.ts'
import { flowOf, type Rules } from './table-flow.ts'

export interface Tables {
  readonly time: VirtualTime
  readonly a: Table
  readonly b: Table
  readonly asked: Asked[]
  readonly events: EngineEvent[]
  readonly store: Store
  readonly blobs: ReturnType<typeof memoryBlobs>
  /** Of the process that runs now. */
  readonly engine: Engine
  approve(): Promise<unknown>
  /** One whole sync. */
  sync(): Promise<void>
  /** Keeps in step for so long. */
  run(ms: number): Promise<void>
  /** Another process over the same store; `change`: its configuration has other flows. */
  restart(change?: (flow: Flow) => Flow): Promise<void>
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
  /** From a to b alone, with this about changes at the far end; absent: both ways. */
  readonly oneWay?: Flow['astray']
  /** How many of each side's stand for each other; absent: one. */
  readonly shelves?: number
  /** Each pair of shelves is a flow of its own: `team`, `team-2` and so on. Absent: all are of one. */
  readonly apart?: boolean
}

export async function tablesOf(options: TablesOptions): Promise<Tables> {
  const {
    policy = 'newest',
    lenses,
    rules,
    shelves = 1,
    apart = false,
    files,
    mostFileBytes,
    people,
    aliases,
    oneWay,
    ...sorts
  } = options
  const time = new VirtualTime(Date.parse('2026-11-02T09:00:00Z'))
  const asked: Asked[] = []
  const events: EngineEvent[] = []
  const tableOf = (side: 'a' | 'b'): Table => new Table(side, sorts[side], () => time.now(), files?.[side]?.tells)
  const [a, b] = [tableOf('a'), tableOf('b')]
  for (const table of [a, b])
    for (let at = 0; at < shelves; at += 1) table.add('shelf', { name: at === 0 ? 'Team' : `Team ${at + 1}` })
  const connectors = {
    a: connectorOf(sorts.a, 'a', () => a, asked, { shelves: files?.a, areEmails: people?.a }),
    b: connectorOf(sorts.b, 'b', () => b, asked, { shelves: files?.b, areEmails: people?.b }),
  }
  const setups = (['a', 'b'] as const).map((id) => ({ id, connector: connectors[id], config: {} }))
  const blobs = memoryBlobs()
  const store = storeInMemory(time.now())
  const whole = {
    ...flowOf(Object.keys(sorts.a), policy, connectors, lenses, rules, shelves),
    ...(mostFileBytes === undefined ? {} : { mostFileBytes }),
    ...(oneWay === undefined ? {} : { direction: 'a→b' as const, astray: oneWay }),
  }
  const flows = apart
    ? whole.scopes.map((scope, at) => ({ ...whole, id: at === 0 ? 'team' : `team-${at + 1}`, scopes: [scope] }))
    : [whole]
  const begin = async (named: readonly Flow[]): Promise<Engine> => {
    const { process } = await store.start({
      now: time.now(),
      flows: named.map(({ id, title }) => ({ id, title, fingerprint: 'a b' })),
      connections: setups.map(({ id, connector }) => ({ id, connector: connector.name })),
    })
    return engineOver({ time, store, blobs, events, process }, modelOf(named, setups, aliases))
  }
  let engine = await begin(flows)
  return {
    time,
    a,
    b,
    asked,
    events,
    store,
    blobs,
    get engine() {
      return engine
    },
    approve: () => Promise.all(flows.map(({ id }) => store.approve({ flow: id, now: time.now() }))),
    sync: () => drive(time, engine.once(new AbortController().signal), 4 * 3600_000),
    run: async (ms) => {
      const stop = new AbortController()
      time.after(ms, () => stop.abort())
      await drive(time, engine.run(stop.signal), ms + 600_000)
    },
    restart: async (change = (flow) => flow) => {
      engine = await begin(flows.map(change))
    },
  }
}

export interface Around {
  readonly time: VirtualTime
  readonly store: Store
  readonly blobs: ReturnType<typeof memoryBlobs>
  readonly events: EngineEvent[]
  readonly process: number
}

export function engineOver({ time, store, blobs, events, process }: Around, model: Model): Engine {
  return engineOf(
    {
      clock: clockOf(time),
      random: seeded(7),
      http: { send: () => Promise.reject(new Error('there is no network')) },
      store,
      blobs,
      events: (event) => events.push(event),
    },
    model,
    process,
  )
}

/** Lets time pass until the work ends. */
export async function drive(time: VirtualTime, work: Promise<void>, ms: number): Promise<void> {
  let ended = false
  const end = work.finally(() => (ended = true))
  end.catch(() => undefined)
  await time.run(time.now() + ms, () => ended)
  if (!ended) throw new Error('it did not end in time')
  await end
}

export function storeInMemory(now: number): Store {
  const migrations = new URL('../../src/store/migrations/', import.meta.url)
  const { db } = openDatabase({ path: ':memory:', migrations, now })
  return storeFrom(groupCommit(inThread(db, verbs)))
}
