/** What the engine derives from flows and connectors once, at start: how to read rows of each flow, and who watches what. */
import type { Configured, Kind } from '../connector/connector.ts'
import { mostBytes } from '../core/files.ts'
import {
  carries,
  comparedFields,
  other,
  pairsOf,
  SIDES,
  travelsFrom,
  type Flow,
  type OnLeave,
  type Pair,
  type Side,
} from '../core/flow.ts'
import type { PairSpec, PeopleFields, SideSpec } from '../store/verbs/subjects.ts'
import type { PersonAt } from '../store/verbs/aliases.ts'
import type { Readings, Watches } from '../store/verbs/naming.ts'
import type { Watch } from '../store/verbs/due.ts'
import type { KindReading } from '../store/verbs/kin.ts'

/** A connection as configured. */
export interface ConnectionSetup {
  readonly id: string
  readonly connector: Configured
  /** As the connector's own schema parsed it. */
  readonly config: unknown
  /** Where its system can be asked to send webhooks; absent or null: nowhere. */
  readonly address?: string | null
}

export interface FlowModel {
  readonly flow: Flow
  readonly specs: readonly PairSpec[]
  readonly pairs: ReadonlyMap<string, Pair>
  /** The feed that reports a kind of a side. */
  feedOf(side: Side, kind: string): string
}

export interface Model {
  readonly flows: readonly FlowModel[]
  readonly connections: ReadonlyMap<string, ConnectionSetup>
  watches(connection: string): readonly Watch[]
  readings(connection: string): readonly KindReading[]
  /** The same of all connections, for what concerns items of several. */
  readonly allWatches: Watches
  readonly allReadings: Readings
  /** Which persons are one, as the configuration says. */
  readonly people: readonly (readonly PersonAt[])[]
  kind(connection: string, kind: string): Kind<unknown>
  /** The feeds of a connection that some flow reads. */
  feeds(connection: string): readonly string[]
}

export function modelOf(
  flows: readonly Flow[],
  setups: readonly ConnectionSetup[],
  people: Model['people'] = [],
): Model {
  const connections = new Map(setups.map((setup) => [setup.id, setup]))
  const setupOf = (id: string): ConnectionSetup => {
    const setup = connections.get(id)
    if (setup === undefined) throw new Error(`no connection is called ${id}`)
    return setup
  }
  const models = flows.map((flow) => flowModel(flow, (side) => setupOf(flow.connections[side])))
  const readings = new Map(setups.map((setup) => [setup.id, readingsOf(setup, models)]))
  const watches = new Map(setups.map((setup) => [setup.id, models.flatMap((model) => watchesOf(model, setup.id))]))
  return {
    flows: models,
    connections,
    watches: (connection) => watches.get(connection) ?? [],
    allWatches: Object.fromEntries(watches),
    allReadings: Object.fromEntries(readings),
    people,
    readings: (connection) => readings.get(connection) ?? [],
    kind(connection, name) {
      const kind = setupOf(connection).connector.kinds[name]
      if (kind === undefined) throw new Error(`${connection} has no kind ${name}`)
      return kind
    },
    feeds(connection) {
      const kinds = new Set((watches.get(connection) ?? []).map((watch) => watch.kind))
      return Object.entries(setupOf(connection).connector.feeds)
        .filter(([, feed]) => feed.kinds.some((kind) => kinds.has(kind)))
        .map(([name]) => name)
    },
  }
}

function flowModel(flow: Flow, setupOf: (side: Side) => ConnectionSetup): FlowModel {
  const specs = pairsOf(flow).map((pair, rank) => specOf(flow, pair, rank, setupOf))
  return {
    flow,
    specs,
    pairs: new Map(pairsOf(flow).map((pair) => [pair.id, pair])),
    feedOf: (side, kind) => feedOf(setupOf(side).connector, kind),
  }
}

export function feedOf(connector: Configured, kind: string): string {
  for (const [name, feed] of Object.entries(connector.feeds)) if (feed.kinds.includes(kind)) return name
  return ''
}

/** How long after a feed has begun with a scope that scope may be listed. */
export function lagOf(connector: Configured, name: string): number {
  const feed = connector.feeds[name]
  if (feed === undefined || feed.reachesBack === true) return 0
  return Math.max(0, ...feed.kinds.map((kind) => connector.kinds[kind]?.lag ?? 0)) * 1000
}

function specOf(flow: Flow, pair: Pair, rank: number, setupOf: (side: Side) => ConnectionSetup): PairSpec {
  const headPair = flow.pairs.find((each) => SIDES.some((name) => each.kinds[name].kind === pair.kinds[name].head))
  const side = (name: Side): SideSpec => {
    const facts = pair.kinds[name]
    const refs = pair.lenses.flatMap((lens) => {
      const kind = lens.to?.[name]
      return kind === undefined ? [] : lens.fields[name].map((field) => ({ field, kind }))
    })
    return {
      connection: facts.connection,
      kind: facts.kind,
      feed: feedOf(setupOf(name).connector, facts.kind),
      parent: facts.parent,
      head: headPair === undefined ? null : { kind: headPair.kinds[name].kind, pair: headPair.id },
      containerKind: flow.containers.kinds[name].kind,
      takes: facts.takes,
      people: peopleOf(setupOf(name), pair, name),
      files: filesOf(flow, pair, name),
      compared: comparedFields(pair, name),
      untold: facts.untold,
      refs: facts.parent === null ? refs : [...refs, facts.parent],
    }
  }
  return {
    id: pair.id,
    rank,
    container: pair === flow.containers,
    files: hasFiles(pair),
    filtered: pair.where !== undefined,
    onLeave: { a: onLeaveOf(flow, pair, 'a'), b: onLeaveOf(flow, pair, 'b') },
    a: side('a'),
    b: side('b'),
  }
}

/** Of the files that travel from this side. */
function filesOf(flow: Flow, pair: Pair, from: Side): SideSpec['files'] {
  const to = other(from)
  const fields = pair.lenses
    .filter((lens) => lens.files === true && travelsFrom(flow, lens, from))
    .flatMap((lens) => lens.fields[from])
  if (fields.length === 0) return null
  const isCarried = pair.kinds[from].files?.opens === true && pair.kinds[to].files?.uploads === true
  return { fields, most: isCarried ? mostBytes(flow, pair, to) : -1 }
}

/** A leaving against the flow's direction is never followed. */
function onLeaveOf({ direction }: Flow, { onLeave }: Pair, from: Side): OnLeave {
  return carries(direction, from) ? onLeave[from] : 'keep'
}

function watchesOf({ flow, specs }: FlowModel, connection: string): Watch[] {
  return specs.flatMap((spec) =>
    SIDES.filter((side) => flow.connections[side] === connection).map((side) => ({
      flow: flow.id,
      pair: spec.id,
      side,
      kind: spec[side].kind,
      rank: spec.rank,
      container: spec.container,
    })),
  )
}

function peopleOf({ connector }: ConnectionSetup, { lenses }: Pair, side: Side): PeopleFields {
  const fields = lenses.flatMap((lens) => (lens.people === true ? lens.fields[side] : []))
  return { fields, areEmails: connector.people?.areEmails === true }
}

/** The fields of a kind that name persons, in whichever flow they are related. */
function peopleIn({ id, connector }: ConnectionSetup, models: readonly FlowModel[], kind: string): PeopleFields {
  const fields = models.flatMap(({ specs }) =>
    specs.flatMap((spec) =>
      SIDES.flatMap((side) =>
        spec[side].connection === id && spec[side].kind === kind ? spec[side].people.fields : [],
      ),
    ),
  )
  return { fields: [...new Set(fields)], areEmails: connector.people?.areEmails === true }
}

function readingsOf(setup: ConnectionSetup, models: readonly FlowModel[]): KindReading[] {
  const { connector } = setup
  return Object.entries(connector.kinds).map(([kind, declared]) => ({
    kind,
    feed: feedOf(connector, kind),
    gets: declared.get !== undefined,
    takes: declared.takes ?? [],
    unique: declared.unique ?? [],
    people: peopleIn(setup, models, kind),
    children: Object.entries(connector.kinds).flatMap(([child, { fields, siblings, under }]) =>
      fields[siblings ?? under ?? '']?.to === kind ? [child] : [],
    ),
    parentField: declared.siblings ?? declared.under ?? null,
    ordered: declared.ordered === true,
    lagMs: (declared.lag ?? 0) * 1000,
  }))
}

export function hasFiles({ lenses }: Pair): boolean {
  return lenses.some((lens) => lens.files === true)
}
