import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Flow } from '../../src/core/flow.ts'
import type { Intent } from '../../src/core/state.ts'
import type { Sort } from './table.ts'
import { tablesOf, type Tables } from './tables.ts'

const ROW: Sort = { fields: { title: { type: 'text', required: true } } }
const MINUTES = 60_000

/**
 * Two tables after a create without an answer, of which the other one shows nothing at all; `made`: it took effect; `soon`:
 * done before anybody is asked.
 */
async function unanswered(made: boolean, soon: (tables: Tables) => void = () => undefined): Promise<Tables> {
  const tables = await tablesOf({ a: { row: ROW }, b: { row: ROW }, shelves: 2 })
  await tables.approve()
  await tables.sync()
  tables.a.add('row', { title: 'one' })
  tables.b.blind = true
  tables.b.fails = ({ do: what }) => {
    if (what !== 'create') return null
    tables.b.fails = () => null
    tables.b.expires = true
    return { failure: 'unavailable', ...(made ? { after: true as const } : {}) }
  }
  await tables.run(15_000)
  assert.deepEqual(await held(tables), [])
  soon(tables)
  await tables.run(10 * MINUTES)
  return tables
}

async function held({ store }: Tables): Promise<readonly string[]> {
  return (await store.heldList({ flow: null })).map(({ reason, ref }) => `${reason} ${ref}`)
}

// Seen red: when the write is no longer asked about once a person is: it stays held, and what comes to light is somebody's own.
test('unanswered: what a system shows long after it showed nothing is what was made, whatever became of its source', async () => {
  for (const gone of [false, true]) {
    const tables = await unanswered(true)
    const [source] = tables.a.living('row')
    assert.deepEqual(await held(tables), [`ambiguous ${source?.ref ?? ''}`])
    assert.equal(tables.events.filter(({ is }) => is === 'held').length, 1)
    if (gone) tables.a.drop('row', source?.ref ?? '')
    await tables.run(5 * MINUTES)
    tables.b.blind = false
    await tables.run(8 * 60 * MINUTES)
    assert.deepEqual(await held(tables), [])
    assert.deepEqual(tables.a.all('row', 'title'), gone ? [] : ['one'])
    assert.deepEqual(tables.b.all('row', 'title'), gone ? [] : ['one'])
  }
})

// Seen red: when a listing wakes nobody: the question stays until it is its turn, minutes later.
test('unanswered: what a system shows after it showed nothing answers the question once its scope was read whole', async () => {
  for (const made of [true, false]) {
    const tables = await unanswered(made)
    await tables.run(60 * MINUTES)
    assert.equal((await held(tables)).length, 1)
    tables.b.add('row', { title: 'two' })
    tables.b.blind = false
    await tables.store.wantListing({ connection: 'b', feed: 'all', scope: 'shelf-1' })
    await tables.run(2000)
    assert.deepEqual(await held(tables), [])
    assert.deepEqual(tables.b.all('row', 'title').toSorted(), ['one', 'two'])
  }
})

// Seen red: when the decision leaves the question open, nothing is made.
test('unanswered: where a person says that nothing was made it is made', async () => {
  const tables = await unanswered(false)
  const { ids, ranks } = { ids: 'all', ranks: { 'team row': 2 } } as const
  await tables.store.decideHeld({ ids, decision: 'retry', ranks, now: tables.time.now() })
  await tables.run(MINUTES)
  tables.b.blind = false
  await tables.run(MINUTES)
  assert.deepEqual(await held(tables), [])
  assert.deepEqual(tables.b.all('row', 'title'), ['one'])
})

// Seen red: when everything by the engine's own account waits, wherever it stands.
test('unanswered: meanwhile what the same account makes in other containers travels', async () => {
  const tables = await unanswered(true)
  tables.b.add('row', { title: 'two' }, 'bot', undefined, 'shelf-2')
  await tables.run(5 * MINUTES)
  assert.equal((await held(tables)).length, 1)
  assert.deepEqual(tables.a.all('row', 'title'), ['one', 'two'])
})

// Seen red: when nobody wakes what waited for the answer before a person was asked: it waits until they say something.
test('unanswered: what the same account made in other containers before a person was asked travels once they are', async () => {
  const tables = await unanswered(true, ({ b }) => b.add('row', { title: 'two' }, 'bot', undefined, 'shelf-2'))
  await tables.run(MINUTES)
  assert.equal((await held(tables)).length, 1)
  assert.deepEqual(tables.a.all('row', 'title'), ['one', 'two'])
})

// Seen red: when only what stands where it was to be made may be it, it is made a second time, and the first is copied back;
// and when what moved before anybody saw it is not looked for.
test('unanswered: what was moved before it was asked about is known, and takes what it is a copy of along', async () => {
  for (const seen of [true, false]) {
    const tables = await tablesOf({ a: { row: ROW }, b: { row: ROW }, shelves: 2 })
    await tables.approve()
    await tables.sync()
    tables.a.add('row', { title: 'one' })
    tables.b.fails = ({ do: what }) => (what === 'create' ? { failure: 'unavailable', after: true } : null)
    await tables.run(10_000)
    tables.b.fails = () => null
    if (seen) await tables.run(5000)
    tables.b.move('row', tables.b.living('row')[0]?.ref ?? '', 'shelf-2')
    await tables.run(10 * MINUTES)
    const standing = [tables.a, tables.b].map((table) => table.living('row').map(({ scope }) => scope))
    assert.deepEqual(standing, [['shelf-2'], ['shelf-2']])
  }
})

// Seen red: when only what is as it was written may be it where that moved: it is made a second time.
test('unanswered: what was edited and then moved before it was asked about is what a person is asked about', async () => {
  const tables = await tablesOf({ a: { row: ROW }, b: { row: ROW }, shelves: 2 })
  await tables.approve()
  await tables.sync()
  tables.a.add('row', { title: 'one' })
  tables.b.fails = ({ do: what }) => (what === 'create' ? { failure: 'unavailable', after: true } : null)
  await tables.run(10_000)
  tables.b.fails = () => null
  const made = tables.b.living('row')[0]?.ref ?? ''
  tables.b.set('row', made, { title: 'two' })
  await tables.run(5000)
  tables.b.move('row', made, 'shelf-2')
  await tables.run(20 * MINUTES)
  assert.deepEqual(tables.b.all('row', 'title'), ['two'])
  assert.deepEqual(tables.a.all('row', 'title'), ['one'])
  const [source] = tables.a.living('row')
  assert.deepEqual((await held(tables)).toSorted(), [`ambiguous ${source?.ref ?? ''}`, `ambiguous ${made}`].toSorted())
})

// Seen red: when what was made in a container that cannot be reached counts as not made: it is made a second time.
test('unanswered: what was made in a container that is out of reach since is found when that is back', async () => {
  const tables = await tablesOf({ a: { row: ROW }, b: { row: ROW } })
  await tables.approve()
  await tables.sync()
  const source = tables.a.add('row', { title: 'one' })
  tables.b.fails = ({ do: what }) => (what === 'create' ? { failure: 'unavailable', after: true } : null)
  await tables.run(10_000)
  tables.b.fails = () => null
  const shelf = tables.b.get('shelf', 'shelf-1')
  tables.b.drop('shelf', shelf.ref)
  tables.a.set('row', source, { title: 'two' })
  await tables.run(10 * MINUTES)
  assert.deepEqual(await held(tables), [`ambiguous ${source}`])
  tables.b.rows.set('shelf shelf-1', { kind: 'shelf', gone: false, item: shelf })
  await tables.run(60 * MINUTES)
  assert.deepEqual(await held(tables), [])
  assert.deepEqual([tables.a.all('row', 'title'), tables.b.all('row', 'title')], [['two'], ['two']])
})

// Seen red: when the feed is not read before its create counts as nothing done: it is made a second time.
test('unanswered: what no search shows, and the feed is still to tell, is what was made', async () => {
  const tables = await tablesOf({ a: { row: ROW }, b: { row: { ...ROW, finds: true } } })
  await tables.approve()
  await tables.sync()
  tables.a.add('row', { title: 'one' })
  tables.b.behind = 1
  let sentAt: number | null = null
  tables.b.fails = ({ do: what }) => {
    if (what === 'create' && sentAt === null) {
      sentAt = tables.time.now()
      return { failure: 'unavailable', after: true }
    }
    if (what !== 'find' || sentAt === null) return null
    if (tables.time.now() >= sentAt + 30_000) tables.b.behind = 0
    return { failure: 'missing' }
  }
  await tables.run(10 * MINUTES)
  assert.deepEqual(tables.b.all('row', 'title'), ['one'])
  assert.deepEqual(tables.a.all('row', 'title'), ['one'])
})

// Seen red: when what is deleted cannot be what was made: it is made a second time.
test('unanswered: what somebody deletes before it is asked about is what was made, and its source goes as well', async () => {
  for (const finds of [false, true]) {
    const tables = await tablesOf({ a: { row: ROW }, b: { row: { ...ROW, ...(finds ? { finds } : {}) } } })
    await tables.approve()
    await tables.sync()
    const edited = tables.a.add('row', { title: 'one' })
    tables.a.add('row', { title: 'two' })
    tables.b.fails = ({ do: what }) => (what === 'create' ? { failure: 'unavailable', after: true } : null)
    await tables.run(10_000)
    tables.b.fails = () => null
    await tables.run(5000)
    for (const { ref } of tables.b.living('row')) tables.b.drop('row', ref)
    tables.a.set('row', edited, { title: 'three' })
    await tables.run(20 * MINUTES)
    assert.deepEqual([tables.a.all('row', 'title'), tables.b.all('row', 'title')], [['three'], ['three']])
    assert.deepEqual(await held(tables), [])
  }
})

type Changed = (flow: Flow) => Flow

/** Rows that are taken out of the configuration, or joined as notes from then on. */
const WITHOUT: readonly Changed[] = [
  (flow) => ({ ...flow, pairs: flow.pairs.filter(({ id }) => id !== 'row') }),
  (flow) => ({ ...flow, pairs: flow.pairs.flatMap((pair) => (pair.id === 'note' ? [{ ...pair, id: 'row' }] : [])) }),
]

// Seen red: when what the configuration has no more counts as answered, it is asked about for ever, in no time; when a write to
// it is looked for all the same, the engine dies at every start.
test('unanswered: what the configuration has no more waits for a person, and is found once it has that again', async () => {
  for (const what of ['create', 'update', 'delete'] as const)
    for (const change of WITHOUT) {
      const tables = await tablesOf({ a: { row: ROW, note: ROW }, b: { row: ROW, note: ROW } })
      await tables.approve()
      const source = tables.a.add('row', { title: 'one' })
      if (what !== 'create') await tables.sync()
      if (what === 'update') tables.a.set('row', source, { title: 'two' })
      if (what === 'delete') tables.a.drop('row', source)
      let isSent = false
      tables.b.fails = ({ do: asked }) => {
        isSent ||= asked === what
        return isSent ? { failure: 'unavailable', after: true } : null
      }
      await tables.run(5000)
      tables.b.fails = () => null
      await tables.restart(change)
      await tables.run(60 * MINUTES)
      assert.deepEqual(await held(tables), [`ambiguous ${source}`], what)
      assert.equal(tables.events.filter(({ is }) => is === 'held').length, 1)
      await tables.restart()
      await tables.run(60 * MINUTES)
      assert.deepEqual(await held(tables), [])
      const expected = { create: ['one'], update: ['two'], delete: [] }[what]
      assert.deepEqual([tables.a.all('row', 'title'), tables.b.all('row', 'title')], [expected, expected])
      assert.equal(tables.asked.filter(({ do: asked }) => asked === what).length, 1)
    }
})

// Seen red: when a plan that cannot be read counts as answered, it is asked about for ever, in no time.
test('unanswered: a create whose plan cannot be read waits for a person, who says to try it again', async () => {
  const tables = await tablesOf({ a: { row: ROW }, b: { row: ROW } })
  await tables.approve()
  await tables.sync()
  const source = tables.a.add('row', { title: 'one' })
  await tables.store.begin({
    intent: { ...openCreate(tables, source), plan: { do: 'create', of: 'another version' } },
    seen: [],
    update: null,
    disagreements: [],
    whilePaused: false,
    now: tables.time.now(),
  })
  await tables.restart()
  await tables.run(60 * MINUTES)
  assert.deepEqual([await held(tables), tables.b.all('row', 'title')], [[`ambiguous ${source}`], []])
  await tables.store.decideHeld({ ids: 'all', decision: 'retry', ranks: { 'team row': 2 }, now: tables.time.now() })
  await tables.run(MINUTES)
  assert.deepEqual([await held(tables), tables.b.all('row', 'title')], [[], ['one']])
})

/** As the process before left it. */
function openCreate({ engine, time }: Tables, sourceRef: string): Intent {
  const { process } = engine.world
  const at = { sentAt: time.now(), turnAt: time.now(), askAt: 0, attempts: 0, process, state: 'sent' } as const
  const where = { flow: 'team', pair: 'row', side: 'b', connection: 'b', kind: 'row', scope: 'shelf-1' } as const
  const what = { action: 'create', ref: null, headKind: null, parent: null, link: null, about: null } as const
  return { key: 'an-open-create', ...where, ...what, sourceRef, plan: null, fingerprint: '', actor: 'bot', ...at }
}

// Seen red: when only links tell that a flow was at work: its start is not refused, and nobody asks about the write.
test('unanswered: a flow whose only trace is an open write is missed at the start', async () => {
  const tables = await tablesOf({ a: { row: ROW }, b: { row: ROW } })
  const { store, time } = tables
  const intent = openCreate(tables, 'row-1')
  const begun = { intent, seen: [], update: null, disagreements: [], whilePaused: false, now: time.now() }
  await store.begin(begun)
  const start = () => store.start({ now: time.now(), flows: [], connections: [] })
  assert.deepEqual((await start()).missing, ['team'])
  await store.forgetFlow({ flow: 'team' })
  assert.deepEqual((await start()).missing, [])
})
