/** Opens a store for this process alone: its lock, its schema, its key. */
import { randomBytes } from 'node:crypto'
import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { KeyObject } from 'node:crypto'
import type { Clock, Random } from '../connector/ports.ts'
import type { SealingKey } from '../config/index.ts'
import type { Driver } from '../store/driver.ts'
import { StoreError } from '../store/errors.ts'
import { groupCommit } from '../store/group-commit.ts'
import { loadKey } from '../store/key-source.ts'
import { acquire, type Lock } from '../store/lock.ts'
import { storeFrom } from '../store/open.ts'
import { confirmKey, createKeyring, keyCheck, type Keyring } from '../store/seal.ts'
import { openDatabase } from '../store/sqlite/database.ts'
import { inThread } from '../store/sqlite/in-thread.ts'
import { openWorker } from '../store/sqlite/worker.ts'
import { verbs, type Store } from '../store/verbs/index.ts'

const MIGRATIONS = new URL('../store/migrations/', import.meta.url)
const VERBS = new URL('../store/verbs/index.ts', import.meta.url)

export interface OwnedStore {
  readonly store: Store
  readonly ring: Keyring
  readonly markerKey: KeyObject
  /** Ends what is under way, then gives the store up. */
  close(): Promise<void>
}

export interface OpenStore {
  readonly path: string
  readonly sealing: SealingKey
  readonly clock: Clock
  readonly random: Random
  /** A thread of its own for the service; short commands do without. */
  readonly thread: boolean
}

/** 'held': another process owns it. */
export async function openOwnedStore(options: OpenStore): Promise<OwnedStore | 'held'> {
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
  try {
    const store = storeFrom(groupCommit(driver))
    const ring = await openRing(store, sealing, random)
    return { store, ring, markerKey: markerOf(ring), close: () => closeAll(driver, lock) }
  } catch (error) {
    await driver.close()
    throw error
  }
}

async function closeAll(driver: Driver, lock: Lock): Promise<void> {
  await driver.close()
  lock.release()
}

/** A key is made only for a store that has none; from then on no other is taken. */
async function openRing(store: Store, sealing: SealingKey, random: Random): Promise<Keyring> {
  const check = await store.getMeta({ name: 'key_check' })
  if (check !== null) {
    const ring = createKeyring(loadKey(sealing))
    confirmKey(ring, check)
    return ring
  }
  const ring = createKeyring(loadKey(sealing, randomBytes(32)))
  await store.setMeta({ name: 'key_check', value: keyCheck(ring, random.hex(12)) })
  return ring
}

function markerOf(ring: Keyring): KeyObject {
  const [key] = ring.markerKeys
  if (key === undefined) throw new StoreError('key-missing')
  return key
}

/** A store in memory, for commands that look at systems before there is a store. */
export function openPassingStore(clock: Clock): OwnedStore {
  const { db } = openDatabase({ path: ':memory:', migrations: MIGRATIONS, now: clock.now() })
  const driver = inThread(db, verbs)
  const ring = createKeyring(randomBytes(32))
  return {
    store: storeFrom(groupCommit(driver)),
    ring,
    markerKey: markerOf(ring),
    close: () => driver.close(),
  }
}

/** A file beside the store, under the name of the real file, as the lock has it. */
export function besideStore(path: string, ending: string): string {
  const folder = dirname(path)
  if (existsSync(path)) return `${realpathSync(path)}${ending}`
  return existsSync(folder) ? join(realpathSync(folder), `${basename(path)}${ending}`) : `${path}${ending}`
}
