/** Holds implausible plans: mass deletion, an emptied side, a flood of writes. Pure. */
import type { Hold, Write, Planned } from './action.ts'
import type { Flow } from './flow.ts'

/** Per pair of kinds: what the last hour did, counted in the store, over all instances of the flow, or of its template. */
export interface PairCount {
  /** Links alive now. */
  readonly links: number
  readonly deletes: number
  /** Of the deletes, those whose links are not alive any more: of the others no outcome is committed. */
  readonly ended: number
  readonly creates: number
  readonly updates: number
}

export interface BrakeCounts {
  readonly pairs: { readonly [pair: string]: PairCount }
  /** The same over the flows of all accounts of its template; null: it has none. */
  readonly accounts: BrakeCounts['pairs'] | null
  /** Whether the flow has been in step: before that, a first sync is approved whole, by its plan. */
  readonly inStep: boolean
  /** Children that went with a deleted parent count as one with it, up to this many. */
  readonly together: number
  /** A person has lifted it for a while. */
  readonly lifted: boolean
}

const NONE: PairCount = { links: 0, deletes: 0, ended: 0, creates: 0, updates: 0 }

/** With the writes that are planned and not begun: the store knows nothing of them. */
export function withWaiting(
  pairs: BrakeCounts['pairs'],
  waiting: readonly { readonly pair: string; readonly write: Write }[],
): BrakeCounts['pairs'] {
  const all: Record<string, PairCount> = { ...pairs }
  for (const { pair, write } of waiting) {
    const known = all[pair] ?? NONE
    const action = countedAs(write)
    if (action === 'create') all[pair] = { ...known, creates: known.creates + 1 }
    else if (action === 'update') all[pair] = { ...known, updates: known.updates + 1 }
    else if (action !== null) all[pair] = { ...known, deletes: known.deletes + 1 }
  }
  return all
}

/** `isHeld`: of what is held already, which is in the counts where the brake holds it. */
export function applyBrake(
  flow: Flow,
  planned: readonly Planned[],
  counts: BrakeCounts,
  isHeld: (each: Planned) => boolean = () => false,
): readonly Planned[] {
  if (counts.lifted) return planned
  const holds = new Map<string, Hold>()
  for (const pair of new Set(planned.map((each) => each.subject.pair.id))) {
    const own = planned.filter((each) => each.subject.pair.id === pair && !isHeld(each))
    const hold = (action: string, amount: number | null, over = ''): void => {
      const detail = `${amount} ${action}s of ${pair} within an hour${over}`
      if (amount !== null) holds.set(`${pair} ${action}`, { reason: 'brake', detail })
    }
    if (counts.accounts !== null) {
      const over = ` over all accounts of ${flow.template ?? flow.id}`
      judge(flow, own, counts.accounts[pair] ?? NONE, counts, (action, amount) => hold(action, amount, over))
    }
    judge(flow, own, counts.pairs[pair] ?? NONE, counts, hold)
  }
  return holds.size === 0 ? planned : planned.map((each) => heldBack(each, holds))
}

/** `own`: what is planned for one pair of kinds. */
function judge(
  { brake }: Flow,
  own: readonly Planned[],
  known: PairCount,
  { together, inStep }: BrakeCounts,
  hold: (action: 'delete' | 'create' | 'update', amount: number | null) => void,
): void {
  const links = known.links + known.ended
  hold('delete', braked(brake.deletes, links, known.deletes, deletedGroups(own, together), true))
  if (!inStep) return
  hold('create', braked(brake.writes, known.links, known.creates, count(own, 'create'), false))
  hold('update', braked(brake.writes, known.links, known.updates, count(own, 'update'), false))
}

/** How many there would be within the hour, where that is too many; else null. */
function braked(
  limit: { atLeast: number; share: number },
  links: number,
  done: number,
  planned: number,
  emptying: boolean,
): number | null {
  if (planned === 0) return null
  const total = done + planned
  if (total > Math.max(limit.atLeast, Math.floor(limit.share * links))) return total
  return emptying && links >= 3 && total >= links ? total : null
}

function count(planned: readonly Planned[], action: 'create' | 'update'): number {
  return planned.reduce(
    (sum, each) => sum + each.decision.writes.filter(({ write }) => countedAs(write) === action).length,
    0,
  )
}

/**
 * Corrections are created or nothing: what is done to them later is nobody's change. A mark is an update. A stub was
 * counted when it was emptied.
 */
function countedAs(write: Write): Write['do'] | null {
  const { do: action, about } = write
  if ('stub' in write) return null
  return about === null || action === 'create' || about === write.ref ? action : null
}

/** What a deleted parent takes along counts as one with it, up to a number. */
function deletedGroups(planned: readonly Planned[], together: number): number {
  let sum = 0
  for (const { subject, decision } of planned)
    for (const { write, hold } of decision.writes)
      if (hold === null && ['delete', 'empty'].includes(countedAs(write) ?? ''))
        sum += 1 + Math.max(0, subject.children[write.side].living - together)
  return sum
}

function heldBack(planned: Planned, holds: ReadonlyMap<string, Hold>): Planned {
  const writes = planned.decision.writes.map((each) => {
    const counted = countedAs(each.write)
    const action = counted === 'empty' ? 'delete' : counted
    const hold = action === null ? undefined : holds.get(`${planned.subject.pair.id} ${action}`)
    return each.hold === null && hold !== undefined ? { ...each, hold } : each
  })
  return { ...planned, decision: { ...planned.decision, writes } }
}
