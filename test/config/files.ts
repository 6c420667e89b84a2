/** Configurations for tests, and reading them from files that are only texts. */
import assert from 'node:assert/strict'
import { formatProblem, loadConfig, type Config, type Problem } from '../../src/config/index.ts'
import { connectors } from '../../src/connectors/index.ts'
import { tables, tracker } from './connectors.ts'

export const FOLDER = '/etc/lockstep'
export const all = new Map([...connectors, [tracker.name, tracker], [tables.name, tables]])

type Files = Readonly<Record<string, string>>

/** Reads a configuration that lies beside the given files. */
export function load(yaml: string, { files = {}, env = {} }: { files?: Files; env?: Files } = {}) {
  const there: Files = { 'lockstep.yaml': yaml, ...files }
  return loadConfig({
    path: `${FOLDER}/lockstep.yaml`,
    readFile: (path) => {
      assert.ok(path.startsWith(`${FOLDER}/`), path)
      return there[path.slice(FOLDER.length + 1)] ?? null
    },
    env,
    connectors: all,
  })
}

export function configOf(yaml: string, options?: Parameters<typeof load>[1]): Config {
  const { config, problems } = load(yaml, options)
  assert.deepEqual(problems.map(formatProblem), [])
  assert.ok(config !== null)
  return config
}

/** The one problem of a configuration: each mistake is told once. */
export function problemOf(yaml: string, options?: Parameters<typeof load>[1]): Problem {
  const { config, problems } = load(yaml, options)
  assert.equal(config, null)
  assert.equal(problems.length, 1, problems.map(formatProblem).join('\n') || 'no problem')
  const [problem] = problems
  assert.ok(problem !== undefined && problem.remedy !== '' && problem.message !== '')
  return problem
}

export const CHAT = `
  chat:
    connector: google-chat
    client_id: 1.apps
    client_secret: chat-secret-1`
export const FORUM = `
  forum:
    connector: discourse
    base_url: https://forum.test
    api_username: system
    api_key: forum-secret-1
    webhook_secret: hook-secret-1`
export const TRACKER = `
  work:
    connector: tracker
    api_token: tracker-secret-1`
export const TABLES = `
  sheet:
    connector: tables
    access_key: sheet-secret-1`

export function withFlows(flows: string, connections = CHAT + FORUM): string {
  return `connections:${connections}\nflows:\n${flows}\n`
}

export function team(more = '', scopes = '[[spaces/AAA, 12]]'): string {
  return withFlows(`  team:\n    between: [chat, forum]\n    scopes: ${scopes}\n${more}`)
}
