/** An Airtable connection to an emulated base, called directly, with a clock that stands until it is moved. */
import { stepped } from './stepped.ts'
import type { Call, Change, Configured, Feed, Http, Kind } from '../../src/connector/index.ts'
import { configured } from '../../src/connector/index.ts'
import type { Api } from '../../src/connectors/airtable/api.ts'
import { airtable } from '../../src/connectors/airtable/index.ts'
import { createAirtable, type Airtable } from '../../src/emulators/airtable/airtable.ts'
import type { AirtableOptions, TableSeed } from '../../src/emulators/airtable/options.ts'
import type { Delivery, EmulatorPorts } from '../../src/emulators/emulator.ts'
import { START, wireOf, type Wire } from '../conformance/wire.ts'
import { pagesOf, testRuntime, type TestRuntime } from './runtime.ts'

export const BASE = 'appCRM00000000000'
export const TASKS = 'tblTasks000000000'
export const DEPOT = 'tblDepot000000000'
export const PEOPLE = 'tblPeople00000000'
export const SYNC = 'usrSync0000000000'
export const ANN = 'usrAnn00000000000'
export const SYNC_MAIL = 'sync@acme.test'

const id = (name: string): string => `fld${name.padEnd(14, '0')}`

export const TABLES: readonly TableSeed[] = [
  {
    id: TASKS,
    name: 'Tasks',
    fields: [
      { id: id('Name'), name: 'Name', type: 'singleLineText' },
      {
        id: id('Status'),
        name: 'Status',
        type: 'singleSelect',
        options: { choices: [{ name: 'Open' }, { name: 'Done' }] },
      },
      { id: id('Hours'), name: 'Hours', type: 'number', options: { precision: 2 } },
      { id: id('Done'), name: 'Done', type: 'checkbox', options: { icon: 'check', color: 'greenBright' } },
      { id: id('Due'), name: 'Due', type: 'date', options: { dateFormat: { name: 'iso', format: 'YYYY-MM-DD' } } },
      {
        id: id('Seen'),
        name: 'Seen',
        type: 'dateTime',
        options: { dateFormat: { name: 'iso' }, timeFormat: { name: '24hour' }, timeZone: 'utc' },
      },
      {
        id: id('Topics'),
        name: 'Topics',
        type: 'multipleSelects',
        options: { choices: [{ name: 'a' }, { name: 'b' }] },
      },
      { id: id('Who'), name: 'Who', type: 'multipleRecordLinks', options: { linkedTableId: 'People' } },
      { id: id('Files'), name: 'Files', type: 'multipleAttachments' },
      { id: id('Owner'), name: 'Owner', type: 'singleCollaborator' },
      {
        id: id('Label'),
        name: 'Label',
        type: 'formula',
        options: { formula: `UPPER({${id('Name')}}) & "!"`, isValid: true },
      },
      { id: id('Notes'), name: 'Notes', type: 'multilineText' },
      { id: id('Edited'), name: 'Edited', type: 'lastModifiedTime' },
      { id: id('Editor'), name: 'Editor', type: 'lastModifiedBy' },
      { id: id('Sync'), name: 'Sync ID', type: 'singleLineText' },
    ],
  },
  {
    id: PEOPLE,
    name: 'People',
    fields: [
      { id: id('PName'), name: 'Name', type: 'singleLineText' },
      { id: id('PSync'), name: 'Sync ID', type: 'singleLineText' },
    ],
  },
  {
    id: DEPOT,
    name: 'On their way',
    fields: [
      { id: id('DSync'), name: 'Sync ID', type: 'singleLineText' },
      { id: id('DFiles'), name: 'Files', type: 'multipleAttachments' },
    ],
  },
]

/** `Notes` are people's own: no configuration names them. */
export const CONFIG = {
  token: 'pat-sync',
  base: BASE,
  uploads: { table: DEPOT, sync: id('DSync'), files: id('DFiles') },
  tables: {
    task: {
      table: TASKS,
      sync: id('Sync'),
      edited: id('Edited'),
      editor: id('Editor'),
      fields: {
        name: { type: 'text', field: id('Name'), required: true },
        status: { type: 'text', field: id('Status') },
        hours: { type: 'decimal', field: id('Hours') },
        done: { type: 'boolean', field: id('Done') },
        due: { type: 'date', field: id('Due') },
        seen: { type: 'instant', field: id('Seen') },
        topics: { type: 'text', many: 'set', field: id('Topics') },
        who: { type: 'ref', to: 'person', field: id('Who') },
        files: { type: 'file', many: 'list', field: id('Files') },
        owner: { type: 'person', field: id('Owner') },
        label: { type: 'text', written: 'never', field: id('Label') },
      },
    },
    person: { table: PEOPLE, sync: id('PSync'), fields: { name: { type: 'text', field: id('PName') } } },
  },
}

export interface TestBase {
  readonly airtable: Airtable
  readonly connector: Configured
  readonly api: Api
  readonly runtime: TestRuntime
  readonly wire: Wire
  readonly config: unknown
  readonly delivered: readonly Delivery[]
  call(scope?: string): Call<Api>
  kind(name: string): Kind<Api>
  advance(ms: number): void
  /** Requests sent since the last question, as "GET Tasks". */
  requests(): readonly string[]
  /** Cells of a record by the names of their fields, as Airtable tells them. */
  cells(ref: string, table?: string): Readonly<Record<string, unknown>>
}

export interface BaseOptions extends Partial<AirtableOptions> {
  readonly config?: object
  readonly through?: (http: Http) => Http
}

export function emulated(ports: EmulatorPorts, options: Partial<AirtableOptions> = {}): Airtable {
  return createAirtable(ports, {
    users: [
      { id: SYNC, name: 'Sync Bot', email: SYNC_MAIL },
      { id: ANN, name: 'Ann Lee', email: 'ann@acme.test' },
    ],
    tokens: [
      { token: 'pat-sync', user: SYNC },
      { token: 'pat-reader', user: SYNC, scopes: ['data.records:read', 'data.records:write'] },
    ],
    bases: [{ id: BASE, name: 'CRM', tables: TABLES }],
    ...options,
  })
}

/** As it is written in a file, with the names of the schema. */
export function parsed(config: object): unknown {
  return airtable.config.parse(camel({ ...CONFIG, ...config }))
}

/** As it is done with the options of a connection, and with no option within another. */
function camel(options: object): object {
  const name = (text: string): string => text.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase())
  return Object.fromEntries(Object.entries(options).map(([each, value]) => [name(each), value]))
}

export function testBase({ config = {}, through = (http) => http, ...options }: BaseOptions = {}): TestBase {
  let asked = 0
  let seed = 7
  const steps = stepped(START, () => (seed = (seed * 16807) % 2147483647) / 2147483647)
  const base = emulated(steps.ports, { callsPerBaseSecond: null, callsPerUserSecond: null, ...options })
  const wire = wireOf(base)
  const runtime = testRuntime({ http: through(wire.http), now: START })
  const whole = airtable.config.parse(
    parsed({ base_url: 'http://system.test', content_url: 'http://system.test', ...config }),
  )
  const api = airtable.connect(whole, runtime)
  const connector = configured(airtable, whole)
  return {
    airtable: base,
    connector,
    api,
    runtime,
    wire,
    config: whole,
    delivered: steps.delivered,
    call: (scope = BASE) => ({ api, actor: { ref: SYNC_MAIL }, scope, scopes: [BASE] }),
    kind(name) {
      const found = connector.kinds[name]
      if (found === undefined) throw new Error(name)
      return found
    },
    advance: (ms) => steps.advance(ms, runtime),
    requests() {
      const since = runtime.sent.slice(asked).map(({ method, url }) => `${method} ${named(new URL(url).pathname)}`)
      asked = runtime.sent.length
      return since
    },
    cells(ref, table = TASKS) {
      const { body } = base.handle({
        method: 'GET',
        path: `/v0/${BASE}/${table}/${ref}`,
        query: new URLSearchParams(),
        headers: { authorization: 'Bearer pat-sync', host: 'system.test' },
        body: Buffer.from(''),
        address: '10.0.0.9',
      })
      return JSON.parse(String(body)).fields
    },
  }
}

function named(path: string): string {
  return path
    .replace(`/v0/${BASE}/`, '')
    .replace(`/v0/bases/${BASE}/`, '')
    .replace(TASKS, 'Tasks')
    .replace(PEOPLE, 'People')
    .replaceAll(/ach[A-Za-z0-9]{14}/g, 'ID')
}

export function feedOf({ connector }: TestBase): Feed<Api> {
  const feed = connector.feeds['records']
  if (feed === undefined) throw new Error('no feed')
  return feed
}

/** What the feed tells from a cursor on, in a few words, and the cursor that it ends with. */
export async function pulled(base: TestBase, cursor: string | null) {
  const pages = await pagesOf(feedOf(base).pull(base.call(), cursor))
  return { told: pages.flatMap(({ changes }) => changes.map(briefly)), cursor: pages.at(-1)?.cursor ?? '' }
}

export async function listed(base: TestBase, position: string | null = null): Promise<readonly string[]> {
  const pages = await pagesOf(feedOf(base).list(base.call(), position))
  return pages.flatMap(({ changes }) => changes.map(briefly))
}

export function briefly(change: Change): string {
  if ('gone' in change) return `${change.kind} ${change.gone}`
  if ('unread' in change) return `${change.kind} unread`
  return `${change.kind}: ${String(change.values['name'])}`
}
