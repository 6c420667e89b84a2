/** Intents that are open: when their calls are sent, which are to be asked about, and what they may have made. */
import { SIDES } from '../../core/flow.ts'
import type { Identity, Intent, Observation } from '../../core/state.ts'
import { earliest, toIntent, toObservation, type Sql } from './rows.ts'

/** The call had to wait since its intent: only now is it sent. */
export function noteTurn(sql: Sql, { key, now }: { readonly key: string; readonly now: number }): null {
  sql.get('UPDATE intent SET turn_at = ? WHERE key = ?').run(now, key)
  return null
}

export interface OpenIntents {
  /** Those of earlier processes, and those whose outcome is unknown. */
  readonly process: number
  readonly now: number
  /** Of these connections, which can be asked something now. */
  readonly connections: readonly string[]
}

export interface Open {
  /** What is to be asked about now. */
  readonly intents: readonly Intent[]
  /** When the earliest of the others is; null: there are none. */
  readonly next: number | null
}

export function openIntents(sql: Sql, { process, now, connections }: OpenIntents): Open {
  const intents = sql
    .get(
      `SELECT * FROM intent WHERE (process < ? OR state = 'unknown') AND ask_at <= ? AND connection IN (SELECT value FROM json_each(?))
       ORDER BY sent_at, key`,
    )
    .all(process, now, JSON.stringify(connections))
    .map(toIntent)
  const next = earliest(sql.get(`SELECT min(ask_at) AS at FROM intent WHERE state = 'unknown' AND ask_at > ?`).get(now))
  return { intents, next }
}

export interface OwnSince {
  readonly connection: string
  readonly kind: string
  readonly scope: string
  readonly parent: string | null
  readonly actor: string
  readonly since: number
}

/** Whatever links an item, or has linked it, knows what it stands for. */
function wasLinked(connection: string, kind: string, ref: string): string {
  const ends = SIDES.map(
    (end) => `(l.${end}_ref = ${ref} AND l.${end}_kind = ${kind} AND l.${end}_connection = ${connection})`,
  )
  return `EXISTS (SELECT 1 FROM link l WHERE ${ends.join(' OR ')})`
}

/**
 * Items that a create of unknown outcome may have made, wherever they or their parent went since: unlinked, by our own
 * actor, first seen since it was sent. One that was never seen where it was to be made counts where it is known to be ours,
 * and no other open create may have made it where it stands; a deleted one, where it is known to be ours, or a container.
 * One that is on its way elsewhere stands somewhere.
 */
export function ownSince(
  sql: Sql,
  { connection, kind, scope, parent, actor, since }: OwnSince,
): readonly Observation[] {
  return sql
    .get(
      `SELECT * FROM item i WHERE i.connection = ? AND i.kind = ? AND (i.state <> 'deleted' OR i.author_json IS NOT NULL OR i.scope = '') AND i.first_seen >= ?
       AND coalesce(i.parent = ?, i.scope = ? OR i.moved_at >= i.first_seen OR (i.author_json IS NOT NULL AND NOT EXISTS (
         SELECT 1 FROM intent t WHERE t.action = 'create' AND t.connection = i.connection AND t.kind = i.kind AND t.scope = i.scope)))
       AND (i.author_json IS NULL OR json_extract(i.author_json, '$.ref') = ?)
       AND NOT ${wasLinked('i.connection', 'i.kind', 'i.ref')}
       ORDER BY i.created_at NULLS FIRST, length(i.ref), i.ref`,
    )
    .all(connection, kind, since, parent, scope, actor)
    .map(toObservation)
}

/**
 * A create whose outcome is open may have made this item: only that create's actor can be its author, and nobody knew it before.
 * While a person is asked about it, which takes as long as they want, only what stands where it was to be made waits. `flow`: at
 * its first contact only creates between its two connections count, and only there: to leave out what another one may have
 * made would leave out all that stands on both sides, and it would be copied to both.
 */
export function ourIntent(
  sql: Sql,
  { connection, kind, ref, scope, parent, author, firstSeen }: Observation,
  flow: string | null = null,
): string | null {
  const by = author?.ref ?? null
  const row = sql
    .get(
      `SELECT key FROM intent WHERE connection = ?1 AND action = 'create' AND (kind = ?2 OR head_kind = ?2) AND sent_at <= ?3
       AND (CAST(?4 AS TEXT) IS NULL OR actor = ?4) AND (parent IS NULL OR CAST(?5 AS TEXT) IS NULL OR parent = ?5 OR head_kind = ?2)
       AND (scope = ?6 OR (NOT ${ASKED} AND CAST(?7 AS TEXT) IS NULL))
       AND (CAST(?7 AS TEXT) IS NULL OR flow IN (SELECT f.id FROM flow f JOIN flow own ON own.fingerprint = f.fingerprint WHERE own.id = ?7))
       AND NOT ${wasLinked('?1', '?2', '?8')}
       LIMIT 1`,
    )
    .get(connection, kind, firstSeen, by, parent, scope, flow, ref)
  return keyOf(row)
}

/** The key of an open delete, of whichever flow, of what an item stands under: what is written to it meanwhile goes along. */
export function openDeleteAbove(sql: Sql, { connection, kind, ref }: Identity): string | null {
  const row = sql.get(
    `SELECT t.key FROM intent t JOIN item i ON i.connection = t.connection AND i.parent = t.ref
     WHERE t.action = 'delete' AND i.connection = ? AND i.kind = ? AND i.ref = ? LIMIT 1`,
  )
  return keyOf(row.get(connection, kind, ref))
}

/** The key of an open delete, of whichever flow, of this item: what is made under it meanwhile goes along. */
export function openDeleteOf(sql: Sql, connection: string, ref: string): string | null {
  const row = sql.get(`SELECT key FROM intent WHERE connection = ? AND ref = ? AND action = 'delete' LIMIT 1`)
  return keyOf(row.get(connection, ref))
}

/** The key of an open write, of whichever flow, to something under this item. Where a person is asked about it nobody waits. */
export function openWriteUnder(sql: Sql, connection: string, ref: string): string | null {
  const row = sql.get(
    `SELECT key FROM intent WHERE connection = ?1 AND (parent = ?2 OR EXISTS (SELECT 1 FROM item i
       WHERE i.connection = ?1 AND i.kind = intent.kind AND i.ref = intent.ref AND i.parent = ?2)) AND NOT ${ASKED} LIMIT 1`,
  )
  return keyOf(row.get(connection, ref))
}

/** The key of an open create, of whichever flow, of something under this item. Where a person is asked about it nobody waits. */
export function openCreateUnder(sql: Sql, { connection, ref }: Observation): string | null {
  const row = sql.get(
    `SELECT key FROM intent WHERE connection = ? AND parent = ? AND action = 'create' AND NOT ${ASKED} LIMIT 1`,
  )
  return keyOf(row.get(connection, ref))
}

function keyOf(row: { readonly [column: string]: unknown } | undefined): string | null {
  return row === undefined ? null : String(row['key'])
}

/** Of an intent: a person is asked what became of it, and says so in the end where nothing else does. */
export const ASKED = `EXISTS (SELECT 1 FROM held h WHERE h.fingerprint = intent.key AND h.decision = 'open')`

/** Its outcome is known: nobody is asked any more. Answers what it was; null: it was not open. */
export function endIntent(sql: Sql, key: string): Intent | null {
  const row = sql.get('DELETE FROM intent WHERE key = ? RETURNING *').get(key)
  if (row === undefined) return null
  const ended = toIntent(row)
  // People are asked only about what had no answer: most writes have one, and what is held may be much.
  if (ended.state === 'unknown') sql.get(`DELETE FROM held WHERE fingerprint = ? AND decision = 'open'`).run(key)
  return ended
}
