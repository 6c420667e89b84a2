/** Which subjects have to be planned now, since something about them was read. */
import type { Side } from '../../core/flow.ts'
import type { Observation } from '../../core/state.ts'
import type { Sql } from './rows.ts'

/** A flow that reads a kind, so that its subjects become due. */
export interface Watch {
  readonly flow: string
  readonly pair: string
  readonly side: Side
  readonly kind: string
  readonly rank: number
  readonly container: boolean
}

/** An item is planned where a live instance holds its scope, or where it is linked already; a container always. */
export function makeDue(sql: Sql, watch: Watch, item: Observation, known: Observation | null, now: number): void {
  const inFlow =
    watch.container ||
    isLive(sql, watch, item.scope) ||
    (known !== null && known.scope !== item.scope && isLive(sql, watch, known.scope)) ||
    isLinked(sql, watch, item)
  if (inFlow) due(sql, watch, item, now)
}

function isLive(sql: Sql, watch: Watch, scope: string): boolean {
  return (
    sql
      .get(`SELECT 1 FROM instance WHERE flow = ? AND ${watch.side}_scope = ? AND state = 'live'`)
      .get(watch.flow, scope) !== undefined
  )
}

function isLinked(sql: Sql, watch: Watch, item: Observation): boolean {
  const { side } = watch
  const row = sql
    .get(`SELECT 1 FROM link WHERE ${side}_ref = ? AND ${side}_kind = ? AND ${side}_connection = ? AND flow = ?`)
    .get(item.ref, item.kind, item.connection, watch.flow)
  return row !== undefined
}

const AGAIN = `ON CONFLICT (flow, pair, side, ref)
  DO UPDATE SET generation = due.generation + 1, not_before = 0, waits_for = NULL`
const DUE = `
  INSERT INTO due (flow, pair, side, ref, generation, rank, created_at, since) VALUES (?, ?, ?, ?, 1, ?, ?, ?) ${AGAIN}`
/** Whatever their number, none of them is read. */
const ALL_DUE = `
  INSERT INTO due (flow, pair, side, ref, generation, rank, created_at, since)
  SELECT CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), ref, 1, CAST(? AS BIGINT), coalesce(created_at, ''), CAST(? AS BIGINT)
  FROM item WHERE connection = ? AND kind = ? AND scope = ? AND (CAST(? AS TEXT) IS NULL OR ref = ?) ${AGAIN}`

/** Makes a subject due, or raises its generation where it is due already. */
export function due(
  sql: Sql,
  watch: Pick<Watch, 'flow' | 'pair' | 'side' | 'rank'>,
  item: Pick<Observation, 'ref' | 'createdAt'>,
  now: number,
): void {
  sql.get(DUE).run(watch.flow, watch.pair, watch.side, item.ref, watch.rank, item.createdAt ?? '', now)
}

/** Makes all items of one kind in one scope due, or one of them; answers how many. */
export function allDue(
  sql: Sql,
  { flow, pair, side, rank }: Pick<Watch, 'flow' | 'pair' | 'side' | 'rank'>,
  items: { readonly connection: string; readonly kind: string; readonly scope: string; readonly ref: string | null },
  now: number,
): number {
  const { connection, kind, scope, ref } = items
  return Number(sql.get(ALL_DUE).run(flow, pair, side, rank, now, connection, kind, scope, ref, ref).changes)
}
