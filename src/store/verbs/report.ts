/** What people ask: how things stand, why something happened, what waits for them. */
import { z } from 'zod'
import { refsIn } from '../../core/people.ts'
import type { Conflict, Divergence, Held, JournalEntry, Link, Observation } from '../../core/state.ts'
import { toJournal } from './journal.ts'
import { due } from './due.ts'
import { endIntent } from './intents.ts'
import { wake } from './waits.ts'
import { jsonIn, LINK, numberOf, toConflict, toHeld, toLink, toObservation, type Sql } from './rows.ts'

export interface CountSince {
  readonly flow: string
  readonly since: number
}

interface Count {
  readonly links: number
  readonly deletes: number
  /** Of the deletes, those that are done: their links are not alive any more. */
  readonly ended: number
  readonly creates: number
  readonly updates: number
}

export interface Counted {
  readonly [pair: string]: Count
}

/** What the brake counts: for one flow, and over the flows of all accounts of its template. */
export interface Counts {
  readonly pairs: Counted
  /** Null: it has no template. */
  readonly accounts: Counted | null
}

export function counts(sql: Sql, { flow, since }: CountSince): Counts {
  const template = sql.get('SELECT template FROM flow WHERE id = ?').get(flow)?.['template']
  return {
    pairs: countsOf(sql, 'id', flow, since),
    accounts: typeof template === 'string' ? countsOf(sql, 'template', template, since) : null,
  }
}

const NOT_LIFTED = '(f.lifted_from IS NULL OR j.at NOT BETWEEN f.lifted_from AND f.lifted_until)'

/**
 * What flows did since, by pair of kinds, over all their instances, with what is on the wire and what the brake holds. The creates and updates
 * of a first sync, which was approved whole, do not count; whatever was approved later does. A correction counts as a
 * create, whatever was done to it; a mark as an update.
 */
function countsOf(sql: Sql, by: 'id' | 'template', flow: string, since: number): Counted {
  const counted: Record<string, { -readonly [what in keyof Count]: number }> = {}
  const of = (pair: string): { -readonly [what in keyof Count]: number } =>
    (counted[pair] ??= { links: 0, deletes: 0, ended: 0, creates: 0, updates: 0 })
  for (const row of sql
    .get(
      `SELECT l.pair, sum(l.links) AS n FROM living l JOIN flow f ON f.id = l.flow WHERE f.${by} = ? GROUP BY l.pair`,
    )
    .all(flow))
    of(String(row['pair'])).links = Number(row['n'])
  const rows = sql
    .get(
      `SELECT pair, action, is_done, count(*) AS n FROM (
         SELECT j.pair, j.action, 1 AS is_done, j.at, f.in_step_at FROM flow f JOIN journal j ON j.flow = f.id
           WHERE f.${by} = ?1 AND j.action IN ('delete', 'empty') AND j.at > ?2 AND ${NOT_LIFTED}
         UNION ALL SELECT j.pair, CASE j.action WHEN 'correct' THEN 'create' WHEN 'mark' THEN 'update' ELSE j.action END, 1, j.at, f.in_step_at
           FROM flow f JOIN journal j ON j.flow = f.id
           WHERE f.${by} = ?1 AND j.action IN ('create', 'update', 'correct', 'mark') AND j.at > max(?2, f.in_step_at) AND ${NOT_LIFTED}
         UNION ALL SELECT i.pair, CASE WHEN i.about IS NULL OR i.about = i.ref THEN i.action ELSE 'create' END, 0, i.sent_at, f.in_step_at
           FROM flow f JOIN intent i ON i.flow = f.id WHERE f.${by} = ?1
         UNION ALL SELECT h.pair, h.action, 0, h.since, f.in_step_at
           FROM flow f JOIN held h ON h.flow = f.id WHERE f.${by} = ?1 AND h.reason = 'brake' AND h.decision = 'open' AND h.since > ?2) AS done
       WHERE action IN ('delete', 'empty') OR action IN ('create', 'update') AND at > in_step_at
       GROUP BY pair, action, is_done`,
    )
    .all(flow, since)
  for (const row of rows) {
    const entry = of(String(row['pair']))
    const n = Number(row['n'])
    if (row['action'] === 'create') entry.creates += n
    else if (row['action'] === 'update') entry.updates += n
    else {
      entry.deletes += n
      if (Number(row['is_done']) === 1) entry.ended += n
    }
  }
  return counted
}

export function heldList(sql: Sql, { flow }: { readonly flow: string | null }): readonly Held[] {
  return sql
    .get(`SELECT * FROM held WHERE decision = 'open' AND (CAST(? AS TEXT) IS NULL OR flow = ?) ORDER BY since, id`)
    .all(flow, flow)
    .map(toHeld)
}

export interface DecideHeld {
  readonly ids: readonly number[] | 'all'
  readonly decision: 'approved' | 'discarded' | 'retry'
  readonly ranks: { readonly [pair: string]: number }
  readonly now: number
}

/** Answers the holds decided on. 'retry' forgets the hold, so that it is planned again. */
export function decideHeld(sql: Sql, { ids, decision, ranks, now }: DecideHeld): readonly Held[] {
  const open = heldList(sql, { flow: null }).filter((held) => ids === 'all' || ids.includes(held.id))
  for (const held of open) {
    if (decision === 'retry') sql.get('DELETE FROM held WHERE id = ?').run(held.id)
    else sql.get('UPDATE held SET decision = ? WHERE id = ?').run(decision, held.id)
    if (endIntent(sql, held.fingerprint) !== null) wake(sql, `intent ${held.fingerprint}`)
    const rank = ranks[`${held.flow} ${held.pair}`] ?? 0
    due(sql, { ...held, rank }, { ref: held.ref, createdAt: null }, now)
    // Its first child was refused with it, and waits as long.
    sql
      .get(
        `UPDATE due SET not_before = 0 WHERE flow = ? AND side = ? AND not_before > ? AND ref IN (SELECT ref FROM item WHERE parent = ?)`,
      )
      .run(held.flow, held.side, now, held.ref)
  }
  return open
}

export interface Explanation {
  readonly items: readonly Observation[]
  readonly links: readonly Link[]
  readonly journal: readonly JournalEntry[]
  readonly held: readonly Held[]
  readonly conflicts: readonly Conflict[]
  readonly divergences: readonly Divergence[]
  readonly waiting: readonly string[]
}

export function journal(
  sql: Sql,
  { limit, after }: { readonly limit: number; readonly after: number },
): readonly JournalEntry[] {
  return sql
    .get('SELECT * FROM journal WHERE id > ? ORDER BY id LIMIT CAST(? AS BIGINT)')
    .all(after, limit)
    .map(toJournal)
}

const DivergenceRow = z
  .object({
    flow: z.string(),
    pair: z.string(),
    side: z.enum(['a', 'b']),
    ref: z.string(),
    lens: z.string(),
    why: z.string(),
    people_json: z.string(),
    at: z.number(),
  })
  .transform(({ people_json, ...rest }) => ({ ...rest, people: refsIn(jsonIn(people_json)) }))

export function divergences(sql: Sql): readonly Divergence[] {
  return sql
    .get('SELECT * FROM divergence ORDER BY flow, pair, side, ref, lens')
    .all()
    .map((row) => DivergenceRow.parse(row))
}

/** Everything that is known about the items with this ref, and about their counterparts. */
export function explain(sql: Sql, { ref }: { readonly ref: string }): Explanation {
  const links = sql.get(`${LINK} WHERE a_ref = ?1 OR b_ref = ?1 OR about = ?1 ORDER BY id`).all(ref).map(toLink)
  const refs = [...new Set([ref, ...links.flatMap((link) => [link.refs.a, link.refs.b])])].filter((each) => each !== '')
  const each = <T>(text: string, parse: (row: unknown) => T, twice = false): T[] =>
    refs.flatMap((one) =>
      sql
        .get(text)
        .all(...(twice ? [one, one] : [one]))
        .map(parse),
    )
  const byId = new Map(
    each('SELECT * FROM journal WHERE a_ref = ? OR b_ref = ? ORDER BY id', toJournal, true).map((entry) => [
      entry.id,
      entry,
    ]),
  )
  return {
    items: each('SELECT * FROM item WHERE ref = ? ORDER BY connection, kind', toObservation),
    links,
    journal: [...byId.values()].sort((left, right) => left.id - right.id),
    held: each('SELECT * FROM held WHERE ref = ? ORDER BY id', toHeld),
    conflicts: links.flatMap((link) =>
      sql.get('SELECT * FROM conflict WHERE link = ? ORDER BY id').all(link.id).map(toConflict),
    ),
    divergences: each('SELECT * FROM divergence WHERE ref = ? ORDER BY flow, pair, side, lens', (row) =>
      DivergenceRow.parse(row),
    ),
    waiting: each('SELECT why, attempts, waits_for FROM due WHERE ref = ? ORDER BY flow, pair, side', (raw) => {
      const row = z.object({ why: z.string(), attempts: z.number(), waits_for: z.string().nullable() }).parse(raw)
      return row.why === '' ? (row.waits_for ?? 'to be planned') : `${row.why} (${row.attempts} tries)`
    }),
  }
}

/**
 * Whether there is work that can be done now: something due or hinted at whose time has come, a write under way, or an
 * instance that is still being read. What waits for a person or for another item does not count. `flows`: only what is
 * due in these counts, and no write where there are none; null: all. `connections`: those that can be asked something now.
 */
export function isBusy(
  sql: Sql,
  {
    now,
    flows,
    connections,
  }: {
    readonly now: number
    readonly flows: readonly string[] | null
    readonly connections: readonly string[]
  },
): boolean {
  const only = flows === null ? null : JSON.stringify(flows)
  const row = sql
    .get(
      `SELECT (SELECT count(*) FROM due d JOIN flow f ON f.id = d.flow AND f.approved_at IS NOT NULL AND f.paused_at IS NULL
           WHERE (d.claimed <> 0 OR (d.waits_for IS NULL AND d.not_before <= ?1))
             AND (CAST(?2 AS TEXT) IS NULL OR d.flow IN (SELECT value FROM json_each(?2))))
         + (SELECT count(*) FROM inbox WHERE (claimed <> 0 OR not_before <= ?1) AND connection IN (SELECT value FROM json_each(?3)))
         + (SELECT count(*) FROM intent WHERE (state = 'sent' OR ask_at <= ?1) AND CAST(?2 AS TEXT) IS DISTINCT FROM '[]'
             AND connection IN (SELECT value FROM json_each(?3)))
         + (SELECT count(*) FROM instance i WHERE i.state = 'listing' AND NOT EXISTS (SELECT 1 FROM feed WHERE failing_since IS NOT NULL)) AS n`,
    )
    .get(now, only, JSON.stringify(connections))
  return numberOf(row) > 0
}
