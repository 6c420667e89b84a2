/** Copies of the store: made while it is in use, and put back. */
import { chmodSync, copyFileSync, existsSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { EXIT, storeInUse, UserError } from '../words/errors.ts'
import type { Config } from '../config/index.ts'
import type { Clock, Random } from '../connector/ports.ts'
import { syncFile, syncFolder } from '../store/durable.ts'
import { StoreError, messageOf } from '../store/errors.ts'
import { acquire } from '../store/lock.ts'
import { backUp } from '../store/sqlite/backup.ts'
import { storeError } from '../store/sqlite/failures.ts'
import { openUnlocked } from './owned-store.ts'

/** A whole copy of one moment; other processes go on writing meanwhile. */
export function backUpStore({ store, postgres }: Config, to: string): void {
  if (postgres !== null)
    throw byPgDump(
      'back up',
      postgres.schema,
      `pg_dump --format=custom --schema=${postgres.schema} --file=${to} "${postgres.address}"`,
    )
  if (!existsSync(store)) throw noStore(store)
  if (existsSync(to)) throw inTheWay(to)
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(store, { readOnly: true, timeout: 5000 })
    backUp(db, to)
  } catch (error) {
    throw cannotBackUp(to, storeError(error))
  } finally {
    db?.close()
  }
}

/** Puts a backup in the place of the store. Answers where the store is that was there; null: there was none. */
export async function restoreStore(
  config: Config,
  from: string,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Promise<string | null> {
  const { store, postgres } = config
  if (postgres !== null)
    throw byPgDump('restore', postgres.schema, `pg_restore --clean --if-exists --dbname="${postgres.address}" ${from}`)
  if (!existsSync(from)) throw noBackup(from, 'there is no such file')
  const lock = acquire(store)
  if (lock === 'held') throw storeInUse(store)
  const copy = `${store}.restoring`
  try {
    remove(copy)
    copyWhole(from, copy)
    await prepare(config, copy, from, { clock, random })
    syncFile(copy)
    const aside = existsSync(store) ? asideOf(store, clock.now()) : null
    if (aside !== null) for (const ending of FILES) moveIfThere(`${store}${ending}`, `${aside}${ending}`)
    renameSync(copy, store)
    syncFolder(dirname(store))
    return aside
  } finally {
    remove(copy)
    lock.release()
  }
}

const FILES = ['', '-wal', '-shm'] as const
const DAMAGED = 'it is damaged, or no store'

/** With what is only in the log beside it: a store that was set aside after a crash has its newest commits there. */
function copyWhole(from: string, copy: string): void {
  if (!existsSync(`${from}-wal`)) {
    try {
      copyFileSync(from, copy)
      chmodSync(copy, 0o600)
    } catch (error) {
      throw cannotRestore(from, messageOf(error))
    }
    return
  }
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(from, { readOnly: true, timeout: 5000 })
    backUp(db, copy)
  } catch (error) {
    const failure = storeError(error)
    throw failure.code === 'store-corrupt' ? noBackup(from, DAMAGED) : failure
  } finally {
    db?.close()
  }
}

/** Checked, brought to this release, and paused: before it takes the place of anything. */
async function prepare(
  config: Config,
  copy: string,
  from: string,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Promise<void> {
  try {
    if (isEmpty(copy)) throw noBackup(from, 'there is no store in it')
    const owned = await openUnlocked({ path: copy, sealing: config.sealing, clock, random })
    try {
      await owned.store.restored({ why: `restored from ${from}; look at "lockstep plan" first`, now: clock.now() })
    } finally {
      await owned.close()
    }
  } catch (error) {
    if (error instanceof StoreError && error.code === 'store-corrupt') throw noBackup(from, DAMAGED)
    throw error
  }
}

/** Opened as a store it would become a new one, which knows of nothing. */
function isEmpty(copy: string): boolean {
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(copy)
    return db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
  } catch (error) {
    throw storeError(error)
  } finally {
    db?.close()
  }
}

function asideOf(store: string, now: number): string {
  return `${store}.before-restore-${new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`
}

function moveIfThere(from: string, to: string): void {
  if (existsSync(from)) renameSync(from, to)
}

function remove(path: string): void {
  for (const ending of FILES) rmSync(`${path}${ending}`, { force: true })
}

function byPgDump(what: string, schema: string, command: string): UserError {
  return new UserError({
    code: 'store-in-postgres',
    message: `The store is the schema ${schema} of a PostgreSQL database; PostgreSQL's own tools ${what} it.`,
    remedy: `${command}
docs/guide/operating.md says what is to be done after a restore.`,
    exit: EXIT.configuration,
  })
}

function noStore(path: string): UserError {
  return new UserError({
    code: 'no-store',
    message: `There is no store at ${path}.`,
    remedy: 'It is made by the first sync; check `store` in the configuration.',
    exit: EXIT.configuration,
  })
}

function inTheWay(path: string): UserError {
  return new UserError({
    code: 'in-the-way',
    message: `There is a file already: ${path}.`,
    remedy: 'Name another one; a backup never replaces a file.',
    exit: EXIT.configuration,
  })
}

function cannotBackUp(path: string, error: StoreError): UserError {
  return new UserError({
    code: 'cannot-back-up',
    message: `No backup was made at ${path}: ${messageOf(error)}`,
    remedy: 'Name a file in a folder where this user may write, with room for all of the store.',
    exit: EXIT.failed,
  })
}

function cannotRestore(path: string, why: string): UserError {
  return new UserError({
    code: 'cannot-restore',
    message: `${path} cannot be copied to the place of the store, which is as it was: ${why}.`,
    remedy: 'Name a file that this user may read, and see to room for a copy of it beside the store.',
    exit: EXIT.failed,
  })
}

function noBackup(path: string, why: string): UserError {
  return new UserError({
    code: 'no-backup',
    message: `${path} cannot be restored: ${why}.`,
    remedy: 'Name a file that "lockstep backup" wrote, or one of those that lie beside the store (<store>.backup-…).',
    exit: EXIT.configuration,
  })
}
