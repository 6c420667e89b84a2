/**
 * What waits for a person: how it is asked, and when it is over. An answer is to what was asked, once: an approval is used up
 * by the write that it lets go, and what was discarded is asked about again once something else was planned meanwhile.
 */
import { other, SIDES, type Side } from '../../core/flow.ts'
import type { Held, HoldReason, Identity, Intent } from '../../core/state.ts'
import { toHeld, type Sql } from './rows.ts'

export interface NewHold {
  readonly side: Side
  readonly ref: string
  readonly action: string
  readonly fingerprint: string
  readonly reason: HoldReason
  readonly detail: string
  readonly name: string
}

/** What people were asked about a subject, and their answers. */
export function heldOf(
  sql: Sql,
  flow: string,
  pair: string,
  sides: { readonly [side in Side]: Identity | null },
): readonly Held[] {
  return SIDES.flatMap((side) => {
    const item = sides[side]
    if (item === null) return []
    return sql
      .get('SELECT * FROM held WHERE flow = ? AND pair = ? AND side = ? AND ref = ? ORDER BY id')
      .all(flow, pair, side, item.ref)
      .map(toHeld)
  })
}

/** What was answered stays answered. Answers whether it was not held before. */
export function addHold(sql: Sql, flow: string, pair: string, hold: NewHold, now: number): boolean {
  const since = endsElsewhere(sql, flow, pair, hold) ?? now
  const { changes } = sql
    .get(
      `INSERT INTO held (flow, pair, side, ref, action, fingerprint, reason, detail, name, since) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
    )
    .run(flow, pair, hold.side, hold.ref, hold.action, hold.fingerprint, hold.reason, hold.detail, hold.name, since)
  return changes > 0
}

/**
 * The same action is asked about once: where it was held under the item of the other side, that ends; answers since when it
 * was.
 */
function endsElsewhere(sql: Sql, flow: string, pair: string, { side, ref, fingerprint }: NewHold): number | null {
  const same = `flow = ? AND pair = ? AND fingerprint = ? AND decision = 'open' AND reason <> 'ambiguous' AND (side <> ? OR ref <> ?)`
  const of = [flow, pair, fingerprint, side, ref]
  const row = sql.get(`SELECT min(since) AS since FROM held WHERE ${same}`).get(...of)
  if (typeof row?.['since'] !== 'number') return null
  sql.get(`DELETE FROM held WHERE ${same}`).run(...of)
  return row['since']
}

/** Of a write that has its outcome: whoever let it go, or had the item copied as such, did so for this one. */
export function useApproval(
  sql: Sql,
  { flow, pair, side, action, sourceRef, fingerprint }: Omit<Intent, 'state' | 'plan'>,
): void {
  sql
    .get(
      `DELETE FROM held WHERE flow = ? AND pair = ? AND decision = 'approved' AND (fingerprint = ?
         OR reason = 'ambiguous' AND action = CAST(? AS TEXT) AND side = ? AND ref = ?)`,
    )
    .run(flow, pair, fingerprint, action, other(side), sourceRef)
}

/** They are about something else than what is planned now, as they were when that was planned. */
export function endHolds(sql: Sql, ended: readonly Pick<Held, 'id' | 'decision'>[]): void {
  for (const { id, decision } of ended)
    sql.get('DELETE FROM held WHERE id = ? AND decision = CAST(? AS TEXT)').run(id, decision)
}

/** Of items that stand for each other now: what was asked about making them, or about what they are, is over. */
export function endQuestions(
  sql: Sql,
  flow: string,
  { pair, refs }: { readonly pair: string; readonly refs: { readonly [side in Side]: string } },
): void {
  for (const side of SIDES)
    sql
      .get(`DELETE FROM held WHERE flow = ? AND pair = ? AND side = ? AND ref = ? AND action = 'create'`)
      .run(flow, pair, side, refs[side])
}
