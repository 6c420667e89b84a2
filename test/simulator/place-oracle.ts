/** P1: threads and series stand in rooms that stand for each other, or it is said why not; an exception at one of its series' times. */
import { farSide } from './flow.ts'
import type { Linked } from './linked.ts'
import type { View } from './view.ts'

export function misplaced({ route, reasons }: View, linked: readonly Linked[]): string[] {
  const { plan } = route
  if (farSide(plan) !== null && plan.astray !== 'restore') return []
  return linked.flatMap(({ kind, a, b, gaps, holds, waits }) => {
    const what = `${kind} ${a.ref} of a and ${b.ref} of b`
    if (kind === 'exception' && a.slot !== b.slot) return [`${what} stand at ${a.slot ?? '?'} and ${b.slot ?? '?'}`]
    if (kind !== 'thread' && kind !== 'series') return []
    const isTold = gaps.some(({ lens }) => lens === 'room' || lens.startsWith('('))
    if (reasons.counterpart('a', 'room', a.room) === b.room || isTold || holds.length > 0 || waits) return []
    return [`${what} stand in ${a.room} and ${b.room}, which are no pair`]
  })
}
