/** Where a store on PostgreSQL is: `postgres://user:password@host:port/database?schema=lockstep`. */
import { isServerUrl } from '../connector/sql.ts'

export interface Location {
  /** For the client: with the password, and without what is the store's own. */
  readonly url: string
  readonly schema: string
  readonly database: string
  /** For other programs, without the password. */
  readonly address: string
  /** To be shown: the address, and the schema where it is another than usual. */
  readonly name: string
  readonly password: string
}

const DEFAULT_SCHEMA = 'lockstep'

export function isPostgres(store: string): boolean {
  return /^postgres(?:ql)?:/.test(store)
}

/** Null: it is no such URL. */
export function locationOf(store: string): Location | null {
  if (!isPostgres(store) || !isServerUrl(store)) return null
  const url = new URL(store)
  const schema = url.searchParams.get('schema') ?? DEFAULT_SCHEMA
  const database = decoded(url.pathname.slice(1))
  const given = decoded(url.password)
  if (database === null || given === null || decoded(url.username) === null) return null
  if (database === '' || !/^(?!pg_)[a-z_][a-z0-9_]{0,62}$/.test(schema)) return null
  url.searchParams.delete('schema')
  const shown = new URL(url)
  shown.password = ''
  shown.searchParams.delete('password')
  const address = shown.href
  if (schema !== DEFAULT_SCHEMA) shown.searchParams.set('schema', schema)
  const password = given || (url.searchParams.get('password') ?? '')
  return { url: url.href, schema, database, address, name: shown.href, password }
}

/** Null: a `%` stands in it that begins no character. */
function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part)
  } catch {
    return null
  }
}
