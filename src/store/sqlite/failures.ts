/** SQLite's result codes as store errors. */
import { StoreError, codeOf, messageOf } from '../errors.ts'
import type { StoreErrorCode } from '../errors.ts'

/** The primary result codes that say that the database, not the statement, is at fault. */
const codes: ReadonlyMap<number, StoreErrorCode> = new Map<number, StoreErrorCode>([
  [3, 'store-denied'], // SQLITE_PERM
  [5, 'store-locked'], // SQLITE_BUSY
  [6, 'store-locked'], // SQLITE_LOCKED
  [7, 'store-failed'], // SQLITE_NOMEM
  [8, 'store-denied'], // SQLITE_READONLY
  [10, 'store-failed'], // SQLITE_IOERR
  [11, 'store-corrupt'], // SQLITE_CORRUPT
  [13, 'store-full'], // SQLITE_FULL
  [14, 'store-denied'], // SQLITE_CANTOPEN
  [15, 'store-failed'], // SQLITE_PROTOCOL
  [26, 'store-corrupt'], // SQLITE_NOTADB
])

/** SQLite's primary result code; undefined where it is not an error of SQLite's. */
function primary(error: unknown): number | undefined {
  if (codeOf(error) !== 'ERR_SQLITE_ERROR' || !(error instanceof Error)) return undefined
  return 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined
}

/** The store's own failure behind an error; undefined where a statement alone is at fault (a constraint, its SQL). */
export function databaseFailure(error: unknown): StoreError | undefined {
  if (error instanceof StoreError) return error
  const result = primary(error)
  const code = result === undefined ? undefined : codes.get(result)
  return code === undefined ? undefined : new StoreError(code, messageOf(error), error)
}

/** The same, for where there is nothing but the store to blame. */
export function storeError(error: unknown, otherwise: StoreErrorCode = 'store-failed'): StoreError {
  return databaseFailure(error) ?? new StoreError(otherwise, messageOf(error), error)
}

export function isBusy(error: unknown): boolean {
  return primary(error) === 5
}
