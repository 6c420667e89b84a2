import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { confirmKey, createKeyring, keyCheck, markerKey } from '../../src/store/seal.ts'

const one = Buffer.alloc(32, 1)
const two = Buffer.alloc(32, 2)
const nonce = '0102030405060708090a0b0c'
const place = { row: 'connections/jira', column: 'refresh_token' }

test('what is sealed is opened again, whatever it is made of', () => {
  const ring = createKeyring(one)
  for (const plain of ['', 'token', 'ünïcode 👩‍🚀', 'x'.repeat(100_000)]) {
    assert.equal(ring.open(ring.seal(plain, place, nonce), place), plain)
  }
})

test('an envelope names its version and key, and does not show what is in it', () => {
  const ring = createKeyring(one)
  const envelope = ring.seal('hunter2-hunter2', place, nonce)
  assert.match(envelope, /^v1\.[0-9a-f]{8}\.[\w-]{16}\.[\w-]+\.[\w-]{22}$/)
  assert.equal(envelope.split('.')[1], ring.keyId)
  assert(!envelope.includes('hunter2') && !envelope.includes(Buffer.from('hunter2-hunter2').toString('base64url')))
})

test('one nonce gives one envelope, so that a simulation can be repeated', () => {
  assert.equal(createKeyring(one).seal('a', place, nonce), createKeyring(one).seal('a', place, nonce))
  assert.notEqual(
    createKeyring(one).seal('a', place, nonce),
    createKeyring(one).seal('a', place, `ff${nonce.slice(2)}`),
  )
})

test('a nonce that is not twelve bytes is refused', () => {
  assert.throws(() => createKeyring(one).seal('a', place, '0102'), TypeError)
})

test('every character that is changed, added or left out is refused', () => {
  const ring = createKeyring(one)
  const envelope = ring.seal('token', place, nonce)
  for (let i = 0; i < envelope.length; i++) {
    for (const other of ['A', 'b', '.', '!', '']) {
      if (envelope[i] === other) continue
      const replaced = envelope.slice(0, i) + other + envelope.slice(i + 1)
      const inserted = envelope.slice(0, i) + other + envelope.slice(i)
      for (const changed of other === '' ? [replaced] : [replaced, inserted]) {
        assert.throws(() => ring.open(changed, place), { name: 'StoreError', code: /^(tampered|wrong-key)$/ }, changed)
      }
    }
  }
})

test('a changed ciphertext counts as tampered with', () => {
  const ring = createKeyring(one)
  const [version, id, iv, sealed, tag] = ring.seal('token', place, nonce).split('.')
  const flipped = Buffer.from(String(sealed), 'base64url')
  flipped[0] = (flipped[0] ?? 0) ^ 1
  const changed = [version, id, iv, flipped.toString('base64url'), tag].join('.')
  assert.throws(() => ring.open(changed, place), { code: 'tampered' })
  assert.throws(() => ring.open('nothing of the kind', place), { code: 'tampered' })
})

test('an envelope that was moved to another row or column counts as tampered with', () => {
  const ring = createKeyring(one)
  const envelope = ring.seal('token', place, nonce)
  assert.throws(() => ring.open(envelope, { ...place, row: 'connections/chat' }), { code: 'tampered' })
  assert.throws(() => ring.open(envelope, { ...place, column: 'access_token' }), { code: 'tampered' })
})

test('another key opens nothing and says so', () => {
  const envelope = createKeyring(one).seal('token', place, nonce)
  assert.throws(() => createKeyring(two).open(envelope, place), { code: 'wrong-key', remedy: /\.old-.*key_file/ })
})

test('after a change of keys the old one still opens and the new one seals', () => {
  const before = createKeyring(one)
  const old = before.seal('token', place, nonce)
  const after = createKeyring(two, [one])
  assert.equal(after.open(old, place), 'token')
  assert.equal(after.isCurrent(old), false)
  const fresh = after.seal('token', place, nonce)
  assert.equal(after.isCurrent(fresh), true)
  assert.throws(() => before.open(fresh, place), { code: 'wrong-key' })
})

test('the check kept in the store tells the right key from a wrong one', () => {
  const check = keyCheck(createKeyring(one), nonce)
  confirmKey(createKeyring(one), check)
  confirmKey(createKeyring(two, [one]), check)
  assert.throws(() => confirmKey(createKeyring(two), check), { code: 'wrong-key' })
})

test('the marker key is another key than the one it comes from, and stays known after a change of keys', () => {
  const marker = (key: Buffer) => markerKey(key).export().toString('hex')
  assert.match(marker(one), /^[0-9a-f]{64}$/)
  assert.notEqual(marker(one), one.toString('hex'))
  assert.notEqual(marker(one), marker(two))
  const known = createKeyring(two, [one]).markerKeys.map((key) => key.export().toString('hex'))
  assert.deepEqual(known, [marker(two), marker(one)])
})

test('a key of the wrong length is refused', () => {
  assert.throws(() => createKeyring(Buffer.alloc(16)), { code: 'key-malformed' })
})

test('a printed keyring shows no key', () => {
  const shown = inspect(createKeyring(one), { depth: 9, showHidden: true })
  for (const key of [one, markerKey(one).export()]) {
    assert(!shown.includes(key.toString('hex')) && !shown.includes(inspect(key).slice(8, 40)))
  }
})
