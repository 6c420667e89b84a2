/** What the guide asks of the store with SQL. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { locationOf } from '../../src/config/location.ts'
import { openPostgres } from '../../src/store/postgres/database.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { postgresStore } from '../postgres.ts'

const migrations = new URL('../../src/store/migrations/', import.meta.url)
const guide = readFileSync(new URL('../../docs/guide/operating.md', import.meta.url), 'utf8')
const queries = [...guide.matchAll(/```sql\n([^]*?)```/g)].map(([, text = '']) => text)
const ROWS = `
INSERT INTO flow (id, title, fingerprint) VALUES ('team', '', '');
INSERT INTO due (flow, pair, side, ref, generation, rank, created_at, since, attempts, why) VALUES ('team', 'post', 'a', 'p1', 1, 0, '', 5, 3, 'refused');
INSERT INTO channel (id, connection, scope, address, state, opened_at, expires_at, why) VALUES ('c', 'calendar', 'x', '', 'open', 1, 9, '');
INSERT INTO channel (id, connection, scope, address, state, opened_at, tries, why) VALUES ('d', 'calendar', 'y', '', 'opening', 1, 7, 'no https');`

/** What the three answer of those rows, whatever the database is. */
function assertAnswered(answers: readonly (readonly { readonly [column: string]: unknown }[])[]): void {
  const [backlog, errors, channels] = answers
  assert.deepEqual(
    backlog?.map(({ flow, items, oldest }) => [flow, Number(items), Number(oldest)]),
    [['team', 1, 5]],
  )
  assert.deepEqual(
    errors?.map(({ place, of, why }) => [place, of, why]),
    [
      ['channel', 'calendar', 'no https'],
      ['due', 'team', 'refused'],
    ],
  )
  assert.deepEqual(
    channels?.map(({ scope, state }) => [scope, state]),
    [['x', 'open']],
  )
}

// Seen red: with a column in the guide that its view does not have.
test('the queries of the guide answer what waits, what failed and which channels end, on SQLite', () => {
  const { db } = openDatabase({ path: ':memory:', migrations, now: 1 })
  db.exec(ROWS)
  assert.equal(queries.length, 3)
  assertAnswered(queries.map((text) => db.prepare(text).all()))
  db.close()
})

test('the queries of the guide answer the same on PostgreSQL', async (t) => {
  const { store, query } = postgresStore(t)
  const { database } = await openPostgres({ location: locationOf(store) ?? assert.fail(), migrations, now: 1 })
  await database.close()
  const inSchema = (text: string) => query(`SET search_path = $schema; ${text}`)
  await inSchema(ROWS)
  const own = (text: string) => text.replaceAll(/FROM (\w+)/g, 'FROM $schema.$1')
  assertAnswered(await Promise.all(queries.map((text) => query(own(text)))))
})
