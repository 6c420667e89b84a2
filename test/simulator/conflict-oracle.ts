/** P4: who wins a conflict is what the flow's policy says; people are asked where it says so, and nowhere else. */
import { z } from 'zod'
import { SIDES, type Side } from '../../src/core/flow.ts'
import { KINDS } from './board.ts'
import { farSide } from './flow.ts'
import { tokenIn } from './ledger.ts'
import { rowsOf } from './reasons.ts'
import type { View } from './view.ts'

/** Two edits this close together cannot be told apart by clocks (docs/design.md, 5). */
const DOUBT_MS = 2 * 60_000

const Conflict = z.object({
  pair: z.enum(KINDS),
  lens: z.string(),
  a_ref: z.string(),
  b_ref: z.string(),
  a_json: z.string(),
  b_json: z.string(),
  winner: z.enum(SIDES).nullable(),
  why: z.string(),
  resolved_at: z.number().nullable(),
})
type Conflict = z.infer<typeof Conflict>

export function misjudged(view: View): string[] {
  const { db, route, ends } = view
  const { plan } = route
  if (farSide(plan) !== null) return []
  const conflicts = rowsOf(
    db,
    `SELECT c.pair, c.lens, c.a_json, c.b_json, c.winner, c.why, c.resolved_at, l.a_ref, l.b_ref
       FROM conflict c JOIN link l ON l.id = c.link WHERE c.flow = ?`,
    route.id,
  ).map((row) => Conflict.parse(row))
  return conflicts.flatMap((each) => {
    // Sets of people are merged, whatever the policy.
    if (each.lens === 'who' && ends.a.shape.people?.many === true) return []
    if (each.why === 'a person decided') return []
    const what = `a conflict of ${each.pair} ${each.a_ref} and ${each.b_ref} about its ${each.lens}`
    if (plan.policy === 'ask')
      return each.winner === null ? [] : [`${what} was won by ${each.winner} unasked: ${each.why}`]
    if (each.winner === null) return each.resolved_at === null ? [`${what} is put to people: ${each.why}`] : []
    const isRight = plan.policy === 'newest' ? isNewest(view, each) : each.winner === plan.policy
    return isRight ? [] : [`${what} is won by ${each.winner}, against the policy ${plan.policy}: ${each.why}`]
  })
}

/** Of what the two showed when they had these texts: whether some of it lets this one win. */
function isNewest(view: View, conflict: Conflict): boolean {
  const { lens, pair, winner } = conflict
  const { a, b } = view.ends
  const times = { a: editsOf(view, 'a', conflict), b: editsOf(view, 'b', conflict) }
  const isTimed = a.shape.editTimes && b.shape.editTimes
  const ahead = times.a.flatMap((at) => times.b.map((there) => (at === null || there === null ? 0 : at - there)))
  const isKnown = isTimed && ahead.length > 0
  if (winner === 'b') return isTimed && (!isKnown || ahead.some((ms) => ms < -DOUBT_MS))
  // Whatever else of an item changed, its one edit time says nothing of this.
  const isAlone = lens === 'body' && [a, b].every(({ shape }) => shape.files === null && shape.people === null)
  return !isKnown || !isAlone || pair === 'thread' || ahead.some((ms) => ms >= -DOUBT_MS)
}

/** The edit times with which a side has shown the text that it had in the conflict. */
function editsOf({ ends }: View, side: Side, conflict: Conflict): (number | null)[] {
  const token = tokenIn(conflict[`${side}_json`])
  const row = ends[side].board.rows.get(`${conflict.pair} ${conflict[`${side}_ref`]}`)
  return (row?.history ?? []).flatMap(({ item }) =>
    item !== null && token !== null && tokenIn(item.text) === token ? [item.editedAt] : [],
  )
}
