/** A small emulated Airtable for the tests, on a clock of its own; every answer is checked against the shapes. */
import assert from 'node:assert/strict'
import { createAirtable, type Airtable } from '../../src/emulators/airtable/airtable.ts'
import type { AirtableOptions } from '../../src/emulators/airtable/options.ts'
import { at, listAt, textAt, type Answer } from './google-answers.ts'
import { testPorts, type TestPorts } from './test-ports.ts'
import { shapesOf } from './vendor-shapes.ts'

export { at, listAt, textAt, type Answer } from './google-answers.ts'

export const shapes = shapesOf('airtable.json', { emptyLists: true })

export const BASE = 'appCRM00000000000'
export const TASKS = 'tblTasks000000000'
export const PEOPLE = 'tblPeople00000000'
export const NAME = 'fldName0000000000'
export const STATUS = 'fldStatus00000000'
export const WHO = 'fldWho00000000000'
export const FILES = 'fldFiles000000000'
export const ANN = 'usrAnn00000000000'
export const BOB = 'usrBob00000000000'
export const CYD = 'usrCyd00000000000'
export const START = Date.parse('2026-03-01T10:00:00Z')
export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const DAY = 24 * 60 * MINUTE

export interface Asked {
  readonly query?: Record<string, string> | [string, string][]
  readonly body?: unknown
}
export type Call = (verb: string, path: string, more?: Asked) => Answer

export interface TestAirtable extends Omit<TestPorts, 'ports'> {
  readonly airtable: Airtable
  /** Calls over the wire with a token. */
  api(token: string): Call
}

const TABLES: AirtableOptions['bases'][number]['tables'] = [
  {
    id: TASKS,
    name: 'Tasks',
    fields: [
      { id: NAME, name: 'Name', type: 'singleLineText' },
      {
        id: STATUS,
        name: 'Status',
        type: 'singleSelect',
        options: {
          choices: [
            { id: 'selOpen', name: 'Open', color: 'redLight2' },
            { id: 'selDone', name: 'Done' },
          ],
        },
      },
      { name: 'Hours', type: 'number', options: { precision: 1 } },
      { name: 'Done', type: 'checkbox', options: { icon: 'check', color: 'greenBright' } },
      { name: 'Due', type: 'date', options: { dateFormat: { name: 'iso', format: 'YYYY-MM-DD' } } },
      {
        name: 'Seen',
        type: 'dateTime',
        options: { dateFormat: { name: 'iso' }, timeFormat: { name: '24hour' }, timeZone: 'utc' },
      },
      { name: 'Topics', type: 'multipleSelects', options: { choices: [{ name: 'a' }, { name: 'b' }] } },
      { id: WHO, name: 'Who', type: 'multipleRecordLinks', options: { linkedTableId: 'People' } },
      { id: FILES, name: 'Files', type: 'multipleAttachments' },
      { name: 'Owner', type: 'singleCollaborator' },
      { name: 'Modified', type: 'lastModifiedTime' },
      { name: 'Number', type: 'autoNumber' },
      { name: 'Label', type: 'formula', options: { formula: `UPPER({${NAME}}) & "!"`, isValid: true } },
      {
        name: 'Mails',
        type: 'multipleLookupValues',
        options: { recordLinkFieldId: WHO, fieldIdInLinkedTable: 'fldMail0000000000', isValid: true },
      },
    ],
  },
  {
    id: PEOPLE,
    name: 'People',
    fields: [
      { name: 'Name', type: 'singleLineText' },
      { id: 'fldMail0000000000', name: 'Mail', type: 'email' },
    ],
    records: [
      { Name: 'Dee', Mail: 'dee@client.test' },
      { Name: 'Eve', Mail: 'eve@client.test' },
    ],
  },
]

export function testAirtable(options: Partial<AirtableOptions> = {}): TestAirtable {
  const { ports, ...more } = testPorts(START)
  const airtable = createAirtable(ports, {
    users: [
      { id: ANN, name: 'Ann Lee', email: 'ann@acme.test' },
      { id: BOB, name: 'Bob Day', email: 'bob@acme.test' },
      { id: CYD, name: 'Cyd Fox', email: 'cyd@acme.test' },
    ],
    tokens: [
      { token: 'pat-ann', user: ANN },
      { token: 'pat-bob', user: BOB },
      { token: 'pat-cyd', user: CYD },
      { token: 'pat-narrow', user: ANN, scopes: ['data.records:read', 'webhook:manage'], bases: [BASE] },
      { token: 'oauth-ann', user: ANN, integration: 'lockstep' },
    ],
    bases: [
      { id: BASE, name: 'CRM', permissions: { [ANN]: 'create', [BOB]: 'read' }, tables: TABLES },
      {
        id: 'appOther000000000',
        name: 'Other',
        tables: [{ name: 'Only', fields: [{ name: 'A', type: 'singleLineText' }] }],
      },
    ],
    callsPerBaseSecond: null,
    ...options,
  })
  return {
    ...more,
    airtable,
    api: (token) => (verb, path, asked) => send(airtable, `Bearer ${token}`, verb, path, asked),
  }
}

export function send(airtable: Airtable, authorization: string, verb: string, path: string, asked: Asked = {}): Answer {
  const { body, query = {} } = asked
  const response = airtable.handle({
    method: verb,
    path: `/v0${path}`,
    query: new URLSearchParams(query),
    headers: { authorization, host: 'airtable.test' },
    body: Buffer.from(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)),
    address: '127.0.0.1',
  })
  const parsed: unknown = JSON.parse(response.body.toString())
  const shape = shapes.methodOf(verb, `/v0${path}`)?.response
  // One record is made as one, several as a list.
  const ofOne = verb === 'POST' && shape === 'Records' && at(parsed, 'records') === undefined ? 'Record' : shape
  if (response.status < 300 && ofOne !== undefined)
    assert.deepEqual(shapes.misfits(ofOne, parsed), [], `${verb} ${path}`)
  if (response.status >= 400 && typeof at(parsed, 'error') === 'object')
    assert.deepEqual(shapes.misfits('ErrorAnswer', parsed), [], `${verb} ${path}`)
  return { status: response.status, headers: response.headers, body: parsed }
}

/** Answers the record's id. */
export function add(call: Call, fields: object, table = 'Tasks', more: object = {}): string {
  const { status, body } = call('POST', `/${BASE}/${table}`, { body: { fields, ...more } })
  assert.equal(status, 200, JSON.stringify(body))
  return textAt(body, 'id')
}

export function get(call: Call, id: string, table = 'Tasks'): unknown {
  const { status, body } = call('GET', `/${BASE}/${table}/${id}`)
  assert.equal(status, 200, JSON.stringify(body))
  return at(body, 'fields')
}

/** Names of the records of a list. */
export function named(call: Call, query: Asked['query'] = {}, table = 'Tasks'): unknown[] {
  const { status, body } = call('GET', `/${BASE}/${table}`, { query })
  assert.equal(status, 200, JSON.stringify(body))
  return listAt(body, 'records').map((record) => at(record, 'fields', 'Name'))
}

/** The type of a refusal. */
export function refusal({ status, body }: Answer): [number, unknown] {
  return [status, at(body, 'error', 'type') ?? at(body, 'error')]
}
