/** What the engine has read, as its store tells: the judge asks no more of it than that. */
import type { DatabaseSync } from 'node:sqlite'
import type { Stored } from './board.ts'

export function isKnown(db: DatabaseSync, connection: string, kind: string, ref: string): boolean {
  return (
    db.prepare('SELECT 1 FROM item WHERE connection = ? AND kind = ? AND ref = ?').get(connection, kind, ref) !==
    undefined
  )
}

/** Whether it stands where no flow has ever read, and nobody knew it before it went there. */
export function isOutOfReach(db: DatabaseSync, connection: string, { kind, ref, room }: Stored): boolean {
  const side = connection === 'a' ? 'a' : 'b'
  return (
    !isKnown(db, connection, kind, ref) &&
    db.prepare(`SELECT 1 FROM instance WHERE ${side}_scope = ?`).get(room) === undefined
  )
}

/** The items that are linked, and there as far as was read. */
export function believedAt(db: DatabaseSync, connection: string, kind: string): readonly string[] {
  return db
    .prepare(
      `SELECT i.ref FROM item i WHERE i.connection = ?1 AND i.kind = ?2 AND i.state = 'present' AND EXISTS (SELECT 1 FROM link l
         WHERE l.state = 'live' AND (l.b_ref = i.ref AND l.b_kind = i.kind AND l.b_connection = i.connection
           OR l.a_ref = i.ref AND l.a_kind = i.kind AND l.a_connection = i.connection))`,
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
