/** One database of a connection, and what its failures mean. */
import {
  ConnectorError,
  SqlError,
  type Database,
  type Draws,
  type Runtime,
  type SqlRow,
  type Statement,
} from '../../connector/index.ts'
import { bucket, whose, type DatabaseConfig } from './config.ts'
import type { Dialect } from './dialect.ts'
import type { Kept } from './keeping.ts'
import { keptIn } from './kept.ts'
import { postgres } from './postgres.ts'
import { sqlite } from './sqlite.ts'
import { tablesOf, type Table } from './table.ts'

export interface DatabaseApi {
  readonly config: DatabaseConfig
  readonly tables: readonly Table[]
  readonly database: Database
  readonly dialect: Dialect
  readonly runtime: Runtime
  /** Null: no column holds files. */
  readonly kept: Kept | null
  /** The names of tables of which it is known that they refuse rows told in part. */
  readonly refusing: Set<string>
}

export function connect(config: DatabaseConfig, runtime: Runtime): DatabaseApi {
  const database = runtime.databases.at(config.url)
  return {
    config,
    tables: tablesOf(config),
    database,
    dialect: dialectOf(config),
    runtime,
    kept: keptIn(config, runtime),
    refusing: new Set(),
  }
}

export function dialectOf({ url }: Pick<DatabaseConfig, 'url'>): Dialect {
  return url.startsWith('sqlite:') ? sqlite : postgres
}

export function draws(config: DatabaseConfig): Draws {
  return { [bucket]: whose(config) }
}

/** One call: all of it in one transaction. */
export async function run(api: DatabaseApi, statements: readonly Statement[]): Promise<readonly (readonly SqlRow[])[]> {
  return await api.runtime.limits.within(draws(api.config), async () => {
    try {
      return await api.database.run(statements)
    } catch (error) {
      throw error instanceof SqlError ? failureOf(error) : error
    }
  })
}

export async function rowsOf(api: DatabaseApi, statement: Statement): Promise<readonly SqlRow[]> {
  return (await run(api, [statement]))[0] ?? []
}

const BUSY_MS = 250

export function failureOf({ failure, message, noEffect }: SqlError): ConnectorError {
  switch (failure) {
    case 'unreachable':
    case 'deaf':
      return new ConnectorError('unavailable', message, { noEffect })
    case 'slow':
      return new ConnectorError('unavailable', `it took too long: ${message}`, { noEffect })
    case 'unknown-name':
      return new ConnectorError('unavailable', `${message}; "lockstep check" says how to mend it`, { noEffect })
    case 'busy':
      return new ConnectorError('limited', message, { retryAfterMs: BUSY_MS, noEffect })
    case 'unauthorized':
      return new ConnectorError('unauthorized', message)
    case 'denied':
      return new ConnectorError('forbidden', `${message}; "lockstep check" says which right is missing`)
    case 'hidden':
      return new ConnectorError('forbidden', `${message}; "lockstep check" says how to mend it`)
    case 'unique':
      return new ConnectorError(message.includes('made') ? 'key-taken' : 'rejected', message)
    case 'constraint':
    case 'value':
    case 'other':
      return new ConnectorError('rejected', message)
  }
}
