/** Emulated Teamwork and a made-up table in step both ways: what is deleted of tasks that have tasks under them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Configured } from '../../src/connector/index.ts'
import type { Emulator } from '../../src/emulators/emulator.ts'
import { networkOf } from '../../src/testing/network.ts'
import { clockOf, seeded, VirtualTime } from '../../src/testing/virtual-time.ts'
import { flowing } from './engine-of.ts'
import { ANN, LATER, PROJECT, siteOf, sourcesOf } from './ingest-systems.ts'
import { connectorOf, Table, type Sorts } from './table.ts'
import { drive, storeInMemory } from './tables.ts'

const MINUTE = 60_000

const ROWS: Sorts = {
  list: { fields: { name: { type: 'text' } }, takes: ['task'] },
  task: {
    fields: {
      list: { type: 'ref', to: 'list', required: true },
      title: { type: 'text' },
      above: { type: 'ref', to: 'task' },
    },
    under: 'list',
  },
}

const FLOW = {
  between: ['teamwork', 'rows'],
  scopes: [[String(PROJECT), 'shelf-1']],
  start: 'all',
  kinds: {
    shelf: { a: 'project', b: 'shelf', fields: { name: { a: 'name', b: 'name' } } },
    list: { a: 'tasklist', b: 'list', fields: { name: { a: 'name', b: 'name' } } },
    task: {
      a: 'task',
      b: 'task',
      fields: {
        list: { a: 'tasklist', b: 'list' },
        title: { a: 'name', b: 'title' },
        above: { a: 'parent', b: 'above' },
      },
    },
  },
}

async function worldOf() {
  const time = new VirtualTime(Date.parse('2026-11-02T09:00:00Z'))
  const random = seeded(7)
  const now = (): number => time.now()
  const site = siteOf({
    now,
    random: () => random.next(),
    after: (ms, task) => void time.after(ms, task),
    deliver: () => Promise.resolve(503),
  })
  const table = new Table('b', ROWS, now, undefined)
  table.add('shelf', { name: 'Rows' })
  const store = storeInMemory(time.now())
  const rows = { id: 'rows', connector: connectorOf(ROWS, 'b', () => table, []) as Configured, config: {} }
  const network = networkOf(new Map<string, Emulator>([['http://teamwork.test', site]]), { time, latency: () => 100 })
  const engine = await flowing({ work: FLOW }, [sourcesOf().teamwork, rows], {
    clock: clockOf(time),
    random,
    http: network(() => true),
    store,
    events: () => undefined,
  })
  const ann = site.as(ANN)
  const parent = ann.addTask(LATER, { name: 'Write' }).id
  for (const name of ['Another', 'One more']) ann.addTask(LATER, { name })
  for (const name of ['One', 'Two', 'Three']) ann.addTask(LATER, { name, parentTaskId: parent })
  await drive(time, engine.once(new AbortController().signal), 60 * MINUTE)
  assert.equal(table.living('task').length, 6)
  return {
    store,
    drop(title: string): void {
      const row = table.living('task').find(({ values }) => values['title'] === title)
      table.drop('task', row?.ref ?? assert.fail(title))
    },
    living: () => [...site.state().tasks.values()].filter(({ deleted }) => deleted === null).map(({ name }) => name),
    held: async () => (await store.heldList({ flow: null })).map(({ reason, detail }) => `${reason}: ${detail}`),
    async run(ms: number): Promise<void> {
      const stop = new AbortController()
      time.after(ms, () => stop.abort())
      await drive(time, engine.run(stop.signal), ms + 10 * MINUTE)
    },
  }
}

// Seen red: Teamwork deletes the subtasks with their parent.
test('a task whose subtasks nobody deleted stays with them, and a person is asked', async () => {
  const world = await worldOf()
  world.drop('Write')
  await world.run(10 * MINUTE)
  assert.deepEqual(world.living().toSorted(), ['Another', 'One', 'One more', 'Three', 'Two', 'Write'])
  const [held, ...others] = await world.held()
  assert.match(held ?? '', /^rejected: .*subtasks.*: delete or move them first$/)
  assert.deepEqual(others, [])
})

// Seen red: where it is held at the first refusal, which comes before the subtasks are gone.
test('a task that is deleted with its subtasks goes after them, and nobody is asked', async () => {
  const world = await worldOf()
  // The first delete of all waits for its scope to be read; those after it begin side by side.
  world.drop('Another')
  await world.run(2 * MINUTE)
  for (const title of ['Write', 'One', 'Two', 'Three']) world.drop(title)
  await world.run(2 * MINUTE)
  assert.deepEqual(world.living(), ['One more'])
  assert.deepEqual(await world.held(), [])
})
