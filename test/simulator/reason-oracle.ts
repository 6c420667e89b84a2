/** P1: a reason excuses the difference that it is about, and no other; and none is told where there is nothing to tell. */
import { SIDES } from '../../src/core/flow.ts'
import { MISREAD } from '../../src/core/decide.ts'
import { BOT } from './ask.ts'
import { farSide, MARK } from './flow.ts'
import { tokenIn } from './ledger.ts'
import { lensOf, type Linked } from './linked.ts'
import type { View } from './view.ts'

export function unfounded(view: View, linked: readonly Linked[]): string[] {
  const { plan } = view.route
  const isJudged = farSide(plan) === null || plan.astray === 'restore'
  if (!isJudged) return []
  return linked
    .filter(({ kind }) => kind !== 'room' && view.watch.tracks(kind))
    .flatMap((each) => {
      const what = tokenIn(each.a.text) === tokenIn(each.b.text) ? idle(view, each) : excuse(view, each)
      return what === null ? [] : [`${each.kind} ${each.a.ref} of a and ${each.b.ref} of b ${what}`]
    })
}

/** The texts differ: something has to be told of these texts, or of the item as such. */
function excuse(view: View, { kind, a, b, gaps, holds, contested, accepted, waits }: Linked): string | null {
  const lens = lensOf(kind)
  const own = gaps.filter((gap) => gap.lens === lens || gap.lens.startsWith('('))
  const isForbidden = ({ side }: Linked['gaps'][number]): boolean =>
    kind === 'post' && view.ends[side].shape.edits === 'own' && { a, b }[side].author.ref !== BOT.ref
  const untrue = own.find((gap) => gap.lens === lens && !isForbidden(gap) && !gap.why.includes(MISREAD))
  if (untrue !== undefined && farSide(view.route.plan) === null)
    return `differ, though it may be written at ${untrue.side}: ${untrue.why}`
  if (own.length > 0 || holds.length > 0 || waits || accepted || contested.includes(lens)) return null
  return `differ, and what is told is about something else: ${gaps.map((gap) => `${gap.lens} ${gap.why}`).join()}`
}

/** The texts agree: nothing is told or asked of them. */
function idle(view: View, { kind, a, b, gaps, holds, contested }: Linked): string | null {
  const lens = lensOf(kind)
  // What another flow has made again may be called in that one's way.
  if (view.routes.length > 1 && kind === 'thread' && a.text.trimEnd() !== b.text.trimEnd()) return null
  if (contested.includes(lens)) return 'agree, and people are asked which of them stands'
  // A copy that is marked may have to lose its mark.
  if ([a, b].some(({ text }) => text.includes(MARK))) return null
  const gap = gaps.find((each) => each.lens === lens)
  if (gap !== undefined) return `agree, and a difference is told: ${gap.why}`
  // Files and people may differ, and the places too.
  const isText = SIDES.every((side) => view.ends[side].shape.files === null && view.ends[side].shape.people === null)
  const isAllTheSame = isText && view.reasons.counterpart('a', 'room', a.room) === b.room
  const hold = holds.find(({ action }) => action !== 'create')
  return hold === undefined || !isAllTheSame ? null : `agree and stand, and a ${hold.action} is held`
}
