import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { databaseOf } from '../../src/store/sqlite/run.ts'
import { adoptFlow, forgetFlow } from '../../src/store/verbs/renaming.ts'

const INSERT = `INSERT INTO link (flow, pair, a_connection, a_kind, a_ref, b_connection, b_kind, b_ref, a_base_json, b_base_json,
  complement_json, state, about, made_at) VALUES (?, 'p', 'x', 'k', ?, 'y', 'k', ?, '{}', '{}', '{}', ?, ?, 0)`

// Seen red: without each of the three triggers; where the second also runs as the flow of a link changes, and where the count
// is forgotten after the links.
test('the links that the brake counts are those that are alive, whatever became of a link, corrections aside', () => {
  const { db } = openDatabase({
    path: ':memory:',
    migrations: new URL('../../src/store/migrations/', import.meta.url),
    now: 0,
  })
  const agrees = (): void => {
    const counted = db.prepare(
      `SELECT flow, pair, count(*) AS links FROM link WHERE state = 'live' AND about IS NULL GROUP BY flow, pair ORDER BY flow`,
    )
    const kept = db.prepare('SELECT flow, pair, links FROM living WHERE links > 0 ORDER BY flow')
    assert.deepEqual(kept.all(), counted.all())
  }
  const add = (flow: string, ref: string, state: string, about: string | null): void => {
    db.prepare(INSERT).run(flow, ref, ref, state, about)
    agrees()
  }
  const run = (sql: string): void => {
    db.exec(sql)
    agrees()
  }
  const written = (): number => Number(db.prepare('SELECT total_changes() AS n').get()?.['n'])
  db.exec(`INSERT INTO flow (id, title, fingerprint) VALUES ('f', '', 'x y')`)
  add('f', '1', 'live', null)
  add('f', '2', 'live', null)
  add('f', '3', 'gone', null)
  add('f', '4', 'live', '1')
  add('g', '5', 'live', null)
  run(`UPDATE link SET state = 'asleep' WHERE a_ref = '1'`)
  run(`UPDATE link SET state = 'gone' WHERE a_ref = '1'`)
  run(`UPDATE link SET state = 'live' WHERE a_ref IN ('1', '4')`)
  // Counted one by one, each of them would write the count twice.
  const before = written()
  adoptFlow(databaseOf(db).sql, { from: 'f', to: 'h', fingerprint: 'x y' })
  agrees()
  assert.equal(written() - before, ['flow', 'living', 'link', 'link', 'link', 'link', 'flow'].length)
  run(`DELETE FROM link WHERE a_ref = '2'`)
  const between = written()
  forgetFlow(databaseOf(db).sql, { flow: 'h' })
  agrees()
  assert.equal(written() - between, ['living', 'link', 'link', 'link', 'flow'].length)
  run('DELETE FROM link')
})
