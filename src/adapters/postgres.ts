/** A user's PostgreSQL: a few connections, made again when they are lost, each transaction with its own settings. */
import { userInfo } from 'node:os'
import pg from 'pg'
import { SqlError, type SqlFailure, type SqlRow, type Statement } from '../connector/sql.ts'
import type { OpenDatabase } from './open-database.ts'

/** As many as a bucket of the connector lets through, and few enough for any server. */
const CONNECTIONS = 4
const STATEMENT_MS = 15_000
const LOCK_MS = 5000
const CONNECT_MS = 10_000
/** A server that says nothing for longer is as good as gone. */
const ANSWER_MS = STATEMENT_MS + 10_000
/** How long a notification to oneself may take. */
const HEARD_MS = 5000

/**
 * Of one transaction each: a pooler hands the session to others after it. A policy that would hide rows is an error, as
 * hidden rows would look deleted.
 */
const BEGIN = `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = ${STATEMENT_MS}; SET LOCAL lock_timeout = ${LOCK_MS}; SET LOCAL row_security = off; SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'`

/** Everything comes as a text, exact. */
const asText = { getTypeParser: () => (text: string) => text }

export function createPostgres(url: string): OpenDatabase {
  const settings: pg.PoolConfig = {
    connectionString: url,
    ...(new URL(url).username === '' ? { user: userInfo().username } : {}),
    application_name: 'lockstep',
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: ANSWER_MS,
    types: asText,
  }
  const pool = new pg.Pool({ ...settings, max: CONNECTIONS, idleTimeoutMillis: 30_000, allowExitOnIdle: true })
  // A connection that is lost is made again when it is needed; whoever waits for an answer is told by its query.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return {
    dialect: 'postgres',
    run: (statements) => transaction(pool, statements),
    listen: (channel, ring, signal) => listen(settings, pool, channel, ring, signal),
    close: () => pool.end(),
  }
}

async function transaction(pool: pg.Pool, statements: readonly Statement[]): Promise<readonly (readonly SqlRow[])[]> {
  const client = await pool.connect().catch((error: unknown) => {
    throw failureOf(error, true)
  })
  let committing = false
  let lost = true
  try {
    await client.query(BEGIN)
    const results: (readonly SqlRow[])[] = []
    for (const { text, values } of statements)
      results.push((await client.query<{ [column: string]: string | null }>({ text, values: [...values] })).rows)
    committing = true
    await client.query('COMMIT')
    lost = false
    return results
  } catch (error) {
    // What was not committed when its connection ends is rolled back.
    const known = error instanceof pg.DatabaseError
    if (known)
      lost = await client.query('ROLLBACK').then(
        () => false,
        () => true,
      )
    throw failureOf(error, known || !committing)
  } finally {
    client.release(lost)
  }
}

/** Rings with each notification; its own first one shows whether any come through. */
async function listen(
  settings: pg.PoolConfig,
  pool: pg.Pool,
  channel: string,
  ring: () => void,
  signal: AbortSignal,
): Promise<void> {
  const client = new pg.Client(settings)
  const heard = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  const stop = (): void => ended.resolve()
  client.on('error', (error) => ended.reject(failureOf(error, true)))
  client.on('end', () => ended.reject(new SqlError('unreachable', 'the connection that listens has ended', true)))
  client.on('notification', () => {
    heard.resolve()
    ring()
  })
  ended.promise.catch(() => undefined)
  signal.addEventListener('abort', stop, { once: true })
  let timer: NodeJS.Timeout | undefined
  try {
    await client.connect()
    await client.query(`LISTEN ${client.escapeIdentifier(channel)}`)
    await transaction(pool, [{ text: 'SELECT pg_notify($1, $2)', values: [channel, 'lockstep listens'] }])
    const deaf = new Promise<never>((_, reject) => {
      const why = 'a notification to oneself did not come; a pooler in transaction mode keeps them back'
      timer = setTimeout(() => reject(new SqlError('deaf', why, true)), HEARD_MS)
    })
    await Promise.race([heard.promise, deaf, ended.promise])
    await ended.promise
  } catch (error) {
    throw error instanceof SqlError ? error : failureOf(error, true)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
    await client.end().catch(() => undefined)
  }
}

/** Codes, or the classes that they begin with. */
const CODES: readonly (readonly [start: string, failure: SqlFailure])[] = [
  ['40', 'busy'], // deadlock, serialization
  ['53', 'busy'], // too many connections, out of memory or disk
  ['55P03', 'busy'], // lock_not_available
  ['57014', 'slow'], // query_canceled
  ['57P', 'unreachable'], // shut down, starting up
  ['08', 'unreachable'],
  ['28', 'unauthorized'],
  ['3D000', 'unauthorized'], // no such database
  ['42P01', 'unknown-name'],
  ['42703', 'unknown-name'],
  ['42883', 'unknown-name'],
  ['3F000', 'unknown-name'],
  ['23505', 'unique'],
  ['23', 'constraint'],
  ['P0', 'constraint'], // raised by a trigger
  ['22', 'value'],
  ['25006', 'denied'], // read_only_sql_transaction
]

function failureOf(error: unknown, noEffect: boolean): SqlError {
  if (!(error instanceof Error)) return new SqlError('unreachable', String(error), noEffect)
  if (!(error instanceof pg.DatabaseError)) return new SqlError('unreachable', error.message, noEffect)
  const { code = '', message, detail } = error
  const text = detail === undefined ? message : `${message} (${detail})`
  if (code === '42501')
    return new SqlError(message.includes('row-level security') ? 'hidden' : 'denied', text, noEffect)
  const found = CODES.find(([start]) => code.startsWith(start))
  return new SqlError(found?.[1] ?? 'other', text, noEffect)
}
