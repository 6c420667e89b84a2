/** Forward-only, numbered migrations: 0001-first.sql, 0002.sql, … in one folder. */
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { StoreError } from './errors.ts'
import type { Row } from './sql.ts'

export interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
  readonly checksum: string
}

/** The migrations of a folder in order. Throws where a number is missing, doubled or not readable from the name. */
export function readMigrations(folder: string | URL): readonly Migration[] {
  const path = folder instanceof URL ? fileURLToPath(folder) : folder
  const files = readdirSync(path).filter((file) => file.endsWith('.sql'))
  return files.sort().map((file, i) => {
    const digits = /^(\d{4})(?:-[a-z0-9-]+)?\.sql$/.exec(file)?.[1]
    if (Number(digits) !== i + 1)
      throw new Error(`Migration ${i + 1} of ${path} is missing, doubled or misnamed: ${file}`)
    const sql = readFileSync(join(path, file), 'utf8').replaceAll('\r\n', '\n')
    const checksum = createHash('sha256').update(sql).digest('hex')
    return { number: i + 1, name: file.slice(0, -'.sql'.length), sql, checksum }
  })
}

/** Those that the store has yet to run, after what it says was run. Throws where this program must not touch it. */
export function afterApplied(applied: readonly Row[], known: readonly Migration[]): readonly Migration[] {
  if (applied.length > known.length) {
    throw new StoreError('store-newer', `its schema is ${applied.length}, this program knows ${known.length}`)
  }
  for (const [i, row] of applied.entries()) {
    if (row['number'] !== i + 1 || row['checksum'] !== known[i]?.checksum) {
      throw new StoreError('store-changed', `migration ${String(row['number'])} differs`)
    }
  }
  return known.slice(applied.length)
}
