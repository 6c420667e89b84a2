/** How things stand: counts by flow, connections, feeds, latency. */
import { z } from 'zod'
import { numberOf, type Sql } from './rows.ts'
import { PARKED, resumeToken } from './pausing.ts'
import { RESTS } from './waits.ts'

const FlowStatus = z.object({
  id: z.string(),
  title: z.string(),
  /** What it is for one account of. */
  template: z.string().nullable(),
  approved_at: z.number().nullable(),
  in_step_at: z.number().nullable(),
  paused_at: z.number().nullable(),
  paused_why: z.string(),
  lifted_until: z.number().nullable(),
  links: z.number(),
  due: z.number(),
  waiting: z.number(),
  /** Of what is due, what waits for an instance to be resumed. */
  parked: z.number(),
  failing: z.number(),
  held: z.number(),
  braked: z.number(),
  held_since: z.number().nullable(),
  braked_since: z.number().nullable(),
  failing_since: z.number().nullable(),
  conflict_since: z.number().nullable(),
  conflicts: z.number(),
  settled: z.number(),
  divergences: z.number(),
  listing: z.number(),
  paused_instances: z.number(),
  instances: z.number(),
  writes: z.number(),
  open: z.number(),
})

const FLOW_STATUS = `
  SELECT f.id, f.title, f.template, f.approved_at, f.in_step_at, f.paused_at, f.paused_why, f.lifted_until,
    coalesce((SELECT sum(links) FROM living WHERE flow = f.id), 0) AS links,
    (SELECT count(*) FROM due WHERE flow = f.id AND NOT ${RESTS}) AS due,
    (SELECT count(*) FROM due WHERE flow = f.id AND waits_for IS NOT NULL) AS waiting,
    (SELECT count(*) FROM due WHERE flow = f.id AND ${PARKED}) AS parked,
    (SELECT count(*) FROM due d WHERE d.flow = f.id AND d.attempts > 0 AND d.waits_for IS NULL AND NOT EXISTS (
       SELECT 1 FROM held h WHERE h.flow = d.flow AND h.pair = d.pair AND h.side = d.side AND h.ref = d.ref AND h.decision = 'open')) AS failing,
    (SELECT count(*) FROM held WHERE flow = f.id AND decision = 'open') AS held,
    (SELECT count(*) FROM held WHERE flow = f.id AND decision = 'open' AND reason = 'brake') AS braked,
    (SELECT min(since) FROM held WHERE flow = f.id AND decision = 'open' AND reason <> 'brake') AS held_since,
    (SELECT min(since) FROM held WHERE flow = f.id AND decision = 'open' AND reason = 'brake') AS braked_since,
    (SELECT min(since) FROM due WHERE flow = f.id AND attempts > 0 AND waits_for IS NULL) AS failing_since,
    (SELECT min(at) FROM conflict WHERE flow = f.id AND resolved_at IS NULL) AS conflict_since,
    (SELECT count(*) FROM conflict WHERE flow = f.id AND resolved_at IS NULL) AS conflicts,
    (SELECT count(*) FROM conflict WHERE flow = f.id AND winner IS NOT NULL) AS settled,
    (SELECT count(*) FROM divergence WHERE flow = f.id) AS divergences,
    (SELECT count(*) FROM instance WHERE flow = f.id AND state = 'listing') AS listing,
    (SELECT count(*) FROM instance WHERE flow = f.id AND paused_at IS NOT NULL) AS paused_instances,
    (SELECT count(*) FROM instance WHERE flow = f.id) AS instances,
    (SELECT count(*) FROM journal WHERE flow = f.id AND action IN ('create', 'update', 'delete', 'empty')) AS writes,
    (SELECT count(*) FROM intent WHERE flow = f.id) AS open
  FROM flow f ORDER BY f.id`

const ConnectionStatus = z.object({
  id: z.string(),
  connector: z.string(),
  state: z.enum(['ok', 'dead']),
  why: z.string(),
  since: z.number(),
  last_webhook: z.number().nullable(),
  orphans: z.number(),
  last_change: z.number().nullable(),
})
const FeedStatus = z.object({
  connection: z.string(),
  feed: z.string(),
  pulled_at: z.number().nullable(),
  failing_since: z.number().nullable(),
  why: z.string(),
})
const VerifiedStatus = z.object({ connection: z.string(), verified_at: z.number().nullable(), running: z.number() })

const PausedStatus = z.object({
  flow: z.string(),
  a: z.string(),
  b: z.string(),
  paused_at: z.number(),
  paused_why: z.string(),
  waiting: z.number(),
})

const ChannelStatus = z.object({
  connection: z.string(),
  scope: z.string(),
  failing_since: z.number(),
  why: z.string(),
})

export interface StatusReport {
  /** Channels that cannot be opened or renewed. */
  readonly channels: readonly z.infer<typeof ChannelStatus>[]
  /** Instances that are paused by themselves, and how much waits for each. */
  readonly paused: readonly z.infer<typeof PausedStatus>[]
  readonly flows: readonly z.infer<typeof FlowStatus>[]
  readonly connections: readonly z.infer<typeof ConnectionStatus>[]
  readonly feeds: readonly z.infer<typeof FeedStatus>[]
  /** When the oldest of a connection's scopes was last read whole. */
  readonly verified: readonly z.infer<typeof VerifiedStatus>[]
  readonly inbox: number
  /** Of the latest writes after the first sync: from the observation that called for them to the call. */
  readonly latency: { readonly count: number; readonly p50: number | null; readonly p99: number | null }
}

/** Among so many of the latest entries are the writes whose latency is reported. */
const LATEST = 1000

function latencyOf(sql: Sql): StatusReport['latency'] {
  const waited = sql
    .get(
      `SELECT waited_ms FROM (SELECT flow, at, waited_ms FROM journal ORDER BY id DESC LIMIT CAST(? AS BIGINT)) AS latest
       WHERE waited_ms IS NOT NULL AND at > (SELECT in_step_at FROM flow WHERE id = latest.flow)`,
    )
    .all(LATEST)
    .map((row) => Number(row['waited_ms']))
    .sort((left, right) => left - right)
  const at = (share: number): number | null => waited[Math.max(0, Math.ceil(share * waited.length) - 1)] ?? null
  return { count: waited.length, p50: at(0.5), p99: at(0.99) }
}

const WAITING = 'SELECT count(*) AS n FROM due WHERE flow = ? AND waits_for = ?'

export function status(sql: Sql): StatusReport {
  return {
    flows: sql
      .get(FLOW_STATUS)
      .all()
      .map((row) => FlowStatus.parse(row)),
    connections: sql
      .get('SELECT id, connector, state, why, since, last_webhook, orphans, last_change FROM connection ORDER BY id')
      .all()
      .map((row) => ConnectionStatus.parse(row)),
    feeds: sql
      .get('SELECT connection, feed, pulled_at, failing_since, why FROM feed ORDER BY connection, feed')
      .all()
      .map((row) => FeedStatus.parse(row)),
    verified: sql
      .get(
        `SELECT connection, min(finished_at) AS verified_at, count(*) FILTER (WHERE state <> 'done') AS running FROM listing GROUP BY connection ORDER BY connection`,
      )
      .all()
      .map((row) => VerifiedStatus.parse(row)),
    channels: sql
      .get(
        `SELECT connection, scope, failing_since, why FROM channel WHERE failing_since IS NOT NULL AND state <> 'closing' ORDER BY connection, scope`,
      )
      .all()
      .map((row) => ChannelStatus.parse(row)),
    paused: sql
      .get(
        'SELECT flow, a_scope AS a, b_scope AS b, paused_at, paused_why FROM instance WHERE paused_at IS NOT NULL ORDER BY flow, a_scope, b_scope',
      )
      .all()
      .map((row) => PausedStatus.omit({ waiting: true }).parse(row))
      .map((row) => ({ ...row, waiting: numberOf(sql.get(WAITING).get(row.flow, resumeToken(row))) })),
    inbox: numberOf(sql.get('SELECT count(*) AS n FROM inbox').get()),
    latency: latencyOf(sql),
  }
}

/** How many subjects of these flows are still to be planned or written. */
export function backlog(sql: Sql, { flows }: { readonly flows: readonly string[] }): number {
  return numberOf(
    sql.get('SELECT count(*) AS n FROM due WHERE flow IN (SELECT value FROM json_each(?))').get(JSON.stringify(flows)),
  )
}
