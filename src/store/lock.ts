/** One process owns a store. */
import { closeSync, existsSync, openSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StoreError, codeOf, messageOf } from './errors.ts'
import { isBusy, storeError } from './sqlite/failures.ts'

export interface Lock {
  /** Gives the store up. A second call does nothing. */
  release(): void
}

/** Held here too: a handle that is garbage collected would free the lock of an owner that did not keep its Lock. */
const owned = new Set<DatabaseSync>()

/**
 * Owns the store at `path` until released, or says that another process does. The lock is SQLite's own exclusive lock
 * on an empty database, `<store>.lock`: the operating system frees it with the process, however that ends, so that a
 * lock that is held is held by something alive. The file itself stays, and says nothing.
 *
 * Nothing else in the process may open that file: on POSIX systems, closing any handle to it gives the lock up. A
 * network file system need not keep locks at all; a store belongs on a local disk.
 */
export function acquire(path: string): Lock | 'held' {
  const file = lockFile(path)
  let db: DatabaseSync | undefined
  try {
    if (!existsSync(file)) createPrivate(file)
    db = new DatabaseSync(file, { timeout: 0 })
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db?.close()
    if (isBusy(error)) return 'held'
    const failure = storeError(error, 'store-denied')
    throw failure.code === 'store-corrupt' ? new StoreError('lock-unusable', messageOf(error), error) : failure
  }
  const handle = db
  owned.add(handle)
  return {
    release() {
      if (owned.delete(handle)) handle.close()
    },
  }
}

/** Beside the real file, so that two names of one store are one lock. */
function lockFile(path: string): string {
  try {
    const real = existsSync(path) ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path))
    return `${real}.lock`
  } catch (error) {
    throw storeError(error, 'store-denied')
  }
}

function createPrivate(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
}
