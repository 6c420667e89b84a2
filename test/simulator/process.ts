/** One process after another over one database: each may end at any port call and at any commit. */
import type { DatabaseSync } from 'node:sqlite'
import { type Blobs, NO_FOLDERS } from '../../src/connector/blobs.ts'
import type { Runtime } from '../../src/connector/ports.ts'
import { NO_DATABASES } from '../../src/connector/sql.ts'
import { createEngine, type Engine } from '../../src/engine/engine.ts'
import type { Model } from '../../src/engine/model.ts'
import { NO_TOKENS } from '../../src/connector/runtime.ts'
import { DEFAULT_SETTINGS, type EngineEvent, type Settings } from '../../src/engine/world.ts'
import type { Driver, VerbCall, VerbResult } from '../../src/store/driver.ts'
import { groupCommit } from '../../src/store/group-commit.ts'
import { storeFrom } from '../../src/store/open.ts'
import { markerKey } from '../../src/store/seal.ts'
import { inThread } from '../../src/store/sqlite/in-thread.ts'
import { runVerbs } from '../../src/store/sqlite/run.ts'
import { verbs, type Store } from '../../src/store/verbs/index.ts'
import { clockOf, type VirtualTime } from '../../src/testing/virtual-time.ts'
import { between, type Chance } from './chance.ts'
import type { Trace } from './trace.ts'
import { httpOf, type Life, type Point, type WireOptions } from './wire.ts'

export interface HostOptions {
  readonly time: VirtualTime
  readonly db: DatabaseSync
  readonly model: Model
  readonly settings: Partial<Settings>
  readonly wire: WireOptions
  /** What lies on the disk beside the database. */
  readonly blobs: Blobs
  readonly chance: Chance
  /** How long a process stays away after a crash. */
  readonly restarts: Chance
  readonly trace: Trace
  readonly skewMs: number
  /** Whether the driver copies what goes in and out, as on the way to a worker. */
  readonly copies: boolean
  /** Sees each batch before it is run, and what it answers sees its results: oracles on cursors and plans. */
  readonly onCommit: (calls: readonly VerbCall[]) => (results: readonly VerbResult[]) => void
  readonly onFault: (error: unknown) => void
}

function plainDriver(db: DatabaseSync): Driver {
  return { run: async (calls) => runVerbs(db, verbs, calls), close: () => Promise.resolve() }
}

/** Far more than any pass over a simulated world needs at one instant. */
const MOST_COMMITS = 3000
const MARKER = markerKey(Buffer.alloc(32, 7))

/** Starts processes, ends them at their points, and starts the next ones. */
export class Host {
  crashes = 0
  /** At which of its points every process of this run was, one after the other. */
  readonly points: Point[] = []
  store: Store | null = null
  engine: Engine | null = null
  private generation = 0
  private commitsNow = 0
  private lastCommit = 0
  private stop: AbortController | null = null
  private readonly options: HostOptions
  private readonly crashAt: number[]

  constructor(options: HostOptions) {
    this.options = options
    this.crashAt = [...options.wire.plan.crashes]
  }

  async start(): Promise<void> {
    const { time, db, model, trace, skewMs, wire } = this.options
    this.generation += 1
    const life = this.lifeOf(this.generation)
    trace.tell("the engine's process starts")
    const store = storeFrom(
      groupCommit(this.driverOf(life, this.options.copies ? inThread(db, verbs) : plainDriver(db))),
    )
    const clock = clockOf(time, () => life.alive, skewMs)
    const started = await store.start({
      now: clock.now(),
      flows: model.flows.map(({ flow }) => ({
        id: flow.id,
        title: flow.title,
        template: flow.template,
        fingerprint: 'a b',
      })),
      connections: [...model.connections.values()].map(({ id, connector }) => ({ id, connector: connector.name })),
    })
    for (const { flow } of model.flows) await store.approve({ flow: flow.id, now: clock.now() })
    const ports = {
      clock,
      random: this.options.chance,
      http: httpOf(wire, life),
      databases: NO_DATABASES,
      folders: NO_FOLDERS,
      store,
      log: () => undefined,
      blobs: this.options.blobs,
      markerKey: MARKER,
      tokens: (): Runtime['tokens'] => NO_TOKENS,
      events: (event: EngineEvent) => trace.line(tell(event)),
    }
    const engine = createEngine(ports, model, { ...DEFAULT_SETTINGS, ...this.options.settings }, started.process)
    const stop = new AbortController()
    this.store = store
    this.engine = engine
    this.stop = stop
    engine.run(stop.signal).catch((error: unknown) => {
      if (life.alive) this.options.onFault(error)
    })
  }

  /** Hints of a webhook: lost where nobody is there to take them. */
  receive(connection: string, hints: Parameters<Store['receive']>[0]['hints']): void {
    const { store, engine } = this
    if (store === null || engine === null) return
    store.receive({ connection, hints, now: this.options.time.now() }).then(
      () => engine.wake(),
      (error: unknown) => this.options.onFault(error),
    )
  }

  /** Ends the process in an orderly way. */
  async close(): Promise<void> {
    this.stop?.abort()
    await this.options.time.run(this.options.time.now() + 60_000)
    this.generation += 1
    this.store = null
  }

  private lifeOf(own: number): Life {
    let steps = 0
    const crashAt = this.crashAt.shift() ?? null
    const isAlive = (): boolean => this.generation === own
    const step = (point: Point): boolean => {
      if (!isAlive()) return false
      steps += 1
      this.points.push(point)
      if (steps !== crashAt || this.options.time.now() >= this.options.wire.healAt) return true
      this.crash(point)
      return false
    }
    return {
      get alive() {
        return isAlive()
      },
      step,
    }
  }

  private crash(point: Point): void {
    const { time, trace, restarts, onFault } = this.options
    this.crashes += 1
    this.generation += 1
    this.store = null
    this.engine = null
    trace.tell(`the engine's process is killed ${point}`)
    time.after(between(restarts, 0, restarts.pick([1, 5000, 120_000])), () => void this.start().catch(onFault))
  }

  /** A process that commits for ever while no time passes would never come back. */
  private isStuck(): boolean {
    const now = this.options.time.now()
    this.commitsNow = now === this.lastCommit ? this.commitsNow + 1 : 0
    this.lastCommit = now
    if (this.commitsNow < MOST_COMMITS) return false
    if (this.commitsNow === MOST_COMMITS) this.options.onFault(new Error('the engine works for ever without waiting'))
    return true
  }

  /**
   * A process may end once a transaction that wrote something is durable, and its callers do not know yet. Its end before
   * one leaves what its end at the point before leaves; for how full the limits are nobody waits.
   */
  private driverOf(life: Life, inner: Driver): Driver {
    const never = new Promise<readonly VerbResult[]>(() => undefined)
    const written = this.options.db.prepare('SELECT total_changes() AS n')
    const changes = (): unknown => written.get()?.['n']
    let before = changes()
    const run = async (calls: readonly VerbCall[]): Promise<readonly VerbResult[]> => {
      if (!life.alive || this.isStuck()) return never
      const committed = this.options.onCommit(calls)
      const results = await inner.run(calls)
      committed(results)
      const after = changes()
      if (after === before) return results
      before = after
      if (calls.every(({ verb }) => verb === 'keepLevels')) return results
      this.options.trace.line(`commit ${calls.map(({ verb }) => verb).join(' ')}`)
      return life.step(`after it committed ${calls.map(({ verb }) => verb).join(', ')}`) ? results : never
    }
    return { run, close: () => inner.close() }
  }
}

function tell(event: EngineEvent): string {
  return `event ${JSON.stringify(event)}`
}
