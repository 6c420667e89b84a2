/** What planning decided that needs no call: bases that agree, links that sleep or end, holds, gaps, and waits. */
import type { Disagreement, Gap, Settlement } from '../../core/action.ts'
import { other, SIDES, type Side } from '../../core/flow.ts'
import { canonical } from '../../connector/values.ts'
import type { HoldReason, Identity, Link } from '../store.ts'
import { addHint } from './inbox.ts'
import { writeJournal } from './journal.ts'
import { counterpart, isAway, NO_CORRECTION } from './links.ts'
import type { DueKey, DueRow } from './subjects.ts'
import { isToBeRead, scopeToken, type ListedScope } from './unread.ts'
import { LINK, jsonIn, toLink, type Sql } from './rows.ts'

export interface NewHold {
  readonly side: Side
  readonly ref: string
  readonly action: string
  readonly fingerprint: string
  readonly reason: HoldReason
  readonly detail: string
  readonly name: string
}

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

export interface SettleSubject {
  readonly pair: string
  readonly dues: readonly DueRow[]
  readonly refs: { readonly [side in Side]: string | null }
  readonly settle: readonly Settlement[]
  /** Null: nothing was decided, and what is told of it stays. */
  readonly gaps: readonly Gap[] | null
  readonly holds: readonly NewHold[]
  readonly wait: Waiting | null
  /** Nothing was decided: what is held of it stays held. */
  readonly rests: boolean
  /** A write was begun for it: it stays claimed until that is finished. */
  readonly going: boolean
}

export interface Settle {
  readonly flow: string
  readonly connections: { readonly [side in Side]: string }
  readonly now: number
  readonly subjects: readonly SettleSubject[]
}

/** Answers how many subjects were released. */
export function settle(sql: Sql, input: Settle): number {
  let released = 0
  for (const subject of input.subjects) {
    for (const each of subject.settle) settleOne(sql, input, subject, each)
    if (subject.gaps !== null) keepGaps(sql, input, subject, subject.gaps)
    for (const hold of subject.holds) addHold(sql, input.flow, subject.pair, hold, input.now)
    const again = subject.settle.some((each) => each.do === 'wake' || each.do === 'unlink')
    if (subject.going) continue
    release(sql, input, subject, again)
    released += 1
  }
  return released
}

function settleOne(sql: Sql, input: Settle, subject: SettleSubject, each: Settlement): void {
  if (each.do === 'rebase') {
    rebase(sql, each.link, each.base)
    addDisagreements(sql, input.flow, subject.pair, each.link, each.disagreements, input.now)
    closeConflicts(sql, each.link, input.now)
    return
  }
  if (each.do === 'disagree') {
    addDisagreements(sql, input.flow, subject.pair, each.link, each.disagreements, input.now)
    return
  }
  const state = each.do === 'wake' ? 'live' : each.do === 'sleep' ? 'asleep' : 'gone'
  sql.get('UPDATE link SET state = ? WHERE id = ?').run(state, each.link)
  if (each.do === 'wake') readAgain(sql, each.link)
  wake(sql, linkToken(each.link))
  if (each.do === 'wake') wakeChildren(sql, each.link)
  const why = each.do === 'wake' ? 'both sides are there again' : each.why
  writeJournal(sql, {
    at: input.now,
    flow: input.flow,
    pair: subject.pair,
    link: each.link,
    action: each.do,
    side: 'a',
    refs: subject.refs,
    before: null,
    after: null,
    why,
    waitedMs: null,
    undoes: null,
  })
}

/** What happened in a container while it was out of reach, no feed may have shown: its instance begins with a listing. */
function readAgain(sql: Sql, container: number): void {
  sql
    .get(
      `UPDATE listing SET state = 'wanted', position = NULL, finished_at = NULL WHERE (connection, scope) IN (
         SELECT l.a_connection, n.a_scope FROM instance n JOIN link l ON l.id = n.link WHERE n.link = ?1
         UNION SELECT l.b_connection, n.b_scope FROM instance n JOIN link l ON l.id = n.link WHERE n.link = ?1)`,
    )
    .run(container)
  sql.get(`UPDATE instance SET state = 'listing' WHERE link = ?`).run(container)
}

export function linkById(sql: Sql, id: number): Link | null {
  const row = sql.get(`${LINK} WHERE id = ?`).get(id)
  return row === undefined ? null : toLink(row)
}

/** Moves the base of some fields; the others stay as they were agreed. */
export function rebase(sql: Sql, id: number, base: Link['base']): void {
  const link = linkById(sql, id)
  if (link === null) return
  sql
    .get('UPDATE link SET a_base_json = ?, b_base_json = ? WHERE id = ?')
    .run(JSON.stringify({ ...link.base.a, ...base.a }), JSON.stringify({ ...link.base.b, ...base.b }), id)
}

/** An open disagreement is written once for each pair of values; a settled one is listed, so that its loser can be restored. */
export function addDisagreements(
  sql: Sql,
  flow: string,
  pair: string,
  link: number,
  found: readonly Disagreement[],
  now: number,
): void {
  for (const { lens, base, values, winner, why } of found) {
    const open = sql
      .get('SELECT id, a_json, b_json FROM conflict WHERE link = ? AND lens = ? AND resolved_at IS NULL')
      .get(link, lens)
    const same =
      open !== undefined &&
      SIDES.every((side) => canonical(jsonIn(String(open[`${side}_json`]))) === canonical(values[side]))
    if (same && winner === null) continue
    if (open !== undefined)
      sql
        .get('UPDATE conflict SET winner = ?, resolved_at = ?, why = ? WHERE id = ?')
        .run(winner, now, why, Number(open['id']))
    if (same) continue
    sql
      .get(
        'INSERT INTO conflict (flow, pair, link, lens, base_json, a_json, b_json, winner, why, at, resolved_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      )
      .run(
        flow,
        pair,
        link,
        lens,
        JSON.stringify(base),
        JSON.stringify(values.a),
        JSON.stringify(values.b),
        winner,
        why,
        now,
        winner === null ? null : now,
      )
  }
}

/** The sides agree again by themselves. */
function closeConflicts(sql: Sql, link: number, now: number): void {
  sql
    .get(
      `UPDATE conflict SET resolved_at = ?, why = 'the sides agree again' WHERE link = ? AND resolved_at IS NULL AND winner IS NULL`,
    )
    .run(now, link)
}

function keepGaps(sql: Sql, { flow, now }: Settle, subject: SettleSubject, gaps: readonly Gap[]): void {
  for (const side of SIDES) {
    const ref = subject.refs[side]
    if (ref !== null)
      sql
        .get('DELETE FROM divergence WHERE flow = ? AND pair = ? AND side = ? AND ref = ?')
        .run(flow, subject.pair, side, ref)
  }
  for (const { pair = subject.pair, side, ref, lens, why, people = [] } of gaps)
    sql
      .get(`INSERT INTO divergence (flow, pair, side, ref, lens, why, people_json, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (flow, pair, side, ref, lens) DO UPDATE SET why = excluded.why, people_json = excluded.people_json, at = excluded.at`)
      .run(flow, pair, side, ref, lens, why, JSON.stringify(people), now)
}

/** Answers whether it was not held before. */
export function addHold(sql: Sql, flow: string, pair: string, hold: NewHold, now: number): boolean {
  sql
    .get(
      `DELETE FROM held WHERE flow = ? AND pair = ? AND side = ? AND ref = ? AND decision = 'open' AND fingerprint <> ?`,
    )
    .run(flow, pair, hold.side, hold.ref, hold.fingerprint)
  const { changes } = sql
    .get(
      `INSERT INTO held (flow, pair, side, ref, action, fingerprint, reason, detail, name, since) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
    )
    .run(flow, pair, hold.side, hold.ref, hold.action, hold.fingerprint, hold.reason, hold.detail, hold.name, now)
  return changes > 0
}

function release(sql: Sql, input: Settle, subject: SettleSubject, again: boolean): void {
  const { wait } = subject
  const isDecided = wait === null ? !again && !subject.rests : wait.for === 'link'
  if (isDecided && subject.holds.length === 0) clearHolds(sql, input.flow, subject)
  for (const due of subject.dues) {
    if (wait === null && !again) finishDue(sql, input.flow, due)
    else if (wait === null) freeDue(sql, input.flow, due, { notBefore: 0, waitsFor: null, why: '', failed: false })
    else freeDue(sql, input.flow, due, waitOf(sql, input, subject.pair, wait))
  }
}

/** A hold that no longer applies ends by itself. */
function clearHolds(sql: Sql, flow: string, subject: SettleSubject): void {
  for (const side of SIDES) {
    const ref = subject.refs[side]
    if (ref !== null)
      sql
        .get(`DELETE FROM held WHERE flow = ? AND pair = ? AND side = ? AND ref = ? AND decision = 'open'`)
        .run(flow, subject.pair, side, ref)
  }
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

interface Until {
  readonly notBefore: number
  readonly waitsFor: string | null
  readonly why: string
  readonly failed: boolean
}

function freeDue(sql: Sql, flow: string, due: DueRow, until: Until): void {
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
function waitOf(sql: Sql, input: Settle, pair: string, wait: Waiting): Until {
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
function raiseParent(sql: Sql, input: Settle, wait: Extract<Waiting, { for: 'parent' }>): void {
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

/** Wakes whatever waits for one of these. */
export function wake(sql: Sql, token: string): void {
  sql.get('UPDATE due SET waits_for = NULL, not_before = 0, generation = generation + 1 WHERE waits_for = ?').run(token)
}
