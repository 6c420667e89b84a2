/** Teamwork, Missive, and tables in a SQLite file and in a base: the connectors as they are shipped, and the engine between them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDatabases } from '../../../src/adapters/databases.ts'
import { flowAt, type Config } from '../../../src/config/index.ts'
import { NO_FOLDERS } from '../../../src/connector/blobs.ts'
import type { Airtable } from '../../../src/emulators/airtable/airtable.ts'
import type { Emulator, EmulatorPorts } from '../../../src/emulators/emulator.ts'
import type { Missive } from '../../../src/emulators/missive/missive.ts'
import type { Teamwork } from '../../../src/emulators/teamwork/teamwork.ts'
import { modelOf } from '../../../src/engine/model.ts'
import { layingOutOf } from '../../../src/service/laying-out.ts'
import { openDatabase } from '../../../src/store/sqlite/database.ts'
import { networkOf } from '../../../src/testing/network.ts'
import { clockOf, VirtualTime } from '../../../src/testing/virtual-time.ts'
import { ANN, BASE, emulated } from '../../connectors/airtable-base.ts'
import { siteOf } from '../../engine/ingest-systems.ts'
import { streamOf } from '../chance.ts'
import { Host, type HostOptions } from '../host.ts'
import { NOTES, TABLES_OF_BASE } from './base.ts'
import { configOf, hasBase, ORIGINS } from './configuration.ts'
import { organization } from './missive.ts'
import type { TablesScenario } from './scenario.ts'
import { TABLES } from './told.ts'

export const START = Date.parse('2026-11-02T09:00:00Z')
const LAYING_MS = 10 * 60_000
const BODIES = { refused: '{}', broken: '<html></html>', limited: '{}' }

export type Row = { readonly [column: string]: unknown }

export interface TablesWorld {
  readonly time: VirtualTime
  readonly scenario: TablesScenario
  readonly teamwork: Teamwork
  readonly missive: Missive
  readonly airtable: Airtable
  /** The engine's store. */
  readonly db: DatabaseSync
  readonly story: string[]
  /** Of people and of the engine, told with the time. */
  say(what: string): void
  /** Whoever queries the tables: texts with `?`. */
  sql(text: string, ...values: (string | number | null)[]): readonly Row[]
  readonly host: Host
  close(): Promise<void>
}

export async function tablesWorld(scenario: TablesScenario): Promise<TablesWorld> {
  const { seed } = scenario
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-tables-'))
  const path = join(folder, 'ingest.db')
  const time = new VirtualTime(START)
  const story: string[] = []
  const say = (what: string): void => void story.push(`${((time.now() - START) / 1000).toFixed(1)} ${what}`)
  const portsOf = (system: string): EmulatorPorts => {
    const chance = streamOf(seed, system)
    return {
      now: () => time.now(),
      random: () => chance.next(),
      after: (ms, task) => void time.after(ms, task),
      deliver: (delivery) => host.deliver(delivery),
    }
  }
  const teamwork = siteOf(portsOf('teamwork'), { ...PROJECTS, ...scenario.teamwork })
  const missive = organization(portsOf('missive'), scenario.missive)
  const airtable = emulated(portsOf('airtable'), {
    bases: [{ id: BASE, name: 'Team', tables: [] }],
    ...scenario.airtable,
  })
  const systems = new Map<string, Emulator>([
    [ORIGINS.teamwork, teamwork],
    [ORIGINS.missive, missive],
    [ORIGINS.airtable, airtable],
  ])
  const config = configOf(path, scenario)
  const databases = createDatabases()
  await layOut(config, { time, systems, databases })
  const application = new DatabaseSync(path, { timeout: 0 })
  application.exec('BEGIN')
  for (const table of TABLES) application.exec(`ALTER TABLE ${table} ADD COLUMN note TEXT`)
  application.exec('COMMIT')
  for (const table of hasBase(scenario) ? TABLES_OF_BASE : [])
    airtable.as(ANN, BASE).addField(table, { name: NOTES, type: 'singleLineText' })
  const migrations = new URL('../../../src/store/migrations/', import.meta.url)
  const { db } = openDatabase({ path: ':memory:', migrations, now: START })
  const flows = config.flows.map((each) => flowAt(each, new Date(START).toISOString()))
  const host: Host = new Host({
    scenario,
    time,
    systems,
    bodies: BODIES,
    db,
    databases,
    model: modelOf(flows, config.connections),
    settings: { pollMs: scenario.pollMs, auditMs: scenario.auditMs },
    say,
  })
  return {
    time,
    scenario,
    teamwork,
    missive,
    airtable,
    db,
    story,
    say,
    sql: (text, ...values) =>
      application
        .prepare(text)
        .all(...values)
        .map((row) => ({ ...row })),
    host,
    async close() {
      host.end()
      await databases.close()
      application.close()
      db.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** As `lockstep tables create` does it for each connection that has tables. */
async function layOut(
  config: Config,
  { time, systems, databases }: Pick<HostOptions, 'time' | 'systems' | 'databases'>,
): Promise<void> {
  const http = networkOf(systems, { time, latency: () => 10 })(() => true)
  const outside = { clock: clockOf(time), random: streamOf(1, 'laying out'), http, databases, folders: NO_FOLDERS }
  for (const { id } of config.connections.filter(({ connector }) => connector.layout !== undefined)) {
    const laying = layingOutOf(config, id, outside)
    let isDone = false
    const carried = laying.missing().then((all) => laying.carry(all))
    void carried.finally(() => (isDone = true)).catch(() => undefined)
    await time.run(time.now() + LAYING_MS, () => isDone)
    await carried
  }
}

const PROJECTS = {
  projects: [
    { name: 'Site', tasklists: ['Later', 'Bugs'] },
    { name: 'Shop', tasklists: ['Soon'] },
  ],
}
