/** Compiles the flows of a configuration, and refuses those that cannot work or would multiply items. */
import { createHash } from 'node:crypto'
import type { Configured } from '../connector/connector.ts'
import { canonical } from '../connector/values.ts'
import type { BrakeLimits, Direction, Flow, Side } from '../core/flow.ts'
import { idFor, templateOf } from './accounts.ts'
import { mappingOf } from '../mappings/index.ts'
import type { LoadModule } from './named.ts'
import { readPolicy } from './policies.ts'
import type { CompiledFlow } from './compiled-flow.ts'
import type { FlowSettings } from './flow-schema.ts'
import { checkOverlaps } from './overlap.ts'
import { compilePairs, type CompiledPair, type PairContext } from './pairs.ts'
import { suggestion, type Finding, type Path } from './problem.ts'
import { compileEach, compileScopes } from './scopes.ts'
import { directionOf, directions, type Between } from './sides.ts'

export interface Compiled {
  /** Those without a finding. */
  readonly flows: readonly CompiledFlow[]
  readonly findings: readonly Finding[]
}

/** `known` holds all connections, also those whose own options are wrong. */
export function compileFlows(
  settings: { readonly [flow: string]: FlowSettings },
  known: ReadonlyMap<string, Configured | null>,
  load: LoadModule = cannotLoad,
): Compiled {
  const findings: Finding[] = []
  const flows: CompiledFlow[] = []
  for (const [id, each] of Object.entries(settings)) {
    const before = findings.length
    const compiled = compileFlow(id, each, known, load, (finding) => findings.push(finding))
    if (compiled !== null && findings.length === before) flows.push(compiled)
  }
  findings.push(...checkOverlaps(flows))
  return { flows, findings }
}

function cannotLoad(): never {
  throw new Error('files with functions are not loaded here')
}

/** The flow with its start settled. `firstRun`: the instant at which it first ran. */
export function flowAt({ flow, startsNow }: CompiledFlow, firstRun: string): Flow {
  return startsNow ? { ...flow, start: firstRun } : flow
}

function compileFlow(
  id: string,
  settings: FlowSettings,
  known: ReadonlyMap<string, Configured | null>,
  load: LoadModule,
  report: (finding: Finding) => void,
): CompiledFlow | null {
  const path = ['flows', id]
  const { between } = settings
  const connectors = connectorsOf(id, between, known, [...path, 'between'], report)
  if (connectors === null) return null
  const connections = idsOf(id, between, known)
  const context: PairContext = { between, connections, connectors, report, load, onRefused: settings.on_refused }
  const direction = readDirection(settings, path, context)
  const policy = readPolicy(settings, path, context)
  const pairs = pairsOfFlow(settings, path, context)
  const containers = pairs === null ? null : containersOf(pairs, path, context)
  if (pairs === null || containers === null || direction === null) return null
  const scopes = compileScopes(settings, containers.pair.kinds, direction, path, report)
  const each = compileEach(settings, containers.pair.kinds, direction, path, report)
  const flow: Flow = {
    id,
    title: settings.title ?? id,
    connections: { a: connections[0], b: connections[1] },
    ...ofTemplate(id),
    direction,
    astray: settings.astray,
    policy: policy ?? 'newest',
    containers: containers.pair,
    pairs: pairs.filter((pair) => pair !== containers).map(({ pair }) => pair),
    scopes,
    each,
    start: startOf(settings.start),
    brake: brakeOf(settings.brake),
    mostFileBytes: Math.round(settings.max_file_mb * 1e6),
    settings: digestOf([settings, pairs.map(({ pair }) => pair.kinds)]),
  }
  return {
    flow,
    startsNow: settings.start === 'now',
    filters: Object.fromEntries(pairs.map(({ pair, filters }) => [pair.id, filters])),
    eachWhere: settings.each?.where ?? null,
  }
}

/** Of what is data: functions are not told apart. */
function digestOf(said: unknown): string {
  return createHash('sha256').update(JSON.stringify(said)).digest('hex').slice(0, 32)
}

function ofTemplate(id: string): Pick<Flow, 'template'> {
  const template = templateOf(id)?.template
  return template === undefined ? {} : { template }
}

/** Where a flow is for one account, that account's connections. */
function idsOf(flow: string, between: Between, known: ReadonlyMap<string, Configured | null>): Between {
  const account = templateOf(flow)?.account
  const idOf = (name: string): string => {
    const own = account === undefined ? name : idFor(name, account)
    return known.has(own) ? own : name
  }
  return [idOf(between[0]), idOf(between[1])]
}

function connectorsOf(
  flow: string,
  between: Between,
  known: ReadonlyMap<string, Configured | null>,
  path: Path,
  report: (finding: Finding) => void,
): PairContext['connectors'] | null {
  const ids = idsOf(flow, between, known)
  const templates = new Set([...known.keys()].flatMap((id) => templateOf(id)?.template ?? []))
  for (const [index, name] of between.entries())
    if (known.has(ids[index] ?? '') && templateOf(name) === null) continue
    else if (templates.has(name))
      report({
        code: 'no-account',
        path: [...path, index],
        message: `there is one connection \`${name}\` for each account, and this flow is for none`,
        remedy: 'add `per: account` to the flow, or name a connection that all share',
      })
    else
      report({
        code: 'unknown-connection',
        path: [...path, index],
        message: `there is no connection \`${name}\``,
        remedy: suggestion(name, [...new Set([...known.keys()].map((id) => templateOf(id)?.template ?? id))]),
      })
  if (between[0] === between[1])
    report({
      code: 'same-connection',
      path,
      message: 'both sides are the same connection',
      remedy: 'name two connections; two containers of one system need a connection each',
    })
  const [a, b] = ids.map((id) => known.get(id) ?? null)
  return a == null || b == null || between[0] === between[1] ? null : { a, b }
}

function readDirection(settings: FlowSettings, path: Path, { between, report }: PairContext): Direction | null {
  const direction = directionOf(settings.direction, between)
  if (direction === null)
    report({
      code: 'bad-direction',
      path: [...path, 'direction'],
      message: 'this is no direction between the two connections',
      remedy: `write ${directions(between)}`,
    })
  return direction
}

function pairsOfFlow(settings: FlowSettings, path: Path, context: PairContext): readonly CompiledPair[] | null {
  const { a, b } = context.connectors
  const mapping = mappingOf(a.name, b.name)
  if (mapping !== null || Object.keys(settings.kinds).length > 0)
    return compilePairs(mapping, settings.kinds, [...path, 'kinds'], context)
  context.report({
    code: 'no-mapping',
    path,
    message: `no mapping between ${a.title} and ${b.title} comes with Lockstep`,
    remedy: 'add `kinds:` with your own pairs, each with `a`, `b` and `fields`',
  })
  return null
}

/** The one pair whose both kinds are containers. Pairs whose parents are not carried are reported. */
function containersOf(pairs: readonly CompiledPair[], path: Path, context: PairContext): CompiledPair | null {
  const place = [...path, 'kinds']
  const [containers, second] = pairs.filter(({ pair }) => pair.kinds.a.container && pair.kinds.b.container)
  if (containers === undefined || second !== undefined) {
    const found = containers === undefined ? 'none of its pairs is' : 'more than one of its pairs is'
    context.report({
      code: 'no-mapping',
      path: place,
      message: `a flow joins containers, and ${found} a pair of kinds of containers`,
      remedy: 'keep exactly one such pair, as `space-category` is',
    })
    return null
  }
  const seen = new Set<string>()
  for (const { pair } of pairs) {
    const kinds = `${pair.kinds.a.kind}, ${pair.kinds.b.kind}`
    const parents = (['a', 'b'] as const).map((side) => [side, pair.kinds[side].parent?.kind] as const)
    const orphan = parents.find(
      ([side, parent]) => parent !== undefined && !pairs.some((each) => each.pair.kinds[side].kind === parent),
    )
    const message = seen.has(kinds)
      ? `another pair of this flow joins the same two kinds`
      : `a ${pair.kinds[orphan?.[0] ?? 'a'].kind} lives under a ${orphan?.[1] ?? ''}, which no pair of this flow carries`
    if (seen.has(kinds) || orphan !== undefined)
      context.report({
        code: 'no-mapping',
        path: [...place, pair.id],
        message,
        remedy: 'keep one pair for each two kinds, and a pair for the kind of each parent',
      })
    seen.add(kinds)
  }
  return containers
}

function startOf(start: FlowSettings['start']): string | null {
  return start === 'all' || start === 'now' ? null : new Date(start).toISOString()
}

function brakeOf(brake: FlowSettings['brake']): BrakeLimits {
  const limits = ({ at_least, share }: FlowSettings['brake']['deletes']) => ({ atLeast: at_least, share })
  return { deletes: limits(brake.deletes), writes: limits(brake.writes) }
}

/**
 * What the store keeps of a flow, so that a later start notices sides that were swapped, or a flow that went under
 * another name. Options that may change freely, such as titles and scopes, are no part of it.
 */
export function flowFingerprint(flow: Flow): string {
  const end = (side: Side) => ({ connection: flow.connections[side], container: flow.containers.kinds[side].kind })
  return canonical({ a: end('a'), b: end('b') })
}

/** What became of a flow with this fingerprint: 'swapped' has the same two ends the other way round. */
export function compareFingerprint(stored: string, flow: Flow): 'same' | 'swapped' | 'other' {
  if (stored === flowFingerprint(flow)) return 'same'
  const { connections, containers } = flow
  const swapped: Flow = {
    ...flow,
    connections: { a: connections.b, b: connections.a },
    containers: { ...containers, kinds: { a: containers.kinds.b, b: containers.kinds.a } },
  }
  return stored === flowFingerprint(swapped) ? 'swapped' : 'other'
}
