/** Compiles flows as tests write them, between made-up connections. */
import assert from 'node:assert/strict'
import { compileFlows, type CompiledFlow } from '../../src/config/index.ts'
import { flowSchema } from '../../src/config/flow-schema.ts'
import { discourse } from '../../src/connectors/discourse/index.ts'
import { googleChat } from '../../src/connectors/google-chat/index.ts'
import type { Configured } from '../../src/connector/index.ts'
import type { Flow } from '../../src/core/flow.ts'
import { tables, tracker } from './connectors.ts'

const known = new Map<string, Configured>([
  ['chat', googleChat],
  ['chat2', googleChat],
  ['forum', discourse],
  ['forum2', discourse],
  ['work', tracker],
  ['work2', tracker],
  ['work3', tracker],
  ['sheet', tables],
])

type Flows = Readonly<Record<string, unknown>>

export function compile(flows: Flows) {
  const settings = Object.entries(flows).map(([id, each]) => [id, flowSchema.parse(each)] as const)
  return compileFlows(Object.fromEntries(settings), known)
}

export function compiled(flow: unknown): CompiledFlow {
  const { flows, findings } = compile({ team: flow })
  assert.deepEqual(findings, [])
  const [first] = flows
  assert.ok(first !== undefined)
  return first
}

export function flowOf(flow: unknown): Flow {
  return compiled(flow).flow
}

export function codes(flows: Flows): readonly string[] {
  return compile(flows).findings.map(({ code, path }) => `${code} ${path.join('.')}`)
}

export const team = { between: ['chat', 'forum'], scopes: [['spaces/A', 12]] }
export const projects = { project: { a: 'project', b: 'project', fields: { name: { a: 'name', b: 'name' } } } }
export const tasks = {
  kinds: { ...projects, task: { a: 'task', b: 'task', fields: { name: { a: 'name', b: 'name' } } } },
}
