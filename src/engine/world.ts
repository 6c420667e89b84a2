/** Everything that the engine's parts share: the ports, the model, the open connections. */
import type { KeyObject } from 'node:crypto'
import type { Call, Person } from '../connector/call.ts'
import { ConnectorError } from '../connector/failure.ts'
import type { Blobs, Folders } from '../connector/blobs.ts'
import type { Databases } from '../connector/sql.ts'
import { runtimeOf } from '../connector/runtime.ts'
import type { Clock, Http, Log, Random, Tokens } from '../connector/ports.ts'
import { installationId } from '../core/key.ts'
import type { Store } from '../store/verbs/index.ts'
import type { Bell } from './bell.ts'
import type { Buckets, Priority, Turn } from './buckets.ts'
import type { ConnectionSetup, Model } from './model.ts'

/** What happens, as it happens: for progress, for the log, for a demo. */
export type EngineEvent =
  | { readonly is: 'read'; readonly connection: string; readonly feed: string; readonly changed: number }
  | {
      readonly is: 'listed'
      readonly connection: string
      readonly scope: string
      readonly items: number
      readonly complete: boolean
    }
  | {
      readonly is: 'wrote'
      readonly flow: string
      readonly pair: string
      readonly action: string
      readonly side: 'a' | 'b'
      readonly ref: string
      /** From the observation that called for it to the call; null: its answer was lost, and it was found to be done. */
      readonly waitedMs: number | null
    }
  | {
      readonly is: 'held'
      readonly flow: string
      readonly pair: string
      readonly ref: string
      readonly reason: string
      readonly detail: string
    }
  | {
      readonly is: 'trouble'
      readonly where: string
      readonly failure: string
      readonly message: string
      readonly next: string
    }
  /** Before it ended; the first one is told too. */
  | { readonly is: 'renewed'; readonly connection: string; readonly of: 'channel' | 'token' }
  | { readonly is: 'live'; readonly flow: string; readonly a: string; readonly b: string }

export interface Ports {
  readonly clock: Clock
  readonly random: Random
  readonly http: Http
  readonly databases: Databases
  readonly folders: Folders
  readonly blobs: Blobs
  readonly store: Store
  readonly log: Log
  /** Authenticates the keys of intents; the same for the life of the store. */
  readonly markerKey: KeyObject
  /** The tokens of a connection that uses OAuth. */
  readonly tokens: (connection: string) => Tokens
  readonly events: (event: EngineEvent) => void
}

export interface Settings {
  readonly pollMs: number
  /** How long after a complete listing a scope is read whole again. */
  readonly auditMs: number
  /** How many writes of one flow are under way at once. */
  readonly concurrency: number
  /** Deletes and floods of writes are counted over this long. */
  readonly brakeWindowMs: number
  /** How long the journal keeps what was done; null: for ever. */
  readonly journalMs: number | null
}

export const DEFAULT_SETTINGS: Settings = {
  pollMs: 60_000,
  auditMs: 6 * 3600_000,
  concurrency: 16,
  brakeWindowMs: 3600_000,
  journalMs: 30 * 24 * 3600_000,
}

export interface World extends Ports {
  readonly model: Model
  readonly buckets: Buckets
  readonly bell: Bell
  readonly settings: Settings
  readonly sessions: ReadonlyMap<string, Session>
  /** The number of this process: intents of a smaller one were left open. */
  readonly process: number
}

/** An open connection. */
export interface Session {
  readonly setup: ConnectionSetup
  /** Whose credential it is; null until the system has answered once. */
  actor: Person | null
  dead: string | null
  /** A person mended something, or took it away: it is tried at once, not at the next poll. */
  mended: boolean
  /** Containers that flows name and that were not there, and when each is looked for again. */
  readonly absent: Map<string, number>
  /** When a pull last brought something new. */
  changedAt: number
  /** Feeds that are being pulled, and the pull that begins after that one. */
  readonly pulls: Map<string, { readonly running: Promise<boolean>; readonly next: Promise<boolean> | null }>
  /** When each feed was last read to its end by this process. */
  readonly pulledAt: Map<string, number>
  /** `turn`: of the calls made with it. */
  call(scope: string, priority: Priority, scopes?: readonly string[], turn?: Turn): Call<unknown>
  probe(): Promise<Person>
}

export function openSessions(ports: Ports, model: Model, buckets: Buckets): Map<string, Session> {
  return new Map([...model.connections.values()].map((setup) => [setup.id, openSession(ports, setup, buckets)]))
}

function openSession(ports: Ports, setup: ConnectionSetup, buckets: Buckets): Session {
  const apis = new Map<Priority, unknown>()
  const connect = (priority: Priority, turn?: Turn): unknown =>
    setup.connector.connect(
      setup.config,
      runtimeOf(ports, {
        tokens: ports.tokens(setup.id),
        limits: { within: (draws, call) => buckets.within(priority, draws, call, turn) },
        installation: installationId(ports.markerKey),
      }),
    )
  const apiFor = (priority: Priority): unknown => {
    if (!apis.has(priority)) apis.set(priority, connect(priority))
    return apis.get(priority)
  }
  return {
    setup,
    actor: null,
    dead: null,
    mended: false,
    absent: new Map(),
    changedAt: 0,
    pulls: new Map(),
    pulledAt: new Map(),
    call(scope, priority, scopes = [], turn) {
      if (this.actor === null)
        throw new ConnectorError('unavailable', `${setup.id} has not answered yet`, { noEffect: true })
      const api = turn === undefined ? apiFor(priority) : connect(priority, turn)
      return { api, actor: this.actor, scope, scopes }
    },
    async probe() {
      const standing = await setup.connector.probe(apiFor(0))
      for (const problem of standing.problems)
        ports.log('warn', `${setup.id}: ${problem.message}`, { remedy: problem.remedy })
      return standing.actor
    },
  }
}

export function sessionOf(world: World, connection: string): Session {
  const session = world.sessions.get(connection)
  if (session === undefined) throw new Error(`no connection is called ${connection}`)
  return session
}

/** The connections that can be asked something now: of any other a call would fail, and be counted as a try. */
export function answering({ sessions }: Pick<World, 'sessions'>): string[] {
  return [...sessions].flatMap(([id, { actor, dead }]) => (actor !== null && dead === null ? [id] : []))
}

/** What went wrong, as a connector names it; anything else is a fault of the program and passes through. */
export function failureOf(error: unknown): ConnectorError {
  if (error instanceof ConnectorError) return error
  throw error
}

/** Doubles from one second to ten minutes, with a quarter of chance. */
export function backoffMs(attempts: number, random: () => number): number {
  const base = Math.min(600_000, 1000 * 2 ** Math.min(attempts, 10))
  return Math.round(base * (0.875 + random() * 0.25))
}

/** Notes that a connection is dead or well; the change is logged once. */
export async function noteConnection(world: World, connection: string, dead: string | null): Promise<void> {
  const session = sessionOf(world, connection)
  if (session.dead === dead) return
  session.dead = dead
  world.log(
    dead === null ? 'info' : 'error',
    dead === null ? `${connection} is back` : `${connection} is dead: ${dead}`,
    { alert: `dead ${connection}` },
  )
  await world.store.setConnection({
    id: connection,
    state: dead === null ? 'ok' : 'dead',
    why: dead ?? '',
    actor: session.actor,
    now: world.clock.now(),
  })
}
