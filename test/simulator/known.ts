/** What the engine has read, as its store tells: the judge asks no more of it than that. */
import type { DatabaseSync } from 'node:sqlite'
import type { Stored } from './board.ts'

/** Whether it was ever read, or told by an answer. */
export function isKnown(db: DatabaseSync, connection: string, kind: string, ref: string): boolean {
  return (
    db.prepare('SELECT 1 FROM item WHERE connection = ? AND kind = ? AND ref = ?').get(connection, kind, ref) !==
    undefined
  )
}

/** Whether it stood where no flow had ever read, and nobody knew it, as the last create of its kind was sent that is under way. */
export function isOutOfReach(db: DatabaseSync, connection: string, { kind, ref, room }: Stored): boolean {
  const side = connection === 'a' ? 'a' : 'b'
  const known = db.prepare(
    `WITH sent AS (SELECT coalesce(max(sent_at), ${Number.MAX_SAFE_INTEGER}) AS at FROM intent
       WHERE action = 'create' AND connection = ?1 AND (kind = ?2 OR head_kind = ?2))
     SELECT 1 FROM item, sent WHERE connection = ?1 AND kind = ?2 AND ref = ?3 AND first_seen <= sent.at
     UNION SELECT 1 FROM instance, sent WHERE ${side}_scope = ?4 AND since <= sent.at`,
  )
  return known.get(connection, kind, ref, room) === undefined
}

/** The items whose links are alive for as long as it was not read that both ends are gone. */
export function believedAt(db: DatabaseSync, connection: string, kind: string): readonly string[] {
  return db
    .prepare(
      `SELECT CASE WHEN l.a_connection = ?1 THEN l.a_ref ELSE l.b_ref END AS ref FROM link l
         JOIN item i ON (i.connection, i.kind, i.ref) IN ((l.a_connection, l.a_kind, l.a_ref), (l.b_connection, l.b_kind, l.b_ref))
       WHERE l.state = 'live' AND l.about IS NULL AND i.state = 'present'
         AND (l.a_connection = ?1 AND l.a_kind = ?2 OR l.b_connection = ?1 AND l.b_kind = ?2)`,
    )
    .all(connection, kind)
    .map((row) => String(row['ref']))
}

/** Whether it was known before the listing began that is read at this moment. */
export function wasKnown(db: DatabaseSync, connection: string, { kind, ref, room }: Stored): boolean {
  return (
    db
      .prepare(
        `SELECT 1 FROM item i JOIN listing l ON l.connection = i.connection AND l.scope = i.scope WHERE i.connection = ?
         AND i.kind = ? AND i.ref = ? AND i.scope = ? AND i.state = 'present' AND i.accepted_at < l.started_at`,
      )
      .get(connection, kind, ref, room) !== undefined
  )
}
