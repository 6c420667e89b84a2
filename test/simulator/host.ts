/** The engine's process over one store: killed at drawn points and begun again, with calls that fail as drawn. */
import type { DatabaseSync } from 'node:sqlite'
import type { OpenDatabases } from '../../src/adapters/databases.ts'
import { NO_FOLDERS } from '../../src/connector/blobs.ts'
import { NO_TOKENS } from '../../src/connector/runtime.ts'
import type { Clock, Http, Tokens } from '../../src/connector/ports.ts'
import { SqlError, type Databases, type SqlRow, type Statement } from '../../src/connector/sql.ts'
import type { Delivery, Emulator } from '../../src/emulators/emulator.ts'
import type { Fault } from '../../src/emulators/faults.ts'
import { createEngine } from '../../src/engine/engine.ts'
import type { ConnectionSetup, Model } from '../../src/engine/model.ts'
import { tokenEndpoint } from '../../src/engine/token-endpoint.ts'
import { createTokens } from '../../src/engine/tokens.ts'
import { DEFAULT_SETTINGS, type Settings } from '../../src/engine/world.ts'
import type { Driver } from '../../src/store/driver.ts'
import { groupCommit } from '../../src/store/group-commit.ts'
import { storeFrom } from '../../src/store/open.ts'
import { markerKey } from '../../src/store/seal.ts'
import { runVerbs } from '../../src/store/sqlite/run.ts'
import { verbs } from '../../src/store/verbs/index.ts'
import { memoryBlobs } from '../../src/testing/memory-blobs.ts'
import { networkOf } from '../../src/testing/network.ts'
import { clockOf, type VirtualTime } from '../../src/testing/virtual-time.ts'
import { streamOf, type Chance } from './chance.ts'
import { take, type Listener } from './listener.ts'
import { asFault, struckBy, type Bodies, type FaultName, type Mishaps } from './mishaps.ts'

const KEY = markerKey(Buffer.alloc(32, 7))

export interface HostOptions {
  readonly scenario: {
    readonly seed: number
    /** The probability of each fault, for each request and each transaction at a database. */
    readonly faults: Mishaps
    /** At which of its port calls and commits each process ends. */
    readonly crashes: readonly number[]
    /** The probability that a request is slow, there and back. Absent: none is. */
    readonly slow?: number
  }
  readonly time: VirtualTime
  /** By origin. */
  readonly systems: ReadonlyMap<string, Emulator>
  readonly bodies: Bodies
  /** The engine's store. */
  readonly db: DatabaseSync
  readonly databases: OpenDatabases
  readonly model: Model
  readonly settings: Partial<Settings>
  readonly say: (what: string) => void
}

/** Told of all that the engine reads and writes, when that is handled; what is answered is called afterwards. */
export interface Watch {
  request(method: string, path: string): (status: number | null) => void
  transaction(first: string): () => void
}

/** One process after another over one store. */
export class Host {
  healed = false
  watch: Watch | null = null
  readonly counts = { faults: 0, crashes: 0 }
  /** What the engine wrote in the systems and databases, and tried to write. */
  readonly writes: string[] = []
  readonly broken: unknown[] = []
  private readonly options: HostOptions
  private readonly strikes: Chance
  private readonly waits: Chance
  private readonly crashAt: number[]
  private generation = 0
  private steps = 0
  /** Of the process that runs. */
  private listener: Listener | null = null
  private readonly cutOff = new Set<() => void>()
  /** At which of its steps this process ends. */
  private limit: number | null = null

  constructor(options: HostOptions) {
    this.options = options
    const { seed, crashes } = options.scenario
    this.strikes = streamOf(seed, 'strikes')
    this.waits = streamOf(seed, 'waits')
    this.crashAt = [...crashes]
  }

  end(): void {
    this.generation += 1
    this.listener = null
    for (const cut of this.cutOff) cut()
    this.cutOff.clear()
  }

  /** A webhook. Null: nobody answers, or the process ends before it does. */
  async deliver(delivery: Delivery): Promise<number | null> {
    const { listener } = this
    if (listener === null) return null
    let cut = (): void => undefined
    const ended = new Promise<null>((resolve) => {
      cut = () => resolve(null)
    })
    this.cutOff.add(cut)
    const answer = await Promise.race([take(delivery, listener), ended])
    this.cutOff.delete(cut)
    return answer
  }

  async begin(): Promise<void> {
    const { time, model, scenario, settings } = this.options
    this.generation += 1
    this.steps = 0
    const own = this.generation
    const alive = (): boolean => this.generation === own
    const step = (point: string): boolean => alive() && this.lives(point)
    this.limit = this.crashAt.shift() ?? null
    const http = this.httpOf(alive, step)
    const store = storeFrom(groupCommit(this.driverOf(step)))
    const clock = clockOf(time, alive)
    const { process } = await store.start({
      now: time.now(),
      flows: model.flows.map(({ flow }) => ({ ...flow, fingerprint: flow.id })),
      connections: [...model.connections.values()].map(({ id, connector }) => ({ id, connector: connector.name })),
    })
    for (const { flow } of model.flows) {
      await store.approve({ flow: flow.id, now: time.now() })
      await store.liftBrake({ flow: flow.id, until: Number.MAX_SAFE_INTEGER, now: time.now() })
    }
    const tokens = new Map([...model.connections.values()].map((each) => [each.id, tokensOf(each, http, clock)]))
    const engine = createEngine(
      {
        clock,
        random: streamOf(scenario.seed, `engine ${own}`),
        http,
        databases: this.databasesOf(step),
        folders: NO_FOLDERS,
        store,
        log: (level, message) => this.options.say(`log ${level} ${message}`),
        blobs: memoryBlobs(),
        markerKey: KEY,
        tokens: (id) => tokens.get(id) ?? NO_TOKENS,
        events: (event) => this.options.say(`event ${JSON.stringify(event)}`),
      },
      model,
      { ...DEFAULT_SETTINGS, ...settings },
      process,
    )
    if (alive()) this.listener = { store, engine, model, markerKey: KEY, now: () => time.now() }
    engine.run(new AbortController().signal).catch((error: unknown) => {
      if (alive()) this.broken.push(error)
    })
  }

  private httpOf(alive: () => boolean, step: (point: string) => boolean): Http {
    const { time, systems, say } = this.options
    let handled: (status: number | null) => void = () => undefined
    const network = networkOf(systems, {
      time,
      latency: () => 5 + this.waits.int(60) + this.delay(),
      fault: ({ method, path }, host) => {
        handled = this.watch?.request(method, path) ?? (() => undefined)
        return this.fault(`${method} ${host}${path}`)
      },
      seen: ({ method, path }, host, status) => {
        handled(status)
        if (method === 'GET') return
        const what = `the engine: ${method} ${host}${path} → ${status ?? 'no answer'}`
        if (!path.endsWith('/token')) this.writes.push(what)
        say(what)
      },
    })(alive)
    return { send: (request) => (step('before a request') ? network.send(request) : new Promise(() => undefined)) }
  }

  /** Whether the process lives on after this point. */
  private lives(point: string): boolean {
    this.steps += 1
    if (this.healed || this.steps !== this.limit) return true
    this.end()
    this.counts.crashes += 1
    this.options.say(`the process is killed ${point}`)
    this.options.time.after(this.waits.pick([1, 5000, 120_000]), () => {
      this.begin().catch((error: unknown) => this.broken.push(error))
    })
    return false
  }

  private delay(): number {
    const { slow = 0 } = this.options.scenario
    return slow > 0 && !this.healed && this.waits.chance(slow) ? 1000 + this.waits.int(60_000) : 0
  }

  private drawn(): FaultName | null {
    if (this.healed) return null
    const struck = struckBy(this.strikes, this.options.scenario.faults)
    if (struck !== null) this.counts.faults += 1
    return struck
  }

  private fault(what: string): Fault | null {
    const struck = this.drawn()
    if (struck !== null) this.options.say(`${struck}: ${what}`)
    return struck === null ? null : asFault(struck, this.options.bodies)
  }

  /** A database answers after a while; a connection may break before that or after it. */
  private databasesOf(step: (point: string) => boolean): Databases {
    const { databases } = this.options
    return {
      at: (address) => {
        const database = databases.at(address)
        return {
          dialect: database.dialect,
          run: (statements) => this.transaction((all) => database.run(all), statements, step),
        }
      },
    }
  }

  private async transaction(
    run: (statements: readonly Statement[]) => Promise<readonly (readonly SqlRow[])[]>,
    statements: readonly Statement[],
    step: (point: string) => boolean,
  ): Promise<readonly (readonly SqlRow[])[]> {
    if (!step('before a transaction of the application')) return await new Promise(() => undefined)
    const struck = this.drawn()
    const [{ text, values } = { text: '', values: [] }] = statements
    const isWrite = !/^\s*(SELECT|PRAGMA|WITH)/i.test(text)
    const what = `the engine at the table: ${text.slice(0, 90)} ${JSON.stringify(values.slice(0, 9).map(String))}`
    if (isWrite && !text.includes('capture_state')) this.writes.push(what)
    if (isWrite || struck !== null) this.options.say(`${what} ${struck ?? ''}`)
    await this.pause()
    if (struck === 'limited') throw new SqlError('busy', 'locked', true)
    if (struck === 'lost-request' || struck === 'refused')
      throw new SqlError('unreachable', 'connection lost', struck === 'refused')
    const done = this.watch?.transaction(text)
    const answer = await run(statements)
    done?.()
    await this.pause()
    if (struck !== null) throw new SqlError('unreachable', 'connection lost', false)
    return step('after a transaction of the application') ? answer : await new Promise(() => undefined)
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => void this.options.time.after(1 + this.waits.int(15), resolve))
  }

  private driverOf(step: (point: string) => boolean): Driver {
    const { db } = this.options
    return {
      run: async (calls) => {
        const results = runVerbs(db, verbs, calls)
        const names = calls.map(({ verb }) => verb).join()
        return step(`after it committed ${names}`) ? results : await new Promise(() => undefined)
      },
      close: () => Promise.resolve(),
    }
  }
}

function tokensOf({ connector, config }: ConnectionSetup, http: Http, clock: Clock): Tokens {
  const client = connector.oauth?.(config)
  if (client === undefined) return NO_TOKENS
  const nothing = (): Promise<void> => Promise.resolve()
  const kept = { read: () => Promise.resolve(client.refreshToken ?? null), save: nothing, wipe: nothing }
  return createTokens(tokenEndpoint(client, http), kept, clock)
}
