import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filesIn, type FileValue } from '../../src/connector/index.ts'
import { preview } from '../../src/engine/preview.ts'
import { shown } from './table-files.ts'
import type { Asked, Sort } from './table.ts'
import { tablesOf, type Tables, type TablesOptions } from './tables.ts'

const NOTE: Sort = {
  fields: { title: { type: 'text', required: true }, files: { type: 'file', many: 'set' } },
  match: ['title'],
  finds: true,
}

async function notes(options: Partial<TablesOptions> = {}): Promise<Tables> {
  const tables = await tablesOf({ a: { note: NOTE }, b: { note: NOTE }, files: { a: {}, b: {} }, ...options })
  await tables.approve()
  return tables
}

function counted({ asked }: Tables, what: Asked['do']): number {
  return asked.filter((each) => each.do === what).length
}

function filesAt(tables: Tables, side: 'a' | 'b'): FileValue[] {
  return tables[side].living('note').flatMap(({ values }) => filesIn(values['files']))
}

async function orphans({ store }: Tables): Promise<number> {
  const { connections } = await store.status(undefined)
  return connections.reduce((sum, each) => sum + each.orphans, 0)
}

async function gaps({ store }: Tables): Promise<string[]> {
  return (await store.divergences(undefined)).map(({ side, why }) => `${side}: ${why}`)
}

test('files: a new item comes with its files, and only what is new of them is sent when it changes', async () => {
  const tables = await notes()
  const { a, b } = tables
  const one = a.files.add('one.txt', 'first')
  const ref = a.add('note', { title: 'with two', files: [one, a.files.add('two.txt', 'second')] })
  await tables.sync()
  assert.deepEqual(shown(b, 'note'), [['one.txt: first', 'two.txt: second']])
  assert.equal(counted(tables, 'upload'), 2)
  a.set('note', ref, { title: 'with two, still' })
  await tables.sync()
  assert.deepEqual(b.all('note', 'title'), ['with two, still'])
  assert.equal(counted(tables, 'upload'), 2)
  a.set('note', ref, { files: [one, a.files.add('three.txt', 'third')] })
  await tables.sync()
  assert.deepEqual(shown(b, 'note'), [['one.txt: first', 'three.txt: third']])
  assert.equal(counted(tables, 'upload'), 3)
  const [there] = b.living('note')
  b.set('note', there?.ref ?? '', { files: [...filesAt(tables, 'b'), b.files.add('four.txt', 'of the other side')] })
  await tables.sync()
  assert.deepEqual(shown(a, 'note'), [['one.txt: first', 'three.txt: third', 'four.txt: of the other side']])
  b.set('note', there?.ref ?? '', { files: null })
  await tables.sync()
  assert.deepEqual(shown(a, 'note'), [[]])
  assert.equal(tables.blobs.kept.size, 0)
  assert.equal(await orphans(tables), 0)
})

test('files: a file that is replaced by another of the same name and size is sent, where nothing but its ref tells', async () => {
  const tables = await notes({ files: { a: { tells: [] }, b: { tells: [] } } })
  const { a, b } = tables
  const ref = a.add('note', { title: 'one', files: [a.files.add('list.txt', 'old')] })
  await tables.sync()
  a.set('note', ref, { files: [a.files.add('list.txt', 'new')] })
  await tables.sync()
  assert.deepEqual(shown(b, 'note'), [['list.txt: new']])
})

test('files: what stands on both sides already is one file where its name and size, or its digest, are the same', async () => {
  const tables = await notes({ files: { a: { tells: ['size', 'digest'] }, b: { tells: ['digest'] } } })
  const { a, b } = tables
  a.add('note', { title: 'both', files: [a.files.add('one.txt', 'same'), a.files.add('two.txt', 'other')] })
  b.add('note', { title: 'both', files: [b.files.add('other name.txt', 'other'), b.files.add('one.txt', 'same')] })
  await tables.sync()
  assert.equal(counted(tables, 'upload'), 0)
  assert.equal(counted(tables, 'create') + counted(tables, 'update'), 0)
  assert.equal((await tables.store.conflicts({ all: true })).length, 0)
})

test('files: both sides change them at once: the policy settles it, and the side that lost is listed by name', async () => {
  const tables = await notes({ policy: 'b' })
  const { a, b } = tables
  const ref = a.add('note', { title: 'one' })
  await tables.sync()
  a.set('note', ref, { files: [a.files.add('of a.txt', 'a')] })
  b.set('note', b.living('note')[0]?.ref ?? '', { files: [b.files.add('of b.txt', 'b')] })
  await tables.sync()
  assert.deepEqual([shown(a, 'note'), shown(b, 'note')], [[['of b.txt: b']], [['of b.txt: b']]])
  const [conflict] = await tables.store.conflicts({ all: true })
  assert.match(JSON.stringify(conflict?.values.a), /of a\.txt/)
})

test('files: what was sent before the write failed is used by the next try', async () => {
  const tables = await notes()
  const { a, b } = tables
  a.add('note', { title: 'one', files: [a.files.add('one.txt', 'first')] })
  let left = 2
  b.fails = ({ do: what }) =>
    what === 'create' && (left -= 1) >= 0 ? { failure: left > 0 ? 'stale' : 'unavailable' } : null
  await tables.run(10 * 60_000)
  assert.deepEqual(shown(b, 'note'), [['one.txt: first']])
  assert.equal(counted(tables, 'create'), 3)
  assert.equal(counted(tables, 'upload'), 1)
  assert.equal(counted(tables, 'open'), 1)
  assert.equal(tables.blobs.kept.size, 0)
})

test('files: a write whose answer was lost is found with its files, and nothing is sent again', async () => {
  const tables = await notes()
  const { a, b } = tables
  const ref = a.add('note', { title: 'one', files: [a.files.add('one.txt', 'first')] })
  const lost = new Set<string>()
  b.fails = ({ do: what }) => {
    if ((what !== 'create' && what !== 'update') || lost.has(what)) return null
    lost.add(what)
    return { failure: 'unavailable', after: true }
  }
  await tables.run(10 * 60_000)
  a.set('note', ref, { files: [a.files.add('two.txt', 'second')] })
  await tables.run(10 * 60_000)
  assert.deepEqual(shown(b, 'note'), [['two.txt: second']])
  assert.deepEqual([counted(tables, 'create'), counted(tables, 'update'), counted(tables, 'upload')], [1, 1, 2])
  assert.equal(tables.blobs.kept.size, 0)
})

test('files: an upload without an answer may stand there unused: it is counted, and made once more', async () => {
  const tables = await notes()
  const { a, b } = tables
  a.add('note', { title: 'one', files: [a.files.add('one.txt', 'first')] })
  let lost = false
  b.fails = ({ do: what }) =>
    what === 'upload' && !lost && (lost = true) ? { failure: 'unavailable', after: true } : null
  await tables.run(10 * 60_000)
  assert.deepEqual(shown(b, 'note'), [['one.txt: first']])
  assert.deepEqual([counted(tables, 'open'), counted(tables, 'upload'), counted(tables, 'create')], [1, 2, 1])
  assert.equal(await orphans(tables), 1)
})

test('files: one that is too large stays and is named, whether its size is told or not; the rest goes on', async () => {
  for (const tells of [['size'], []] as const) {
    const tables = await notes({ mostFileBytes: 10, files: { a: { tells }, b: { mostBytes: 8 } } })
    const { a, b } = tables
    const large = a.files.add('large.bin', '123456789')
    const ref = a.add('note', { title: 'one', files: [large, a.files.add('small.txt', 'small')] })
    await tables.sync()
    assert.deepEqual(shown(b, 'note'), [['small.txt: small']])
    assert.deepEqual(await gaps(tables), ['a: "large.bin" stays here: it is larger than 8 bytes'])
    a.set('note', ref, { title: 'changed' })
    const [there] = b.living('note')
    b.set('note', there?.ref ?? '', { files: [...filesAt(tables, 'b'), b.files.add('new.txt', 'new')] })
    await tables.sync()
    assert.deepEqual(b.all('note', 'title'), ['changed'])
    assert.deepEqual(shown(a, 'note'), [['small.txt: small', 'new.txt: new', 'large.bin: 123456789']])
    assert.deepEqual(await gaps(tables), ['a: "large.bin" stays here: it is larger than 8 bytes'])
    a.set('note', ref, { files: filesAt(tables, 'a').filter(({ name }) => name !== 'large.bin') })
    await tables.sync()
    assert.deepEqual(await gaps(tables), [])
    assert.equal(tables.blobs.kept.size, 0)
  }
})

// Seen red: what stays counted as an answer: the topic came back, or stood there with an emptied first note.
test("files: what stays is nobody's answer: with its topic the item goes, and a file that travels keeps both", async () => {
  const fields = { ...NOTE.fields, topic: { type: 'ref', to: 'topic', required: true, written: 'on-create' } } as const
  const sorts = {
    topic: { fields: { name: { type: 'text', required: true } }, takes: ['note'] },
    note: { ...NOTE, fields, under: 'topic' },
  } as const
  for (const small of [false, true]) {
    const tables = await notes({ a: sorts, b: sorts, mostFileBytes: 10 })
    const { a, b } = tables
    const topic = a.add('topic', { name: 'a topic' })
    for (const title of ['one', 'two', 'three', 'four']) a.add('topic', { name: title })
    const note = a.add('note', { topic, title: 'a note' })
    await tables.sync()
    a.set('note', note, { files: [a.files.add('large.bin', small ? '12345' : '12345678901')] })
    if (!small) await tables.sync()
    b.drop('topic', b.living('topic')[0]?.ref ?? '')
    await tables.sync()
    assert.deepEqual(a.all('note', 'title'), small ? ['a note'] : [])
    assert.deepEqual(b.all('note', 'title'), small ? ['a note'] : [])
  }
})

test('files: one that can no longer be read is read anew once, then named; one that the other side refuses as well', async () => {
  const tables = await notes()
  const { a, b } = tables
  const gone = a.files.add('gone.txt', 'gone')
  const expired = a.files.add('expired.txt', 'there')
  let expires = true
  a.fails = ({ do: what, values }) =>
    what === 'open' && values[0]?.['name'] === 'expired.txt' && expires && !(expires = false)
      ? { failure: 'missing' }
      : null
  b.fails = ({ do: what, values }) =>
    what === 'upload' && values[0]?.['name'] === 'evil.exe' ? { failure: 'rejected' } : null
  a.add('note', { title: 'one', files: [gone, expired, a.files.add('evil.exe', 'x')] })
  a.files.kept.delete(gone.ref)
  await tables.run(10 * 60_000)
  assert.deepEqual(shown(b, 'note'), [['expired.txt: there']])
  assert.deepEqual(await gaps(tables), [
    'a: "gone.txt" stays here: it cannot be read there: no file a-file-1; "evil.exe" stays here: the other side does not take it: trouble',
  ])
  assert.equal(tables.blobs.kept.size, 0)
})

test('files: a side that takes none leaves them where they are, and says so', async () => {
  const tables = await notes({ files: { a: {}, b: { uploads: false } } })
  tables.a.add('note', { title: 'one', files: [tables.a.files.add('one.txt', 'first')] })
  await tables.sync()
  assert.deepEqual(shown(tables.b, 'note'), [[]])
  assert.deepEqual(await gaps(tables), ['a: "one.txt" stays here: b takes no files'])
})

test('files: a plan says how many are copied, their size, and the calls for both sides', async () => {
  const tables = await tablesOf({ a: { note: NOTE }, b: { note: NOTE }, files: { a: {}, b: {} } })
  tables.a.add('note', {
    title: 'one',
    files: [tables.a.files.add('one.txt', 'first'), tables.a.files.add('two.txt', 'second')],
  })
  await tables.sync()
  const lines: { files: number; bytes: number; calls: number }[] = []
  for (const model of tables.engine.world.model.flows)
    for await (const { line, calls } of preview(tables.engine.world, model))
      lines.push({ files: line.files, bytes: line.bytes, calls: calls.length })
  assert.deepEqual(lines, [{ files: 2, bytes: 11, calls: 5 }])
})
