/**
 * What was emptied because others lived on under it goes once they are gone, and where it is the last, its parent with it.
 * Pure.
 */
import type { DeleteAction, Subject } from './action.ts'
import { carries, other, SIDES, type Flow, type Side } from './flow.ts'

/** Null: there is no such item, it still leads others, or it goes with its parent. `known`: as it was read. */
export function removeStub(flow: Flow, known: Subject): DeleteAction | null {
  const { link, pair } = known
  if (link?.state !== 'gone') return null
  for (const side of SIDES) {
    const from = other(side)
    const item = known[side]
    const isStub = item?.state === 'present' && item.emptied && !item.unread && known[from]?.state === 'deleted'
    if (!isStub || known.leads[side] || !carries(flow.direction, from) || pair.onDelete[from] === 'empty') continue
    if (!pair.kinds[side].can.delete || item.may?.delete === false || staysWithParent(flow, known, side)) continue
    return { do: 'delete', side, link: link.id, ref: item.ref, about: null, stub: link.base[side] }
  }
  return null
}

/**
 * A parent that takes its children along is deleted as a whole. One that outlived its own deletion, for what stood under it
 * then, ends with the last of that; not where somebody changed it, which nothing can carry over any more.
 */
function staysWithParent({ pairs }: Flow, { pair, goesWithParent, endsChanged }: Subject, side: Side): boolean {
  const { kind, parent } = pair.kinds[side]
  const isTaken = pairs.some(({ kinds }) => kinds[side].kind === parent?.kind && kinds[side].takes.includes(kind))
  return isTaken && (goesWithParent?.survived !== true || endsChanged[side])
}
