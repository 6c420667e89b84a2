/** What one pass begins with, in one round trip: whether its flow may be written, what is due, what the brake counts, or what comes. */
import { flowState, type FlowState } from './flows.ts'
import { load, NOTHING } from './load.ts'
import { counts, type Counts } from './report.ts'
import { earliest, type Sql } from './rows.ts'
import type { Load, Loaded } from './subjects.ts'

export interface Take extends Omit<Load, 'claim'> {
  /** Since when the brake counts. */
  readonly since: number
}

export interface Taken {
  readonly state: FlowState
  readonly loaded: Loaded
  /** Whether an instance of it is still to be read. */
  readonly listing: boolean
  /** Null: nothing was handed out, or the flow was never in step, so that they matter for deletes alone. */
  readonly counts: Counts | null
  /** Where nothing was handed out: when the earliest of what waits for a time comes; null: nothing does. */
  readonly next: number | null
}

/** Claims what it hands out; a flow that is paused or waits for its approval gets nothing. */
export function take(sql: Sql, { since, ...input }: Take): Taken {
  const { flow } = input
  const state = flowState(sql, { flow })
  const listing = sql.get(`SELECT 1 FROM instance WHERE flow = ? AND state = 'listing' LIMIT 1`).get(flow) !== undefined
  if (!state.approved || state.paused) return { state, loaded: NOTHING, counts: null, listing, next: null }
  const loaded = load(sql, { ...input, claim: true })
  if (loaded.subjects.length === 0) return { state, loaded, counts: null, listing, next: nextDue(sql, flow, input.now) }
  return { state, loaded, listing, counts: state.inStep ? counts(sql, { flow, since }) : null, next: null }
}

function nextDue(sql: Sql, flow: string, now: number): number | null {
  return earliest(
    sql
      .get(
        'SELECT min(not_before) AS at FROM due WHERE claimed = 0 AND waits_for IS NULL AND flow = ? AND not_before > ?',
      )
      .get(flow, now),
  )
}
