/** Links as people list and give them. */
import { z } from 'zod'
import type { Sql } from './rows.ts'

export interface LinkRow {
  readonly flow: string
  readonly pair: string
  readonly a: string
  readonly b: string
  readonly state: 'live' | 'asleep'
}

const Row = z.object({
  flow: z.string(),
  pair: z.string(),
  a: z.string(),
  b: z.string(),
  state: z.enum(['live', 'asleep']),
})

export function linkRows(
  sql: Sql,
  { flow, limit }: { readonly flow: string | null; readonly limit: number | null },
): readonly LinkRow[] {
  return sql
    .get(
      `SELECT flow, pair, a_ref AS a, b_ref AS b, state FROM link WHERE state <> 'gone' AND (CAST(?1 AS TEXT) IS NULL OR flow = ?1)
       ORDER BY flow, pair, id LIMIT CAST(?2 AS BIGINT)`,
    )
    .all(flow, limit ?? Number.MAX_SAFE_INTEGER)
    .map((row) => Row.parse(row))
}

export type Given = Pick<LinkRow, 'flow' | 'pair' | 'a' | 'b'>

export function giveLinks(sql: Sql, { links }: { readonly links: readonly Given[] }): null {
  for (const { flow, pair, a, b } of links)
    sql
      .get('INSERT INTO adoption (flow, pair, a_ref, b_ref) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING')
      .run(flow, pair, a, b)
  return null
}

export interface Waiting extends Given {
  /** Either of the two is linked: to the other, or to something else. */
  readonly linked: 'together' | 'elsewhere' | null
}

/** Those that are not linked yet. */
export function givenLinks(sql: Sql, { flow }: { readonly flow: string }): readonly Waiting[] {
  const shape = z.object({
    flow: z.string(),
    pair: z.string(),
    a: z.string(),
    b: z.string(),
    both: z.number(),
    any: z.number(),
  })
  return sql
    .get(
      `SELECT g.flow, g.pair, g.a_ref AS a, g.b_ref AS b,
         EXISTS (SELECT 1 FROM link l WHERE l.flow = g.flow AND l.pair = g.pair AND l.a_ref = g.a_ref AND l.b_ref = g.b_ref AND l.state <> 'gone') AS "both",
         EXISTS (SELECT 1 FROM link l WHERE l.flow = g.flow AND l.pair = g.pair AND (l.a_ref = g.a_ref OR l.b_ref = g.b_ref) AND l.state <> 'gone') AS "any"
       FROM adoption g WHERE g.flow = ? ORDER BY g.pair, g.a_ref`,
    )
    .all(flow)
    .map((row) => shape.parse(row))
    .map(({ both, any, ...given }) => ({ ...given, linked: both === 1 ? 'together' : any === 1 ? 'elsewhere' : null }))
}

export function dropGiven(sql: Sql, { flow, pair, a, b }: Given): null {
  sql.get('DELETE FROM adoption WHERE flow = ? AND pair = ? AND a_ref = ? AND b_ref = ?').run(flow, pair, a, b)
  return null
}
