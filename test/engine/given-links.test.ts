import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adoptGiven } from '../../src/engine/adopting.ts'
import type { Sorts } from './table.ts'
import { tablesOf } from './tables.ts'

const CARDS: Sorts = { card: { fields: { name: { type: 'text' }, text: { type: 'text' } } } }

// Seen red: when all that was given was looked at before any of it was linked, one card had two counterparts.
test('an item that a person gave two counterparts has the first of them, and the second is told', async () => {
  const tables = await tablesOf({ a: CARDS, b: CARDS })
  const near = tables.a.add('card', { name: 'plan', text: 'of a' })
  const far = ['first', 'second'].map((name) => tables.b.add('card', { name, text: name }))
  await tables.sync()
  await tables.store.giveLinks({ links: far.map((b) => ({ flow: 'team', pair: 'card', a: near, b })) })
  const [model] = tables.engine.world.model.flows
  assert.ok(model)
  assert.deepEqual(
    (await adoptGiven(tables.engine.world, model)).map(({ b, linked }) => [b, linked]),
    [[far[1], 'elsewhere']],
  )
  await tables.approve()
  await tables.sync()
  tables.a.set('card', near, { text: 'edited' })
  await tables.run(600_000)
  assert.deepEqual(
    far.map((ref) => tables.b.get('card', ref).values['text']),
    ['edited', 'second'],
  )
  const copies = tables.a.living('card').filter(({ values }) => values['name'] === 'second')
  assert.deepEqual(
    copies.map(({ values }) => values['text']),
    ['second'],
  )
})
