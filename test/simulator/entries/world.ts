/**
 * A table of entries in a SQLite file, and Google calendars: both connectors as they are shipped, and the engine between
 * them.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDatabases } from '../../../src/adapters/databases.ts'
import { flowAt, formatProblem, loadConfig, type Config } from '../../../src/config/index.ts'
import { connectors } from '../../../src/connectors/index.ts'
import { connect } from '../../../src/connectors/database/api.ts'
import { capture } from '../../../src/connectors/database/capture.ts'
import { databaseConfig } from '../../../src/connectors/database/config.ts'
import { createGoogleCalendar, type GoogleCalendar } from '../../../src/emulators/google-calendar/google-calendar.ts'
import { modelOf } from '../../../src/engine/model.ts'
import { openDatabase } from '../../../src/store/sqlite/database.ts'
import { VirtualTime } from '../../../src/testing/virtual-time.ts'
import { testRuntime } from '../../connectors/runtime.ts'
import { streamOf } from '../chance.ts'
import { Host } from '../host.ts'
import { CONFIGURATION, SCHEMA } from './configuration.ts'
import type { EntriesScenario } from './scenario.ts'
import type { Windows } from './windows.ts'

export const SYNC = '100'
export const ANN = '101'
/** Of each user of the application the calendar. */
export const CALENDARS: ReadonlyMap<number, string> = new Map([
  [17, 'mira@group.calendar.google.com'],
  [18, 'jonas@group.calendar.google.com'],
])
const BROKEN = JSON.stringify({ error: { code: 0, message: 'broken', errors: [{ reason: 'backendError' }] } })
const BODIES = {
  refused: BROKEN,
  broken: BROKEN,
  limited: JSON.stringify({ error: { code: 429, message: 'slow down', errors: [{ reason: 'rateLimitExceeded' }] } }),
}
export const START = Date.parse('2026-11-02T09:00:00Z')

export type Row = { readonly [column: string]: unknown }

export interface EntriesWorld {
  readonly time: VirtualTime
  readonly scenario: EntriesScenario
  readonly google: GoogleCalendar
  /** The engine's store. */
  readonly db: DatabaseSync
  readonly story: string[]
  /** Of people and of the engine, told with the time. */
  say(what: string): void
  /** The application's own connection: texts with `?`. */
  sql(text: string, ...values: (string | number | null)[]): readonly Row[]
  readonly counts: { faults: number; crashes: number }
  /** What the engine wrote at both sides, and tried to write. */
  readonly writes: readonly string[]
  readonly broken: unknown[]
  /** From now on nothing goes wrong. */
  heal(): void
  /** `windows`: told of all that the engine reads and deletes. */
  begin(windows: Windows): Promise<void>
  close(): Promise<void>
}

function configOf(path: string): Config {
  const { config, problems } = loadConfig({
    path: '/entries/lockstep.yaml',
    readFile: (file) => (file.endsWith('.yaml') ? CONFIGURATION.replace('$DATABASE', `sqlite:${path}`) : null),
    env: {},
    connectors,
  })
  if (config === null) throw new Error(problems.map(formatProblem).join('\n'))
  return config
}

export async function entriesWorld(scenario: EntriesScenario): Promise<EntriesWorld> {
  const { seed } = scenario
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-entries-'))
  const path = join(folder, 'app.db')
  const application = new DatabaseSync(path, { timeout: 0 })
  for (const text of ['PRAGMA journal_mode = wal', ...SCHEMA]) application.prepare(text).all()
  const time = new VirtualTime(START)
  const emulated = streamOf(seed, 'google')
  const google = createGoogleCalendar(
    {
      now: () => time.now(),
      random: () => emulated.next(),
      after: (ms, task) => void time.after(ms, task),
      deliver: () => Promise.resolve(503),
    },
    {
      users: [
        { id: SYNC, displayName: 'Sync', email: 'sync@acme.test', timeZone: 'Europe/Berlin' },
        { id: ANN, displayName: 'Ann Lee', email: 'ann@acme.test', timeZone: 'Europe/Berlin' },
      ],
      calendars: [...CALENDARS.values()].map((id) => ({
        id,
        summary: id,
        owner: ANN,
        access: { [SYNC]: 'writer' as const },
        timeZone: 'Europe/Berlin',
      })),
      clients: [{ id: 'client', secret: 'secret' }],
      refreshTokens: [{ token: 'refresh', user: SYNC, client: 'client' }],
      ...scenario.google,
    },
  )
  const config = configOf(path)
  const databases = createDatabases()
  const app = databaseConfig.parse(config.connections.find(({ id }) => id === 'app')?.config)
  await capture.carry(
    connect(app, testRuntime({ http: { send: () => Promise.reject(new Error('no network')) }, databases })),
    capture.install(app),
  )
  const migrations = new URL('../../../src/store/migrations/', import.meta.url)
  const { db } = openDatabase({ path: ':memory:', migrations, now: START })
  const flows = config.flows.map((each) => flowAt(each, new Date(START).toISOString()))
  const story: string[] = []
  const say = (what: string): void => {
    story.push(`${((time.now() - START) / 1000).toFixed(1)} ${what}`)
  }
  const host = new Host({
    scenario,
    time,
    systems: new Map([['http://google.test', google]]),
    bodies: BODIES,
    databases,
    db,
    model: modelOf(flows, config.connections),
    settings: { auditMs: scenario.auditMs },
    say,
  })
  return {
    time,
    scenario,
    google,
    db,
    story,
    say,
    sql: (text, ...values) =>
      application
        .prepare(text)
        .all(...values)
        .map((row) => ({ ...row })),
    counts: host.counts,
    writes: host.writes,
    broken: host.broken,
    heal: () => (host.healed = true),
    begin: (windows) => {
      host.watch = windows
      return host.begin()
    },
    async close() {
      host.end()
      await databases.close()
      application.close()
      db.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
