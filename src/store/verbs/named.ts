/**
 * What a listing names, noted page by page, and what it left out, once it is complete. Nothing is written for an item
 * that it names: where nothing is new, an audit of a scope writes a row for each page.
 */
import type { Change } from '../../connector/connector.ts'
import type { Sql } from './rows.ts'

/** One run of the listing of a scope. */
export interface Run {
  readonly connection: string
  readonly feed: string
  readonly scope: string
  readonly run: number
}

export function noteNamed(sql: Sql, { connection, feed, scope, run }: Run, changes: readonly Change[]): void {
  for (const [kind, named] of Map.groupBy(changes, (change) => change.kind))
    sql
      .get('INSERT INTO named (connection, feed, scope, run, kind, refs_json) VALUES (?, ?, ?, ?, ?, ?)')
      .run(connection, feed, scope, run, kind, JSON.stringify(named.map(({ ref }) => ref)))
}

/**
 * The refs of what stands in the scope, as far as is known, and is not among what the run has named. What is gone is marked
 * by the first run that leaves it out: the runs after it leave it out as well, or it would be there again.
 *
 * EXCEPT, since PostgreSQL looks through all that was named for each item where it takes that to be much.
 */
export function leftOut(sql: Sql, { connection, feed, scope, run }: Run, kind: string): string[] {
  return sql
    .get(
      `UPDATE item SET missed = ?5 WHERE connection = ?1 AND kind = ?4 AND ref IN (
         SELECT ref FROM item WHERE connection = ?1 AND kind = ?4 AND scope = ?3 AND (state = 'present' OR missed = 0)
           AND accepted_at < (SELECT started_at FROM listing WHERE connection = ?1 AND feed = ?2 AND scope = ?3)
         EXCEPT SELECT j.value FROM named n, json_each(n.refs_json) j
           WHERE n.connection = ?1 AND n.feed = ?2 AND n.scope = ?3 AND n.kind = ?4 AND n.run = ?5)
       RETURNING ref, state`,
    )
    .all(connection, feed, scope, kind, run)
    .filter(({ state }) => state === 'present')
    .map(({ ref }) => String(ref))
}

/** Of this run and those before it. */
export function forgetNamed(sql: Sql, { connection, feed, scope, run }: Run): void {
  sql
    .get('DELETE FROM named WHERE connection = ? AND feed = ? AND scope = ? AND run <= ?')
    .run(connection, feed, scope, run)
}
