/** What has left a flow, and what only went to where the flow is about to reach. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Surroundings } from '../../src/core/create.ts'
import type { Flow } from '../../src/core/flow.ts'
import { decide, nameOf } from '../../src/core/plan.ts'
import type { Decision } from '../../src/core/action.ts'
import type { Values } from '../../src/connector/values.ts'
import { AROUND, flowOf, item, linkOf, pairOfFields, PLAIN, subjectOf } from './world.ts'

const pair = { ...pairOfFields(['text']), onLeave: { a: 'delete', b: 'delete' } } as const
const flow: Flow = {
  ...flowOf(pair, PLAIN),
  each: { from: 'a', where: ({ name }: Values) => name !== 'private', under: {} },
}

/** The item of side a stands in a container that this flow has not joined. */
function cameInto(name: string): Decision {
  const container = item('a', { name }, { kind: 'box', ref: 'C', scope: '' })
  const around: Surroundings = { ...AROUND, unjoined: (_side, scope) => (scope === 'C' ? container : null) }
  const subject = subjectOf(
    pair,
    linkOf({ text: 'said' }),
    item('a', { text: 'said' }, { scope: 'C' }),
    item('b', { text: 'said' }),
  )
  return decide(flow, subject, around)
}

// Seen red: before such a container counted as the flow's, the counterpart was deleted.
test('what went into a container that is to get its counterpart has not left: nothing is decided until the two are joined', () => {
  const { rests, writes } = cameInto('new')
  assert.equal(rests, true)
  assert.deepEqual(writes, [])
})

test('what went into a container that the flow leaves out has left', () => {
  assert.deepEqual(
    cameInto('private').writes.map(({ write }) => write.do),
    ['delete'],
  )
})

// Seen red: before what stays under it counted, it was deleted with all that is kept there.
test('with its last message deleted, a thread whose older ones have left keeps those that stay under it', () => {
  const subject = subjectOf(
    pair,
    linkOf({ text: 'said' }),
    item('a', { text: 'said' }, { state: 'deleted' }),
    item('b', { text: 'said' }),
  )
  const child = { living: 1, surviving: 0, answers: '', staying: 1, unread: 0, open: null }
  const { settle, writes } = decide(flow, { ...subject, children: { ...subject.children, b: child } }, AROUND)
  assert.deepEqual(writes, [])
  assert.deepEqual(
    settle.map((each) => each.do),
    ['sleep'],
  )
})

// Seen red: while the open write was waited for first, it waited as long as a person was asked about that, and the answer with it.
test('with an answer that nobody deleted a thread survives, whatever an open write about another one tells', () => {
  const subject = subjectOf(
    pair,
    linkOf({ text: 'said' }),
    item('a', { text: 'said' }, { state: 'deleted' }),
    item('b', { text: 'said' }),
  )
  const decideWith = (surviving: number): ReturnType<typeof decide> => {
    const child = { living: 2, surviving, answers: '', staying: 0, unread: 0, open: 'key' }
    return decide(flow, { ...subject, children: { ...subject.children, b: child } }, AROUND)
  }
  assert.deepEqual(
    decideWith(1).settle.map((each) => each.do),
    ['unlink'],
  )
  const { settle, writes, waits } = decideWith(0)
  assert.deepEqual([settle, writes, waits], [[], [], { for: 'intent', key: 'key' }])
})

// Seen red: while the two stayed linked, what came back was deleted, for the delete that had only followed it.
test('what left and was followed by a delete is new when it comes back: the two are parted', () => {
  const subject = subjectOf(
    pair,
    linkOf({ text: 'said' }),
    item('a', { text: 'said' }, { scope: 'elsewhere' }),
    item('b', { text: 'said' }, { state: 'deleted' }),
  )
  assert.deepEqual(
    decide(flow, subject, AROUND).settle.map((each) => each.do),
    ['unlink'],
  )
})

// Seen red: with `onDelete: hold` the copy was deleted without a word, by `onLeave: delete`.
test('what was deleted, and made again by another flow where this one does not reach, is not deleted where deletes are to be held', () => {
  const careful = { ...pair, onDelete: { a: 'hold', b: 'hold' } } as const
  const subject = subjectOf(
    careful,
    linkOf({ text: 'said' }),
    item('a', { text: 'said' }, { state: 'left' }),
    item('b', { text: 'said' }),
  )
  const holds = (remade: boolean): (string | undefined)[] =>
    decide(flow, { ...subject, remade: { a: remade, b: false } }, AROUND).writes.map(({ hold }) => hold?.reason)
  assert.deepEqual(holds(true), ['policy'])
  assert.deepEqual(holds(false), [undefined])
})

// Seen red: what was emptied was named, and who looked at what stands was told nothing.
test('people are told of what stands, by its name, and not of what was emptied', () => {
  const emptied = item('a', { text: '(deleted)' }, { emptied: true })
  const stands = item('b', { text: 'said' })
  assert.deepEqual(nameOf(subjectOf(pair, linkOf({ text: 'said' }), emptied, stands)), { side: 'b', ref: stands.ref })
})
