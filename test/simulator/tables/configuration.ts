/** How docs/guide/ingest.md joins Teamwork and Missive with tables, with the addresses of this run. */
import { readFileSync } from 'node:fs'
import { Document, isMap, parseDocument } from 'yaml'
import { formatProblem, loadConfig, type Config } from '../../../src/config/index.ts'
import { connectors } from '../../../src/connectors/index.ts'
import { BASE } from '../../connectors/airtable-base.ts'
import { ORG } from '../../engine/ingest-systems.ts'
import { BY_HAND } from '../listener.ts'
import type { TablesScenario } from './scenario.ts'

export const ORIGINS = {
  teamwork: 'http://teamwork.test',
  missive: 'http://missive.test',
  airtable: 'http://airtable.test',
} as const

/** Beside those of the guide's example. */
const ALSO = {
  comments: {
    table: 'Comments',
    sync: 'Lockstep',
    fields: {
      body_text: 'text',
      author_id: 'text',
      task_state: 'text',
      conversation: { type: 'ref', to: 'conversations' },
      task: { type: 'ref', to: 'tasks' },
      source: 'text',
      id: 'text',
    },
  },
  time_entries: {
    table: 'Time',
    sync: 'Lockstep',
    fields: {
      description: 'text',
      minutes: 'decimal',
      billable: 'boolean',
      task: { type: 'ref', to: 'tasks' },
      source: 'text',
      id: 'text',
    },
  },
  labels: { table: 'Labels', sync: 'Lockstep', fields: { name: 'text', source: 'text', id: 'text' } },
}

/** What is named one by one where Teamwork goes into a base: the site and two projects. */
export const PINNED = ['site', '1', '4']

/** `path`: of the SQLite file. */
export function configOf(path: string, scenario: TablesScenario): Config {
  const guide = readFileSync(new URL('../../../docs/guide/ingest.md', import.meta.url), 'utf8')
    .replaceAll('appXXXXXXXXXXXXXX', BASE)
    .replaceAll('yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy', ORG)
  const [database = '', base = ''] = [...guide.matchAll(/```yaml\n([^]*?)```/g)].map(([, text]) => text)
  const document = parseDocument(database)
  if (hasBase(scenario)) intoBase(document, parseDocument(base), scenario)
  if (scenario.raw) document.setIn(['connections', 'warehouse', 'ingest'], document.createNode({ raw: true }))
  for (const flow of ['work', 'mail']) document.setIn(['flows', flow, 'astray'], scenario.astray)
  if (!scenario.webhooks) document.deleteIn(['listen', 'public_url'])
  document.setIn(['connections', 'teamwork', 'base_url'], ORIGINS.teamwork)
  document.setIn(['connections', 'missive', 'base_url'], `${ORIGINS.missive}/v1`)
  const text = document.toString({ lineWidth: 0 })
  const { config, problems } = loadConfig({
    path: '/tables/lockstep.yaml',
    readFile: (file) => (file.endsWith('.yaml') ? text : null),
    env: {
      TEAMWORK_API_KEY: 'key-sync',
      MISSIVE_TOKEN: 'token-sync',
      MISSIVE_WEBHOOK_SECRET: BY_HAND,
      WAREHOUSE_URL: `sqlite:${path}`,
      AIRTABLE_TOKEN: 'pat-sync',
    },
    connectors,
  })
  if (config === null) throw new Error(problems.map(formatProblem).join('\n'))
  return config
}

export function hasBase({ workInto, mailInto }: TablesScenario): boolean {
  return workInto === 'base' || mailInto === 'base'
}

function intoBase(document: Document, example: Document, { workInto, mailInto, changes }: TablesScenario): void {
  const taken = [
    ['connections', 'base'],
    ...(workInto === 'base' ? [['flows', 'work'] as const] : []),
    ...(mailInto === 'base' ? [['flows', 'mail'] as const] : []),
  ] as const
  for (const [name, path] of taken) {
    const of = example.get(name)
    document.setIn([name, path], isMap(of) ? of.get(path) : null)
  }
  if (workInto === 'base')
    document.setIn(
      ['flows', 'work', 'scopes'],
      PINNED.map((each) => [each, BASE]),
    )
  for (const [table, given] of Object.entries(ALSO))
    document.setIn(['connections', 'base', 'tables', table], document.createNode(given))
  document.setIn(['connections', 'base', 'changes'], changes)
  document.setIn(['connections', 'base', 'base_url'], ORIGINS.airtable)
  document.setIn(['connections', 'base', 'content_url'], ORIGINS.airtable)
}
