/** What the plan makes of lenses that cannot read everything, or derive a value from fields of others. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonical, type Values } from '../../src/connector/values.ts'
import type { Subject } from '../../src/core/action.ts'
import type { Lens, Resolver, Side, Verdict } from '../../src/core/flow.ts'
import { decide } from '../../src/core/plan.ts'
import { direct, merging } from '../../src/mappings/index.ts'
import { AROUND, carriedOut, flowOf, item, linkOf, pairOfFields, PLAIN, subjectOf, type Rules } from './world.ts'

/** `n` is a number at a; b says it in words, and other words are none. */
const WORDS = ['none', 'one', 'two']
const spelled: Lens = {
  id: 'n',
  way: 'both',
  fields: { a: ['n'], b: ['n'] },
  read: (side, { n }) => (side === 'a' ? (n ?? null) : WORDS.indexOf(String(n))),
  write: (side, value) => ({ n: side === 'a' ? value : (WORDS[Number(value)] ?? '?') }),
  unreadable: (side, { n }) => (side === 'b' && !WORDS.includes(String(n)) ? { why: `says "${String(n)}"` } : null),
}

/** b shows whether the number is large; nobody writes it back. */
const large: Lens = {
  id: 'large',
  way: 'a→b',
  fields: { a: [], b: ['large'] },
  read: (side, values) => (side === 'a' ? Number(values['n']) > 9 : (values['large'] ?? null)),
  write: (_side, value) => ({ large: value }),
}

function subject(lenses: readonly Lens[], base: { [side in Side]: Values }, a: Values, b: Values): Subject {
  const pair = { ...pairOfFields([]), lenses }
  return subjectOf(pair, { ...linkOf({}), base }, item('a', a), item('b', b))
}

function decided(start: Subject, rules: Rules = PLAIN) {
  return decide(flowOf(start.pair, rules), start, AROUND)
}

/** What the two hold once nothing is left to do, and what is told then. */
function settled(start: Subject, rules: Rules = PLAIN) {
  let known = start
  for (let turn = 0; turn < 6; turn += 1) {
    const decision = decided(known, rules)
    if (decision.writes.length === 0 && decision.settle.every((each) => each.do === 'disagree'))
      return { a: known.a?.values, b: known.b?.values, gaps: decision.gaps, turns: turn }
    known = carriedOut(known, decision)
  }
  throw new Error('it never comes to rest')
}

const BASE = { a: { n: 1 }, b: { n: 'one' } }

test('what cannot be read is told, and nothing is written over it, whatever the other side says', () => {
  for (const n of [1, 2]) {
    const { a, b, gaps } = settled(subject([spelled], BASE, { n }, { n: 'many' }))
    assert.deepEqual([a, b], [{ n }, { n: 'many' }])
    assert.deepEqual(gaps, [{ side: 'a', ref: 'a1', lens: 'n', why: 'its n says "many"' }])
  }
})

test('once it can be read again, the edit travels', () => {
  assert.deepEqual(settled(subject([spelled], BASE, { n: 1 }, { n: 'two' })).a, { n: 2 })
})

test('what was made of our own writing may be written over', () => {
  const base = { a: { n: 1 }, b: { n: 'ONE' } }
  const same = settled(subject([spelled], base, { n: 1 }, { n: 'ONE' }))
  assert.equal(same.gaps.length, 1)
  assert.deepEqual(settled(subject([spelled], base, { n: 2 }, { n: 'ONE' })).b, { n: 'two' })
})

test('on a one-way flow that takes changes back, what cannot be read is taken back as well', () => {
  const start = subject([spelled], BASE, { n: 1 }, { n: 'many' })
  assert.deepEqual(settled(start, { ...PLAIN, direction: 'a→b', astray: 'restore' }).b, { n: 'one' })
  assert.deepEqual(settled(start, { ...PLAIN, direction: 'a→b' }).gaps, [])
})

test('what is wanted as it is stays, and is no divergence', () => {
  const lens: Lens = { ...spelled, unreadable: (side) => (side === 'b' ? { why: '', wanted: true } : null) }
  const { b, gaps } = settled(subject([lens], BASE, { n: 2 }, { n: 'many' }))
  assert.deepEqual([b, gaps], [{ n: 'many' }, []])
})

test('a value that the other side would read as another one is not written, but told', () => {
  const start = subject([spelled], BASE, { n: 7 }, { n: 'one' })
  const { b, gaps } = settled(start)
  assert.deepEqual(b, { n: 'one' })
  assert.deepEqual(gaps, [{ side: 'b', ref: 'b1', lens: 'n', why: 'its n would be read there as something else' }])
})

test('an item that holds what cannot be said on the other side is not made there, and that is told', () => {
  const pair = { ...pairOfFields([]), lenses: [spelled] }
  const from = (side: Side, n: number | string) =>
    decided(subjectOf(pair, null, side === 'a' ? item('a', { n }) : null, side === 'b' ? item('b', { n }) : null))
  assert.deepEqual(from('a', 7).gaps, [
    { side: 'a', ref: 'a1', lens: '(created)', why: 'its n would be read there as something else' },
  ])
  assert.deepEqual(from('b', 'many').gaps, [{ side: 'b', ref: 'b1', lens: '(created)', why: 'its n says "many"' }])
  assert.equal(from('a', 2).writes.length, 1)
})

const DERIVED = { a: { n: 1, '(large)': false }, b: { n: 'one', large: false } }
const plainN = direct({ id: 'n', a: 'n', b: 'n' })

test('a derived value follows the fields that it is made of, whoever changed them', () => {
  const base = { a: { n: 1, '(large)': false }, b: { n: 1, large: false } }
  const atA = settled(subject([plainN, large], base, { n: 12 }, { n: 1, large: false }))
  assert.deepEqual(atA.b, { n: 12, large: true })
  const atB = settled(subject([plainN, large], base, { n: 1 }, { n: 12, large: false }))
  assert.deepEqual([atB.a, atB.b], [{ n: 12 }, { n: 12, large: true }])
  assert.equal(atB.turns, 2)
})

test('what it is made of keeps its own conflict, though the derived value has travelled', () => {
  const base = { a: { n: 1, '(large)': false }, b: { n: 1, large: false } }
  const rules: Rules = { ...PLAIN, policy: 'ask' }
  const start = subject([plainN, large], base, { n: 12 }, { n: 5, large: false })
  const { b } = settled(start, rules)
  assert.deepEqual(b, { n: 5, large: true })
  const after = carriedOut(start, decided(start, rules))
  assert.deepEqual(
    decided(after, rules).settle.map((each) => each.do),
    ['disagree'],
  )
})

test('a derived value that the system stores in another way is written once', () => {
  const base = { a: { n: 12, '(large)': true }, b: { n: 'one', large: 'yes' } }
  assert.equal(settled(subject([large], base, { n: 12 }, { n: 'one', large: 'yes' })).turns, 0)
})

test('a derived value is put where there was none, without a conflict, and over a person’s with one', () => {
  const base = { a: { n: 12 }, b: { n: 12 } }
  const fresh = decided(subject([large], base, { n: 12 }, { n: 12 }))
  assert.deepEqual(
    fresh.writes.map(({ write }) => write.do === 'update' && [write.changed, write.disagreements.length]),
    [[{ large: true }, 0]],
  )
  const edited = decided(subject([large], DERIVED, { n: 12 }, { n: 'one', large: 'mine' }))
  assert.deepEqual(
    edited.writes.map(({ write }) => write.do === 'update' && [write.changed, write.disagreements.length]),
    [[{ large: true }, 1]],
  )
})

const tagged = (resolver: Resolver) => direct({ id: 'tags', a: 'tags', b: 'tags', set: true, policy: resolver })
const TAGS = { a: { tags: ['u'] }, b: { tags: ['u'] } }
const clash = (resolver: Resolver) => subject([tagged(resolver)], TAGS, { tags: ['u', 'v'] }, { tags: ['w'] })

test('what both did is written to one side as an edit, and travels to the other', () => {
  const start = clash(merging)
  const [first] = decided(start).writes
  assert.ok(first?.write.do === 'update')
  const { changed, fields, agreed, base } = first.write
  assert.deepEqual([changed, fields, agreed, base], [{ tags: ['v', 'w'] }, [], { tags: ['w'] }, { tags: ['w'] }])
  assert.equal(first.write.disagreements[0]?.why, 'merge: both get a value of its own')
  const { a, b, turns } = settled(start)
  assert.deepEqual([a, b, turns], [{ tags: ['v', 'w'] }, { tags: ['v', 'w'] }, 2])
})

test('a process that dies between the two writes of a merge goes on with the same value', () => {
  const start = clash(merging)
  const between = carriedOut(start, decided(start))
  assert.deepEqual(between.link?.base, { a: { tags: ['w'] }, b: { tags: ['w'] } })
  assert.deepEqual(settled(between).b, { tags: ['v', 'w'] })
})

test('what somebody does between the two writes of a merge is a change like any other', () => {
  const start = clash(merging)
  const between = carriedOut(start, decided(start))
  const meanwhile = (side: Side, tags: readonly string[]) =>
    settled({ ...between, [side]: item(side, { tags }, { ref: `${side}1` }) })
  // u was taken away at b, and that came to a; it is added at b again.
  assert.deepEqual(meanwhile('b', ['u', 'w']).a, { tags: ['u', 'v', 'w'] })
  assert.deepEqual(meanwhile('b', []).a, { tags: ['v'] })
  assert.deepEqual(meanwhile('a', ['u', 'v']).b, { tags: ['u', 'v'] })
  assert.deepEqual(meanwhile('a', ['w']).b, { tags: ['w'] })
})

test('a resolver may take both back to what the two last agreed on', () => {
  const back: Resolver = { name: './f.ts', settle: ({ base }) => ({ value: base }) }
  const { a, b } = settled(clash(back))
  assert.deepEqual([a, b], [{ tags: ['u'] }, { tags: ['u'] }])
})

test('a merge that one side cannot take, or that would never rest, is a person’s', () => {
  const longer: Resolver = { name: './f.ts', settle: ({ a, b }) => ({ value: [canonical([a, b])] }) }
  const start = clash(longer)
  assert.deepEqual(decided(start).writes, [])
  const told = decided(start).settle.flatMap((each) => (each.do === 'disagree' ? each.disagreements : []))
  assert.deepEqual(
    told.map(({ winner, why }) => [winner, why]),
    [[null, './f.ts: it answers something else once its own answer stands on one side']],
  )
  const frozen = clash(merging)
  const { b } = frozen
  assert.ok(b !== null)
  const refused = decided({ ...frozen, b: { ...b, may: { update: [], delete: true } } })
  assert.deepEqual(refused.writes, [])
  assert.deepEqual(
    refused.settle.map((each) => each.do),
    ['disagree'],
  )
})

test('a function may name the side that stands, or ask', () => {
  const says = (verdict: Verdict): Resolver => ({ name: './f.ts', settle: () => verdict })
  assert.deepEqual(settled(clash(says({ side: 'b' }))).a, { tags: ['w'] })
  const asked = settled(clash(says({ ask: 'who knows' })))
  assert.deepEqual([asked.a, asked.b], [{ tags: ['u', 'v'] }, { tags: ['w'] }])
})

test('on a one-way flow the source stands, whatever a merge would be', () => {
  const { a, b } = settled(clash(merging), { ...PLAIN, direction: 'a→b' })
  assert.deepEqual([a, b], [{ tags: ['u', 'v'] }, { tags: ['u', 'v'] }])
})
