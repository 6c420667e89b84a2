import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  add,
  ANN,
  at,
  BASE,
  BOB,
  FILES,
  get,
  listAt,
  MINUTE,
  NAME,
  named,
  PEOPLE,
  refusal,
  SECOND,
  send,
  STATUS,
  TASKS,
  testAirtable,
  textAt,
  WHO,
} from './airtable-world.ts'
import type { Call } from './airtable-world.ts'

const people = (call: Call): string[] =>
  listAt(call('GET', `/${BASE}/People`, { query: { 'sort[0][field]': 'Name' } }).body, 'records').map((record) =>
    textAt(record, 'id'),
  )

test('a record comes back as it was written, without its empty cells, by names or ids of fields', () => {
  const { api } = testAirtable()
  const call = api('pat-ann')
  const [dee = ''] = people(call)
  const id = add(call, {
    Name: 'Write',
    Status: 'Open',
    Hours: 1.5,
    Done: true,
    Due: '2026-03-02',
    Seen: '2026-03-01T09:00:00Z',
    Topics: ['a', 'b'],
    Who: [dee],
    Owner: { email: 'bob@acme.test' },
  })
  const fields = get(call, id)
  assert.deepEqual(at(fields, 'Owner'), { id: BOB, email: 'bob@acme.test', name: 'Bob Day' })
  assert.equal(at(fields, 'Seen'), '2026-03-01T09:00:00.000Z')
  assert.deepEqual([at(fields, 'Label'), at(fields, 'Mails'), at(fields, 'Number')], ['WRITE!', ['dee@client.test'], 1])
  assert.deepEqual(at(fields, 'Topics'), ['a', 'b'])
  const empty = get(call, add(call, { Name: '', Done: false, Topics: [], Hours: 0 }))
  assert.deepEqual(Object.keys(Object(empty)).toSorted(), ['Hours', 'Label', 'Modified', 'Number'])
  const { body } = call('GET', `/${BASE}/${TASKS}/${id}`, { query: { returnFieldsByFieldId: 'true' } })
  assert.equal(at(body, 'fields', NAME), 'Write')
  assert.equal(at(body, 'fields', STATUS), 'Open')
})

test('PATCH leaves what it does not name, PUT empties it', () => {
  const { api } = testAirtable()
  const call = api('pat-ann')
  const id = add(call, { Name: 'one', Status: 'Open', Hours: 2 })
  call('PATCH', `/${BASE}/Tasks/${id}`, { body: { fields: { Hours: 3, [STATUS]: null } } })
  assert.deepEqual(
    [at(get(call, id), 'Name'), at(get(call, id), 'Hours'), at(get(call, id), 'Status')],
    ['one', 3, undefined],
  )
  const put = call('PUT', `/${BASE}/Tasks`, { body: { records: [{ id, fields: { Hours: 4 } }] } })
  assert.equal(put.status, 200)
  assert.deepEqual([at(get(call, id), 'Name'), at(get(call, id), 'Hours')], [undefined, 4])
})

test('ten records at a time, and all of them or none', () => {
  const { api } = testAirtable()
  const call = api('pat-ann')
  const make = (records: object[]) => call('POST', `/${BASE}/Tasks`, { body: { records } })
  const ten = Array.from({ length: 10 }, (_, index) => ({ fields: { Name: `n${index}` } }))
  const made = make(ten)
  assert.deepEqual(
    listAt(made.body, 'records').map((record) => at(record, 'fields', 'Name')),
    ten.map(({ fields }) => fields.Name),
  )
  assert.deepEqual(refusal(make([...ten, ...ten])), [422, 'INVALID_RECORDS'])
  assert.deepEqual(refusal(make([])), [422, 'INVALID_RECORDS'])
  assert.deepEqual(refusal(make([{ fields: { Name: 'good' } }, { fields: { Hours: 'bad' } }])), [
    422,
    'INVALID_VALUE_FOR_COLUMN',
  ])
  assert.equal(named(call).length, 10)
  const [first = ''] = listAt(made.body, 'records').map((record) => textAt(record, 'id'))
  const records = [
    { id: first, fields: { Name: 'changed' } },
    { id: 'recNone0000000000', fields: {} },
  ]
  assert.deepEqual(refusal(call('PATCH', `/${BASE}/Tasks`, { body: { records } })), [422, 'ROW_DOES_NOT_EXIST'])
  assert.equal(at(get(call, first), 'Name'), 'n0')
  const ids: [string, string][] = [
    ['records[]', first],
    ['records[]', 'recNone0000000000'],
  ]
  assert.deepEqual(refusal(call('DELETE', `/${BASE}/Tasks`, { query: ids })), [422, 'ROW_DOES_NOT_EXIST'])
  assert.equal(named(call).length, 10)
  assert.equal(call('DELETE', `/${BASE}/Tasks`, { query: ids.slice(0, 1) }).status, 200)
  assert.equal(named(call).length, 9)
})

test('what a field does not take is refused, unless it is cast', () => {
  const { api } = testAirtable()
  const call = api('pat-ann')
  const make = (fields: object, typecast = false) => call('POST', `/${BASE}/Tasks`, { body: { fields, typecast } })
  assert.deepEqual(refusal(make({ Titel: 'x' })), [422, 'UNKNOWN_FIELD_NAME'])
  assert.deepEqual(refusal(make({ Name: 7 })), [422, 'INVALID_VALUE_FOR_COLUMN'])
  assert.deepEqual(refusal(make({ Due: 'tomorrow' })), [422, 'INVALID_VALUE_FOR_COLUMN'])
  assert.deepEqual(refusal(make({ Label: 'x' })), [422, 'INVALID_VALUE_FOR_COLUMN'])
  assert.deepEqual(refusal(make({ Status: 'Late' })), [422, 'INVALID_MULTIPLE_CHOICE_OPTIONS'])
  assert.deepEqual(refusal(make({ Who: ['recNone0000000000'] })), [422, 'ROW_DOES_NOT_EXIST'])
  assert.deepEqual(refusal(make({ Owner: { id: 'usrNone' } })), [422, 'INVALID_VALUE_FOR_COLUMN'])
  assert.deepEqual(refusal(call('POST', `/${BASE}/Tasks`, { body: { felder: {} } })), [422, 'INVALID_REQUEST_UNKNOWN'])
  const cast = make(
    { Name: 7, Hours: '1,200.5', Done: 'yes', Status: 'Late', Topics: 'a, new', Who: ['Dee', 'Gus'] },
    true,
  )
  const fields = at(cast.body, 'fields')
  assert.deepEqual([at(fields, 'Name'), at(fields, 'Hours'), at(fields, 'Done')], ['7', 1200.5, true])
  assert.deepEqual([at(fields, 'Status'), at(fields, 'Topics')], ['Late', ['a', 'new']])
  assert.deepEqual(named(call, { 'sort[0][field]': 'Name' }, 'People'), ['Dee', 'Eve', 'Gus'])
  assert.equal(make({ Status: 'Late' }).status, 200)
  assert.equal(at(make({ Hours: 'many' }, true).body, 'fields', 'Hours'), undefined)
})

test('an upsert makes what matches nothing, changes what matches once, and fails whole where two match', () => {
  const { api } = testAirtable()
  const call = api('pat-ann')
  const upsert = (records: object[], fieldsToMergeOn: string[] = ['Name'], method = 'PATCH') =>
    call(method, `/${BASE}/Tasks`, { body: { records, performUpsert: { fieldsToMergeOn } } })
  const old = add(call, { Name: 'old', Hours: 1 })
  const done = upsert([{ fields: { Name: 'old', Hours: 2 } }, { fields: { Name: 'new', Hours: 3 } }])
  assert.deepEqual(listAt(done.body, 'updatedRecords'), [old])
  assert.equal(listAt(done.body, 'createdRecords').length, 1)
  assert.equal(listAt(done.body, 'records').length, 2)
  assert.equal(at(get(call, old), 'Hours'), 2)
  add(call, { Name: 'old' })
  const failed = upsert([{ fields: { Name: 'new', Hours: 9 } }, { fields: { Name: 'old' } }])
  assert.deepEqual(refusal(failed), [422, 'INVALID_REQUEST_UNKNOWN'])
  assert.deepEqual(named(call, { filterByFormula: '{Hours} = 9' }), [])
  assert.equal(upsert([{ id: old, fields: { Hours: 5 } }]).status, 200)
  assert.deepEqual(refusal(upsert([{ id: 'recNone0000000000', fields: { Name: 'x' } }])), [422, 'ROW_DOES_NOT_EXIST'])
  assert.equal(upsert([{ fields: { Name: 'new', Status: 'Open' } }], ['Name', STATUS]).status, 200)
  assert.deepEqual(named(call, { filterByFormula: '{Name} = "new"' }), ['new', 'new'])
  for (const names of [[], ['Name', 'Hours', 'Status', 'Due'], ['Label'], ['Files']])
    assert.equal(upsert([{ fields: { Name: 'x' } }], names).status, 422, names.join())
})

test('a link stands on both sides, and goes with its record', () => {
  const { api, airtable } = testAirtable()
  const call = api('pat-ann')
  const [dee = '', eve = ''] = people(call)
  const id = add(call, { Name: 'Write', Who: [dee] })
  assert.deepEqual(at(get(call, dee, 'People'), 'Tasks'), [id])
  call('PATCH', `/${BASE}/People/${eve}`, { body: { fields: { Tasks: [id] } } })
  assert.deepEqual(at(get(call, id), 'Who'), [dee, eve])
  call('PATCH', `/${BASE}/Tasks/${id}`, { body: { fields: { Who: [eve] } } })
  assert.equal(at(get(call, dee, 'People'), 'Tasks'), undefined)
  airtable.as(ANN, BASE).remove('Tasks', [id])
  assert.equal(at(get(call, eve, 'People'), 'Tasks'), undefined)
})

test('a record that is gone is 404, or 403 by a switch; a table that is not there is 403', () => {
  const { api } = testAirtable()
  const call = api('pat-ann')
  const id = add(call, { Name: 'x' })
  assert.deepEqual(call('DELETE', `/${BASE}/Tasks/${id}`).body, { id, deleted: true })
  for (const verb of ['GET', 'DELETE'])
    assert.deepEqual(refusal(call(verb, `/${BASE}/Tasks/${id}`)), [404, 'NOT_FOUND'])
  assert.equal(call('PATCH', `/${BASE}/Tasks/${id}`, { body: { fields: {} } }).status, 404)
  const other = testAirtable({ missingRecordStatus: 403 }).api('pat-ann')
  assert.equal(other('GET', `/${BASE}/Tasks/${id}`).status, 403)
  assert.deepEqual(refusal(call('GET', `/${BASE}/Nothing`)), [403, 'INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND'])
  assert.deepEqual(refusal(call('GET', '/appNone0000000000/Tasks')), [403, 'INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND'])
  assert.deepEqual(call('GET', '/nowhere/at/all/here/x').body, { error: 'NOT_FOUND' })
})

test('pages hold a hundred records, and go over those that were there at the first', async () => {
  const { api, advance, airtable } = testAirtable()
  const call = api('pat-ann')
  const ann = airtable.as(ANN, BASE)
  const ids = Array.from({ length: 120 }, (_, index) => ann.add('Tasks', { Name: `n${index}` }))
  const page = (query: Record<string, string>) => call('GET', `/${BASE}/Tasks`, { query })
  const first = page({})
  assert.equal(listAt(first.body, 'records').length, 100)
  const offset = textAt(first.body, 'offset')
  assert.match(offset, /^itr[A-Za-z0-9]{14}\/rec/)
  ann.add('Tasks', { Name: 'late' })
  const told = new Set(listAt(first.body, 'records').map((record) => textAt(record, 'id')))
  const [gone = ''] = ids.filter((id) => !told.has(id))
  ann.remove('Tasks', [gone])
  const second = page({ offset })
  assert.equal(listAt(second.body, 'records').length, 19)
  assert.equal(at(second.body, 'offset'), undefined)
  assert.deepEqual(refusal(page({ offset: 'rec123' })), [422, 'INVALID_OFFSET_VALUE'])
  assert.deepEqual(refusal(page({ offset, pageSize: '5' })), [422, 'INVALID_OFFSET_VALUE'])
  await advance(6 * MINUTE)
  assert.deepEqual(refusal(page({ offset })), [422, 'LIST_RECORDS_ITERATOR_NOT_AVAILABLE'])
  const again = textAt(page({ pageSize: '2' }).body, 'offset')
  airtable.dropIterators()
  assert.deepEqual(refusal(page({ pageSize: '2', offset: again })), [422, 'LIST_RECORDS_ITERATOR_NOT_AVAILABLE'])
  assert.equal(page({ pageSize: '101' }).status, 422)
})

test('by a switch a page goes on after the last record told, over what is there by then', () => {
  const { api, airtable } = testAirtable({ listsAreSnapshots: false, orderIsArbitrary: false })
  const call = api('pat-ann')
  for (const name of ['a', 'b', 'c']) airtable.as(ANN, BASE).add('Tasks', { Name: name })
  const { body } = call('GET', `/${BASE}/Tasks`, { query: { pageSize: '2' } })
  airtable.as(ANN, BASE).add('Tasks', { Name: 'd' })
  assert.deepEqual(named(call, { pageSize: '2', offset: textAt(body, 'offset') }), ['c', 'd'])
})

test('maxRecords ends a list over its pages', () => {
  const { api, airtable } = testAirtable()
  for (let one = 0; one < 5; one += 1) airtable.as(ANN, BASE).add('Tasks', { Name: `n${one}` })
  const page = (query: object) =>
    api('pat-ann')('GET', `/${BASE}/Tasks`, { query: { pageSize: '2', maxRecords: '3', ...query } }).body
  const first = page({})
  assert.equal(listAt(first, 'records').length, 2)
  const second = page({ offset: textAt(first, 'offset') })
  assert.deepEqual([listAt(second, 'records').length, at(second, 'offset')], [1, undefined])
})

test('records are filtered by formula, sorted, and shown in part; in a body where the address is too long', async () => {
  const { api, advance } = testAirtable()
  const call = api('pat-ann')
  add(call, { Name: "O'Neil", Hours: 1, Status: 'Open' })
  await advance(10 * SECOND)
  add(call, { Name: 'Bo', Hours: 3, Done: true, Due: '2026-03-05' })
  const by = (filterByFormula: string) => named(call, { filterByFormula })
  assert.deepEqual(by('{Hours} > 2'), ['Bo'])
  assert.deepEqual(by(`AND({Status} = 'Open', NOT({Done}))`), ["O'Neil"])
  assert.deepEqual(by(`OR(Name = "O'Neil", {Name}='x')`), ["O'Neil"])
  assert.deepEqual(by(`{Name} = 'O\\'Neil'`), ["O'Neil"])
  assert.deepEqual(by(`IS_AFTER(CREATED_TIME(), '2026-03-01T10:00:05Z')`), ['Bo'])
  assert.deepEqual(by(`LAST_MODIFIED_TIME() = BLANK()`).toSorted(), ['Bo', "O'Neil"])
  assert.deepEqual(by(`IS_AFTER({Modified}, DATETIME_PARSE('2026-03-01T10:00:05Z'))`), ['Bo'])
  assert.deepEqual([by(`{Due} = BLANK()`), by(`{Status} = ''`)], [["O'Neil"], ['Bo']])
  assert.deepEqual(by(`SEARCH('neil', {${NAME}}) > 0`), ["O'Neil"])
  assert.deepEqual(by(`{Hours} * 2 + 1 = 7`), ['Bo'])
  assert.deepEqual(by(`IS_AFTER({Name}, 'x')`), [])
  for (const formula of ['{Nope} = 1', 'AND(', 'REGEX_MATCH({Name}, "x")', '{Hours} >'])
    assert.deepEqual(
      refusal(call('GET', `/${BASE}/Tasks`, { query: { filterByFormula: formula } })),
      [422, 'INVALID_FILTER_BY_FORMULA'],
      formula,
    )
  assert.deepEqual(named(call, { 'sort[0][field]': 'Hours', 'sort[0][direction]': 'desc' }), ['Bo', "O'Neil"])
  const shown = call('GET', `/${BASE}/Tasks`, {
    query: [
      ['fields[]', 'Hours'],
      ['fields[]', NAME],
    ],
  })
  assert.deepEqual(Object.keys(Object(at(listAt(shown.body, 'records')[0], 'fields'))).toSorted(), ['Hours', 'Name'])
  const long = `{Name} = "${'x'.repeat(16_000)}"`
  assert.equal(call('GET', `/${BASE}/Tasks`, { query: { filterByFormula: long } }).status, 414)
  assert.equal(
    call('POST', `/${BASE}/Tasks/listRecords`, { body: { filterByFormula: long, pageSize: 10 } }).status,
    200,
  )
  assert.deepEqual(refusal(call('GET', `/${BASE}/Tasks`, { query: { view: 'Mine' } })), [422, 'VIEW_NAME_NOT_FOUND'])
  assert.deepEqual(named(call, { view: 'Grid view' }), ["O'Neil", 'Bo'])
})

test('a file that a cell names is hosted a little later, under addresses that expire', async () => {
  const asked: string[] = []
  const { api, airtable, advance } = testAirtable({
    fetchFile: (url) => {
      asked.push(url)
      return Promise.resolve(url.includes('gone') ? null : Buffer.from('bytes'))
    },
  })
  const call = api('pat-ann')
  const files = [{ url: 'https://files.test/a.txt' }, { url: 'https://files.test/gone.txt', filename: 'b.txt' }]
  const id = add(call, { Name: 'x', Files: files })
  const now = listAt(get(call, id), 'Files')
  assert.deepEqual(
    now.map((file) => [at(file, 'filename'), at(file, 'size')]),
    [
      ['a.txt', undefined],
      ['b.txt', undefined],
    ],
  )
  await advance(MINUTE)
  assert.deepEqual(asked.toSorted(), ['https://files.test/a.txt', 'https://files.test/gone.txt'])
  const [hosted, ...others] = listAt(get(call, id), 'Files')
  assert.deepEqual([others.length, at(hosted, 'size'), at(hosted, 'type')], [0, 5, 'text/plain'])
  const download = () => {
    const { pathname } = new URL(textAt(hosted, 'url'))
    return airtable.handle({
      method: 'GET',
      path: pathname,
      query: new URLSearchParams(),
      headers: {},
      body: Buffer.alloc(0),
      address: '',
    })
  }
  assert.deepEqual(download().body, Buffer.from('bytes'))
  await advance(121 * MINUTE)
  assert.equal(download().status, 410)
  const kept = at(listAt(get(call, id), 'Files')[0], 'id')
  call('PATCH', `/${BASE}/Tasks/${id}`, {
    body: { fields: { Files: [{ id: kept }, { url: 'https://files.test/c.txt' }] } },
  })
  assert.equal(at(listAt(get(call, id), 'Files')[0], 'id'), kept)
  assert.equal(listAt(get(call, id), 'Files').length, 2)
  const bad = (value: unknown) => refusal(call('POST', `/${BASE}/Tasks`, { body: { fields: { Files: value } } }))
  for (const value of ['x', [{ url: 'ftp://x/y' }], [{ id: 'attNone' }], [{}]])
    assert.deepEqual(bad(value), [422, 'INVALID_ATTACHMENT_OBJECT'])
})

test('an upload adds a file to those of a cell, up to 5 MB, and answers by the ids of fields', () => {
  const { api } = testAirtable()
  const call = api('pat-ann')
  const id = add(call, { Name: 'x' })
  const upload = (file: string, field = 'Files') =>
    call('POST', `/${BASE}/${id}/${field}/uploadAttachment`, {
      body: { contentType: 'text/plain', filename: 'a.txt', file },
    })
  upload(Buffer.from('one').toString('base64'))
  const { body } = upload(Buffer.from('three').toString('base64'), FILES)
  assert.deepEqual(
    listAt(body, 'fields', FILES).map((file) => at(file, 'size')),
    [3, 5],
  )
  assert.equal(upload(Buffer.alloc(5 * 1024 * 1024 + 1).toString('base64')).status, 413)
  assert.equal(upload('eA==', 'Name').status, 422)
})

test('five calls a second for a base; past them nothing is answered for thirty seconds', async () => {
  const { api, advance } = testAirtable({ callsPerBaseSecond: 5 })
  const list = () => api('pat-ann')('GET', `/${BASE}/Tasks`)
  for (let call = 0; call < 5; call += 1) assert.equal(list().status, 200)
  assert.deepEqual(refusal(list()), [429, 'RATE_LIMIT_REACHED'])
  assert.equal(api('pat-bob')('GET', `/${BASE}/Tasks`).status, 429)
  assert.equal(api('pat-ann')('GET', '/appOther000000000/Only').status, 200)
  await advance(29 * SECOND)
  assert.equal(list().status, 429)
  await advance(SECOND)
  assert.equal(list().status, 200)
  const strict = testAirtable({ callsPerBaseSecond: 1, penaltyExtends: true, rateLimitBody: 'errors' })
  const ask = () => strict.api('pat-ann')('GET', `/${BASE}/Tasks`)
  ask()
  ask()
  await strict.advance(20 * SECOND)
  assert.equal(at(ask().body, 'errors', 0, 'error'), 'RATE_LIMIT_REACHED')
  await strict.advance(20 * SECOND)
  assert.equal(ask().status, 429)
})

test('an upsert may count for more calls than one', () => {
  const { api } = testAirtable({ callsPerBaseSecond: 5, upsertWeight: 3 })
  const upsert = () =>
    api('pat-ann')('PATCH', `/${BASE}/Tasks`, {
      body: { records: [{ fields: { Name: 'x' } }], performUpsert: { fieldsToMergeOn: ['Name'] } },
    })
  assert.deepEqual([upsert().status, upsert().status], [200, 429])
})

test('tokens have scopes and bases, and users permissions', () => {
  const { api, airtable } = testAirtable()
  assert.deepEqual(refusal(send(airtable, 'Bearer junk', 'GET', `/${BASE}/Tasks`)), [401, 'AUTHENTICATION_REQUIRED'])
  assert.deepEqual(refusal(api('pat-bob')('POST', `/${BASE}/Tasks`, { body: { fields: {} } })), [
    403,
    'INVALID_PERMISSIONS',
  ])
  assert.equal(api('pat-bob')('GET', `/${BASE}/Tasks`).status, 200)
  assert.deepEqual(refusal(api('pat-cyd')('GET', `/${BASE}/Tasks`)), [403, 'INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND'])
  assert.equal(api('pat-narrow')('GET', `/${BASE}/Tasks`).status, 200)
  assert.equal(api('pat-narrow')('POST', `/${BASE}/Tasks`, { body: { fields: {} } }).status, 403)
  assert.equal(api('pat-narrow')('GET', '/appOther000000000/Only').status, 403)
  assert.equal(api('pat-ann')('POST', `/${BASE}/Tasks`, { body: '{' }).status, 400)
  assert.deepEqual(
    [...airtable.counters().refused],
    [
      [401, 1],
      [403, 4],
      [400, 1],
    ],
  )
})

test('a name of a table or field in an address is decoded', () => {
  const { api, airtable } = testAirtable()
  airtable.as(ANN, BASE).renameTable(TASKS, 'All tasks/now')
  const call = api('pat-ann')
  assert.equal(call('GET', `/${BASE}/${encodeURIComponent('All tasks/now')}`).status, 200)
  assert.equal(call('GET', `/${BASE}/${TASKS}`).status, 200)
  assert.equal(call('GET', `/${BASE}/${PEOPLE}/${people(call)[0] ?? ''}`).status, 200)
  assert.equal(WHO.length, 17)
})
