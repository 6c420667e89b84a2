import assert from 'node:assert/strict'
import { chmodSync, existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadKey, parseKey } from '../../src/store/key-source.ts'
import { folder } from './folder.ts'

const key = Buffer.from(Array.from({ length: 32 }, (_, i) => 255 - i * 7))
const other = Buffer.alloc(32, 9)

test('a key is read from hex and from base64, with or without padding', () => {
  for (const text of [
    key.toString('hex'),
    key.toString('hex').toUpperCase(),
    key.toString('base64'),
    key.toString('base64url'),
    ` ${key.toString('base64')}\n`,
  ]) {
    assert.deepEqual(parseKey(text), key)
    assert.deepEqual(loadKey({ from: 'environment', value: text }), key)
  }
})

test('anything else is refused without being repeated', () => {
  for (const text of ['', 'secret-password', key.toString('hex').slice(1), `${key.toString('hex')}00`]) {
    assert.throws(
      () => parseKey(text),
      (error: Error) => {
        assert.equal(Object.assign({ code: '' }, error).code, 'key-malformed')
        return text === '' || !error.message.includes(text)
      },
    )
  }
})

test('a missing key file is made, for its owner only, and is the key from then on', (t) => {
  const path = join(folder(t), 'key')
  assert.deepEqual(loadKey({ from: 'file', path }, key), key)
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.deepEqual(loadKey({ from: 'file', path }), key)
  assert.deepEqual(readdirSync(join(path, '..')), ['key'])
})

test('a key file that exists is never replaced', (t) => {
  const path = join(folder(t), 'key')
  loadKey({ from: 'file', path }, key)
  assert.deepEqual(loadKey({ from: 'file', path }, other), key)
  assert.equal(readFileSync(path, 'utf8').trim(), key.toString('hex'))
})

test('a missing key file is an error where the store already holds secrets', (t) => {
  const path = join(folder(t), 'key')
  assert.throws(() => loadKey({ from: 'file', path }), { code: 'key-missing' })
  assert.equal(existsSync(path), false)
})

test('a key file that others can read is refused', (t) => {
  const path = join(folder(t), 'key')
  writeFileSync(path, key.toString('hex'))
  for (const mode of [0o640, 0o604, 0o620, 0o644]) {
    chmodSync(path, mode)
    assert.throws(() => loadKey({ from: 'file', path }, other), { code: 'key-exposed', remedy: /chmod 600/ })
  }
  chmodSync(path, 0o400)
  assert.deepEqual(loadKey({ from: 'file', path }), key)
})

test('a folder in the place of the key file is refused', (t) => {
  assert.throws(() => loadKey({ from: 'file', path: folder(t) }, key), { code: 'key-unreadable' })
})

test('a command prints the key', () => {
  const print = (text: string, status = 0) =>
    [process.execPath, '-e', `console.log(${JSON.stringify(text)}); process.exit(${status})`] as const
  assert.deepEqual(loadKey({ from: 'command', command: [...print(key.toString('hex'))] }), key)
  assert.throws(() => loadKey({ from: 'command', command: [...print('nonsense')] }), { code: 'key-malformed' })
})

test('a failing command is an error that repeats nothing of what was printed', () => {
  const command: [string, ...string[]] = [process.execPath, '-e', `console.log('hush'); process.exit(3)`]
  assert.throws(
    () => loadKey({ from: 'command', command }),
    (error: Error) => /status 3/.test(error.message) && !error.message.includes('hush') && error.cause === undefined,
  )
  assert.throws(() => loadKey({ from: 'command', command: ['/nowhere/to-be-found'] }), { code: 'key-unreadable' })
})
