/** Whether corrections tell what is there, and whether an audit has more to tell. */
import { ASKED } from '../../src/store/verbs/intents.ts'
import { other, SIDES, type Side } from '../../src/core/flow.ts'
import type { Stored } from './board.ts'
import { aboutOf, tokenIn } from './ledger.ts'
import { rowsOf, type Reasons } from './reasons.ts'
import { isInFlow, viewsOf, type Scene, type View } from './view.ts'

/** A correction tells a difference that is there, as it is now; and such a difference is told, unless somebody deleted that. */
export function mistold(scene: Scene): string[] {
  return viewsOf(scene).flatMap((view) => (view.route.plan.onRefused === 'reply' ? mistoldBy(view) : []))
}

/** By itself, or with its parent. */
function isHeld(reasons: Reasons, side: Side, ref: string): boolean {
  const there = reasons.counterpart(side, 'post', ref)
  const why = reasons.why(side, 'post', ref) ?? (there === null ? null : reasons.why(other(side), 'post', there))
  return why !== null && /\bheld\b/.test(why)
}

/** A person is asked about its thread, and what becomes of that it goes along with. */
function isHeldAbove(reasons: Reasons, side: Side, { thread }: Stored): boolean {
  return thread !== null && /\bheld\b/.test(reasons.why(side, 'thread', thread) ?? '')
}

/**
 * The system refused what was to tell it, to tell it otherwise or to tell it no more: that is held, by the name of either
 * side.
 */
function isRefused({ db, route }: View, actions: readonly string[], side: Side, ref: string): boolean {
  const held = `SELECT side, ref, action FROM held WHERE flow = ? AND pair = 'post' AND decision <> 'approved'`
  const stood = `SELECT ${other(side)}_ref AS ref FROM link WHERE flow = ? AND pair = 'post' AND ${side}_ref = ? AND about IS NULL`
  const far = rowsOf(db, stood, route.id, ref).map((row) => `${other(side)} ${String(row['ref'])}`)
  return rowsOf(db, held, route.id)
    .filter((row) => actions.includes(String(row['action'])))
    .some((row) => [`${side} ${ref}`, ...far].includes(`${String(row['side'])} ${String(row['ref'])}`))
}

function mistoldBy(view: View): string[] {
  const { db, route, ends, reasons, ledger } = view
  const own = new Map(
    SIDES.flatMap((side) =>
      rowsOf(db, `SELECT ${side}_ref AS ref, about FROM link WHERE about IS NOT NULL AND flow = ?`, route.id).map(
        (row) => [`${side} ${String(row['ref'])}`, String(row['about'])] as const,
      ),
    ),
  )
  const found: string[] = []
  const told = new Set<string>()
  const itemAt = (at: Side, root: number | null): Stored | undefined =>
    ends[at].board
      .living('post')
      .find(
        (each) =>
          !each.emptied && aboutOf(each.text) === null && ledger.roots.get(`${route.at[at]} post ${each.ref}`) === root,
      )
  // What went to where the flow does not reach counts there as deleted, where that is to follow.
  const counterpartAt = (at: Side, root: number | null): Stored | undefined => {
    const there = itemAt(at, root)
    return there === undefined || !isInFlow(view, at, there) ? undefined : there
  }
  for (const side of SIDES) {
    const far = other(side)
    for (const correction of ends[side].board.living('post')) {
      const about = correction.emptied ? null : aboutOf(correction.text)
      const itself = own.get(`${side} ${correction.ref}`)
      if (about === null || itself === undefined) continue
      const root = ledger.rootOf(about)
      told.add(`${side} ${root ?? ''}`)
      const [item, there] = [itemAt(side, root), counterpartAt(far, root)]
      if (item !== undefined && (isHeld(reasons, side, item.ref) || isHeldAbove(reasons, side, item))) continue
      if (isRefused(view, ['update', 'delete'], side, itself)) continue
      // Where a room is gone on one side, what stands in the other one rests.
      const room = ends[side].board.living('room').find((each) => each.ref === correction.room)
      const counterpart = room === undefined ? null : reasons.counterpart(side, 'room', room.ref)
      if (counterpart === null || ends[far].board.get('room', counterpart) === null) continue
      const now = there === undefined ? 'deleted' : `t${tokenIn(there.text) ?? '?'}`
      const what = `the correction ${correction.ref} at ${side} (${correction.text})`
      if (item === undefined) found.push(`${what} outlives its item`)
      else if (there !== undefined && tokenIn(there.text) === tokenIn(item.text))
        found.push(`${what} stays, though both agree`)
      else if (tokenIn(item.text) !== about || !correction.text.endsWith(now))
        found.push(`${what} is not what stands: ${now}`)
    }
  }
  const differing = `SELECT ref FROM divergence WHERE pair = 'post' AND lens = 'body' AND side = ? AND flow = ?`
  for (const side of SIDES)
    for (const row of rowsOf(db, differing, side, route.id)) {
      const ref = String(row['ref'])
      const place = route.at[side]
      // What is in a room that was deleted rests.
      const { board } = ends[side]
      if (board.get('room', board.lastKnown('post', ref)?.room ?? '') === null) continue
      if (isRefused(view, ['create'], side, ref)) continue
      const root = ledger.roots.get(`${place} post ${ref}`) ?? ''
      if (!told.has(`${side} ${root}`) && !ledger.uncorrected.has(`${place} ${root}`))
        found.push(`nothing tells of the difference at ${place} ${ref}`)
    }
  return found
}

/** Whether people are asked what became of a create, since nothing at all was shown: the next audit may tell. */
export function awaitsAudit({ db, audits }: Scene): boolean {
  return audits && rowsOf(db, `SELECT 1 FROM intent WHERE state = 'unknown' AND ${ASKED}`).length > 0
}
