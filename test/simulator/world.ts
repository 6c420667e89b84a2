/** One run: two made-up systems, people on both, the real engine and store between them, all from one seed. */
import type { AnyConnector } from '../../src/connector/connector.ts'
import type { Side } from '../../src/core/flow.ts'
import { modelOf } from '../../src/engine/model.ts'
import { VirtualTime } from '../../src/testing/virtual-time.ts'
import { Board, type KindName } from './board.ts'
import { between, streamOf, type Chance } from './chance.ts'
import { connectorOf } from './connector.ts'
import { CursorOracle } from './cursor-oracle.ts'
import { emptyDatabase } from './database.ts'
import { drawFaults, NO_FAULTS, type FaultPlan } from './faults.ts'
import { drawFlow, flowOf, trackedKinds, type FlowPlan } from './flow.ts'
import { furnish } from './furnish.ts'
import { Hooks } from './hooks.ts'
import { Ledger, type Violation } from './ledger.ts'
import { differences, disorder, dump, lostTokens, workload, type Scene } from './oracles.ts'
import { Host } from './process.ts'
import { drawShape, tellShape, type Shape } from './shape.ts'
import { System } from './system.ts'
import { Trace } from './trace.ts'
import { drawDeed, Users } from './users.ts'
import { Watch } from './watch.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const START = Date.parse('2026-11-02T09:00:00Z')
/** After healing: as long as the longest backoff, and some more. */
const PATIENCE = 4 * HOUR

export interface RunOptions {
  readonly seed: number
  readonly trace?: boolean
  /** Only this crash, and no other fault: for going through all points. */
  readonly crashAt?: number
  readonly calm?: boolean
  readonly deeds?: number
}

export interface RunResult {
  readonly seed: number
  readonly hash: string
  readonly violations: readonly Violation[]
  readonly crashes: number
  readonly faults: { readonly [fault: string]: number }
  readonly steps: number
  readonly deeds: number
  readonly writes: number
  readonly forgiven: number
  readonly takenUnseen: number
  readonly shapes: readonly string[]
  readonly trace: readonly string[]
}

interface World {
  readonly time: VirtualTime
  readonly scene: Scene
  readonly users: Users
  readonly host: Host
  readonly hooks: Hooks
  readonly trace: Trace
  readonly ledger: Ledger
  readonly counts: Map<string, number>
  readonly plan: FaultPlan
  readonly shapes: { readonly [side in Side]: Shape }
  readonly flow: FlowPlan
  readonly cursors: CursorOracle
  /** When the last deed is done. */
  readonly endAt: number
  readonly quietMs: number
}

export async function run(options: RunOptions): Promise<RunResult> {
  const world = build(options)
  const { ledger, host, trace, scene } = world
  try {
    void host.start().catch((error: unknown) => ledger.fail('run', String(error)))
    await play(world)
    await heal(world)
    if (ledger.violations.length === 0) await judge(world)
    await host.close()
  } catch (error) {
    ledger.fail('run', error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
  const left = options.trace === true ? dump(scene.db) : []
  trace.line(`ends with ${ledger.violations.map((each) => each.property).join()}`)
  return {
    seed: options.seed,
    hash: trace.digest(),
    violations: ledger.violations,
    crashes: host.crashes,
    faults: Object.fromEntries(world.counts),
    steps: host.steps,
    deeds: ledger.changesByUsers,
    writes: ledger.effectiveWrites,
    forgiven: scene.watch.forgivenEdits,
    takenUnseen: scene.watch.takenUnseen,
    shapes: [
      tellShape(world.shapes.a),
      tellShape(world.shapes.b),
      JSON.stringify(world.flow),
      JSON.stringify(world.plan),
    ],
    trace: [...trace.lines, ...left],
  }
}

function build(options: RunOptions): World {
  const { seed } = options
  const draw = streamOf(seed, 'world')
  const shapes = { a: drawShape('a', draw), b: drawShape('b', draw) }
  const flow = drawFlow(draw)
  const playMs = between(draw, 5, draw.pick([10, 20, 45])) * MINUTE
  const healAt = START + playMs
  const plan = planOf(options, streamOf(seed, 'fault plan'), healAt)
  const time = new VirtualTime(START)
  // Somebody cleans up a full house: the brake's case.
  const purges = streamOf(seed, 'purge').chance(0.1)
  // What stands before the first sync was made some time before it.
  let age = MINUTE
  const now = (): number => time.now() - age
  const trace = new Trace(now, options.trace === true)
  const ledger = new Ledger(now)
  const counts = new Map<string, number>()
  const hooks = new Hooks({ time, chance: streamOf(seed, 'hooks'), plan, healAt, shapes, counts, trace })
  const boardOf = (side: Side): Board =>
    new Board(shapes[side], now, (kind: KindName, ref, room) => hooks.changed(side, kind, ref, room))
  const boards = { a: boardOf('a'), b: boardOf('b') }
  const systemOf = (side: Side): System =>
    new System(boards[side], streamOf(seed, `system ${side}`), now, plan.skewMs[side])
  const systems = { a: systemOf('a'), b: systemOf('b') }
  const watch = new Watch(ledger, boards, trackedKinds(shapes))
  systems.a.watch = watch
  systems.b.watch = watch
  const userChance = streamOf(seed, 'users')
  const users = new Users({
    systems,
    ledger,
    watch,
    chance: userChance,
    trace,
    roomsFrom: flow.rooms === 'each' ? 'a' : null,
  })
  const scopes = furnish(users, systems, flow, ledger, userChance, purges)
  age = 0
  const connectors: { readonly [side in Side]: AnyConnector } = { a: connectorOf(shapes.a), b: connectorOf(shapes.b) }
  const setups = (['a', 'b'] as const).map((id) => ({ id, connector: connectors[id], config: {} }))
  const model = modelOf([flowOf(flow, shapes, connectors, scopes)], setups)
  const db = emptyDatabase(START)
  const audits = draw.chance(0.5) || needsAudits(plan, shapes, flow)
  const quietMs = draw.chance(0.1) ? HOUR : 11 * MINUTE
  const cursors = new CursorOracle(db, systems, ledger)
  const host = new Host({
    time,
    db,
    model,
    settings: {
      pollMs: draw.pick([30_000, MINUTE, 3 * MINUTE]),
      auditMs: audits ? draw.pick([4, 30]) * MINUTE : 1000 * HOUR,
    },
    wire: { time, systems, plan, chance: streamOf(seed, 'wire'), trace, healAt, counts },
    chance: streamOf(seed, 'engine'),
    trace,
    skewMs: plan.skewMs.engine,
    copies: draw.chance(0.1),
    onCommit: (calls) => cursors.check(calls),
    onFault: (error) => ledger.fail('run', error instanceof Error ? (error.stack ?? error.message) : String(error)),
  })
  hooks.host = host
  if (purges) time.after(playMs * 0.7, () => users.act('purge', userChance.pick(['a', 'b'] as const)))
  schedule(options, { time, users, systems, plan, playMs, counts }, streamOf(seed, 'deeds'))
  const scene = { db, systems, ledger, watch, flow }
  return {
    time,
    scene,
    users,
    host,
    hooks,
    trace,
    ledger,
    counts,
    plan,
    shapes,
    flow,
    cursors,
    endAt: START + playMs * 1.1 + MINUTE,
    quietMs,
  }
}

/**
 * What a lying listing hid at the first sync, only the audit can find. Nor can a new room be read wholly where reads lag:
 * the feed reports from now on, and a listing may show how things were before.
 */
function needsAudits(plan: FaultPlan, shapes: World['shapes'], { rooms }: FlowPlan): boolean {
  const lags = shapes.a.lagMs > 0 || shapes.b.lagMs > 0
  return (
    plan.spells.some((each) => each.what === 'empty-listings') || (lags && (rooms === 'each' || rooms === 'created'))
  )
}

function planOf({ crashAt, calm }: RunOptions, chance: Chance, healAt: number): FaultPlan {
  if (crashAt !== undefined) return { ...NO_FAULTS, crashes: [crashAt] }
  return calm === true ? NO_FAULTS : drawFaults(chance, START, healAt)
}

interface Stage {
  readonly time: VirtualTime
  readonly users: Users
  readonly systems: { readonly [side in Side]: System }
  readonly plan: FaultPlan
  readonly playMs: number
  readonly counts: Map<string, number>
}

/** Deeds come in bursts; some of them come after the faults have ended. */
function schedule(options: RunOptions, stage: Stage, chance: Chance): void {
  const { time, users, playMs, plan, systems } = stage
  const purges = chance.chance(0.2)
  let left = options.deeds ?? between(chance, 5, 40)
  while (left > 0) {
    const at = chance.int(Math.round(playMs * 1.1))
    for (let burst = Math.min(left, between(chance, 1, 4)); burst > 0; burst -= 1, left -= 1) {
      const { deed, side } = drawDeed(chance, purges)
      time.after(at + chance.int(chance.pick([10, 3000, 30_000])), () => users.act(deed, side))
    }
  }
  for (const spell of plan.spells) {
    if (spell.what === 'cursors-expire')
      time.after(spell.from - START, () => (systems[spell.side].board.firstCursor += 1_000_000))
    if (spell.what === 'empty-listings') {
      time.after(spell.from - START, () => (systems[spell.side].emptyListings = true))
      time.after(spell.until - START, () => (systems[spell.side].emptyListings = false))
    }
  }
  stage.counts.set('deeds', options.deeds ?? 0)
}

async function play({ time, ledger, endAt }: World): Promise<void> {
  await time.run(endAt, () => ledger.violations.length > 0)
}

/** Runs until both sides agree and nothing is in hand; what then differs is judged. */
async function heal({ time, ledger, scene }: World): Promise<void> {
  const end = time.now() + PATIENCE
  for (let calm = 0; calm < 2 && time.now() < end && ledger.violations.length === 0;) {
    await time.run(time.now() + 3 * MINUTE)
    calm = workload(scene.db).open === 0 && differences(scene).length === 0 ? calm + 1 : 0
  }
}

async function judge(world: World): Promise<void> {
  const { ledger, scene } = world
  for (const what of differences(scene)) ledger.fail('P1', what)
  for (const what of lostTokens(scene)) ledger.fail('P4', what)
  for (const what of disorder(scene)) ledger.fail('P13', what)
  if (ledger.effectiveWrites > ledger.changesByUsers + scene.watch.forgivenEdits)
    ledger.fail('P3', `${ledger.effectiveWrites} writes for ${ledger.changesByUsers} changes`)
  await quiet(world, 'P7', world.quietMs)
  world.hooks.replay()
  world.cursors.rewind()
  await quiet(world, 'P9', 5 * MINUTE)
}

/** Nobody does anything, so nothing is written and nothing grows. */
async function quiet({ time, ledger, scene }: World, property: string, ms: number): Promise<void> {
  const before = { writes: ledger.engineWrites, kept: workload(scene.db).kept }
  await time.run(time.now() + ms)
  const after = workload(scene.db).kept
  if (ledger.engineWrites !== before.writes)
    ledger.fail(property, `${ledger.engineWrites - before.writes} writes for no change`)
  const known = new Set(before.kept)
  // A hint that was lost may show, when it comes, an item that is nobody's business: seen, and left alone.
  const grown = after.filter((each) => !known.has(each) && (property === 'P7' || !each.startsWith('item ')))
  if (grown.length > 0) ledger.fail(property, `grew by ${grown.join(', ')}`)
}
