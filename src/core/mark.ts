/**
 * Marks the engine's own copy where it was edited and the other side's item may not be changed: it then says itself that
 * it stands alone.
 *
 * Whether there is a mark is read from the item, so nothing is kept about it: what a plan wants is compared with what
 * stands there. A mark is put and taken by an update that comes after everything else about the item. Pure.
 */
import { sameValue, type Values } from '../connector/values.ts'
import type { Observation } from './state.ts'
import type { Decision, Gap, Subject } from './action.ts'
import { isFinal } from './correct.ts'
import { complementOf } from './base.ts'
import { obstacle } from './decide.ts'
import { isCompared, other, SIDES, travelsFrom, type Flow, type Side } from './flow.ts'

export function marked(flow: Flow, subject: Subject, decision: Decision): Decision {
  const { a, b, link } = subject
  if (link?.state !== 'live' || a?.state !== 'present' || b?.state !== 'present') return decision
  if (!isFinal(decision) || decision.writes.length > 0) return decision
  const sides = { a, b }
  const writes = SIDES.flatMap((side) => marking(flow, subject, sides, side, decision.gaps))
  return { ...decision, writes }
}

/** Where nothing says whether the two agree, as in an open conflict, a mark stays as it is. */
function marking(
  flow: Flow,
  { pair, link }: Subject,
  sides: { readonly a: Observation; readonly b: Observation },
  side: Side,
  gaps: readonly Gap[],
): Decision['writes'] {
  const to = other(side)
  const item = sides[side]
  const changed: Record<string, Values[string]> = {}
  const agreed: string[] = []
  for (const lens of pair.lenses) {
    if (link === null || lens.mark === undefined || !isCompared(lens)) continue
    // On a one-way flow nothing is written where changes come from.
    if (!travelsFrom(flow, lens, to) || obstacle(pair, lens, side, item) !== null) continue
    const known = complementOf(link, lens)
    const isRefused = gaps.some((gap) => gap.side === to && gap.lens === lens.id)
    if (!isRefused && !sameValue(lens.read('a', sides.a.values, known), lens.read('b', sides.b.values, known))) continue
    const wanted = lens.mark(side, item.values, known, isRefused && pair.onRefused[to] === 'mark') ?? item.values
    if (lens.fields[side].every((field) => sameValue(wanted[field], item.values[field]))) continue
    Object.assign(changed, wanted)
    // Only of what agrees does the base follow: a refused edit stays an edit.
    if (!isRefused) agreed.push(...lens.fields[side])
  }
  if (link === null || Object.keys(changed).length === 0) return []
  const own = { do: 'update', side, link: link.id, ref: item.ref, about: item.ref } as const
  return [{ write: { ...own, changed, base: {}, fields: agreed, disagreements: [] }, hold: null }]
}
