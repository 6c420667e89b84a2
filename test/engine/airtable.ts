/** A made-up system and an emulated base of Airtable, with the real engine, store and connector between them. */
import { flowing, take } from './engine-of.ts'
import { z } from 'zod'
import { configured } from '../../src/connector/index.ts'
import { airtable } from '../../src/connectors/airtable/index.ts'
import type { Airtable } from '../../src/emulators/airtable/airtable.ts'
import type { AirtableOptions } from '../../src/emulators/airtable/options.ts'
import type { Delivery, WireRequest } from '../../src/emulators/emulator.ts'
import type { Fault } from '../../src/emulators/faults.ts'
import { type Engine } from '../../src/engine/engine.ts'
import { type EngineEvent } from '../../src/engine/world.ts'
import type { Store } from '../../src/store/verbs/index.ts'
import { networkOf } from '../../src/testing/network.ts'
import { clockOf, seeded, VirtualTime } from '../../src/testing/virtual-time.ts'
import { ANN, BASE, emulated, parsed, PEOPLE, TASKS } from '../connectors/airtable-base.ts'
import { connectorOf, Table, type Sorts } from './table.ts'
import type { FileShelf } from './table-files.ts'
import { drive, storeInMemory } from './tables.ts'

const text = { type: 'text' } as const

const SORTS: Sorts = {
  person: { fields: { name: text } },
  task: {
    fields: {
      title: text,
      hours: { type: 'decimal' },
      done: { type: 'boolean' },
      topics: { type: 'text', many: 'set' },
      who: { type: 'ref', to: 'person' },
      files: { type: 'file', many: 'list' },
      label: text,
    },
  },
}

const field = (a: string, b: string) => ({ a, b })

const flowFor = (direction: object, withFiles: boolean) => ({
  between: ['rows', 'crm'],
  ...direction,
  scopes: [['shelf-1', BASE]],
  start: 'all',
  kinds: {
    shelf: { a: 'shelf', b: 'base', fields: {} },
    person: { a: 'person', b: 'person', fields: { name: field('name', 'name') } },
    task: {
      a: 'task',
      b: 'task',
      fields: {
        title: field('title', 'name'),
        hours: field('hours', 'hours'),
        done: field('done', 'done'),
        topics: field('topics', 'topics'),
        who: field('who', 'who'),
        ...(withFiles ? { files: field('files', 'files') } : {}),
      },
    },
  },
})

export interface World {
  readonly time: VirtualTime
  readonly rows: Table
  readonly airtable: Airtable
  readonly events: readonly EngineEvent[]
  readonly store: Store
  readonly engine: Engine
  /** Calls of Airtable's API that were answered, as "PATCH Tasks 200". */
  readonly calls: string[]
  /** What each ping was answered. */
  readonly told: number[]
  /** Somebody in Airtable's own window. */
  readonly ann: ReturnType<Airtable['as']>
  /** Records of a table as people see them, by the names of their fields. */
  records(table?: string): readonly (Readonly<Record<string, unknown>> & { readonly id: string })[]
  /** The files of a record as people see them: name and bytes. */
  filesOf(id: string): readonly string[]
  /** Another program calls Airtable's API. Answers the status. */
  ask(): number
  sync(): Promise<void>
  run(ms: number): Promise<void>
}

export interface WorldOptions extends Partial<AirtableOptions> {
  /** Absent: both ways. */
  readonly direction?: 'rows->crm'
  readonly fault?: (request: WireRequest) => Fault | null
  readonly config?: object
  /** The service is reached from outside. */
  readonly channels?: boolean
  readonly files?: FileShelf
}

export async function worldOf({
  direction,
  fault,
  config = {},
  files,
  channels = false,
  ...options
}: WorldOptions = {}): Promise<World> {
  const time = new VirtualTime(Date.parse('2026-11-02T09:00:00Z'))
  const random = seeded(7)
  const events: EngineEvent[] = []
  const calls: string[] = []
  const told: World['told'] = []
  let taken: (delivery: Delivery) => Promise<number> = () => Promise.resolve(503)
  const base = emulated(
    {
      now: () => time.now(),
      random: () => random.next(),
      after: (ms, task) => void time.after(ms, task),
      deliver: (delivery) => taken(delivery),
    },
    { fetchFile: (url) => Promise.resolve(fileAt(base, url)), ...options },
  )
  const network = networkOf(new Map([['http://airtable.test', base]]), {
    time,
    latency: () => 50 + Math.round(random.next() * 20),
    fault: (request) => fault?.(request) ?? null,
    seen: ({ method, path }, _, status) => calls.push(`${method} ${named(path)} ${status ?? 'lost'}`),
  })
  const rows = new Table('a', SORTS, () => time.now(), files?.tells)
  rows.add('shelf', { name: 'Rows' })
  const given = airtable.config.parse(
    parsed({ base_url: 'http://airtable.test', content_url: 'http://airtable.test', ...config }),
  )
  const crm = configured(airtable, given)
  const setups = [
    { id: 'rows', connector: connectorOf(SORTS, 'a', () => rows, [], { shelves: files }), config: {} },
    {
      id: 'crm',
      connector: crm,
      config: given,
      ...(channels ? { address: 'https://lockstep.test/webhooks/crm' } : {}),
    },
  ]
  const store = storeInMemory(time.now())
  const engine = await flowing(
    { work: flowFor(direction === undefined ? {} : { direction }, files !== undefined) },
    setups,
    { clock: clockOf(time), random, http: network(() => true), store, events: (event) => events.push(event) },
  )
  taken = async (delivery) => {
    const [channel] = (await store.channels({ connection: 'crm' })).filter(({ address }) => address === delivery.url)
    const secret = airtable.channels?.secretIn?.(channel?.handle ?? '') ?? ''
    const taker = { connection: 'crm', connector: crm, secret, store, now: () => time.now(), wake: () => engine.wake() }
    const status = await take(delivery, taker)
    told.push(status)
    return status
  }
  return {
    time,
    rows,
    airtable: base,
    events,
    store,
    engine,
    calls,
    told,
    ann: base.as(ANN, BASE),
    records: (table = TASKS) =>
      base
        .as(ANN, BASE)
        .records(table)
        .map(({ id, fields }) => ({ ...fields, id })),
    filesOf(id) {
      const cell = z.array(z.object({ filename: z.string(), url: z.string() })).safeParse(
        base
          .as(ANN, BASE)
          .records(TASKS)
          .find((each) => each.id === id)?.fields['Files'],
      )
      return (cell.data ?? []).map(({ filename, url }) => `${filename}: ${fileAt(base, url)?.toString() ?? 'nothing'}`)
    },
    ask: () =>
      base.handle({
        method: 'GET',
        path: `/v0/${BASE}/${PEOPLE}`,
        query: new URLSearchParams(),
        headers: { authorization: 'Bearer pat-sync', host: 'airtable.test' },
        body: Buffer.from(''),
        address: '10.0.0.9',
      }).status,
    sync: () => drive(time, engine.once(new AbortController().signal), 4 * 3600_000),
    run: async (ms) => {
      const stop = new AbortController()
      time.after(ms, () => stop.abort())
      await drive(time, engine.run(stop.signal), ms + 600_000)
    },
  }
}

/** As Airtable fetches what a cell names: of its own addresses here. */
function fileAt(base: Airtable, url: string): Buffer | null {
  const { pathname, host } = new URL(url)
  const [headers, body, query] = [{ host }, Buffer.from(''), new URLSearchParams()]
  const answer = base.handle({ method: 'GET', path: pathname, query, headers, body, address: '10.0.0.9' })
  return answer.status === 200 ? Buffer.from(answer.body) : null
}

function named(path: string): string {
  return path
    .replace(`/v0/${BASE}/`, '')
    .replace(`/v0/bases/${BASE}/`, '')
    .replace(TASKS, 'Tasks')
    .replace(PEOPLE, 'People')
    .replaceAll(/(rec|fld)[A-Za-z0-9]{14}/g, 'ID')
    .replaceAll(/ach[A-Za-z0-9]{14}/g, 'ID')
}

export { PEOPLE, TASKS } from '../connectors/airtable-base.ts'
