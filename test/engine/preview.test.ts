import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Engine } from '../../src/engine/engine.ts'
import { preview } from '../../src/engine/preview.ts'
import { pairOf, SPACE } from './pair.ts'
import type { Sorts } from './table.ts'
import { tablesOf } from './tables.ts'

/** How many lines of each sort the plan has. */
async function lines({ world }: Engine): Promise<{ [sort: string]: number }> {
  const counted: { [sort: string]: number } = {}
  for (const model of world.model.flows)
    for await (const { line } of preview(world, model)) {
      const sort = `${line.do} ${line.kind}`
      counted[sort] = (counted[sort] ?? 0) + 1
    }
  return counted
}

// Seen red: when a first message was told by itself wherever its thread stood in an earlier portion, there were 102 posts.
test('a long plan tells of each thread once, with its first message', async () => {
  const pair = await pairOf({ approve: false })
  for (let at = 0; at < 300; at += 1) pair.chat.as('101').post(SPACE, `question ${at} of Ann`)
  await pair.sync()
  await pair.time.run(pair.time.now() + 120_000)
  assert.deepEqual(await lines(pair.engine), { 'create topic': 300 })
})

const CARDS: Sorts = { card: { fields: { text: { type: 'text' } } } }

// Seen red: when the two sides of one item were told in two portions, there were 400 updates.
test('a long plan tells once of what was edited on both sides', async () => {
  const tables = await tablesOf({ a: CARDS, b: CARDS })
  await tables.approve()
  for (let at = 0; at < 300; at += 1) tables.a.add('card', { text: `card ${at}` })
  await tables.sync()
  await tables.store.pauseFlow({ flow: 'team', scopes: null, why: 'a person looks', now: tables.time.now() })
  for (const table of [tables.a, tables.b])
    for (const { ref } of table.living('card')) table.set('card', ref, { text: `edited in ${table.side}` })
  await tables.run(600_000)
  assert.deepEqual(await lines(tables.engine), { 'update card': 300 })
})

// Seen red: when a portion of nothing but what the configuration has no more ended the plan, it said "Nothing to do".
test('a plan goes on behind what is due of a pair of kinds that is gone', async () => {
  const both: Sorts = { memo: { fields: { text: { type: 'text' } } }, ...CARDS }
  const tables = await tablesOf({ a: both, b: both })
  for (let at = 0; at < 600; at += 1) tables.a.add('memo', { text: `memo ${at}` })
  tables.a.add('card', { text: 'the card' })
  await tables.sync()
  await tables.restart((flow) => ({ ...flow, pairs: flow.pairs.filter(({ id }) => id !== 'memo') }))
  assert.deepEqual(await lines(tables.engine), { 'create card': 1 })
})
