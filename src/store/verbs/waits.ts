/** What is due and waits: for what, until when, and what wakes it. */
import { other, SIDES, type Side } from '../../core/flow.ts'
import type { Identity } from '../../core/state.ts'
import { addHint } from './inbox.ts'
import { counterpart, isAway, linkById, NO_CORRECTION } from './links.ts'
import type { DueKey, DueRow } from './subjects.ts'
import { isToBeRead, scopeToken, type ListedScope } from './unread.ts'
import type { Sql } from './rows.ts'

/** Of a subject that is let go: what it waits for. */
export type Waiting =
  | { readonly for: 'time'; readonly until: number; readonly why: string; readonly failed: boolean }
  | { readonly for: 'intent'; readonly key: string }
  | { readonly for: 'sibling'; readonly side: Side; readonly ref: string }
  | { readonly for: 'link'; readonly link: number }
  /** `token` of the place; and who stands there. */
  | { readonly for: 'place'; readonly token: string; readonly held: Identity; readonly slot: string }
  | ({ readonly for: 'scope' } & ListedScope)
  | { readonly for: 'siblings'; readonly side: Side; readonly kind: string; readonly parent: string }
  | {
      readonly for: 'parent'
      readonly isAway: boolean
      readonly side: Side
      readonly kind: string
      readonly ref: string
      readonly pair: string
      readonly rank: number
      /** The feed whose `get` can show the parent, where it is not known at all. */
      readonly feed: string
      readonly scope: string
    }

/** Deletes only the generation that was claimed: what came meanwhile stays due. */
export function finishDue(sql: Sql, flow: string, due: DueRow): void {
  const { changes } = sql
    .get('DELETE FROM due WHERE flow = ? AND pair = ? AND side = ? AND ref = ? AND generation = ?')
    .run(flow, due.pair, due.side, due.ref, due.generation)
  if (changes === 0)
    sql
      .get('UPDATE due SET claimed = 0 WHERE flow = ? AND pair = ? AND side = ? AND ref = ?')
      .run(flow, due.pair, due.side, due.ref)
  else wake(sql, dueToken(flow, due))
}

/** A flow between its connections, at this time. */
export interface FlowNow {
  readonly flow: string
  readonly connections: { readonly [side in Side]: string }
  readonly now: number
}

export interface Until {
  readonly notBefore: number
  readonly waitsFor: string | null
  readonly why: string
  readonly failed: boolean
}

export function freeDue(sql: Sql, flow: string, due: DueRow, until: Until): void {
  sql
    .get(
      `UPDATE due SET claimed = 0, why = ?, attempts = attempts + ?,
         not_before = CASE WHEN generation = ? THEN CAST(? AS BIGINT) ELSE 0 END, waits_for = CASE WHEN generation = ? THEN ? ELSE NULL END
       WHERE flow = ? AND pair = ? AND side = ? AND ref = ?`,
    )
    .run(
      until.why,
      until.failed ? 1 : 0,
      due.generation,
      until.notBefore,
      due.generation,
      until.waitsFor,
      flow,
      due.pair,
      due.side,
      due.ref,
    )
}

/** What it waits for may have come between planning and now: then it does not wait. */
export function waitOf(sql: Sql, input: FlowNow, pair: string, wait: Waiting): Until {
  if (wait.for === 'time') return { notBefore: wait.until, waitsFor: null, why: wait.why, failed: wait.failed }
  if (wait.for === 'intent') {
    const open = sql.get('SELECT 1 FROM intent WHERE key = ?').get(wait.key) !== undefined
    return { notBefore: 0, waitsFor: open ? `intent ${wait.key}` : null, why: '', failed: false }
  }
  if (wait.for === 'link') {
    const waitsFor = linkById(sql, wait.link)?.state === 'live' ? linkToken(wait.link) : null
    return { notBefore: 0, waitsFor, why: 'goes with its parent', failed: false }
  }
  if (wait.for === 'place') {
    const { connection, kind, ref } = wait.held
    const standing = sql
      .get(`SELECT 1 FROM item WHERE connection = ? AND kind = ? AND ref = ? AND slot = ? AND state = 'present'`)
      .get(connection, kind, ref, wait.slot)
    return {
      notBefore: 0,
      waitsFor: standing === undefined ? null : wait.token,
      why: 'its place is taken',
      failed: false,
    }
  }
  if (wait.for === 'siblings') {
    const { kind, parent } = wait
    const connection = input.connections[wait.side]
    const living = sql
      .get(
        `SELECT count(*) AS n FROM item i WHERE connection = ? AND kind = ? AND parent = ? AND state = 'present' AND ${NO_CORRECTION}`,
      )
      .get(connection, kind, parent)
    const waitsFor = Number(living?.['n'] ?? 0) > 1 ? siblingsToken(connection, kind, parent) : null
    return { notBefore: 0, waitsFor, why: 'others live on under it', failed: false }
  }
  if (wait.for === 'scope') {
    const waitsFor = isToBeRead(sql, wait) ? scopeToken(wait) : null
    return { notBefore: 0, waitsFor, why: 'its scope is read whole first', failed: false }
  }
  if (wait.for === 'sibling') return siblingWait(sql, input.flow, pair, wait)
  const there = counterpart(sql, input.connections, wait.side, wait.kind, wait.ref)
  const come = there !== null && !(wait.isAway && isAway(sql, input.flow, other(wait.side), there.scope))
  if (!come) raiseParent(sql, input, wait)
  return {
    notBefore: 0,
    waitsFor: come ? null : parentToken(input.flow, wait.side, wait.kind, wait.ref),
    why: 'waits for its parent',
    failed: false,
  }
}

function siblingWait(sql: Sql, flow: string, pair: string, wait: Extract<Waiting, { for: 'sibling' }>): Until {
  const due = sql
    .get('SELECT 1 FROM due WHERE flow = ? AND pair = ? AND side = ? AND ref = ?')
    .get(flow, pair, wait.side, wait.ref)
  const waitsFor = due === undefined ? null : dueToken(flow, { pair, side: wait.side, ref: wait.ref })
  return { notBefore: 0, waitsFor, why: 'waits for an earlier sibling', failed: false }
}

function dueToken(flow: string, due: DueKey): string {
  return `due ${flow} ${due.pair} ${due.side} ${due.ref}`
}

export function siblingsToken(connection: string, kind: string, parent: string): string {
  return `siblings ${connection} ${kind} ${parent}`
}

export function linkToken(link: number): string {
  return `link ${link}`
}

export function parentToken(flow: string, side: Side, kind: string, ref: string): string {
  return `item ${flow} ${side} ${kind} ${ref}`
}

/** A parent that a wanted child needs is wanted; one that nobody has seen is looked for. */
function raiseParent(sql: Sql, input: FlowNow, wait: Extract<Waiting, { for: 'parent' }>): void {
  const connection = input.connections[wait.side]
  const row = sql
    .get('SELECT created_at FROM item WHERE connection = ? AND kind = ? AND ref = ?')
    .get(connection, wait.kind, wait.ref)
  if (row === undefined) {
    addHint(sql, connection, { feed: wait.feed, kind: wait.kind, ref: wait.ref, scope: wait.scope }, input.now)
    return
  }
  sql
    .get(
      `INSERT INTO due (flow, pair, side, ref, generation, rank, created_at, since, raised) VALUES (?, ?, ?, ?, 1, ?, ?, ?, 1)
       ON CONFLICT (flow, pair, side, ref) DO UPDATE SET raised = 1, generation = due.generation + CASE due.raised WHEN 0 THEN 1 ELSE 0 END,
         waits_for = CASE WHEN due.raised = 0 THEN NULL ELSE due.waits_for END`,
    )
    .run(input.flow, wait.pair, wait.side, wait.ref, wait.rank, String(row['created_at'] ?? ''), input.now)
}

/** Of a row of `due`: there is nothing to do about it until its parent has a counterpart, which is the parent's affair. */
export const RESTS = `(waits_for IS NOT NULL AND waits_for LIKE 'item %')`

/** What waited for the counterpart of either of its items goes on. */
export function wakeChildren(sql: Sql, link: number): void {
  const row = sql.get('SELECT flow, a_kind, a_ref, b_kind, b_ref FROM link WHERE id = ?').get(link)
  const text = (column: string): string => String(row?.[column])
  wakeUnder(sql, text('flow'), { a: text('a_kind'), b: text('b_kind') }, { a: text('a_ref'), b: text('b_ref') })
}

export function wakeUnder(
  sql: Sql,
  flow: string,
  kinds: { readonly [side in Side]: string },
  refs: { readonly [side in Side]: string },
): void {
  for (const side of SIDES) wake(sql, parentToken(flow, side, kinds[side], refs[side]))
}

/** What waits for a parent whose counterpart stood out of reach goes on: that may be within reach now. */
export function wakeParents(sql: Sql, flow: string): void {
  sql
    .get(`UPDATE due SET waits_for = NULL, not_before = 0, generation = generation + 1 WHERE flow = ? AND ${RESTS}`)
    .run(flow)
}

/** What waits for something by the name that its flow had goes on, and waits for it by the new one. */
export function wakeByName(sql: Sql, flow: string): void {
  sql
    .get(
      `UPDATE due SET waits_for = NULL, not_before = 0, generation = generation + 1 WHERE flow = ?
         AND (${RESTS} OR waits_for IS NOT NULL AND waits_for LIKE 'due %')`,
    )
    .run(flow)
}

/** Wakes whatever waits for one of these. */
export function wake(sql: Sql, token: string): void {
  sql.get('UPDATE due SET waits_for = NULL, not_before = 0, generation = generation + 1 WHERE waits_for = ?').run(token)
}
