/** Every small state of two items, under every rule: the plan reaches a fixpoint, and planning again gives nothing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../property.ts'
import type { Decision, Subject } from '../../src/core/action.ts'
import { hasChanged } from '../../src/core/base.ts'
import { carries, other, SIDES, type Flow, type Side } from '../../src/core/flow.ts'
import { decide } from '../../src/core/plan.ts'
import type { Link, Observation } from '../../src/core/state.ts'
import { AROUND, carriedOut, flowOf, item, linkOf, pairOfFields, PLAIN, subjectOf, type Rules } from './world.ts'

const STATES = ['absent', 'same', 'changed x', 'changed y', 'left', 'returned', 'moved', 'tombstone', 'unread'] as const
type State = (typeof STATES)[number]
const LINKS = [null, 'live', 'asleep', 'gone'] as const
const EDITED = [null, '2026-11-02T10:00:00.000Z', '2026-11-02T12:00:00.000Z'] as const

function seen(side: Side, state: State, editedAt: string | null): Observation | null {
  const base = { text: 'base' }
  switch (state) {
    case 'absent':
      return null
    case 'same':
    case 'returned':
      return item(side, base)
    case 'changed x':
      return item(side, { text: 'x' }, { editedAt })
    case 'changed y':
      return item(side, { text: 'y' }, { editedAt })
    case 'left':
      return item(side, base, { state: 'left' })
    case 'moved':
      return item(side, base, { state: 'moved', scope: 'elsewhere' })
    case 'tombstone':
      return item(side, base, { state: 'deleted' })
    case 'unread':
      return item(side, base, { unread: true })
  }
}

function* rules(): Generator<Rules> {
  for (const policy of ['newest', 'a', 'b', 'ask'] as const)
    for (const direction of ['both', 'a→b', 'b→a'] as const)
      for (const astray of ['leave', 'restore', 'hold'] as const)
        for (const onDelete of ['delete', 'empty', 'keep', 'hold'] as const)
          for (const onLeave of ['keep', 'delete', 'hold'] as const)
            yield { policy, direction, astray, onDelete, onLeave }
}

function isDone({ settle, writes }: Decision): boolean {
  return writes.length === 0 && settle.every((each) => each.do === 'disagree')
}

/** Nothing is deleted that was edited, or whose counterpart is there, or against the flow's direction. */
function assertSafe(flow: Flow, subject: Subject, decision: Decision): void {
  for (const { write, hold } of decision.writes) {
    const from = other(write.side)
    if (write.do === 'update' && flow.astray === 'leave')
      assert.ok(carries(flow.direction, from), 'written against the direction')
    if (write.do === 'create') assert.ok(carries(flow.direction, from), 'created against the direction')
    if (write.do !== 'delete' && write.do !== 'empty') continue
    const target = subject[write.side]
    assert.ok(target?.state === 'present' && subject.link !== null)
    assert.notEqual(subject[from]?.state, 'present')
    assert.ok(carries(flow.direction, from), 'deleted against the direction')
    if (!carries(flow.direction, write.side) && (flow.astray === 'restore' || hold !== null)) continue
    for (const lens of subject.pair.lenses)
      assert.ok(!hasChanged(subject.pair, lens, write.side, subject.link, target), 'an edit was lost')
  }
}

/** Answers the state in which nothing is left to do. */
function settled(flow: Flow, start: Subject, which: number): { end: Subject; last: Decision } {
  let subject = start
  for (let turn = 0; turn < 8; turn += 1) {
    const decision = decide(flow, subject, AROUND)
    assertSafe(flow, subject, decision)
    if (isDone(decision) || decision.writes.some(({ hold }) => hold !== null)) return { end: subject, last: decision }
    subject = carriedOut(subject, decision, which)
  }
  throw new Error('it never comes to an end')
}

function assertExplained(flow: Flow, { end, last }: { end: Subject; last: Decision }): void {
  const { a, b, link } = end
  if (link?.state !== 'live' || a?.state !== 'present' || b?.state !== 'present' || a.unread || b.unread) return
  if (JSON.stringify(a.values) === JSON.stringify(b.values)) return
  const why = flow.direction !== 'both' || last.gaps.length > 0 || last.settle.length > 0 || last.writes.length > 0
  assert.ok(why, 'the two differ, and nothing says why')
}

test('every state of two items, link, rule and edit time comes to rest without losing an edit', (t) => {
  let count = 0
  for (const each of rules()) {
    const pair = pairOfFields(['text'], each)
    const flow = flowOf(pair, each)
    for (const state of LINKS)
      for (const left of STATES)
        for (const right of STATES)
          for (const edited of EDITED)
            for (const which of [0, 1]) {
              const link: Link | null = state === null ? null : linkOf({ text: 'base' }, state)
              if (link !== null && (left === 'absent' || right === 'absent')) continue
              if (link === null && left !== 'absent' && right !== 'absent') continue
              const start = subjectOf(pair, link, seen('a', left, edited), seen('b', right, '2026-11-02T11:00:00.000Z'))
              const name = JSON.stringify({ ...each, state, left, right, edited, which })
              try {
                assertExplained(flow, settled(flow, start, which))
              } catch (error) {
                throw new Error(`${name}: ${String(error)}`, { cause: error })
              }
              count += 1
            }
  }
  t.diagnostic(`${count} states of the planner enumerated`)
  assert.ok(count > 100_000)
})

test('over several fields: agreed ones advance, one-sided ones travel, contested ones follow the policy', () => {
  const fields = ['one', 'two', 'three', 'four']
  const pair = pairOfFields(fields)
  const value = fc.constantFrom('base', 'x', 'y', '', null)
  const values = fc
    .tuple(value, value, value, value)
    .map((all) => Object.fromEntries(fields.map((field, i) => [field, all[i] ?? null])))
  fc.assert(
    fc.property(
      values,
      values,
      values,
      fc.constantFrom<'a' | 'b'>('a', 'b'),
      fc.nat(3),
      (base, a, b, policy, which) => {
        const flow = flowOf(pair, { policy, direction: 'both', astray: 'leave', onDelete: 'delete', onLeave: 'keep' })
        const start = subjectOf(pair, linkOf(base), item('a', a), item('b', b))
        const { end } = settled(flow, start, which)
        for (const field of fields) {
          const changed = { a: a[field] !== base[field], b: b[field] !== base[field] }
          const expected =
            changed.a === changed.b
              ? changed.a
                ? { a, b }[policy][field]
                : base[field]
              : changed.a
                ? a[field]
                : b[field]
          for (const side of SIDES) assert.equal(end[side]?.values[field] ?? null, expected ?? null)
        }
      },
    ),
    { numRuns: 2000, seed: 1 },
  )
})

test('F11 an emptied field is a value: it travels like any other', () => {
  const pair = pairOfFields(['text'])
  for (const empty of ['', null, []]) {
    const { end } = settled(
      flowOf(pair),
      subjectOf(pair, linkOf({ text: 'base' }), item('a', { text: empty }), item('b', { text: 'base' })),
      0,
    )
    assert.deepEqual(end.b?.values['text'] ?? null, empty)
  }
})

// Seen red: before it was told, the two differed without a word.
test('what was made again as it was before what the far end says is told where nothing travels back, and later edits travel', () => {
  const pair = pairOfFields(['text'])
  const link: Link = { ...linkOf({}), base: { a: { text: 'older' }, b: { text: null } } }
  const at = (text: string, direction: Flow['direction']) =>
    settled(
      flowOf(pair, { ...PLAIN, direction }),
      subjectOf(pair, link, item('a', { text }), item('b', { text: 'later' })),
      0,
    ).end
  assert.equal(at('older', 'both').a?.values['text'], 'later')
  const oneWay = flowOf(pair, { ...PLAIN, direction: 'a→b' })
  const kept = decide(oneWay, subjectOf(pair, link, item('a', { text: 'older' }), item('b', { text: 'later' })), AROUND)
  assert.deepEqual([kept.writes, kept.gaps.map(({ side, lens }) => [side, lens])], [[], [['a', 'text']]])
  assert.equal(at('newest', 'a→b').b?.values['text'], 'newest')
})
