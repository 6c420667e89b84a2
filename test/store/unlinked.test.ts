import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { databaseOf } from '../../src/store/sqlite/run.ts'
import { goLive } from '../../src/store/verbs/instances.ts'
import { unlinked } from '../../src/store/verbs/contact.ts'
import { notes } from './notes.ts'

const { db } = openDatabase({
  path: ':memory:',
  migrations: new URL('../../src/store/migrations/', import.meta.url),
  now: 0,
})
const { sql } = databaseOf(db)

const where = { flow: 'f', pair: notes, scopes: { a: 'room a', b: 'room b' } }
const OURS = { correctors: { a: 'robot', b: 'robot' } }

const write = (connection: string, ref: string, author: string | null): void =>
  void db
    .prepare(
      `INSERT INTO item (connection, kind, ref, scope, parent, state, values_json, author_json, created_at, rev, first_seen, accepted_at)
       VALUES (?, 'note', ?, ?, 'page', 'present', '{"text":"words"}', ?, '2026-01-01T00:00:00Z', 1, 0, 0)`,
    )
    .run(connection, ref, connection === 'x' ? 'room a' : 'room b', author)

const found = (toLink?: Parameters<typeof unlinked>[1]['toLink']): string[] => {
  const { a, b } = unlinked(sql, { ...where, ...(toLink === undefined ? {} : { toLink }) })
  return [...a, ...b].map(({ ref }) => ref)
}

db.exec(`INSERT INTO flow (id, title, fingerprint) VALUES ('f', '', 'x y'), ('also', '', 'x y'), ('other', '', 'z y')`)

beforeEach(() => db.exec('DELETE FROM item; DELETE FROM due; DELETE FROM intent'))

/** A create in a room of y without an answer, for note 1. */
const create = (flow: string, scope: string): void =>
  void db
    .prepare(
      `INSERT INTO intent (key, flow, pair, action, side, connection, kind, scope, source_ref, plan_json, actor, sent_at, turn_at, process, state)
       VALUES ('key', ?, 'notes', 'create', 'b', 'y', 'note', ?, '1', '{}', 'robot', 0, 0, 1, 'unknown')`,
    )
    .run(flow, scope)

// Seen red: when a side that has none does not matter, all 3 are handed out.
test('what has nothing on the other side to be linked with is not handed out, however much it is', () => {
  for (const ref of ['1', '2', '3']) write('x', ref, '{"ref":"ann"}')
  assert.deepEqual(found(OURS), [])
  assert.deepEqual(found({ correctors: null }), [])
  assert.deepEqual(found(), ['1', '2', '3'])
  write('y', '4', '{"ref":"bob"}')
  assert.deepEqual(found(OURS), ['1', '2', '3', '4'])
})

// Seen red: when nobody is asked whether there is a correction.
test('it is where the engine may have written a correction about it', () => {
  write('x', '1', '{"ref":"ann"}')
  write('x', '2', '{"ref":"robot"}')
  assert.deepEqual(found(OURS), ['1', '2'])
  assert.deepEqual(found({ correctors: null }), [])
  db.exec(`UPDATE item SET author_json = NULL WHERE ref = '2'`)
  assert.deepEqual(found(OURS), ['1', '2'], 'nobody tells who wrote it')
})

// Seen red: it was linked to what that create had made, of which nothing could be written then, and no end was found.
test('it is not handed out while a create is open that it called for, nor what that may have made', () => {
  for (const ref of ['1', '2']) write('x', ref, '{"ref":"ann"}')
  write('y', '3', '{"ref":"robot"}')
  write('y', '4', '{"ref":"bob"}')
  create('f', 'room b')
  assert.deepEqual(found(OURS), ['2', '4'])
  db.exec('DELETE FROM intent')
  assert.deepEqual(found(OURS), ['1', '2', '3', '4'])
})

// Seen red: when a create of any flow in any room counts: all that nobody names the author of was copied to where it stood.
test('what a create of another flow may have made is handed out, unless that flow runs between the same two connections', () => {
  write('x', '1', null)
  write('y', '2', null)
  create('other', 'room b')
  assert.deepEqual(found(OURS), ['1', '2'])
  db.exec('DELETE FROM intent')
  create('f', 'room c')
  assert.deepEqual(found(OURS), ['2'], 'that it is asked about is known of the source alone')
  db.exec('DELETE FROM intent')
  create('also', 'room b')
  assert.deepEqual(found(OURS), ['1'])
})

// Seen red: without the conflict clause it refuses, and without the scope the note of another room is due.
test('an instance that goes live makes all that stands in it due, whether or not it was', () => {
  for (const ref of ['1', '2']) write('x', ref, null)
  write('y', '3', null)
  db.exec(`UPDATE item SET scope = 'elsewhere' WHERE ref = '2'`)
  const due = (): unknown[] =>
    db
      .prepare('SELECT side, ref, generation, rank, created_at FROM due ORDER BY side')
      .all()
      .map((row) => Object.values(row))
  const created = '2026-01-01T00:00:00Z'
  assert.equal(goLive(sql, { ...where, pairs: [notes], now: 5 }), 2)
  assert.deepEqual(due(), [
    ['a', '1', 1, 1, created],
    ['b', '3', 1, 1, created],
  ])
  db.exec(`UPDATE due SET not_before = 9, waits_for = 'item page' WHERE side = 'a'`)
  goLive(sql, { ...where, pairs: [notes], now: 6 })
  // What waited for its parent is woken as well.
  assert.deepEqual(
    due().map((row) => (row as unknown[])[2]),
    [3, 2],
  )
  assert.equal(db.prepare('SELECT count(*) AS n FROM due WHERE not_before = 0 AND waits_for IS NULL').get()?.['n'], 2)
})
