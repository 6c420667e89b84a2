/**
 * Emulated Teamwork and Missive flowing into an emulated base, by the mappings that come with the product and the guide's
 * example.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { configured, NO_DATABASES, NO_FOLDERS } from '../../src/connector/index.ts'
import { airtable } from '../../src/connectors/airtable/index.ts'
import type { Emulator } from '../../src/emulators/emulator.ts'
import type { TeamworkOptions } from '../../src/emulators/teamwork/options.ts'
import { layingOutOf } from '../../src/service/laying-out.ts'
import { networkOf } from '../../src/testing/network.ts'
import { clockOf, seeded, VirtualTime } from '../../src/testing/virtual-time.ts'
import { ANN as ANN_OF_AIRTABLE, BASE, emulated } from '../connectors/airtable-base.ts'
import { flowing } from './engine-of.ts'
import { ANN, LATER, MAILBOX, ORG, organizationOf, PROJECT, siteOf, sourcesOf, URGENT } from './ingest-systems.ts'
import { drive, storeInMemory } from './tables.ts'

const MINUTE = 60_000

const Example = z.object({
  connections: z.object({ base: z.looseObject({ tables: z.record(z.string(), z.unknown()) }) }),
  flows: z.record(z.string(), z.looseObject({})),
})

/** Beside those of the example. */
const TIME = {
  table: 'Time',
  sync: 'Lockstep',
  fields: { minutes: { type: 'decimal' }, task: { type: 'ref', to: 'tasks' }, source: 'text', id: 'text' },
}

function example(): z.infer<typeof Example> {
  const guide = readFileSync(new URL('../../docs/guide/ingest.md', import.meta.url), 'utf8')
  const [, text = ''] = /## Into Airtable[^]*?```yaml\n([^]*?)```/.exec(guide) ?? []
  return Example.parse(parse(text))
}

async function worldOf(
  scopes: { readonly [flow: string]: readonly (readonly [string, string])[] },
  otherwise: Partial<TeamworkOptions> = {},
) {
  const time = new VirtualTime(Date.parse('2026-11-02T09:00:00Z'))
  const random = seeded(7)
  const ports = {
    now: () => time.now(),
    random: () => random.next(),
    after: (ms: number, task: () => void) => void time.after(ms, task),
    deliver: () => Promise.resolve(503),
  }
  const [site, organization] = [siteOf(ports, otherwise), organizationOf(ports)]
  const base = emulated(ports, { bases: [{ id: BASE, name: 'Team', tables: [] }] })
  const network = networkOf(
    new Map<string, Emulator>([
      ['http://teamwork.test', site],
      ['http://missive.test', organization],
      ['http://airtable.test', base],
    ]),
    { time, latency: () => 30 },
  )
  const { connections: written, flows } = example()
  const config = airtable.config.parse({
    token: 'pat-sync',
    base: BASE,
    baseUrl: 'http://airtable.test',
    contentUrl: 'http://airtable.test',
    tables: { ...written.base.tables, time_entries: TIME },
  })
  const http = network(() => true)
  const clock = clockOf(time)
  const connector = configured(airtable, config)
  const webhooks = { accept: 'off', secrets: [] } as const
  const connections = [{ id: 'base', title: 'base', connector, config, webhooks, address: null }]
  const outside = { clock, random, http, databases: NO_DATABASES, folders: NO_FOLDERS }
  const laying = async (): Promise<void> => {
    const layingOut = layingOutOf({ connections }, 'base', outside)
    await layingOut.carry(await layingOut.missing())
    assert.deepEqual(await layingOut.missing(), [])
  }
  await drive(time, laying(), 10 * MINUTE)
  const store = storeInMemory(time.now())
  const engine = await flowing(
    Object.fromEntries(
      Object.entries(scopes).map(([id, pairs]) => [id, { ...flows[id], scopes: pairs.map((each) => [...each]) }]),
    ),
    [...Object.values(sourcesOf()), { id: 'base', connector, config }],
    { clock, random, http, store, events: () => undefined },
  )
  const person = base.as(ANN_OF_AIRTABLE, BASE)
  const rows = (table: string): readonly Row[] =>
    person.records(table).map(({ id, fields }) => ({ ...fields, ref: id }))
  return {
    site,
    organization,
    store,
    person,
    rows,
    sync: () => drive(time, engine.once(new AbortController().signal), 4 * 3600_000),
    run: async (ms: number) => {
      const stop = new AbortController()
      time.after(ms, () => stop.abort())
      await drive(time, engine.run(stop.signal), ms + 600_000)
    },
  }
}

type Row = Readonly<Record<string, unknown>>
const named = (rows: readonly Row[], field: string): readonly unknown[] => rows.map((row) => row[field]).toSorted()

// Seen red: where a command that makes tables keeps to no limit; where sets are handed on as they are.
test('mail flows into tables of a base that are made for it, with links, and what people add there stays', async () => {
  const world = await worldOf({ mail: [[ORG, BASE]] })
  const mail = (subject: string): string =>
    world.organization.receive(MAILBOX, {
      from: { name: 'Dee Roe', address: 'dee@client.test' },
      subject,
      body: 'It is broken',
    }).conversationId
  const help = mail('Help')
  world.organization.as('user-ann').label(help, [URGENT])
  await world.sync()
  const [conversation] = world.rows('Conversations')
  assert.partialDeepStrictEqual(conversation, { subject: 'Help', label_ids: URGENT, source: 'missive', id: help })
  const [email] = world.rows('Mails')
  assert.partialDeepStrictEqual(email, { subject: 'Help', from_address: 'dee@client.test' })
  assert.deepEqual(email?.['conversation'], [conversation?.['ref']])
  assert.deepEqual(named(world.rows('People'), 'name'), ['Ann Lee', 'Sync Bot'])
  world.person.addField('Conversations', { name: 'Notes', type: 'singleLineText' })
  world.person.edit('Conversations', String(conversation?.['ref']), { Notes: 'call her' })
  world.organization.as('user-ann').unlabel(help, [URGENT])
  mail('Another')
  await world.run(5 * MINUTE)
  assert.deepEqual(named(world.rows('Conversations'), 'subject'), ['Another', 'Help'])
  const after: Row = world.rows('Conversations').find(({ ref }) => ref === conversation?.['ref']) ?? {}
  assert.deepEqual([after['Notes'], after['label_ids']], ['call her', undefined])
  assert.deepEqual(await world.store.heldList({ flow: null }), [])
})

// Seen red: without the links of tasks; where sets are handed on as they are.
test('the site and its projects flow into one base, beside mail, with links; what is deleted goes, and comes back', async () => {
  const world = await worldOf({
    work: [
      ['site', BASE],
      [String(PROJECT), BASE],
    ],
    mail: [[ORG, BASE]],
  })
  const ann = world.site.as(ANN)
  const write = ann.addTask(LATER, { name: 'Write', assignees: { userIds: [ANN] }, dueAt: '2026-12-01' })
  const fix = ann.addTask(LATER, { name: 'Fix' })
  await world.sync()
  assert.deepEqual(named(world.rows('Lists'), 'name'), ['Bugs', 'Later'])
  const task: Row = world.rows('Tasks').find((row: Row) => row['name'] === 'Write') ?? {}
  assert.partialDeepStrictEqual(task, { due_on: '2026-12-01', assignee_ids: String(ANN), id: String(write.id) })
  const later: Row = world.rows('Lists').find((row: Row) => row['name'] === 'Later') ?? {}
  assert.deepEqual(task['task_list'], [later['ref']])
  const people = world.rows('People').map((row) => `${String(row['source'])} ${String(row['name'])}`)
  assert.deepEqual(people.toSorted(), ['missive Ann Lee', 'missive Sync Bot', 'teamwork Ann Lee', 'teamwork Sync Bot'])
  ann.editTask(write.id, { name: 'Write it', assignees: { userIds: [] } })
  ann.removeTask(fix.id)
  await world.run(3 * MINUTE)
  assert.deepEqual(named(world.rows('Tasks'), 'name'), ['Write it'])
  ann.restore(fix.id)
  await world.run(3 * MINUTE)
  assert.deepEqual(named(world.rows('Tasks'), 'name'), ['Fix', 'Write it'])
  assert.deepEqual(await world.store.heldList({ flow: null }), [])
})

test('a task that moves to another project of the same base keeps its record, and links to its new list', async () => {
  const projects = [
    { name: 'Site', tasklists: ['Later'] },
    { name: 'Shop', tasklists: ['Soon'] },
  ]
  const [site, later, shop, soon] = [1, 2, 3, 4]
  const scopes = [site, shop].map((project) => [String(project), BASE] as const)
  const world = await worldOf({ work: scopes }, { projects })
  const ann = world.site.as(ANN)
  const { id } = ann.addTask(later, { name: 'Write' })
  await world.sync()
  const [before] = world.rows('Tasks')
  ann.editTask(id, { tasklistId: soon })
  await world.run(10 * MINUTE)
  const after = world.rows('Tasks')
  assert.deepEqual([after.length, after[0]?.['ref']], [1, before?.['ref']])
  const list = world.rows('Lists').find((row) => row['name'] === 'Soon')
  assert.deepEqual(after[0]?.['task_list'], [list?.['ref']])
  assert.deepEqual(await world.store.heldList({ flow: null }), [])
})

// Seen red: where the field that Airtable emptied with its record counts as what somebody did there.
test('the time of a task that was deleted, and comes back, links to the record that is made for it then', async () => {
  const world = await worldOf({ work: [[String(PROJECT), BASE]] })
  const ann = world.site.as(ANN)
  const { id } = ann.addTask(LATER, { name: 'Write' })
  ann.addTask(LATER, { name: 'Fix' })
  ann.logTime({ task: id }, { date: '2026-11-01', time: '09:00:00', isUTC: true, hours: 1 })
  await world.sync()
  const linked = (): unknown => world.rows('Time')[0]?.['task']
  assert.deepEqual(linked(), [world.rows('Tasks').find((row) => row['name'] === 'Write')?.['ref']])
  ann.removeTask(id)
  await world.run(5 * MINUTE)
  assert.equal(linked(), undefined)
  ann.restore(id)
  await world.run(10 * MINUTE)
  assert.deepEqual(linked(), [world.rows('Tasks').find((row) => row['name'] === 'Write')?.['ref']])
})
