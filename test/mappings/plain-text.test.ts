import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plainTextOf } from '../../src/mappings/index.ts'
import fc from '../property.ts'

test('HTML reads as people read it: paragraphs, lines, lists, and signs that were written by name', () => {
  const html = `<html><head><title>no</title><style>p { color: red }</style></head><body>
    <p>Dear <b>Ann</b>,<br>it&#39;s 5&nbsp;&lt;&nbsp;6 &amp;amp; caf&eacute; &#x1F600; &unknown;</p>
    <ul><li>one</li><li>two</li></ul><div>Bye<!-- <p>hidden</p> --></div><script>alert(1)</script></body></html>`
  assert.equal(plainTextOf(html), "Dear Ann,\nit's 5 < 6 &amp; café 😀 &unknown;\n\n- one\n- two\n\nBye")
})

// Seen red: all of a document whose head has no end was left out; the end of an attribute stood in the text.
test('a head without an end, signs in attributes, and letters of other languages by name', () => {
  const html = `<html><head><meta charset="utf-8"><title>no</title><body><p>Voil&agrave; ma&ntilde;ana, &bdquo;&Oslash;l&ldquo; &laquo;&yuml;&raquo; &frac12;</p>
    <img alt='a > b' src="c>d"><p data-x=1>it = so</p></body></html>`
  assert.equal(plainTextOf(html), 'Voilà mañana, „Øl“ «ÿ» ½\n\nit = so')
})

test('text without a tag stays as it is', () => {
  assert.equal(plainTextOf('a < b and c'), 'a < b and c')
})

test('what stands in a script is never part of the text', () => {
  const property = fc.property(fc.string(), (text) => {
    assert.ok(!plainTextOf(`<p>fine</p><script>secret ${text}`).includes('secret'))
  })
  fc.assert(property)
})
