import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../property.ts'
import { matchItems } from '../../src/core/match.ts'
import type { Observation } from '../../src/core/state.ts'
import { item, pairOfFields } from './world.ts'

const pair = { ...pairOfFields(['text', 'more']), match: ['text'] }

function match(a: readonly Observation[], b: readonly Observation[], keys = new Map<string, string>()) {
  return matchItems({
    pair,
    items: { a, b },
    heads: new Map(),
    known: [],
    keyOf: ({ ref }) => keys.get(ref) ?? '',
    counterpart: (ref) => ref,
  })
}

const left = (ref: string, text: string, more = ''): Observation => item('a', { text, more }, { ref })
const right = (ref: string, text: string, more = ''): Observation => item('b', { text, more }, { ref })

test('the same text pairs; what is only on one side is left alone', () => {
  const found = match([left('1', 'x'), left('2', 'y')], [right('3', 'y'), right('4', 'z')])
  assert.deepEqual(
    found.links.map(({ refs }) => refs),
    [{ a: '2', b: '3' }],
  )
  assert.deepEqual(found.ambiguous, [])
})

test('as many equal ones on both sides pair in order; else all of them are held', () => {
  const even = match([left('1', 'ok'), left('2', 'ok')], [right('3', 'ok'), right('4', 'ok')])
  assert.deepEqual(
    even.links.map(({ refs }) => refs),
    [
      { a: '1', b: '3' },
      { a: '2', b: '4' },
    ],
  )
  const odd = match([left('1', 'ok'), left('2', 'ok')], [right('3', 'ok')])
  assert.equal(odd.links.length, 0)
  assert.equal(odd.ambiguous.length, 3)
})

test('a key goes before any likeness', () => {
  const found = match([left('1', 'x'), left('2', 'y')], [{ ...right('3', 'y'), key: 'k' }], new Map([['1', 'k']]))
  assert.deepEqual(
    found.links.map(({ refs }) => refs),
    [{ a: '1', b: '3' }],
  )
})

test('fields that differ get no base: the policy decides on them, in the plan', () => {
  const [link] = match([left('1', 'x', 'this')], [right('3', 'x', 'that')]).links
  assert.deepEqual(link?.base, { a: { text: 'x' }, b: { text: 'x' } })
})

test('every item is in at most one pair, and held items are in none', () => {
  const texts = fc.array(fc.constantFrom('ok', 'no', 'x', ''), { maxLength: 8 })
  fc.assert(
    fc.property(texts, texts, (as, bs) => {
      const found = match(
        as.map((text, i) => left(`a${i}`, text)),
        bs.map((text, i) => right(`b${i}`, text)),
      )
      for (const side of ['a', 'b'] as const) {
        const refs = [
          ...found.links.map(({ refs: each }) => each[side]),
          ...found.ambiguous.filter((each) => each.side === side).map((each) => each.observation.ref),
        ]
        assert.equal(new Set(refs).size, refs.length)
      }
    }),
    { seed: 1 },
  )
})
