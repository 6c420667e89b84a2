import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Occupant } from '../../src/core/create.ts'
import { decide } from '../../src/core/plan.ts'
import { slotLenses, slotOf } from '../../src/core/slot.ts'
import { AROUND, flowOf, item, linkOf, pairOfFields, subjectOf } from './world.ts'

const PAIR = pairOfFields(['name', 'text'])
const UNIQUE = {
  ...PAIR,
  kinds: { a: { ...PAIR.kinds.a, unique: ['name'] }, b: { ...PAIR.kinds.b, unique: ['name'] } },
}
const NEW = item('a', { name: 'urgent', text: 'from a' })
const THERE = item('b', { name: 'urgent', text: 'from b' }, { rev: 4 })
const FREE: Occupant = { item: THERE, link: null, counterpart: null, busy: null }

function decided(occupant: Occupant | null, where: (name: unknown) => boolean = () => true): ReturnType<typeof decide> {
  const pair = { ...UNIQUE, where: (_: unknown, { text }: { readonly [field: string]: unknown }) => where(text) }
  return decide(flowOf(pair), subjectOf(pair, null, NEW, null), { ...AROUND, occupant: () => occupant })
}

test('slots: what is not in the place of another is made', () => {
  assert.deepEqual(
    decided(null).writes.map(({ write }) => [write.do, write.side]),
    [['create', 'b']],
  )
})

test('slots: who stands there without a counterpart is the same one, and nothing is agreed on yet', () => {
  const { join, writes } = decided(FREE)
  assert.deepEqual(writes, [])
  assert.deepEqual(join, {
    refs: { a: 'a1', b: 'b1' },
    revs: { a: 1, b: 4 },
    ends: null,
    base: { a: {}, b: {} },
    complement: {},
    incarnation: 0,
  })
})

test('slots: in the place of what is gone the new one stands, with what was agreed on with that one', () => {
  const link = { ...linkOf({ name: 'urgent', text: 'before' }), incarnation: 2 }
  const { join, writes } = decided({ ...FREE, link, counterpart: item('a', {}, { ref: 'a0', state: 'deleted' }) })
  assert.deepEqual(writes, [])
  assert.deepEqual([join?.ends, join?.base, join?.incarnation], [link.id, link.base, 3])
})

// Seen red: when the counterpart of what lives is taken over.
for (const [who, occupant] of [
  ['the counterpart of what lives', { link: linkOf({}), counterpart: item('a', {}, { ref: 'a0' }) }],
  ['the counterpart of what has left', { link: linkOf({}), counterpart: item('a', {}, { ref: 'a0', state: 'left' }) }],
  ["another flow's", { link: 'elsewhere' }],
] as const)
  test(`slots: ${who} is not written over: that is told, and waited for`, () => {
    const { join, writes, gaps, waits } = decided({ ...FREE, ...occupant })
    assert.deepEqual([join, writes.length, gaps.length, waits?.for], [undefined, 0, 1, 'place'])
  })

test('slots: what the flow leaves out there is told as well', () => {
  const { join, gaps } = decided(FREE, (text) => text !== 'from b')
  assert.equal(join, undefined)
  assert.match(gaps[0]?.why ?? '', /is left out of the flow/)
})

test('slots: an open write about who stands there, and a read of it, are waited for', () => {
  assert.deepEqual(decided({ ...FREE, busy: 'key' }).waits, { for: 'intent', key: 'key' })
  assert.deepEqual(decided({ ...FREE, item: { ...THERE, unread: true } }).waits, { for: 'reading', side: 'b' })
})

test('slots: equal values of all the fields are one place; where one is not known there is none', () => {
  assert.equal(
    slotOf(['series', 'at'], { at: '9', series: 's', text: 'x' }),
    slotOf(['series', 'at'], { series: 's', at: '9' }),
  )
  assert.notEqual(
    slotOf(['series', 'at'], { series: 's', at: '9' }),
    slotOf(['series', 'at'], { series: '9', at: 's' }),
  )
  assert.equal(slotOf(['series', 'at'], { series: 's' }), null)
  assert.equal(slotOf([], { series: 's' }), null)
  assert.deepEqual(slotLenses(UNIQUE), ['name'])
  assert.deepEqual(slotLenses(PAIR), [])
})
