/** The databases of users, each opened when it is first asked something. */
import { ENCODED, isServerUrl, SqlError, type Databases } from '../connector/sql.ts'
import type { OpenDatabase } from './open-database.ts'
import { createPostgres } from './postgres.ts'
import { createSqlite } from './sqlite.ts'

export interface OpenDatabases extends Databases {
  close(): Promise<void>
}

export function createDatabases(): OpenDatabases {
  const open = new Map<string, OpenDatabase>()
  return {
    at(address) {
      const known = open.get(address)
      if (known !== undefined) return known
      const database = databaseAt(address)
      open.set(address, database)
      return database
    },
    async close() {
      await Promise.all([...open.values()].map((each) => each.close()))
      open.clear()
    },
  }
}

function databaseAt(address: string): OpenDatabase {
  if (/^postgres(ql)?:/.test(address)) {
    if (!isServerUrl(address)) throw new SqlError('unreachable', `this is no URL of a database: ${ENCODED}`, true)
    return createPostgres(address)
  }
  if (address.startsWith('sqlite:')) return createSqlite(pathOf(address))
  throw new SqlError('unreachable', 'only postgres:// and sqlite: are databases', true)
}

/** `sqlite:/path`, `sqlite:///path`, or a path from where the process was started. */
function pathOf(address: string): string {
  return address.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '')
}
