import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accept } from '../../src/core/accept.ts'
import { item } from './world.ts'

const VERSIONED = { ordered: true, lagMs: 20_000 }
const UNVERSIONED = { ordered: false, lagMs: 20_000 }
const known = item('a', { text: 'known' }, { version: '2', acceptedAt: 100_000 })
const place = { kind: 'item', scope: 'A', ref: 'a1' }

test('the first sight of an item counts, the first sight of a grave says nothing', () => {
  assert.equal(accept(null, { ...place, values: {} }, VERSIONED, 0).is, 'newer')
  assert.equal(accept(null, { ...place, gone: 'deleted' }, VERSIONED, 0).is, 'same')
})

test('an older version is dropped, a newer one counts, within the lag and after it', () => {
  for (const now of [100_001, 900_000]) {
    assert.equal(accept(known, { ...place, values: { text: 'old' }, version: '1' }, VERSIONED, now).is, 'superseded')
    assert.equal(accept(known, { ...place, values: { text: 'new' }, version: '3' }, VERSIONED, now).is, 'newer')
  }
})

// Red when: the doubt ends with the lag of what is known, and a read that lags behind the new one shows the old again.
// Seen red: a later version than the last that was told passed for an edit of what had been written over it.
test('while a write of our own was not read, versions tell nothing within the lag', () => {
  const written = { ...known, values: { text: 'written' }, unread: true }
  const before = { ...place, values: { text: 'before' }, version: '3' }
  assert.deepEqual(accept(written, before, VERSIONED, 100_500), { is: 'doubtful', until: 120_500 })
  assert.equal(accept(written, before, VERSIONED, 120_500).is, 'newer')
  assert.equal(accept(written, { ...before, values: written.values }, VERSIONED, 100_500).is, 'newer')
})

test('without versions what differs within the lag is doubtful until the lag of both is over', () => {
  const bare = { ...known, version: null }
  const seen = { ...place, values: { text: 'other' } }
  assert.deepEqual(accept(bare, seen, UNVERSIONED, 110_000), { is: 'doubtful', until: 130_000 })
  assert.equal(accept(bare, seen, UNVERSIONED, 120_000).is, 'newer')
})

// Seen red: when only values are compared, a row that went to somebody else's scope goes back with a lagging read.
test('where an item stands is doubtful within the lag like what it says', () => {
  const bare = { ...known, version: null }
  const elsewhere = { ...place, scope: 'B', values: bare.values }
  assert.equal(accept(bare, elsewhere, UNVERSIONED, 110_000).is, 'doubtful')
  assert.equal(accept(bare, elsewhere, UNVERSIONED, 120_000).is, 'newer')
})

test('a deletion within the lag of a write is doubtful: a lagging read may not know the item yet', () => {
  assert.equal(accept(known, { ...place, gone: 'deleted' }, VERSIONED, 110_000).is, 'doubtful')
  assert.equal(accept(known, { ...place, gone: 'deleted' }, VERSIONED, 121_000).is, 'newer')
})

// Seen red: it was doubtful, and the look that ended the doubt found it missing, as anything that is too old.
test('that something was deleted says more than that it has left, also within the lag; nothing else differs so', () => {
  const left = { ...known, state: 'moved' as const }
  assert.equal(accept(left, { ...place, gone: 'deleted' }, VERSIONED, 110_000).is, 'newer')
  assert.equal(accept({ ...left, unread: true }, { ...place, gone: 'deleted' }, VERSIONED, 110_000).is, 'doubtful')
  assert.equal(accept({ ...known, state: 'deleted' }, { ...place, gone: 'moved' }, VERSIONED, 110_000).is, 'doubtful')
})

test('the same again is no news, and a hint of an item makes it unread once', () => {
  assert.equal(accept(known, { ...place, values: { text: 'known' }, version: '2' }, VERSIONED, 100_001).is, 'same')
  assert.equal(accept(known, { ...place, unread: true }, VERSIONED, 100_001).is, 'newer')
  assert.equal(accept({ ...known, unread: true }, { ...place, unread: true }, VERSIONED, 100_001).is, 'same')
})

test('an old copy of an item that has to be read is read again, and never loops at once', () => {
  const verdict = accept({ ...known, unread: true }, { ...place, values: {}, version: '1' }, VERSIONED, 500_000)
  assert.ok(verdict.is === 'doubtful' && verdict.until > 500_000)
})
