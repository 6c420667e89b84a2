/** A copy that was edited where its original may not be changed says so itself, by one write, for as long as that is so. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../property.ts'
import type { Decision, Subject } from '../../src/core/action.ts'
import { applyBrake } from '../../src/core/brake.ts'
import type { Direction, Flow, OnRefused, Policy } from '../../src/core/flow.ts'
import { decide } from '../../src/core/plan.ts'
import { signed } from '../../src/mappings/index.ts'
import { AROUND, carriedOut, flowOf, item, linkOf, pairOfFields, PLAIN, subjectOf, NO_COUNTS } from './world.ts'

const OWN = 'Ann: '
const MARKED = 'Ann · edited here, not there: '
const LENS = signed({ id: 'text', a: 'text', b: 'text', attribution: { a: () => '', b: () => OWN } })
/** Side `a` belongs to Ann, who alone may change it; `b` is our copy. */
const REFUSED = { update: [], why: 'it is not ours' }

interface Options {
  readonly onRefused?: OnRefused
  readonly direction?: Direction
  readonly policy?: Policy
}

function flow({ onRefused = 'mark', direction = 'both', policy = 'newest' }: Options = {}): Flow {
  const pair = { ...pairOfFields(['text']), lenses: [LENS], onRefused: { a: onRefused, b: onRefused } }
  return flowOf(pair, { ...PLAIN, direction, policy })
}

/** What the two say now, where they agreed on `base` before. */
function between(of: Flow, a: string, b: string, base = 'hello', signs = true): Subject {
  const [pair] = of.pairs
  if (pair === undefined) throw new Error('a flow without pairs')
  const complement = signs ? { text: { b: OWN } } : {}
  const link = { ...linkOf({}), base: { a: { text: base }, b: { text: signs ? OWN + base : base } }, complement }
  return subjectOf(pair, link, item('a', { text: a }, { may: REFUSED }), item('b', { text: b }))
}

function settled(of: Flow, start: Subject): { end: Subject; last: Decision; wrote: number } {
  let subject = start
  for (let turn = 0, wrote = 0; turn < 5; turn += 1) {
    const last = decide(of, subject, AROUND)
    if (last.writes.length === 0 && last.settle.every((each) => each.do === 'disagree'))
      return { end: subject, last, wrote }
    wrote += last.writes.length
    subject = carriedOut(subject, last)
  }
  throw new Error('it never comes to an end')
}

const texts = ({ a, b }: Subject): unknown[] => [a?.values['text'], b?.values['text']]

test('it says so once, by one write to the copy, and the difference stays declared', () => {
  const { end, last, wrote } = settled(flow(), between(flow(), 'hello', `${OWN}hello, edited`))
  assert.deepEqual(texts(end), ['hello', `${MARKED}hello, edited`])
  assert.equal(wrote, 1)
  assert.deepEqual(last.gaps, [{ side: 'a', ref: 'a1', lens: 'text', why: 'it is not ours' }])
})

test('the mark is nobody’s edit: what the two last agreed on does not follow it', () => {
  const start = between(flow(), 'hello', `${OWN}hello, edited`)
  assert.deepEqual(settled(flow(), start).end.link?.base, start.link?.base)
})

test('a further edit of a copy that says so is not written about again', () => {
  const { end, wrote } = settled(flow(), between(flow(), 'hello', `${MARKED}hello, edited twice`))
  assert.deepEqual(texts(end), ['hello', `${MARKED}hello, edited twice`])
  assert.equal(wrote, 0)
})

test('once the two agree again the mark goes, and nothing counts as edited', () => {
  const { end, last, wrote } = settled(flow(), between(flow(), 'the same', `${MARKED}the same`))
  assert.deepEqual(texts(end), ['the same', `${OWN}the same`])
  assert.equal(wrote, 1)
  assert.deepEqual(last.gaps, [])
  assert.deepEqual(end.link?.base, { a: { text: 'the same' }, b: { text: `${OWN}the same` } })
})

test('a delete right after the mark went finds nothing edited', () => {
  const start = between(flow(), 'the same', `${MARKED}the same`)
  const taken = carriedOut(start, decide(flow(), start, AROUND))
  const { writes } = decide(flow(), { ...taken, a: item('a', {}, { state: 'deleted' }) }, AROUND)
  assert.deepEqual(
    writes.map(({ write }) => `${write.do} ${write.side}`),
    ['delete b'],
  )
})

test('a later edit of the original takes the mark along in its own write', () => {
  const of = flow({ policy: 'a' })
  const { end, wrote } = settled(of, between(of, 'hello from Ann', `${MARKED}hello, edited`))
  assert.deepEqual(texts(end), ['hello from Ann', `${OWN}hello from Ann`])
  assert.equal(wrote, 1)
})

test('while a person has to decide a mark stays as it is', () => {
  const of = flow({ policy: 'ask' })
  for (const copy of [`${MARKED}hello, edited`, `${OWN}hello, edited`])
    assert.deepEqual(settled(of, between(of, 'hello from Ann', copy)).end.b?.values, { text: copy })
})

test('where marks are no longer wanted it goes, and the edit stays an edit', () => {
  const of = flow({ onRefused: 'declare' })
  const { end, last } = settled(of, between(of, 'hello', `${MARKED}hello, edited`))
  assert.deepEqual(texts(end), ['hello', `${OWN}hello, edited`])
  assert.equal(last.gaps.length, 1)
})

test('an item without our line, or that we may not change, or against the direction, is left as it is', () => {
  const unsigned = between(flow(), 'hello', 'hello, edited', 'hello', false)
  const stripped = between(flow(), 'hello', 'hello, edited and without the line')
  const plain = between(flow(), 'hello', `${OWN}hello, edited`)
  const locked = { ...plain, b: item('b', { text: `${OWN}hello, edited` }, { may: REFUSED }) }
  for (const subject of [unsigned, stripped, locked]) {
    const { last, wrote } = settled(flow(), subject)
    assert.equal(wrote, 0)
    assert.equal(last.gaps.length, 1)
  }
  const oneWay = flow({ direction: 'b→a' })
  assert.equal(settled(oneWay, between(oneWay, 'hello', `${OWN}hello, edited`)).wrote, 0)
})

test('a delete is not marked', () => {
  const subject = between(flow(), 'hello', `${OWN}hello`)
  const deleted = { ...subject, b: item('b', {}, { state: 'deleted' }) }
  const locked = { ...deleted, a: item('a', { text: 'hello' }, { may: { ...REFUSED, delete: false } }) }
  assert.equal(settled(flow(), locked).wrote, 0)
})

test('a flood of marks is held as any flood of updates', () => {
  const of = flow()
  const subjects = Array.from({ length: 101 }, () => between(of, 'hello', `${OWN}hello, edited`))
  const planned = subjects.map((subject) => ({ subject, decision: decide(of, subject, AROUND) }))
  const held = applyBrake(of, planned, { ...NO_COUNTS, inStep: true })
  assert.ok(held.every(({ decision }) => decision.writes.every(({ hold }) => hold?.reason === 'brake')))
})

test('whatever both say and whatever is set, it ends, and only a refused edit is marked', () => {
  const word = fc.constantFrom('', 'hello', 'x', OWN, MARKED, `${OWN}x`, `${MARKED}x`, 'Ann')
  const rules = fc.record({
    onRefused: fc.constantFrom('declare', 'reply', 'mark'),
    direction: fc.constantFrom('both', 'a→b', 'b→a'),
    policy: fc.constantFrom('newest', 'a', 'b', 'ask'),
  })
  fc.assert(
    fc.property(word, word, word, fc.boolean(), rules, (base, a, b, signs, options) => {
      const of = flow(options)
      const { end, last, wrote } = settled(of, between(of, a, b, base, signs))
      assert.ok(wrote <= 2)
      const marked = String(end.b?.values['text']).startsWith(MARKED.trimEnd())
      if (!signs || b.startsWith(MARKED.trimEnd())) return
      assert.equal(
        marked,
        options.onRefused === 'mark' && options.direction === 'both' && last.gaps.length > 0 && b.startsWith('Ann: '),
      )
    }),
  )
})
