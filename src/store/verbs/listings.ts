/** Listings: which scopes are to be read whole, and how far that has come. */
import { z } from 'zod'
import type { Sql } from './rows.ts'
import { forgetNamed } from './named.ts'

export interface Listing {
  readonly connection: string
  readonly feed: string
  readonly scope: string
  readonly run: number
  readonly state: 'wanted' | 'running' | 'done'
  readonly position: string | null
  readonly startedAt: number | null
  readonly finishedAt: number | null
  /** How many runs in a row left out more of what is there than they named. */
  readonly doubts: number
  /** Since when its feed misses nothing; null: it has to be pulled first. */
  readonly feedBeganAt: number | null
}

const ListingRow = z.object({
  connection: z.string(),
  feed: z.string(),
  scope: z.string(),
  run: z.number(),
  state: z.enum(['wanted', 'running', 'done']),
  position: z.string().nullable(),
  started_at: z.number().nullable(),
  finished_at: z.number().nullable(),
  doubts: z.number(),
  began_at: z.number().nullable(),
})

const LISTING = `
  SELECT l.connection, l.feed, l.scope, l.run, l.state, l.position, l.started_at, l.finished_at,
    CASE WHEN l.omitted > l.named THEN l.doubts ELSE 0 END AS doubts, (SELECT f.began_at FROM feed f WHERE f.connection = l.connection AND f.feed = l.feed AND f.cursor IS NOT NULL) AS began_at
  FROM listing l`

function toListing(raw: unknown): Listing {
  const { started_at, finished_at, began_at, ...row } = ListingRow.parse(raw)
  return { ...row, startedAt: started_at, finishedAt: finished_at, feedBeganAt: began_at }
}

export function listings(sql: Sql, { connection }: { readonly connection: string }): readonly Listing[] {
  return sql.get(`${LISTING} WHERE l.connection = ? ORDER BY l.feed, l.scope`).all(connection).map(toListing)
}

export interface WantListing {
  readonly connection: string
  readonly feed: string
  readonly scope: string
}

/**
 * Reads a scope whole, also where it was read before: the audit. Answers whether it is newly wanted. One that is doubted has
 * its own time: who only waits for it (`hasTime`) does not ask sooner, which would be another doubt.
 */
export function wantListing(
  sql: Sql,
  { connection, feed, scope, hasTime = false }: WantListing & { readonly hasTime?: boolean },
): boolean {
  const { changes } = sql
    .get(
      `INSERT INTO listing (connection, feed, scope, state) VALUES (?, ?, ?, 'wanted') ON CONFLICT (connection, feed, scope)
       DO UPDATE SET state = 'wanted', position = NULL WHERE listing.state = 'done' AND (CAST(? AS BIGINT) = 0 OR listing.omitted <= listing.named)`,
    )
    .run(connection, feed, scope, hasTime ? 1 : 0)
  return Number(changes) > 0
}

export interface Wanted {
  /** All of them were read at least once. */
  readonly areRead: boolean
  /** A listing of one of them is still to begin. */
  readonly isAnyWanted: boolean
}

/** Has those of these scopes read whole that never were. */
export function wantRead(sql: Sql, { scopes }: { readonly scopes: readonly WantListing[] }): Wanted {
  const states = scopes.map(({ connection, feed, scope }) => {
    sql
      .get(`INSERT INTO listing (connection, feed, scope, state) VALUES (?, ?, ?, 'wanted') ON CONFLICT DO NOTHING`)
      .run(connection, feed, scope)
    return sql
      .get('SELECT state, finished_at FROM listing WHERE connection = ? AND feed = ? AND scope = ?')
      .get(connection, feed, scope)
  })
  return {
    areRead: states.every((each) => each?.['finished_at'] !== null),
    isAnyWanted: states.some((each) => each?.['state'] === 'wanted'),
  }
}

/** Begins a listing anew; one that was interrupted goes on where it was. */
export function beginListing(
  sql: Sql,
  { connection, feed, scope, now }: { connection: string; feed: string; scope: string; now: number },
): Listing {
  sql
    .get(
      `UPDATE listing SET state = 'running', run = run + 1, position = NULL, started_at = ?,
         doubts = CASE WHEN omitted > named THEN doubts ELSE 0 END, named = 0, omitted = 0
       WHERE connection = ? AND feed = ? AND scope = ? AND state <> 'running'`,
    )
    .run(now, connection, feed, scope)
  const row = sql.get(`${LISTING} WHERE l.connection = ? AND l.feed = ? AND l.scope = ?`).get(connection, feed, scope)
  if (row === undefined) throw new Error(`no listing of ${scope} is wanted`)
  const found = toListing(row)
  forgetNamed(sql, { ...found, run: found.run - 1 })
  return found
}
