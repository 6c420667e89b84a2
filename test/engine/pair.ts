/** Google Chat and Discourse with the real engine, store and connectors, in virtual time. */
import { connectors } from '../../src/connectors/index.ts'
import { compileFlows, flowAt } from '../../src/config/flows.ts'
import { flowSchema } from '../../src/config/flow-schema.ts'
import type { AnyConnector } from '../../src/connector/connector.ts'
import type { Emulator, EmulatorPorts } from '../../src/emulators/emulator.ts'
import { createDiscourse, type Discourse } from '../../src/emulators/discourse/discourse.ts'
import type { DiscourseOptions } from '../../src/emulators/discourse/options.ts'
import { createGoogleChat, type GoogleChat } from '../../src/emulators/google-chat/google-chat.ts'
import { createEngine, type Engine } from '../../src/engine/engine.ts'
import { modelOf, type ConnectionSetup } from '../../src/engine/model.ts'
import { createTokens, NO_TOKENS } from '../../src/engine/tokens.ts'
import { DEFAULT_SETTINGS, type EngineEvent, type Settings } from '../../src/engine/world.ts'
import { groupCommit } from '../../src/store/group-commit.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { inThread } from '../../src/store/sqlite/in-thread.ts'
import { markerKey } from '../../src/store/seal.ts'
import { storeFrom } from '../../src/store/open.ts'
import { verbs, type Store } from '../../src/store/verbs/index.ts'
import { networkOf } from '../../src/testing/network.ts'
import { clockOf, seeded, VirtualTime } from '../../src/testing/virtual-time.ts'
import type { Fault } from '../../src/emulators/faults.ts'
import type { WireRequest } from '../../src/emulators/emulator.ts'

export interface PairOptions {
  readonly flow?: Record<string, unknown>
  readonly chat?: Partial<Parameters<typeof createGoogleChat>[1]>
  readonly discourse?: DiscourseOptions
  readonly settings?: Partial<Settings>
  readonly fault?: (request: WireRequest, host: string) => Fault | null
  readonly approve?: boolean
}

export interface Pair {
  readonly time: VirtualTime
  readonly chat: GoogleChat
  readonly discourse: Discourse
  readonly store: Store
  readonly engine: Engine
  readonly events: EngineEvent[]
  /** Requests that reached a system. */
  readonly calls: {
    readonly host: string
    readonly method: string
    readonly path: string
    readonly status: number | null
  }[]
  /** One whole sync. */
  sync(): Promise<void>
  /** Keeps in step for so long. */
  run(ms: number): Promise<void>
}

export const SPACE = 'spaces/AAAATeam'

export async function pairOf(options: PairOptions = {}): Promise<Pair> {
  const time = new VirtualTime(Date.parse('2026-11-02T09:00:00Z'))
  const random = seeded(7)
  const ports: EmulatorPorts = {
    now: () => time.now(),
    random: () => random.next(),
    after: (ms, task) => void time.after(ms, task),
    deliver: () => Promise.resolve(200),
  }
  const chat = createGoogleChat(ports, {
    users: [
      { id: '100', displayName: 'Sync Bot', email: 'sync@acme.test' },
      { id: '101', displayName: 'Ann Lee', email: 'ann@acme.test' },
      { id: '102', displayName: 'Bob Ray', email: 'bob@acme.test' },
    ],
    spaces: [{ id: 'AAAATeam', displayName: 'Team', members: ['100', '101', '102'] }],
    clients: [{ id: 'client', secret: 'secret' }],
    refreshTokens: [{ token: 'refresh', user: '100', client: 'client' }],
    ...options.chat,
  })
  const discourse = createDiscourse(ports, {
    users: [
      { username: 'sync_bot', admin: true, trustLevel: 4 },
      { username: 'cyd', name: 'Cyd Fox', trustLevel: 2 },
      { username: 'dan', name: 'Dan Poe', trustLevel: 2 },
    ],
    categories: [{ name: 'Team' }],
    apiKeys: [{ key: 'api-key' }],
    ...options.discourse,
  })
  const calls: Pair['calls'] = []
  const hosts = new Map<string, Emulator>([
    ['http://chat.test', chat],
    ['http://forum.test', discourse],
  ])
  const network = networkOf(hosts, {
    time,
    latency: () => 10,
    ...(options.fault === undefined ? {} : { fault: options.fault }),
    seen: (request, host, status) => calls.push({ host, method: request.method, path: request.path, status }),
  })
  const setups = [
    setup('chat', 'google-chat', {
      clientId: 'client',
      clientSecret: 'secret',
      refreshToken: 'refresh',
      baseUrl: 'http://chat.test',
      tokenUrl: 'http://chat.test/token',
      tokeninfoUrl: 'http://chat.test/tokeninfo',
    }),
    setup('forum', 'discourse', { baseUrl: 'http://forum.test', apiKey: 'api-key', apiUsername: 'sync_bot' }),
  ]
  const known = new Map<string, AnyConnector | null>(setups.map((each) => [each.id, each.connector]))
  const compiled = compileFlows(
    { team: flowSchema.parse({ between: ['chat', 'forum'], scopes: [[SPACE, '2']], start: 'all', ...options.flow }) },
    known,
  )
  if (compiled.findings.length > 0) throw new Error(JSON.stringify(compiled.findings))
  const flows = compiled.flows.map((each) => flowAt(each, new Date(time.now()).toISOString()))
  const model = modelOf(flows, setups)
  const { db } = openDatabase({
    path: ':memory:',
    migrations: new URL('../../src/store/migrations/', import.meta.url),
    now: time.now(),
  })
  const store = storeFrom(groupCommit(inThread(db, verbs)))
  const started = await store.start({
    now: time.now(),
    flows: flows.map(({ id, title }) => ({ id, title, fingerprint: 'chat forum' })),
    connections: setups.map(({ id, connector }) => ({ id, connector: connector.name })),
  })
  if (options.approve !== false) await store.approve({ flow: 'team', now: time.now() })
  const events: EngineEvent[] = []
  const clock = clockOf(time)
  const http = network(() => true)
  const tokens = new Map(
    setups.map((each) => {
      const client = each.connector.oauth?.(each.config)
      return [
        each.id,
        client === undefined
          ? NO_TOKENS
          : createTokens(
              client,
              { read: () => Promise.resolve(client.refreshToken ?? null), save: () => Promise.resolve() },
              http,
              clock,
            ),
      ] as const
    }),
  )
  const engine = createEngine(
    {
      clock,
      random,
      http,
      store,
      log: () => undefined,
      markerKey: markerKey(Buffer.alloc(32, 7)),
      tokens: (id) => tokens.get(id) ?? NO_TOKENS,
      events: (event) => events.push(event),
    },
    model,
    { ...DEFAULT_SETTINGS, ...options.settings },
    started.process,
  )
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
    await time.run(time.now() + ms, () => ended)
    if (fault !== null) throw fault
    if (!ended) throw new Error('it did not end in time')
  }
  return {
    time,
    chat,
    discourse,
    store,
    engine,
    events,
    calls,
    sync: () => drive(engine.once(new AbortController().signal), 4 * 3600_000),
    run: async (ms) => {
      const stop = new AbortController()
      time.after(ms, () => stop.abort())
      await drive(engine.run(stop.signal), ms + 600_000)
    },
  }
}

function setup(id: string, name: string, config: Record<string, unknown>): ConnectionSetup {
  const connector = connectors.get(name)
  if (connector === undefined) throw new Error(name)
  return { id, connector, config: connector.config.parse(config) }
}
