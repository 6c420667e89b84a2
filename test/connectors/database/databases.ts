/**
 * Real databases for tests: a schema of its own on a real PostgreSQL, or a SQLite file; seen by the connector and by an
 * application.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDatabases } from '../../../src/adapters/databases.ts'
import type { Databases } from '../../../src/connector/index.ts'
import { connect, type Bridge } from '../../../src/store/postgres/bridge.ts'
import { postgresStore, type Ends } from '../../postgres.ts'

export type Row = { readonly [column: string]: unknown }

/** What an application sees and does. */
export interface Application {
  readonly dialect: 'postgres' | 'sqlite'
  readonly url: string
  readonly databases: Databases
  /** Texts with `$1` in both. Whole in itself, on a connection of the application's own. */
  run(text: string, ...values: (string | number | null)[]): readonly Row[]
  /** Another connection, which may begin a transaction and end it. */
  another(): Promise<(text: string) => readonly Row[]>
}

export type Make = (t: Ends) => Promise<Application>

function bridged(bridge: Bridge): Application['run'] {
  let id = 0
  return (text, ...values) => {
    const { columns, rows } = bridge.ask({ id: (id += 1), text, values })
    return rows.map((row) => Object.fromEntries(columns.map((column, at) => [column, row[at]])))
  }
}

async function postgres(t: Ends): Promise<Application> {
  const databases = createDatabases()
  const open: Bridge[] = []
  // Before the schema goes: what is left open would keep it.
  t.after(async () => {
    await databases.close()
    await Promise.all(open.map((each) => each.close()))
  })
  const { store, schema, query } = postgresStore(t)
  await query('CREATE SCHEMA $schema')
  const url = new URL(store)
  url.searchParams.delete('schema')
  url.searchParams.set('options', `-c search_path=${schema}`)
  // By which a test tells its own sessions from those of others.
  url.searchParams.set('application_name', schema)
  const application = async (): Promise<Application['run']> => {
    const bridge = await connect(url.href)
    open.push(bridge)
    return bridged(bridge)
  }
  return { dialect: 'postgres', url: url.href, databases, run: await application(), another: application }
}

function sqlite(t: Ends): Promise<Application> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-database-'))
  const path = join(folder, 'app.db')
  const open: DatabaseSync[] = []
  const application = (): Application['run'] => {
    const database = new DatabaseSync(path, { timeout: 0 })
    open.push(database)
    return (text, ...values) =>
      database
        .prepare(text.replace(/\$(\d)/g, '?$1'))
        .all(...values)
        .map((row) => ({ ...row }))
  }
  const databases = createDatabases()
  t.after(async () => {
    await databases.close()
    for (const each of open) each.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const run = application()
  run('PRAGMA journal_mode = wal')
  return Promise.resolve({
    dialect: 'sqlite',
    url: `sqlite:${path}`,
    databases,
    run,
    another: () => Promise.resolve(application()),
  })
}

/** Each database. */
export const DATABASES: readonly { readonly name: string; readonly make: Make }[] = [
  { name: 'PostgreSQL', make: postgres },
  { name: 'SQLite', make: sqlite },
]
