/** What the guide to ingest shows: its configurations are valid, and its queries run on what the flows wrote. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { loadConfig } from '../../src/config/index.ts'
import { connectors } from '../../src/connectors/index.ts'
import { COLUMNS } from '../../src/connectors/database/ingest.ts'
import { DATABASES } from '../connectors/database/databases.ts'
import { ANN, LATER, RED } from './ingest-systems.ts'
import { warehouseOf } from './warehouse.ts'

const guide = readFileSync(new URL('../../docs/guide/ingest.md', import.meta.url), 'utf8')
const blocks = (language: string): readonly string[] =>
  [...guide.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text = '']) => text)

const ENV = {
  TEAMWORK_API_KEY: 'key',
  MISSIVE_TOKEN: 'token',
  MISSIVE_WEBHOOK_SECRET: 'secret',
  WAREHOUSE_URL: 'sqlite:./ingest.db',
  AIRTABLE_TOKEN: 'token',
}

test('each configuration of the guide can be used as it stands', () => {
  const all = blocks('yaml')
  assert.equal(all.length, 3)
  for (const text of all) {
    const loaded = loadConfig({
      path: '/team/lockstep.yaml',
      readFile: (path) => (path.endsWith('.yaml') ? text : null),
      env: ENV,
      connectors,
    })
    assert.deepEqual(loaded.problems, [])
    assert.ok(loaded.config !== null)
  }
})

test('a pair of its own takes the place of the one that comes with the product, and the others stay', () => {
  const own = blocks('yaml').at(-1) ?? ''
  const loaded = loadConfig({
    path: '/team/lockstep.yaml',
    readFile: (path) => (path.endsWith('.yaml') ? own : null),
    env: ENV,
    connectors,
  })
  const pairs = loaded.config?.flows.map(({ flow }) => flow.pairs.map(({ id, kinds }) => `${id}: ${kinds.a.kind}`))
  assert.deepEqual(pairs, [['people: person', 'task_lists: tasklist', 'todos: task']])
})

test('the guide names every table and every column', () => {
  for (const [table, columns] of Object.entries(COLUMNS)) {
    const [row = ''] = new RegExp(`^\\| \`${table}\` \\|.*$`, 'm').exec(guide) ?? []
    for (const column of Object.keys(columns)) assert.ok(row.includes(`\`${column}\``), `${table}.${column}`)
  }
})

for (const { name, make } of DATABASES)
  test(`every query of the guide runs (${name})`, async (t) => {
    const world = await warehouseOf(await make(t))
    const ann = world.teamwork.as(ANN)
    const { id } = ann.addTask(LATER, {
      name: 'Write',
      assignees: { userIds: [ANN] },
      tagIds: [RED],
      dueAt: '2026-11-03',
    })
    ann.logTime({ task: id }, { date: '2026-11-02', time: '09:00:00', isUTC: true, hours: 1, minutes: 30 })
    world.send('Bill', 'the invoice is wrong')
    await world.sync()
    const queries = blocks('sql').filter(
      (text) => !/^-- (PostgreSQL|SQLite)/.test(text) || text.startsWith(`-- ${name}`),
    )
    assert.equal(queries.length, 7)
    const found = queries.map((text) => world.rows(`SELECT count(*) AS n FROM (${text}) q`)[0]?.['n'])
    assert.deepEqual(found, [1, 1, 1, 1, 1, 0, 2])
  })
