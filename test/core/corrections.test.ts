/** What is told of a counterpart, and when it is true no more. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Surroundings } from '../../src/core/create.ts'
import type { Pair } from '../../src/core/flow.ts'
import { decide } from '../../src/core/plan.ts'
import { AROUND, flowOf, item, linkOf, pairOfFields, subjectOf } from './world.ts'

const plain = pairOfFields(['text'])
const parent = { field: 'thread', kind: 'thread' }
const pair: Pair = {
  ...plain,
  kinds: { a: { ...plain.kinds.a, parent }, b: { ...plain.kinds.b, parent } },
  onRefused: { a: 'reply', b: 'reply' },
  words: {
    lens: 'text',
    field: { a: 'text', b: 'text' },
    opening: () => 'about it: ',
    rest: () => 'it reads otherwise',
  },
}

// Seen red: while what it is about waited for its parent, it went on telling of a copy that was deleted.
test('a correction goes once the copy of which it tells is gone, and its item stays for a parent that gets none again', () => {
  const own = item('a', { text: 'edited' }, { parent: 't1' })
  const reply = item('a', { text: 'about it: it reads otherwise' }, { ref: 'a2', parent: 't1' })
  const parted = subjectOf(
    pair,
    linkOf({ text: 'said' }, 'gone'),
    own,
    item('b', { text: 'said' }, { state: 'deleted' }),
  )
  const told = { link: { ...linkOf({ text: 'about it: it reads otherwise' }), id: 2, about: own.ref }, item: reply }
  const around: Surroundings = { ...AROUND, resolve: () => null, isKept: () => true }
  const { writes, waits, gaps } = decide(flowOf(pair), { ...parted, corrections: { a: told, b: null } }, around)
  assert.deepEqual(
    writes.map(({ write }) => [write.do, write.side, write.do === 'create' ? null : write.ref]),
    [['delete', 'a', 'a2']],
  )
  assert.equal(waits?.for, 'parent')
  assert.equal(gaps.length, 1)
})
