/** Carries out chosen lines of a plan, item by item: those that are still exactly what was shown. */
import { act } from './act.ts'
import { isArriving } from './arriving.ts'
import { rides } from './batch.ts'
import type { FlowModel } from './model.ts'
import { planLoaded, type PlannedLoaded } from './planning.ts'
import { strandOf, taskOf } from './pass.ts'
import { waitingPrint, type PreviewLine } from './preview.ts'
import { fingerprintOf, type Task } from './task.ts'
import type { World } from './world.ts'

export type Shown = Pick<PreviewLine, 'flow' | 'pair' | 'do' | 'side' | 'of' | 'ref' | 'fingerprint' | 'name' | 'kind'>

export interface Carried<Line extends Shown> {
  readonly line: Line
  /** Null: done. Else what has moved, or why it did not go. */
  readonly why: string | null
}

const PORTION = 64

/**
 * Parents before children, siblings in order: a line whose turn has not come waits for the next round. The caller sees
 * to it that no engine works on this flow.
 */
export async function carry<Line extends Shown>(
  world: World,
  model: FlowModel,
  lines: readonly Line[],
  signal: AbortSignal,
): Promise<readonly Carried<Line>[]> {
  const carried: Carried<Line>[] = []
  for (let left = lines; left.length > 0;) {
    const waiting: Outcome<Line>[] = []
    const before = carried.length
    for (let at = 0; at < left.length && !signal.aborted; at += PORTION)
      for (const { line, why, later } of await portion(world, model, left.slice(at, at + PORTION)))
        if (later) waiting.push({ line, why, later })
        else carried.push({ line, why })
    if (carried.length === before || signal.aborted)
      return [...carried, ...waiting.map(({ line, why }) => ({ line, why }))]
    left = waiting.map(({ line }) => line)
  }
  return carried
}

interface Outcome<Line extends Shown> extends Carried<Line> {
  /** Its turn may come after others. */
  readonly later: boolean
}

async function portion<Line extends Shown>(
  world: World,
  model: FlowModel,
  lines: readonly Line[],
): Promise<readonly Outcome<Line>[]> {
  const { flow } = model
  const { inStep } = await world.store.flowState({ flow: flow.id })
  const loaded = await world.store.load({
    flow: flow.id,
    connections: flow.connections,
    pairs: model.specs,
    now: world.clock.now(),
    limit: lines.length,
    claim: false,
    only: lines.map(({ pair, of, ref }) => ({ pair, side: of, ref })),
  })
  const planned = await planLoaded(world, model, loaded, inStep)
  const carried: Outcome<Line>[] = []
  const strands = new Map<string, { line: Line; task: Task }[]>()
  for (const line of lines) {
    const own = planned.find((each) => isOf(each, line))
    const found = own === undefined ? refusal(NOTHING_LEFT) : choose(world, model, own, line)
    if ('why' in found) carried.push({ line, ...found })
    else strands.set(strandOf(found), [...(strands.get(strandOf(found)) ?? []), { line, task: found }])
  }
  for (let turn = 0; ; turn += 1) {
    const turns = [...strands.values()].flatMap((strand) => strand[turn] ?? [])
    if (turns.length === 0) return carried
    await Promise.all(
      rides(world, turns).map(async (ride) => {
        const outcomes = await act(
          world,
          ride.map(({ task }) => task),
        )
        for (const [at, { line }] of ride.entries()) carried.push({ line, ...SAID[outcomes[at] ?? 'moved'] })
      }),
    )
  }
}

type Refusal = Pick<Outcome<Shown>, 'why' | 'later'>

function refusal(why: string | null, later = false): Refusal {
  return { why, later }
}

const SAID = {
  done: refusal(null),
  moved: refusal('it changed meanwhile', true),
  unknown: refusal('no answer: what became of it is asked about'),
  waits: refusal('the system cannot do it now'),
  held: refusal('the system refused it; "lockstep held" shows it'),
} as const

function isOf({ loaded: { dues } }: PlannedLoaded, { pair, of, ref }: Shown): boolean {
  return dues.some((due) => due.pair === pair && due.side === of && due.ref === ref)
}

/** The write that was shown; else what has moved. A line that was to follow its parent is known by its origin's values. */
function choose(world: World, model: FlowModel, planned: PlannedLoaded, line: Shown): Task | Refusal {
  const { decision, subject, loaded } = planned
  if (loaded.busy !== null) return refusal('a write about it is still open')
  if (decision.waits !== null) return refusal(WAITS[decision.waits.for], true)
  if (loaded.isScopeUnread) return refusal('its scope is read whole first', true)
  if (isArriving(world, model, loaded, loaded.a?.state === 'present' ? 'a' : 'b'))
    return refusal('its feed is read to its end first', true)
  if (loaded.behind !== null) return refusal('an earlier one of its siblings goes first', true)
  const alike = decision.writes.filter(({ write }) => write.do === line.do && write.side === line.side)
  const found = alike.find(({ write }) => fingerprintOf(world, write, subject) === line.fingerprint) ?? alike[0]
  if (found === undefined) return refusal(decision.writes.length === 0 ? NOTHING_LEFT : 'something else is to do now')
  const { write, hold } = found
  const isShown =
    fingerprintOf(world, write, subject) === line.fingerprint ||
    (write.do === 'create' && waitingPrint(world, line.side, subject[line.of]) === line.fingerprint)
  if (!isShown) return refusal('its values have changed since')
  // The brake is what a plan that was looked at answers for.
  if (hold !== null && hold.reason !== 'brake') return refusal(`it is held: ${hold.detail}`)
  return taskOf(model, planned, write, false)
}

const NOTHING_LEFT = 'there is nothing to do about it any more'
const WAITS = {
  parent: 'its parent has not come',
  intent: 'a write about it is still open',
  link: 'its parent goes first',
  reading: 'it has to be read again first',
  place: 'its place there is taken',
  siblings: 'others live on under the same parent',
} as const
