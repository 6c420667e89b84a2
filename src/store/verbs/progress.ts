/** How far each instance of a flow is. */
import { z } from 'zod'
import { SIDES, type Side } from '../../core/flow.ts'
import type { Scopes } from './pausing.ts'
import type { Sql } from './rows.ts'
import { RESTS } from './waits.ts'
import type { PairSpec } from './subjects.ts'

export interface InstanceProgress {
  readonly scopes: Scopes
  readonly state: 'listing' | 'live'
  readonly pausedAt: number | null
  readonly pausedWhy: string
  readonly links: number
  readonly due: number
  readonly held: number
  /** Of those held, how many the brake holds. */
  readonly braked: number
  readonly conflicts: number
}

type Count = 'links' | 'due' | 'held' | 'braked' | 'conflicts'

const Row = z.object({
  a_scope: z.string(),
  b_scope: z.string(),
  state: z.enum(['listing', 'live']),
  paused_at: z.number().nullable(),
  paused_why: z.string(),
})
const Counted = z.object({ scope: z.string(), n: z.number() })

export function progress(
  sql: Sql,
  { flow, pairs }: { readonly flow: string; readonly pairs: readonly PairSpec[] },
): readonly InstanceProgress[] {
  const counts = countsOf(sql, flow, pairs)
  return sql
    .get(
      'SELECT a_scope, b_scope, state, paused_at, paused_why FROM instance WHERE flow = ? ORDER BY since, a_scope, b_scope',
    )
    .all(flow)
    .map((row) => Row.parse(row))
    .map((row) => {
      const scopes = { a: row.a_scope, b: row.b_scope }
      const of = (what: Count): number => SIDES.reduce((sum, side) => sum + counts(what, side, scopes[side]), 0)
      return {
        scopes,
        state: row.state,
        pausedAt: row.paused_at,
        pausedWhy: row.paused_why,
        links: of('links'),
        due: of('due'),
        held: of('held'),
        braked: of('braked'),
        conflicts: of('conflicts'),
      }
    })
}

const DUE = `due d WHERE d.flow = ?3 AND d.pair = ?4 AND d.side = ?5 AND NOT ${RESTS}`
const HELD = `held d WHERE d.flow = ?3 AND d.pair = ?4 AND d.side = ?5 AND d.decision = 'open'`
const LINK = `link d WHERE d.flow = ?3 AND d.pair = ?4 AND CAST(?5 AS TEXT) = 'a' AND d.state = 'live' AND d.about IS NULL`
const CONFLICT = `conflict c JOIN link d ON d.id = c.link WHERE c.flow = ?3 AND c.pair = ?4 AND CAST(?5 AS TEXT) = 'a' AND c.resolved_at IS NULL`

const SOURCES: { readonly [what in Count]: { readonly from: string; readonly ref: string } } = {
  due: { from: DUE, ref: 'd.ref' },
  held: { from: HELD, ref: 'd.ref' },
  braked: { from: `${HELD} AND d.reason = 'brake'`, ref: 'd.ref' },
  links: { from: LINK, ref: 'd.a_ref' },
  conflicts: { from: CONFLICT, ref: 'd.a_ref' },
}

function countsOf(
  sql: Sql,
  flow: string,
  pairs: readonly PairSpec[],
): (what: Count, side: Side, scope: string) => number {
  const found = new Map<string, number>()
  for (const pair of pairs)
    for (const side of SIDES)
      for (const what of ['links', 'due', 'held', 'braked', 'conflicts'] as const) {
        const { from, ref } = SOURCES[what]
        const scope = pair.container ? 'i.ref' : 'i.scope'
        const rows = sql
          .get(
            `SELECT ${scope} AS scope, count(*) AS n FROM (SELECT ${ref} AS ref FROM ${from}) AS own
             CROSS JOIN item i WHERE i.connection = ?1 AND i.kind = ?2 AND i.ref = own.ref GROUP BY ${scope}`,
          )
          .all(pair[side].connection, pair[side].kind, flow, pair.id, side)
        for (const row of rows) {
          const { scope: at, n } = Counted.parse(row)
          const name = `${what} ${side} ${at}`
          found.set(name, (found.get(name) ?? 0) + n)
        }
      }
  return (what, side, scope) => found.get(`${what} ${side} ${scope}`) ?? 0
}
