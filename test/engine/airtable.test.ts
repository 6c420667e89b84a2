/** A made-up system in step with a base of Airtable. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filesIn } from '../../src/connector/index.ts'
import { shown } from './table-files.ts'
import { PEOPLE, TASKS, worldOf, type World } from './airtable.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

const writesOf = ({ calls }: World) => calls.filter((each) => /^(PATCH|POST|DELETE) (Tasks|People) /.test(each))
const names = (world: World) => world.records().map(({ Name }) => Name)

// Seen red: when records are written one by one.
test('rows become records, ten in a call; changes, emptied values and deletions follow, and what people add stays', async () => {
  const world = await worldOf({ direction: 'rows->crm' })
  const { rows } = world
  const dee = rows.add('person', { name: 'Dee' })
  await world.sync()
  const all = Array.from({ length: 25 }, (_, at) =>
    rows.add('task', { title: `task ${at}`, hours: '12.50', done: at === 0, topics: ['a'], who: dee }),
  )
  await world.sync()
  assert.equal(world.records().length, 25)
  assert.ok(writesOf(world).length <= 5, writesOf(world).join(', '))
  const [record] = world.records(PEOPLE)
  const first = world.records().find(({ Name }) => Name === 'task 0')
  assert.deepEqual(
    [first?.['Hours'], first?.['Done'], first?.['Topics'], first?.['Who']],
    [12.5, true, ['a'], [record?.id]],
  )
  world.ann.edit(TASKS, first?.id ?? '', { Notes: 'of people alone' })
  rows.set('task', all[0] ?? '', { title: 'another', topics: null, who: null, done: false })
  rows.drop('task', all[1] ?? '')
  await world.sync()
  assert.equal(world.records().length, 24)
  const { Name, Topics, Who, Done, Notes, Hours } = world.records().find(({ id }) => id === first?.id) ?? { id: '' }
  assert.deepEqual(
    [Name, Topics, Who, Done, Notes, Hours],
    ['another', undefined, undefined, undefined, 'of people alone', 12.5],
  )
  const written = writesOf(world).length
  await world.run(20 * MINUTE)
  assert.equal(writesOf(world).length, written)
  assert.deepEqual(await world.store.heldList({ flow: null }), [])
})

test('both ways: what people make, change, link and delete in Airtable arrives, and nothing comes back', async () => {
  const world = await worldOf()
  const { rows, ann } = world
  const mine = rows.add('task', { title: 'from the rows' })
  const dee = ann.add(PEOPLE, { Name: 'Dee' })
  await world.sync()
  const theirs = ann.add(TASKS, { Name: 'from Airtable', Hours: 0.1, Who: [dee] })
  await world.sync()
  assert.deepEqual(names(world).toSorted(), ['from Airtable', 'from the rows'])
  const copy = rows.living('task').find(({ values }) => values['title'] === 'from Airtable')
  assert.equal(copy?.values['hours'], '0.1')
  assert.equal(copy.values['who'], rows.living('person')[0]?.ref)
  ann.edit(TASKS, theirs, { Name: 'changed there', Who: [], Done: true })
  rows.set('task', mine, { title: 'changed here' })
  await world.run(5 * MINUTE)
  assert.deepEqual(names(world).toSorted(), ['changed here', 'changed there'])
  const after = rows.get('task', copy.ref).values
  assert.deepEqual([after['title'], after['who'] ?? null, after['done']], ['changed there', null, true])
  const writes = writesOf(world).length
  ann.remove(TASKS, [theirs])
  await world.run(5 * MINUTE)
  assert.deepEqual(rows.all('task', 'title'), ['changed here'])
  assert.equal(writesOf(world).length, writes)
  assert.deepEqual(await world.store.heldList({ flow: null }), [])
})

// Seen red: when records are made by POST, and nobody asks for the sync id.
for (const lost of ['lose-response', 'lose-request'] as const)
  test(`F3 records whose making got no answer stand once: ${lost}`, async () => {
    let struck = 0
    const world = await worldOf({
      fault: ({ method, path }) =>
        method === 'PATCH' && path.includes(TASKS) && (struck += 1) <= 2 ? { kind: lost } : null,
    })
    for (let at = 0; at < 12; at += 1) world.rows.add('task', { title: `task ${at}` })
    await world.run(30 * MINUTE)
    assert.deepEqual(names(world).toSorted(), world.rows.all('task', 'title').toSorted())
    assert.equal(names(world).length, 12)
    assert.deepEqual(await world.store.heldList({ flow: null }), [])
  })

test('F34 F48 one record that Airtable refuses is held with its words, and the nine beside it are written', async () => {
  const world = await worldOf({ direction: 'rows->crm' })
  for (let at = 0; at < 10; at += 1)
    world.rows.add('task', { title: `task ${at}`, topics: at === 4 ? ['no such choice'] : ['a'] })
  world.rows.add('task', { title: 'too exact', hours: '0.12345678901234567890' })
  await world.run(10 * MINUTE)
  assert.equal(names(world).length, 9)
  const held = await world.store.heldList({ flow: null })
  assert.deepEqual(
    held.map(({ detail }) => /INVALID_MULTIPLE_CHOICE_OPTIONS|cannot hold/.exec(detail)?.[0]).toSorted(),
    ['INVALID_MULTIPLE_CHOICE_OPTIONS', 'cannot hold'],
  )
})

// Seen red: when a call that looks once more before it is sent counts for when it was let through first.
test('five calls a second are never passed, whatever there is to do', async () => {
  const world = await worldOf()
  for (let at = 0; at < 150; at += 1) world.rows.add('task', { title: `task ${at}` })
  for (let at = 0; at < 150; at += 1) world.ann.add(TASKS, { Name: `record ${at}` })
  await world.sync()
  for (const { ref } of world.rows.living('task')) world.rows.set('task', ref, { done: true })
  await world.run(10 * MINUTE)
  assert.equal(world.airtable.counters().refused.get(429) ?? 0, 0)
  assert.equal(world.rows.all('task', 'title').length, 300)
})

test('another program that uses up the limit delays what is to be done by half a minute, and loses nothing', async () => {
  const world = await worldOf({ direction: 'rows->crm' })
  for (let at = 0; at < 30; at += 1) world.rows.add('task', { title: `task ${at}` })
  for (let at = 0; at < 40; at += 1) world.time.after(at * 100, () => void world.ask())
  await world.run(10 * MINUTE)
  assert.ok(world.calls.some((each) => each.endsWith(' 429')))
  assert.equal(names(world).length, 30)
})

test('where the service is reached from outside, Airtable rings, and a change travels before the next poll', async () => {
  const world = await worldOf({ channels: true })
  await world.run(2 * MINUTE)
  world.time.after(2000, () => void world.ann.add(TASKS, { Name: 'rings' }))
  await world.run(15_000)
  assert.deepEqual(world.rows.all('task', 'title'), ['rings'])
  assert.ok(world.told.includes(200))
  const calls = world.calls.length
  await world.run(2 * MINUTE)
  assert.ok(world.calls.length - calls < 12, 'our own writes ring too, and end there')
})

// Seen red: without `renew`.
test('F39 a webhook that rings is renewed before it ends', async () => {
  const world = await worldOf({ channels: true, webhookDays: 1 / 48 })
  const hooks = () => world.calls.filter((each) => each.startsWith('POST webhooks 200')).length
  await world.run(3 * 60 * MINUTE)
  assert.equal(hooks(), 2, 'one that is read, and one that rings')
  assert.ok(world.calls.filter((each) => each === 'POST webhooks/ID/refresh 200').length >= 5)
  world.time.after(2000, () => void world.ann.add(TASKS, { Name: 'rings' }))
  await world.run(15_000)
  assert.deepEqual(world.rows.all('task', 'title'), ['rings'])
})

test('F28 what was deleted while nobody read for two weeks is deleted, and what was made is there', async () => {
  const world = await worldOf()
  const { ann, rows } = world
  const [goes, stays] = [ann.add(TASKS, { Name: 'goes' }), ann.add(TASKS, { Name: 'stays' })]
  await world.sync()
  await world.time.run(world.time.now() + 14 * DAY)
  ann.remove(TASKS, [goes])
  ann.edit(TASKS, stays, { Name: 'stayed' })
  ann.add(TASKS, { Name: 'new' })
  await world.run(30 * MINUTE)
  assert.deepEqual(rows.all('task', 'title').toSorted(), ['new', 'stayed'])
})

test('a record that somebody copied with its sync id is told, and which of the two is ours is not guessed', async () => {
  let meanwhile: (() => void) | null = null
  const world = await worldOf({
    direction: 'rows->crm',
    fault({ method }) {
      if (method !== 'PATCH' || meanwhile === null) return null
      meanwhile()
      return { kind: 'lose-response' }
    },
  })
  meanwhile = () =>
    void world.time.after(10, () => {
      meanwhile = null
      const [made] = world.records()
      world.ann.add(TASKS, { Name: 'Write', 'Sync ID': made?.['Sync ID'] })
    })
  world.rows.add('task', { title: 'Write' })
  world.rows.add('task', { title: 'Another' })
  await world.run(30 * MINUTE)
  const held = await world.store.heldList({ flow: null })
  assert.deepEqual(
    held.map(({ detail }) => /2 records match|the same sync id/.exec(detail)?.[0]),
    ['2 records match'],
  )
  assert.equal(names(world).length, 3)
})

const uploads = ({ calls }: World): number => calls.filter((each) => each.endsWith('uploadAttachment 200')).length

test('files of rows become attachments, each sent once; one that is added or removed touches no other', async () => {
  const world = await worldOf({ files: {} })
  const { rows } = world
  const [one, two, three] = ['one', 'two', 'three'].map((name) => rows.files.add(`${name}.txt`, `bytes of ${name}`))
  assert.ok(one !== undefined && two !== undefined && three !== undefined)
  const ref = rows.add('task', { title: 'with files', files: [one, two] })
  await world.run(5 * MINUTE)
  const [record] = world.records()
  const id = record?.id ?? ''
  assert.deepEqual(world.filesOf(id), ['one.txt: bytes of one', 'two.txt: bytes of two'])
  assert.equal(uploads(world), 2)
  rows.set('task', ref, { files: [two, three] })
  await world.run(5 * MINUTE)
  assert.deepEqual(world.filesOf(id).toSorted(), ['three.txt: bytes of three', 'two.txt: bytes of two'])
  assert.equal(uploads(world), 3)
  await world.run(30 * MINUTE)
  assert.equal(uploads(world), 3)
  assert.equal(filesIn(rows.get('task', ref).values['files']).length, 2)
  assert.deepEqual(await world.store.heldList({ flow: null }), [])
})

// Seen red: when an upload is sent without a look for what stands there.
test('a file whose sending got no answer stands there once', async () => {
  let lost = 0
  const world = await worldOf({
    direction: 'rows->crm',
    files: {},
    fault: ({ path }) => (path.endsWith('/uploadAttachment') && (lost += 1) === 1 ? { kind: 'lose-response' } : null),
  })
  world.rows.add('task', { title: 'with a file', files: [world.rows.files.add('one.txt', 'bytes of one')] })
  await world.run(20 * MINUTE)
  const [record] = world.records()
  assert.deepEqual(world.filesOf(record?.id ?? ''), ['one.txt: bytes of one'])
  assert.equal(lost, 1)
})

// Seen red: when the address of the first read is kept.
test('F47 the bytes of an attachment are there long after its address has expired', async () => {
  let isDown = true
  const world = await worldOf({
    files: {},
    fault: ({ path }) => (path.startsWith('/v3/') && isDown ? { kind: 'answer-before', status: 503 } : null),
  })
  const id = world.ann.add(TASKS, { Name: 'with a file' })
  world.airtable.handle({
    method: 'POST',
    path: `/v0/appCRM00000000000/${id}/fldFiles000000000/uploadAttachment`,
    query: new URLSearchParams(),
    headers: { authorization: 'Bearer pat-sync', host: 'airtable.test' },
    body: Buffer.from(
      JSON.stringify({ contentType: 'text/plain', filename: 'one.txt', file: Buffer.from('bytes').toString('base64') }),
    ),
    address: '10.0.0.9',
  })
  world.time.after(5 * 60 * MINUTE, () => (isDown = false))
  await world.run(6 * 60 * MINUTE)
  assert.deepEqual(shown(world.rows, 'task'), [['one.txt: bytes']])
})
