/** What reading one item tells about its kin: its parent, its siblings, what is under it. */
import { z } from 'zod'
import type { ReadFacts } from '../../core/accept.ts'
import { SIDES, type Side } from '../../core/flow.ts'
import type { Identity, Observation } from '../../core/state.ts'
import { due, type Watch } from './due.ts'
import { addDoubt, addHint } from './inbox.ts'
import { IS_PLACED, NO_CORRECTION } from './links.ts'
import { placeToken } from './places.ts'
import { texts, type Sql } from './rows.ts'
import type { PeopleFields } from './subjects.ts'
import { siblingsToken, wake, wakeChildren } from './waits.ts'
import { isReadIn } from './scopes.ts'

export interface KindReading extends ReadFacts {
  readonly kind: string
  readonly feed: string
  readonly parentField: string | null
  /** Its items can be read by themselves. */
  readonly gets: boolean
  /** Kinds whose items under it go with it. */
  readonly takes: readonly string[]
  /** Fields whose values only one item of a scope has. */
  readonly unique: readonly string[]
  /** Fields that name persons whom some flow relates. */
  readonly people: PeopleFields
  /** Kinds whose items are under it. */
  readonly children: readonly string[]
}

/** Who reads an item, and when. */
interface Reading {
  readonly watches: readonly Watch[]
  readonly now: number
}

interface Moving extends Reading {
  readonly readAt: number
  readonly kinds: readonly KindReading[]
}

/** Its parent may have been planned without it, as a topic whose first post is not known yet: it is planned anew. */
export function noteRead(sql: Sql, watches: readonly Watch[], { kind, parent }: Observation): void {
  const own = watches.filter((watch) => watch.kind === kind)
  for (const { flow, side } of own)
    for (const other of watches)
      if (other.flow === flow && other.side === side && other.kind !== kind)
        sql
          .get(
            `UPDATE due SET generation = generation + 1, not_before = CASE WHEN attempts = 0 THEN 0 ELSE not_before END
             WHERE flow = ? AND pair = ? AND side = ? AND ref = ? AND waits_for IS NULL`,
          )
          .run(flow, other.pair, side, parent)
}

/**
 * Another one is there: the first of them leads others from now on, or it leads no more. Of whom a person is asked whether it
 * may go is planned anew, since how it would go, or that it stays, rests on that.
 */
export function noteNewSibling(
  sql: Sql,
  watches: readonly Watch[],
  { connection, kind, parent, ref }: Observation,
  now: number,
): void {
  const first = sql
    .get(
      `SELECT ref FROM item i WHERE connection = ? AND kind = ? AND parent = ? AND state = 'present' AND ref <> ? AND ${NO_CORRECTION}
       AND ${IS_PLACED} ORDER BY created_at NULLS FIRST, length(ref), ref LIMIT 1`,
    )
    .get(connection, kind, parent, ref)
  if (first === undefined) return
  const led = String(first['ref'])
  for (const watch of watches.filter((each) => each.kind === kind)) {
    const asked = sql
      .get(
        `SELECT 1 FROM link l WHERE l.${watch.side}_ref = ? AND l.${watch.side}_kind = ? AND l.${watch.side}_connection = ? AND l.flow = ? AND l.pair = ?
           AND l.state = 'live' AND (${isToGo('a')} OR ${isToGo('b')}) LIMIT 1`,
      )
      .get(led, kind, connection, watch.flow, watch.pair)
    if (asked !== undefined) due(sql, watch, { ref: led, createdAt: null }, now)
  }
}

/** Of a link `l`: a person is asked whether its item of this side may go. */
function isToGo(side: Side): string {
  return `EXISTS (SELECT 1 FROM held h WHERE h.flow = l.flow AND h.pair = l.pair AND h.side = '${side}' AND h.ref = l.${side}_ref
    AND h.action IN ('delete', 'empty') AND h.decision = 'open')`
}

/** One of several is gone: who waited for that goes on, and what was emptied since others lived on is planned again. */
export function noteSibling(
  sql: Sql,
  watches: readonly Watch[],
  { connection, kind, parent }: Observation,
  now: number,
): void {
  if (parent === null) return
  wake(sql, siblingsToken(connection, kind, parent))
  const stubs = sql
    .get(`SELECT ref FROM item WHERE connection = ? AND kind = ? AND parent = ? AND state = 'present' AND emptied <> 0`)
    .all(connection, kind, parent)
  for (const ref of texts(stubs, 'ref'))
    for (const watch of watches) if (watch.kind === kind) due(sql, watch, { ref, createdAt: null }, now)
}

/**
 * What went with it is looked at; what waited for it to go goes on; what is known to have gone with it shares what becomes
 * of it.
 */
export function noteGone(sql: Sql, input: Reading, item: Observation, facts: KindReading): void {
  const { connection, ref, scope } = item
  noteSibling(sql, input.watches, item, input.now)
  for (const kind of facts.children) noteGoneBefore(sql, input, { connection, kind, parent: ref })
  for (const child of facts.takes) {
    const rows = sql
      .get(`SELECT ref FROM item WHERE connection = ? AND kind = ? AND parent = ? AND state = 'present'`)
      .all(connection, child, ref)
    sql
      .get(
        `UPDATE item SET unread = 1, rev = rev + 1 WHERE connection = ? AND kind = ? AND parent = ? AND state = 'present'`,
      )
      .run(connection, child, ref)
    for (const each of texts(rows, 'ref'))
      addHint(sql, connection, { feed: facts.feed, kind: child, ref: each, scope }, input.now)
  }
}

/**
 * Until when a read may still show what is to be looked at since its parent went with all that was under it: that differs from
 * what is known by then, though not by its values.
 */
export function goneAlongUntil(
  sql: Sql,
  { connection, kinds }: { readonly connection: string; readonly kinds: readonly KindReading[] },
  known: Observation | null,
  { lagMs }: ReadFacts,
): number {
  if (known === null || !known.unread || known.parent === null || lagMs === 0) return 0
  const parents = kinds.filter(({ takes }) => takes.includes(known.kind))
  const rows = parents.map(({ kind }) =>
    sql
      .get(`SELECT accepted_at FROM item WHERE connection = ? AND kind = ? AND ref = ? AND state = 'deleted'`)
      .get(connection, kind, known.parent),
  )
  return Math.max(0, ...rows.map((row) => (row === undefined ? 0 : Number(row['accepted_at']) + lagMs)))
}

/** Its news came before those of its parent: it may have been planned as if it had been deleted by itself. */
function noteGoneBefore(
  sql: Sql,
  { watches, now }: Reading,
  { connection, kind, parent }: Pick<Observation, 'connection' | 'kind' | 'parent'>,
): void {
  for (const watch of watches.filter((each) => each.kind === kind)) {
    const { side } = watch
    const rows = sql
      .get(
        `SELECT ref FROM item i WHERE connection = ? AND kind = ? AND parent = ? AND state = 'deleted' AND EXISTS (
           SELECT 1 FROM link l WHERE l.${side}_ref = i.ref AND l.${side}_kind = i.kind AND l.${side}_connection = i.connection
           AND l.flow = ? AND l.state <> 'gone')`,
      )
      .all(connection, kind, parent, watch.flow)
    for (const ref of texts(rows, 'ref')) due(sql, watch, { ref, createdAt: null }, now)
  }
}

/** Where it stands elsewhere than it was known to, by whatever read or answer: what is under it does too, and perhaps its parent. */
export function noteMoved(sql: Sql, input: Moving, item: Observation, was: string, facts: KindReading): void {
  if (was === item.scope) return
  moveAlong(sql, input, { ...item, was }, facts)
  noteApart(sql, input, item)
  wakeUnderMoved(sql, item)
}

/**
 * What is under an item is in the same container, wherever that moves; nothing else may tell. A read that lags behind this
 * one may still show it where it was. Where it comes to a flow that does not read where it stood, what became of it there is
 * none of that flow's business, and perhaps nothing told: it is looked at first.
 */
function moveAlong(
  sql: Sql,
  input: Moving,
  { connection, ref, scope, was }: Pick<Observation, 'connection' | 'ref' | 'scope'> & { readonly was: string },
  { children }: KindReading,
): void {
  const isNew = !isRead(sql, connection, was) || comesToAnother(sql, connection, was, scope)
  for (const kind of children) {
    const facts = input.kinds.find((each) => each.kind === kind)
    const isLookedAt = isNew && facts?.gets === true
    const rows = sql
      .get(
        `UPDATE item SET scope = ?, unread = CASE WHEN CAST(? AS BIGINT) = 1 THEN 1 ELSE unread END, rev = rev + 1, accepted_at = max(accepted_at, ?) WHERE connection = ? AND kind = ? AND parent = ? AND scope <> ? AND state = 'present'
         RETURNING ref, created_at AS "createdAt", slot`,
      )
      .all(scope, isLookedAt ? 1 : 0, input.readAt, connection, kind, ref, scope)
    for (const row of rows.map((each) => Moved.parse(each))) {
      if (row.slot !== null) wake(sql, placeToken({ connection, kind, scope: was, slot: row.slot }))
      for (const watch of input.watches) if (watch.kind === kind) due(sql, watch, row, input.now)
      if (isLookedAt) addHint(sql, connection, { feed: facts.feed, kind, ref: row.ref, scope }, input.now)
    }
  }
}

/**
 * It went to where its parent is not known to be: perhaps that took it along, and its own news are late. The parent is looked at
 * before it is planned, by a read that cannot show it as it was before. Where the two just stand apart, that look says so. Answers
 * whether they do.
 */
function noteApart(
  sql: Sql,
  { kinds, now }: { readonly kinds: readonly KindReading[]; readonly now: number },
  { connection, kind, parent, scope }: Observation,
): boolean {
  let isApart = false
  for (const { kind: above, feed, lagMs } of kinds.filter((each) => each.gets && each.children.includes(kind))) {
    const row = sql
      .get(
        `UPDATE item SET unread = 1, rev = rev + 1 WHERE connection = ? AND kind = ? AND ref = ? AND state = 'present' AND scope <> ?
         RETURNING scope`,
      )
      .get(connection, above, parent, scope)
    if (row === undefined || parent === null) continue
    addDoubt(sql, connection, { feed, kind: above, ref: parent, scope: String(row['scope']) }, now, now + lagMs)
    isApart = true
  }
  return isApart
}

/**
 * Seen for the first time, where neither what it is under nor what is under it is known to be: of the two one was read as it
 * was before the parent moved. Both are looked at, by reads that cannot show them so.
 */
export function noteFirstApart(
  sql: Sql,
  input: { readonly kinds: readonly KindReading[]; readonly now: number },
  item: Observation,
  { children, feed, gets, lagMs }: KindReading,
): void {
  const { connection, kind, ref, scope } = item
  let isApart = item.parent !== null && noteApart(sql, input, item)
  for (const below of input.kinds.filter((each) => each.gets && children.includes(each.kind))) {
    const rows = sql
      .get(
        `UPDATE item SET unread = 1, rev = rev + 1 WHERE connection = ? AND kind = ? AND parent = ? AND state = 'present' AND scope <> ?
         RETURNING ref, scope`,
      )
      .all(connection, below.kind, ref, scope)
    for (const row of rows) {
      const hint = { feed: below.feed, kind: below.kind, ref: String(row['ref']), scope: String(row['scope']) }
      addDoubt(sql, connection, hint, input.now, input.now + below.lagMs)
      isApart = true
    }
  }
  if (!isApart || !gets || lagMs === 0) return
  sql.get('UPDATE item SET unread = 1 WHERE connection = ? AND kind = ? AND ref = ?').run(connection, kind, ref)
  addDoubt(sql, connection, { feed, kind, ref, scope }, input.now, input.now + lagMs)
}

/** Until when a read may still show an item where it was before that, as long as what is under it stands elsewhere. */
export function apartUntil(sql: Sql, known: Observation | null, { children, lagMs }: KindReading): number {
  if (known === null || !known.unread || lagMs === 0) return 0
  const movedAt = children.map((kind) => {
    const row = sql
      .get(
        `SELECT max(moved_at) AS at FROM item WHERE connection = ? AND kind = ? AND parent = ? AND state = 'present' AND scope <> ?`,
      )
      .get(known.connection, kind, known.ref, known.scope)
    return Number(row?.['at'] ?? 0)
  })
  const last = Math.max(0, ...movedAt)
  return last === 0 ? 0 : last + lagMs
}

/** It stands elsewhere now, or is back: what waits for its coming into a flow goes on. */
export function wakeUnderMoved(sql: Sql, { connection, kind, ref }: Identity): void {
  for (const side of SIDES)
    for (const row of sql
      .get(
        `SELECT id FROM link WHERE ${side}_ref = ? AND ${side}_kind = ? AND ${side}_connection = ? AND state = 'live'`,
      )
      .all(ref, kind, connection))
      wakeChildren(sql, Number(row['id']))
}

/** Whether some flow reads this container. */
function isRead(sql: Sql, connection: string, scope: string): boolean {
  return sql.get(`SELECT 1 WHERE ${isReadIn('?1', '?2')}`).get(connection, scope) !== undefined
}

/** Whether some flow reads the one container and not the other. */
function comesToAnother(sql: Sql, connection: string, was: string, scope: string): boolean {
  return SIDES.some((side) => {
    const reads = `SELECT 1 FROM instance n JOIN link l ON l.id = n.link WHERE l.${side}_connection = ? AND n.${side}_scope = ?`
    const row = sql
      .get(
        `SELECT 1 FROM instance i JOIN link k ON k.id = i.link WHERE k.${side}_connection = ? AND i.${side}_scope = ?
         AND NOT EXISTS (${reads} AND n.flow = i.flow) LIMIT 1`,
      )
      .get(connection, scope, connection, was)
    return row !== undefined
  })
}

const Moved = z.object({ ref: z.string(), createdAt: z.string().nullable(), slot: z.string().nullable() })
