/** The pure plan over what was loaded, with what it has to ask the store for: who stands where new items would go, and the counts of the brake. */
import type { Planned, Subject } from '../core/action.ts'
import { applyBrake, withWaiting, type BrakeCounts } from '../core/brake.ts'
import type { Surroundings } from '../core/create.ts'
import { plan } from '../core/plan.ts'
import { slotOf } from '../core/slot.ts'
import type { FlowState } from '../store/verbs/flows.ts'
import type { Counts } from '../store/verbs/report.ts'
import type { Loaded, LoadedSubject } from '../store/verbs/subjects.ts'
import { heldBefore } from './held.ts'
import { aroundOf, subjectOf } from './loaded.ts'
import type { FlowModel } from './model.ts'
import type { World } from './world.ts'

/** Where children were deleted with their parent, they count as one, up to this many. */
const TOGETHER = 50

/** Writes that are planned and not begun. */
export type Waits = Parameters<typeof withWaiting>[1]

/** `own`: of the flow itself; `elsewhere`: of the other accounts of its template. */
export function waitedFor({ pairs, accounts }: Counts, own: Waits, elsewhere: Waits): Counts {
  return {
    pairs: withWaiting(pairs, own),
    accounts: accounts === null ? null : withWaiting(accounts, [...own, ...elsewhere]),
  }
}

export interface PlannedLoaded extends Planned {
  readonly loaded: LoadedSubject
}

/** The pure plan over what was loaded. The brake's counts are asked for only where they can matter. */
export async function planLoaded(
  world: World,
  model: FlowModel,
  loaded: Loaded,
  inStep: boolean,
  countedNow = (): Promise<BrakeCounts> => countsOf(world, model, inStep),
): Promise<PlannedLoaded[]> {
  const bySubject = new Map<Subject, LoadedSubject>()
  for (const each of loaded.subjects) {
    const subject = subjectOf(model, each)
    if (subject !== null) bySubject.set(subject, each)
  }
  const { flow } = model
  const subjects = [...bySubject.keys()]
  const around = aroundOf(loaded)
  const unplaced = plan(flow, subjects, around)
  const occupant = await occupantsOf(world, model, unplaced)
  const decided = occupant === null ? unplaced : plan(flow, subjects, { ...around, occupant })
  const writes = decided.flatMap((each) => each.decision.writes.map(({ write }) => write.do))
  const counted = inStep ? writes.length > 0 : writes.some((each) => each === 'delete' || each === 'empty')
  const isHeld = ({ subject, decision }: Planned): boolean =>
    decision.writes.length > 0 &&
    decision.writes.every(({ write }) => {
      const loaded = bySubject.get(subject)
      return loaded !== undefined && heldBefore(world, loaded, write)?.decision === 'open'
    })
  const planned = counted ? applyBrake(flow, decided, await countedNow(), isHeld) : decided
  return planned.flatMap((each) => {
    const own = bySubject.get(each.subject)
    return own === undefined ? [] : [{ ...each, loaded: own }]
  })
}

/** Who stands where new items would go, in a place that only one can have; null: no such place is wanted. */
async function occupantsOf(
  world: World,
  model: FlowModel,
  planned: readonly Planned[],
): Promise<Surroundings['occupant'] | null> {
  const places = planned.flatMap(({ subject: { pair }, decision }) =>
    decision.writes.flatMap(({ write }) => {
      const slot =
        write.do === 'create' && write.about === null ? slotOf(pair.kinds[write.side].unique, write.values) : null
      const spec = model.specs.find(({ id }) => id === pair.id)
      return write.do !== 'create' || slot === null || spec === undefined
        ? []
        : [{ pair: spec, side: write.side, scope: write.scope, slot }]
    }),
  )
  if (places.length === 0) return null
  const found = await world.store.occupants({ flow: model.flow.id, places })
  const nameOfPlace = (pair: string, ...place: readonly string[]): string => JSON.stringify([pair, ...place])
  const byPlace = new Map(
    places.map(({ pair, side, scope, slot }, at) => [nameOfPlace(pair.id, side, scope, slot), found[at] ?? null]),
  )
  return (pair, side, scope, slot) => byPlace.get(nameOfPlace(pair.id, side, scope, slot)) ?? null
}

/** `waiting`: writes that are planned and not begun as the store counts. */
export async function countsOf(
  world: World,
  model: FlowModel,
  inStep: boolean,
  waiting: { readonly own: Waits; readonly elsewhere: Waits } = { own: [], elsewhere: [] },
): Promise<BrakeCounts> {
  const now = world.clock.now()
  const flow = model.flow.id
  const [counts, state] = await Promise.all([
    world.store.counts({ flow, since: now - world.settings.brakeWindowMs }),
    world.store.flowState({ flow }),
  ])
  return brakeCounts({ ...state, inStep }, waitedFor(counts, waiting.own, waiting.elsewhere), now)
}

export function brakeCounts({ inStep, liftedUntil }: FlowState, counts: Counts, now: number): BrakeCounts {
  return { ...counts, inStep, together: TOGETHER, lifted: (liftedUntil ?? 0) > now }
}
