/** Start-up: whose store this is, which flows it knows, and what an earlier process left open. */
import type { Person } from '../../connector/call.ts'
import { personIn, texts, type Sql } from './rows.ts'
import { ASKED } from './intents.ts'
import { RESTS } from './waits.ts'

export interface Start {
  readonly now: number
  readonly flows: readonly {
    readonly id: string
    readonly title: string
    readonly fingerprint: string
    /** What it is for one account of. */
    readonly template?: string | undefined
  }[]
  readonly connections: readonly { readonly id: string; readonly connector: string }[]
}

export interface Started {
  /** The number of this process: intents of a smaller one were left open by a dead process. */
  readonly process: number
  /** Flows with links, or with open writes, that the configuration no longer names. */
  readonly missing: readonly string[]
  /** Flows whose two sides are not the ones that the store knows. */
  readonly swapped: readonly string[]
}

/** Refuses nothing by itself: the caller stops when flows are missing or swapped. Nothing is changed then. */
export function start(sql: Sql, input: Start): Started {
  const rows = sql.get('SELECT id, fingerprint FROM flow').all()
  const known = new Map(rows.map((row) => [String(row['id']), row['fingerprint']]))
  const named = new Set(input.flows.map(({ id }) => id))
  const missing = [...known.keys()].filter((id) => !named.has(id) && isAtWork(sql, id))
  const swapped = input.flows
    .filter(({ id, fingerprint }) => known.has(id) && known.get(id) !== fingerprint)
    .map(({ id }) => id)
  if (missing.length > 0 || swapped.length > 0) return { process: 0, missing, swapped }
  for (const flow of input.flows)
    sql
      .get(
        'INSERT INTO flow (id, title, template, fingerprint) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET title = excluded.title, template = excluded.template',
      )
      .run(flow.id, flow.title, flow.template ?? null, flow.fingerprint)
  for (const { id, connector } of input.connections)
    sql
      .get(
        'INSERT INTO connection (id, connector, since) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET connector = excluded.connector',
      )
      .run(id, connector, input.now)
  dropChannelsOfOthers(sql, input.connections)
  sql.get('UPDATE due SET claimed = 0 WHERE claimed <> 0').run()
  sql.get('UPDATE inbox SET claimed = 0 WHERE claimed <> 0').run()
  const process = Number(getMeta(sql, { name: 'process' }) ?? '0') + 1
  setMeta(sql, { name: 'process', value: String(process) })
  return { process, missing, swapped }
}

/** Without it nobody would answer for what it has linked, nor ask what became of what it writes. */
function isAtWork(sql: Sql, flow: string): boolean {
  return ['link', 'intent'].some(
    (table) => sql.get(`SELECT 1 FROM ${table} WHERE flow = ? LIMIT 1`).get(flow) !== undefined,
  )
}

/** What the configuration says of a flow, as a digest. */
export interface FlowSettings {
  readonly flow: string
  readonly settings: string
}

/** Which of these flows were last planned under other settings. Of one that was never planned they are noted. */
export function setAnew(sql: Sql, { flows }: { readonly flows: readonly FlowSettings[] }): readonly string[] {
  const rows = sql.get('SELECT id, settings FROM flow').all()
  const known = new Map(rows.map((row) => [row['id'], row['settings']]))
  const others = flows.filter(({ flow, settings }) => known.get(flow) !== settings)
  for (const each of others) if (known.get(each.flow) === null) noteSettings(sql, each)
  return others.flatMap(({ flow }) => (typeof known.get(flow) === 'string' ? [flow] : []))
}

/** Everything of the flow is planned under these. */
export function noteSettings(sql: Sql, { flow, settings }: FlowSettings): null {
  sql.get('UPDATE flow SET settings = ? WHERE id = ?').run(settings, flow)
  return null
}

/** Nobody has the credential any more with which they could be closed: they end by themselves. */
function dropChannelsOfOthers(sql: Sql, connections: Start['connections']): void {
  const there = new Set(connections.map(({ id }) => id))
  for (const connection of texts(sql.get('SELECT DISTINCT connection FROM channel').all(), 'connection'))
    if (!there.has(connection)) sql.get('DELETE FROM channel WHERE connection = ?').run(connection)
}

export function getMeta(sql: Sql, { name }: { readonly name: string }): string | null {
  const row = sql.get('SELECT value FROM meta WHERE name = ?').get(name)
  return row === undefined ? null : String(row['value'])
}

export function setMeta(sql: Sql, { name, value }: { readonly name: string; readonly value: string }): null {
  sql
    .get('INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value')
    .run(name, value)
  return null
}

export interface ConnectionState {
  readonly id: string
  readonly state: 'ok' | 'dead'
  readonly why: string
  readonly actor: Person | null
  readonly now: number
}

/** `since` moves only when the state does. */
export function setConnection(sql: Sql, { id, state, why, actor, now }: ConnectionState): null {
  sql
    .get(
      `UPDATE connection SET since = CASE WHEN state = ? THEN since ELSE ? END, state = ?, why = ?, actor_json = coalesce(?, actor_json) WHERE id = ?`,
    )
    .run(state, now, state, why, actor === null ? null : JSON.stringify(actor), id)
  return null
}

export function connectionActor(sql: Sql, { id }: { readonly id: string }): Person | null {
  const row = sql.get('SELECT actor_json FROM connection WHERE id = ?').get(id)
  const text = row?.['actor_json']
  return typeof text === 'string' ? personIn(text) : null
}

export function feedCursor(
  sql: Sql,
  { connection, feed }: { readonly connection: string; readonly feed: string },
): string | null {
  const row = sql.get('SELECT cursor FROM feed WHERE connection = ? AND feed = ?').get(connection, feed)
  const cursor = row?.['cursor']
  return typeof cursor === 'string' ? cursor : null
}

/** `empty`: a listing says so that named nothing at all, as one does that leaves everything out. */
export type Coverage = 'whole' | 'empty' | 'none'

/**
 * Whether everything in a scope has been read that came to be since a moment: by the feed, or by a listing begun after it
 * that is not doubted, and of which every item that it left out was looked at.
 */
export function coverage(
  sql: Sql,
  { connection, feed, scope, since }: { connection: string; feed: string; scope: string; since: number },
): Coverage {
  const begun = sql
    .get('SELECT began_at <= ? AS reaches FROM feed WHERE connection = ? AND feed = ? AND cursor IS NOT NULL')
    .get(since, connection, feed)
  if (begun === undefined) return 'none'
  if (begun['reaches'] === 1) return 'whole'
  const listed = sql
    .get(
      `SELECT l.named FROM listing l JOIN feed f ON f.connection = l.connection AND f.feed = l.feed
       WHERE l.connection = ?1 AND l.feed = ?2 AND l.scope = ?3 AND l.state = 'done' AND l.started_at >= f.began_at
         AND l.omitted <= l.named AND NOT EXISTS (
           SELECT 1 FROM inbox h JOIN item i ON i.connection = h.connection AND i.kind = h.kind AND i.ref = h.ref
           WHERE h.connection = ?1 AND h.feed = ?2 AND h.scope = ?3 AND i.state = 'present' AND i.missed = l.run AND i.accepted_at < l.started_at)`,
    )
    .get(connection, feed, scope)
  if (listed === undefined) return 'none'
  return listed['named'] === 0 ? 'empty' : 'whole'
}

export interface FeedFailure {
  readonly connection: string
  readonly feed: string
  readonly why: string
  readonly now: number
  /** The cursor is dead: it is forgotten, and every scope is listed again. */
  readonly expired: boolean
}

export function feedFailed(sql: Sql, { connection, feed, why, now, expired }: FeedFailure): null {
  sql
    .get(
      `INSERT INTO feed (connection, feed, failing_since, why) VALUES (?, ?, ?, ?) ON CONFLICT (connection, feed)
       DO UPDATE SET failing_since = coalesce(feed.failing_since, excluded.failing_since), why = excluded.why`,
    )
    .run(connection, feed, now, why)
  if (!expired) return null
  sql.get('UPDATE feed SET cursor = NULL WHERE connection = ? AND feed = ?').run(connection, feed)
  sql
    .get(`UPDATE listing SET state = 'wanted', position = NULL WHERE connection = ? AND feed = ?`)
    .run(connection, feed)
  return null
}

export interface Approve {
  readonly flow: string
  readonly now: number
}

/** A person has approved the first sync of a flow, whole. */
export function approve(sql: Sql, { flow, now }: Approve): null {
  sql.get('UPDATE flow SET approved_at = coalesce(approved_at, ?) WHERE id = ?').run(now, flow)
  return null
}

export interface FlowState {
  readonly approved: boolean
  readonly inStep: boolean
  readonly paused: boolean
  /** Until when its brake is lifted; null: it is not. */
  readonly liftedUntil: number | null
}

export function flowState(sql: Sql, { flow }: { readonly flow: string }): FlowState {
  const row = sql.get('SELECT approved_at, in_step_at, paused_at, lifted_until FROM flow WHERE id = ?').get(flow)
  return {
    approved: row?.['approved_at'] !== null && row !== undefined,
    inStep: row?.['in_step_at'] !== null && row !== undefined,
    paused: typeof row?.['paused_at'] === 'number',
    liftedUntil: typeof row?.['lifted_until'] === 'number' ? row['lifted_until'] : null,
  }
}

/** Of a flow: something that is left to do. What waits for a write waits for people where they are asked about that. */
const LEFT = [
  `SELECT 1 FROM instance WHERE flow = ? AND state = 'listing' LIMIT 1`,
  `SELECT 1 FROM intent WHERE flow = ? AND NOT ${ASKED} LIMIT 1`,
  `SELECT 1 FROM due WHERE flow = ? AND NOT ${RESTS} AND NOT EXISTS (
     SELECT 1 FROM held h WHERE due.waits_for LIKE 'intent %' AND h.fingerprint = substr(due.waits_for, 8) AND h.decision = 'open') LIMIT 1`,
]

/** Says that nothing is left to do, once every instance is live and nothing is due. */
export function noteInStep(sql: Sql, { flow, now }: Approve): boolean {
  if (LEFT.some((text) => sql.get(text).get(flow) !== undefined)) return false
  sql
    .get('UPDATE flow SET in_step_at = ? WHERE id = ? AND in_step_at IS NULL AND approved_at IS NOT NULL')
    .run(now, flow)
  return true
}

export function putSecret(
  sql: Sql,
  { name, sealed, now }: { readonly name: string; readonly sealed: string; readonly now: number },
): null {
  sql
    .get(
      'INSERT INTO secret (name, sealed, at) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, at = excluded.at',
    )
    .run(name, sealed, now)
  return null
}

export function getSecret(sql: Sql, { name }: { readonly name: string }): string | null {
  const row = sql.get('SELECT sealed FROM secret WHERE name = ?').get(name)
  return row === undefined ? null : String(row['sealed'])
}
