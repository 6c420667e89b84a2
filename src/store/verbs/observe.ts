/** What was read goes in here: observations, the cursor of their page, and which subjects have to be planned now. */
import type { Change } from '../../connector/connector.ts'
import { accept, type Acceptance } from '../../core/accept.ts'
import { slotOf } from '../../core/slot.ts'
import type { Observation } from '../../core/state.ts'
import { makeDue, type Watch } from './due.ts'
import { coverage } from './flows.ts'
import { addDoubt, addHint, hasHints, noteShown } from './inbox.ts'
import { ASKED } from './intents.ts'
import {
  apartUntil,
  goneAlongUntil,
  noteGone,
  noteFirstApart,
  noteMoved,
  noteNewSibling,
  noteRead,
  wakeUnderMoved,
  type KindReading,
} from './kin.ts'
import { forgetNamed, leftOut, noteNamed } from './named.ts'
import { noteStanding } from './omitted.ts'
import { leavePlace } from './places.ts'
import { noteNaming } from './naming.ts'
import { asStored, itemOf, type Sql } from './rows.ts'
import { wake } from './waits.ts'
import { lookAgainAtContainer, lookAtContainers, scopeToken, type ListedScope } from './unread.ts'

export interface Observe {
  readonly connection: string
  readonly now: number
  /** When the read began that brought this: what was accepted since is later. */
  readonly readAt: number
  readonly changes: readonly Change[]
  readonly kinds: readonly KindReading[]
  readonly watches: readonly Watch[]
  /** Commits with the changes: where the feed was read to. */
  readonly cursor?: { readonly feed: string; readonly cursor: string }
  /** Commits with the changes: where a listing was read to. */
  readonly listing?: {
    readonly feed: string
    readonly scope: string
    readonly run: number
    readonly position: string
    readonly complete: boolean
  }
  /** The hint that made us look, and the generation that was claimed. */
  readonly hint?: { readonly feed: string; readonly kind: string; readonly ref: string; readonly generation: number }
}

export interface Observed {
  /** How many items changed. */
  readonly changed: number
  /** Whether something is to be looked at. */
  readonly hints: boolean
  /** Whether an item was read of which a write has no answer: what it is now may tell. */
  readonly answers: boolean
}

export function observe(sql: Sql, input: Observe): Observed {
  let changed = 0
  const same = asStored(sql, input.connection, input.changes)
  if (input.listing === undefined)
    for (const change of input.changes) if (input.cursor === undefined || !same.has(change)) stands(sql, input, change)
  // What is written may take others along: from then on what was the same is compared with what is stored by then.
  const isSame = (change: Change): boolean =>
    same.has(change) && (changed === 0 || asStored(sql, input.connection, [change]).has(change))
  for (const change of input.changes) {
    if (!isSame(change) && observeOne(sql, input, change)) changed += 1
    if (input.cursor !== undefined && 'values' in change)
      noteShown(sql, input.connection, { feed: input.cursor.feed, kind: change.kind, ref: change.ref })
  }
  if (input.cursor !== undefined) moveCursor(sql, input, input.cursor)
  if (input.hint !== undefined) releaseHint(sql, input, input.hint)
  if (input.listing !== undefined) moveListing(sql, input, input.listing)
  if (changed > 0) sql.get('UPDATE connection SET last_change = ? WHERE id = ?').run(input.now, input.connection)
  return { changed, hints: hasHints(sql), answers: changed > 0 && askNow(sql, input) }
}

function askNow(sql: Sql, { connection, changes, now }: Observe): boolean {
  const asked = changes.filter(
    ({ kind, ref }) =>
      sql
        .get(
          `UPDATE intent SET ask_at = ?1 WHERE connection = ?2 AND kind = ?3 AND ref = ?4 AND state = 'unknown' AND ask_at > ?1`,
        )
        .run(now, connection, kind, ref).changes > 0,
  )
  return asked.length > 0
}

/** An item that was read by itself, or that its feed tells of: what is new there may have come since. */
function stands(sql: Sql, { connection, kinds, cursor }: Observe, change: Change): void {
  const facts = kinds.find((each) => each.kind === change.kind)
  if (facts === undefined || !('values' in change)) return
  const { kind, ref, scope, createdAt = null } = change
  noteStanding(sql, {
    connection,
    feed: facts.feed,
    kind,
    ref,
    scope,
    createdAt: cursor === undefined ? createdAt : null,
  })
}

function observeOne(sql: Sql, input: Observe, change: Change): boolean {
  const facts = input.kinds.find((each) => each.kind === change.kind)
  if (facts === undefined) return false
  const known = itemOf(sql, { connection: input.connection, kind: change.kind, ref: change.ref })
  const until = 'values' in change ? oldUntil(sql, input, known, change, facts) : 0
  const verdict: Acceptance =
    input.readAt < until ? { is: 'doubtful', until } : accept(known, change, facts, input.readAt)
  if (verdict.is === 'doubtful') {
    addDoubt(
      sql,
      input.connection,
      { feed: facts.feed, kind: change.kind, ref: change.ref, scope: change.scope },
      input.now,
      verdict.until,
      input.cursor !== undefined && 'gone' in change && change.gone === 'deleted',
    )
    return false
  }
  if (verdict.is !== 'newer' && !(known === null && isToldGone(input, change, facts))) return false
  const next = nextOf(known, input.connection, change, facts, input.now)
  const item = isToldMoved(input, change, facts) ? { ...next, unread: true } : next
  writeItem(sql, item)
  noteNaming(sql, item, facts, input.now)
  if (item.state === 'deleted') noteGone(sql, input, item, facts)
  if (known !== null && known.scope !== item.scope) noteMoved(sql, input, item, known.scope, facts)
  else if (known !== null && known.state !== item.state) wakeUnderMoved(sql, item)
  if (known === null && item.state === 'present') {
    noteFirstApart(sql, input, item, facts)
    lookAgainAtContainer(sql, input, item, facts)
  }
  if (item.unread)
    addHint(
      sql,
      input.connection,
      { feed: facts.feed, kind: change.kind, ref: change.ref, scope: change.scope },
      input.now,
    )
  for (const watch of input.watches) if (watch.kind === change.kind) makeDue(sql, watch, item, known, input.now)
  if (item.parent !== null && (known === null || known.unread)) noteRead(sql, input.watches, item)
  if (item.parent !== null && known?.parent !== item.parent) noteNewSibling(sql, input.watches, item, input.now)
  return true
}

/** Until when a read may show it as it was before its parent went, or before it took along what is under it. */
function oldUntil(sql: Sql, input: Observe, known: Observation | null, { scope }: Change, facts: KindReading): number {
  const hasStayed = known !== null && known.scope === scope
  return Math.max(goneAlongUntil(sql, input, known, facts), hasStayed ? apartUntil(sql, known, facts) : 0)
}

/**
 * A feed tells that something is gone which nobody knew. It is kept where reads lag: a listing may still show it. That one
 * look finds nothing says less: it may lag behind what is new.
 */
function isToldGone({ cursor }: Observe, change: Change, { lagMs }: KindReading): boolean {
  return 'gone' in change && cursor !== undefined && lagMs > 0
}

/** A feed tells that something is gone from where it reads. Where that went only the item itself tells: it may be joined yet. */
function isToldMoved({ cursor }: Observe, change: Change, { gets }: KindReading): boolean {
  return 'gone' in change && change.gone === 'moved' && cursor !== undefined && gets
}

/** The observation after a change was accepted. */
export function nextOf(
  known: Observation | null,
  connection: string,
  change: Change,
  facts: KindReading,
  now: number,
): Observation {
  const common = {
    connection,
    kind: change.kind,
    ref: change.ref,
    rev: (known?.rev ?? 0) + 1,
    firstSeen: known?.firstSeen ?? now,
    acceptedAt: now,
    key: known?.key ?? null,
    movedAt: known?.movedAt ?? null,
  }
  if ('values' in change)
    return {
      ...common,
      movedAt: known !== null && known.scope !== change.scope ? now : common.movedAt,
      scope: change.scope,
      parent: parentOf(change, facts),
      state: 'present',
      values: change.values,
      version: change.version ?? null,
      author: change.author ?? known?.author ?? null,
      createdAt: change.createdAt ?? known?.createdAt ?? null,
      editedAt: change.editedAt ?? null,
      key: change.key ?? common.key,
      may: change.may ?? null,
      slot: slotOf(facts.unique, change.values),
      unread: false,
      emptied: change.emptied === true,
    }
  const before = {
    scope: known?.scope ?? change.scope,
    parent: known?.parent ?? null,
    values: known?.values ?? {},
    version: known?.version ?? null,
    author: known?.author ?? null,
    createdAt: known?.createdAt ?? null,
    editedAt: known?.editedAt ?? null,
    may: known?.may ?? null,
    slot: known?.slot ?? null,
    emptied: known?.emptied ?? false,
  }
  if ('gone' in change) return { ...common, ...before, state: change.gone, unread: false }
  return { ...common, ...before, state: known?.state ?? 'present', acceptedAt: known?.acceptedAt ?? now, unread: true }
}

function parentOf(change: Extract<Change, { values: unknown }>, facts: KindReading): string | null {
  const parent = facts.parentField === null ? null : change.values[facts.parentField]
  return typeof parent === 'string' ? parent : null
}

const WRITE_ITEM = `
  INSERT INTO item (connection, kind, ref, scope, parent, state, values_json, version, author_json, created_at, edited_at,
    key, may_json, slot, rev, first_seen, accepted_at, moved_at, unread, emptied)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (connection, kind, ref) DO UPDATE SET scope = excluded.scope, parent = excluded.parent, state = excluded.state,
    values_json = excluded.values_json, version = excluded.version, author_json = excluded.author_json,
    created_at = excluded.created_at, edited_at = excluded.edited_at, key = excluded.key, may_json = excluded.may_json, slot = excluded.slot,
    rev = excluded.rev, accepted_at = excluded.accepted_at, moved_at = excluded.moved_at, unread = excluded.unread, emptied = excluded.emptied`

export function writeItem(sql: Sql, item: Observation): void {
  leavePlace(sql, item)
  sql
    .get(WRITE_ITEM)
    .run(
      item.connection,
      item.kind,
      item.ref,
      item.scope,
      item.parent,
      item.state,
      JSON.stringify(item.values),
      item.version,
      item.author === null ? null : JSON.stringify(item.author),
      item.createdAt,
      item.editedAt,
      item.key,
      item.may === null ? null : JSON.stringify(item.may),
      item.slot,
      item.rev,
      item.firstSeen,
      item.acceptedAt,
      item.movedAt,
      item.unread ? 1 : 0,
      item.emptied ? 1 : 0,
    )
}

function moveCursor(sql: Sql, input: Observe, { feed, cursor }: NonNullable<Observe['cursor']>): void {
  const { connection, now } = input
  const goesOn = sql
    .get('SELECT 1 FROM feed WHERE connection = ? AND feed = ? AND cursor IS NOT NULL')
    .get(connection, feed)
  if (goesOn === undefined) lookAtContainers(sql, input, feed)
  sql
    .get(
      `INSERT INTO feed (connection, feed, cursor, began_at, pulled_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (connection, feed)
       DO UPDATE SET began_at = CASE WHEN feed.cursor IS NULL THEN excluded.began_at ELSE feed.began_at END,
         cursor = excluded.cursor, pulled_at = excluded.pulled_at, failing_since = NULL, why = ''`,
    )
    .run(connection, feed, cursor, now, now)
}

function releaseHint(sql: Sql, { connection, readAt }: Observe, hint: NonNullable<Observe['hint']>): void {
  sql
    .get(
      'DELETE FROM inbox WHERE connection = ? AND feed = ? AND kind = ? AND ref = ? AND generation = ? AND doubt_until <= ?',
    )
    .run(connection, hint.feed, hint.kind, hint.ref, hint.generation, readAt)
  sql
    .get(
      `UPDATE inbox SET claimed = 0, not_before = CASE WHEN generation = ? THEN max(not_before, doubt_until) ELSE not_before END
       WHERE connection = ? AND feed = ? AND kind = ? AND ref = ?`,
    )
    .run(hint.generation, connection, hint.feed, hint.kind, hint.ref)
}

/** What a complete listing did not name is looked at, one by one: only a direct answer makes it deleted. */
function moveListing(sql: Sql, input: Observe, listing: NonNullable<Observe['listing']>): void {
  const { feed, scope, run, position, complete } = listing
  const { connection, changes, now } = input
  const of = { connection, feed, scope, run }
  const moved = sql
    .get(
      'UPDATE listing SET position = ?, state = ?, finished_at = coalesce(?, finished_at), named = named + ? WHERE connection = ? AND feed = ? AND scope = ? AND run = ?',
    )
    .run(
      complete ? null : position,
      complete ? 'done' : 'running',
      complete ? now : null,
      changes.filter((change) => 'values' in change).length,
      connection,
      feed,
      scope,
      run,
    )
  if (moved.changes === 0) return
  noteNamed(sql, of, changes)
  if (!complete) return
  wake(sql, scopeToken({ connection, feed, scope }))
  for (const { kind, feed: own } of input.kinds)
    if (own === feed)
      for (const ref of leftOut(sql, of, kind)) addHint(sql, connection, { feed, kind, ref, scope }, now)
  forgetNamed(sql, of)
  tellAsked(sql, input, of)
}

/** About what people are asked, since nothing at all was shown: a listing that shows something tells it now. */
function tellAsked(sql: Sql, { kinds, now }: Observe, { connection, feed, scope }: ListedScope): void {
  for (const { kind } of kinds.filter((each) => each.feed === feed)) {
    const open = sql
      .get(
        `SELECT key, sent_at FROM intent WHERE connection = ? AND kind = ? AND scope = ? AND state = 'unknown' AND ${ASKED}`,
      )
      .all(connection, kind, scope)
    for (const { key, sent_at } of open)
      if (coverage(sql, { connection, feed, scope, since: Number(sent_at) }) === 'whole')
        sql.get('UPDATE intent SET ask_at = ? WHERE key = ? AND ask_at > ?').run(now, String(key), now)
  }
}
