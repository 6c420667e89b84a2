import assert from 'node:assert/strict'
import { test } from 'node:test'
import { predicateOf } from '../../src/config/filter.ts'
import type { OnLeave } from '../../src/core/flow.ts'
import type { Sorts } from './table.ts'
import { pairOf, SPACE } from './pair.ts'
import { tablesOf, type Tables } from './tables.ts'
import { done, messageWith, topicWith } from './views.ts'

const MINUTE = 60_000
const TITLE = { title: { type: 'text', required: true } } as const
/** Only a knows which tasks are put aside. */
const A = { task: { fields: { ...TITLE, aside: { type: 'boolean' } } } } as const satisfies Sorts
const B = { task: { fields: TITLE } } as const satisfies Sorts

interface Tasks extends Tables {
  /** Of a, and its copy. */
  readonly task: { readonly a: string; readonly b: string }
}

/** A task of a that stands in b too. Tasks that are put aside are left out, and at b those that say so. */
async function tasks(onLeave: OnLeave): Promise<Tasks> {
  const open = { a: predicateOf({ aside: { not: true } }), b: predicateOf({ title: { not: 'aside' } }) }
  const rules = {
    onLeave: { a: onLeave, b: onLeave },
    where: (side: 'a' | 'b', values: object) => open[side]({ ...values }),
  }
  const tables = await tablesOf({ a: A, b: B, rules })
  const a = tables.a.add('task', { title: 'Call Ann', aside: false })
  tables.a.add('task', { title: 'Call nobody', aside: true })
  await tables.approve()
  await tables.sync()
  assert.deepEqual(tables.b.all('task', 'title'), ['Call Ann'])
  return { ...tables, task: { a, b: tables.b.living('task')[0]?.ref ?? '' } }
}

// Seen red: when a linked item is followed whatever it says.
test('what leaves the filter is kept as it was, and what was changed meanwhile travels once it is back', async () => {
  const { a, b, task, ...tables } = await tasks('keep')
  a.set('task', task.a, { aside: true, title: 'Call Ann never' })
  await tables.sync()
  b.set('task', task.b, { title: 'Call Ann soon' })
  await tables.sync()
  assert.deepEqual(b.all('task', 'title'), ['Call Ann soon'])
  assert.deepEqual(a.all('task', 'title'), ['Call Ann never', 'Call nobody'])
  a.set('task', task.a, { aside: false, title: 'Call Ann' })
  await tables.sync()
  assert.deepEqual(a.all('task', 'title'), ['Call Ann soon', 'Call nobody'])
  assert.deepEqual(b.all('task', 'title'), ['Call Ann soon'])
})

test('what leaves the filter is deleted there where the configuration says so, and is made again once it is back', async () => {
  const { a, b, task, ...tables } = await tasks('delete')
  a.set('task', task.a, { aside: true })
  await tables.sync()
  assert.deepEqual(b.all('task', 'title'), [])
  assert.equal(a.living('task').length, 2)
  a.set('task', task.a, { aside: false, title: 'Call Ann again' })
  await tables.run(5 * MINUTE)
  assert.deepEqual(b.all('task', 'title'), ['Call Ann again'])
})

test('what was edited where its counterpart left the filter is not deleted with that', async () => {
  const { a, b, task, ...tables } = await tasks('delete')
  a.set('task', task.a, { aside: true })
  b.set('task', task.b, { title: 'Call Ann at once' })
  await tables.sync()
  assert.deepEqual(b.all('task', 'title'), ['Call Ann at once'])
})

test('a delete of what left the filter waits for a person where the configuration says so', async () => {
  const { a, b, task, ...tables } = await tasks('hold')
  a.set('task', task.a, { aside: true })
  await tables.sync()
  assert.equal((await tables.store.heldList({ flow: 'team' })).length, 1)
  a.set('task', task.a, { aside: false })
  await tables.sync()
  assert.equal((await tables.store.heldList({ flow: 'team' })).length, 0)
  assert.deepEqual(b.all('task', 'title'), ['Call Ann'])
})

// Seen red: when a copy is measured by the filter of the side where it stands.
test('a copy belongs to the flow whatever the filter of its own side says', async () => {
  const { a, b, task, ...tables } = await tasks('keep')
  a.set('task', task.a, { title: 'aside' })
  await tables.sync()
  assert.deepEqual(b.all('task', 'title'), ['aside'])
  a.set('task', task.a, { title: 'Call Ann after all' })
  await tables.sync()
  assert.deepEqual(b.all('task', 'title'), ['Call Ann after all'])
})

// Seen red: while an answer that is out of the flow counted as one that makes its thread again, nothing told why that was
// not made.
test('a thread whose only answer left the filter is not made again where it was deleted, and that is told', async () => {
  const rules = { where: { chat: { text: { not: 'aside' } } }, on_leave: { chat: 'hold' } }
  const pair = await pairOf({ webhooks: true, flow: { kinds: { 'message-post': rules } } })
  const raw = 'a question of Cyd, long enough'
  done(pair.discourse.as('cyd').topic({ title: 'Something of the forum', raw, category: 2 }))
  await pair.sync()
  const { thread } = pair.chat.as('101').messages(SPACE)[0] ?? {}
  pair.chat.as('101').post(SPACE, 'an answer of Ann', { thread: thread?.name ?? '' })
  await pair.run(5 * MINUTE)
  pair.chat.as('101').edit(messageWith(pair, 'an answer of Ann'), 'aside')
  await pair.run(5 * MINUTE)
  done(pair.discourse.as('mod').removeTopic(topicWith(pair, 'a question of Cyd')))
  await pair.run(30 * MINUTE)
  const told = await pair.store.divergences(undefined)
  assert.deepEqual(
    told.map(({ pair: of }) => of),
    ['thread-topic'],
  )
})

// Seen red: when what was parted from its copy does not count as having come before.
test('what the filter lets in after a later sibling is told to be late, also where only the copy of that one stands', async () => {
  const list = { fields: TITLE } as const
  const step = { fields: { ...TITLE, list: { type: 'ref', to: 'list', required: true } }, siblings: 'list' } as const
  const rules = { where: (_: 'a' | 'b', values: object) => !('title' in values && values.title === 'aside') }
  const { a, b, store, ...tables } = await tablesOf({ a: { list, step }, b: { list, step }, rules })
  const shop = a.add('list', { title: 'Shop' })
  const early = a.add('step', { title: 'aside', list: shop })
  await tables.approve()
  await tables.run(2 * MINUTE)
  const later = a.add('step', { title: 'Pay', list: shop })
  await tables.run(2 * MINUTE)
  a.drop('step', later)
  b.set('step', b.living('step')[0]?.ref ?? '', { title: 'aside' })
  await tables.run(5 * MINUTE)
  a.set('step', early, { title: 'Look' })
  await tables.run(5 * MINUTE)
  assert.deepEqual(b.all('step', 'title'), ['aside', 'Look'])
  const made = (await store.journal({ limit: 100, after: 0 })).filter(({ refs }) => refs.a === early)
  assert.deepEqual(
    made.map(({ action, why }) => `${action} ${why}`),
    ['create late: a later sibling arrived before it'],
  )
})
