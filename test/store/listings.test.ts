import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { databaseOf } from '../../src/store/sqlite/run.ts'
import { wantListing, wantRead } from '../../src/store/verbs/instances.ts'
import { claimHints, receive } from '../../src/store/verbs/inbox.ts'

const { db } = openDatabase({
  path: ':memory:',
  migrations: new URL('../../src/store/migrations/', import.meta.url),
  now: 0,
})
const { sql } = databaseOf(db)
const ROOM = { connection: 'x', feed: 'notes', scope: 'room' }
const HALL = { connection: 'x', feed: 'notes', scope: 'hall' }

// Seen red: when it wants them anew each time, and when one that was read is enough.
test('scopes are wanted until each was read once, and what was read is not read again for that', () => {
  const ask = (): unknown => wantRead(sql, { scopes: [ROOM, HALL] })
  assert.deepEqual(ask(), { areRead: false, isAnyWanted: true })
  db.exec(`UPDATE listing SET state = 'running'`)
  assert.deepEqual(ask(), { areRead: false, isAnyWanted: false })
  db.exec(`UPDATE listing SET state = 'done', finished_at = 5 WHERE scope = 'room'`)
  assert.deepEqual(ask(), { areRead: false, isAnyWanted: false })
  db.exec(`UPDATE listing SET state = 'done', finished_at = 6`)
  assert.deepEqual(ask(), { areRead: true, isAnyWanted: false })
  assert.equal(wantListing(sql, ROOM), true, 'the audit reads it again')
  assert.equal(wantListing(sql, ROOM), false)
  assert.deepEqual(ask(), { areRead: true, isAnyWanted: true })
})

// Seen red: without either side of the question, and when an item that is known is asked about too.
test('a hint tells whether some flow reads the scope that it names', () => {
  db.exec(`
    INSERT INTO flow (id, title, fingerprint) VALUES ('f', 'f', 'a b');
    INSERT INTO link (id, flow, pair, a_connection, a_kind, a_ref, b_connection, b_kind, b_ref, a_base_json, b_base_json, complement_json, state, made_at)
      VALUES (1, 'f', 'rooms', 'x', 'room', 'room', 'y', 'hall', 'hall', '{}', '{}', '{}', 'live', 0);
    INSERT INTO instance (flow, a_scope, b_scope, link, state, since) VALUES ('f', 'room', 'hall', 1, 'live', 0);
    INSERT INTO item (connection, kind, ref, scope, state, values_json, rev, first_seen, accepted_at)
      VALUES ('x', 'note', 'old', 'hall', 'present', '{}', 1, 0, 0);`)
  const hint = (connection: string, ref: string, scope: string): void =>
    void receive(sql, { connection, hints: [{ feed: 'notes', kind: 'note', ref, scope }], now: 1 })
  hint('x', '1', 'room')
  hint('x', '2', 'hall')
  hint('x', 'old', 'hall')
  hint('y', '1', 'hall')
  hint('y', '2', 'room')
  const claimed = claimHints(sql, { now: 2, limit: 10, connections: ['x', 'y'] })
  assert.deepEqual(
    claimed.map(({ connection, ref, known, read }) => [connection, ref, known, read]),
    [
      ['x', '1', false, true],
      ['x', '2', false, false],
      ['x', 'old', true, true],
      ['y', '1', false, true],
      ['y', '2', false, false],
    ],
  )
})
