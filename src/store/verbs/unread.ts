/** What a feed that has begun anew did not tell: its scopes are read whole, and the containers themselves looked at. */
import { addDoubt } from './inbox.ts'
import type { Sql } from './rows.ts'

export interface ListedScope {
  readonly connection: string
  readonly feed: string
  readonly scope: string
}

export function scopeToken({ connection, feed, scope }: ListedScope): string {
  return `scope ${connection} ${feed} ${scope}`
}

/** Whether its feed has begun anew since it was last read whole. */
export function isToBeRead(sql: Sql, { connection, feed, scope }: ListedScope): boolean {
  const row = sql
    .get(
      `SELECT 1 FROM listing l JOIN feed f ON f.connection = l.connection AND f.feed = l.feed
       WHERE l.connection = ? AND l.feed = ? AND l.scope = ? AND f.cursor IS NOT NULL AND l.finished_at < f.began_at`,
    )
    .get(connection, feed, scope)
  return row !== undefined
}

interface Anew {
  readonly connection: string
  readonly kinds: readonly { readonly kind: string; readonly lagMs: number }[]
  readonly now: number
}

/**
 * A feed that begins anew missed something: scopes are listed whole, and the containers themselves are read again, once
 * no read shows them any more as they were before.
 */
export function lookAtContainers(sql: Sql, { connection, kinds, now }: Anew, feed: string): void {
  const rows = sql
    .get(`SELECT kind, ref FROM item WHERE connection = ? AND scope = '' AND state = 'present'`)
    .all(connection)
  for (const row of rows) {
    const kind = String(row['kind'])
    const { lagMs = 0 } = kinds.find((each) => each.kind === kind) ?? {}
    addDoubt(sql, connection, { feed, kind, ref: String(row['ref']), scope: '' }, now, now + lagMs)
  }
}
