/** What is old enough to be forgotten. */
import { getMeta, setMeta } from './flows.ts'
import type { Sql } from './rows.ts'

export interface Purge {
  /** Entries of the journal before this moment go. */
  readonly before: number
  readonly limit: number
}

/** What people have still to decide about keeps its story. Conflicts, holds, links and tombstones stay whatever their age. */
export const OLD = `
  SELECT id FROM journal j WHERE at < ?
    AND NOT EXISTS (SELECT 1 FROM conflict c WHERE c.link = j.link AND c.resolved_at IS NULL)
    AND NOT EXISTS (SELECT 1 FROM held h WHERE h.flow = j.flow AND h.pair = j.pair AND h.side = 'a' AND h.ref = j.a_ref AND h.decision = 'open')
    AND NOT EXISTS (SELECT 1 FROM held h WHERE h.flow = j.flow AND h.pair = j.pair AND h.side = 'b' AND h.ref = j.b_ref AND h.decision = 'open')
  ORDER BY id LIMIT CAST(? AS BIGINT)`

/** Answers how many entries went. */
export function purge(sql: Sql, { before, limit }: Purge): number {
  const changes = Number(sql.get(`DELETE FROM journal WHERE id IN (${OLD})`).run(before, limit).changes)
  if (changes > 0) setMeta(sql, { name: PURGED, value: String(before) })
  return changes
}

const PURGED = 'journal purged before'
/** Since when the journal is whole; null: nothing of it was forgotten. */
export function journalBegins(sql: Sql): number | null {
  const purged = getMeta(sql, { name: PURGED })
  return purged === null ? null : Number(purged)
}
