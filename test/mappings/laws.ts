/** The laws of a lens (P11), as properties. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../property.ts'
import { sameValue, sameValues, type Values } from '../../src/connector/values.ts'
import { other, SIDES, type Lens, type Side } from '../../src/core/flow.ts'
import { flippedLens } from '../../src/mappings/mapping.ts'

export interface Lawful {
  readonly name: string
  readonly lens: Lens
  /** What may stand on a side, readable or not. */
  readonly any: { readonly [side in Side]: fc.Arbitrary<Values> }
  /** What the lens must be able to carry over. */
  readonly good: { readonly [side in Side]: fc.Arbitrary<Values> }
}

function isReadable(lens: Lens, side: Side, values: Values): boolean {
  return (lens.unreadable?.(side, values, null) ?? null) === null
}

function writes(lens: Lens, to: Side): boolean {
  return lens.fields[to].length > 0
}

function written(lens: Lens, side: Side, values: Values, old: Values | null): Values {
  return { ...old, ...lens.write(side, lens.read(other(side), values, null), old, null) }
}

export function obeys(subject: Lawful): void {
  const flipped = {
    name: `${subject.name}, flipped`,
    lens: flippedLens(subject.lens),
    any: { a: subject.any.b, b: subject.any.a },
    good: { a: subject.good.b, b: subject.good.a },
  }
  for (const { name, lens, any, good } of [subject, flipped]) {
    test(`${name}: writing what was read changes nothing`, () => {
      for (const side of SIDES)
        fc.assert(
          fc.property(any[side], (values) => {
            if (!isReadable(lens, side, values)) return
            const after = { ...values, ...lens.write(side, lens.read(side, values, null), values, null) }
            assert.ok(sameValues(after, values), JSON.stringify({ values, after }))
          }),
        )
    })

    test(`${name}: what it can carry is read back as it was, on old values and on none`, () => {
      for (const from of SIDES)
        fc.assert(
          fc.property(good[from], any[other(from)], fc.boolean(), (values, old, fresh) => {
            const to = other(from)
            if (!writes(lens, to)) return
            assert.ok(isReadable(lens, from, values), JSON.stringify(values))
            const value = lens.read(from, values, null)
            const there = written(lens, to, values, fresh ? null : old)
            assert.ok(sameValue(lens.read(to, there, null), value), JSON.stringify({ value, there }))
            assert.ok(isReadable(lens, to, there), JSON.stringify(there))
          }),
        )
    })

    test(`${name}: it is at rest after one hop, and the way back changes nothing`, () => {
      for (const from of SIDES)
        fc.assert(
          fc.property(good[from], any[other(from)], fc.boolean(), (values, old, fresh) => {
            const to = other(from)
            if (!writes(lens, to)) return
            const there = written(lens, to, values, fresh ? null : old)
            assert.ok(sameValues(written(lens, to, values, there), there))
            if (writes(lens, from)) assert.ok(sameValues(written(lens, from, there, values), values))
          }),
        )
    })

    test(`${name}: whatever stands there, a write that does not read back can be told`, () => {
      for (const from of SIDES)
        fc.assert(
          fc.property(any[from], any[other(from)], (values, old) => {
            const to = other(from)
            if (!writes(lens, to) || !isReadable(lens, from, values)) return
            const value = lens.read(from, values, null)
            const there = written(lens, to, values, old)
            // As the plan does before it writes.
            if (!sameValue(lens.read(to, there, null), value)) return
            assert.ok(sameValues(written(lens, to, values, there), there))
            assert.deepEqual(Object.keys(lens.write(to, value, old, null)).toSorted(), [...lens.fields[to]].toSorted())
          }),
        )
    })
  }
}
