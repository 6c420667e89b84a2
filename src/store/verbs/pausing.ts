/**
 * What a person says about a flow or an instance of it for a while: that nothing of it is written, or that the brake is
 * lifted.
 */
import { z } from 'zod'
import { SIDES, type Side } from '../../core/flow.ts'
import type { Intent, Observation } from '../../core/state.ts'
import type { Sql } from './rows.ts'
import { wake } from './waits.ts'
import type { LoadedSubject, PairSpec } from './subjects.ts'

export type Scopes = { readonly [side in Side]: string }

export interface Pause {
  readonly flow: string
  /** Of one instance; null: the flow as a whole. */
  readonly scopes: Scopes | null
  readonly why: string
  readonly now: number
}

/** Answers whether the store knows it. What is paused stays paused since it was. */
export function pauseFlow(sql: Sql, { flow, scopes, why, now }: Pause): boolean {
  const pausing = (table: string): string =>
    `UPDATE ${table} SET paused_why = CASE WHEN paused_at IS NULL THEN ? ELSE paused_why END, paused_at = coalesce(paused_at, ?)`
  const { changes } =
    scopes === null
      ? sql.get(`${pausing('flow')} WHERE id = ?`).run(why, now, flow)
      : sql
          .get(`${pausing('instance')} WHERE flow = ? AND a_scope = ? AND b_scope = ?`)
          .run(why, now, flow, scopes.a, scopes.b)
  return Number(changes) > 0
}

/** What came meanwhile is due. An instance of a paused flow waits for that. */
export function resumeFlow(sql: Sql, { flow, scopes }: Pick<Pause, 'flow' | 'scopes'>): boolean {
  const resuming = (table: string): string => `UPDATE ${table} SET paused_at = NULL, paused_why = ''`
  if (scopes === null) return Number(sql.get(`${resuming('flow')} WHERE id = ?`).run(flow).changes) > 0
  const { changes } = sql
    .get(`${resuming('instance')} WHERE flow = ? AND a_scope = ? AND b_scope = ?`)
    .run(flow, scopes.a, scopes.b)
  wake(sql, resumeToken(scopes))
  return Number(changes) > 0
}

/** What subjects of a paused instance wait for. */
export function resumeToken({ a, b }: Scopes): string {
  return `${RESUME}${a} and ${b}`
}

const RESUME = 'a resume of '

/** Of a row of `due`: its instance is paused. */
export const PARKED = `(waits_for IS NOT NULL AND waits_for LIKE '${RESUME}%')`

const Paused = z.object({ a: z.string(), b: z.string() })

/** The instances of a flow of which nothing is to be written. */
export function pausedScopes(sql: Sql, flow: string): readonly Scopes[] {
  return sql
    .get(
      'SELECT a_scope AS a, b_scope AS b FROM instance WHERE flow = ? AND paused_at IS NOT NULL ORDER BY a_scope, b_scope',
    )
    .all(flow)
    .map((row) => Paused.parse(row))
}

/** Whether nothing is to be written where this would be. */
export function isPaused(sql: Sql, { flow, side, scope }: Pick<Intent, 'flow' | 'side' | 'scope'>): boolean {
  const row = sql
    .get(
      `SELECT 1 FROM flow WHERE id = ?1 AND paused_at IS NOT NULL
       UNION SELECT 1 FROM instance WHERE flow = ?1 AND ${side}_scope = ?2 AND paused_at IS NOT NULL`,
    )
    .get(flow, scope)
  return row !== undefined
}

/** Where one of its items stands, or is, on either side: what moves between two instances waits for both. */
export function pausedAround(paused: readonly Scopes[], pair: PairSpec, subject: LoadedSubject): Scopes | null {
  const isIn = (item: Observation | null, scope: string): boolean =>
    item !== null && (pair.container ? item.ref : item.scope) === scope
  return paused.find((scopes) => SIDES.some((side) => isIn(subject[side], scopes[side]))) ?? null
}

/** Nothing is done about it before its instance is resumed. */
export function park(sql: Sql, flow: string, { dues }: LoadedSubject, scopes: Scopes): void {
  for (const { pair, side, ref } of dues)
    sql
      .get('UPDATE due SET waits_for = ? WHERE flow = ? AND pair = ? AND side = ? AND ref = ? AND claimed = 0')
      .run(resumeToken(scopes), flow, pair, side, ref)
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
