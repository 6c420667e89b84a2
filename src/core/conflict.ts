/** Settles a conflict: one lens that both sides changed to values that do not agree. Pure. */
import { canonical, sameValue, type Json } from '../connector/values.ts'
import type { Link, Observation } from './state.ts'
import type { Disagreement, Subject } from './action.ts'
import { complementOf, hasChanged, isBased } from './base.ts'
import { isCompared, isDerived, SIDES, travelsFrom, type Flow, type Lens, type Resolver, type Side } from './flow.ts'

/** Two edits this close together cannot be told apart by clocks. */
const CLOCK_DOUBT_MS = 2 * 60_000

/** Both sides get a value that neither has. `disagreement`: what is told where it cannot be written. */
export interface Merged {
  readonly merged: Json
  readonly disagreement: Disagreement
  readonly name: string
}

export interface Contest {
  readonly flow: Flow
  readonly subject: Subject
  readonly link: Link
  readonly sides: { readonly a: Observation; readonly b: Observation }
}

/** What becomes of a lens that both sides changed; 'accepted': a person wants the difference. */
export function settleDisagreement(context: Contest, lens: Lens): Disagreement | Merged | 'accepted' {
  const { flow, subject, link, sides } = context
  const values = {
    a: lens.read('a', sides.a.values, complementOf(link, lens)),
    b: lens.read('b', sides.b.values, complementOf(link, lens)),
  }
  const base = lens.read('a', link.base.a, complementOf(link, lens))
  const decided = subject.decided.find(
    (each) => each.lens === lens.id && each.a === canonical(values.a) && each.b === canonical(values.b),
  )
  // What is to stand where nothing travels from stays there alone.
  if (decided?.winner === 'accept' || (decided !== undefined && !travelsFrom(flow, lens, decided.winner)))
    return 'accepted'
  if (decided !== undefined) return { lens: lens.id, base, values, winner: decided.winner, why: 'a person decided' }
  const policy = lens.policy ?? subject.pair.policy ?? flow.policy
  if (policy === 'ask') return { lens: lens.id, base, values, winner: null, why: 'both sides changed' }
  if (typeof policy === 'object') return resolved(policy, context, lens, { lens: lens.id, base, values })
  if (policy !== 'newest') return { lens: lens.id, base, values, winner: policy, why: `policy ${policy}` }
  return { lens: lens.id, base, values, ...newest(context, lens) }
}

/** A resolver that sees its own value beside that of the other side must stay with it: else the two would never rest. */
function resolved(
  { name, settle }: Resolver,
  { link }: Contest,
  lens: Lens,
  contest: Pick<Disagreement, 'lens' | 'base' | 'values'>,
): Disagreement | Merged {
  const known = SIDES.every((side) => isBased(lens, side, link)) ? contest.base : null
  const { a, b } = contest.values
  const verdict = settle({ base: known, a, b })
  const asked = (why: string): Disagreement => ({ ...contest, winner: null, why: `${name}: ${why}` })
  if ('ask' in verdict) return asked(verdict.ask)
  const { value } = 'side' in verdict ? { value: contest.values[verdict.side] } : verdict
  const winner = 'side' in verdict ? verdict.side : SIDES.find((side) => sameValue(contest.values[side], value))
  if (winner !== undefined) return { ...contest, winner, why: name }
  if (lens.to !== undefined || lens.files === true) return asked('two references have no common value')
  const rests = [settle({ base: known, a: value, b }), settle({ base: known, a, b: value })].every((next, index) =>
    'side' in next ? next.side === SIDES[index] : 'value' in next && sameValue(next.value, value),
  )
  if (!rests) return asked('it answers something else once its own answer stands on one side')
  return { merged: value, disagreement: asked('the value cannot be written'), name }
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
      SIDES.every((side) => !hasChanged(subject.pair, each, side, link, sides[side])),
  )
  if (!alone) return { winner: 'a', why: 'newest: other fields changed too, so side a stands' }
  const ahead = Date.parse(times.a) - Date.parse(times.b)
  if (Math.abs(ahead) <= CLOCK_DOUBT_MS) return { winner: 'a', why: 'newest: within two minutes, so side a stands' }
  return ahead > 0 ? { winner: 'a', why: 'newest: edited later' } : { winner: 'b', why: 'newest: edited later' }
}
