/** A flow that a person stops for a while: it is read, and nothing of it is written. */
import type { Sql } from './rows.ts'

export interface Pause {
  readonly flow: string
  readonly why: string
  readonly now: number
}

/** Answers whether the store knows the flow. One that is paused stays paused since it was. */
export function pauseFlow(sql: Sql, { flow, why, now }: Pause): boolean {
  const { changes } = sql
    .get(
      `UPDATE flow SET paused_why = CASE WHEN paused_at IS NULL THEN ? ELSE paused_why END, paused_at = coalesce(paused_at, ?) WHERE id = ?`,
    )
    .run(why, now, flow)
  return Number(changes) > 0
}

export function resumeFlow(sql: Sql, { flow }: { readonly flow: string }): boolean {
  const { changes } = sql.get(`UPDATE flow SET paused_at = NULL, paused_why = '' WHERE id = ?`).run(flow)
  return Number(changes) > 0
}
