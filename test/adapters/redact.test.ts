import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLog } from '../../src/adapters/log.ts'
import { createRedactor } from '../../src/adapters/redact.ts'
import { createOutput } from '../../src/cli/output.ts'

const SECRET = 'a "known" secret'

/** What `--json` prints of a value. */
function printed(value: unknown, secrets: readonly string[] = []): unknown {
  let text = ''
  const out = { write: (part: string) => (text += part) }
  const streams = { out, err: out, readLine: () => Promise.resolve(null) }
  createOutput(streams, true, createRedactor(new Set(secrets)), true).result(value, () => '')
  return JSON.parse(text)
}

// Seen red: when what was already JSON was searched, the backslash before a quote went with the token.
test('what is printed as JSON is JSON, whatever token a text of it holds', () => {
  const html = '<a href="https://x.test/?api_key=abcdef">here</a>'
  assert.deepEqual(printed({ html }), { html: '<a href="https://x.test/?api_key=[secret]">here</a>' })
  assert.deepEqual(printed([{ text: '"access_token": "abc"', n: 1, none: null }]), [
    { text: '"access_token": "[secret]"', n: 1, none: null },
  ])
  assert.deepEqual(printed({ api_key: 'abc', refresh_token: '' }), { api_key: '[secret]', refresh_token: '' })
})

test('a secret that is known is never shown: as it is, in JSON, in a URL, or as a name', () => {
  const redact = createRedactor(new Set([SECRET]))
  for (const form of [SECRET, JSON.stringify(SECRET).slice(1, -1), encodeURIComponent(SECRET)]) {
    assert.equal(redact(`it is ${form}!`), 'it is [secret]!')
    assert.deepEqual(printed({ why: form }, [SECRET]), { why: '[secret]' })
  }
  assert.deepEqual(printed({ [SECRET]: 1 }, [SECRET]), { '[secret]': 1 })
})

// Seen red: when the text of the JSON was searched, a number lost its digits and what was printed was no JSON.
test('a secret of digits is hidden in a number too, and what is printed is JSON', () => {
  const told = printed({ id: 9_123_456_780, at: [1, 12_345_678], '12345678': true }, ['12345678'])
  assert.deepEqual(told, { id: '[secret]', at: [1, '[secret]'], '[secret]': true })
  assert.deepEqual(printed({ ok: true, text: 'null' }, ['true,"text":']), { ok: true, text: 'null' })
})

// Seen red: when the shorter one was taken out first, the rest of the longer one stood there.
test('of two secrets of which one begins with the other nothing is shown', () => {
  const redact = createRedactor(new Set(['correct horse', 'correct horse battery staple']))
  assert.equal(redact('it is "correct horse battery staple"'), 'it is "[secret]"')
})

// Seen red: when the words after "Basic" were always taken for a token.
test('after Basic and Bearer a token is hidden, and a word is not', () => {
  const redact = createRedactor(new Set())
  for (const text of ['Basic instructions', 'Basic knowledge. And more', 'The Bearer certificates'])
    assert.equal(redact(text), text)
  assert.equal(redact('Basic dXNlcjpwYXNz'), 'Basic [secret]')
  assert.equal(redact('with Bearer ya29.a0AfH6SMB_x-y~z'), 'with Bearer [secret]')
  assert.equal(redact('authorization: Basic abcdefgh'), 'authorization: Basic [secret]')
  assert.equal(redact('{"Authorization":"Bearer abcdefgh"}'), '{"Authorization":"Bearer [secret]"}')
  assert.equal(redact(`Bearer ${'abcdefgh'.repeat(4)}`), 'Bearer [secret]')
})

test('a line of the log is JSON as well', () => {
  const lines: string[] = []
  const log = createLog({
    write: (line) => lines.push(line),
    redact: createRedactor(new Set([SECRET])),
    now: () => 0,
    readable: false,
    colour: false,
    least: 'info',
  })
  log('warn', 'it says "api_key=abcdef"', { remedy: `not ${SECRET}` })
  assert.deepEqual(
    lines.map((line): unknown => JSON.parse(line)),
    [{ at: '1970-01-01T00:00:00.000Z', level: 'warn', message: 'it says "api_key=[secret]"', remedy: 'not [secret]' }],
  )
})
