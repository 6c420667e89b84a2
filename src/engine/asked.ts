/** What a person was asked about an item as such, which no plan answers. */
import { SIDES } from '../core/flow.ts'
import type { Subject } from '../core/action.ts'
import type { LoadedSubject } from '../store/verbs/subjects.ts'
import type { NewHold } from '../store/verbs/settle.ts'

/**
 * It stays asked while the item stands without a counterpart, also where nothing is to be done about it now: a filter that
 * leaves it out may let it through again, and it may be the work of a lost answer then as well.
 */
export function stillAsked(flow: string, { link }: Pick<Subject, 'link'>, loaded: LoadedSubject): readonly NewHold[] {
  if (link !== null && link.state !== 'gone') return []
  const standing = SIDES.flatMap((side) => {
    const item = loaded[side]
    return item === null || item.state === 'deleted' || item.emptied ? [] : [{ side, ref: item.ref }]
  })
  return loaded.held.filter(
    (each) =>
      each.reason === 'ambiguous' &&
      each.decision === 'open' &&
      each.flow === flow &&
      standing.some(({ side, ref }) => each.side === side && each.ref === ref),
  )
}
