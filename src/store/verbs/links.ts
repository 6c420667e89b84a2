/** Finds links, and the items at their ends. */
import { other, SIDES, type Side } from '../../core/flow.ts'
import type { Identity, Link, Observation } from '../../core/state.ts'
import { LINK, itemOf, toLink, type Sql } from './rows.ts'
import type { Load, PairSpec } from './subjects.ts'

export function sideOf(sql: Sql, pair: PairSpec, side: Side, ref: string): Observation | null {
  return itemOf(sql, { connection: pair[side].connection, kind: pair[side].kind, ref })
}

/** 'elsewhere': another flow has linked it, or it is a correction, of any flow, which nothing stands for. */
export function linkOf(sql: Sql, pair: PairSpec, side: Side, ref: string, flow: string): Link | 'elsewhere' | null {
  const far = other(side)
  const rows = sql
    .get(
      `${LINK} WHERE ${side}_ref = ? AND ${side}_kind = ? AND ${side}_connection = ? AND ${far}_connection = ? ORDER BY (state = 'gone'), id DESC`,
    )
    .all(ref, pair[side].kind, pair[side].connection, pair[far].connection)
    .map(toLink)
  if (isCorrection(sql, { connection: pair[side].connection, kind: pair[side].kind, ref })) return 'elsewhere'
  const own = rows.find((link) => link.flow === flow && link.pair === pair.id)
  if (own !== undefined) return own
  return rows.some((link) => link.state !== 'gone' && reads(sql, link.flow, side, pair[side], ref)) ? 'elsewhere' : null
}

/** A flow out of whose scopes an item went lets go of it: it is for those to link that read it where it stands now. */
function reads(sql: Sql, flow: string, side: Side, { connection, kind }: Omit<Identity, 'ref'>, ref: string): boolean {
  const row = sql
    .get(
      `SELECT 1 FROM item i WHERE connection = ? AND kind = ? AND ref = ? AND state = 'present' AND scope <> ''
         AND EXISTS (SELECT 1 FROM instance n WHERE n.flow = ?)
         AND NOT EXISTS (SELECT 1 FROM instance n WHERE n.flow = ? AND n.${side}_scope = i.scope)`,
    )
    .get(connection, kind, ref, flow, flow)
  return row === undefined
}

/** An incarnation that no link of these items has had in a flow: a key is used once, also where a system remembers it for ever. */
export function nextIncarnation(
  sql: Sql,
  flow: string,
  pair: string,
  sides: { readonly [side in Side]: Identity | null },
): number {
  const had = SIDES.map((side) => {
    const item = sides[side]
    if (item === null) return -1
    const row = sql
      .get(
        `SELECT MAX(incarnation) AS last FROM link WHERE ${side}_ref = ? AND ${side}_kind = ? AND ${side}_connection = ? AND flow = ? AND pair = ? AND about IS NULL`,
      )
      .get(item.ref, item.kind, item.connection, flow, pair)
    return Number(row?.['last'] ?? -1)
  })
  return Math.max(...had) + 1
}

/** The latest correction about an item, whatever became of it. */
export function correctionAbout(sql: Sql, flow: string, pair: PairSpec, side: Side, ref: string): Link | null {
  const row = sql
    .get(`${LINK} WHERE about = ? AND flow = ? AND pair = ? AND ${side}_ref <> '' ORDER BY id DESC LIMIT 1`)
    .get(ref, flow, pair.id)
  return row === undefined ? null : toLink(row)
}

/** Of an item `i`: it is none of the engine's own corrections. */
export const NO_CORRECTION = `NOT EXISTS (SELECT 1 FROM link c WHERE c.about IS NOT NULL
  AND (c.a_ref = i.ref AND c.a_kind = i.kind AND c.a_connection = i.connection
    OR c.b_ref = i.ref AND c.b_kind = i.kind AND c.b_connection = i.connection))`

export function isCorrection(sql: Sql, { connection, kind, ref }: Identity): boolean {
  const row = sql
    .get(
      `SELECT 1 FROM link WHERE about IS NOT NULL AND (a_ref = ?1 AND a_kind = ?2 AND a_connection = ?3
         OR b_ref = ?1 AND b_kind = ?2 AND b_connection = ?3)`,
    )
    .get(ref, kind, connection)
  return row !== undefined
}

/**
 * Through the links of any flow between the same connections. What is known to be deleted is nobody's counterpart, and
 * neither is what left the flow: what comes under it is not sent after it.
 */
export function counterpart(
  sql: Sql,
  connections: Load['connections'],
  side: Side,
  kind: string,
  ref: string,
): { readonly ref: string; readonly scope: string | null } | null {
  const far = other(side)
  const row = sql
    .get(
      `SELECT l.${far}_ref AS ref, i.scope AS scope FROM link l LEFT JOIN item i
         ON i.connection = l.${far}_connection AND i.kind = l.${far}_kind AND i.ref = l.${far}_ref
       WHERE l.${side}_ref = ? AND l.${side}_kind = ? AND l.${side}_connection = ? AND l.${far}_connection = ?
         AND l.state = 'live' AND coalesce(i.state, 'present') = 'present' ORDER BY l.id DESC LIMIT 1`,
    )
    .get(ref, kind, connections[side], connections[far])
  return row === undefined
    ? null
    : { ref: String(row['ref']), scope: row['scope'] === null ? null : String(row['scope']) }
}

/** Of a sibling: its place is known. What was just made, and not read yet, is no first. */
export const IS_PLACED = 'NOT (i.created_at IS NULL AND i.unread = 1)'

/**
 * Whether its counterpart is gone, and is not made again: its link sleeps, or what becomes of it since that left is still
 * open.
 */
export function isKept(sql: Sql, connections: Load['connections'], side: Side, kind: string, ref: string): boolean {
  const far = other(side)
  const row = sql
    .get(
      `SELECT l.state AS link, i.state AS there FROM link l LEFT JOIN item i
         ON i.connection = l.${far}_connection AND i.kind = l.${far}_kind AND i.ref = l.${far}_ref
       WHERE l.${side}_ref = ? AND l.${side}_kind = ? AND l.${side}_connection = ? AND l.${far}_connection = ?
       ORDER BY (l.state = 'gone'), l.id DESC LIMIT 1`,
    )
    .get(ref, kind, connections[side], connections[far])
  const hasLeft = row?.['there'] === 'left' || row?.['there'] === 'moved'
  return row?.['link'] === 'asleep' || (row?.['link'] === 'live' && hasLeft)
}

/** Whether a scope is none of the flow's, or rests. */
export function isAway(sql: Sql, flow: string, side: Side, scope: string | null): boolean {
  const live = sql.get(
    `SELECT 1 FROM instance n WHERE flow = ? AND ${side}_scope = ? AND state = 'live'
     AND coalesce((SELECT l.state FROM link l WHERE l.id = n.link), 'live') = 'live'`,
  )
  return live.get(flow, scope) === undefined
}

/** The key of an open write to an item, of whichever flow: two at once would overwrite each other. */
export function openIntentOn(sql: Sql, { connection, kind, ref }: Identity): string | null {
  const open = sql
    .get('SELECT key FROM intent WHERE connection = ? AND kind = ? AND ref = ? LIMIT 1')
    .get(connection, kind, ref)
  return open === undefined ? null : String(open['key'])
}

/** The key of an open write that this item called for, by itself or as the head of its parent. `side`: the side written to. */
export function openIntentAbout(
  sql: Sql,
  { flow, side }: { readonly flow: string; readonly side: Side },
  pair: string,
  ref: string,
): string | null {
  const open = sql
    .get(
      `SELECT key FROM intent WHERE flow = ? AND side = ? AND ((pair = ? AND source_ref = ?)
         OR (head_kind IS NOT NULL AND json_extract(plan_json, '$.head.pair') = ? AND json_extract(plan_json, '$.head.action.source.ref') = ?)) LIMIT 1`,
    )
    .get(flow, side, pair, ref, pair, ref)
  return open === undefined ? null : String(open['key'])
}

/** The key of an open write of this link: of what it stands for, or of what is made again in its place. */
export function openIntentOf(sql: Sql, flow: string, link: number): string | null {
  const row = sql.get('SELECT key FROM intent WHERE flow = ? AND link = ? LIMIT 1').get(flow, link)
  return row === undefined ? null : String(row['key'])
}

export function linkById(sql: Sql, id: number): Link | null {
  const row = sql.get(`${LINK} WHERE id = ?`).get(id)
  return row === undefined ? null : toLink(row)
}
