/** The limits of a system that is asked without a store: its calls keep to them among themselves. */
import type { Connection } from '../config/index.ts'
import type { Clock, Limits } from '../connector/ports.ts'
import { createBuckets, PERSON } from '../engine/buckets.ts'

const NOTHING_KEPT = { load: () => Promise.resolve([]), keep: () => Promise.resolve() }

export function ownLimits(connector: Connection['connector'], options: unknown, clock: Clock): Limits {
  const limits = new Map(Object.entries(connector.limits(options)))
  const buckets = createBuckets(clock, (name) => limits.get(name) ?? null, NOTHING_KEPT)
  return { within: (draws, call) => buckets.within(PERSON, draws, call) }
}
