/** What becomes of a flow that the configuration no longer names, as a person chose. */
import { numberOf, type Sql } from './rows.ts'

const TABLES = [
  'instance',
  'link',
  'due',
  'intent',
  'held',
  'conflict',
  'divergence',
  'journal',
  'living',
  'file',
] as const

/** By name and flow, in `meta`. */
const REMEMBERED = ['first run', 'matched'] as const

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
  forget(sql, to)
  for (const table of ['link', 'due', 'intent', 'held', 'conflict', 'divergence', 'journal', 'file'])
    sql.get(`UPDATE ${table} SET flow = ? WHERE flow = ?`).run(to, from)
  sql
    .get(
      `INSERT INTO flow (id, title, template, fingerprint, approved_at, in_step_at, settings, paused_at, paused_why, lifted_from, lifted_until)
       SELECT ?, title, template, fingerprint, approved_at, in_step_at, settings, paused_at, paused_why, lifted_from, lifted_until FROM flow WHERE id = ?`,
    )
    .run(to, from)
  sql.get('UPDATE instance SET flow = ? WHERE flow = ?').run(to, from)
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
