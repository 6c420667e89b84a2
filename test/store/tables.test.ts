import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { openDatabase } from '../../src/store/sqlite/database.ts'

// Seen red: with a table of actors that nothing read or wrote.
test('every table of the store is read by some verb', () => {
  const migrations = new URL('../../src/store/migrations/', import.meta.url)
  const { db } = openDatabase({ path: ':memory:', migrations, now: 0 })
  const tables = db
    .prepare(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'migrations'`,
    )
    .all()
    .map(({ name }) => String(name))
  const folder = new URL('../../src/store/verbs/', import.meta.url)
  const verbs = readdirSync(folder)
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .join('\n')
  const unread = tables.filter((table) => !new RegExp(`\\b(?:FROM|JOIN) ${table}\\b`).test(verbs))
  assert.deepEqual(unread, [])
})
