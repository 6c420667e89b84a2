import assert from 'node:assert/strict'
import { test } from 'node:test'
import { json, sameValue, values, type Json } from '../../src/connector/index.ts'

const read = (text: string): Json => json.parse(JSON.parse(text))

// Seen red: with z.json(), which copies by names, and with a comparison that takes what every object has for a member.
test('a member of JSON is kept and compared under any name', () => {
  for (const name of ['__proto__', 'constructor', 'toString', '']) {
    const one = `{${JSON.stringify(name)}:{"x":1}}`
    assert.equal(JSON.stringify(read(one)), one)
    assert.equal(JSON.stringify(values.parse(JSON.parse(one))), one)
    assert.equal(sameValue(read(one), read(one)), true)
    for (const other of ['{}', `{${JSON.stringify(name)}:{"x":2}}`, '{"other":{"x":1}}']) {
      assert.equal(sameValue(read(one), read(other)), false, `${one} and ${other}`)
      assert.equal(sameValue(read(other), read(one)), false, `${other} and ${one}`)
    }
    assert.equal(sameValue(read(`{${JSON.stringify(name)}:null}`), read('{}')), true)
  }
})

test('what is no JSON is no value', () => {
  for (const odd of [undefined, Number.NaN, 1n, new Date(0), new Map(), [undefined], { at: new Date(0) }, () => 1])
    assert.equal(json.safeParse(odd).success, false)
  for (const odd of [null, 'text', [], 1]) assert.equal(values.safeParse(odd).success, false)
})
