/** Takes away an item whose counterpart is gone, as far as it may be. Pure. */
import type { Link, Observation } from './state.ts'
import { NOTHING, type Decision, type Hold, type Subject } from './action.ts'
import { other, type Side } from './flow.ts'

/** The lens of a difference that is a refused delete. */
export const DELETED = '(deleted)'

/** The write that takes the living item away; or why it stays, or waits. */
export function deletionOf(subject: Subject, link: Link, from: Side, there: Observation): Decision {
  const to = other(from)
  const refused = refusalOf(subject, from, there)
  if (refused !== null) return refused
  const way = deletionWay(subject, from, there)
  const { parent } = there
  if (way === 'delete' && subject.leads[to] && parent !== null && subject.pair.kinds[to].can.empty) {
    const why = 'others live on under it, and it may not be emptied with this credential'
    const waits = { for: 'siblings', side: to, kind: subject.pair.kinds[to].kind, parent } as const
    return { ...NOTHING, gaps: [{ side: to, ref: there.ref, lens: DELETED, why }], waits }
  }
  const isHeld = subject.pair.onDelete[from] === 'hold'
  const hold: Hold | null = isHeld ? { reason: 'policy', detail: `deleted at ${from}` } : null
  const { answers } = subject.children[to]
  const along = answers === '' ? {} : { answers }
  return {
    ...NOTHING,
    writes: [{ write: { do: way, side: to, link: link.id, ref: there.ref, about: null, ...along }, hold }],
  }
}

/** What its children live on under is emptied, where its text may be changed. */
function deletionWay({ pair, leads }: Subject, from: Side, there: Observation): 'delete' | 'empty' {
  const to = other(from)
  const { can } = pair.kinds[to]
  const may = can.empty && (there.may?.update === undefined || there.may.update.length > 0)
  return may && (pair.onDelete[from] === 'empty' || leads[to] || !can.delete) ? 'empty' : 'delete'
}

/** The difference that stays where the living item may not be deleted; null: it may. */
export function refusalOf(subject: Subject, from: Side, there: Observation): Decision | null {
  const to = other(from)
  const { can, kind } = subject.pair.kinds[to]
  const able = deletionWay(subject, from, there) === 'delete' ? can.delete : can.empty
  if (able && there.may?.delete !== false) return null
  const why = there.may?.why ?? `${kind} cannot be deleted with this credential`
  return { ...NOTHING, gaps: [{ side: to, ref: there.ref, lens: DELETED, why }] }
}
