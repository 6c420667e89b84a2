/** In which order subjects are planned. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plan } from '../../src/core/plan.ts'
import { AROUND, flowOf, item, linkOf, pairOfFields, subjectOf } from './world.ts'

const pair = pairOfFields(['text'])

// Seen red: two siblings waited for each other for ever, each in the order of another side.
test('what is left on one side is planned in the order of that side, however early its counterpart was made that is gone', () => {
  const remade = subjectOf(
    pair,
    { ...linkOf({ text: 'said' }), state: 'gone' },
    item('a', { text: 'said' }, { ref: 'a1', state: 'deleted', createdAt: '2026-01-01T09:00:00Z' }),
    item('b', { text: 'said' }, { ref: 'b2', createdAt: '2026-01-01T09:20:00Z' }),
  )
  const alone = subjectOf(
    pair,
    null,
    null,
    item('b', { text: 'new' }, { ref: 'b1', createdAt: '2026-01-01T09:10:00Z' }),
  )
  const order = plan(flowOf(pair), [remade, alone], AROUND).map(({ subject }) => subject.b?.ref)
  assert.deepEqual(order, ['b1', 'b2'])
})
