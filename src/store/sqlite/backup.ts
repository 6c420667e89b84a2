/** Whole copies of the store, beside it. */
import { closeSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { syncFile, syncFolder } from '../durable.ts'
import { storeError } from './failures.ts'

/** Writes one consistent copy to a path that no file has yet. What is found under that name later is whole. */
export function backUp(db: DatabaseSync, to: string): void {
  const part = `${to}.part`
  try {
    rmSync(part, { force: true })
    // An empty file made first, because SQLite would leave the copy readable for others.
    closeSync(openSync(part, 'wx', 0o600))
    db.prepare('VACUUM INTO ?').run(part)
    syncFile(part)
    renameSync(part, to)
    syncFolder(dirname(to))
  } catch (error) {
    rmSync(part, { force: true })
    throw storeError(error)
  }
}

/**
 * Backs the store up before its schema is changed, and keeps `keep` of such backups: this one, whatever the clock says, and the
 * newest others. Returns the path.
 */
export function backUpBeforeMigrating(db: DatabaseSync, store: string, schema: number, now: number, keep = 3): string {
  const stamp = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const path = `${store}.backup-${stamp}-schema-${String(schema).padStart(4, '0')}`
  rmSync(path, { force: true })
  backUp(db, path)
  const others = backupsOf(store).filter((each) => each !== path)
  for (const old of others.toReversed().slice(keep - 1)) rmSync(old)
  return path
}

/** The backups that were made before migrations, oldest first. */
export function backupsOf(store: string): readonly string[] {
  const start = `${basename(store)}.backup-`
  const files = readdirSync(dirname(store)).filter(
    (file) => file.startsWith(start) && /^\d{8}T\d{6}Z-schema-\d{4}$/.test(file.slice(start.length)),
  )
  return files.sort().map((file) => join(dirname(store), file))
}
