/** Between rows and the store's words. Every row is parsed: a store may have been edited by hand. */
import { z } from 'zod'
import type { Person } from '../../connector/call.ts'
import type { Change } from '../../connector/connector.ts'
import { isObject, type Json, type Values } from '../../connector/values.ts'
import type { Row, Sql } from '../sql.ts'
import type { Conflict, Held, Identity, Intent, Link, Observation } from '../../core/state.ts'

export type { Sql }

/** Parses JSON in a column. What JSON.parse answers is JSON by construction. */
export function jsonIn(text: string): Json {
  const value: Json = JSON.parse(text)
  return value
}

function objectIn(text: string): Values {
  const value = jsonIn(text)
  if (!isObject(value)) throw new TypeError('a column holds no JSON object')
  return value
}

const May = z.object({
  update: z.array(z.string()).exactOptional(),
  delete: z.boolean().exactOptional(),
  create: z.boolean().exactOptional(),
  why: z.string().exactOptional(),
})
const Somebody = z.object({ ref: z.string(), name: z.string().exactOptional() })

/** An author, or an actor, as they are kept. */
export function personIn(text: string): Person {
  return Somebody.parse(jsonIn(text))
}

const text = z.string()
const int = z.number().int()
const side = z.enum(['a', 'b'])

const ItemRow = z.object({
  connection: text,
  kind: text,
  ref: text,
  scope: text,
  parent: text.nullable(),
  state: z.enum(['present', 'deleted', 'moved', 'left']),
  values_json: text,
  version: text.nullable(),
  author_json: text.nullable(),
  created_at: text.nullable(),
  edited_at: text.nullable(),
  key: text.nullable(),
  may_json: text.nullable(),
  slot: text.nullable(),
  rev: int,
  first_seen: int,
  accepted_at: int,
  moved_at: int.nullable(),
  unread: int,
  emptied: int,
})

export function toObservation(row: unknown): Observation {
  const item = ItemRow.parse(row)
  return {
    connection: item.connection,
    kind: item.kind,
    ref: item.ref,
    scope: item.scope,
    parent: item.parent,
    state: item.state,
    values: objectIn(item.values_json),
    version: item.version,
    author: item.author_json === null ? null : personIn(item.author_json),
    createdAt: item.created_at,
    editedAt: item.edited_at,
    key: item.key,
    may: item.may_json === null ? null : May.parse(jsonIn(item.may_json)),
    slot: item.slot,
    rev: item.rev,
    firstSeen: item.first_seen,
    acceptedAt: item.accepted_at,
    movedAt: item.moved_at,
    unread: item.unread === 1,
    emptied: item.emptied === 1,
  }
}

export function itemOf(sql: Sql, { connection, kind, ref }: Identity): Observation | null {
  const row = sql.get('SELECT * FROM item WHERE connection = ? AND kind = ? AND ref = ?').get(connection, kind, ref)
  return row === undefined ? null : toObservation(row)
}

/** How often an item was accepted; 0: nobody knows it. */
export function revOf(sql: Sql, { connection, kind, ref }: Identity): number {
  return numberOf(
    sql.get('SELECT rev FROM item WHERE connection = ? AND kind = ? AND ref = ?').get(connection, kind, ref),
  )
}

/**
 * Which of these were read again exactly as they are stored, to the letter: nothing about them is new. What differs in
 * its letters alone is for the core to say. One statement for each kind.
 */
export function asStored(sql: Sql, connection: string, changes: readonly Change[]): ReadonlySet<Change> {
  const same = new Set<Change>()
  for (const [kind, seen] of Map.groupBy(changes, (change) => change.kind)) {
    const rows = sql.get(STORED).all(connection, kind, JSON.stringify(seen.map(({ ref }) => ref)))
    const stored = new Map(rows.map((row) => [row['ref'], row]))
    for (const change of seen) if (isAsStored(stored.get(change.ref), change)) same.add(change)
  }
  return same
}

const STORED = `SELECT ref, values_json, may_json, version, scope, state, unread, emptied FROM item
  WHERE connection = ? AND kind = ? AND ref IN (SELECT value FROM json_each(?)) ORDER BY ref`

function isAsStored(row: Row | undefined, change: Change): boolean {
  return (
    'values' in change &&
    row !== undefined &&
    row['state'] === 'present' &&
    row['unread'] === 0 &&
    row['emptied'] === (change.emptied === true ? 1 : 0) &&
    row['scope'] === change.scope &&
    row['version'] === (change.version ?? null) &&
    row['may_json'] === (change.may === undefined || change.may === null ? null : JSON.stringify(change.may)) &&
    row['values_json'] === JSON.stringify(change.values)
  )
}

const LinkRow = z.object({
  id: int,
  flow: text,
  pair: text,
  a_ref: text,
  b_ref: text,
  a_base_json: text,
  b_base_json: text,
  complement_json: text,
  state: z.enum(['live', 'asleep', 'gone']),
  incarnation: int,
  made: z.enum(['a', 'b']).nullable(),
  late: int,
  about: text.nullable(),
})

/** What a link is read from. */
export const LINK =
  'SELECT id, flow, pair, a_ref, b_ref, a_base_json, b_base_json, complement_json, state, incarnation, late, made, about FROM link'

export function toLink(row: unknown): Link {
  const link = LinkRow.parse(row)
  return {
    id: link.id,
    flow: link.flow,
    pair: link.pair,
    refs: { a: link.a_ref, b: link.b_ref },
    base: { a: objectIn(link.a_base_json), b: objectIn(link.b_base_json) },
    complement: objectIn(link.complement_json),
    state: link.state,
    incarnation: link.incarnation,
    made: link.made,
    late: link.late === 1,
    about: link.about,
  }
}

const IntentRow = z.object({
  key: text,
  flow: text,
  pair: text,
  action: z.enum(['create', 'update', 'delete', 'empty']),
  side,
  connection: text,
  kind: text,
  head_kind: text.nullable(),
  ref: text.nullable(),
  scope: text,
  parent: text.nullable(),
  link: int.nullable(),
  about: text.nullable(),
  source_ref: text,
  fingerprint: text,
  plan_json: text,
  actor: text,
  sent_at: int,
  turn_at: int,
  process: int,
  state: z.enum(['sent', 'unknown']),
  ask_at: int,
  attempts: int,
})

export function toIntent(row: unknown): Intent {
  const intent = IntentRow.parse(row)
  return {
    key: intent.key,
    flow: intent.flow,
    pair: intent.pair,
    action: intent.action,
    side: intent.side,
    connection: intent.connection,
    kind: intent.kind,
    headKind: intent.head_kind,
    ref: intent.ref,
    scope: intent.scope,
    parent: intent.parent,
    link: intent.link,
    about: intent.about,
    sourceRef: intent.source_ref,
    fingerprint: intent.fingerprint,
    plan: jsonIn(intent.plan_json),
    actor: intent.actor,
    sentAt: intent.sent_at,
    turnAt: intent.turn_at,
    process: intent.process,
    state: intent.state,
    askAt: intent.ask_at,
    attempts: intent.attempts,
  }
}

const HeldRow = z.object({
  id: int,
  flow: text,
  pair: text,
  side,
  ref: text,
  action: text,
  fingerprint: text,
  reason: z.enum(['brake', 'ambiguous', 'rejected', 'policy', 'scope', 'first-sync', 'forbidden', 'reverted']),
  detail: text,
  name: text,
  since: int,
  decision: z.enum(['open', 'approved', 'discarded']),
})

export function toHeld(row: unknown): Held {
  return HeldRow.parse(row)
}

const ConflictRow = z.object({
  id: int,
  flow: text,
  pair: text,
  link: int,
  lens: text,
  base_json: text,
  a_json: text,
  b_json: text,
  winner: z.enum(['a', 'b', 'accept']).nullable(),
  why: text,
  at: int,
  resolved_at: int.nullable(),
})

export function toConflict(row: unknown): Conflict {
  const conflict = ConflictRow.parse(row)
  return {
    id: conflict.id,
    flow: conflict.flow,
    pair: conflict.pair,
    link: conflict.link,
    lens: conflict.lens,
    base: jsonIn(conflict.base_json),
    values: { a: jsonIn(conflict.a_json), b: jsonIn(conflict.b_json) },
    winner: conflict.winner,
    why: conflict.why,
    at: conflict.at,
    resolvedAt: conflict.resolved_at,
  }
}

// Made once: to make a schema takes longer than to parse by it.
const OneNumber = z.record(z.string(), z.number()).transform((record) => Object.values(record)[0] ?? 0)
const AnyRow = z.record(z.string(), z.unknown())

/** Of one row "at": a time, or null where there is none. */
export function earliest(row: Row | undefined): number | null {
  const at = row?.['at']
  return typeof at === 'number' ? at : null
}

/** The one value of a counting or existence query. */
export function numberOf(row: unknown): number {
  return OneNumber.parse(row ?? { none: 0 })
}

export function texts(rows: readonly unknown[], column: string): string[] {
  return rows.map((row) => AnyRow.parse(row)[column]).map(String)
}
