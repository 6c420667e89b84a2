/** PostgreSQL's error codes as store errors. */
import { StoreError, codeOf, messageOf } from '../errors.ts'
import type { StoreErrorCode } from '../errors.ts'

/** Codes, or the classes that they begin with, that say that the database, not the statement, is at fault. */
const codes: readonly (readonly [start: string, code: StoreErrorCode])[] = [
  ['53100', 'store-full'], // disk_full
  ['53', 'store-failed'], // insufficient resources
  ['XX001', 'store-corrupt'], // data_corrupted
  ['XX002', 'store-corrupt'], // index_corrupted
  ['55P03', 'store-locked'], // lock_not_available
  ['40', 'store-locked'], // deadlock, serialization
  ['42501', 'store-denied'], // insufficient_privilege
  ['25006', 'store-denied'], // read_only_sql_transaction: a standby
  ['28', 'store-denied'], // invalid authorization
  ['3D000', 'store-denied'], // no such database
  ['08', 'store-lost'], // connection exceptions
  ['57P', 'store-lost'], // shut down, crashed, starting up, idle too long
  ['58', 'store-failed'], // system error
  ['XX', 'store-failed'], // internal error
]

/** The name that the bridge gives to errors of the server. */
export const SERVER_ERROR = 'PostgresError'

/** The store's own failure behind an error; undefined where a statement alone is at fault (a constraint, its SQL). */
export function databaseFailure(error: unknown): StoreError | undefined {
  if (error instanceof StoreError) return error
  if (!(error instanceof Error) || error.name !== SERVER_ERROR) return undefined
  const state = codeOf(error) ?? ''
  const code = codes.find(([start]) => state.startsWith(start))?.[1]
  return code === undefined ? undefined : new StoreError(code, messageOf(error), error)
}
