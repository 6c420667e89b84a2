/** Reads a configuration: pure but for the port that reads files. Reports every problem at once. */
import { dirname, join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { z } from 'zod'
import { toldOnce, WRITTEN_OUT } from './accounts.ts'
import { withAliases } from './aliases.ts'
import { clashesOf, type Own } from './clashes.ts'
import type { Connectors } from '../connectors/index.ts'
import type { Config } from './config.ts'
import { readConnections } from './connections.ts'
import { readDocument, type Document } from './document.ts'
import type { CompiledFlow } from './compiled-flow.ts'
import { compileFlows } from './flows.ts'
import { flowSchema, type FlowSettings } from './flow-schema.ts'
import { findingsOf } from './issues.ts'
import { noticesOf } from './notices.ts'
import { checkSettings, readSettings } from './settings.ts'
import { withRaw } from './raw.ts'
import { placeOf, type Finding, type Path, type Problem } from './problem.ts'
import { configSchema } from './schema.ts'
import { dataAt, nodesAt, treeOf, type SchemaNode } from './schema-tree.ts'

export interface LoadOptions {
  /** Of the configuration file. */
  readonly path: string
  /** Null: there is no such file. Throws where it cannot be read. */
  readonly readFile: (path: string) => string | null
  readonly env: Readonly<Record<string, string | undefined>>
  readonly connectors: Connectors
  /** Runs a file of functions and answers what it exports. Throws where it cannot. */
  readonly loadModule?: (path: string) => unknown
}

export type Loaded =
  | { readonly config: Config; readonly problems: readonly [] }
  | { readonly config: null; readonly problems: readonly Problem[] }

export function loadConfig(options: LoadOptions): Loaded {
  const path = resolve(options.path)
  const text = readText(path, options)
  if (typeof text !== 'string') return { config: null, problems: [text] }
  const variables = readVariables(join(dirname(path), '.env'), options)
  if (variables === null) return { config: null, problems: [unreadable('.env', 'the file of variables beside it')] }
  const valueOf = (name: string): string | undefined => options.env[name] ?? variables[name]
  const document = readDocument(text, valueOf)
  const { config, findings, secrets } = check(document, path, options, valueOf)
  if (config !== null && findings.length === 0) return { config, problems: [] }
  const problems = problemsOf(findings, document, options.path)
  return { config: null, problems: problems.map((problem) => withoutSecrets(problem, secrets)) }
}

/** The file's text, or why there is none. */
function readText(path: string, { readFile, path: file }: LoadOptions): string | Problem {
  const problem = { code: 'file-missing', place: '', file, line: null, column: null } as const
  try {
    const text = readFile(path)
    const remedy = 'name the file with --config, or begin with "lockstep config example > lockstep.yaml"'
    return text ?? { ...problem, message: 'there is no such configuration file', remedy }
  } catch {
    return unreadable(file, 'the configuration file')
  }
}

/** The `.env` beside the file; variables of the environment go before its own. Null: it cannot be read. */
function readVariables(path: string, { readFile }: LoadOptions): Readonly<Record<string, string | undefined>> | null {
  try {
    return parseEnv(readFile(path) ?? '')
  } catch {
    return null
  }
}

function unreadable(file: string, what: string): Problem {
  const remedy = 'make it readable for the user that runs Lockstep'
  return { code: 'file-missing', place: '', file, line: null, column: null, message: `${what} cannot be read`, remedy }
}

function check(
  document: Document,
  path: string,
  { connectors, readFile, loadModule }: LoadOptions,
  valueOf: (variable: string) => string | undefined,
): { config: Config | null; findings: readonly Finding[]; secrets: readonly string[] } {
  if (document.data === undefined) return { config: null, findings: document.findings, secrets: [] }
  const schema = configSchema(connectors, WRITTEN_OUT)
  const tree = treeOf(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))
  const { data: filled, aliases } = withAliases(withoutEmpty(withNumbers(document, tree), tree), connectors, valueOf)
  const data = withRaw(filled, connectors)
  const parsed = schema.safeParse(data)
  const folder = dirname(path)
  const personal = new Set(document.personal.map(placeOf))
  const isPersonal = (place: Path): boolean => personal.has(placeOf(place))
  const settings = parsed.success ? readSettings(parsed.data, folder) : null
  const connections = readConnections(data, {
    connectors,
    folder,
    readFile,
    tree,
    isPersonal,
    publicUrl: settings?.config.listen.publicUrl ?? null,
  })
  const flows = readFlows(data, connections.known, loadModule && ((file) => loadModule(resolve(folder, file))))
  const findings = [
    ...document.findings,
    ...(parsed.success ? [] : findingsOf(parsed.error.issues, tree, data)),
    ...connections.findings,
    ...flows.findings,
    ...clashesOf(scopesOf(document, data), 'container'),
    ...(parsed.success ? checkSettings(parsed.data) : []),
  ]
  if (settings === null) return { config: null, findings, secrets: connections.secrets }
  const secrets = [...connections.secrets, ...settings.secrets]
  const config = {
    path,
    ...settings.config,
    connections: connections.connections,
    flows: flows.flows,
    secrets,
    aliases,
    notices: noticesOf({ connections: connections.connections, flows: flows.flows }, valueOf),
  }
  return { config, findings, secrets }
}

/** How long the path of a pair of containers is. */
const PAIR = 4

/** The containers that accounts name. */
function scopesOf({ personal }: Document, data: unknown): readonly Own[] {
  return personal
    .filter(([section, , option]) => section === 'flows' && option === 'scopes')
    .map((path) => ({ path: path.slice(0, PAIR), side: path[PAIR], value: String(dataAt(data, path)) }))
}

/** Flows whose own options are right are compiled, whatever else is wrong. */
function readFlows(
  data: unknown,
  known: Parameters<typeof compileFlows>[1],
  load: Parameters<typeof compileFlows>[2],
): { flows: readonly CompiledFlow[]; findings: readonly Finding[] } {
  const written = dataAt(data, ['flows'])
  const right: { [flow: string]: FlowSettings } = {}
  if (typeof written === 'object' && written !== null)
    for (const [id, each] of Object.entries(written)) {
      const parsed = flowSchema.safeParse(each)
      if (parsed.success) right[id] = parsed.data
    }
  return compileFlows(right, known, load)
}

/** A variable's value is text; where a number or a truth value is wanted, it is read as one. */
function withNumbers({ data, interpolated }: Document, tree: SchemaNode): unknown {
  return interpolated.reduce<unknown>((whole, path) => {
    const text = dataAt(whole, path)
    const types = nodesAt(tree, path, whole).map(({ type }) => type)
    const isNumber = types.every((type) => type === 'integer' || type === 'number')
    const isTruth = types.every((type) => type === 'boolean')
    if (types.length === 0 || typeof text !== 'string') return whole
    if (isNumber && /^-?\d+(\.\d+)?$/.test(text)) return replaced(whole, path, Number(text))
    return isTruth && /^(true|false)$/.test(text) ? replaced(whole, path, text === 'true') : whole
  }, data)
}

/** A key without a value is as if it were not there, but where nothing is a value, as in a filter. */
function withoutEmpty(data: unknown, tree: SchemaNode, path: Path = [], whole: unknown = data): unknown {
  if (Array.isArray(data)) return data.map((each, index) => withoutEmpty(each, tree, [...path, index], whole))
  if (typeof data !== 'object' || data === null) return data
  const kept = Object.entries(data).filter(([key, value]) => value !== null || takesNull(tree, [...path, key], whole))
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutEmpty(value, tree, [...path, key], whole)]))
}

function takesNull(tree: SchemaNode, path: Path, whole: unknown): boolean {
  const nodes = nodesAt(tree, path, whole)
  return (
    nodes.length === 0 || nodes.some(({ type }) => type === 'null' || (Array.isArray(type) && type.includes('null')))
  )
}

function replaced(data: unknown, [step, ...rest]: Path, value: unknown): unknown {
  if (step === undefined) return value
  const inside = replaced(dataAt(data, [step]), rest, value)
  if (Array.isArray(data)) return data.map((each: unknown, index) => (index === step ? inside : each))
  return typeof data === 'object' && data !== null ? { ...data, [step]: inside } : data
}

/** In the order of the file. What follows from a value that is not known is not told again. */
function problemsOf(findings: readonly Finding[], document: Document, file: string): readonly Problem[] {
  const roots = findings.filter(({ code }) => ROOT_CAUSES.has(code))
  const told = new Set<string>()
  const problems: (Problem & { readonly path: Path })[] = []
  for (const finding of findings) {
    const { code, path, message, remedy } = finding
    const place = placeOf(path)
    const follows = !roots.includes(finding) && roots.some((root) => concerns(root.path, path))
    const key = `${place} ${MISFITS.has(code) ? '' : message}`
    if (follows || told.has(key)) continue
    told.add(key)
    problems.push({ code, place: code === 'yaml' ? '' : place, file, ...document.at(path), message, remedy, path })
  }
  return toldOnce(problems, document.accounts).toSorted(
    (one, two) => (one.line ?? 0) - (two.line ?? 0) || (one.column ?? 0) - (two.column ?? 0),
  )
}

/** A secret that stands where a name belongs would be quoted. */
function withoutSecrets(problem: Problem, secrets: readonly string[]): Problem {
  const hide = (text: string) =>
    secrets.reduce((shown, secret) => (secret.length < 4 ? shown : shown.replaceAll(secret, '…')), text)
  return { ...problem, place: hide(problem.place), message: hide(problem.message), remedy: hide(problem.remedy) }
}

const ROOT_CAUSES: ReadonlySet<Finding['code']> = new Set([
  'missing-variable',
  'no-account',
  'account-value',
  'account-clash',
  'secret-file',
  'yaml',
])

/** Of these, the first at a place explains the others. */
const MISFITS: ReadonlySet<Finding['code']> = new Set(['invalid', 'missing', 'missing-secret'])

/** Whether a value without which `path` cannot be judged stands at `cause`: in it, around it, or in its `_file`. */
function concerns(cause: Path, path: Path): boolean {
  const [inner, outer] = [placeOf(cause), placeOf(path)]
  return inner === outer || inner === `${outer}_file` || outer.startsWith(`${inner}.`) || outer.startsWith(`${inner}[`)
}
