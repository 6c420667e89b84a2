/** What the Airtable connector reads, and what it tells of its base. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConnectorError, type Http } from '../../src/connector/index.ts'
import { airtable } from '../../src/connectors/airtable/index.ts'
import { ANN, BASE, CONFIG, listed, parsed, PEOPLE, pulled, TASKS, testBase, type TestBase } from './airtable-base.ts'

const SYNC_REF = 'usrSync0000000000'
/** Fields that fill an address by their names alone. */
const MANY = Array.from({ length: 150 }, (_, at) => `${'Möbel '.repeat(10)}${at}`)
const WIDE = {
  table: 'Tasks',
  fields: {
    name: { type: 'text', field: 'Name' },
    ...Object.fromEntries(MANY.map((field, at) => [`wide-${at}`, { type: 'text', field }])),
  },
}
const AUTHOR = 'fldAuthor00000000'

const read = async (base: TestBase, ref: string, kind = 'task') => {
  const now = await base.kind(kind).get?.(base.call(), ref)
  assert.ok(now !== undefined && 'values' in now)
  return now
}

const failsWith = (failure: string, words: RegExp) => (error: unknown) =>
  error instanceof ConnectorError && error.failure === failure && words.test(error.message)

test('a record is read by the ids of its fields, whatever their names: exact numbers, one link, people by their address', async () => {
  const base = testBase()
  const ann = base.airtable.as(ANN, BASE)
  const dee = ann.add(PEOPLE, { Name: 'Dee' })
  const ref = ann.add(TASKS, {
    Name: 'Write',
    Status: 'Open',
    Hours: 0.1,
    Done: true,
    Due: '2026-12-01',
    Seen: '2026-12-01T10:00:00+02:00',
    Topics: ['b', 'a'],
    Who: [dee],
    Owner: { email: 'ann@acme.test' },
    Notes: 'of people alone',
  })
  ann.renameField(TASKS, 'Name', 'What to do')
  const { values, createdAt, scope } = await read(base, ref)
  assert.deepEqual(values, {
    name: 'Write',
    status: 'Open',
    hours: '0.1',
    done: true,
    due: '2026-12-01',
    seen: '2026-12-01T08:00:00.000Z',
    topics: ['b', 'a'],
    who: dee,
    files: null,
    owner: 'ann@acme.test',
    label: 'WRITE!',
  })
  assert.equal(scope, BASE)
  assert.equal(createdAt, '2026-11-20T12:00:00.000Z')
})

test('empty cells are null, and a checkbox that says no is false', async () => {
  const base = testBase()
  const { values } = await read(base, base.airtable.as(ANN, BASE).add(TASKS, { Name: 'bare' }))
  assert.deepEqual(
    Object.entries(values).filter(([, value]) => value !== null),
    [
      ['name', 'bare'],
      ['done', false],
      ['label', 'BARE!'],
    ],
  )
})

test('numbers are told without an exponent', async () => {
  const base = testBase()
  const ann = base.airtable.as(ANN, BASE)
  for (const [number, text] of [
    [1e21, '1000000000000000000000'],
    [1.5e-7, '0.00000015'],
    [-12.5, '-12.5'],
    [123456.789e25, '1234567890000000000000000000000'],
  ] as const)
    assert.equal((await read(base, ann.add(TASKS, { Name: 'n', Hours: number }))).values['hours'], text)
})

// Seen red: when reads do not name the fields that they want.
test('a field that somebody took away is a failure, and no empty value', async () => {
  const base = testBase()
  const ann = base.airtable.as(ANN, BASE)
  const ref = ann.add(TASKS, { Name: 'Write', Hours: 2 })
  ann.removeField(TASKS, 'Hours')
  await assert.rejects(read(base, ref), failsWith('rejected', /Unknown field/))
  await assert.rejects(listed(base), failsWith('rejected', /Unknown field/))
})

test('a cell that holds more than its field can is told as unread, and read with a reason', async () => {
  const base = testBase()
  const ann = base.airtable.as(ANN, BASE)
  const both = [ann.add(PEOPLE, { Name: 'Dee' }), ann.add(PEOPLE, { Name: 'Eve' })]
  const ref = ann.add(TASKS, { Name: 'Write', Who: both })
  assert.ok((await listed(base)).includes('task unread'))
  await assert.rejects(read(base, ref), failsWith('rejected', /fldWho.* holds what no field can hold/))
})

test('a time of modification is an edit where somebody else modified it', async () => {
  const base = testBase()
  const ann = base.airtable.as(ANN, BASE)
  const ref = ann.add(TASKS, { Name: 'Write' })
  base.advance(5000)
  ann.edit(TASKS, ref, { Name: 'Write it' })
  assert.equal((await read(base, ref)).editedAt, '2026-11-20T12:00:05.000Z')
  base.airtable.as('usrSync0000000000', BASE).edit(TASKS, ref, { Hours: 1 })
  assert.equal((await read(base, ref)).editedAt, undefined)
})

// Seen red: where the e-mail of a cell is compared with the id of a user alone.
test('what Lockstep wrote itself is no edit, also where its token does not tell whose it is but by the id', async () => {
  const tables = { task: { ...CONFIG.tables.task, author: AUTHOR }, person: CONFIG.tables.person }
  const base = testBase({ config: { token: 'pat-reader', tables } })
  base.airtable.as(ANN, BASE).addField(TASKS, { id: AUTHOR, name: 'Made by', type: 'createdBy' })
  const { actor } = await airtable.probe(base.api)
  assert.equal(actor.ref, SYNC_REF)
  const call = { ...base.call(), actor }
  const look = async (ref: string) => {
    const now = await base.kind('task').get?.(call, ref)
    assert.ok(now !== undefined && 'values' in now)
    return { editedAt: now.editedAt, author: now.author?.ref }
  }
  const ref = base.airtable.as(SYNC_REF, BASE).add(TASKS, { Name: 'Write' })
  base.advance(5000)
  base.airtable.as(SYNC_REF, BASE).edit(TASKS, ref, { Hours: 1 })
  assert.deepEqual(await look(ref), { editedAt: undefined, author: SYNC_REF })
  base.airtable.as(ANN, BASE).edit(TASKS, ref, { Hours: 2 })
  assert.deepEqual(await look(ref), { editedAt: '2026-11-20T12:00:05.000Z', author: SYNC_REF })
})

test('F21 changes are told by the list of a webhook that sends nothing: new, changed and deleted', async () => {
  const base = testBase()
  const ann = base.airtable.as(ANN, BASE)
  const [stays, goes] = [ann.add(TASKS, { Name: 'stays' }), ann.add(TASKS, { Name: 'goes' })]
  const { cursor } = await pulled(base, null)
  base.requests()
  ann.edit(TASKS, stays, { Name: 'changed' })
  ann.remove(TASKS, [goes])
  ann.add(PEOPLE, { Name: 'Dee' })
  const after = await pulled(base, cursor)
  assert.deepEqual(after.told, ['task: changed', 'task deleted', 'person: Dee'])
  assert.deepEqual(base.requests(), ['GET webhooks/ID/payloads', 'GET Tasks', 'GET People'])
  assert.deepEqual((await pulled(base, after.cursor)).told, [])
  assert.deepEqual(base.requests(), ['GET webhooks/ID/payloads'])
})

// Seen red: when each changed record is read by itself.
test('F33 a burst of changes is read a hundred records in a call, each once', async () => {
  const base = testBase()
  const ann = base.airtable.as(ANN, BASE)
  const refs = Array.from({ length: 90 }, (_, at) => ann.add(TASKS, { Name: `task ${at}` }))
  const { cursor } = await pulled(base, null)
  base.requests()
  for (const round of [1, 2, 3])
    for (const [at, ref] of refs.entries()) ann.edit(TASKS, ref, { Name: `${at} ${round}` })
  const { told } = await pulled(base, cursor)
  assert.deepEqual(new Set(told), new Set(refs.map((_, at) => `task: ${at} 3`)))
  assert.ok(base.requests().length <= 12, 'six portions of changes, and a read of each')
})

// Seen red: where everything that is asked for stands in the address.
test('what is too long for an address is asked for in a body: many fields, and many records of them', async () => {
  const base = testBase({ config: { tables: { task: WIDE } } })
  const ann = base.airtable.as(ANN, BASE)
  for (const name of MANY) ann.addField(TASKS, { name, type: 'singleLineText' })
  const refs = Array.from({ length: 120 }, (_, at) => ann.add(TASKS, { Name: `task ${at}`, [MANY[0] ?? '']: 'told' }))
  base.requests()
  assert.equal((await read(base, refs[0] ?? '')).values['wide-0'], 'told')
  assert.equal(new Set(await listed(base)).size, 120)
  assert.deepEqual(
    base.requests(),
    Array.from({ length: 3 }, () => 'POST Tasks/listRecords'),
  )
  const { cursor } = await pulled(base, null)
  for (const ref of refs) ann.edit(TASKS, ref, { Hours: 1 })
  assert.equal(new Set((await pulled(base, cursor)).told).size, 120)
  assert.ok(base.runtime.sent.every(({ url }) => url.length < 16_000))
})

test('whoever begins anew reads the same webhook, so that none is left behind', async () => {
  const base = testBase()
  const hooks = async (): Promise<number> => {
    for (let at = 0; at < 12; at += 1) await pulled(base, null)
    return base.runtime.sent.filter(({ method, url }) => method === 'POST' && url.endsWith('/webhooks')).length
  }
  assert.equal(await hooks(), 1)
})

// Seen red: without a look at how far the numbers went.
test('F28 changes that were dropped before they were read begin everything anew', async () => {
  const base = testBase({ payloadDays: 1 })
  const ann = base.airtable.as(ANN, BASE)
  const { cursor } = await pulled(base, null)
  ann.add(TASKS, { Name: 'one' })
  base.advance(2 * 86_400_000)
  ann.add(TASKS, { Name: 'two' })
  await assert.rejects(pulled(base, cursor), failsWith('cursor-expired', /dropped/))
})

// Seen red: when nobody asks how long ago the list was read.
test('F28 a webhook that died in a week without reads, or that somebody deleted, begins everything anew', async () => {
  const base = testBase()
  const { cursor } = await pulled(base, null)
  base.advance(7 * 86_400_000)
  await assert.rejects(pulled(base, cursor), failsWith('cursor-expired', /a week/))
  const second = await pulled(base, null)
  await base.api.client.delete(`/v0/bases/${BASE}/webhooks/${JSON.parse(second.cursor).hook}`)
  await assert.rejects(pulled(base, second.cursor), failsWith('cursor-expired', /gone/))
})

// Seen red: when a place that is not known any more is a failure.
test('F22 where Airtable does not know a place in a list any more, its table begins again', async () => {
  const base = testBase()
  const ann = base.airtable.as(ANN, BASE)
  for (let at = 0; at < 150; at += 1) ann.add(TASKS, { Name: `task ${at}` })
  const pages = base.connector.feeds['records']?.list(base.call(), null)[Symbol.asyncIterator]()
  const first = await pages?.next()
  base.airtable.dropIterators()
  assert.equal(new Set(await listed(base, first?.value?.cursor)).size, 150)
})

// Seen red: where the clock of this machine tells how far was read.
test('a poll finds what was modified however far the clock of this machine is from that of Airtable', async () => {
  for (const ahead of [60 * 60_000, -60 * 60_000]) {
    const base = testBase({ config: { changes: 'poll' } })
    const ann = base.airtable.as(ANN, BASE)
    const ref = ann.add(TASKS, { Name: 'early' })
    base.runtime.advance(ahead)
    base.advance(10 * 60_000)
    let { cursor } = await pulled(base, null)
    for (const name of ['edited', 'edited again', 'edited a third time']) {
      base.advance(10 * 60_000)
      ann.edit(TASKS, ref, { Name: name })
      base.advance(5 * 60_000)
      const { told, ...next } = await pulled(base, cursor)
      assert.deepEqual(told, [`task: ${name}`])
      ;({ cursor } = next)
    }
    base.advance(10 * 60_000)
    assert.deepEqual((await pulled(base, cursor)).told, [])
  }
})

test('where no answer tells the time, that of this machine counts', async () => {
  const through = (http: Http): Http => ({
    async send(request) {
      const { headers, ...answer } = await http.send(request)
      return { ...answer, headers: Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'date')) }
    },
  })
  const base = testBase({ config: { changes: 'poll' }, through })
  const { cursor } = await pulled(base, null)
  base.advance(60_000)
  base.airtable.as(ANN, BASE).add(TASKS, { Name: 'late' })
  assert.deepEqual((await pulled(base, cursor)).told, ['task: late'])
})

test('without webhooks, what was modified is polled for, and deletions are left to the listing', async () => {
  const base = testBase({ config: { changes: 'poll' } })
  const ann = base.airtable.as(ANN, BASE)
  const old = ann.add(TASKS, { Name: 'old' })
  base.advance(3600_000)
  const { cursor } = await pulled(base, null)
  base.advance(60_000)
  ann.edit(TASKS, old, { Name: 'not so old' })
  ann.add(PEOPLE, { Name: 'Dee' })
  const after = await pulled(base, cursor)
  assert.deepEqual(after.told, ['task: not so old', 'person: Dee'])
  base.advance(3600_000)
  assert.deepEqual((await pulled(base, (await pulled(base, after.cursor)).cursor)).told, [])
  assert.ok(base.kind('task').blind?.delete)
})

test('a check tells what of the structure does not fit, and the rights that are missing', async () => {
  const fields = {
    name: { type: 'text', field: 'Nombre' },
    hours: { type: 'text', field: 'Hours' },
    label: { type: 'text', field: 'Label' },
    who: { type: 'ref', to: 'other', field: 'Who' },
  }
  const tables = {
    task: { table: 'Tasks', sync: 'Notes', fields },
    other: { table: 'Tarefas', fields: { name: 'text' } },
  }
  const base = testBase({ config: { tables } })
  assert.deepEqual(
    (await airtable.probe(base.api)).problems.map(({ message }) => message),
    [
      'Tasks has no field Nombre',
      "Hours of Tasks is of Airtable's type number, which is not read as text",
      'Label of Tasks is worked out by Airtable (formula)',
      'Who of Tasks links to People, not to Tarefas',
      '`sync` of Tasks is of the type multilineText',
      'the base has no table Tarefas',
    ],
  )
  assert.deepEqual((await airtable.probe(testBase().api)).problems, [])
  const narrow = await airtable.probe(testBase({ config: { token: 'pat-reader' } }).api)
  assert.deepEqual(
    narrow.problems.map(({ message }) => message.replace(/ \(.*/, '')),
    ['the token may not read the structure of this base', 'the token may not have webhooks in this base'],
  )
  assert.equal(narrow.actor.ref, SYNC_REF)
})

test('a configuration that names fields by ids and by names is refused, and one that links to nowhere', () => {
  const { task } = CONFIG.tables
  const with_ = (more: object) => () => parsed({ tables: { task: { ...task, ...more } } })
  assert.throws(with_({ sync: 'Sync ID' }), /named by their ids, all of them, or none/)
  assert.throws(with_({}), /`to` has to name one of these tables/)
  assert.throws(with_({ fields: {} }), /nothing to sync/)
})
