/** Instances and the listings that they need: which scopes are read whole, and when their flow may begin. */
import { z } from 'zod'
import type { Person } from '../../connector/call.ts'
import { other, SIDES, type Side } from '../../core/flow.ts'
import type { Identity, Observation } from '../../core/state.ts'
import type { PairSpec } from './subjects.ts'
import { NO_CORRECTION } from './links.ts'
import { isHeldAsIs } from './questions.ts'
import { allDue, due } from './due.ts'
import { itemOf, jsonIn, toObservation, type Sql } from './rows.ts'
import { addLink, type NewLink } from './write.ts'
import { addHold, type NewHold } from './settle.ts'
import { isSettled } from './taken.ts'
import { finishDue, wakeParents } from './waits.ts'
import { writeJournal } from './journal.ts'
import { forgetNamed } from './named.ts'

export interface Instance {
  readonly flow: string
  readonly scopes: { readonly [side in Side]: string }
  readonly state: 'listing' | 'live'
  /** When what stood in its scopes was last matched. */
  readonly liveAt: number | null
  readonly link: number | null
}

const InstanceRow = z.object({
  flow: z.string(),
  a_scope: z.string(),
  b_scope: z.string(),
  state: z.enum(['listing', 'live']),
  live_at: z.number().nullable(),
  link: z.number().nullable(),
})

export function instances(sql: Sql, { flow }: { readonly flow: string }): readonly Instance[] {
  return sql
    .get('SELECT flow, a_scope, b_scope, state, live_at, link FROM instance WHERE flow = ? ORDER BY since, a_scope')
    .all(flow)
    .map((raw) => InstanceRow.parse(raw))
    .map((row) => ({
      flow: row.flow,
      scopes: { a: row.a_scope, b: row.b_scope },
      state: row.state,
      liveAt: row.live_at,
      link: row.link,
    }))
}

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

export function listings(sql: Sql, { connection }: { readonly connection: string }): readonly Listing[] {
  return sql
    .get(
      `SELECT l.connection, l.feed, l.scope, l.run, l.state, l.position, l.started_at, l.finished_at,
         CASE WHEN l.omitted > l.named THEN l.doubts ELSE 0 END AS doubts, (SELECT f.began_at FROM feed f WHERE f.connection = l.connection AND f.feed = l.feed AND f.cursor IS NOT NULL) AS began_at
       FROM listing l WHERE connection = ? ORDER BY feed, scope`,
    )
    .all(connection)
    .map((raw) => ListingRow.parse(raw))
    .map(({ started_at, finished_at, began_at, ...row }) => ({
      ...row,
      startedAt: started_at,
      finishedAt: finished_at,
      feedBeganAt: began_at,
    }))
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
  const found = listings(sql, { connection }).find((each) => each.feed === feed && each.scope === scope)
  if (found === undefined) throw new Error(`no listing of ${scope} is wanted`)
  forgetNamed(sql, { ...found, run: found.run - 1 })
  return found
}

export interface Unlinked {
  readonly flow: string
  readonly pair: PairSpec
  readonly scopes: { readonly [side in Side]: string }
  /** Only what could be linked is of use: `correctors` write corrections, null that there are none of this pair. */
  readonly toLink?: { readonly correctors: { readonly [side in Side]: string | null } | null }
}

function unlinkedOn(side: Side): string {
  return `FROM item i WHERE i.connection = ? AND i.kind = ? AND i.scope = ? AND i.state = 'present' AND i.emptied = 0 AND NOT EXISTS (
       SELECT 1 FROM link l WHERE l.${side}_ref = i.ref AND l.${side}_kind = i.kind AND l.${side}_connection = i.connection
       AND l.${other(side)}_connection = ?) AND NOT ${isHeldAsIs(side)} AND ${NO_CORRECTION}`
}

const UNLINKED = { a: unlinkedOn('a'), b: unlinkedOn('b') }
const CORRECTED = `AND i.parent IS NOT NULL AND (i.author_json IS NULL OR json_extract(i.author_json, '$.ref') = ?)`

/**
 * All items of one pair of kinds in one pair of scopes that no flow between these connections has linked, and about which
 * no person is asked and no create is open. Where one side has none, the other's would be read for nothing.
 */
export function unlinked(
  sql: Sql,
  { flow, pair, scopes, toLink }: Unlinked,
): { readonly [side in Side]: readonly Observation[] } {
  const where = (side: Side): string[] => {
    const { connection, kind } = pair[side]
    return [connection, kind, scopes[side], pair[other(side)].connection, flow, pair.id]
  }
  const isAny = (side: Side): boolean => sql.get(`SELECT 1 ${UNLINKED[side]} LIMIT 1`).get(...where(side)) !== undefined
  const isAnyCorrected = ({ correctors }: NonNullable<Unlinked['toLink']>): boolean =>
    correctors !== null &&
    SIDES.some(
      (side) =>
        sql.get(`SELECT 1 ${UNLINKED[side]} ${CORRECTED} LIMIT 1`).get(...where(side), correctors[side]) !== undefined,
    )
  if (toLink !== undefined && !SIDES.every(isAny) && !isAnyCorrected(toLink)) return { a: [], b: [] }
  const on = (side: Side): Observation[] =>
    sql
      .get(`SELECT * ${UNLINKED[side]} ORDER BY i.created_at NULLS FIRST, length(i.ref), i.ref`)
      .all(...where(side))
      .map(toObservation)
      .filter(isSettled(sql, { flow, pair }, side))
  return { a: on('a'), b: on('b') }
}

export interface Adopt {
  readonly flow: string
  readonly links: readonly NewLink[]
  readonly holds: readonly (NewHold & { readonly pair: string })[]
  readonly now: number
  readonly container: boolean
}

/** Links items that stood on both sides already. Nothing is written to either. */
export function adopt(sql: Sql, { flow, links, holds, now, container }: Adopt): null {
  for (const link of links) {
    const id = addLink(sql, flow, link, now, container)
    for (const side of SIDES) {
      const row = sql
        .get('SELECT generation FROM due WHERE flow = ? AND pair = ? AND side = ? AND ref = ?')
        .get(flow, link.pair, side, link.refs[side])
      if (row !== undefined)
        finishDue(sql, flow, {
          pair: link.pair,
          side,
          ref: link.refs[side],
          generation: Number(row['generation']),
          since: now,
          attempts: 0,
          raised: false,
        })
    }
    writeJournal(sql, {
      at: now,
      flow,
      pair: link.pair,
      link: id,
      action: 'link',
      side: 'a',
      refs: link.refs,
      before: null,
      after: null,
      why:
        link.about === null
          ? `the same on both sides: ${link.by ?? 'as the configuration says'}`
          : 'a correction of our own',
      waitedMs: null,
      undoes: null,
    })
  }
  for (const hold of holds) addHold(sql, flow, hold.pair, hold, now)
  return null
}

export interface GoLive {
  readonly flow: string
  readonly scopes: { readonly [side in Side]: string }
  readonly pairs: readonly PairSpec[]
  readonly now: number
}

/** The instance's scopes are read and matched: everything in them is planned now. */
export function goLive(sql: Sql, { flow, scopes, pairs, now }: GoLive): number {
  sql
    .get(`UPDATE instance SET state = 'live', live_at = ? WHERE flow = ? AND a_scope = ? AND b_scope = ?`)
    .run(now, flow, scopes.a, scopes.b)
  wakeParents(sql, flow)
  return replan(sql, { flow, scopes, pairs, now })
}

/** Makes every item of an instance due. */
export function replan(sql: Sql, { flow, scopes, pairs, now }: GoLive): number {
  let count = 0
  for (const pair of pairs)
    for (const side of SIDES) {
      const { connection, kind } = pair[side]
      // A container stands in no scope, and is one itself.
      const items = pair.container ? { scope: '', ref: scopes[side] } : { scope: scopes[side], ref: null }
      count += allDue(sql, { flow, pair: pair.id, side, rank: pair.rank }, { connection, kind, ...items }, now)
    }
  return count
}

export interface Replanned {
  readonly flow: string
  readonly pair: PairSpec
  readonly side: Side
  readonly ref: string
  readonly now: number
}

/** Makes one item due, because a person asks. */
export function replanOne(sql: Sql, { flow, pair, side, ref, now }: Replanned): null {
  due(sql, { flow, pair: pair.id, side, rank: pair.rank }, { ref, createdAt: null }, now)
  return null
}

/** The refs of all live links of one pair of kinds, a first. */
export function linkedRefs(
  sql: Sql,
  { flow, pair }: { readonly flow: string; readonly pair: string },
): readonly [string, string][] {
  return sql
    .get(`SELECT a_ref, b_ref FROM link WHERE flow = ? AND pair = ? AND state <> 'gone' AND about IS NULL ORDER BY id`)
    .all(flow, pair)
    .map((row) => [String(row['a_ref']), String(row['b_ref'])])
}

export interface Children {
  readonly connection: string
  readonly kinds: readonly string[]
  readonly parent: string
}

/** What is known to live under an item. */
export function children(sql: Sql, { connection, kinds, parent }: Children): readonly Child[] {
  return kinds.flatMap((kind) =>
    sql
      .get(
        `SELECT ref, scope FROM item WHERE connection = ? AND kind = ? AND parent = ? AND state = 'present' ORDER BY ref`,
      )
      .all(connection, kind, parent)
      .map((row) => ({ kind, ref: String(row['ref']), scope: String(row['scope']) })),
  )
}

export interface Child {
  readonly kind: string
  readonly ref: string
  readonly scope: string
}

/** Who wrote what is in a scope. */
export function authorsIn(
  sql: Sql,
  { connection, kind, scope }: { readonly connection: string; readonly kind: string; readonly scope: string },
): readonly Person[] {
  return sql
    .get(
      `SELECT DISTINCT author_json FROM item WHERE connection = ? AND kind = ? AND scope = ? AND author_json IS NOT NULL ORDER BY author_json`,
    )
    .all(connection, kind, scope)
    .map((row) => Author.parse(jsonIn(String(row['author_json']))))
}

const Author = z.object({ ref: z.string(), name: z.string().exactOptional() })

/** What one item was last seen to be. */
export function item(sql: Sql, identity: Identity): Observation | null {
  return itemOf(sql, identity)
}

/** Linked containers that were last found missing, since a moment: deleted, or out of reach for this credential. */
export function lostContainers(
  sql: Sql,
  { connection, since }: { readonly connection: string; readonly since: number },
): readonly { readonly kind: string; readonly ref: string }[] {
  return sql
    .get(
      `SELECT i.kind, i.ref FROM (
         SELECT l.a_kind AS kind, l.a_ref AS ref FROM instance n JOIN link l ON l.id = n.link WHERE l.state <> 'gone' AND l.a_connection = ?1
         UNION SELECT l.b_kind, l.b_ref FROM instance n JOIN link l ON l.id = n.link WHERE l.state <> 'gone' AND l.b_connection = ?1) c
       CROSS JOIN item i WHERE i.connection = ?1 AND i.kind = c.kind AND i.ref = c.ref
       AND i.state <> 'present' AND i.accepted_at >= ?2 ORDER BY i.kind, i.ref`,
    )
    .all(connection, since)
    .map((row) => ({ kind: String(row['kind']), ref: String(row['ref']) }))
}
