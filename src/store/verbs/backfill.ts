/** Items from before a flow's start that a person wants after all. */
import { due } from './due.ts'
import { texts, type Sql } from './rows.ts'
import type { PairSpec } from './subjects.ts'
import { SIDES } from '../../core/flow.ts'

export interface Backfill {
  readonly flow: string
  readonly pairs: readonly PairSpec[]
  /** Instants: from `since` on, and before `until`, where the flow began to take new items; null: it takes all. */
  readonly since: string
  readonly until: string | null
  readonly now: number
  /** Counts alone. */
  readonly dry: boolean
}

/** Makes them due. Answers how many there are by pair of kinds and side. */
export function backfill(
  sql: Sql,
  { flow, pairs, since, until, now, dry }: Backfill,
): readonly { readonly pair: string; readonly side: 'a' | 'b'; readonly items: number }[] {
  return pairs
    .filter((pair) => !pair.container)
    .flatMap((pair) =>
      SIDES.map((side) => {
        const { connection, kind } = pair[side]
        const refs = texts(
          sql
            .get(
              `SELECT i.ref FROM item i WHERE i.connection = ?1 AND i.kind = ?2 AND i.state = 'present' AND i.created_at >= ?3
                 AND (CAST(?4 AS TEXT) IS NULL OR i.created_at < ?4)
                 AND EXISTS (SELECT 1 FROM instance n WHERE n.flow = ?5 AND n.${side}_scope = i.scope)
                 AND NOT EXISTS (SELECT 1 FROM link l WHERE l.${side}_ref = i.ref AND l.${side}_kind = i.kind
                   AND l.${side}_connection = i.connection AND l.state <> 'gone')`,
            )
            .all(connection, kind, since, until, flow),
          'ref',
        )
        if (!dry)
          for (const ref of refs)
            due(sql, { flow, pair: pair.id, side, rank: pair.rank }, { ref, createdAt: null }, now)
        return { pair: pair.id, side, items: refs.length }
      }),
    )
    .filter(({ items }) => items > 0)
}
