import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Foreseen } from '../../src/engine/forecast.ts'
import { estimate } from '../../src/engine/estimate.ts'
import { carry } from '../../src/engine/carry.ts'
import { preview, type PreviewLine } from '../../src/engine/preview.ts'
import type { Asked, Sort } from './table.ts'
import { tablesOf, type Tables } from './tables.ts'

const ROW: Sort = {
  fields: { title: { type: 'text', required: true } },
  compares: { update: 'system', delete: 'system' },
}
const TEN: Sort = { ...ROW, most: 10 }

async function rows(sort: Sort, count: number): Promise<Tables> {
  const tables = await tablesOf({ a: { row: ROW }, b: { row: sort } })
  for (let n = 1; n <= count; n += 1) tables.a.add('row', { title: `row ${n}` })
  return tables
}

function writes({ asked }: Tables, what: Asked['do']): number[] {
  return asked.filter((each) => each.side === 'b' && each.do === what).map(({ values }) => values.length)
}

async function foretold({ engine }: Tables): Promise<number> {
  const calls: Foreseen[] = []
  for (const model of engine.world.model.flows)
    for await (const each of preview(engine.world, model)) calls.push(...each.calls)
  return estimate(engine.world, calls).calls
}

// Seen red: when a call goes as soon as there is one write; when only whole calls go; when each write counts as a call.
test('batches: a thousand new rows are made by a hundred calls of ten, as the plan foretold', async () => {
  const tables = await rows(TEN, 1000)
  await tables.sync()
  const calls = await foretold(tables)
  await tables.approve()
  await tables.sync()
  assert.equal(tables.b.living('row').length, 1000)
  assert.equal(calls, 100)
  assert.deepEqual(writes(tables, 'create'), Array(100).fill(10))
})

test('batches: a kind without them is written item by item, and a last call may be small', async () => {
  const single = await rows(ROW, 12)
  const some = await rows(TEN, 12)
  for (const tables of [single, some]) {
    await tables.approve()
    await tables.sync()
    assert.equal(tables.b.living('row').length, 12)
  }
  assert.deepEqual(writes(single, 'create'), Array(12).fill(1))
  assert.deepEqual(writes(some, 'create'), [10, 2])
})

test('batches: changes and deletes of many go together too, and each of them has its own entry in the journal', async () => {
  const tables = await rows(TEN, 40)
  await tables.approve()
  await tables.sync()
  for (const { ref } of tables.a.living('row').slice(0, 20)) tables.a.set('row', ref, { title: `changed ${ref}` })
  for (const { ref } of tables.a.living('row').slice(-8)) tables.a.drop('row', ref)
  await tables.sync()
  assert.deepEqual(tables.b.all('row', 'title').sort(), tables.a.all('row', 'title').sort())
  assert.deepEqual(writes(tables, 'update'), [10, 10])
  assert.deepEqual(writes(tables, 'delete'), [8])
  const entries = await tables.store.journal({ limit: 100, after: 0 })
  assert.equal(entries.filter(({ action }) => action === 'update').length, 20)
})

// Seen red: when one refused answer fails the whole call.
test('batches: what is refused of one item holds that one alone', async () => {
  const tables = await rows(TEN, 10)
  tables.b.refuses = (_, { title }) => (title === 'row 7' ? 'rejected' : null)
  await tables.approve()
  await tables.sync()
  assert.equal(tables.b.living('row').length, 9)
  assert.deepEqual(writes(tables, 'create'), [10])
  const held = await tables.store.heldList({ flow: null })
  assert.deepEqual(
    held.map(({ name, reason }) => [name, reason]),
    [['row 7', 'rejected']],
  )
})

// Seen red: when all of them are held; when each goes alone after the first refusal.
test('batches: a system that refuses all because of one is asked again by halves until that one is found', async () => {
  const tables = await rows(TEN, 10)
  tables.b.fails = ({ do: what, values }) =>
    what === 'create' && values.some(({ title }) => title === 'row 7') ? { failure: 'rejected' } : null
  await tables.approve()
  await tables.sync()
  assert.equal(tables.b.living('row').length, 9)
  assert.deepEqual(writes(tables, 'create'), [10, 5, 5, 3, 2, 1, 1, 1, 2])
  assert.equal((await tables.store.heldList({ flow: null })).length, 1)
})

test('batches: a limit and a refused sign-in are everybody’s: nothing is held, and all are made later', async () => {
  for (const failure of ['limited', 'unauthorized', 'unavailable'] as const) {
    const tables = await rows(TEN, 10)
    let times = 0
    tables.b.fails = ({ do: what }) => (what === 'create' && (times += 1) === 1 ? { failure } : null)
    await tables.approve()
    await tables.run(10 * 60_000)
    assert.equal(tables.b.living('row').length, 10, failure)
    assert.deepEqual(await tables.store.heldList({ flow: null }), [], failure)
  }
})

// Seen red: when what was not answered is repeated without asking.
test('batches: without an answer each of them is asked about, and stands once', async () => {
  for (const finds of [true, false]) {
    const tables = await rows({ ...TEN, finds }, 25)
    let times = 0
    tables.b.fails = ({ do: what }) =>
      what === 'create' && (times += 1) === 2 ? { failure: 'unavailable', after: true } : null
    await tables.approve()
    await tables.run(10 * 60_000)
    assert.deepEqual(tables.b.all('row', 'title').sort(), tables.a.all('row', 'title').sort())
    assert.equal(writes(tables, 'create').length, 3)
    assert.equal(writes(tables, 'find').length, finds ? 10 : 0)
  }
})

// Seen red: when those in one call wait for one that is not written; when one look that fails is everybody's.
for (const { told, compares, at, failure, sent } of [
  { told: 'by the system in the call', compares: { update: 'system' }, at: 'update', failure: null, sent: [6] },
  { told: 'by a read before the call', compares: {}, at: 'get', failure: null, sent: [5] },
  { told: 'by a read again after waiting for a limit', compares: {}, at: 'update', failure: 'limited', sent: [6, 5] },
] as const)
  test(`batches: who was edited meanwhile is found ${told} and planned again, the others are written`, async () => {
    const tables = await rows({ ...ROW, most: 10, compares }, 6)
    await tables.approve()
    await tables.sync()
    const [first] = tables.b.living('row')
    for (const { ref } of tables.a.living('row')) tables.a.set('row', ref, { title: `from a ${ref}` })
    tables.b.fails = ({ do: what }) => {
      if (what !== at || first === undefined) return null
      tables.b.set('row', first.ref, { title: 'from b' })
      tables.b.fails = () => null
      return failure === null ? null : { failure }
    }
    await tables.run(3 * 60_000)
    assert.deepEqual(tables.b.all('row', 'title').sort(), tables.a.all('row', 'title').sort())
    assert.deepEqual(writes(tables, 'update').slice(0, sent.length), sent)
    assert.equal((await tables.store.conflicts({ all: true })).length, 1)
  })

// Seen red: when each chosen line makes its own call.
test('batches: the lines of a kept plan go together as well', async () => {
  const tables = await rows(TEN, 25)
  await tables.sync()
  const [model] = tables.engine.world.model.flows
  assert.ok(model)
  const lines: PreviewLine[] = []
  for await (const { line } of preview(tables.engine.world, model)) lines.push(line)
  const carried = carry(tables.engine.world, model, lines, new AbortController().signal)
  await tables.time.run(tables.time.now() + 60_000)
  assert.deepEqual([...new Set((await carried).map(({ why }) => why))], [null])
  assert.deepEqual(writes(tables, 'create'), [10, 10, 5])
})

// Seen red: when siblings share a call.
test('batches: siblings go one by one, the first of each parent in one call', async () => {
  const talk = { fields: { title: { type: 'text', required: true } } } as const
  const post = {
    fields: { talk: { type: 'ref', to: 'talk', required: true }, text: { type: 'text', required: true } },
    siblings: 'talk',
  } as const
  const tables = await tablesOf({
    a: { talk, post },
    b: { talk: { ...talk, most: 10 }, post: { ...post, most: 10 } },
  })
  for (let n = 1; n <= 5; n += 1) {
    const ref = tables.a.add('talk', { title: `talk ${n}` })
    for (let m = 1; m <= 3; m += 1) tables.a.add('post', { talk: ref, text: `${n}.${m}` })
  }
  await tables.sync()
  const calls = await foretold(tables)
  await tables.approve()
  await tables.sync()
  assert.deepEqual(writes(tables, 'create'), [5, 5, 5, 5])
  assert.equal(calls, 4)
  for (let n = 1; n <= 5; n += 1)
    assert.deepEqual(
      tables.b.all('post', 'text').filter((text) => String(text).startsWith(`${n}.`)),
      [`${n}.1`, `${n}.2`, `${n}.3`],
    )
})
