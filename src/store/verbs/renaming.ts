/** What becomes of a flow that the configuration no longer names, as a person chose. */
import { numberOf, type Sql } from './rows.ts'
import { wakeByName } from './waits.ts'

/** All that hold something of a flow, beside `flow`. `living` comes before the links, so that none is counted down one by one. */
const TABLES = [
  'instance',
  'living',
  'adoption',
  'link',
  'due',
  'intent',
  'held',
  'conflict',
  'divergence',
  'journal',
  'file',
] as const

/** By name and flow, in `meta`. */
const REMEMBERED = ['first run', 'matched', 'backfill', 'other installation'] as const

export interface AdoptFlow {
  readonly from: string
  readonly to: string
  /** Of `to`, as the configuration has it: it has to be that of `from`. */
  readonly fingerprint: string
}

/** Hands everything of one flow to another that has no links yet. Answers how many links, or why not. */
export function adoptFlow(sql: Sql, { from, to, fingerprint }: AdoptFlow): number | 'unknown' | 'other' | 'used' {
  const known = sql.get('SELECT fingerprint FROM flow WHERE id = ?').get(from)
  if (known === undefined) return 'unknown'
  if (known['fingerprint'] !== fingerprint) return 'other'
  if (linksOf(sql, to) > 0) return 'used'
  // What a person has given under the new name goes along.
  sql
    .get(
      `UPDATE adoption SET flow = ?1 WHERE flow = ?2
         AND NOT EXISTS (SELECT 1 FROM adoption g WHERE g.flow = ?1 AND g.pair = adoption.pair AND g.a_ref = adoption.a_ref AND g.b_ref = adoption.b_ref)`,
    )
    .run(from, to)
  forget(sql, to)
  sql
    .get(
      `INSERT INTO flow (id, title, template, fingerprint, approved_at, in_step_at, settings, paused_at, paused_why, lifted_from, lifted_until)
       SELECT ?, title, template, fingerprint, approved_at, in_step_at, settings, paused_at, paused_why, lifted_from, lifted_until FROM flow WHERE id = ?`,
    )
    .run(to, from)
  for (const table of TABLES) sql.get(`UPDATE ${table} SET flow = ? WHERE flow = ?`).run(to, from)
  wakeByName(sql, to)
  sql.get('DELETE FROM flow WHERE id = ?').run(from)
  for (const name of REMEMBERED)
    sql.get('UPDATE meta SET name = ? WHERE name = ?').run(`${name} ${to}`, `${name} ${from}`)
  return linksOf(sql, to)
}

/** Forgets a flow. Answers how many links it had. */
export function forgetFlow(sql: Sql, { flow }: { readonly flow: string }): number {
  const links = linksOf(sql, flow)
  forget(sql, flow)
  return links
}

function forget(sql: Sql, flow: string): void {
  sql.get('DELETE FROM decided WHERE link IN (SELECT id FROM link WHERE flow = ?)').run(flow)
  for (const table of TABLES) sql.get(`DELETE FROM ${table} WHERE flow = ?`).run(flow)
  sql.get('DELETE FROM flow WHERE id = ?').run(flow)
  for (const name of REMEMBERED) sql.get('DELETE FROM meta WHERE name = ?').run(`${name} ${flow}`)
}

function linksOf(sql: Sql, flow: string): number {
  return numberOf(sql.get('SELECT count(*) AS n FROM link WHERE flow = ?').get(flow))
}
