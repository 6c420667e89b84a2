/** Verified hints, kept until the engine has looked. */
import { z } from 'zod'
import type { Identity } from '../../core/state.ts'
import { earliest, type Sql } from './rows.ts'
import { isReadIn } from './scopes.ts'

export interface HintRow {
  readonly feed: string
  /** '' asks for a pull of the feed. */
  readonly kind: string
  readonly ref: string
  readonly scope: string
}

export interface Receive {
  readonly connection: string
  readonly hints: readonly HintRow[]
  readonly now: number
}

/** The time of the last webhook is kept this exactly: many come in a second, and it is looked at in hours. */
const NOTED_MS = 1000

/** Commits the hints of a verified webhook; after this, and only then, it is answered. */
export function receive(sql: Sql, input: Receive): null {
  lookAt(sql, input)
  sql
    .get('UPDATE connection SET last_webhook = ?1 WHERE id = ?2 AND (last_webhook IS NULL OR last_webhook < ?3)')
    .run(input.now, input.connection, input.now - NOTED_MS)
  return null
}

/** Asks for items to be read again, for reasons of the engine's own. */
export function lookAt(sql: Sql, { connection, hints, now }: Receive): null {
  for (const hint of hints) addHint(sql, connection, hint, now)
  return null
}

const ADD = `
  INSERT INTO inbox (connection, feed, kind, ref, scope, generation, since, not_before, doubt_until, told_gone)
  VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?, ?)
  ON CONFLICT (connection, feed, kind, ref) DO UPDATE SET generation = inbox.generation + 1, scope = excluded.scope,
    not_before = CASE WHEN inbox.claimed <> 0 THEN excluded.not_before ELSE min(inbox.not_before, excluded.not_before) END,
    doubt_until = max(inbox.doubt_until, excluded.doubt_until), told_gone = max(inbox.told_gone, excluded.told_gone)`

export function addHint(sql: Sql, connection: string, hint: HintRow, now: number): void {
  sql.get(ADD).run(connection, hint.feed, hint.kind, hint.ref, hint.scope, now, 0, 0, 0)
}

/**
 * What was read and what is known contradict each other, and either may be the older. A look before `until` may show the
 * older one again, so it does not answer this hint, whatever it finds. `toldGone`: a feed told it to be deleted.
 */
export function addDoubt(
  sql: Sql,
  connection: string,
  hint: HintRow,
  now: number,
  until: number,
  toldGone = false,
): void {
  sql.get(ADD).run(connection, hint.feed, hint.kind, hint.ref, hint.scope, now, until, until, toldGone ? 1 : 0)
}

/** A feed shows an item that it told to be deleted: what a look finds missing later may have become too old. */
export function noteShown(sql: Sql, connection: string, { feed, kind, ref }: Omit<HintRow, 'scope'>): void {
  sql
    .get('UPDATE inbox SET told_gone = 0 WHERE connection = ? AND feed = ? AND kind = ? AND ref = ? AND told_gone = 1')
    .run(connection, feed, kind, ref)
}

/** Whether something waits to be looked at, now or later. */
export function hasHints(sql: Sql): boolean {
  return sql.get('SELECT 1 FROM inbox WHERE claimed = 0 LIMIT 1').get() !== undefined
}

/** Whether any of these is to be looked at: what it was last seen to be may be no more. */
export function isHinted(sql: Sql, items: readonly Identity[]): boolean {
  const hint = sql.get('SELECT 1 FROM inbox WHERE connection = ? AND kind = ? AND ref = ? LIMIT 1')
  return items.some(({ connection, kind, ref }) => hint.get(connection, kind, ref) !== undefined)
}

export interface ClaimHints {
  readonly now: number
  readonly limit: number
  /** Those that can be asked something now. */
  readonly connections: readonly string[]
}

export interface ClaimedHint extends HintRow {
  readonly connection: string
  readonly generation: number
  readonly since: number
  readonly attempts: number
  /** Whether its item is known. */
  readonly known: boolean
  /** Whether a feed told it to be deleted, and has not shown it since. */
  readonly toldGone: boolean
  /** Whether some flow reads its scope; where its item is known, nobody asks. */
  readonly read: boolean
}

const Row = z.object({
  connection: z.string(),
  feed: z.string(),
  kind: z.string(),
  ref: z.string(),
  scope: z.string(),
  generation: z.number(),
  since: z.number(),
  attempts: z.number(),
  known: z.number().transform((known) => known === 1),
  toldGone: z.number().transform((told) => told === 1),
  read: z.number().transform((read) => read === 1),
})

/** Not EXISTS: of that PostgreSQL would make a table of all items first. */
const KNOWN = `((
  SELECT 1 FROM item i WHERE i.connection = inbox.connection AND i.kind = inbox.kind AND i.ref = inbox.ref) IS NOT NULL)`
const READ = isReadIn('inbox.connection', 'inbox.scope')

/** The oldest of those, in the order of the index. */
const oldest = (when: string): string => `
  SELECT * FROM (SELECT * FROM inbox WHERE claimed = 0 AND ${when} AND connection IN (SELECT value FROM json_each(?2))
    ORDER BY since, connection, feed, kind, ref LIMIT CAST(?3 AS BIGINT)) AS oldest`

/** Most wait for no time; of those that did, few are ready at once. Either may be many that are not. */
const READY = `
  SELECT connection, feed, kind, ref, scope, generation, since, attempts, told_gone AS "toldGone",
    ${KNOWN} AS known, CASE WHEN ${KNOWN} THEN 1 WHEN ${READ} THEN 1 ELSE 0 END AS read
  FROM (${oldest('not_before = 0')} UNION ALL ${oldest('not_before > 0 AND not_before <= ?1')}) AS inbox
  ORDER BY since, connection, feed, kind, ref LIMIT CAST(?3 AS BIGINT)`

export interface Claimed {
  readonly hints: readonly ClaimedHint[]
  /** When the earliest of those that wait for a time may be looked at; null: none does. */
  readonly next: number | null
}

export function claimHints(sql: Sql, { now, limit, connections }: ClaimHints): Claimed {
  const next = earliest(
    sql.get('SELECT min(not_before) AS at FROM inbox WHERE claimed = 0 AND not_before > ?').get(now),
  )
  // Asked at every ring, and mostly there is nothing.
  const any = sql.get('SELECT 1 FROM inbox WHERE claimed = 0 AND not_before <= ? LIMIT 1').get(now)
  if (any === undefined) return { hints: [], next }
  const rows = sql
    .get(READY)
    .all(now, JSON.stringify(connections), limit)
    .map((row) => Row.parse(row))
  for (const row of rows)
    sql
      .get('UPDATE inbox SET claimed = 1 WHERE connection = ? AND feed = ? AND kind = ? AND ref = ?')
      .run(row.connection, row.feed, row.kind, row.ref)
  return { hints: rows, next }
}

export interface RetryHint {
  readonly hint: ClaimedHint
  readonly notBefore: number
  readonly why: string
}

/** Looking failed: it is looked at again later. */
export function retryHint(sql: Sql, { hint, notBefore, why }: RetryHint): null {
  sql
    .get(
      `UPDATE inbox SET claimed = 0, attempts = attempts + 1, not_before = ?, why = ?
       WHERE connection = ? AND feed = ? AND kind = ? AND ref = ?`,
    )
    .run(notBefore, why, hint.connection, hint.feed, hint.kind, hint.ref)
  return null
}
