/** The policy `merge`: what both did to one value, in one value. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../property.ts'
import { sameValue, type Json } from '../../src/connector/values.ts'
import { merging } from '../../src/mappings/index.ts'

const merged = (base: Json, a: Json, b: Json): Json | undefined => {
  const verdict = merging.settle({ base, a, b })
  return 'value' in verdict ? verdict.value : undefined
}

const set = fc.uniqueArray(fc.constantFrom('u', 'v', 'w', 'x')).map((all) => all.toSorted())
const text = fc.array(fc.constantFrom('one', 'two', 'three', ''), { maxLength: 6 }).map((lines) => lines.join('\n'))
const record = fc.record({ title: text, tags: set, amount: fc.constantFrom(null, '1', '2') })

for (const [name, value] of [
  ['sets', set],
  ['texts', text],
  ['several fields', record],
] as const) {
  test(`${name}: a merge is the same from both sides, and rests once it stands on one of them`, () => {
    fc.assert(
      fc.property(value, value, value, (base, a, b) => {
        const whole = merged(base, a, b)
        assert.ok(sameValue(whole ?? null, merged(base, b, a) ?? null))
        if (whole === undefined) return
        if (name !== 'texts' && name !== 'several fields') assert.deepEqual(merged(base, whole, b), whole)
      }),
      { numRuns: 500 },
    )
  })

  test(`${name}: what one side alone changed is the merge`, () => {
    fc.assert(
      fc.property(value, value, (base, a) => {
        assert.ok(sameValue(merged(base, a, base), a))
        assert.ok(sameValue(merged(base, base, a), a))
      }),
    )
  })
}

test('a set gets what either added, and loses what either removed', () => {
  assert.deepEqual(merged(['u', 'v'], ['u', 'v', 'w'], ['v', 'x']), ['v', 'w', 'x'])
  assert.deepEqual(merged(null, ['u'], ['v']), ['u', 'v'])
})

test('of a text the changed lines of both stay; two changes of one place are a person’s', () => {
  const base = 'first\nsecond\nthird\nfourth'
  assert.equal(
    merged(base, 'FIRST\nsecond\nthird\nfourth', 'first\nsecond\nthird\nfourth\nfifth'),
    'FIRST\nsecond\nthird\nfourth\nfifth',
  )
  assert.equal(merged(base, 'first\nthird\nfourth', 'first\nsecond\nthird\nFOURTH'), 'first\nthird\nFOURTH')
  assert.equal(merged(base, 'x\nsecond\nthird\nfourth', 'y\nsecond\nthird\nfourth'), undefined)
  assert.equal(merged(null, 'x', 'y'), undefined)
})

test('of several fields each goes by itself', () => {
  const base = { title: 'Rent', amount: '1', currency: null }
  assert.deepEqual(merged(base, { ...base, title: 'Rent of May' }, { ...base, amount: '2' }), {
    title: 'Rent of May',
    amount: '2',
    currency: null,
  })
  assert.equal(merged(base, { ...base, amount: '3' }, { ...base, amount: '2' }), undefined)
})
