/** Settles a conflict: one lens that both sides changed to values that do not agree. Pure. */
import { canonical } from '../connector/values.ts'
import type { Link, Observation } from '../store/store.ts'
import type { Disagreement, Subject } from './action.ts'
import { complementOf, hasChanged } from './base.ts'
import { isCompared, isDerived, SIDES, type Flow, type Lens, type Side } from './flow.ts'

/** Two edits this close together cannot be told apart by clocks. */
const CLOCK_DOUBT_MS = 2 * 60_000

export interface Contest {
  readonly flow: Flow
  readonly subject: Subject
  readonly link: Link
  readonly sides: { readonly a: Observation; readonly b: Observation }
}

/** What becomes of a lens that both sides changed; 'accepted': a person wants the difference. */
export function settleDisagreement(context: Contest, lens: Lens): Disagreement | 'accepted' {
  const { flow, subject, link, sides } = context
  const values = {
    a: lens.read('a', sides.a.values, complementOf(link, lens)),
    b: lens.read('b', sides.b.values, complementOf(link, lens)),
  }
  const base = lens.read('a', link.base.a, complementOf(link, lens))
  const decided = subject.decided.find(
    (each) => each.lens === lens.id && each.a === canonical(values.a) && each.b === canonical(values.b),
  )
  if (decided?.winner === 'accept') return 'accepted'
  if (decided !== undefined) return { lens: lens.id, base, values, winner: decided.winner, why: 'a person decided' }
  const policy = lens.policy ?? subject.pair.policy ?? flow.policy
  if (policy === 'ask') return { lens: lens.id, base, values, winner: null, why: 'both sides changed' }
  if (policy !== 'newest') return { lens: lens.id, base, values, winner: policy, why: `policy ${policy}` }
  return { lens: lens.id, base, values, ...newest(context, lens) }
}

/**
 * The later of two user edits. An item's edit time bounds its fields, so where other lenses changed too, or a time is
 * missing, or the two are within clocks' doubt, side `a` stands.
 */
function newest({ link, sides, subject }: Contest, lens: Lens): { winner: Side; why: string } {
  const times = { a: sides.a.editedAt, b: sides.b.editedAt }
  if (times.a === null || times.b === null)
    return { winner: 'a', why: 'newest: an edit time is missing, so side a stands' }
  const alone = subject.pair.lenses.every(
    (each) =>
      each.id === lens.id ||
      !isCompared(each) ||
      SIDES.some((side) => isDerived(each, side)) ||
      (!hasChanged(each, 'a', link, sides.a) && !hasChanged(each, 'b', link, sides.b)),
  )
  if (!alone) return { winner: 'a', why: 'newest: other fields changed too, so side a stands' }
  const ahead = Date.parse(times.a) - Date.parse(times.b)
  if (Math.abs(ahead) <= CLOCK_DOUBT_MS) return { winner: 'a', why: 'newest: within two minutes, so side a stands' }
  return ahead > 0 ? { winner: 'a', why: 'newest: edited later' } : { winner: 'b', why: 'newest: edited later' }
}
