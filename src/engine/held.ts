/** What was asked of a subject before and what people answered: what binds the writes that are planned now, and what is over. */
import { isPlannedAgain, type Decision, type Write } from '../core/action.ts'
import { SIDES } from '../core/flow.ts'
import { stands, type Held } from '../core/state.ts'
import type { LoadedSubject } from '../store/verbs/subjects.ts'
import type { Waiting } from '../store/verbs/waits.ts'
import { fingerprintOf } from './task.ts'
import type { World } from './world.ts'

/**
 * Exactly this action, or the item as such, was held before. An answer about the item as such is about making its counterpart.
 * That an item is not to be taken away is said in whichever way that goes by now, and whatever it says; and where the brake has
 * held that, it is held as well: an hour later too many are as many, and who let it go did so for what stood there then.
 */
export function heldBefore(world: World, loaded: LoadedSubject, write: Write): Held | undefined {
  const { held } = loaded
  if (held.length === 0) return undefined
  const shown = fingerprintOf(world, write, loaded)
  const exact = held.find(({ fingerprint }) => fingerprint === shown)
  if (exact !== undefined) return exact
  const isMaking = write.do === 'create' && write.about === null
  const asSuch = held.find(({ reason, decision }) => reason === 'ambiguous' && (decision === 'open' || isMaking))
  if (asSuch !== undefined || !isRemoval(write.do) || write.about !== null) return asSuch
  const removals = held.filter(({ action }) => isRemoval(action))
  const braked = removals.find(({ reason }) => reason === 'brake')
  const again: Held | undefined = braked === undefined ? undefined : { ...braked, decision: 'open' }
  return removals.find(({ decision }) => decision === 'discarded') ?? again
}

function isRemoval(action: string): boolean {
  return action === 'delete' || action === 'empty'
}

/**
 * What a person was or is asked about an item as such, which no plan answers. It stays while the item stands without a
 * counterpart, also where nothing is to be done about it now: a filter that leaves it out may let it through again, and it may
 * be the work of a lost answer then as well.
 */
function asSuch(flow: string, loaded: LoadedSubject): readonly Held[] {
  const { link } = loaded
  if (link !== null && link.state !== 'gone') return []
  const standing = SIDES.flatMap((side) => {
    const item = loaded[side]
    return item === null || item.state === 'deleted' || item.emptied ? [] : [{ side, ref: item.ref }]
  })
  return loaded.held.filter(
    (each) =>
      each.reason === 'ambiguous' &&
      each.flow === flow &&
      standing.some(({ side, ref }) => each.side === side && each.ref === ref),
  )
}

/**
 * What was asked or answered of a subject, and is about something else than what is decided of it now. That an item is not to
 * be taken away holds until both stand again, whatever else is decided meanwhile. What waits for a counterpart of what it
 * refers to is decided again then: until then nothing is asked, and answers stay.
 */
export function endedBy(
  world: World,
  flow: string,
  loaded: LoadedSubject,
  { writes, settle, rests }: Decision,
  wait: Waiting | null,
): readonly Held[] {
  const isDecided = rests !== true && !isPlannedAgain(settle)
  if (loaded.held.length === 0 || (wait === null ? !isDecided : wait.for !== 'link')) return []
  const shown = new Set(wait === null ? writes.map(({ write }) => fingerprintOf(world, write, loaded)) : [])
  const standing = asSuch(flow, loaded)
  const bothStand = SIDES.every((side) => loaded[side] !== null && stands(loaded[side]))
  return loaded.held.filter(
    (each) =>
      each.flow === flow &&
      each.pair === loaded.pair &&
      SIDES.some((side) => each.side === side && each.ref === loaded[side]?.ref) &&
      !shown.has(each.fingerprint) &&
      !standing.includes(each) &&
      (wait === null || each.decision === 'open') &&
      (each.decision !== 'discarded' || !isRemoval(each.action) || bothStand),
  )
}
