import assert from 'node:assert/strict'
import type { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { databaseOf } from '../../src/store/sqlite/run.ts'
import { beginListing, wantListing, wantRead } from '../../src/store/verbs/listings.ts'
import type { Change } from '../../src/connector/connector.ts'
import { claimHints, receive } from '../../src/store/verbs/inbox.ts'
import { leftOut } from '../../src/store/verbs/named.ts'
import { observe } from '../../src/store/verbs/observe.ts'
import type { Sql } from '../../src/store/verbs/rows.ts'
import { KINDS, onPostgres } from './kinds.ts'
import { readingOfNotes } from './notes.ts'

function opened(): { readonly db: DatabaseSync; readonly sql: Sql } {
  const migrations = new URL('../../src/store/migrations/', import.meta.url)
  const { db } = openDatabase({ path: ':memory:', migrations, now: 0 })
  return { db, sql: databaseOf(db).sql }
}

const { db, sql } = opened()
const ROOM = { connection: 'x', feed: 'notes', scope: 'room' }
const NOTES = { ...readingOfNotes, ordered: true }
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
  const { hints: claimed } = claimHints(sql, { now: 2, limit: 10, connections: ['x', 'y'] })
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

// Seen red: when each item that was named is marked, and when a run that goes on has forgotten its first pages.
test('an audit writes nothing for an item that stands as it was, and knows what an earlier process read of it', () => {
  const { db, sql } = opened()
  const at = { connection: 'x', feed: 'notes', scope: 'room', now: 10 }
  const refs = ['1', '2', '3', '4', '5', '6', '7', '8']
  const page = (run: number, named: readonly string[], complete: boolean, now: number) =>
    observe(sql, {
      connection: 'x',
      now,
      readAt: now,
      kinds: [NOTES],
      watches: [],
      changes: named.map((ref) => ({ kind: 'note', ref, scope: 'room', values: { text: ref } })),
      listing: { ...at, run, position: 'next', complete },
    })
  wantListing(sql, at)
  page(beginListing(sql, at).run, refs, true, 11)
  wantListing(sql, at)
  const { run } = beginListing(sql, { ...at, now: 20 })
  const written = writesOf(db)
  page(run, refs.slice(0, 5), false, 21)
  const again = beginListing(sql, { ...at, now: 30 })
  assert.deepEqual([again.run, again.position], [run, 'next'])
  page(run, refs.slice(5, 7), true, 31)
  assert.deepEqual(written(), ['8'])
  assert.deepEqual(
    claimHints(sql, { now: 40, limit: 10, connections: ['x'] }).hints.map(({ ref }) => ref),
    ['8'],
  )
  assert.equal(db.prepare('SELECT count(*) AS n FROM named').get()?.['n'], 0)
})

// Seen red: where each run marks what is gone, and where a run after the first is not told on.
test('what is gone is noted as left out once, and tells on each listing that leaves it out where it stands all the same', () => {
  const { db, sql } = opened()
  const at = { connection: 'x', feed: 'notes', scope: 'room', now: 0 }
  const look = { connection: 'x', kinds: [NOTES], watches: [] }
  const place = { kind: 'note', ref: '1', scope: 'room' }
  const read = (now: number, change: Change) => observe(sql, { ...look, now, readAt: now, changes: [change] })
  const list = (now: number): void => {
    wantListing(sql, at)
    const { run } = beginListing(sql, { ...at, now })
    const listing = { ...at, run, position: 'next', complete: true }
    observe(sql, { ...look, now: now + 1, readAt: now, changes: [], listing })
  }
  const omitted = () => db.prepare('SELECT omitted FROM listing').get()?.['omitted']
  read(1, { ...place, values: { text: 'a' } })
  read(2, { ...place, gone: 'deleted' })
  const written = writesOf(db)
  list(10)
  list(20)
  list(30)
  assert.deepEqual(written(), ['1'])
  assert.equal(omitted(), 0)
  read(40, { ...place, values: { text: 'a' } })
  assert.equal(omitted(), 1)
  read(50, { ...place, values: { text: 'b' } })
  assert.equal(omitted(), 1)
})

// Seen red: where a time that is none is handed to PostgreSQL as it is, and where no newcomer is told on.
for (const [name, open] of Object.entries(KINDS))
  test(`${name}: what nobody knew tells on a listing where it is older, and says nothing where its time is none`, async (t) => {
    const { store, sql } = await open(t)
    await store.wantListing(ROOM)
    const { run } = await store.beginListing({ ...ROOM, now: 10 })
    const look = { connection: 'x', kinds: [NOTES], watches: [] }
    const listing = { ...ROOM, run, position: 'next', complete: true }
    await store.observe({ ...look, now: 11, readAt: 10, changes: [], listing })
    const read = async (ref: string, createdAt: string) => {
      const change = { kind: 'note', ref, scope: 'room', values: {}, createdAt }
      await store.observe({ ...look, now: 20, readAt: 20, changes: [change] })
      return sql.get('SELECT omitted FROM listing').get()?.['omitted']
    }
    assert.equal(await read('1', '0000-13-01'), 0)
    assert.equal(await read('2', '2026-01-01T00:00:00.000Z'), 0)
    assert.equal(await read('3', '1970-01-01T00:00:00.009Z'), 1)
  })

// Seen red: with NOT IN: 20,000 items took 10 seconds.
test('on PostgreSQL the end of a listing goes through what was named once, however much that is taken to be', async (t) => {
  const { sql } = await onPostgres(t)
  const named = `('x', 'notes', 'room', 1, 'note', '["1"]')`
  sql
    .get(
      `INSERT INTO named (connection, feed, scope, run, kind, refs_json) VALUES ${Array(300).fill(named).join(', ')}`,
    )
    .run()
  sql.get('ANALYZE named').run()
  const asked: string[] = []
  leftOut({ get: (text) => (asked.push(text), sql.get(text)) }, { ...ROOM, run: 1 }, 'note')
  const plan = sql
    .get(`EXPLAIN ${asked[0]}`)
    .all('x', 'notes', 'room', 'note', 1)
    .map((row) => String(row['QUERY PLAN']))
  assert.match(plan.join('\n'), /SetOp Except/)
  assert.doesNotMatch(plan.join('\n'), /NOT \(SubPlan/)
})

/** The refs of the items that were written since. */
function writesOf(db: DatabaseSync): () => unknown[] {
  db.exec(`CREATE TEMP TABLE written (ref TEXT);
    CREATE TEMP TRIGGER inserted AFTER INSERT ON item BEGIN INSERT INTO written VALUES (new.ref); END;
    CREATE TEMP TRIGGER updated AFTER UPDATE ON item BEGIN INSERT INTO written VALUES (new.ref); END;`)
  return () =>
    db
      .prepare('SELECT ref FROM written')
      .all()
      .map(({ ref }) => ref)
}
