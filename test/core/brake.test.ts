import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyBrake, type PairCount } from '../../src/core/brake.ts'
import { plan } from '../../src/core/plan.ts'
import { AROUND, flowOf, item, linkOf, pairOfFields, subjectOf, NO_COUNTS } from './world.ts'

const pair = pairOfFields(['text'])
const flow = flowOf(pair)
const QUIET: PairCount = { links: 0, deletes: 0, ended: 0, creates: 0, updates: 0 }

function held(what: 'delete' | 'update' | 'create', amount: number, known: Partial<PairCount>): number {
  const subjects = Array.from({ length: amount }, (_, i) => {
    const a = item(
      'a',
      { text: what === 'update' ? 'new' : 'base' },
      { ref: `a${i}`, ...(what === 'delete' ? { state: 'deleted' } : {}) },
    )
    return what === 'create'
      ? subjectOf(pair, null, a, null)
      : subjectOf(pair, { ...linkOf({ text: 'base' }), id: i }, a, item('b', { text: 'base' }, { ref: `b${i}` }))
  })
  const counts = { ...NO_COUNTS, inStep: true, pairs: { 'item-item': { ...QUIET, ...known } } }
  const writes = applyBrake(flow, plan(flow, subjects, AROUND), counts).flatMap(({ decision }) => decision.writes)
  assert.equal(writes.length, amount)
  return writes.filter(({ hold }) => hold?.reason === 'brake').length
}

for (const [name, what, amount, known, expected] of [
  ['ten deletes of a hundred', 'delete', 10, { links: 100 }, 0],
  ['twenty deletes of a hundred', 'delete', 20, { links: 100 }, 0],
  ['twenty-one deletes of a hundred', 'delete', 21, { links: 100 }, 21],
  ['eleven deletes of fifty', 'delete', 11, { links: 50 }, 11],
  ['one more after twenty in the hour', 'delete', 1, { links: 80, deletes: 20, ended: 20 }, 1],
  ['one more after sixteen that are planned, whose links are alive still', 'delete', 1, { links: 80, deletes: 16 }, 1],
  ['all of three', 'delete', 3, { links: 3 }, 3],
  ['both of two', 'delete', 2, { links: 2 }, 0],
  ['the last of three, one by one', 'delete', 1, { links: 1, deletes: 2, ended: 2 }, 1],
  ['a hundred updates', 'update', 100, { links: 100 }, 0],
  ['a hundred and one updates of a hundred', 'update', 101, { links: 100 }, 101],
  ['five hundred updates of a thousand', 'update', 500, { links: 1000 }, 0],
  ['a hundred creates within the hour and one more', 'create', 1, { links: 100, creates: 100 }, 1],
] as const)
  test(`the brake: ${name}: ${expected === 0 ? 'goes' : 'is held'}`, () => {
    assert.equal(held(what, amount, known), expected)
  })

// Seen red: when each account was counted by itself alone.
test('the brake: few deletes of each of many accounts, too many over all, are held, and say so', () => {
  const subjects = Array.from({ length: 4 }, (_, i) =>
    subjectOf(
      pair,
      { ...linkOf({ text: 'base' }), id: i },
      item('a', { text: 'base' }, { ref: `a${i}`, state: 'deleted' }),
      item('b', { text: 'base' }, { ref: `b${i}` }),
    ),
  )
  const counts = { ...NO_COUNTS, inStep: true, pairs: { 'item-item': { ...QUIET, links: 100 } } }
  const over = (deletes: number) => ({ 'item-item': { ...QUIET, links: 300 - deletes, deletes, ended: deletes } })
  const heldWith = (deletes: number): readonly (string | undefined)[] =>
    applyBrake({ ...flow, template: 'events' }, plan(flow, subjects, AROUND), {
      ...counts,
      accounts: over(deletes),
    })
      .flatMap(({ decision }) => decision.writes)
      .map(({ hold }) => hold?.detail)
  assert.deepEqual(heldWith(56), Array.from({ length: 4 }))
  const detail = '61 deletes of item-item within an hour over all accounts of events'
  assert.deepEqual(
    heldWith(57),
    Array.from({ length: 4 }, () => detail),
  )
})
