/** The operations between two made-up systems, in the forms that differ most. */
import { SIDES, type Side } from '../../src/core/flow.ts'
import { NO_FAULTS } from './faults.ts'
import type { FlowPlan } from './flow.ts'
import { workload } from './growth.ts'
import { differences } from './oracles.ts'
import type { Outcome, PointKind, Trial } from './points.ts'
import { NO_AUDITS, type PlannedDeed, type Scenario } from './scenario.ts'
import { EVERYTHING, NOTHING, type Shape } from './shape.ts'
import type { Deed } from './users.ts'
import { build, heal, judge, START, type World } from './world.ts'
import type { Point } from './wire.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const POLL = 30 * SECOND
/** When the one operation is done. */
const DONE_AT = 3 * MINUTE
/** Names the stream of chance from which the operation draws its item: the last post, an answer that is a copy. */
const LAST = 11
const SEED = 1

const PLAIN: Omit<Shape, 'side' | 'threads'> = {
  versions: 'none',
  guarded: false,
  keys: 'none',
  lagMs: 0,
  edits: 'all',
  deletesOthers: true,
  moves: false,
  empties: true,
  answers: 'whole',
  hints: false,
  feeds: 'one',
  listsDeleted: false,
  pageSize: 5,
  settleS: 30,
  editTimes: false,
  retentionMin: null,
  batch: null,
  series: false,
  refs: 'number',
  files: null,
  people: null,
}

type Shapes = Scenario['shapes']

function shapesOf(a: Partial<Shape>, b: Partial<Shape>): Shapes {
  return {
    a: { ...PLAIN, side: 'a', threads: 'headed', ...a },
    b: { ...PLAIN, side: 'b', threads: 'headed', ...b },
    c: { ...PLAIN, side: 'c', threads: 'headed' },
    d: { ...PLAIN, side: 'd', threads: 'headed' },
  }
}

/** One side tells digests, and the other none. */
function withFiles({ a, b, ...others }: Shapes): Shapes {
  return {
    a: { ...a, files: { tells: 'size', mostBytes: null } },
    b: { ...b, files: { tells: 'digest', mostBytes: null } },
    ...others,
  }
}

const PAIRS: { readonly [connectors: string]: Shapes } = {
  'made-up, with everything': shapesOf(
    { ...EVERYTHING, threads: 'implicit' },
    { ...EVERYTHING, moves: true, refs: 'text' },
  ),
  'made-up, with nothing': shapesOf({ ...NOTHING, threads: 'implicit' }, NOTHING),
  'made-up, asked about by key': shapesOf(
    { keys: 'find', guarded: true, feeds: 'two', moves: true },
    { keys: 'find', versions: 'ordered', guarded: true, moves: true },
  ),
  'made-up, repeated, with late reads': shapesOf(
    { keys: 'repeat', lagMs: 5000, answers: 'ref', hints: true },
    { keys: 'repeat', lagMs: 5000, versions: 'ordered', refs: 'text' },
  ),
}

const OPERATIONS: { readonly [deed in Deed]?: string } = {
  thread: 'create parent + child',
  reply: 'create',
  edit: 'update',
  retitle: 'update parent',
  delete: 'delete',
  enclose: 'create with a file',
  attach: 'file',
  'delete-thread': 'delete parent + children',
  move: 'move',
  room: 'create container',
  rename: 'update container',
}

/** Threads of both sides with answers, so that no brake holds a single delete. */
const BEFORE: readonly { readonly deed: Deed; readonly side: Side }[] = [
  { deed: 'thread', side: 'a' },
  { deed: 'thread', side: 'b' },
  { deed: 'thread', side: 'a' },
  { deed: 'reply', side: 'a' },
  { deed: 'reply', side: 'b' },
  { deed: 'reply', side: 'a' },
]

export function boardTrials(): Trial[] {
  const trials: Trial[] = []
  for (const [connectors, shapes] of Object.entries(PAIRS))
    for (const [deed, operation] of Object.entries(OPERATIONS) as [Deed, string][])
      for (const from of SIDES) {
        if (deed === 'room' && from === 'b') continue
        if (deed === 'retitle' && SIDES.some((side) => shapes[side].threads === 'implicit')) continue
        if (deed === 'move' && !shapes[from].moves) continue
        const carrying = operation.includes('file') ? withFiles(shapes) : shapes
        trials.push({ connectors, operation, from, run: runOf(scenarioOf(carrying, deed, from)) })
      }
  return trials
}

function scenarioOf(shapes: Shapes, deed: Deed, side: Side): Scenario {
  const flow: FlowPlan = {
    policy: 'newest',
    onDelete: { a: 'delete', b: 'delete' },
    rooms: deed === 'room' ? 'each' : 'two',
    signed: true,
    onRefused: 'declare',
    onLeave: { a: 'keep', b: 'keep' },
    direction: 'both',
    astray: 'leave',
    filters: false,
  }
  const before = BEFORE.map((each, n): PlannedDeed => ({ n, at: null, ...each }))
  return {
    seed: SEED,
    shapes,
    flow,
    second: null,
    accounts: null,
    faults: NO_FAULTS,
    playMs: DONE_AT + 60 * MINUTE,
    pollMs: POLL,
    auditMs: NO_AUDITS,
    copies: false,
    people: { configured: [], mails: [] },
    quietMs: 4 * MINUTE,
    deeds: [...before, { n: LAST, at: DONE_AT, side, deed }],
  }
}

function runOf(scenario: Scenario): Trial['run'] {
  let before = 0
  return async (crashAt) => {
    if (crashAt !== null) return stretch({ ...scenario, faults: { ...NO_FAULTS, crashes: [before + crashAt] } })
    const calm = await stretch(scenario)
    before = calm.before
    return calm
  }
}

interface Stretch extends Outcome {
  /** Points that the process passed before the operation. */
  readonly before: number
}

async function stretch(scenario: Scenario): Promise<Stretch> {
  const world = build(scenario, false)
  const { time, host, ledger, scene } = world
  await host.start()
  await time.run(START + DONE_AT - 1)
  const before = host.points.length
  const changes = ledger.changesByUsers
  if (!isInStep(world)) ledger.fail('P1', 'not in step before the operation')
  // A poll at least shows what was done.
  await time.run(START + DONE_AT + POLL + 2 * SECOND)
  if (ledger.changesByUsers === changes) ledger.fail('run', 'nobody did anything')
  while (!isInStep(world) && host.crashes === 0 && time.now() < START + scenario.playMs)
    await time.run(time.now() + SECOND)
  const points = host.points.slice(before).map(kindOf)
  await heal(world)
  if (ledger.violations.length === 0) await judge(world)
  for (const row of scene.db.prepare('SELECT reason, detail FROM held').all())
    ledger.fail('P1', `held: ${String(row['reason'])} ${String(row['detail'])}`)
  await host.close()
  const wrong = ledger.violations.map(({ property, what }) => `${property}: ${what}`)
  return { before, points, wrong, crashed: host.crashes > 0 }
}

function isInStep({ scene }: World): boolean {
  return workload(scene.db).open === 0 && differences(scene).length === 0
}

function kindOf(point: Point): PointKind {
  return point.startsWith('after it committed') ? 'commit' : 'call'
}
