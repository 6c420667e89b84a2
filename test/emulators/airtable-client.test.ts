import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import Airtable, { type Attachment } from 'airtable'
import { createAirtable, type Airtable as Emulated } from '../../src/emulators/airtable/airtable.ts'
import { realPorts, serve, type Served } from '../../src/emulators/serve.ts'
import { at } from './airtable-world.ts'

const BASE = 'appCRM00000000000'
const ANN = 'usrAnn00000000000'

let emulator: Emulated
let served: Served
let base: ReturnType<Airtable['base']>

before(async () => {
  emulator = createAirtable(realPorts(), {
    users: [{ id: ANN, name: 'Ann Lee', email: 'ann@acme.test' }],
    tokens: [{ token: 'pat-ann', user: ANN }],
    bases: [
      {
        id: BASE,
        name: 'CRM',
        tables: [
          {
            name: 'All tasks',
            fields: [
              { name: 'Name', type: 'singleLineText' },
              { name: 'Hours', type: 'number', options: { precision: 1 } },
              { name: 'Files', type: 'multipleAttachments' },
            ],
          },
        ],
      },
    ],
    callsPerBaseSecond: null,
    callsPerUserSecond: null,
    hostingDelay: [0, 5],
  })
  served = await serve(emulator)
  base = new Airtable({ apiKey: 'pat-ann', endpointUrl: served.url, noRetryIfRateLimited: true }).base(BASE)
})

after(() => served.close())

const tasks = () => base('All tasks')

test('the official client makes, finds, changes, replaces and deletes records', async () => {
  const made = await tasks().create([{ fields: { Name: 'one', Hours: 1 } }, { fields: { Name: 'two' } }])
  assert.deepEqual(
    made.map((record) => record.get('Name')),
    ['one', 'two'],
  )
  const [one, two] = made
  const id = one?.id ?? ''
  assert.equal((await tasks().find(id)).get('Hours'), 1)
  const updated = await tasks().update([{ id, fields: { Hours: 2 } }])
  assert.deepEqual(updated[0]?.fields, { Name: 'one', Hours: 2 })
  const replaced = await tasks().replace(id, { Name: 'uno' })
  assert.deepEqual(replaced.fields, { Name: 'uno' })
  assert.equal((await tasks().create({ Name: 'three' })).get('Name'), 'three')
  const gone = await tasks().destroy([id, two?.id ?? ''])
  assert.deepEqual(
    gone.map((record) => record.id),
    [id, two?.id],
  )
  await assert.rejects(
    tasks().find(id),
    (error: unknown) => at(error, 'statusCode') === 404 && at(error, 'error') === 'NOT_FOUND',
  )
})

test('the official client walks all pages of a list that it filters and sorts', async () => {
  for (let batch = 0; batch < 13; batch += 1)
    await tasks().create(
      Array.from({ length: 10 }, (_, index) => ({ fields: { Name: 'page', Hours: batch * 10 + index } })),
    )
  const pages: number[] = []
  await tasks()
    .select({ filterByFormula: '{Name} = "page"', sort: [{ field: 'Hours', direction: 'desc' }], fields: ['Hours'] })
    .eachPage((records, next) => {
      pages.push(records.length)
      next()
    })
  assert.deepEqual(pages, [100, 30])
  const all = await tasks().select({ filterByFormula: '{Name} = "page"', maxRecords: 105 }).all()
  assert.equal(all.length, 105)
  const long = `OR({Name} = "page", ${Array.from({ length: 700 }, (_, index) => `{Name} = "another ${index}"`).join(', ')})`
  assert.equal((await tasks().select({ filterByFormula: long, method: 'post', pageSize: 5 }).firstPage()).length, 5)
})

test('the official client tells what Airtable tells of a mistake', async () => {
  const type = (name: string, status: number) => (error: unknown) =>
    at(error, 'error') === name && at(error, 'statusCode') === status
  await assert.rejects(tasks().create({ Nope: 'x' }), type('UNKNOWN_FIELD_NAME', 422))
  await assert.rejects(tasks().select({ filterByFormula: 'AND(' }).firstPage(), type('INVALID_FILTER_BY_FORMULA', 422))
  await assert.rejects(base('Nothing').select().firstPage(), type('NOT_AUTHORIZED', 403))
  const stranger = new Airtable({ apiKey: 'pat-none', endpointUrl: served.url }).base(BASE)
  await assert.rejects(stranger('All tasks').select().firstPage(), type('AUTHENTICATION_REQUIRED', 401))
})

test('the official client puts a file into a cell, which is then hosted here', async () => {
  // The client's types know no file that is new.
  const file: object[] = [{ url: 'https://files.test/a.txt' }]
  const made = await tasks().create({ Name: 'file', Files: file as Attachment[] })
  const shown = async (): Promise<unknown> => at((await tasks().find(made.id)).fields, 'Files', 0)
  for (;;) if (at(await shown(), 'size') !== undefined) break
  const url = at(await shown(), 'url')
  assert.ok(typeof url === 'string' && url.startsWith(served.url))
  assert.equal(await (await fetch(url)).text(), 'the bytes of https://files.test/a.txt')
})

test('the official client knows the answer of a base that is asked too often', async () => {
  const strict = createAirtable(realPorts(), {
    users: [{ id: ANN, name: 'Ann Lee', email: 'ann@acme.test' }],
    tokens: [{ token: 'pat-ann', user: ANN }],
    bases: [{ id: BASE, name: 'CRM', tables: [{ name: 'T', fields: [{ name: 'Name', type: 'singleLineText' }] }] }],
    callsPerBaseSecond: 1,
  })
  const other = await serve(strict)
  try {
    const table = new Airtable({ apiKey: 'pat-ann', endpointUrl: other.url, noRetryIfRateLimited: true }).base(BASE)(
      'T',
    )
    const told = await Promise.allSettled([table.create({ Name: 'a' }), table.create({ Name: 'b' })])
    const refused = told.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []))
    assert.deepEqual(
      refused.map((error) => [at(error, 'statusCode'), at(error, 'error')]),
      [[429, 'TOO_MANY_REQUESTS']],
    )
    assert.equal(strict.counters().writes.length, 1)
  } finally {
    await other.close()
  }
})
