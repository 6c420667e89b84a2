/** Opens a store for this process alone: its lock, its schema, its key. */
import { randomBytes } from 'node:crypto'
import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Clock, Random } from '../connector/ports.ts'
import type { SealingKey } from '../config/index.ts'
import type { Driver } from '../store/driver.ts'
import { StoreError } from '../store/errors.ts'
import { groupCommit } from '../store/group-commit.ts'
import { driverInThread } from '../store/in-thread.ts'
import { acquire, type Lock } from '../store/lock.ts'
import { storeFrom } from '../store/open.ts'
import { openPostgres, type Location } from '../store/postgres/database.ts'
import { openPostgresWorker } from '../store/postgres/worker.ts'
import { createKeyring, markerKey } from '../store/seal.ts'
import { openDatabase } from '../store/sqlite/database.ts'
import { inThread } from '../store/sqlite/in-thread.ts'
import { openWorker } from '../store/sqlite/worker.ts'
import { verbs, type Store } from '../store/verbs/index.ts'
import { openKeys, type Keys } from './keys.ts'

const MIGRATIONS = new URL('../store/migrations/', import.meta.url)
const VERBS = new URL('../store/verbs/index.ts', import.meta.url)

export interface OwnedStore extends Keys {
  readonly store: Store
  /** Ends what is under way, then gives the store up. */
  close(): Promise<void>
}

export interface OpenStore {
  /** The file; of a store in a database, what the files beside it begin with. */
  readonly path: string
  readonly postgres?: Location | null
  /** Makes it where there is none, unless told otherwise; a file is made always. */
  readonly create?: boolean
  readonly sealing: SealingKey
  readonly clock: Clock
  readonly random: Random
  /** A thread of its own for the service; short commands do without. */
  readonly thread: boolean
}

/** 'held': another process owns it. 'none': there is none, and it was not to be made. */
export async function openOwnedStore(options: OpenStore): Promise<OwnedStore | 'held' | 'none'> {
  if (options.postgres != null) return await openInPostgres(options, options.postgres)
  const lock = acquire(options.path)
  if (lock === 'held') return 'held'
  try {
    return await openLocked(options, lock)
  } catch (error) {
    lock.release()
    throw error
  }
}

async function openLocked({ path, sealing, clock, random, thread }: OpenStore, lock: Lock): Promise<OwnedStore> {
  const now = clock.now()
  const driver = thread
    ? (await openWorker({ path, migrations: MIGRATIONS, now, verbs: VERBS })).driver
    : inThread(openDatabase({ path, migrations: MIGRATIONS, now }).db, verbs)
  return await overDriver(driver, lock, { sealing, clock, random })
}

async function overDriver(
  driver: Driver,
  lock: Lock,
  { sealing, clock, random }: Pick<OpenStore, 'sealing' | 'clock' | 'random'>,
): Promise<OwnedStore> {
  try {
    const store = storeFrom(groupCommit(driver))
    const keys = await openKeys(store, sealing, { clock, random })
    return { store, ...keys, close: () => closeAll(driver, lock) }
  } catch (error) {
    await driver.close()
    throw error
  }
}

/** The lock is of the session that writes: it goes with it. */
async function openInPostgres(options: OpenStore, location: Location): Promise<OwnedStore | 'held' | 'none'> {
  const open = { location, create: options.create ?? true, migrations: MIGRATIONS, now: options.clock.now() }
  try {
    const driver = options.thread
      ? (await openPostgresWorker({ ...open, verbs: VERBS })).driver
      : driverInThread((await openPostgres(open)).database, verbs)
    return await overDriver(driver, { release: () => undefined }, options)
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    if (error.code === 'store-owned') return 'held'
    if (error.code === 'store-absent') return 'none'
    throw error
  }
}

/** A store that nobody else can know of yet, so that there is nothing to lock. */
export function openUnlocked(options: Omit<OpenStore, 'thread'>): Promise<OwnedStore> {
  return openLocked({ ...options, thread: false }, { release: () => undefined })
}

async function closeAll(driver: Driver, lock: Lock): Promise<void> {
  await driver.close()
  lock.release()
}

/** A store in memory, for commands that look at systems before there is a store. */
export function openPassingStore(clock: Clock): OwnedStore {
  const { db } = openDatabase({ path: ':memory:', migrations: MIGRATIONS, now: clock.now() })
  const driver = inThread(db, verbs)
  const key = randomBytes(32)
  return {
    store: storeFrom(groupCommit(driver)),
    ring: createKeyring(key),
    markerKey: markerKey(key),
    rotate: () => Promise.reject(new StoreError('key-missing')),
    close: () => driver.close(),
  }
}

/** A file beside the store, under the name of the real file, as the lock has it. */
export function besideStore(path: string, ending: string): string {
  const folder = dirname(path)
  if (existsSync(path)) return `${realpathSync(path)}${ending}`
  return existsSync(folder) ? join(realpathSync(folder), `${basename(path)}${ending}`) : `${path}${ending}`
}
