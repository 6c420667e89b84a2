/** Brings a store on PostgreSQL to this program's schema. */
import { StoreError, messageOf } from '../errors.ts'
import type { Database } from '../run.ts'
import { afterApplied, type Migration } from '../migrations.ts'
import type { Rows } from './bridge.ts'
import { databaseFailure } from './failures.ts'
import { postgresMigrations } from './schema.ts'

export interface MigrateOptions {
  readonly schema: string
  readonly migrations: string | URL
  readonly now: number
}

/** All in one transaction: the store is at the old schema or at the new one, never between. Answers how many. */
export function migrate(
  db: Database,
  ask: (text: string) => Rows,
  { schema, migrations, now }: MigrateOptions,
): number {
  const pending = pendingMigrations(db, schema, postgresMigrations(migrations))
  if (pending.length === 0) return 0
  try {
    db.begin(true)
    ask(`CREATE SCHEMA IF NOT EXISTS ${schema}`)
    ask(
      'CREATE TABLE IF NOT EXISTS migrations (number bigint PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at bigint NOT NULL)',
    )
    const record = db.sql.get('INSERT INTO migrations (number, name, checksum, applied_at) VALUES (?, ?, ?, ?)')
    for (const { number, name, sql, checksum } of pending) {
      ask(sql)
      record.run(number, name, checksum, now)
    }
    db.commit()
    return pending.length
  } catch (error) {
    if (db.isTransaction) db.rollback()
    throw databaseFailure(error) ?? new StoreError('store-migration', messageOf(error), error)
  }
}

/** Throws where this program must not touch the store; changes nothing. */
function pendingMigrations(db: Database, schema: string, known: readonly Migration[]): readonly Migration[] {
  const tables = db.sql
    .get('SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ?')
    .all(schema)
    .map((row) => row['name'])
  if (tables.length === 0) return known
  if (!tables.includes('migrations')) throw new StoreError('store-foreign', `the schema ${schema}`)
  return afterApplied(db.sql.get('SELECT number, checksum FROM migrations ORDER BY number').all(), known)
}
