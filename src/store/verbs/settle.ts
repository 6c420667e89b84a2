/** What planning decided that needs no call: bases that agree, links that sleep or end, holds, gaps, and waits. */
import { isPlannedAgain, type Gap, type Settlement } from '../../core/action.ts'
import { SIDES, type Side } from '../../core/flow.ts'
import type { Held, Link } from '../../core/state.ts'
import { addDisagreements, closeConflicts } from './conflicts.ts'
import { addHold, endHolds, type NewHold } from './held.ts'
import { writeJournal } from './journal.ts'
import { linkById } from './links.ts'
import { turnLink } from './turning.ts'
import type { DueRow } from './subjects.ts'
import type { Sql } from './rows.ts'
import { finishDue, freeDue, waitOf, wakeChildren, type FlowNow, type Waiting } from './waits.ts'

export interface SettleSubject {
  readonly pair: string
  readonly dues: readonly DueRow[]
  readonly refs: { readonly [side in Side]: string | null }
  readonly settle: readonly Settlement[]
  /** Null: nothing was decided, and what is told of it stays. */
  readonly gaps: readonly Gap[] | null
  readonly holds: readonly NewHold[]
  /** What was asked or answered before, and is about something else than what was decided. */
  readonly ended: readonly Pick<Held, 'id' | 'decision'>[]
  readonly wait: Waiting | null
  /** A write was begun for it: it stays claimed until that is finished. */
  readonly going: boolean
}

export interface Settle extends FlowNow {
  readonly subjects: readonly SettleSubject[]
}

/** Answers how many subjects were released. */
export function settle(sql: Sql, input: Settle): number {
  let released = 0
  for (const subject of input.subjects) {
    for (const each of subject.settle) settleOne(sql, input, subject, each)
    if (subject.gaps !== null) keepGaps(sql, input, subject, subject.gaps)
    endHolds(sql, subject.ended)
    for (const hold of subject.holds) addHold(sql, input.flow, subject.pair, hold, input.now)
    const again = isPlannedAgain(subject.settle)
    if (subject.going) continue
    release(sql, input, subject, again)
    released += 1
  }
  return released
}

function settleOne(sql: Sql, input: Settle, subject: SettleSubject, each: Settlement): void {
  if (each.do === 'rebase') {
    rebase(sql, each.link, each.base)
    return
  }
  if (each.do === 'disagree') {
    addDisagreements(sql, input.flow, subject.pair, each.link, each.disagreements, input.now)
    return
  }
  if (each.do === 'close') {
    closeConflicts(sql, each, input.now)
    return
  }
  const why = each.do === 'wake' ? 'both sides are there again' : each.why
  const state = each.do === 'wake' ? 'live' : each.do === 'sleep' ? 'asleep' : 'gone'
  turnLink(sql, each.link, state, input.now)
  if (each.do === 'wake') {
    readAgain(sql, each.link)
    wakeChildren(sql, each.link)
  }
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

/** Moves the base of some fields; the others stay as they were agreed. */
export function rebase(sql: Sql, id: number, base: Link['base']): void {
  const link = linkById(sql, id)
  if (link === null) return
  sql
    .get('UPDATE link SET a_base_json = ?, b_base_json = ? WHERE id = ?')
    .run(JSON.stringify({ ...link.base.a, ...base.a }), JSON.stringify({ ...link.base.b, ...base.b }), id)
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

function release(sql: Sql, input: Settle, subject: SettleSubject, again: boolean): void {
  const { wait } = subject
  for (const due of subject.dues) {
    if (wait === null && !again) finishDue(sql, input.flow, due)
    else if (wait === null) freeDue(sql, input.flow, due, { notBefore: 0, waitsFor: null, why: '', failed: false })
    else freeDue(sql, input.flow, due, waitOf(sql, input, subject.pair, wait))
  }
}
