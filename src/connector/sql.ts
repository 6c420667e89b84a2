/** A database of the user's own, as a connector reaches it: a text of its own, and values beside it. */
export type SqlValue = string | number | bigint | null
export type SqlRow = { readonly [column: string]: SqlValue }

export interface Statement {
  /** Values are `$1`, `$2` in PostgreSQL and `?1`, `?2` in SQLite. */
  readonly text: string
  readonly values: readonly SqlValue[]
}

export interface Database {
  readonly dialect: 'postgres' | 'sqlite'
  /**
   * The rows of each, all in one transaction. PostgreSQL answers texts; its time zone is UTC, row security is an error
   * rather than a filter, and a statement ends after 15 seconds. In SQLite `lockstep_digest(text)` is a short hash.
   * Rejects with an SqlError.
   */
  run(statements: readonly Statement[]): Promise<readonly (readonly SqlRow[])[]>
  /** Whether there is no file at its address yet, and makes one. Absent: it is a server's. */
  readonly file?: { isAbsent(): boolean; make(): void }
  /**
   * Rings at each notification of a channel, until `signal` aborts. Rejects with an SqlError: `deaf` where notifications
   * do not come through. Absent: the database has none.
   */
  listen?(channel: string, ring: () => void, signal: AbortSignal): Promise<void>
}

export interface Databases {
  /** One for an address, however often it is asked for. Makes no connection yet. */
  at(address: string): Database
}

/**
 * Whether a text is the URL of a database server. It is none, or one of another server, where user or password holds what
 * ends them, as `/`, `#` and `?` do.
 */
export function isServerUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { username, pathname, search, hash } = new URL(text)
  return username !== '' || !(pathname === '' ? search + hash : pathname + hash).includes('@')
}

/** What is to be done about one that is none. */
export const ENCODED = 'in its user and password write `#` as %23, `/` as %2F, `?` as %3F, `%` as %25'

export type SqlFailure =
  /** No connection, or none any more. */
  | 'unreachable'
  /** It refuses the user, or the user's password. */
  | 'unauthorized'
  /** It is locked, or does too much at the moment. */
  | 'busy'
  /** It took too long, and was ended. */
  | 'slow'
  /** A right is missing. */
  | 'denied'
  /** Rows would be hidden from this user. */
  | 'hidden'
  /** A table, column or function is not there. */
  | 'unknown-name'
  /** Something stands there already. */
  | 'unique'
  /** Another rule of the table refuses it. */
  | 'constraint'
  /** The column does not take such a value. */
  | 'value'
  | 'deaf'
  | 'other'

/** In the database's words. */
export class SqlError extends Error {
  override readonly name = 'SqlError'
  readonly failure: SqlFailure
  /** Nothing of the transaction has been done, nor will be. */
  readonly noEffect: boolean
  constructor(failure: SqlFailure, message: string, noEffect: boolean) {
    super(message)
    this.failure = failure
    this.noEffect = noEffect
  }
}

export const NO_DATABASES: Databases = {
  at() {
    throw new SqlError('unreachable', 'there is no database here', true)
  },
}
