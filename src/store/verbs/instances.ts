/** Instances: which scopes a flow is over, and when it may begin there. */
import { z } from 'zod'
import { SIDES, type Side } from '../../core/flow.ts'
import type { PairSpec } from './subjects.ts'
import { allDue, due } from './due.ts'
import type { Sql } from './rows.ts'
import { wakeParents } from './waits.ts'

export interface Instance {
  readonly flow: string
  readonly scopes: { readonly [side in Side]: string }
  readonly state: 'listing' | 'live'
  /** When what stood in its scopes was last matched. */
  readonly liveAt: number | null
  readonly link: number | null
}

const InstanceRow = z.object({
  flow: z.string(),
  a_scope: z.string(),
  b_scope: z.string(),
  state: z.enum(['listing', 'live']),
  live_at: z.number().nullable(),
  link: z.number().nullable(),
})

export function instances(sql: Sql, { flow }: { readonly flow: string }): readonly Instance[] {
  return sql
    .get('SELECT flow, a_scope, b_scope, state, live_at, link FROM instance WHERE flow = ? ORDER BY since, a_scope')
    .all(flow)
    .map((raw) => InstanceRow.parse(raw))
    .map((row) => ({
      flow: row.flow,
      scopes: { a: row.a_scope, b: row.b_scope },
      state: row.state,
      liveAt: row.live_at,
      link: row.link,
    }))
}

export interface GoLive {
  readonly flow: string
  readonly scopes: { readonly [side in Side]: string }
  readonly pairs: readonly PairSpec[]
  readonly now: number
}

/** The instance's scopes are read and matched: everything in them is planned now. */
export function goLive(sql: Sql, { flow, scopes, pairs, now }: GoLive): number {
  sql
    .get(`UPDATE instance SET state = 'live', live_at = ? WHERE flow = ? AND a_scope = ? AND b_scope = ?`)
    .run(now, flow, scopes.a, scopes.b)
  wakeParents(sql, flow)
  return replan(sql, { flow, scopes, pairs, now })
}

/** Makes every item of an instance due. */
export function replan(sql: Sql, { flow, scopes, pairs, now }: GoLive): number {
  let count = 0
  for (const pair of pairs)
    for (const side of SIDES) {
      const { connection, kind } = pair[side]
      // A container stands in no scope, and is one itself.
      const items = pair.container ? { scope: '', ref: scopes[side] } : { scope: scopes[side], ref: null }
      count += allDue(sql, { flow, pair: pair.id, side, rank: pair.rank }, { connection, kind, ...items }, now)
    }
  return count
}

export interface Replanned {
  readonly flow: string
  readonly pair: PairSpec
  readonly side: Side
  readonly ref: string
  readonly now: number
}

/** Makes one item due, because a person asks. */
export function replanOne(sql: Sql, { flow, pair, side, ref, now }: Replanned): null {
  due(sql, { flow, pair: pair.id, side, rank: pair.rank }, { ref, createdAt: null }, now)
  return null
}

/** Linked containers that were last found missing, since a moment: deleted, or out of reach for this credential. */
export function lostContainers(
  sql: Sql,
  { connection, since }: { readonly connection: string; readonly since: number },
): readonly { readonly kind: string; readonly ref: string }[] {
  return sql
    .get(
      `SELECT i.kind, i.ref FROM (
         SELECT l.a_kind AS kind, l.a_ref AS ref FROM instance n JOIN link l ON l.id = n.link WHERE l.state <> 'gone' AND l.a_connection = ?1
         UNION SELECT l.b_kind, l.b_ref FROM instance n JOIN link l ON l.id = n.link WHERE l.state <> 'gone' AND l.b_connection = ?1) c
       CROSS JOIN item i WHERE i.connection = ?1 AND i.kind = c.kind AND i.ref = c.ref
       AND i.state <> 'present' AND i.accepted_at >= ?2 ORDER BY i.kind, i.ref`,
    )
    .all(connection, since)
    .map((row) => ({ kind: String(row['kind']), ref: String(row['ref']) }))
}
