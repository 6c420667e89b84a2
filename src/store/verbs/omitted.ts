/**
 * Doubts of a listing. A system may answer an empty page and call it complete: items that it did not name, and that
 * their own reads or their feed show to be there, tell on it, also those that nobody knew and that are older than it. One that
 * left out more than it named does not count as having read its scope, and is made again soon.
 */
import type { Sql } from './rows.ts'

export interface Standing {
  readonly connection: string
  readonly feed: string
  readonly kind: string
  readonly ref: string
  readonly scope: string
  readonly createdAt: string | null
}

/** An item was shown to be there: did the last listing of its scope leave it out? */
export function noteStanding(sql: Sql, standing: Standing): void {
  const { connection, feed, kind, ref, scope } = standing
  const left = sql
    .get(
      `UPDATE item SET missed = 0 FROM listing l WHERE l.connection = ?1 AND l.feed = ?2 AND l.scope = ?5 AND l.state = 'done'
       AND item.connection = ?1 AND item.kind = ?3 AND item.ref = ?4 AND item.scope = ?5
       AND (item.missed = l.run OR item.missed <> 0 AND item.state <> 'present') AND item.accepted_at < l.started_at`,
    )
    .run(connection, feed, kind, ref, scope)
  if (Number(left.changes) === 0 && !isOlderNewcomer(sql, standing)) return
  sql
    .get(
      `UPDATE listing SET omitted = omitted + 1, doubts = doubts + CASE WHEN omitted = named THEN 1 ELSE 0 END WHERE connection = ? AND feed = ? AND scope = ?`,
    )
    .run(connection, feed, scope)
}

/** Nobody knew it, though it was there when its scope was listed. */
function isOlderNewcomer(sql: Sql, { connection, feed, kind, ref, scope, createdAt }: Standing): boolean {
  const madeAt = createdAt === null ? Number.NaN : Date.parse(createdAt)
  // A time that is none says nothing, and is none for a database either.
  if (Number.isNaN(madeAt)) return false
  const row = sql
    .get(
      `SELECT 1 FROM listing WHERE connection = ?1 AND feed = ?2 AND scope = ?5 AND state = 'done' AND started_at > ?6
       AND NOT EXISTS (SELECT 1 FROM item WHERE connection = ?1 AND kind = ?3 AND ref = ?4)`,
    )
    .get(connection, feed, kind, ref, scope, madeAt)
  return row !== undefined
}
