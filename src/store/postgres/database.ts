/** Opening a store on PostgreSQL: the connection, the lock, checks, then migrations. */
import { createHash } from 'node:crypto'
import { StoreError, messageOf } from '../errors.ts'
import type { Database } from '../run.ts'
import type { Opened } from '../serve.ts'
import { connect, type Bridge } from './bridge.ts'
import { databaseFailure } from './failures.ts'
import { migrate } from './migrations.ts'
import { statementsOn } from './statements.ts'

export interface Location {
  /** For the client: with the password. */
  readonly url: string
  /** All of the store is in it: a database may hold several stores, and an application's tables. */
  readonly schema: string
}

export interface OpenOptions {
  readonly location: Location
  /** Makes the store where there is none; else rejects with the code store-absent. */
  readonly create?: boolean
  /** The folder of numbered migrations. */
  readonly migrations: string | URL
  /** The time to record with what is migrated. */
  readonly now: number
}

const OLDEST = 130_000

/**
 * What the store relies on, whatever the server or the user is set to. Every statement finds its rows by an index, as
 * with SQLite; what the server counted of tables that were small yesterday must not make it read them whole today.
 */
const SETTINGS = {
  lock_timeout: '5s',
  statement_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
  transaction_timeout: '0',
  tcp_keepalives_idle: '10',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '4',
  client_min_messages: 'warning',
  default_transaction_isolation: 'read committed',
  default_transaction_read_only: 'off',
  jit: 'off',
  enable_seqscan: 'off',
  plan_cache_mode: 'force_generic_plan',
}

/**
 * Opens the store, or makes it, for this process alone: the session holds a lock until it ends, however that comes, and
 * writes nothing without it. A lost connection is a lost store: `onLost` is told, and nothing connects again. Rejects
 * with a StoreError; with the code store-owned where another session holds the lock.
 */
export async function openPostgres(
  { location, migrations, now, create = true }: OpenOptions,
  onLost: (why: string) => void = () => undefined,
): Promise<Opened> {
  const bridge = await connect(location.url).catch((error: unknown) => {
    throw databaseFailure(error) ?? new StoreError('store-unreachable', messageOf(error), error)
  })
  try {
    const database = databaseOn(bridge)
    prepare(bridge, location)
    if (!create && !isThere(database, location)) throw new StoreError('store-absent')
    const migrated = migrate(database, ask(bridge), { schema: location.schema, migrations, now })
    bridge.onLost(onLost)
    return { database, migrated, backup: null }
  } catch (error) {
    await bridge.close()
    throw databaseFailure(error) ?? new StoreError('store-failed', messageOf(error), error)
  }
}

/** Runs one or several statements that are not kept. */
function ask(bridge: Bridge): (text: string) => ReturnType<Bridge['ask']> {
  return (text) => bridge.ask({ id: 0, text, values: [] })
}

function prepare(bridge: Bridge, { schema }: Location): void {
  const run = ask(bridge)
  const [[version, encoding, durable] = []] = run(
    `SELECT current_setting('server_version_num')::int, current_setting('server_encoding'), current_setting('synchronous_commit')`,
  ).rows
  if (Number(version) < OLDEST) throw new StoreError('store-unfit', `it is of version ${String(version)}`)
  if (encoding !== 'UTF8') throw new StoreError('store-unfit', `its encoding is ${String(encoding)}`)
  const wanted = Object.entries(SETTINGS).map(([name, value]) => `('${name}', '${value}')`)
  run(
    `SELECT set_config(s.name, w.value, false) FROM (VALUES ${wanted.join(', ')}) w (name, value) JOIN pg_settings s ON s.name = w.name`,
  )
  // With less, a crash of the server takes acknowledged commits with it. More, as with a standby, is the server's affair.
  if (durable === 'off') run('SET synchronous_commit = on')
  run(`SET search_path = ${schema}`)
  const [[isOwned] = []] = run(`SELECT pg_try_advisory_lock(${lockOf(schema)})`).rows
  if (isOwned !== 1) throw new StoreError('store-owned')
}

function isThere({ sql }: Database, { schema }: Location): boolean {
  return sql.get(`SELECT 1 FROM pg_tables WHERE schemaname = ? AND tablename = 'migrations'`).get(schema) !== undefined
}

/** Locks are by database; two stores in one have different ones. */
export function lockOf(schema: string): string {
  return createHash('sha256').update(`lockstep store ${schema}`).digest().readBigInt64BE().toString()
}

function databaseOn(bridge: Bridge): Database {
  const run = ask(bridge)
  return {
    sql: statementsOn(bridge),
    get isTransaction() {
      return bridge.isTransaction
    },
    // Every commit waits for the disk: what the server does in between is not this process's to know.
    begin: () => void run('BEGIN'),
    commit() {
      const { command } = run('COMMIT')
      if (command !== 'COMMIT')
        throw new StoreError('store-failed', 'a verb went on after a statement of it had failed')
    },
    rollback: () => void run('ROLLBACK'),
    failureOf: databaseFailure,
    close: () => bridge.close(),
  }
}
