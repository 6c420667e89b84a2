/** What a call has stored or deleted, as the system answered it. */
import type { Change } from '../../connector/connector.ts'
import type { Values } from '../../connector/values.ts'
import { SIDES } from '../../core/flow.ts'
import type { Observation } from '../../core/state.ts'
import { addHint } from './inbox.ts'
import { due, type Watch } from './due.ts'
import { noteMoved, noteNewSibling, noteSibling, type KindReading } from './kin.ts'
import { noteNaming } from './naming.ts'
import { nextOf, writeItem } from './observe.ts'
import { itemOf, texts, type Sql } from './rows.ts'
import { turnLink } from './turning.ts'

/** Of one write: where its outcome is committed, and by whom it is looked at. */
export interface Storing {
  readonly flow: string
  readonly connection: string
  readonly now: number
  readonly kinds: readonly KindReading[]
  readonly watches: readonly Watch[]
  /** Of what was made: the scope that it was to be made in. Elsewhere it, or its parent, was moved before anybody saw it. */
  readonly madeIn?: string
  /** By the kind of what was made: under which item. An answer of an id alone does not show it, and a parent may go before it is read. */
  readonly madeUnder?: { readonly [kind: string]: string | null }
  /** What was written to an item whose answer does not show what was stored. */
  readonly written: Values
  /** The rev of the written item when the write began: what came since is looked at again. */
  readonly seenRev: number | null
  /** What is stored was emptied, also where the answer does not show it. */
  readonly emptied: boolean
  /** 'travels': its flow looks at it as at an edit; a person's wish 'stays': what was taken along keeps its counterparts. */
  readonly wish: 'travels' | 'stays' | null
}

export interface Deleted {
  readonly kind: string
  readonly ref: string
  /** Kinds under it that went along. */
  readonly takes: readonly string[]
}

/** Our own write, as the system answered it: trusted, unless something newer was read meanwhile. */
export function storeOwn(sql: Sql, input: Storing, change: Change): void {
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
  // Which of the two came last only a read tells that begins after both, and after the lag.
  const told =
    overtaken && !('values' in change)
      ? { kind: change.kind, scope: change.scope, ref: change.ref, unread: true as const }
      : change
  const answered = nextOf(known, input.connection, told, facts, input.now)
  const next = overtaken ? { ...answered, unread: true } : answered
  // Until it is read again, an old copy must not pass for somebody's edit: what was written stands for the lag.
  const { written, emptied } = input
  const hasMoved = 'values' in change && change.scope !== (input.madeIn ?? change.scope)
  const placed = hasMoved && next.movedAt === null ? { ...next, movedAt: input.now } : next
  const parent = next.parent ?? input.madeUnder?.[change.kind] ?? null
  const stands =
    'unread' in change
      ? { ...placed, parent, values: { ...next.values, ...written }, acceptedAt: input.now, emptied }
      : placed
  writeItem(sql, stands)
  noteNaming(sql, stands, facts, input.now)
  noteMoved(sql, { ...input, readAt: input.now }, stands, known?.scope ?? input.madeIn ?? stands.scope, facts)
  if (known === null && next.parent !== null) noteNewSibling(sql, input.watches, next, input.now)
  if (next.unread) hintOwn(sql, input, change, facts, overtaken ? input.now + facts.lagMs : 0)
  dueElsewhere(sql, input, next, overtaken || hasMoved || input.wish === 'travels')
}

/** `doubtUntil`: only a read that begins then or later answers it. */
function hintOwn(sql: Sql, input: Storing, change: Change, facts: KindReading, doubtUntil: number): void {
  sql
    .get(
      `INSERT INTO inbox (connection, feed, kind, ref, scope, generation, since, not_before, doubt_until) VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?)
       ON CONFLICT (connection, feed, kind, ref) DO UPDATE SET generation = inbox.generation + 1,
         doubt_until = max(inbox.doubt_until, excluded.doubt_until)`,
    )
    .run(
      input.connection,
      facts.feed,
      change.kind,
      change.ref,
      change.scope,
      input.now,
      input.now + facts.lagMs,
      doubtUntil,
    )
}

/** Other flows over the same item see our write as they see any other; this one only what overtook it. */
function dueElsewhere(sql: Sql, input: Storing, item: ReturnType<typeof nextOf>, here: boolean): void {
  for (const watch of input.watches)
    if (watch.kind === item.kind && (here || watch.flow !== input.flow)) due(sql, watch, item, input.now)
}

export function storeDeleted(sql: Sql, input: Storing, { kind, ref, takes }: Deleted): void {
  const known = itemOf(sql, { connection: input.connection, kind, ref })
  if (known !== null)
    writeItem(sql, { ...known, state: 'deleted', unread: false, rev: known.rev + 1, acceptedAt: input.now })
  if (known !== null) noteSibling(sql, input.watches, known, input.now)
  if (known !== null) dueElsewhere(sql, input, known, input.wish === 'travels')
  if (known !== null) lookAtParent(sql, input, known)
  for (const child of takes) takeAlong(sql, input, child, ref)
}

/** With its last child a parent may have gone as well: else its own delete would be planned, counted and braked for nothing. */
function lookAtParent(sql: Sql, { connection, kinds, now }: Storing, { kind, parent }: Observation): void {
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
function takeAlong(sql: Sql, input: Storing, kind: string, parent: string): void {
  const rows = sql
    .get(`SELECT ref FROM item WHERE connection = ? AND kind = ? AND parent = ? AND state = 'present'`)
    .all(input.connection, kind, parent)
  for (const ref of texts(rows, 'ref')) {
    storeDeleted(sql, input, { kind, ref, takes: [] })
    if (input.wish === 'stays') sleepLinks(sql, input, kind, ref)
    for (const watch of input.watches) if (watch.kind === kind) due(sql, watch, { ref, createdAt: null }, input.now)
  }
}

function sleepLinks(sql: Sql, { flow, connection, now }: Storing, kind: string, ref: string): void {
  for (const side of SIDES) {
    const rows = sql
      .get(
        `SELECT id FROM link WHERE ${side}_ref = ? AND ${side}_kind = ? AND ${side}_connection = ? AND flow = ? AND state = 'live'`,
      )
      .all(ref, kind, connection, flow)
    for (const { id } of rows) turnLink(sql, Number(id), 'asleep', now)
  }
}
