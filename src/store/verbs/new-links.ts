/** New links, and what they bring about: what waited for them, and the instance of two containers. */
import type { Json, Values } from '../../connector/values.ts'
import { other, SIDES, type Side } from '../../core/flow.ts'
import { endQuestions } from './held.ts'
import type { Sql } from './rows.ts'
import { wakeUnder } from './waits.ts'
import { isReadIn } from './scopes.ts'

export interface NewLink {
  readonly pair: string
  readonly connections: { readonly [side in Side]: string }
  readonly kinds: { readonly [side in Side]: string }
  readonly refs: { readonly [side in Side]: string }
  readonly base: { readonly [side in Side]: Values }
  readonly complement: { readonly [lens: string]: Json }
  readonly incarnation: number
  readonly late: boolean
  /** The side whose item is our copy; absent: both stood there. */
  readonly made?: Side
  /** Of one that stood there already: what shows that the two are the same. */
  readonly by?: string
  /** Of an item that a person brought back: its other end is still gone, and is made anew. */
  readonly state?: 'gone'
  /** Of a correction: the item that it tells about. */
  readonly about: string | null
}

/** A system that takes two equal creates for one answers the second with the first one's item. */
export function standsElsewhere(
  sql: Sql,
  flow: string,
  { pair, kinds, connections, refs, about, state }: NewLink,
): boolean {
  if (about !== null || state === 'gone') return false
  return SIDES.some((side) => {
    const far = other(side)
    const row = sql
      .get(
        `SELECT 1 FROM link WHERE ${side}_ref = ? AND ${side}_kind = ? AND ${side}_connection = ? AND flow = ? AND pair = ?
         AND state = 'live' AND about IS NULL AND ${far}_ref <> ?`,
      )
      .get(refs[side], kinds[side], connections[side], flow, pair, refs[far])
    return row !== undefined
  })
}

/** Answers its id. */
export function addLink(sql: Sql, flow: string, link: NewLink, now: number, container: boolean): number {
  const made = sql
    .get(
      `INSERT INTO link (flow, pair, a_connection, a_kind, a_ref, b_connection, b_kind, b_ref, a_base_json, b_base_json, complement_json,
         state, incarnation, late, made, about, made_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
    )
    .get(
      flow,
      link.pair,
      link.connections.a,
      link.kinds.a,
      link.refs.a,
      link.connections.b,
      link.kinds.b,
      link.refs.b,
      JSON.stringify(link.base.a),
      JSON.stringify(link.base.b),
      JSON.stringify(link.complement),
      link.state ?? 'live',
      link.incarnation,
      link.late ? 1 : 0,
      link.made ?? null,
      link.about,
      now,
    )
  const id = Number(made?.['id'])
  if (link.about === null && link.state !== 'gone') endQuestions(sql, flow, link)
  wakeUnder(sql, flow, link.kinds, link.refs)
  if (container) for (const side of SIDES) listUnread(sql, link.connections[side], link.refs[side])
  if (container)
    sql
      .get(
        `INSERT INTO instance (flow, a_scope, b_scope, link, state, since) VALUES (?, ?, ?, ?, 'listing', ?) ON CONFLICT DO NOTHING`,
      )
      .run(flow, link.refs.a, link.refs.b, id, now)
  return id
}

/** What an earlier flow has read of a scope that none reads now may be old: it is read whole again. */
function listUnread(sql: Sql, connection: string, scope: string): void {
  sql
    .get(
      `UPDATE listing SET state = 'wanted', position = NULL, finished_at = NULL WHERE connection = ?1 AND scope = ?2 AND NOT ${isReadIn('?1', '?2')}`,
    )
    .run(connection, scope)
}
