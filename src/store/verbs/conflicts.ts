/**
 * Conflicts: of a link, by lens. One is open while people are to say which value stands, and ends in one of three ways: a value
 * is to stand, the difference is accepted, or nothing is contested any more.
 */
import { z } from 'zod'
import { canonical } from '../../connector/values.ts'
import type { Disagreement } from '../../core/action.ts'
import { SIDES, type Side } from '../../core/flow.ts'
import type { ConflictDetail } from '../../core/state.ts'
import { due } from './due.ts'
import { linkById } from './links.ts'
import type { Watches } from './naming.ts'
import { jsonIn, texts, toConflict, type Sql } from './rows.ts'

/** An open disagreement is written once for each pair of values; a settled one is listed, so that its loser can be restored. */
export function addDisagreements(
  sql: Sql,
  flow: string,
  pair: string,
  link: number,
  found: readonly Disagreement[],
  now: number,
): void {
  for (const { lens, base, values, winner, why } of found) {
    const open = sql
      .get('SELECT id, a_json, b_json FROM conflict WHERE link = ? AND lens = ? AND resolved_at IS NULL')
      .get(link, lens)
    const same =
      open !== undefined &&
      SIDES.every((side) => canonical(jsonIn(String(open[`${side}_json`]))) === canonical(values[side]))
    if (same && winner === null) continue
    if (same) {
      sql
        .get('UPDATE conflict SET winner = ?, resolved_at = ?, why = ? WHERE id = ?')
        .run(winner, now, why, Number(open['id']))
      continue
    }
    closeConflicts(sql, { link, lens, why: 'another value stands there since' }, now)
    sql
      .get(
        'INSERT INTO conflict (flow, pair, link, lens, base_json, a_json, b_json, winner, why, at, resolved_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      )
      .run(
        flow,
        pair,
        link,
        lens,
        JSON.stringify(base),
        JSON.stringify(values.a),
        JSON.stringify(values.b),
        winner,
        why,
        now,
        winner === null ? null : now,
      )
  }
}

/** What is open of a link, or of one lens of it, ends without anybody's decision. */
export function closeConflicts(
  sql: Sql,
  { link, lens, why }: { readonly link: number; readonly lens?: string; readonly why: string },
  now: number,
): void {
  sql
    .get(
      'UPDATE conflict SET resolved_at = ?, why = ? WHERE link = ? AND resolved_at IS NULL AND (CAST(? AS TEXT) IS NULL OR lens = ?)',
    )
    .run(now, why, link, lens ?? null, lens ?? null)
}

export function contestedLenses(sql: Sql, link: number): readonly string[] {
  const rows = sql
    .get('SELECT DISTINCT lens FROM conflict WHERE link = ? AND resolved_at IS NULL ORDER BY lens')
    .all(link)
  return texts(rows, 'lens')
}

export function conflicts(sql: Sql, { all }: { readonly all: boolean }): readonly ConflictDetail[] {
  return sql
    .get('SELECT * FROM conflict WHERE ? OR resolved_at IS NULL ORDER BY at, id')
    .all(all ? 1 : 0)
    .map((row) => detailOf(sql, row))
}

function detailOf(sql: Sql, row: Parameters<typeof toConflict>[0]): ConflictDetail {
  const conflict = toConflict(row)
  return { ...conflict, refs: linkById(sql, conflict.link)?.refs ?? null }
}

export interface ResolveConflict {
  readonly id: number
  readonly winner: Side | 'accept'
  readonly ranks: { readonly [pair: string]: number }
  readonly now: number
}

/** Records what a person decided about exactly the two values that were shown; the plan carries it out. */
export function resolveConflict(sql: Sql, { id, winner, ranks, now }: ResolveConflict): ConflictDetail | null {
  const row = sql.get('SELECT * FROM conflict WHERE id = ?').get(id)
  const found = row === undefined ? null : detailOf(sql, row)
  if (found === null || found.refs === null) return null
  const values = [found.link, found.lens, canonical(found.values.a), canonical(found.values.b)] as const
  sql.get('DELETE FROM decided WHERE link = ? AND lens = ? AND a = ? AND b = ?').run(...values)
  sql.get('INSERT INTO decided (link, lens, a, b, winner, at) VALUES (?, ?, ?, ?, ?, ?)').run(...values, winner, now)
  if (winner === 'accept')
    sql
      .get(
        `UPDATE conflict SET winner = 'accept', resolved_at = ?, why = 'the difference was accepted' WHERE id = ? AND resolved_at IS NULL`,
      )
      .run(now, id)
  const rank = ranks[`${found.flow} ${found.pair}`] ?? 0
  due(sql, { flow: found.flow, pair: found.pair, side: 'a', rank }, { ref: found.refs.a, createdAt: null }, now)
  return found
}

/**
 * At the start: what waits for a person is planned anew, as the policy may be another one now. Answers how many items that
 * are.
 */
export function renewConflicts(
  sql: Sql,
  { watches, now }: { readonly watches: Watches; readonly now: number },
): number {
  const links = sql
    .get(
      `SELECT DISTINCT l.id, l.flow, l.pair, l.a_connection, l.a_ref FROM conflict c JOIN link l ON l.id = c.link
       WHERE c.resolved_at IS NULL ORDER BY l.id`,
    )
    .all()
    .map((row) => Contested.parse(row))
  for (const { flow, pair, a_connection: connection, a_ref: ref } of links) {
    const watch = watches[connection]?.find((each) => each.flow === flow && each.pair === pair && each.side === 'a')
    if (watch !== undefined) due(sql, watch, { ref, createdAt: null }, now)
  }
  return links.length
}

const Contested = z.object({
  flow: z.string(),
  pair: z.string(),
  a_connection: z.string(),
  a_ref: z.string(),
})
