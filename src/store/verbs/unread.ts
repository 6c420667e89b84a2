/** What a feed that has begun anew did not tell: its scopes are read whole, and the containers themselves looked at. */
import type { Observation } from '../../core/state.ts'
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

/**
 * A container that is first read just after its feed began may be shown as it was before: no feed tells what became of it
 * since. It is read again once no read shows it so.
 */
export function lookAgainAtContainer(
  sql: Sql,
  { connection, readAt, now }: { readonly connection: string; readonly readAt: number; readonly now: number },
  { kind, ref, scope }: Observation,
  { feed, lagMs }: { readonly feed: string; readonly lagMs: number },
): void {
  if (scope !== '' || lagMs === 0) return
  const row = sql.get('SELECT began_at FROM feed WHERE connection = ? AND feed = ?').get(connection, feed)
  const until = Number(row?.['began_at'] ?? 0) + lagMs
  if (readAt < until) addDoubt(sql, connection, { feed, kind, ref, scope }, now, until)
}
