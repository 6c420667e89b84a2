import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import {
  add,
  ANN,
  at,
  BASE,
  BOB,
  DAY,
  FILES,
  listAt,
  MINUTE,
  NAME,
  PEOPLE,
  refusal,
  shapes,
  STATUS,
  TASKS,
  testAirtable,
  textAt,
  WHO,
} from './airtable-world.ts'
import type { Call, TestAirtable } from './airtable-world.ts'

const HOOKS = `/bases/${BASE}/webhooks`
const URL = 'https://hooks.example.com/airtable'
const DATA = { filters: { dataTypes: ['tableData'] } }

function create(call: Call, options: object = DATA, notificationUrl: string | null = null) {
  const { status, body } = call('POST', HOOKS, { body: { notificationUrl, specification: { options } } })
  assert.equal(status, 200, JSON.stringify(body))
  return { id: textAt(body, 'id'), secret: textAt(body, 'macSecretBase64'), expires: textAt(body, 'expirationTime') }
}

function payloads(call: Call, id: string, query: Record<string, string> = {}) {
  const { status, body } = call('GET', `${HOOKS}/${id}/payloads`, { query })
  assert.equal(status, 200, JSON.stringify(body))
  return { list: listAt(body, 'payloads'), cursor: at(body, 'cursor'), more: at(body, 'mightHaveMore') }
}

/** What the only payload after a cursor tells of a table. */
function told(call: Call, id: string, cursor: number, table = TASKS): unknown {
  const { list } = payloads(call, id, { cursor: String(cursor) })
  assert.equal(list.length, 1, JSON.stringify(list))
  return at(list[0], 'changedTablesById', table)
}

const listed = ({ api }: TestAirtable, id: string): unknown =>
  listAt(api('pat-ann')('GET', HOOKS).body, 'webhooks').find((webhook) => at(webhook, 'id') === id)

test('the list of a webhook tells what was made, changed and destroyed, by whom and through what', () => {
  const { api, airtable } = testAirtable()
  const call = api('pat-ann')
  const { id } = create(call)
  assert.deepEqual(payloads(call, id), { list: [], cursor: 1, more: false })
  const record = add(call, { Name: 'one', Status: 'Open' })
  const made = told(call, id, 1)
  assert.deepEqual(at(made, 'createdRecordsById', record, 'cellValuesByFieldId', STATUS), {
    id: 'selOpen',
    name: 'Open',
    color: 'redLight2',
  })
  airtable.as(BOB, BASE).edit('Tasks', record, { Status: null, Name: 'two' })
  const { list, cursor } = payloads(call, id, { cursor: '2' })
  assert.equal(cursor, 3)
  assert.deepEqual(at(list[0], 'actionMetadata'), {
    source: 'client',
    sourceMetadata: { user: { id: BOB, email: 'bob@acme.test', name: 'Bob Day', permissionLevel: 'read' } },
  })
  assert.deepEqual(at(told(call, id, 2), 'changedRecordsById', record), {
    current: { cellValuesByFieldId: { [NAME]: 'two', [STATUS]: null } },
  })
  call('DELETE', `/${BASE}/Tasks/${record}`)
  assert.deepEqual(at(told(call, id, 3), 'destroyedRecordIds'), [record])
  assert.deepEqual(
    payloads(call, id).list.map((payload) => [
      at(payload, 'actionMetadata', 'source'),
      at(payload, 'baseTransactionNumber'),
    ]),
    [
      ['publicApi', 1],
      ['client', 2],
      ['publicApi', 3],
    ],
  )
})

test('a batch is one transaction, and a link tells of both tables', () => {
  const { api } = testAirtable()
  const call = api('pat-ann')
  const { id } = create(call)
  const [dee = ''] = listAt(call('GET', `/${BASE}/People`).body, 'records').map((record) => textAt(record, 'id'))
  const records = [{ fields: { Name: 'a', Who: [dee] } }, { fields: { Name: 'b' } }]
  call('POST', `/${BASE}/Tasks`, { body: { records } })
  const { list } = payloads(call, id)
  assert.equal(list.length, 1)
  const made = at(list[0], 'changedTablesById', TASKS, 'createdRecordsById')
  assert.equal(Object.keys(Object(made)).length, 2)
  const links = Object.values(Object(made)).map((record) => at(record, 'cellValuesByFieldId', WHO))
  assert.equal(
    at(
      links.find((link) => link !== undefined),
      0,
      'id',
    ),
    dee,
  )
  assert.deepEqual(Object.keys(Object(at(list[0], 'changedTablesById', PEOPLE, 'changedRecordsById'))), [dee])
})

test('a failed batch tells nothing', () => {
  const { api } = testAirtable()
  const call = api('pat-ann')
  const { id } = create(call)
  call('POST', `/${BASE}/Tasks`, { body: { records: [{ fields: { Name: 'a' } }, { fields: { Nope: 1 } }] } })
  assert.deepEqual(payloads(call, id).list, [])
})

test('fifty payloads a page, and the cursor is where to go on', () => {
  const { api, airtable } = testAirtable()
  const call = api('pat-ann')
  const { id } = create(call)
  for (let one = 0; one < 120; one += 1) airtable.as(ANN, BASE).add('Tasks', { Name: `n${one}` })
  const first = payloads(call, id)
  assert.deepEqual([first.list.length, first.cursor, first.more], [50, 51, true])
  const last = payloads(call, id, { cursor: '101', limit: '50' })
  assert.deepEqual([last.list.length, last.cursor, last.more], [20, 121, false])
  assert.deepEqual(
    [payloads(call, id, { cursor: '121' }).cursor, payloads(call, id, { limit: '3' }).list.length],
    [121, 3],
  )
  assert.equal(call('GET', `${HOOKS}/${id}/payloads`, { query: { cursor: '0' } }).status, 422)
})

test('payloads live seven days, read or not: what is lost shows as a gap before the first', async () => {
  const { api, airtable, advance } = testAirtable()
  const call = api('pat-ann')
  const { id } = create(call)
  airtable.as(ANN, BASE).add('Tasks', { Name: 'lost' })
  await advance(6 * DAY)
  payloads(call, id)
  airtable.as(ANN, BASE).add('Tasks', { Name: 'kept' })
  await advance(2 * DAY)
  const { list, cursor } = payloads(call, id)
  assert.deepEqual([list.length, cursor], [1, 3])
})

test('a webhook dies after seven days unless it is refreshed or its list is read, and is readable seven days more', async () => {
  const site = testAirtable()
  const call = site.api('pat-ann')
  const { id, expires } = create(call)
  assert.equal(expires, '2026-03-08T10:00:00.000Z')
  await site.advance(6 * DAY)
  assert.equal(at(call('POST', `${HOOKS}/${id}/refresh`).body, 'expirationTime'), '2026-03-14T10:00:00.000Z')
  await site.advance(6 * DAY)
  payloads(call, id)
  assert.equal(at(listed(site, id), 'expirationTime'), '2026-03-20T10:00:00.000Z')
  await site.advance(6 * DAY)
  site.airtable.as(ANN, BASE).add('Tasks', { Name: 'in time' })
  await site.advance(2 * DAY)
  site.airtable.as(ANN, BASE).add('Tasks', { Name: 'too late' })
  assert.equal(at(listed(site, id), 'isHookEnabled'), false)
  assert.equal(payloads(call, id).list.length, 1)
  assert.equal(call('POST', `${HOOKS}/${id}/refresh`).status, 422)
  await site.advance(7 * DAY)
  assert.deepEqual(refusal(call('GET', `${HOOKS}/${id}/payloads`)), [404, 'NOT_FOUND'])
  assert.equal(listed(site, id), undefined)
})

test('a ping says only which webhook of which base, with a code over its bytes; one stands for several changes', async () => {
  const site = testAirtable()
  const { id, secret } = create(site.api('pat-ann'), DATA, URL)
  await site.advance(MINUTE)
  assert.equal(site.deliveries.length, 1)
  for (const name of ['a', 'b', 'c']) site.airtable.as(ANN, BASE).add('Tasks', { Name: name })
  await site.advance(MINUTE)
  assert.equal(site.deliveries.length, 2)
  const [, ping] = site.deliveries
  const body: unknown = JSON.parse(ping?.body ?? '')
  assert.deepEqual(shapes.misfits('Ping', body), [])
  assert.deepEqual([at(body, 'base', 'id'), at(body, 'webhook', 'id')], [BASE, id])
  const mac = createHmac('sha256', Buffer.from(secret, 'base64'))
    .update(ping?.body ?? '')
    .digest('hex')
  assert.equal(ping?.headers['X-Airtable-Content-MAC'], `hmac-sha256=${mac}`)
  assert.equal(at(listed(site, id), 'lastNotificationResult', 'success'), true)
})

test('a ping that is not answered with 200 or 204 is tried again; notifications can be switched off', async () => {
  const site = testAirtable({ failedPingsDisable: true })
  site.receivers(() => 201)
  const { id } = create(site.api('pat-ann'), DATA, URL)
  await site.advance(5000)
  assert.equal(at(listed(site, id), 'lastNotificationResult', 'willBeRetried'), true)
  await site.advance(60 * MINUTE)
  assert.equal(site.deliveries.length, 4)
  assert.equal(at(listed(site, id), 'areNotificationsEnabled'), false)
  site.receivers(() => 204)
  const enable = (on: boolean) =>
    site.api('pat-ann')('POST', `${HOOKS}/${id}/enableNotifications`, { body: { enable: on } })
  assert.equal(enable(true).status, 200)
  site.airtable.as(ANN, BASE).add('Tasks', { Name: 'x' })
  await site.advance(MINUTE)
  assert.equal(site.deliveries.length, 5)
  enable(false)
  site.airtable.as(ANN, BASE).add('Tasks', { Name: 'y' })
  await site.advance(MINUTE)
  assert.equal(site.deliveries.length, 5)
  assert.equal(payloads(site.api('pat-ann'), id).list.length, 2)
})

test('pings are lost and doubled by switches', async () => {
  for (const [options, count] of [[{ pingLoss: 1 }, 0] as const, [{ pingDuplication: 1 }, 2] as const]) {
    const site = testAirtable(options)
    create(site.api('pat-ann'), DATA, URL)
    await site.advance(MINUTE)
    assert.equal(site.deliveries.length, count)
  }
})

test('filters hold back tables, kinds of changes, sources and fields', () => {
  const { api, airtable } = testAirtable()
  const call = api('pat-ann')
  const of = (filters: object) => create(call, { filters: { dataTypes: ['tableData'], ...filters } }).id
  const [scope, removals, window, names] = [
    of({ recordChangeScope: PEOPLE }),
    of({ changeTypes: ['remove'] }),
    of({ fromSources: ['client'] }),
    of({ watchDataInFieldIds: [NAME], changeTypes: ['update'] }),
  ]
  const id = add(call, { Name: 'x' })
  airtable.as(ANN, BASE).edit('Tasks', id, { Status: 'Open' })
  airtable.as(ANN, BASE).edit('Tasks', id, { Name: 'y' })
  call('DELETE', `/${BASE}/Tasks/${id}`)
  const counts = [scope, removals, window, names].map((webhook) => payloads(call, webhook).list.length)
  assert.deepEqual(counts, [0, 1, 2, 1])
})

test('values beside the changed ones, and those before, are told where they are asked for', () => {
  const { api, airtable } = testAirtable()
  const call = api('pat-ann')
  const includes = { includeCellValuesInFieldIds: [NAME, FILES], includePreviousCellValues: true }
  const { id } = create(call, { ...DATA, includes })
  const record = add(call, { Name: 'x', Status: 'Open' })
  airtable.as(ANN, BASE).edit('Tasks', record, { Status: 'Done' })
  assert.deepEqual(at(told(call, id, 2), 'changedRecordsById', record), {
    current: { cellValuesByFieldId: { [STATUS]: { id: 'selDone', name: 'Done' } } },
    previous: { cellValuesByFieldId: { [STATUS]: { id: 'selOpen', name: 'Open', color: 'redLight2' } } },
    unchanged: { cellValuesByFieldId: { [NAME]: 'x' } },
  })
})

test('changes of fields and tables are told where they are watched', () => {
  const { api, airtable } = testAirtable()
  const call = api('pat-ann')
  const options = {
    filters: { dataTypes: ['tableFields', 'tableMetadata'] },
    includes: { includePreviousFieldDefinitions: true },
  }
  const { id } = create(call, options)
  const ann = airtable.as(ANN, BASE)
  const field = ann.addField('Tasks', { name: 'Key', type: 'email' })
  assert.deepEqual(at(told(call, id, 1), 'createdFieldsById'), { [field]: { name: 'Key', type: 'email' } })
  ann.renameField('Tasks', 'Key', 'Keys')
  assert.deepEqual(
    at(payloads(call, id, { cursor: '2' }).list[0], 'changedTablesById', TASKS, 'changedFieldsById', field),
    {
      current: { name: 'Keys', type: 'email' },
      previous: { name: 'Key', type: 'email' },
    },
  )
  ann.removeField('Tasks', 'Keys')
  assert.deepEqual(at(payloads(call, id, { cursor: '3' }).list[0], 'changedTablesById', TASKS, 'destroyedFieldIds'), [
    field,
  ])
  ann.renameTable('Tasks', 'Jobs')
  assert.equal(
    at(payloads(call, id, { cursor: '4' }).list[0], 'changedTablesById', TASKS, 'changedMetadata', 'current', 'name'),
    'Jobs',
  )
  const table = ann.addTable('Extra', [{ name: 'A', type: 'singleLineText' }])
  assert.equal(at(payloads(call, id, { cursor: '5' }).list[0], 'createdTablesById', table, 'metadata', 'name'), 'Extra')
  ann.removeTable('Extra')
  assert.deepEqual(at(payloads(call, id, { cursor: '6' }).list[0], 'destroyedTableIds'), [table])
  add(call, { Name: 'x' }, 'Jobs')
  assert.equal(payloads(call, id, { cursor: '7' }).list.length, 0)
})

test('a webhook whose table is gone says so once and is told nothing more', () => {
  const site = testAirtable()
  const call = site.api('pat-ann')
  const ann = site.airtable.as(ANN, BASE)
  const table = ann.addTable('Extra', [{ name: 'A', type: 'singleLineText' }])
  const { id } = create(call, { filters: { dataTypes: ['tableData'], recordChangeScope: table } })
  ann.removeTable('Extra')
  ann.add('Tasks', { Name: 'x' })
  const { list } = payloads(call, id)
  assert.deepEqual(
    list.map((payload) => [at(payload, 'error'), at(payload, 'code')]),
    [[true, 'INVALID_FILTERS']],
  )
  assert.equal(at(listed(site, id), 'isHookEnabled'), false)
})

test('ten webhooks a base, two for an integration, which sees its own alone', () => {
  const { api } = testAirtable()
  const integration = api('oauth-ann')
  const own = [create(integration), create(integration)]
  const another = { body: { specification: { options: DATA } } }
  assert.equal(integration('POST', HOOKS, another).status, 422)
  const personal = create(api('pat-ann'))
  for (let one = 0; one < 7; one += 1) create(api('pat-ann'))
  assert.equal(api('pat-ann')('POST', HOOKS, another).status, 422)
  assert.equal(listAt(integration('GET', HOOKS).body, 'webhooks').length, 2)
  assert.equal(integration('GET', `${HOOKS}/${personal.id}/payloads`).status, 404)
  assert.deepEqual(api('pat-ann')('DELETE', `${HOOKS}/${own[0]?.id ?? ''}`).body, {})
  assert.equal(api('pat-ann')('POST', HOOKS, another).status, 200)
})

test('creators make webhooks, with the scopes of what they watch', () => {
  const { api } = testAirtable()
  const body = (options: object) => ({ body: { specification: { options } } })
  assert.deepEqual(refusal(api('pat-bob')('POST', HOOKS, body(DATA))), [403, 'INVALID_PERMISSIONS'])
  assert.equal(api('pat-narrow')('POST', HOOKS, body(DATA)).status, 200)
  assert.equal(api('pat-narrow')('POST', HOOKS, body({ filters: { dataTypes: ['tableFields'] } })).status, 403)
  assert.equal(api('pat-ann')('POST', HOOKS, body({ filters: { dataTypes: [] } })).status, 422)
  const elsewhere = { filters: { dataTypes: ['tableData'], recordChangeScope: 'tblNone0000000000' } }
  assert.equal(api('pat-ann')('POST', HOOKS, body(elsewhere)).status, 422)
})

test('a file of a call that was refused is never fetched', async () => {
  const asked: string[] = []
  const { api, advance } = testAirtable({
    fetchFile: (url) => {
      asked.push(url)
      return Promise.resolve(null)
    },
  })
  const fields = { Files: [{ url: 'https://files.test/a.txt' }], Nope: 1 }
  assert.equal(api('pat-ann')('POST', `/${BASE}/Tasks`, { body: { fields } }).status, 422)
  add(api('pat-ann'), { Name: 'x' })
  await advance(MINUTE)
  assert.deepEqual(asked, [])
})

test('a file that could not be had leaves its cell by a transaction of the system', async () => {
  const { api, advance } = testAirtable({ fetchFile: () => Promise.resolve(null) })
  const call = api('pat-ann')
  const { id } = create(call)
  const record = add(call, { Name: 'x', Files: [{ url: 'https://files.test/gone.txt' }] })
  await advance(MINUTE)
  const { list } = payloads(call, id, { cursor: '2' })
  assert.equal(at(list[0], 'actionMetadata', 'source'), 'system')
  assert.deepEqual(at(list[0], 'changedTablesById', TASKS, 'changedRecordsById', record), {
    current: { cellValuesByFieldId: { [FILES]: null } },
  })
})
