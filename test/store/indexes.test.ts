import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { databaseOf } from '../../src/store/sqlite/run.ts'
import type { Sql } from '../../src/store/sql.ts'
import { noteInStep } from '../../src/store/verbs/flows.ts'
import { claimHints, isHinted, receive } from '../../src/store/verbs/inbox.ts'
import { ASKED } from '../../src/store/verbs/intents.ts'
import { noteNewSibling } from '../../src/store/verbs/kin.ts'
import { beginListing, wantListing } from '../../src/store/verbs/listings.ts'
import { load } from '../../src/store/verbs/load.ts'
import { OLD } from '../../src/store/verbs/purge.ts'
import { itemOf } from '../../src/store/verbs/rows.ts'
import { isReadIn } from '../../src/store/verbs/scopes.ts'
import { notes } from './notes.ts'

const { db } = openDatabase({
  path: ':memory:',
  migrations: new URL('../../src/store/migrations/', import.meta.url),
  now: 0,
})

/** What SQLite would do, in its own words. */
const planOf = (sql: string): string =>
  db
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all()
    .map((row) => String(row['detail']))
    .join('; ')

/** What it would do for each statement that this runs. */
const plansOf = (run: (sql: Sql) => unknown): string => {
  const texts = new Set<string>()
  run({ get: (text) => (texts.add(text), databaseOf(db).sql.get(text)) })
  return [...texts].map(planOf).join('\n')
}

// Both seen red: without the counts in the first migration, SQLite reads all items of a kind, and all links of a pair.
test('what stands under one parent is found without reading every item of its kind', () => {
  const under = `connection = ? AND kind = ? AND parent = ? AND state = 'present'`
  assert.match(
    planOf(`SELECT ref FROM item WHERE ${under} ORDER BY created_at, length(ref), ref LIMIT 2`),
    /item_parent/,
  )
  assert.match(
    planOf(`SELECT i.ref FROM item i JOIN due d ON d.flow = ? AND d.pair = ? AND d.side = ? AND d.ref = i.ref
      WHERE i.connection = ? AND i.kind = ? AND i.parent = ? ORDER BY i.created_at`),
    /SEARCH i USING (?:COVERING )?INDEX item_parent .*SEARCH d USING PRIMARY KEY \(flow=\? AND pair=\? AND side=\? AND ref=\?\)/,
  )
})

test('the link of one item is found without reading every link of its pair', () => {
  assert.match(planOf(`SELECT 1 FROM link WHERE a_ref = ? AND flow = ? AND pair = ? AND state <> 'gone'`), /link_a/)
  assert.match(planOf(`SELECT 1 FROM link WHERE b_ref = ? AND flow = ? AND pair = ? AND state <> 'gone'`), /link_b/)
})

// Seen red: without the indexes of the open ones, and where purge asked for either ref without saying of which side.
test('what is held is not read whole to find what people are asked about', () => {
  assert.match(
    planOf(`SELECT * FROM held WHERE reason = 'ambiguous' AND decision = 'open' ORDER BY id`),
    /held_ambiguous/,
  )
  assert.match(planOf(`SELECT count(*) FROM intent WHERE NOT ${ASKED}`), /SEARCH h USING (?:COVERING )?INDEX held_open/)
  assert.match(planOf(OLD), /SEARCH h USING INDEX \S+ \(flow=\? AND pair=\? AND side=\? AND ref=\?\)/)
  assert.doesNotMatch(planOf(OLD), /\(flow=\? AND pair=\?\)/)
})

// Seen red: when what each row waits for is compared with the fingerprint of everything held.
test('whether a flow is in step is known without reading what is held for each row that is due', () => {
  const plans = plansOf((sql) => noteInStep(sql, { flow: 'f', now: 1 }))
  assert.match(plans, /SEARCH due .*SEARCH h USING (?:COVERING )?INDEX held_open \(fingerprint=\?\)/)
  assert.doesNotMatch(plans, /SCAN h\b/)
})

// Seen red: without the indexes of the scopes of either side.
test('whether a flow reads a scope is known without reading every instance', () => {
  const found = planOf(`SELECT 1 WHERE ${isReadIn('?1', '?2')}`)
  assert.match(found, /SEARCH n USING INDEX instance_a_scope .*SEARCH n USING INDEX instance_b_scope /)
  assert.doesNotMatch(found, /SCAN n/)
})

// Seen red: without the length of the ref in the index.
test('what is due is handed out in the order of its index, however much came at one moment', () => {
  const plans = plansOf((sql) =>
    load(sql, { flow: 'f', connections: { a: 'x', b: 'y' }, pairs: [notes], now: 1, limit: 8, claim: true }),
  )
  assert.match(plans, /SEARCH due USING INDEX due_order \(flow=\?\)/)
  assert.doesNotMatch(plans, /TEMP B-TREE/)
})

// Seen red: with the feed before the kind in the key, and when they are claimed in an order that no index has.
test('hints are found and handed out without reading all that are there', () => {
  const item = { connection: 'x', kind: 'note', ref: '1' }
  assert.match(
    plansOf((sql) => isHinted(sql, [item])),
    /SEARCH inbox USING PRIMARY KEY \(connection=\? AND kind=\? AND ref=\?\)/,
  )
  const plans = plansOf((sql) => {
    receive(sql, { connection: 'x', hints: [{ ...item, feed: 'notes', scope: 'room' }], now: 1 })
    return claimHints(sql, { now: 1, limit: 8, connections: ['x'] })
  })
  assert.match(plans, /SEARCH inbox USING INDEX inbox_ready \(not_before=\?\)/)
  assert.match(plans, /SEARCH inbox USING INDEX inbox_ready \(not_before>\? AND not_before<\?\)/)
  assert.doesNotMatch(plans, /SCAN (?:inbox|i)\b/)
})

// Seen red: when it is looked for among all of its connection.
test('a listing is begun without reading those of other scopes', () => {
  const listing = { connection: 'x', feed: 'notes', scope: 'room' }
  const plans = plansOf((sql) => {
    wantListing(sql, listing)
    return beginListing(sql, { ...listing, now: 1 })
  })
  assert.match(plans, /SEARCH l USING PRIMARY KEY \(connection=\? AND feed=\? AND scope=\?\)/)
  assert.doesNotMatch(plans, /SEARCH l USING PRIMARY KEY \(connection=\?\)/)
})

// Seen red: when one statement asks for what is held of either side.
test('what is held of the first of some siblings is found without reading what is held of all their pair', () => {
  db.exec(`INSERT INTO item (connection, kind, ref, scope, parent, state, values_json, created_at, rev, first_seen, accepted_at)
    VALUES ('x', 'note', '1', 'room', 'page', 'present', '{}', '2026', 1, 0, 0)`)
  const watch = { flow: 'f', pair: notes.id, side: 'a', kind: 'note', rank: 1, container: false } as const
  const plans = plansOf((sql) => {
    const second = itemOf(sql, { connection: 'x', kind: 'note', ref: '1' }) ?? assert.fail()
    noteNewSibling(sql, [watch], { ...second, ref: '2' }, 1)
  })
  assert.match(plans, /SEARCH h USING INDEX \S+ \(flow=\? AND pair=\? AND side=\? AND ref=\?\)/)
  assert.doesNotMatch(plans, /SEARCH h USING INDEX \S+ \(flow=\? AND pair=\?\)/)
})

// Seen red: with LIMIT ? in any verb. SQLite plans such a statement anew for each value, which takes longer than to run it.
test('no statement of a verb is planned anew each time for the number of rows that it may answer', () => {
  const folder = new URL('../../src/store/verbs/', import.meta.url)
  const bare = readdirSync(folder).filter((name) => /LIMIT \?/.test(readFileSync(new URL(name, folder), 'utf8')))
  assert.deepEqual(bare, [])
})
