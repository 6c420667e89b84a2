/** Values by rule, constants, and what people choose beside them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../property.ts'
import type { Values } from '../../src/connector/values.ts'
import { constant, ruled, ruledOrChosen } from '../../src/mappings/index.ts'
import { obeys } from './laws.ts'

const rules = [
  { when: ({ amount }: Values) => String(amount).startsWith('-'), value: 'red' },
  { when: ({ category }: Values) => category === 'home', value: 'blue' },
]
const row = fc.record({
  amount: fc.constantFrom('-1', '1'),
  category: fc.constantFrom('home', 'work'),
  own: fc.constantFrom(null, 'red', 'pink'),
})
const event = fc.record({ colour: fc.constantFrom(null, 'red', 'blue', 'pink') })
const both = { a: row, b: event }
const base = { id: 'x', side: 'b', field: 'colour', rules } as const

obeys({
  name: 'rules that write over',
  lens: ruled({ ...base, others: 'replace', way: 'a→b' }),
  any: both,
  good: both,
})
obeys({
  name: 'rules with a choice',
  lens: ruledOrChosen({ ...base, chosen: 'own' }),
  any: both,
  // That there is to be no colour where a rule gives one cannot be said.
  good: { a: row, b: event.filter(({ colour }) => colour !== null) },
})
obeys({
  name: 'a constant',
  lens: constant({ id: 'x', side: 'b', field: 'colour', value: 'grey', way: 'a→b' }),
  any: both,
  good: both,
})

test('the first rule that holds says the value, and none says none', () => {
  const lens = ruled({ ...base, others: 'keep', way: 'a→b' })
  const shown = (values: Values) => lens.write('b', lens.read('a', values, null), null, null)
  assert.deepEqual(shown({ amount: '-5', category: 'home' }), { colour: 'red' })
  assert.deepEqual(shown({ amount: '5', category: 'home' }), { colour: 'blue' })
  assert.deepEqual(shown({ amount: '5', category: 'work' }), { colour: null })
})

test('a colour that no rule gives is a person’s, and is kept where it is to be kept', () => {
  const lens = ruled({ ...base, others: 'keep', way: 'a→b' })
  assert.equal(lens.unreadable?.('b', { colour: 'pink' }, null)?.wanted, true)
  for (const colour of ['red', 'blue', null]) assert.equal(lens.unreadable?.('b', { colour }, null), null)
  assert.equal(ruled({ ...base, others: 'replace', way: 'a→b' }).unreadable?.('b', { colour: 'pink' }, null), null)
})

test('what a person chose travels back, and goes again once it is what the rules say', () => {
  const lens = ruledOrChosen({ ...base, chosen: 'own' })
  const back = (colour: string, old: Values) => lens.write('a', lens.read('b', { colour }, null), old, null)
  assert.deepEqual(back('pink', { amount: '-5', own: null }), { own: 'pink' })
  assert.deepEqual(back('red', { amount: '-5', own: 'pink' }), { own: null })
  assert.equal(lens.read('a', { amount: '-5', own: 'pink' }, null), 'pink')
})
