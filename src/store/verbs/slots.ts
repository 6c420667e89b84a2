/** Items that can only be one thing, because they have the values that one item of a scope has. */
import type { Join } from '../../core/action.ts'
import type { Occupant } from '../../core/create.ts'
import { other, SIDES, type Side } from '../../core/flow.ts'
import { writeJournal } from './journal.ts'
import { linkOf, openIntentAbout, openIntentOf, sideOf } from './links.ts'
import { ourIntent } from './intents.ts'
import { itemOf, toObservation, type Sql } from './rows.ts'
import { due } from './due.ts'
import { turnLink } from './turning.ts'
import { finishDue } from './waits.ts'
import type { DueRow, PairSpec } from './subjects.ts'
import { addLink } from './new-links.ts'

export interface Place {
  readonly pair: PairSpec
  readonly side: Side
  readonly scope: string
  readonly slot: string
}

export interface Occupants {
  readonly flow: string
  readonly places: readonly Place[]
}

/** For each place who stands there, or null. */
export function occupants(sql: Sql, { flow, places }: Occupants): readonly (Occupant | null)[] {
  return places.map((place) => occupant(sql, flow, place))
}

function occupant(sql: Sql, flow: string, { pair, side, scope, slot }: Place): Occupant | null {
  const { connection, kind } = pair[side]
  const found = sql
    .get(
      `SELECT * FROM item WHERE slot = ? AND kind = ? AND connection = ? AND scope = ? AND state = 'present' AND emptied = 0
       ORDER BY first_seen DESC`,
    )
    .all(slot, kind, connection, scope)
    .map(toObservation)
    .map((item) => ({ item, link: linkOf(sql, pair, side, item.ref, flow) }))
  const free = found.find(({ link }) => link === null || (link !== 'elsewhere' && link.state === 'gone'))
  const one = free ?? found[0]
  if (one === undefined) return null
  const link = free === undefined ? one.link : null
  const far = other(side)
  const linked = link === null || link === 'elsewhere' ? null : link
  return {
    item: one.item,
    link,
    counterpart: linked === null ? null : sideOf(sql, pair, far, linked.refs[far]),
    busy:
      openIntentAbout(sql, { flow, side: far }, pair.id, one.item.ref) ??
      (linked === null ? ourIntent(sql, one.item) : openIntentOf(sql, flow, linked.id)),
  }
}

export interface Joining {
  readonly flow: string
  readonly pair: PairSpec
  readonly join: Join
  readonly dues: readonly DueRow[]
  readonly why: string
  readonly now: number
}

/**
 * Links two items, unless either of them is not as it was planned with. They are planned anew either way: together, or each
 * for itself.
 */
export function join(sql: Sql, { flow, pair, join: joined, dues, why, now }: Joining): boolean {
  const { refs, revs, ends, base, complement, incarnation } = joined
  const isAsSeen = SIDES.every((side) => {
    const { connection, kind } = pair[side]
    const link = linkOf(sql, pair, side, refs[side], flow)
    const isFree = link === null || (link !== 'elsewhere' && (link.state === 'gone' || link.id === ends))
    const open = openIntentAbout(sql, { flow, side: other(side) }, pair.id, refs[side])
    return isFree && open === null && itemOf(sql, { connection, kind, ref: refs[side] })?.rev === revs[side]
  })
  if (isAsSeen) {
    if (ends !== null) turnLink(sql, ends, 'gone', now)
    const connections = { a: pair.a.connection, b: pair.b.connection }
    const kinds = { a: pair.a.kind, b: pair.b.kind }
    const rest = { connections, kinds, refs, base, complement, incarnation, late: false, about: null }
    const link = addLink(sql, flow, { pair: pair.id, ...rest }, now, false)
    writeJournal(sql, {
      at: now,
      flow,
      pair: pair.id,
      link,
      action: 'link',
      side: 'a',
      refs,
      before: null,
      after: null,
      why,
      waitedMs: null,
      undoes: null,
    })
  }
  for (const each of dues)
    if (isAsSeen) finishDue(sql, flow, each)
    else
      sql
        .get(
          `UPDATE due SET claimed = 0, not_before = ?, waits_for = NULL, generation = generation + 1
           WHERE flow = ? AND pair = ? AND side = ? AND ref = ?`,
        )
        .run(now + 1000, flow, each.pair, each.side, each.ref)
  // What was planned may have been the one that is gone.
  if (isAsSeen) due(sql, { flow, pair: pair.id, side: 'a', rank: pair.rank }, { ref: refs.a, createdAt: null }, now)
  return isAsSeen
}
