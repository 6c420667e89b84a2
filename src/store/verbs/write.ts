/** Writes: the intent before the call, the outcome with its links and its journal after it. */
import type { Change } from '../../connector/connector.ts'
import type { Json, Values } from '../../connector/values.ts'
import type { Disagreement } from '../../core/action.ts'
import { other, SIDES, type Side } from '../../core/flow.ts'
import type { Intent, NewEntry, Observation } from '../../core/state.ts'
import { finishFiles, type PlacedFiles } from './files.ts'
import { addHint, hasHints } from './inbox.ts'
import { writeJournal } from './journal.ts'
import type { DueRow } from './subjects.ts'
import { due, type Watch } from './due.ts'
import { noteMoved, noteNewSibling, noteSibling, type KindReading } from './kin.ts'
import { noteNaming } from './naming.ts'
import { nextOf, writeItem } from './observe.ts'
import { goOnElsewhere } from './remade.ts'
import { isReverted, type Updating } from './reverted.ts'
import { isPaused } from './pausing.ts'
import { endIntent } from './intents.ts'
import { itemOf, revOf, texts, type Sql } from './rows.ts'
import { isTaken } from './taken.ts'
import { addDisagreements, addHold, rebase, type NewHold } from './settle.ts'
import { finishDue, linkToken, wakeUnder, wake } from './waits.ts'
import { isReadIn } from './scopes.ts'

export interface Begin {
  readonly intent: Intent
  /** The observations on which it was planned: it begins only while they stand. */
  readonly seen: readonly {
    readonly connection: string
    readonly kind: string
    readonly ref: string
    readonly rev: number
  }[]
  /** Null where it is no update. */
  readonly update: Updating | null
  readonly disagreements: readonly Disagreement[]
  /** A person wants it now: also where its flow or its instance is paused. */
  readonly whilePaused: boolean
  readonly now: number
}

/** 'moved': the world is not what the plan saw; it is planned again. 'reverted': somebody undoes it each time. */
export function begin(
  sql: Sql,
  { intent, seen, update, disagreements, whilePaused, now }: Begin,
): 'begun' | 'moved' | 'reverted' {
  for (const each of seen) if (revOf(sql, each) !== each.rev) return 'moved'
  if (isTaken(sql, intent) || (!whilePaused && isPaused(sql, intent))) return 'moved'
  if (update !== null && isReverted(sql, intent, update, now)) return 'reverted'
  sql
    .get(
      `INSERT INTO intent (key, flow, pair, action, side, connection, kind, head_kind, ref, scope, parent, link, about, source_ref, plan_json, actor,
         sent_at, turn_at, process, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'sent')`,
    )
    .run(
      intent.key,
      intent.flow,
      intent.pair,
      intent.action,
      intent.side,
      intent.connection,
      intent.kind,
      intent.headKind,
      intent.ref,
      intent.scope,
      intent.parent,
      intent.link,
      intent.about,
      intent.sourceRef,
      JSON.stringify(intent.plan),
      intent.actor,
      intent.sentAt,
      intent.turnAt,
      intent.process,
    )
  if (intent.link !== null) addDisagreements(sql, intent.flow, intent.pair, intent.link, disagreements, now)
  return 'begun'
}

export interface NewLink {
  readonly pair: string
  readonly connections: { readonly [side in Side]: string }
  readonly kinds: { readonly [side in Side]: string }
  readonly refs: { readonly [side in Side]: string }
  readonly base: { readonly [side in Side]: Values }
  readonly complement: { readonly [lens: string]: Json }
  readonly incarnation: number
  readonly late: boolean
  /** The side whose item is our copy; absent: both stood there. */
  readonly made?: Side
  /** Of one that stood there already: what shows that the two are the same. */
  readonly by?: string
  /** Of an item that a person brought back: its other end is still gone, and is made anew. */
  readonly state?: 'gone'
  /** Of a correction: the item that it tells about. */
  readonly about: string | null
}

export interface Finish {
  /** Null: adopted without a call. */
  readonly key: string | null
  readonly flow: string
  readonly connection: string
  readonly now: number
  readonly dues: readonly DueRow[]
  /** What the system stored, by its own answer. */
  readonly stored: readonly Change[]
  /** Of what was made: the scope that it was to be made in. Elsewhere it, or its parent, was moved before anybody saw it. */
  readonly madeIn?: string
  /** What was written to an item whose answer does not show what was stored. */
  readonly written: Values
  readonly deleted: readonly { readonly kind: string; readonly ref: string; readonly takes: readonly string[] }[]
  readonly kinds: readonly KindReading[]
  readonly watches: readonly Watch[]
  /** The rev of the written item when the write began: what came since is looked at again. */
  readonly seenRev: number | null
  readonly links: readonly NewLink[]
  readonly rebase: { readonly link: number; readonly base: { readonly [side in Side]: Values } } | null
  /** What is stored was emptied, also where the answer does not show it. */
  readonly emptied: boolean
  /** The link that ends, or that sleeps because an emptied item stays. */
  readonly part: { readonly link: number; readonly state: 'gone' | 'asleep' } | null
  /** 'travels': its flow looks at it as at an edit; a person's wish 'stays': what was taken along keeps its counterparts. */
  readonly wish: 'travels' | 'stays' | null
  readonly journal: readonly NewEntry[]
  /** Asks for the subject to be planned again. */
  readonly again: boolean
  /** Absent: its kind holds no files. */
  readonly files?: PlacedFiles
  /** A container pair: its flow gets an instance. */
  readonly container: boolean
}

export interface Finished {
  /** What was made stands for another item already: nothing was committed, and the intent is open. */
  readonly taken: boolean
  /** Whether something is to be looked at. */
  readonly hints: boolean
  /** Whether a subject can be planned now. */
  readonly dues: boolean
  /** Bytes that nothing needs any more. */
  readonly blobs?: readonly string[]
}

/** Commits an outcome with its links. */
export function finish(sql: Sql, input: Finish): Finished {
  if (input.links.some((link) => standsElsewhere(sql, input.flow, link)))
    return { ...workIn(sql, input.now), taken: true }
  if (input.key !== null && !endIntent(sql, input.key)) return workIn(sql, input.now)
  for (const change of input.stored) storeOwn(sql, input, change)
  for (const each of input.deleted) storeDeleted(sql, input, each)
  const made = input.links.map((link) => ({ link, id: addLink(sql, input.flow, link, input.now, input.container) }))
  for (const { link } of made) dropHolds(sql, input.flow, link)
  for (const { link, id } of made) goOnElsewhere(sql, { ...link, id, flow: input.flow }, input)
  if (input.rebase !== null) rebase(sql, input.rebase.link, input.rebase.base)
  if (input.part !== null) {
    sql.get('UPDATE link SET state = ? WHERE id = ?').run(input.part.state, input.part.link)
    wake(sql, linkToken(input.part.link))
  }
  for (const entry of input.journal) {
    const own = made.find(
      ({ link }) => link.pair === entry.pair && SIDES.every((side) => link.refs[side] === entry.refs[side]),
    )
    writeJournal(sql, own === undefined ? entry : { ...entry, link: own.id })
  }
  for (const each of input.dues) {
    if (input.again) again(sql, input.flow, each)
    else finishDue(sql, input.flow, each)
  }
  if (input.key !== null) wake(sql, `intent ${input.key}`)
  const done = workIn(sql, input.now)
  if (input.files === undefined) return done
  return { ...done, blobs: finishFiles(sql, input.flow, input.connection, input.files) }
}

function workIn(sql: Sql, now: number): Finished {
  const due = sql.get('SELECT 1 FROM due WHERE claimed = 0 AND waits_for IS NULL AND not_before <= ? LIMIT 1').get(now)
  return { hints: hasHints(sql), dues: due !== undefined, taken: false }
}

/** It stands there now: that making it was held, as something else, is over. */
function dropHolds(sql: Sql, flow: string, { pair, refs, about, state }: NewLink): void {
  if (about !== null || state === 'gone') return
  for (const side of SIDES)
    sql
      .get(
        `DELETE FROM held WHERE flow = ? AND pair = ? AND side = ? AND ref = ? AND action = 'create' AND reason <> 'ambiguous' AND decision = 'open'`,
      )
      .run(flow, pair, side, refs[side])
}

/** A system that takes two equal creates for one answers the second with the first one's item. */
function standsElsewhere(sql: Sql, flow: string, { pair, kinds, connections, refs, about, state }: NewLink): boolean {
  if (about !== null || state === 'gone') return false
  return SIDES.some((side) => {
    const far = other(side)
    const row = sql
      .get(
        `SELECT 1 FROM link WHERE ${side}_ref = ? AND ${side}_kind = ? AND ${side}_connection = ? AND flow = ? AND pair = ?
         AND state = 'live' AND about IS NULL AND ${far}_ref <> ?`,
      )
      .get(refs[side], kinds[side], connections[side], flow, pair, refs[far])
    return row !== undefined
  })
}

/** Our own write, as the system answered it: trusted, unless something newer was read meanwhile. */
function storeOwn(sql: Sql, input: Finish, change: Change): void {
  const facts = input.kinds.find((each) => each.kind === change.kind)
  if (facts === undefined) return
  const known = itemOf(sql, { connection: input.connection, kind: change.kind, ref: change.ref })
  const version = 'values' in change ? (change.version ?? null) : null
  const newer = known !== null && facts.ordered && version !== null && known.version !== null && known.version > version
  if (newer) {
    dueElsewhere(sql, input, known, true)
    return
  }
  const overtaken = known !== null && !facts.ordered && input.seenRev !== null && known.rev !== input.seenRev
  const next = nextOf(
    known,
    input.connection,
    overtaken ? { kind: change.kind, scope: change.scope, ref: change.ref, unread: true } : change,
    facts,
    input.now,
  )
  // Until it is read again, an old copy must not pass for somebody's edit: what was written stands for the lag.
  const { written, emptied } = input
  const hasMoved = 'values' in change && change.scope !== (input.madeIn ?? change.scope)
  const placed = hasMoved && next.movedAt === null ? { ...next, movedAt: input.now } : next
  const stands =
    'unread' in change ? { ...placed, values: { ...next.values, ...written }, acceptedAt: input.now, emptied } : placed
  writeItem(sql, stands)
  noteNaming(sql, stands, facts, input.now)
  noteMoved(sql, { ...input, readAt: input.now }, stands, known?.scope ?? input.madeIn ?? stands.scope, facts)
  if (known === null && next.parent !== null) noteNewSibling(sql, input.watches, next, input.now)
  if (next.unread) hintOwn(sql, input, change, facts)
  dueElsewhere(sql, input, next, overtaken || hasMoved || input.wish === 'travels')
}

function hintOwn(sql: Sql, input: Finish, change: Change, facts: KindReading): void {
  sql
    .get(
      `INSERT INTO inbox (connection, feed, kind, ref, scope, generation, since, not_before) VALUES (?, ?, ?, ?, ?, 1, ?, ?)
       ON CONFLICT (connection, feed, kind, ref) DO UPDATE SET generation = inbox.generation + 1`,
    )
    .run(input.connection, facts.feed, change.kind, change.ref, change.scope, input.now, input.now + facts.lagMs)
}

/** Other flows over the same item see our write as they see any other; this one only what overtook it. */
function dueElsewhere(sql: Sql, input: Finish, item: ReturnType<typeof nextOf>, here: boolean): void {
  for (const watch of input.watches)
    if (watch.kind === item.kind && (here || watch.flow !== input.flow)) due(sql, watch, item, input.now)
}

function storeDeleted(sql: Sql, input: Finish, { kind, ref, takes }: Finish['deleted'][number]): void {
  const known = itemOf(sql, { connection: input.connection, kind, ref })
  if (known !== null)
    writeItem(sql, { ...known, state: 'deleted', unread: false, rev: known.rev + 1, acceptedAt: input.now })
  if (known !== null) noteSibling(sql, input.watches, known, input.now)
  if (known !== null) dueElsewhere(sql, input, known, input.wish === 'travels')
  if (known !== null) lookAtParent(sql, input, known)
  for (const child of takes) takeAlong(sql, input, child, ref)
}

/** With its last child a parent may have gone as well: else its own delete would be planned, counted and braked for nothing. */
function lookAtParent(sql: Sql, { connection, kinds, now }: Finish, { kind, parent }: Observation): void {
  const facts = kinds.find((each) => each.takes.includes(kind))
  if (parent === null || facts === undefined) return
  const known = itemOf(sql, { connection, kind: facts.kind, ref: parent })
  const living = sql
    .get(`SELECT 1 FROM item WHERE connection = ? AND kind = ? AND parent = ? AND state = 'present' LIMIT 1`)
    .get(connection, kind, parent)
  if (known?.state !== 'present' || living !== undefined) return
  addHint(sql, connection, { feed: facts.feed, kind: facts.kind, ref: parent, scope: known.scope }, now)
}

/** What a deleted parent took along is deleted too; a child whose counterpart is gone as well has ended. */
function takeAlong(sql: Sql, input: Finish, kind: string, parent: string): void {
  const rows = sql
    .get(`SELECT ref FROM item WHERE connection = ? AND kind = ? AND parent = ? AND state = 'present'`)
    .all(input.connection, kind, parent)
  for (const ref of texts(rows, 'ref')) {
    storeDeleted(sql, input, { kind, ref, takes: [] })
    if (input.wish === 'stays') sleepLinks(sql, input, kind, ref)
    for (const watch of input.watches) if (watch.kind === kind) due(sql, watch, { ref, createdAt: null }, input.now)
  }
}

function sleepLinks(sql: Sql, { flow, connection }: Finish, kind: string, ref: string): void {
  for (const side of SIDES)
    sql
      .get(
        `UPDATE link SET state = 'asleep' WHERE ${side}_ref = ? AND ${side}_kind = ? AND ${side}_connection = ? AND flow = ? AND state = 'live'`,
      )
      .run(ref, kind, connection, flow)
}

/** Answers its id. */
export function addLink(sql: Sql, flow: string, link: NewLink, now: number, container: boolean): number {
  const made = sql
    .get(
      `INSERT INTO link (flow, pair, a_connection, a_kind, a_ref, b_connection, b_kind, b_ref, a_base_json, b_base_json, complement_json,
         state, incarnation, late, made, about, made_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
    )
    .get(
      flow,
      link.pair,
      link.connections.a,
      link.kinds.a,
      link.refs.a,
      link.connections.b,
      link.kinds.b,
      link.refs.b,
      JSON.stringify(link.base.a),
      JSON.stringify(link.base.b),
      JSON.stringify(link.complement),
      link.state ?? 'live',
      link.incarnation,
      link.late ? 1 : 0,
      link.made ?? null,
      link.about,
      now,
    )
  const id = Number(made?.['id'])
  wakeUnder(sql, flow, link.kinds, link.refs)
  if (container) for (const side of SIDES) listUnread(sql, link.connections[side], link.refs[side])
  if (container)
    sql
      .get(
        `INSERT INTO instance (flow, a_scope, b_scope, link, state, since) VALUES (?, ?, ?, ?, 'listing', ?) ON CONFLICT DO NOTHING`,
      )
      .run(flow, link.refs.a, link.refs.b, id, now)
  return id
}

/** What an earlier flow has read of a scope that none reads now may be old: it is read whole again. */
function listUnread(sql: Sql, connection: string, scope: string): void {
  sql
    .get(
      `UPDATE listing SET state = 'wanted', position = NULL, finished_at = NULL WHERE connection = ?1 AND scope = ?2 AND NOT ${isReadIn('?1', '?2')}`,
    )
    .run(connection, scope)
}

function again(sql: Sql, flow: string, each: DueRow): void {
  sql
    .get(
      'UPDATE due SET claimed = 0, not_before = 0, waits_for = NULL, generation = generation + 1 WHERE flow = ? AND pair = ? AND side = ? AND ref = ?',
    )
    .run(flow, each.pair, each.side, each.ref)
}

export interface Fail {
  readonly key: string
  readonly flow: string
  readonly pair: string
  readonly now: number
  readonly dues: readonly DueRow[]
  /** unknown: asked about later, with a hold a person is asked too; nothing: it had no effect, and is planned again then. */
  readonly outcome:
    | { readonly is: 'unknown'; readonly askAt: number }
    | { readonly is: 'nothing'; readonly notBefore: number }
  readonly hold: NewHold | null
  /** Other items that are held with it. */
  readonly alsoHeld?: readonly NewHold[]
  readonly why: string
  /** Whether trying again counts towards giving up. */
  readonly counts: boolean
}

/** A call failed, or had no answer. Answers whether a person is asked from now on what became of it. */
export function fail(sql: Sql, input: Fail): boolean {
  if (input.outcome.is === 'unknown') {
    sql
      .get(`UPDATE intent SET state = 'unknown', ask_at = ?, attempts = attempts + 1 WHERE key = ?`)
      .run(input.outcome.askAt, input.key)
    const isAsked = input.hold !== null && addHold(sql, input.flow, input.pair, input.hold, input.now)
    // From now on only what stands where it was to be made waits for it.
    if (isAsked) wake(sql, `intent ${input.key}`)
    for (const each of input.dues)
      sql
        .get('UPDATE due SET claimed = 0, waits_for = ?, why = ? WHERE flow = ? AND pair = ? AND side = ? AND ref = ?')
        .run(`intent ${input.key}`, input.why, input.flow, each.pair, each.side, each.ref)
    return isAsked
  }
  endIntent(sql, input.key)
  if (input.hold !== null) addHold(sql, input.flow, input.pair, input.hold, input.now)
  for (const hold of input.alsoHeld ?? []) addHold(sql, input.flow, input.pair, hold, input.now)
  for (const each of input.dues) {
    if (input.hold !== null && input.outcome.notBefore === 0) finishDue(sql, input.flow, each)
    else
      sql
        .get(
          'UPDATE due SET claimed = 0, waits_for = NULL, not_before = ?, why = ?, attempts = attempts + ? WHERE flow = ? AND pair = ? AND side = ? AND ref = ?',
        )
        .run(input.outcome.notBefore, input.why, input.counts ? 1 : 0, input.flow, each.pair, each.side, each.ref)
  }
  wake(sql, `intent ${input.key}`)
  return false
}
