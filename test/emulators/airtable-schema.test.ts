import assert from 'node:assert/strict'
import { test } from 'node:test'
import { routes } from '../../src/emulators/airtable/routes.ts'
import {
  add,
  ANN,
  at,
  BASE,
  BOB,
  get,
  listAt,
  named,
  PEOPLE,
  refusal,
  shapes,
  TASKS,
  testAirtable,
  textAt,
} from './airtable-world.ts'
import type { Call } from './airtable-world.ts'

const META = `/meta/bases/${BASE}/tables`

const tables = (call: Call): unknown[] => listAt(call('GET', META).body, 'tables')
const fieldsOf = (call: Call, table: string): unknown[] =>
  listAt(
    tables(call).find((each) => at(each, 'name') === table || at(each, 'id') === table),
    'fields',
  )
const fieldOf = (call: Call, table: string, name: string): unknown =>
  fieldsOf(call, table).find((field) => at(field, 'name') === name)

test('bases are those that the token reaches and the user may see, with what the user may do there', () => {
  const { api } = testAirtable()
  const bases = (token: string) =>
    listAt(api(token)('GET', '/meta/bases').body, 'bases').map((base) => [
      at(base, 'name'),
      at(base, 'permissionLevel'),
    ])
  assert.deepEqual(bases('pat-ann'), [
    ['CRM', 'create'],
    ['Other', 'create'],
  ])
  assert.deepEqual(bases('pat-bob'), [
    ['CRM', 'read'],
    ['Other', 'create'],
  ])
  assert.deepEqual(bases('pat-cyd'), [['Other', 'create']])
  assert.deepEqual(refusal(api('pat-narrow')('GET', '/meta/bases')), [403, 'INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND'])
  assert.deepEqual(api('pat-narrow')('GET', '/meta/whoami').body, {
    id: ANN,
    scopes: ['data.records:read', 'webhook:manage'],
  })
  assert.equal(at(api('pat-ann')('GET', '/meta/whoami').body, 'email'), 'ann@acme.test')
})

test('the structure tells tables, the primary field, options and the link back', () => {
  const { api } = testAirtable()
  const call = api('pat-bob')
  const [tasks] = tables(call)
  assert.equal(at(tasks, 'primaryFieldId'), at(fieldOf(call, 'Tasks', 'Name'), 'id'))
  assert.equal(at(tasks, 'views', 0, 'type'), 'grid')
  const back = fieldOf(call, 'People', 'Tasks')
  assert.equal(at(back, 'options', 'linkedTableId'), TASKS)
  assert.equal(at(fieldOf(call, 'Tasks', 'Who'), 'options', 'inverseLinkFieldId'), at(back, 'id'))
  const shown = api('pat-bob')('GET', META, { query: [['include[]', 'visibleFieldIds']] })
  assert.equal(listAt(shown.body, 'tables', 0, 'views', 0, 'visibleFieldIds').length, fieldsOf(call, 'Tasks').length)
})

test('a field is made by its options, and a link makes one back', () => {
  const { api } = testAirtable()
  const call = api('pat-ann')
  const make = (field: object, table = TASKS) => call('POST', `${META}/${table}/fields`, { body: field })
  const made = make({ name: 'Key', type: 'singleLineText', description: 'of the other side' })
  assert.equal(made.status, 200)
  const id = add(call, { Name: 'x', Key: 'k-1' })
  assert.equal(at(get(call, id), 'Key'), 'k-1')
  const choices = make({
    name: 'Size',
    type: 'singleSelect',
    options: { choices: [{ name: 'S' }, { name: 'L', color: 'redDark1' }] },
  })
  assert.match(textAt(choices.body, 'options', 'choices', 0, 'id'), /^sel/)
  const link = make({ name: 'Blocks', type: 'multipleRecordLinks', options: { linkedTableId: PEOPLE } })
  assert.equal(at(fieldOf(call, 'People', 'Tasks 2'), 'id'), at(link.body, 'options', 'inverseLinkFieldId'))
  assert.deepEqual(refusal(make({ name: 'KEY', type: 'email' })), [422, 'DUPLICATE_OR_EMPTY_FIELD_NAME'])
  assert.deepEqual(refusal(make({ name: 'N', type: 'number' })), [422, 'INVALID_FIELD_TYPE_OPTIONS_FOR_CREATE'])
  assert.deepEqual(refusal(make({ name: 'F', type: 'formula', options: { formula: '1' } })), [
    422,
    'UNSUPPORTED_FIELD_TYPE_FOR_CREATE',
  ])
  assert.equal(make({ name: 'A', type: 'aliens' }).status, 501)
  assert.deepEqual(refusal(api('pat-bob')('POST', `${META}/${TASKS}/fields`, { body: {} })), [
    403,
    'INVALID_PERMISSIONS',
  ])
})

test('a field is renamed under its id, and its type stays', () => {
  const { api } = testAirtable()
  const call = api('pat-ann')
  const id = add(call, { Name: 'x', Hours: 2 })
  const hours = textAt(fieldOf(call, 'Tasks', 'Hours'), 'id')
  const patch = (body: object) => call('PATCH', `${META}/${TASKS}/fields/${hours}`, { body })
  assert.equal(patch({ name: 'Effort', description: 'in hours' }).status, 200)
  assert.equal(at(get(call, id), 'Effort'), 2)
  assert.deepEqual(refusal(call('POST', `/${BASE}/Tasks`, { body: { fields: { Hours: 1 } } })), [
    422,
    'UNKNOWN_FIELD_NAME',
  ])
  assert.equal(add(call, { [hours]: 1 }).length, 17)
  assert.equal(patch({ name: 'Name' }).status, 422)
  assert.equal(patch({}).status, 422)
  assert.equal(patch({ type: 'singleLineText' }).status, 422)
})

test('a table is made with its fields and renamed', () => {
  const { api } = testAirtable()
  const call = api('pat-ann')
  const body = {
    name: 'Log',
    description: 'of runs',
    fields: [
      { name: 'Name', type: 'singleLineText' },
      { name: 'At', type: 'email' },
    ],
  }
  const made = call('POST', META, { body })
  assert.equal(made.status, 200)
  add(call, { Name: 'first' }, 'Log')
  assert.equal(call('PATCH', `${META}/${textAt(made.body, 'id')}`, { body: { name: 'Logs' } }).status, 200)
  assert.deepEqual(named(call, {}, 'Logs'), ['first'])
  assert.deepEqual(refusal(call('POST', META, { body: { ...body, name: 'Logs' } })), [422, 'DUPLICATE_TABLE_NAME'])
  const computed = { name: 'Bad', fields: [{ name: 'F', type: 'formula' }] }
  assert.deepEqual(refusal(call('POST', META, { body: computed })), [422, 'INVALID_PRIMARY_FIELD'])
  assert.equal(call('POST', META, { body: { name: 'None', fields: [] } }).status, 422)
})

test('what a person takes away is away: a field, a table', () => {
  const { api, airtable } = testAirtable()
  const call = api('pat-ann')
  const ann = airtable.as(ANN, BASE)
  const id = ann.add('Tasks', { Name: 'x', Hours: 2 })
  ann.removeField('Tasks', 'Hours')
  assert.equal(at(get(call, id), 'Hours'), undefined)
  ann.addTable('Extra', [{ name: 'A', type: 'singleLineText' }])
  ann.removeTable('Extra')
  assert.deepEqual(
    tables(call).map((table) => at(table, 'name')),
    ['Tasks', 'People'],
  )
  assert.throws(() => airtable.as('usrNone', BASE))
  assert.equal(at(listAt(api('pat-bob')('GET', '/meta/bases').body, 'bases')[0], 'permissionLevel'), 'read')
  assert.equal(BOB.length, 17)
})

test('the emulator answers every method of the shapes, and no other', () => {
  const bare = (path: string): string => path.replaceAll(/\{[^}]+\}/g, '').replaceAll(/:[a-z]+/g, '{}')
  const known = new Set(
    Object.values(shapes.methods).map(({ verb, path }) => `${verb} ${path.replaceAll(/\{[^}]+\}/g, '{}')}`),
  )
  assert.deepEqual(new Set(routes.map(({ method, path }) => `${method} ${bare(path)}`)), known)
})
