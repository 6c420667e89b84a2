/** What first contact found: who matches whom, who is alone, and what could be either of two. */
import { z } from 'zod'
import type { Side } from '../../core/flow.ts'
import { numberOf, type Sql } from './rows.ts'
import type { PairSpec } from './subjects.ts'

export interface MatchCount {
  readonly flow: string
  readonly pair: string
  /** How many were linked, by what showed that they are the same. */
  readonly paired: { readonly [by: string]: number }
  /** Items of each side that stand on it alone. */
  readonly alone: { readonly [side in Side]: number }
  readonly ambiguous: number
}

const SAME = 'the same on both sides: '
const Paired = z.object({ why: z.string(), n: z.number() })

export function matches(
  sql: Sql,
  { flow, pairs }: { readonly flow: string; readonly pairs: readonly PairSpec[] },
): readonly MatchCount[] {
  return pairs.map((pair) => {
    const paired = sql
      .get(
        `SELECT substr(why, length(?3) + 1) AS why, count(*) AS n FROM journal
         WHERE flow = ?1 AND pair = ?2 AND action = 'link' AND why LIKE ?3 || '%' GROUP BY 1 ORDER BY 1`,
      )
      .all(flow, pair.id, SAME)
      .map((row) => Paired.parse(row))
    const ambiguous = sql
      .get(`SELECT count(*) AS n FROM held WHERE flow = ? AND pair = ? AND reason = 'ambiguous' AND decision = 'open'`)
      .get(flow, pair.id)
    return {
      flow,
      pair: pair.id,
      paired: Object.fromEntries(paired.map(({ why, n }) => [why, n])),
      alone: { a: aloneOn(sql, flow, pair, 'a'), b: aloneOn(sql, flow, pair, 'b') },
      ambiguous: numberOf(ambiguous),
    }
  })
}

function aloneOn(sql: Sql, flow: string, pair: PairSpec, side: Side): number {
  if (pair.container) return 0
  const { connection, kind } = pair[side]
  return numberOf(
    sql
      .get(
        `SELECT count(*) AS n FROM item i WHERE i.connection = ?1 AND i.kind = ?2 AND i.state = 'present'
           AND EXISTS (SELECT 1 FROM instance s WHERE s.flow = ?3 AND s.${side}_scope = i.scope)
           AND NOT EXISTS (SELECT 1 FROM link l WHERE l.${side}_ref = i.ref AND l.${side}_kind = i.kind
             AND l.${side}_connection = i.connection AND l.state <> 'gone')`,
      )
      .get(connection, kind, flow),
  )
}
