/** A made-up table of rows and an emulated Google Calendar, with the real engine, store and connector between them. */
import { NO_FOLDERS } from '../../src/connector/blobs.ts'
import { NO_DATABASES } from '../../src/connector/sql.ts'
import { configured } from '../../src/connector/index.ts'
import type { Config } from '../../src/config/index.ts'
import type { CompiledFlow } from '../../src/config/compiled-flow.ts'
import { compileFlows, flowAt } from '../../src/config/flows.ts'
import { flowSchema } from '../../src/config/flow-schema.ts'
import { googleCalendar } from '../../src/connectors/google-calendar/index.ts'
import { createGoogleCalendar, type GoogleCalendar } from '../../src/emulators/google-calendar/google-calendar.ts'
import type { GoogleCalendarOptions } from '../../src/emulators/google-calendar/options.ts'
import type { Fault } from '../../src/emulators/faults.ts'
import type { Delivery, Emulator, WireRequest } from '../../src/emulators/emulator.ts'
import { channelSecret } from '../../src/core/key.ts'
import { createEngine, type Engine } from '../../src/engine/engine.ts'
import { modelOf, type ConnectionSetup } from '../../src/engine/model.ts'
import { tokenEndpoint } from '../../src/engine/token-endpoint.ts'
import { createTokens } from '../../src/engine/tokens.ts'
import { NO_TOKENS } from '../../src/connector/runtime.ts'
import { DEFAULT_SETTINGS, type EngineEvent } from '../../src/engine/world.ts'
import { statusOf } from '../../src/service/health.ts'
import type { Status } from '../../src/service/operations.ts'
import { groupCommit } from '../../src/store/group-commit.ts'
import { storeFrom } from '../../src/store/open.ts'
import { markerKey } from '../../src/store/seal.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { inThread } from '../../src/store/sqlite/in-thread.ts'
import { verbs, type Store } from '../../src/store/verbs/index.ts'
import { memoryBlobs } from '../../src/testing/memory-blobs.ts'
import { networkOf } from '../../src/testing/network.ts'
import { clockOf, seeded, VirtualTime } from '../../src/testing/virtual-time.ts'
import { connectorOf, Table, type Asked, type Sorts } from './table.ts'

export const CALENDAR = 'team@group.calendar.google.com'
/** Whose account the engine has, and who else is at work in the calendar. */
export const SYNC = '100'
export const ANN = '101'

/** Rows of events, and of what differs from a series. */
export const ROWS = {
  row: {
    fields: {
      title: { type: 'text' },
      notes: { type: 'text' },
      begins: { type: 'text', required: true },
      ends: { type: 'text', required: true },
      zone: { type: 'text' },
      rule: { type: 'text' },
      colour: { type: 'text' },
      alarms: { type: 'text', many: 'set' },
    },
    takes: ['change'],
  },
  change: {
    fields: {
      row: { type: 'ref', to: 'row', required: true, written: 'on-create' },
      original: { type: 'text', required: true, written: 'on-create' },
      title: { type: 'text' },
      begins: { type: 'text' },
      ends: { type: 'text' },
      cancelled: { type: 'boolean' },
    },
    under: 'row',
    unique: ['row', 'original'],
  },
} as const satisfies Sorts

const times = {
  begins: { a: 'begins', b: 'start' },
  ends: { a: 'ends', b: 'end' },
}
export const KINDS = {
  shelf: { a: 'shelf', b: 'calendar' },
  row: {
    a: 'row',
    b: 'event',
    fields: {
      title: { a: 'title', b: 'summary' },
      notes: { a: 'notes', b: 'description' },
      ...times,
      zone: { a: 'zone', b: 'zone' },
      rule: { a: 'rule', b: 'recurrence' },
      colour: { a: 'colour', b: 'colour' },
      alarms: { a: 'alarms', b: 'reminders' },
    },
  },
  change: {
    a: 'change',
    b: 'exception',
    fields: {
      row: { a: 'row', b: 'series' },
      original: { a: 'original', b: 'original' },
      title: { a: 'title', b: 'summary' },
      ...times,
      cancelled: { a: 'cancelled', b: 'cancelled' },
    },
  },
}

export interface CalendarsOptions {
  readonly google?: Partial<GoogleCalendarOptions>
  readonly config?: Record<string, unknown>
  readonly flow?: Record<string, unknown>
  readonly sorts?: Sorts
  readonly scope?: string
  /** Google is asked for push messages, which reach the inbox as the listener would put them there. */
  readonly channels?: boolean
  readonly fault?: (request: WireRequest) => Fault | null
}

export interface Calendars {
  readonly time: VirtualTime
  readonly rows: Table
  readonly google: GoogleCalendar
  readonly store: Store
  readonly engine: Engine
  readonly events: EngineEvent[]
  /** Requests that reached Google. */
  readonly calls: { readonly method: string; readonly path: string; readonly status: number | null }[]
  /** Push messages that came, with the status that each was answered. */
  readonly told: { readonly state: string; readonly status: number }[]
  /** One whole sync. */
  sync(): Promise<void>
  /** Keeps in step for so long. */
  run(ms: number): Promise<void>
  /** So much time goes by, and nothing runs. */
  pass(ms: number): Promise<void>
  /** What \`lockstep status\` says of the service. */
  status(): Promise<Status>
  /** Another process begins over an empty store. */
  loseStore(): Promise<void>
}

interface Process {
  readonly store: Store
  readonly engine: Engine
}

const ADDRESS = 'https://lockstep.test/webhooks/google'
const KEY = markerKey(Buffer.alloc(32, 7))
export const NOW = '2026-11-02T09:00:00Z'

export async function calendarsOf(options: CalendarsOptions = {}): Promise<Calendars> {
  const time = new VirtualTime(Date.parse(NOW))
  const random = seeded(7)
  const asked: Asked[] = []
  const events: EngineEvent[] = []
  const calls: Calendars['calls'] = []
  const sorts = options.sorts ?? ROWS
  const rows = new Table('a', sorts, () => time.now(), undefined)
  rows.add('shelf', { name: 'Team' })
  const told: Calendars['told'] = []
  let deliver: (delivery: Delivery) => Promise<number> = () => Promise.resolve(503)
  const google = createGoogleCalendar(
    {
      now: () => time.now(),
      random: () => random.next(),
      after: (ms, task) => void time.after(ms, task),
      deliver: (delivery) => deliver(delivery),
    },
    {
      users: [
        { id: SYNC, displayName: 'Sync', email: 'sync@acme.test', timeZone: 'Europe/Berlin' },
        { id: ANN, displayName: 'Ann Lee', email: 'ann@acme.test', timeZone: 'Europe/Berlin' },
      ],
      calendars: [
        { id: CALENDAR, summary: 'Team', owner: ANN, access: { [SYNC]: 'writer' }, timeZone: 'Europe/Berlin' },
      ],
      clients: [{ id: 'client', secret: 'secret' }],
      refreshTokens: [{ token: 'refresh', user: SYNC, client: 'client' }],
      ...options.google,
    },
  )
  const network = networkOf(new Map<string, Emulator>([['http://google.test', google]]), {
    time,
    latency: () => 10,
    ...(options.fault === undefined ? {} : { fault: options.fault }),
    seen: ({ method, path }, _, status) => calls.push({ method, path, status }),
  })
  const config = googleCalendar.config.parse({
    clientId: 'client',
    clientSecret: 'secret',
    refreshToken: 'refresh',
    baseUrl: 'http://google.test',
    tokenUrl: 'http://google.test/token',
    tokeninfoUrl: 'http://google.test/tokeninfo',
    ...options.config,
  })
  const setups = [
    { id: 'rows', connector: connectorOf(sorts, 'a', () => rows, asked, { areEmails: true }), config: {} },
    {
      id: 'google',
      connector: configured(googleCalendar, config),
      config,
      address: options.channels === true ? ADDRESS : null,
    },
  ]
  const flow = {
    between: ['rows', 'google'],
    scopes: [['shelf-1', options.scope ?? CALENDAR]],
    start: 'all',
    kinds: KINDS,
    ...options.flow,
  }
  const { flows, findings } = compileFlows(
    { team: flowSchema.parse(flow) },
    new Map(setups.map((each) => [each.id, each.connector])),
  )
  if (findings.length > 0) throw new Error(JSON.stringify(findings))
  const clock = clockOf(time)
  const http = network(() => true)
  const client = googleCalendar.oauth?.(config)
  const nothing = () => Promise.resolve()
  const kept = { read: () => Promise.resolve('refresh'), save: nothing, wipe: nothing }
  const tokens = client === undefined ? NO_TOKENS : createTokens(tokenEndpoint(client, http), kept, clock)
  const begin = async (): Promise<Process> => {
    const migrations = new URL('../../src/store/migrations/', import.meta.url)
    const { db } = openDatabase({ path: ':memory:', migrations, now: time.now() })
    const store = storeFrom(groupCommit(inThread(db, verbs)))
    const { process } = await store.start({
      now: time.now(),
      flows: [{ id: 'team', title: 'Team', fingerprint: 'rows google' }],
      connections: setups.map(({ id, connector }) => ({ id, connector: connector.name })),
    })
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
        markerKey: KEY,
        tokens: (id) => (id === 'google' ? tokens : NO_TOKENS),
        events: (event) => events.push(event),
      },
      modelOf(
        flows.map((each) => flowAt(each, new Date(time.now()).toISOString())),
        setups,
      ),
      DEFAULT_SETTINGS,
      process,
    )
    await store.approve({ flow: 'team', now: time.now() })
    return { store, engine }
  }
  let running = await begin()
  deliver = async (delivery) => {
    const status = await listen(delivery, running.store, running.engine, time.now())
    told.push({ state: delivery.headers['X-Goog-Resource-State'] ?? '', status })
    return status
  }
  const drive = async (work: Promise<void>, ms: number): Promise<void> => {
    let ended = false
    const end = work.finally(() => (ended = true))
    end.catch(() => undefined)
    await time.run(time.now() + ms, () => ended)
    if (!ended) throw new Error('it did not end in time')
    await end
  }
  return {
    time,
    rows,
    google,
    events,
    calls,
    told,
    get store() {
      return running.store
    },
    get engine() {
      return running.engine
    },
    loseStore: async () => {
      running = await begin()
    },
    pass: (ms) => time.run(time.now() + ms, () => false),
    status: async () =>
      statusOf(configOf(setups, flows), await running.store.status(undefined), {
        running: true,
        now: time.now(),
        listeners: { webhooks: null, control: null },
        trouble: null,
        unreached: [],
      }),
    sync: () => drive(running.engine.once(new AbortController().signal), 4 * 3600_000),
    run: async (ms) => {
      const stop = new AbortController()
      time.after(ms, () => stop.abort())
      await drive(running.engine.run(stop.signal), ms + 600_000)
    },
  }
}

/** As a file would have given it. */
function configOf(setups: readonly ConnectionSetup[], flows: readonly CompiledFlow[]): Config {
  return {
    path: '/lockstep.yaml',
    store: '/lockstep.db',
    beside: '/lockstep.db',
    postgres: null,
    sealing: { from: 'file', path: '/lockstep.key' },
    listen: { webhooks: null, control: null, publicUrl: null, maxBody: 1, maxPerMinute: 1 },
    pollMs: MINUTE,
    journalMs: null,
    notify: null,
    connections: setups.map((each) => {
      const address = each.address ?? null
      const webhooks = { accept: address === null ? 'off' : 'signed', secrets: [] } as const
      return { ...each, title: each.id, webhooks, address }
    }),
    people: [],
    flows,
    aliases: [],
    notices: [],
    secrets: [],
  }
}

export const MEETING = {
  title: 'Meeting',
  begins: '2026-11-09T09:00:00.000Z',
  ends: '2026-11-09T10:00:00.000Z',
  zone: 'Europe/Berlin',
}
export const MINUTE = 60_000

/** The meeting as a row, and the event that was made of it. */
export async function linked(options: CalendarsOptions = {}): Promise<Calendars & { row: string; id: string }> {
  const both = await calendarsOf(options)
  const row = both.rows.add('row', MEETING)
  await both.sync()
  return Object.assign(both, { row, id: eventsOf(both)[0]?.id ?? '' })
}

export const eventsOf = ({ google }: Calendars) => google.as(ANN).events(CALENDAR)
export const titlesOf = (both: Calendars) => eventsOf(both).map((event) => at(event, 'summary'))

/** How many calls would have changed an event. */
export const writesIn = ({ calls }: Calendars): number =>
  calls.filter(({ method, path }) => method !== 'GET' && /\/events(\/(?!watch)|$)/.test(path)).length

/** As the listener takes a message. */
async function listen({ url, headers, body }: Delivery, store: Store, engine: Engine, now: number): Promise<number> {
  const id = url.slice(ADDRESS.length + 1)
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const request = { headers: lower, body: Buffer.from(body) }
  const { webhook, channels } = googleCalendar
  if (webhook?.verify(request, channelSecret(KEY, 'google', id)) !== true) return 401
  const handle = channels?.handleIn?.(request) ?? null
  if (!(await store.hearChannel({ connection: 'google', id, address: url, handle, now }))) {
    engine.world.bell.ring('channel')
    return 200
  }
  const hints = webhook.hints(request).map((hint) => ({ ...hint, kind: hint.kind ?? '' }))
  await store.receive({ connection: 'google', hints, now })
  engine.hinted()
  return 200
}

/** A member of what Google told, however deep. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value
  for (const name of path)
    found = typeof found === 'object' && found !== null ? (found as Record<string, unknown>)[name] : undefined
  return found
}

/** Everything in the calendar: title, beginning and status, in the order of beginnings. */
export function shown({ google }: Calendars): unknown[] {
  const told = google
    .as(ANN)
    .events(CALENDAR)
    .map((event) => [at(event, 'start', 'dateTime') ?? at(event, 'start', 'date'), at(event, 'summary'), event.status])
  return told.sort()
}
