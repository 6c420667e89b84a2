import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseEnv } from 'node:util'
import { assigned } from '../../src/init/environment.ts'

// Seen red: with values written as JSON, whose escapes nothing reads back.
test('what init writes into a .env is read back as it was typed', () => {
  const odd = ['plain', 'with "quotes"', String.raw`back\slash \n`, "it's # no comment", 'two\nlines', 'a=b c']
  for (const value of odd) assert.equal(parseEnv(assigned('KEY', value))['KEY'], value)
  assert.equal(assigned('KEY', ''), 'KEY=')
  assert.equal(assigned('KEY', `all "of 'the\` quotes`), 'KEY=')
})
