/** Emulated Teamwork and Missive, each flowing into a made-up table, with the real engine, store and connectors between. */
import { flowing, take } from './engine-of.ts'
import type { Configured } from '../../src/connector/index.ts'
import { teamwork } from '../../src/connectors/teamwork/index.ts'
import type { Delivery, Emulator, WireRequest } from '../../src/emulators/emulator.ts'
import type { Fault } from '../../src/emulators/faults.ts'
import type { Missive } from '../../src/emulators/missive/missive.ts'
import type { Teamwork } from '../../src/emulators/teamwork/teamwork.ts'
import { type Engine } from '../../src/engine/engine.ts'
import { type EngineEvent } from '../../src/engine/world.ts'
import type { Store } from '../../src/store/verbs/index.ts'
import { networkOf } from '../../src/testing/network.ts'
import { clockOf, seeded, VirtualTime } from '../../src/testing/virtual-time.ts'
import { MAILBOX, ORG, organizationOf, PROJECT, SECRET, siteOf, sourcesOf, subscribe } from './ingest-systems.ts'
import { connectorOf, Table, type Asked, type Sorts } from './table.ts'
import { drive, storeInMemory } from './tables.ts'

export { ANN, BLUE, BUGS, LATER, RED, URGENT } from './ingest-systems.ts'

const text = { type: 'text' } as const
const set = { type: 'text', many: 'set' } as const

const WORK: Sorts = {
  list: { fields: { name: text }, takes: ['task'] },
  task: {
    fields: {
      list: { type: 'ref', to: 'list', required: true },
      title: text,
      done: { type: 'boolean' },
      due: { type: 'date' },
      people: set,
      tags: set,
    },
    under: 'list',
    takes: ['comment'],
  },
  comment: { fields: { task: { type: 'ref', to: 'task', required: true }, body: text }, under: 'task' },
  entry: { fields: { task: { type: 'ref', to: 'task' }, minutes: { type: 'decimal' } } },
}
const PEOPLE: Sorts = {
  person: { fields: { number: text, name: text, email: text } },
  tag: { fields: { number: text, name: text } },
}
const MAIL: Sorts = {
  conversation: {
    fields: { subject: text, labels: set, trashed: { type: 'boolean' } },
    takes: ['message', 'comment'],
  },
  message: {
    fields: { conversation: { type: 'ref', to: 'conversation', required: true }, body: text, sender: text },
    under: 'conversation',
  },
  comment: {
    fields: { conversation: { type: 'ref', to: 'conversation', required: true }, body: text },
    under: 'conversation',
  },
}

const field = (a: string, b: string) => ({ a, b })
const shelf = (a: string) => ({ a, b: 'shelf', fields: { name: field('name', 'name') } })

const FLOWS = {
  work: {
    between: ['teamwork', 'work'],
    direction: 'teamwork->work',
    scopes: [[String(PROJECT), 'shelf-1']],
    start: 'all',
    kinds: {
      shelf: shelf('project'),
      list: { a: 'tasklist', b: 'list', fields: { name: field('name', 'name') } },
      task: {
        a: 'task',
        b: 'task',
        fields: {
          list: field('tasklist', 'list'),
          title: field('name', 'title'),
          done: field('completed', 'done'),
          due: field('due', 'due'),
          people: field('assigneeIds', 'people'),
          tags: field('tags', 'tags'),
        },
      },
      comment: { a: 'comment', b: 'comment', fields: { task: field('task', 'task'), body: field('body', 'body') } },
      entry: { a: 'time', b: 'entry', fields: { task: field('task', 'task'), minutes: field('minutes', 'minutes') } },
    },
  },
  people: {
    between: ['teamwork', 'people'],
    direction: 'teamwork->people',
    scopes: [['site', 'shelf-1']],
    start: 'all',
    kinds: {
      shelf: shelf('project'),
      person: {
        a: 'person',
        b: 'person',
        fields: { number: field('id', 'number'), name: field('name', 'name'), email: field('email', 'email') },
      },
      tag: { a: 'tag', b: 'tag', fields: { number: field('id', 'number'), name: field('name', 'name') } },
    },
  },
  mail: {
    between: ['missive', 'mail'],
    direction: 'missive->mail',
    scopes: [[ORG, 'shelf-1']],
    start: 'all',
    kinds: {
      shelf: shelf('organization'),
      conversation: {
        a: 'conversation',
        b: 'conversation',
        fields: {
          subject: field('latestSubject', 'subject'),
          labels: field('labels', 'labels'),
          trashed: field('trashed', 'trashed'),
        },
      },
      message: {
        a: 'message',
        b: 'message',
        fields: {
          conversation: field('conversation', 'conversation'),
          body: field('body', 'body'),
          sender: field('from', 'sender'),
        },
      },
      comment: {
        a: 'comment',
        b: 'comment',
        fields: { conversation: field('conversation', 'conversation'), body: field('body', 'body') },
      },
    },
  },
}

export interface Ingest {
  readonly time: VirtualTime
  readonly teamwork: Teamwork
  readonly missive: Missive
  readonly work: Table
  readonly people: Table
  readonly mail: Table
  readonly asked: readonly Asked[]
  readonly events: readonly EngineEvent[]
  readonly store: Store
  readonly engine: Engine
  /** Requests that reached a system. */
  readonly calls: { readonly host: string; readonly method: string; readonly path: string }[]
  /** A mail to the support team; answers the id of its conversation. */
  send(subject: string, body: string): string
  sync(): Promise<void>
  run(ms: number): Promise<void>
}

export interface IngestOptions {
  /** Webhooks of Teamwork reach the inbox as the listener would put them there. */
  readonly webhooks?: boolean
  readonly flows?: readonly (keyof typeof FLOWS)[]
  readonly fault?: (request: WireRequest, host: string) => Fault | null
}

export async function ingestOf(options: IngestOptions = {}): Promise<Ingest> {
  const time = new VirtualTime(Date.parse('2026-11-02T09:00:00Z'))
  const random = seeded(7)
  const asked: Asked[] = []
  const events: EngineEvent[] = []
  const calls: Ingest['calls'] = []
  let deliver: (delivery: Delivery) => Promise<number> = () => Promise.resolve(503)
  const ports = {
    now: () => time.now(),
    random: () => random.next(),
    after: (ms: number, task: () => void) => void time.after(ms, task),
    deliver: (delivery: Delivery) => deliver(delivery),
  }
  const [site, organization] = [siteOf(ports), organizationOf(ports)]
  const network = networkOf(
    new Map<string, Emulator>([
      ['http://teamwork.test', site],
      ['http://missive.test', organization],
    ]),
    {
      time,
      latency: () => 100,
      ...(options.fault === undefined ? {} : { fault: options.fault }),
      seen: ({ method, path }, host) => calls.push({ host, method, path }),
    },
  )
  const tableOf = (sorts: Sorts): Table => {
    const table = new Table('b', sorts, () => time.now(), undefined)
    table.add('shelf', { name: 'Rows' })
    return table
  }
  const [work, people, mail] = [tableOf(WORK), tableOf(PEOPLE), tableOf(MAIL)]
  const rows = (id: string, sorts: Sorts, table: Table) => ({
    id,
    connector: connectorOf(sorts, 'b', () => table, asked) as Configured,
    config: {},
  })
  const setups = [
    ...Object.values(sourcesOf()),
    rows('work', WORK, work),
    rows('people', PEOPLE, people),
    rows('mail', MAIL, mail),
  ]
  const wanted = Object.entries(FLOWS).filter(([id]) => options.flows?.some((each) => each === id) ?? true)
  const store = storeInMemory(time.now())
  const engine = await flowing(Object.fromEntries(wanted), setups, {
    clock: clockOf(time),
    random,
    http: network(() => true),
    store,
    events: (event) => events.push(event),
  })
  const now = (): number => time.now()
  const wake = (): void => engine.wake()
  deliver = (delivery) =>
    take(delivery, { connection: 'teamwork', connector: teamwork as Configured, secret: SECRET, store, now, wake })
  if (options.webhooks === true) subscribe(site)
  return {
    time,
    teamwork: site,
    missive: organization,
    work,
    people,
    mail,
    asked,
    events,
    store,
    engine,
    calls,
    send: (subject, body) =>
      organization.receive(MAILBOX, { from: { name: 'Dee Roe', address: 'dee@client.test' }, subject, body })
        .conversationId,
    sync: () => drive(time, engine.once(new AbortController().signal), 4 * 3600_000),
    run: async (ms) => {
      const stop = new AbortController()
      time.after(ms, () => stop.abort())
      await drive(time, engine.run(stop.signal), ms + 600_000)
    },
  }
}
