/** What a person wants taken back: the entries meant, what came after them, and what has to come back with an item. */
import { other, SIDES, type Side } from '../../core/flow.ts'
import type { JournalEntry, Observation } from '../../core/state.ts'
import { toJournal, writeJournal } from './journal.ts'
import { due } from './due.ts'
import { journalBegins } from './purge.ts'
import { toObservation, type Sql } from './rows.ts'
import type { PairSpec } from './subjects.ts'
import { turnLink } from './turning.ts'

export interface Undoable {
  readonly ids: readonly number[]
  readonly run: number | null
  readonly since: number | null
  /** Null: all flows. */
  readonly flow: string | null
}

export interface ToUndo {
  /** In the order in which they were done; what is without effect on items is left out. */
  readonly entries: readonly JournalEntry[]
  /** Later ones about the same items. */
  readonly later: readonly JournalEntry[]
  /** Since when the journal is whole; null: nothing of it was forgotten. */
  readonly begins: number | null
}

const EFFECTS = `action IN ('create', 'update', 'delete', 'empty', 'link')`
const MEANT = `
  SELECT * FROM journal WHERE (${EFFECTS} OR action = 'correct') AND (CAST(?1 AS TEXT) IS NULL OR flow = ?1)
    AND (id IN (SELECT CAST(value AS BIGINT) FROM json_each(?2)) OR run = ?3 OR at >= ?4) ORDER BY id`
/** A parent and its first child are made by one call: one is not taken back without the other. */
function madeWith(side: Side): string {
  const item = (link: string): string =>
    `SELECT i.ref, i.parent FROM link l JOIN item i ON i.connection = l.${side}_connection AND i.kind = l.${side}_kind AND i.ref = l.${side}_ref WHERE l.id = ${link}`
  return `
  SELECT j.* FROM journal j WHERE j.action = 'create' AND j.id IN (CAST(?1 AS BIGINT) - 1, CAST(?1 AS BIGINT) + 1) AND j.flow = ?2 AND j.side = ?3 AND j.at = ?4
    AND EXISTS (SELECT 1 FROM (${item('j.link')}) its, (${item('CAST(?5 AS BIGINT)')}) own WHERE its.parent = own.ref OR own.parent = its.ref)`
}
const MADE_WITH = { a: madeWith('a'), b: madeWith('b') }
const LATER = `
  SELECT * FROM journal WHERE ${EFFECTS} AND flow = ?1 AND pair = ?2 AND id > ?3 AND (a_ref = ?4 OR b_ref = ?5)`

export function undoable(sql: Sql, { ids, run, since, flow }: Undoable): ToUndo {
  const meant = sql.get(MEANT).all(flow, JSON.stringify(ids), run, since).map(toJournal)
  const entries = new Map(meant.map((entry) => [entry.id, entry]))
  for (const { id, flow: of, side, action, at, link } of meant)
    if (action === 'create')
      for (const each of sql.get(MADE_WITH[side]).all(id, of, side, at, link).map(toJournal)) entries.set(each.id, each)
  const later = new Map<number, JournalEntry>()
  for (const { id, flow: of, pair, refs } of entries.values())
    for (const each of sql.get(LATER).all(of, pair, id, refs.a, refs.b).map(toJournal))
      if (!entries.has(each.id)) later.set(each.id, each)
  // What the other side followed an undo with goes with it.
  for (const entry of entries.values()) {
    const { id, undoes, side } = entry
    const next = undoes === null ? undefined : [...later.values()].find((each) => each.id > id && isAbout(each, entry))
    if (next === undefined || next.undoes !== null || next.side === side) continue
    entries.set(next.id, next)
    later.delete(next.id)
  }
  const inOrder = (each: ReadonlyMap<number, JournalEntry>): readonly JournalEntry[] =>
    [...each.values()].toSorted((left, right) => left.id - right.id)
  return { entries: inOrder(entries), later: inOrder(later), begins: journalBegins(sql) }
}

function isAbout({ flow, pair, refs }: JournalEntry, of: JournalEntry): boolean {
  return (
    flow === of.flow && pair === of.pair && SIDES.some((side) => refs[side] !== null && refs[side] === of.refs[side])
  )
}

export interface TakenAlong {
  readonly connection: string
  readonly kinds: readonly string[]
  readonly parent: string
  readonly since: number
}

/** What went with a deleted parent, in order. */
export function takenAlong(sql: Sql, { connection, kinds, parent, since }: TakenAlong): readonly Observation[] {
  return sql
    .get(
      `SELECT * FROM item WHERE connection = ? AND kind IN (SELECT value FROM json_each(?)) AND parent = ?
         AND state = 'deleted' AND accepted_at >= ? ORDER BY created_at NULLS FIRST, length(ref), ref`,
    )
    .all(connection, JSON.stringify(kinds), parent, since)
    .map(toObservation)
}

export interface Successor {
  readonly flow: string
  readonly pair: PairSpec
  readonly side: Side
  readonly ref: string
}

/** The item that stands in the place of one that is gone: made anew for the same counterpart. Null: there is none. */
export function successor(sql: Sql, { flow, pair, side, ref }: Successor): string | null {
  const far = other(side)
  const row = sql
    .get(
      `SELECT n.${side}_ref AS ref FROM link o JOIN link n ON n.flow = o.flow AND n.pair = o.pair AND n.${far}_ref = o.${far}_ref
       JOIN item i ON i.connection = n.${side}_connection AND i.kind = n.${side}_kind AND i.ref = n.${side}_ref AND i.state = 'present'
       WHERE o.flow = ? AND o.pair = ? AND o.${side}_ref = ? ORDER BY n.id DESC LIMIT 1`,
    )
    .get(flow, pair.id, ref)
  return row === undefined ? null : String(row['ref'])
}

export interface Apart {
  readonly flow: string
  readonly pair: PairSpec
  readonly link: number
  readonly refs: { readonly [side in Side]: string }
  /** gone: what is left gets a new counterpart; asleep: it stays alone; forgotten: the two were never the same. */
  readonly how: 'gone' | 'asleep' | 'forgotten'
  /** The journal entry that is taken back. */
  readonly entry: number
  readonly now: number
}

/** Parts two items without a call, because a person takes an action back. What they disagreed on is nobody's question then. */
export function takeApart(sql: Sql, { flow, pair, link, refs, how, entry, now }: Apart): null {
  turnLink(sql, link, how === 'forgotten' ? 'gone' : how, now)
  if (how === 'forgotten') {
    sql.get('DELETE FROM decided WHERE link = ?').run(link)
    sql.get('DELETE FROM link WHERE id = ?').run(link)
  }
  writeJournal(sql, {
    at: now,
    flow,
    pair: pair.id,
    link,
    action: how === 'asleep' ? 'sleep' : 'unlink',
    side: 'a',
    refs,
    before: null,
    after: null,
    why: `undo of ${entry}`,
    waitedMs: null,
    undoes: entry,
  })
  if (how === 'asleep') return null
  for (const side of ['a', 'b'] as const)
    due(sql, { flow, pair: pair.id, side, rank: pair.rank }, { ref: refs[side], createdAt: null }, now)
  return null
}
