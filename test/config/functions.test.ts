/** Lenses and policies of a user's own: what they may do, and what is told of those that do something else. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json, Values } from '../../src/connector/values.ts'
import type { Lens, Resolver } from '../../src/core/flow.ts'
import { compiledFields, lensesOf } from '../mappings/kinds.ts'

const file = (found: unknown) => () => ({ default: found })
const told = (fields: unknown, load?: (path: string) => unknown) =>
  compiledFields(fields, load).findings.map(
    ({ code, path, message, remedy }) => `${code} ${path.slice(5).join('.')}: ${message} → ${remedy}`,
  )

const upper = {
  fields: { a: ['title'], b: ['summary'] },
  read: (side: string, values: Values) => String(values[side === 'a' ? 'title' : 'summary']).toUpperCase(),
  write: (side: string, value: Json) => ({ [side === 'a' ? 'title' : 'summary']: value }),
}

function lensOf(found: unknown, way?: string): Lens {
  const [lens] = lensesOf({ x: { lens: './x.ts', ...(way === undefined ? {} : { way }) } }, file(found))
  assert.ok(lens !== undefined)
  return lens
}

function policyOf(found: unknown): Resolver {
  const [lens] = lensesOf({ x: { a: 'title', b: 'summary', conflict: './x.ts' } }, file(found))
  assert.ok(typeof lens?.policy === 'object')
  return lens.policy
}

test('a file that cannot be loaded, or exports something else, is told with its place and a remedy', () => {
  const missing = () => {
    throw new Error("Cannot find module '/etc/x.ts'\nRequire stack: …")
  }
  for (const [field, place] of [
    [{ lens: './x.ts' }, 'x.lens'],
    [{ a: 'title', b: 'summary', conflict: './x.ts' }, 'x.conflict'],
  ] as const) {
    const [absent, ...rest] = told({ x: field }, missing)
    assert.match(
      absent ?? '',
      new RegExp(`^bad-lens ${place}: ./x.ts cannot be loaded: Cannot find module '/etc/x.ts' → name a file`),
    )
    assert.deepEqual(rest, [])
    assert.match(
      told({ x: field }, file(5))[0] ?? '',
      new RegExp(`^bad-lens ${place}: .*does not export.*export default`),
    )
  }
})

test('fields that a lens names have to be there, and nothing else is said beside it', () => {
  const wrong = { ...upper, fields: { a: ['titel'], b: ['summary'] } }
  assert.match(
    told({ x: { lens: './x.ts' } }, file(wrong))[0] ?? '',
    /^unknown-field x\.lens: .*titel.* → did you mean `title`/,
  )
  assert.match(told({ x: { lens: './x.ts', a: 'title' } }, file(upper))[0] ?? '', /^invalid x\.a: .*leave it out/)
  assert.match(told({ x: { lens: 'x.ts' } }, file(upper))[0] ?? '', /^invalid x\.lens: .*begin it with/)
  assert.match(
    told({ x: { a: 'title', b: 'summary', conflict: 'resolve' } })[0] ?? '',
    /^bad-policy x\.conflict: .*\.\/resolve\.ts/,
  )
})

test('what already says the same stays, also where the function would write it in another way', () => {
  const lens = lensOf(upper)
  assert.deepEqual(lens.write('b', 'RENT', { summary: 'Rent' }, null), { summary: 'Rent' })
  assert.deepEqual(lens.write('b', 'RENT', { summary: 'Food' }, null), { summary: 'RENT' })
})

test('what throws, answers no plain value or something else each time is unreadable, with the reason', () => {
  const why = (read: () => unknown) => lensOf({ ...upper, read }).unreadable?.('a', { title: 'x' }, null)?.why
  let calls = 0
  assert.equal(
    why(() => {
      throw new Error('no such thing')
    }),
    'cannot be read: no such thing',
  )
  assert.equal(
    why(() => () => 5),
    'cannot be read: it answers no plain value',
  )
  assert.equal(
    why(() => (calls += 1)),
    'it answers something else each time',
  )
  assert.equal(
    why(() => 'steady'),
    undefined,
  )
})

test('a lens sees and writes its own fields alone, and cannot change what it is given', () => {
  const seen: Values[] = []
  const lens = lensOf({
    ...upper,
    read(_side: string, values: Record<string, Json>) {
      seen.push({ ...values })
      values['title'] = 'changed'
      return 'x'
    },
    write: () => ({ summary: 'x', colour: 'red' }),
  })
  const held = { title: 'Rent', amount: '5' }
  lens.read('a', held, null)
  assert.deepEqual([held.title, seen[0]], ['Rent', { title: 'Rent' }])
  assert.deepEqual(lens.write('b', 'y', { summary: 'z', colour: 'blue' }, null), { summary: 'x' })
})

test('a write that throws or leaves out a field writes nothing of its own', () => {
  const lens = lensOf({
    ...upper,
    write: () => {
      throw new Error('no')
    },
  })
  assert.deepEqual(lens.write('b', 'y', { summary: 'z' }, null), { summary: 'z' })
})

test('a lens without fields on one side is derived there, and sees everything', () => {
  const lens = lensOf(
    { ...upper, fields: { a: [], b: ['summary'] }, read: (_: string, { amount }: Values) => amount ?? 'none' },
    'a->b',
  )
  assert.equal(lens.read('a', { title: 'x', amount: '5' }, null), '5')
})

test('a policy answers a side, a connection, a value or ask; anything else is a person’s task', () => {
  const settle = (found: unknown) => policyOf(found).settle({ base: null, a: 'x', b: 'y' })
  let calls = 0
  assert.deepEqual(
    settle(() => 'b'),
    { side: 'b' },
  )
  assert.deepEqual(
    settle(() => 'table'),
    { side: 'a' },
  )
  assert.deepEqual(
    settle(({ a, b }: { a: string; b: string }) => ({ value: a + b })),
    { value: 'xy' },
  )
  assert.deepEqual(
    settle(() => 'ask'),
    { ask: 'it leaves this to a person' },
  )
  assert.deepEqual(
    settle(() => 'c'),
    { ask: 'it answers "c", which is no side' },
  )
  assert.deepEqual(
    settle(() => null),
    { ask: 'it answers neither a side, nor { value }, nor ask' },
  )
  assert.deepEqual(
    settle(() => ({ value: (calls += 1) })),
    { ask: 'it answers something else each time' },
  )
  assert.deepEqual(
    settle(() => {
      throw new Error('oh')
    }),
    { ask: 'it failed: oh' },
  )
  assert.equal(policyOf(() => 'a').name, './x.ts')
})

// Seen red: without the look at each of the three.
test('half of an emoji, as is left where a text is cut, is one character in what a function answers', () => {
  const cut = (text: Json | undefined) => String(text).slice(0, 5)
  const lens = lensOf({ ...upper, read: (_: string, held: Values) => cut(held['title']) })
  assert.equal(lens.read('a', { title: 'cut 😀' }, null), 'cut \ufffd')
  const writing = lensOf({ ...upper, write: (_: string, value: Json) => ({ summary: cut(value) }) })
  assert.deepEqual(writing.write('b', 'cut 😀', null, null), { summary: 'cut \ufffd' })
  const settling = policyOf(({ a }: { readonly a: Json }) => ({ value: cut(a) }))
  assert.deepEqual(settling.settle({ base: 'x', a: 'cut 😀', b: 'y' }), { value: 'cut \ufffd' })
})
