/** What a person says about a whole flow for a while: that nothing of it is written, or that its brake is lifted. */
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

export interface Lift {
  readonly flow: string
  /** Null: the brake works again. */
  readonly until: number | null
  readonly now: number
}

/** What is done meanwhile does not count afterwards. Answers whether the store knows the flow. */
export function liftBrake(sql: Sql, { flow, until, now }: Lift): boolean {
  const { changes } =
    until === null
      ? sql.get('UPDATE flow SET lifted_until = min(lifted_until, ?) WHERE id = ?').run(now, flow)
      : sql
          .get(
            `UPDATE flow SET lifted_from = CASE WHEN lifted_until > ?1 THEN lifted_from ELSE ?1 END, lifted_until = ?2 WHERE id = ?3`,
          )
          .run(now, until, flow)
  return Number(changes) > 0
}
