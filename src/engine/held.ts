/** What was held of a subject before, and binds what is planned of it now. */
import type { Write } from '../core/action.ts'
import type { Held } from '../core/state.ts'
import type { LoadedSubject } from '../store/verbs/subjects.ts'
import { fingerprintOf } from './task.ts'
import type { World } from './world.ts'

/**
 * Exactly this action, or the item as such, was held before; or the brake has held that it is taken away, in whichever way
 * that goes by now: an hour later too many are as many.
 */
export function heldBefore(world: World, { held }: LoadedSubject, write: Write): Held | undefined {
  if (held.length === 0) return undefined
  const shown = fingerprintOf(world, write)
  const exact = held.find(({ fingerprint, reason }) => fingerprint === shown || reason === 'ambiguous')
  if (exact !== undefined || !isRemoval(write.do) || write.about !== null) return exact
  return held.find(({ reason, decision, action }) => reason === 'brake' && decision === 'open' && isRemoval(action))
}

function isRemoval(action: string): boolean {
  return action === 'delete' || action === 'empty'
}
