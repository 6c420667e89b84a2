/** One run: two made-up systems, people on both, the real engine and store between them, all from one scenario. */
import type { Configured } from '../../src/connector/connector.ts'
import { modelOf } from '../../src/engine/model.ts'
import type { VerbCall } from '../../src/store/driver.ts'
import { runVerbs } from '../../src/store/sqlite/run.ts'
import { verbs } from '../../src/store/verbs/index.ts'
import { memoryBlobs } from '../../src/testing/memory-blobs.ts'
import { VirtualTime } from '../../src/testing/virtual-time.ts'
import { Board, type KindName } from './board.ts'
import { streamOf } from './chance.ts'
import { connectorOf } from './connector.ts'
import { CursorOracle } from './cursor-oracle.ts'
import { emptyDatabase } from './database.ts'
import { Desk, isDeskDeed } from './desk.ts'
import { Strikes, type RequestFault } from './faults.ts'
import { findings } from './findings.ts'
import { flowOf, placesOf, routesOf, type Route } from './flow.ts'
import { furnish, type Furnished } from './furnish.ts'
import { Hooks } from './hooks.ts'
import { believedAt, isKnown, isOutOfReach, wasKnown } from './known.ts'
import { Ledger, tokenIn, type Violation } from './ledger.ts'
import {
  dump,
  hasUntoldEnds,
  asksAt,
  hintsAt,
  isHintWaiting,
  isNobodysBusiness,
  isOfFarEnd,
  unfinished,
  workload,
} from './growth.ts'
import { differences } from './oracles.ts'
import { pulledOnce } from './owners.ts'
import { isOperatorDeed, operatorOf, type Operator } from './people.ts'
import { PlanOracle } from './plan-oracle.ts'
import { Host } from './process.ts'
import { drawScenario, NO_AUDITS, type Scenario } from './scenario.ts'
import { PLACES, type Place } from './shape.ts'
import { System, type Systems } from './system.ts'
import { Trace } from './trace.ts'
import { awaitsAudit } from './told.ts'
import { Users } from './users.ts'
import type { Scene } from './view.ts'
import { Watch } from './watch.ts'
import { refOf } from './who-is-who.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
export const START = Date.parse('2026-11-02T09:00:00Z')
/** After healing: as long as the longest backoff, and some more. */
const PATIENCE = 4 * HOUR

export interface RunResult {
  readonly seed: number
  readonly hash: string
  readonly violations: readonly Violation[]
  readonly crashes: number
  readonly faults: { readonly [fault: string]: number }
  readonly deeds: number
  readonly writes: number
  readonly forgiven: number
  readonly takenUnseen: number
  /** What happened, in plain words. */
  readonly story: readonly string[]
  /** The faults of single requests, by the number of the request. */
  readonly struck: readonly (readonly [number, RequestFault])[]
  readonly trace: readonly string[]
}

export interface World {
  readonly time: VirtualTime
  readonly scene: Scene
  readonly host: Host
  readonly blobs: ReturnType<typeof memoryBlobs>
  readonly hooks: Hooks
  readonly trace: Trace
  readonly ledger: Ledger
  readonly counts: Map<string, number>
  readonly strikes: Strikes
  readonly cursors: CursorOracle
  /** When the last deed is done. */
  readonly endAt: number
  readonly quietMs: number
  readonly pollMs: number
  readonly auditMs: number
  /** Whether some things are gone, or became known, of which only the next listing tells. */
  readonly vanishes: boolean
}

export function runSeed(seed: number, traced = false): Promise<RunResult> {
  return run(drawScenario(seed), traced)
}

export async function run(scenario: Scenario, traced = false): Promise<RunResult> {
  const world = build(scenario, traced)
  const { ledger, host, trace, scene } = world
  try {
    void host.start().catch((error: unknown) => ledger.fail('run', String(error)))
    await play(world)
    await heal(world)
    if (ledger.violations.length === 0) await judge(world)
  } catch (error) {
    ledger.fail('run', error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
  await host.close()
  const left = traced ? dump(scene.db) : []
  trace.line(`ends with ${ledger.violations.map((each) => each.property).join()}`)
  return {
    seed: scenario.seed,
    hash: trace.digest(),
    violations: ledger.violations,
    crashes: host.crashes,
    faults: Object.fromEntries(world.counts),
    deeds: ledger.changesByUsers,
    writes: ledger.effectiveWrites,
    forgiven: scene.watch.forgivenEdits,
    takenUnseen: scene.watch.takenUnseen,
    story: trace.told,
    struck: world.strikes.struck,
    trace: [...trace.lines, ...left],
  }
}

interface Sides {
  readonly systems: Systems
  readonly hooks: Hooks
  readonly watch: Watch
  readonly users: Users
  readonly furnished: Furnished
}

/** The systems and what stands in them before the first sync, made some time before it. */
function sidesOf(
  scenario: Scenario,
  routes: readonly Route[],
  world: Pick<World, 'time' | 'trace' | 'ledger' | 'counts'>,
): Sides {
  const { seed, shapes, flow, faults, playMs } = scenario
  const { time, ledger, trace, counts } = world
  let age = MINUTE
  const now = (): number => time.now() - age
  const hooks = new Hooks({
    time,
    chance: streamOf(seed, 'hooks'),
    plan: faults,
    healAt: START + playMs,
    shapes,
    counts,
    trace,
  })
  const boardOf = (side: Place): Board =>
    new Board(shapes[side], now, (kind: KindName, ref, room) => hooks.changed(side, kind, ref, room))
  const boards = { a: boardOf('a'), b: boardOf('b'), c: boardOf('c'), d: boardOf('d') }
  const systemOf = (side: Place): System =>
    new System(boards[side], streamOf(seed, `system ${side}`), now, faults.skewMs[side])
  const systems = { a: systemOf('a'), b: systemOf('b'), c: systemOf('c'), d: systemOf('d') }
  const watch = new Watch(ledger, boards, routes)
  for (const place of PLACES) systems[place].watch = watch
  const roomsFrom = flow.rooms === 'each' ? ('a' as const) : null
  const users = new Users(
    { systems, places: placesOf(routes), ledger, watch, trace, roomsFrom, hooks },
    streamOf(seed, 'rooms'),
  )
  const furnished = furnish(users, systems, scenario, ledger)
  watch.owners = furnished.owners
  age = 0
  return { systems, hooks, watch, users, furnished }
}

export function build(scenario: Scenario, traced: boolean): World {
  const { seed, shapes, faults: plan, playMs } = scenario
  const routes = routesOf(scenario.flow, scenario.second, scenario.accounts !== null)
  const places = placesOf(routes)
  const time = new VirtualTime(START)
  const trace = new Trace(() => time.now() - START, traced)
  const ledger = new Ledger(() => time.now())
  const counts = new Map<string, number>()
  const { systems, hooks, watch, users, furnished } = sidesOf(scenario, routes, { time, trace, ledger, counts })
  const connectors: { readonly [place in Place]: Configured } = {
    a: connectorOf(shapes.a),
    b: connectorOf(shapes.b),
    c: connectorOf(shapes.c),
    d: connectorOf(shapes.d),
  }
  const setups = places.map((id) => ({ id, connector: connectors[id], config: {} }))
  const flows = routes.map((route, index) =>
    flowOf(
      route,
      { a: shapes[route.at.a], b: shapes[route.at.b] },
      { a: connectors[route.at.a], b: connectors[route.at.b] },
      furnished.scopes[index] ?? [],
    ),
  )
  const db = emptyDatabase(START)
  const blobs = memoryBlobs()
  const cursors = new CursorOracle(db, systems, ledger)
  const plans = new PlanOracle(db, ledger)
  const meetings = streamOf(seed, 'meetings')
  const strikes = new Strikes(plan, streamOf(seed, 'strikes'))
  const { people } = scenario
  const configured = people.configured.map((n) => [
    { connection: 'a', ref: refOf('a', n) },
    { connection: 'b', ref: refOf('b', n) },
  ])
  const model = modelOf(flows, setups, configured)
  const host = new Host({
    time,
    db,
    model,
    settings: { pollMs: scenario.pollMs, auditMs: scenario.auditMs },
    wire: {
      time,
      systems,
      plan,
      strikes,
      chance: streamOf(seed, 'wire'),
      trace,
      start: START,
      healAt: START + playMs,
      counts,
      meetings,
      meet: (side, ask) => users.meet(side, ask, meetings),
    },
    blobs,
    chance: streamOf(seed, 'engine'),
    restarts: streamOf(seed, 'restarts'),
    trace,
    skewMs: plan.skewMs.engine,
    copies: scenario.copies,
    onCommit: (calls) => {
      cursors.check(calls)
      return plans.watch(calls)
    },
    onFault: (error) => ledger.fail('run', error instanceof Error ? (error.stack ?? error.message) : String(error)),
  })
  hooks.host = host
  for (const side of places) systems[side].omissions.isKnown = (item) => wasKnown(db, side, item)
  watch.isHidden = (side, { kind, ref }) => systems[side].omissions.has(kind, ref) && !isKnown(db, side, kind, ref)
  watch.isOutOfReach = (side, item) => isOutOfReach(db, side, item)
  watch.believed = (place, kind) => believedAt(db, place, kind)
  for (const n of people.configured) ledger.people.map(refOf('a', n), refOf('b', n))
  for (const ref of people.mails) ledger.people.tell(ref)
  const ask = (call: VerbCall): void => {
    runVerbs(db, verbs, [call])
    host.engine?.wake()
  }
  const operator = operatorOf({ ledger, trace, model, now: () => time.now(), configured: people.configured, ask })
  const desk = new Desk({ db, routes, systems, ledger, trace, time, ask })
  schedule(scenario, time, { users, operator, desk }, systems)
  expire(time, systems, ledger, START + playMs)
  return {
    time,
    scene: {
      db,
      systems,
      ledger,
      watch,
      routes,
      skewMs: plan.skewMs.engine,
      audits: scenario.auditMs < NO_AUDITS,
    },
    host,
    blobs,
    hooks,
    trace,
    ledger,
    counts,
    strikes,
    cursors,
    endAt: START + playMs * 1.1 + MINUTE,
    quietMs: scenario.quietMs,
    pollMs: scenario.pollMs,
    auditMs: scenario.auditMs,
    vanishes:
      places.some((side) => shapes[side].retentionMin !== null) || scenario.deeds.some(({ deed }) => deed === 'mail'),
  }
}

/** What is too old vanishes, until faults have ended. */
function expire(time: VirtualTime, systems: Sides['systems'], ledger: Ledger, until: number): void {
  for (const side of PLACES)
    systems[side].expire(({ text, files }) => {
      ledger.noteLeave(side, tokenIn(text))
      ledger.noteSeen(tokenIn(text))
      for (const { ref } of files) ledger.noteSeen(systems[side].board.depot.tokenOf(ref))
    })
  if (time.now() < until) time.after(MINUTE, () => expire(time, systems, ledger, until))
}

function schedule(
  { seed, deeds, faults, accounts }: Scenario,
  time: VirtualTime,
  { users, operator, desk }: { users: Users; operator: Operator; desk: Desk },
  systems: Sides['systems'],
): void {
  for (const { n, at, deed, side } of deeds)
    if (at !== null)
      time.after(at, () => {
        const chance = streamOf(seed, `deed ${n}`)
        if (isOperatorDeed(deed)) operator.act(deed, side, chance)
        else if (isDeskDeed(deed)) desk.act(deed, chance)
        else users.act(deed, side, chance, streamOf(seed, `typing ${n}`))
      })
  const dead = accounts?.dead ?? null
  if (dead !== null) time.after(dead.from, () => (systems[dead.place].board.revoked = true))
  for (const { side, what, from, until } of faults.spells) {
    if (what === 'cursors-expire') time.after(from, () => (systems[side].board.firstCursor += 1_000_000))
    if (what === 'empty-listings') {
      time.after(from, () => (systems[side].emptyListings = true))
      time.after(until, () => (systems[side].emptyListings = false))
    }
  }
}

async function play({ time, ledger, endAt }: World): Promise<void> {
  await time.run(endAt, () => ledger.violations.length > 0)
}

/** Runs until both sides agree and nothing is in hand; what then differs is judged. */
export async function heal({ time, ledger, scene, hooks, vanishes, auditMs }: World): Promise<void> {
  const end = time.now() + PATIENCE
  const audit = (): Promise<void> => time.run(time.now() + auditMs + 5 * MINUTE)
  await time.run(time.now() + 3 * MINUTE)
  if (vanishes || awaitsAudit(scene)) await audit()
  // Where nothing lists again and nothing tells on the listing, people can only tell.
  if (!scene.audits)
    for (const side of placesOf(scene.routes))
      for (const item of scene.systems[side].omissions.untold()) hooks.tellOf(side, item)
  const dead = placesOf(scene.routes).find((place) => scene.systems[place].board.revoked)
  if (dead !== undefined) {
    await healOthers({ time, ledger, scene }, dead, end)
    // What vanished there meanwhile is looked for then.
    if (vanishes) await audit()
  }
  for (let calm = 0; calm < 2 && time.now() < end && ledger.violations.length === 0;) {
    await time.run(time.now() + 3 * MINUTE)
    calm = unfinished(scene.db).length === 0 && differences(scene).length === 0 ? calm + 1 : 0
  }
}

/** S32: an account whose credential was taken back keeps no other one from agreeing; then it has a new one. */
async function healOthers(
  { time, ledger, scene }: Pick<World, 'time' | 'ledger' | 'scene'>,
  dead: Place,
  end: number,
): Promise<void> {
  const routes = scene.routes.filter(({ at }) => at.b !== dead)
  const differ = (): readonly string[] => differences({ ...scene, routes })
  do await time.run(time.now() + 3 * MINUTE)
  while (differ().length > 0 && time.now() < end && ledger.violations.length === 0)
  for (const what of differ()) ledger.fail('S32', `while ${dead} is dead: ${what}`)
  scene.systems[dead].board.revoked = false
}

export async function judge(world: World): Promise<void> {
  const { ledger, scene } = world
  for (const [property, what] of findings(scene, world.host.crashes, world.blobs.kept.keys()))
    ledger.fail(property, what)
  const { board } = scene.systems.a
  const before = { pulls: board.pulls, hints: hintsAt(scene.db, 'a'), asked: asksAt(scene.db, 'a') }
  await quiet(world, 'P7', world.quietMs)
  pulledOnce(world, before, { pulls: board.pulls, asked: asksAt(scene.db, 'a') })
  // What nothing told at the time is news once: only then may a repeat change nothing.
  if (hasUntoldEnds(scene)) await world.time.run(world.time.now() + replayed(world))
  replayed(world)
  await quiet(world, 'P9', 5 * MINUTE)
}

/** Answers how long it takes until all of it was looked at. */
function replayed({ hooks, cursors }: World): number {
  hooks.replay()
  cursors.rewind()
  return 5 * MINUTE
}

/** Nobody does anything, so nothing is written and nothing grows. */
async function quiet({ time, ledger, scene }: World, property: string, ms: number): Promise<void> {
  const before = { writes: ledger.engineWrites, kept: workload(scene.db).kept }
  const isAllSeen = property === 'P7' && !isHintWaiting(scene.db)
  await time.run(time.now() + ms)
  const after = workload(scene.db).kept
  if (ledger.engineWrites !== before.writes)
    ledger.fail(property, `${ledger.engineWrites - before.writes} writes for no change`)
  const known = new Set(before.kept)
  const grown = after
    .filter((each) => !known.has(each) && !isOfFarEnd(scene, each))
    .filter((each) => isAllSeen || !isNobodysBusiness(scene, each))
  if (grown.length > 0) ledger.fail(property, `grew by ${grown.join(', ')}`)
}
