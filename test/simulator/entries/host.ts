/** The engine's process over one store: killed at drawn points and begun again, with calls that fail as drawn. */
import type { DatabaseSync } from 'node:sqlite'
import type { OpenDatabases } from '../../../src/adapters/databases.ts'
import { NO_FOLDERS } from '../../../src/connector/blobs.ts'
import { NO_TOKENS } from '../../../src/connector/runtime.ts'
import type { Clock, Http, Tokens } from '../../../src/connector/ports.ts'
import { SqlError, type Databases, type SqlRow, type Statement } from '../../../src/connector/sql.ts'
import { googleCalendar } from '../../../src/connectors/google-calendar/index.ts'
import type { Fault } from '../../../src/emulators/faults.ts'
import type { GoogleCalendar } from '../../../src/emulators/google-calendar/google-calendar.ts'
import { createEngine } from '../../../src/engine/engine.ts'
import type { Model } from '../../../src/engine/model.ts'
import { tokenEndpoint } from '../../../src/engine/token-endpoint.ts'
import { createTokens } from '../../../src/engine/tokens.ts'
import { DEFAULT_SETTINGS } from '../../../src/engine/world.ts'
import type { Driver } from '../../../src/store/driver.ts'
import { groupCommit } from '../../../src/store/group-commit.ts'
import { storeFrom } from '../../../src/store/open.ts'
import { markerKey } from '../../../src/store/seal.ts'
import { runVerbs } from '../../../src/store/sqlite/run.ts'
import { verbs } from '../../../src/store/verbs/index.ts'
import { memoryBlobs } from '../../../src/testing/memory-blobs.ts'
import { networkOf } from '../../../src/testing/network.ts'
import { clockOf, type VirtualTime } from '../../../src/testing/virtual-time.ts'
import { streamOf, type Chance } from '../chance.ts'
import { asFault, struckBy, type FaultName } from '../mishaps.ts'
import type { EntriesScenario } from './scenario.ts'
import type { Windows } from './windows.ts'

const KEY = markerKey(Buffer.alloc(32, 7))
const GOOGLE = 'http://google.test'
const BROKEN = JSON.stringify({ error: { code: 0, message: 'broken', errors: [{ reason: 'backendError' }] } })
const BODIES = {
  refused: BROKEN,
  broken: BROKEN,
  limited: JSON.stringify({ error: { code: 429, message: 'slow down', errors: [{ reason: 'rateLimitExceeded' }] } }),
}

export interface HostOptions {
  readonly scenario: EntriesScenario
  readonly time: VirtualTime
  readonly google: GoogleCalendar
  /** The engine's store. */
  readonly db: DatabaseSync
  readonly databases: OpenDatabases
  readonly model: Model
  readonly say: (what: string) => void
}

/** One process after another over one store. */
export class Host {
  healed = false
  windows: Windows | null = null
  readonly counts = { faults: 0, crashes: 0, writes: 0 }
  readonly broken: unknown[] = []
  private readonly options: HostOptions
  private readonly strikes: Chance
  private readonly waits: Chance
  private readonly crashAt: number[]
  private generation = 0
  private steps = 0
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
  }

  async begin(): Promise<void> {
    const { time, model, scenario } = this.options
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
      flows: model.flows.map(({ flow }) => ({ ...flow, fingerprint: 'app calendar' })),
      connections: [...model.connections.values()].map(({ id, connector }) => ({ id, connector: connector.name })),
    })
    for (const { flow } of model.flows) {
      await store.approve({ flow: flow.id, now: time.now() })
      await store.liftBrake({ flow: flow.id, until: Number.MAX_SAFE_INTEGER, now: time.now() })
    }
    const tokens = this.tokensOf(http, clock)
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
        tokens: (id) => (id === 'calendar' ? tokens : NO_TOKENS),
        events: (event) => this.options.say(`event ${JSON.stringify(event)}`),
      },
      model,
      { ...DEFAULT_SETTINGS, auditMs: scenario.auditMs },
      process,
    )
    engine.run(new AbortController().signal).catch((error: unknown) => {
      if (alive()) this.broken.push(error)
    })
  }

  private httpOf(alive: () => boolean, step: (point: string) => boolean): Http {
    const { time, google, say } = this.options
    let handled: (status: number | null) => void = () => undefined
    const network = networkOf(new Map([[GOOGLE, google]]), {
      time,
      latency: () => 5 + this.waits.int(60),
      fault: ({ method, path }) => {
        handled = this.windows?.request(method, path) ?? (() => undefined)
        return this.fault(`${method} ${path}`)
      },
      seen: ({ method, path }, _, status) => {
        handled(status)
        if (method === 'GET') return
        this.counts.writes += path.includes('/token') ? 0 : 1
        say(`the engine: ${method} ${path} → ${status ?? 'no answer'}`)
      },
    })(alive)
    return { send: (request) => (step('before a request') ? network.send(request) : new Promise(() => undefined)) }
  }

  private tokensOf(http: Http, clock: Clock): Tokens {
    const { connections } = this.options.model
    const client = googleCalendar.oauth?.(googleCalendar.config.parse(connections.get('calendar')?.config))
    const nothing = (): Promise<void> => Promise.resolve()
    const kept = { read: () => Promise.resolve('refresh'), save: nothing, wipe: nothing }
    return client === undefined ? NO_TOKENS : createTokens(tokenEndpoint(client, http), kept, clock)
  }

  /** Whether the process lives on after this point. */
  private lives(point: string): boolean {
    this.steps += 1
    if (this.healed || this.steps !== this.limit) return true
    this.generation += 1
    this.counts.crashes += 1
    this.options.say(`the process is killed ${point}`)
    this.options.time.after(this.waits.pick([1, 5000, 120_000]), () => {
      this.begin().catch((error: unknown) => this.broken.push(error))
    })
    return false
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
    return struck === null ? null : asFault(struck, BODIES)
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
    if (struck !== null || !/^\s*(SELECT|PRAGMA|WITH)/i.test(text))
      this.options.say(
        `the engine at the table: ${text.slice(0, 90)} ${JSON.stringify(values.slice(0, 9).map(String))} ${struck ?? ''}`,
      )
    await this.pause()
    if (struck === 'limited') throw new SqlError('busy', 'locked', true)
    if (struck === 'lost-request' || struck === 'refused')
      throw new SqlError('unreachable', 'connection lost', struck === 'refused')
    const done = this.windows?.transaction(text)
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
