/** Tables as applications have them, whose columns are of types that nobody would choose for Lockstep. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Change } from '../../../src/connector/index.ts'
import { benchOf } from './bills.ts'
import { DATABASES } from './databases.ts'

const [POSTGRES, SQLITE] = DATABASES
assert.ok(POSTGRES && SQLITE)

function told(changes: readonly Change[]): readonly string[] {
  return changes.map((change) =>
    'gone' in change ? `${change.ref} ${change.gone}` : `${change.ref} ${'values' in change ? 'stands' : 'unread'}`,
  )
}

// Seen red: every row was told as deleted, and `check` found nothing.
test('PostgreSQL: a mark of deletion that is a number marks nothing by 0, and that it cannot be written is told', async (t) => {
  const tables = {
    bill: {
      table: 'bills',
      key: 'id',
      columns: { title: 'text' },
      deleted: { column: 'is_deleted', type: 'boolean' },
    },
  }
  const schema = [`CREATE TABLE bills (id int PRIMARY KEY, title text, is_deleted smallint NOT NULL DEFAULT 0)`]
  const bench = await benchOf(await POSTGRES.make(t), { schema, config: { tables } })
  bench.application.run(`INSERT INTO bills VALUES (1, 'rent', 0), (2, 'gas', 1)`)
  assert.deepEqual(told(await bench.list('all')), ['1 stands'])
  const { problems } = await bench.connector.probe(bench.api)
  assert.deepEqual(
    problems.map(({ message }) => message),
    ['is_deleted of bills is of the type smallint, in which true cannot be written to mark a row as deleted'],
  )
})
