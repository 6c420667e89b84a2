/**
 * Doubts of a listing. A system may answer an empty page and call it complete: items that it did not name, and that
 * their own reads show to be there, tell on it. One that left out more than it named does not count as having read its
 * scope, and is made again soon.
 */
import type { Sql } from './rows.ts'

export interface Standing {
  readonly connection: string
  readonly feed: string
  readonly kind: string
  readonly ref: string
  readonly scope: string
}

/** An item's own read showed it: did the last listing of its scope leave it out? */
export function noteStanding(sql: Sql, { connection, feed, kind, ref, scope }: Standing): void {
  const left = sql
    .get(
      `UPDATE item SET listed = l.run FROM listing l WHERE l.connection = ?1 AND l.feed = ?2 AND l.scope = ?5 AND l.state = 'done'
       AND item.connection = ?1 AND item.kind = ?3 AND item.ref = ?4 AND item.scope = ?5
       AND item.listed < l.run AND item.accepted_at < l.started_at`,
    )
    .run(connection, feed, kind, ref, scope)
  if (Number(left.changes) === 0) return
  sql
    .get(
      `UPDATE listing SET omitted = omitted + 1, doubts = doubts + CASE WHEN omitted = named THEN 1 ELSE 0 END WHERE connection = ? AND feed = ? AND scope = ?`,
    )
    .run(connection, feed, scope)
}
