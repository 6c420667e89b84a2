/** Opening a store: checks first, then a backup, then migrations. */
import { DatabaseSync } from 'node:sqlite'
import { closeSync, existsSync, openSync, statSync } from 'node:fs'
import { StoreError } from '../errors.ts'
import { backUpBeforeMigrating } from './backup.ts'
import { storeError } from './failures.ts'
import { readMigrations } from '../migrations.ts'
import { migrate, pendingMigrations } from './migrate.ts'

export interface OpenOptions {
  /** A file, or ':memory:'. */
  readonly path: string
  /** The folder of numbered migrations. */
  readonly migrations: string | URL
  /** The time to record with what is migrated. */
  readonly now: number
  /** A file of up to this many bytes is checked for damage whenever it is opened; 64 MiB unless told. */
  readonly checkUpTo?: number
  /** How long a statement waits for a lock of another program; 5000 ms unless told. */
  readonly busyTimeoutMs?: number
}

export interface Opened {
  readonly db: DatabaseSync
  /** How many migrations were run now. */
  readonly migrated: number
  /** The copy made before they were; null where there was nothing to copy. */
  readonly backup: string | null
}

/**
 * Opens the store, or makes it. Throws a StoreError, and leaves the file as it was, where this program must not or
 * cannot use it. The caller owns the store (lock.ts). Nothing else in the process may open the file, not even to copy it
 * (backup.ts does that): on POSIX systems, closing any handle to it gives SQLite's locks up.
 */
export function openDatabase(options: OpenOptions): Opened {
  const { path } = options
  const known = readMigrations(options.migrations)
  let db: DatabaseSync | undefined
  try {
    if (path !== ':memory:') createPrivate(path)
    db = new DatabaseSync(path, {
      timeout: options.busyTimeoutMs ?? 5000,
      enableForeignKeyConstraints: true,
      defensive: true,
    })
    db.exec('PRAGMA temp_store = MEMORY')
    if (path !== ':memory:' && statSync(path).size <= (options.checkUpTo ?? 64 * 1024 * 1024)) quickCheck(db)
    const pending = pendingMigrations(db, known)
    const old = known.length - pending.length
    if (path !== ':memory:') makeDurable(db)
    const worthKeeping = path !== ':memory:' && old > 0 && pending.length > 0
    const backup = worthKeeping ? backUpBeforeMigrating(db, path, old, options.now) : null
    migrate(db, pending, options.now)
    return { db, migrated: pending.length, backup }
  } catch (error) {
    db?.close()
    throw storeError(error)
  }
}

/** SQLite would make the file readable for others; the files that it puts beside it take after this one. */
function createPrivate(path: string): void {
  if (existsSync(path)) return
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    throw storeError(error, 'store-denied')
  }
}

/** Full synchronous mode: with less, a power cut takes acknowledged commits with it. */
function makeDurable(db: DatabaseSync): void {
  const mode = db.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode']
  if (mode !== 'wal') throw new StoreError('store-failed', `this file system allows only journal mode ${String(mode)}`)
  db.exec('PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864')
}

function quickCheck(db: DatabaseSync): void {
  const found = db.prepare('PRAGMA quick_check(1)').get()?.['quick_check']
  if (found !== 'ok') throw new StoreError('store-corrupt', String(found))
}
