/** Google Chat and Discourse with the real engine, store and connectors, in virtual time. */
import { connectors } from '../../src/connectors/index.ts'
import { compileFlows, flowAt } from '../../src/config/flows.ts'
import { flowSchema } from '../../src/config/flow-schema.ts'
import { configured, type Configured } from '../../src/connector/connector.ts'
import { NO_FOLDERS } from '../../src/connector/blobs.ts'
import { NO_DATABASES } from '../../src/connector/sql.ts'
import type { Http, Tokens } from '../../src/connector/ports.ts'
import type { Flow } from '../../src/core/flow.ts'
import type { Emulator, EmulatorPorts } from '../../src/emulators/emulator.ts'
import { createDiscourse, type Discourse } from '../../src/emulators/discourse/discourse.ts'
import type { DiscourseOptions } from '../../src/emulators/discourse/options.ts'
import { createGoogleChat, type GoogleChat } from '../../src/emulators/google-chat/google-chat.ts'
import { createEngine, type Engine } from '../../src/engine/engine.ts'
import { modelOf, type ConnectionSetup } from '../../src/engine/model.ts'
import { tokenEndpoint } from '../../src/engine/token-endpoint.ts'
import { createTokens } from '../../src/engine/tokens.ts'
import { NO_TOKENS } from '../../src/connector/runtime.ts'
import { DEFAULT_SETTINGS, type EngineEvent, type Settings } from '../../src/engine/world.ts'
import { groupCommit } from '../../src/store/group-commit.ts'
import { markerKey } from '../../src/store/seal.ts'
import { storeFrom } from '../../src/store/open.ts'
import type { Store } from '../../src/store/verbs/index.ts'
import { networkOf } from '../../src/testing/network.ts'
import { keptInMemory, type Kept } from './kept.ts'
import { listen, type Post } from './webhooks.ts'
import { memoryBlobs } from '../../src/testing/memory-blobs.ts'
import { clockOf, seeded, VirtualTime } from '../../src/testing/virtual-time.ts'
import type { Fault } from '../../src/emulators/faults.ts'
import type { WireRequest } from '../../src/emulators/emulator.ts'

export interface PairOptions {
  readonly flow?: Record<string, unknown>
  readonly chat?: Partial<Parameters<typeof createGoogleChat>[1]>
  readonly discourse?: DiscourseOptions
  readonly settings?: Partial<Settings>
  readonly chatConfig?: Record<string, unknown>
  readonly fault?: (request: WireRequest, host: string) => Fault | null
  readonly approve?: boolean
  /** A second flow, `wide`, from the same space to a forum of its own. */
  readonly wide?: { readonly flow?: Record<string, unknown>; readonly discourse?: DiscourseOptions }
  /** The flows that the configuration names as a process starts; absent: all. */
  readonly named?: () => readonly string[]
  /** The forum sends webhooks, which reach the inbox as the listener would put them there. */
  readonly webhooks?: boolean
  /** What the store is kept in; absent: memory. */
  readonly kept?: (now: number) => Kept
  /** Of all chance; absent: always the same. */
  readonly seed?: number
  /** Milliseconds of a request's way to a system, and as many back; absent: always the same. */
  readonly latency?: () => number
  /** Answers true where the process dies: just before the request leaves, or once it was carried out. */
  readonly crash?: (moment: CrashPoint) => boolean
}

export type CrashPoint =
  | { readonly at: 'sending' | 'answered'; readonly method: string; readonly path: string; readonly host: string }
  | { readonly at: 'committing'; readonly verb: string }
  /** `wrote`: it left the store other than it was. */
  | { readonly at: 'committed'; readonly verb: string; readonly wrote: boolean }

export interface Pair {
  readonly time: VirtualTime
  readonly chat: GoogleChat
  readonly discourse: Discourse
  /** Of the flow `wide`. */
  readonly second: Discourse
  readonly store: Store
  /** Of the process that runs now. */
  readonly engine: Engine
  readonly post: Post
  readonly events: EngineEvent[]
  /** Requests that reached a system. */
  readonly calls: {
    readonly host: string
    readonly method: string
    readonly path: string
    readonly status: number | null
  }[]
  /** One whole sync; ends early where the process dies. */
  sync(): Promise<void>
  /** Keeps in step for so long. */
  run(ms: number): Promise<void>
  /** Ends the process as a power cut does, and starts another one over the same database. */
  restart(): Promise<void>
  /** The same, over an empty store. */
  loseStore(): Promise<void>
  readonly alive: boolean
}

export const SPACE = 'spaces/AAAATeam'

export async function pairOf(options: PairOptions = {}): Promise<Pair> {
  const time = new VirtualTime(Date.parse('2026-11-02T09:00:00Z'))
  const random = seeded(options.seed ?? 7)
  const post = listen(time)
  const { chat, discourse, second } = systemsOf(options, {
    now: () => time.now(),
    random: () => random.next(),
    after: (ms, task) => void time.after(ms, task),
    deliver: (delivery) => post.deliver(delivery),
  })
  const calls: Pair['calls'] = []
  const events: EngineEvent[] = []
  const network = networkOf(
    new Map<string, Emulator>([
      ['http://chat.test', chat],
      ['http://forum.test', discourse],
      ['http://forum2.test', second],
    ]),
    {
      time,
      latency: options.latency ?? (() => 10),
      ...(options.fault === undefined ? {} : { fault: options.fault }),
      seen: (request, host, status) => calls.push({ host, method: request.method, path: request.path, status }),
    },
  )
  const keep = options.kept ?? keptInMemory
  let db = keep(time.now())
  const begin = (): Promise<Process> => processOf(options, { time, random, network, db, events, post })
  const approve = async (): Promise<void> => {
    for (const flow of ['team', 'wide']) await running.store.approve({ flow, now: time.now() })
  }
  let running = await begin()
  if (options.approve !== false) await approve()
  running.life.armed = true
  if (options.webhooks === true) post.subscribe(discourse)
  const drive = async (work: Promise<void>, ms: number): Promise<void> => {
    let ended = false
    let fault: unknown = null
    work.then(
      () => (ended = true),
      (error: unknown) => {
        ended = true
        fault = error
      },
    )
    const own = running
    await time.run(time.now() + ms, () => ended || !own.life.alive)
    if (fault !== null) throw fault
    if (!ended && own.life.alive) throw new Error('it did not end in time')
  }
  return {
    time,
    chat,
    discourse,
    second,
    events,
    calls,
    post,
    get store() {
      return running.store
    },
    get engine() {
      return running.engine
    },
    get alive() {
      return running.life.alive
    },
    sync: () => drive(running.engine.once(new AbortController().signal), 4 * 3600_000),
    run: async (ms) => {
      const stop = new AbortController()
      time.after(ms, () => stop.abort())
      await drive(running.engine.run(stop.signal), ms + 600_000)
    },
    restart: async () => {
      running.life.alive = false
      running = await begin()
      if (options.approve !== false) await approve()
      running.life.armed = true
    },
    loseStore: async () => {
      running.life.alive = false
      db = keep(time.now())
      running = await begin()
      await approve()
    },
  }
}

/** Keeps in step for five minutes; where the process dies meanwhile, another one goes on for ten. */
export async function goOn(pair: Pair): Promise<void> {
  await pair.run(5 * 60_000)
  if (pair.alive) return
  await pair.restart()
  await pair.run(10 * 60_000)
}

function systemsOf(
  options: PairOptions,
  ports: EmulatorPorts,
): { chat: GoogleChat; discourse: Discourse; second: Discourse } {
  const chat = createGoogleChat(ports, {
    users: [
      { id: '100', displayName: 'Sync Bot', email: 'sync@acme.test' },
      { id: '101', displayName: 'Ann Lee', email: 'ann@acme.test' },
      { id: '102', displayName: 'Bob Ray', email: 'bob@acme.test' },
    ],
    spaces: [{ id: 'AAAATeam', displayName: 'Team', members: ['101', '102'], managers: ['100'] }],
    clients: [{ id: 'client', secret: 'secret' }],
    refreshTokens: [{ token: 'refresh', user: '100', client: 'client' }],
    ...options.chat,
  })
  const forum: DiscourseOptions = {
    users: [
      { username: 'sync_bot', admin: true, trustLevel: 4 },
      { username: 'cyd', name: 'Cyd Fox', trustLevel: 4, createdAt: 0 },
      { username: 'dan', name: 'Dan Poe', trustLevel: 4, createdAt: 0 },
      { username: 'mod', name: 'Mo Mod', moderator: true, trustLevel: 4, createdAt: 0 },
    ],
    categories: [{ name: 'Team' }],
    apiKeys: [{ key: 'api-key' }],
  }
  const discourse = createDiscourse(ports, { ...forum, ...options.discourse })
  return { chat, discourse, second: createDiscourse(ports, { ...forum, ...options.wide?.discourse }) }
}

interface Around {
  readonly time: VirtualTime
  readonly random: ReturnType<typeof seeded>
  readonly network: ReturnType<typeof networkOf>
  readonly db: Kept
  readonly events: EngineEvent[]
  readonly post: Post
}

interface Process {
  readonly store: Store
  readonly engine: Engine
  readonly life: { alive: boolean; armed: boolean }
}

/** A dead process gets no answer any more: neither from a system, nor from its store, nor from its clock. */
async function processOf(options: PairOptions, { time, random, network, db, events, post }: Around): Promise<Process> {
  const life = { alive: true, armed: false }
  const dies = (point: CrashPoint): boolean => {
    if (life.alive && life.armed && options.crash?.(point) === true) life.alive = false
    return !life.alive
  }
  const setups = setupsOf(options)
  const flows = flowsOf(options, setups, time)
  const commit = groupCommit(await db.driver())
  let before = db.written()
  const store = storeFrom(async (verb, input) => {
    if (dies({ at: 'committing', verb })) return await never()
    const output = await commit(verb, input)
    const after = db.written()
    const wrote = after !== before
    before = after
    return dies({ at: 'committed', verb, wrote }) ? await never() : output
  })
  const wire = network(() => life.alive)
  const http: Http = {
    async send(request) {
      const url = new URL(request.url)
      const about = { method: request.method, path: url.pathname, host: url.host }
      if (dies({ at: 'sending', ...about })) return await never()
      const response = await wire.send(request)
      return dies({ at: 'answered', ...about }) ? await never() : response
    },
  }
  const started = await store.start({
    now: time.now(),
    flows: flows.map(({ id, title }) => ({ id, title, fingerprint: 'chat forum' })),
    connections: setups.map(({ id, connector }) => ({ id, connector: connector.name })),
  })
  const clock = clockOf(time, () => life.alive)
  const tokens = new Map(setups.map((each) => [each.id, tokensOf(each, http, clock)]))
  const engine = createEngine(
    {
      clock,
      random,
      http,
      databases: NO_DATABASES,
      folders: NO_FOLDERS,
      store,
      log: () => undefined,
      blobs: memoryBlobs(),
      markerKey: markerKey(Buffer.alloc(32, 7)),
      tokens: (id) => tokens.get(id) ?? NO_TOKENS,
      events: (event) => events.push(event),
    },
    modelOf(flows, setups),
    { ...DEFAULT_SETTINGS, ...options.settings },
    started.process,
  )
  post.to(store, () => life.alive && engine.wake())
  return { store, engine, life }
}

function never(): Promise<never> {
  return new Promise(() => undefined)
}

function flowsOf(options: PairOptions, setups: readonly ConnectionSetup[], time: VirtualTime): Flow[] {
  const known = new Map<string, Configured | null>(setups.map((each) => [each.id, each.connector]))
  const common = { scopes: [[SPACE, '2']], start: 'all' }
  const flows = {
    team: { ...common, between: ['chat', 'forum'], ...options.flow },
    ...(options.wide === undefined ? {} : { wide: { ...common, between: ['chat', 'forum2'], ...options.wide.flow } }),
  }
  const named = Object.entries(flows).filter(([id]) => options.named?.().includes(id) ?? true)
  const compiled = compileFlows(Object.fromEntries(named.map(([id, each]) => [id, flowSchema.parse(each)])), known)
  if (compiled.findings.length > 0) throw new Error(JSON.stringify(compiled.findings))
  return compiled.flows.map((each) => flowAt(each, new Date(time.now()).toISOString()))
}

function tokensOf(each: ConnectionSetup, http: Http, clock: ReturnType<typeof clockOf>): Tokens {
  const client = each.connector.oauth?.(each.config)
  if (client === undefined) return NO_TOKENS
  const nothing = () => Promise.resolve()
  const kept = { read: () => Promise.resolve(client.refreshToken ?? null), save: nothing, wipe: nothing }
  return createTokens(tokenEndpoint(client, http), kept, clock)
}

function setupsOf(options: PairOptions): ConnectionSetup[] {
  return [
    setup('chat', 'google-chat', {
      clientId: 'client',
      clientSecret: 'secret',
      refreshToken: 'refresh',
      baseUrl: 'http://chat.test',
      tokenUrl: 'http://chat.test/token',
      tokeninfoUrl: 'http://chat.test/tokeninfo',
      ...options.chatConfig,
    }),
    setup('forum', 'discourse', { baseUrl: 'http://forum.test', apiKey: 'api-key', apiUsername: 'sync_bot' }),
    ...(options.wide === undefined
      ? []
      : [setup('forum2', 'discourse', { baseUrl: 'http://forum2.test', apiKey: 'api-key', apiUsername: 'sync_bot' })]),
  ]
}

function setup(id: string, name: string, config: Record<string, unknown>): ConnectionSetup {
  const connector = connectors.get(name)
  if (connector === undefined) throw new Error(name)
  const parsed: unknown = connector.config.parse(config)
  return { id, connector: configured(connector, parsed), config: parsed }
}
