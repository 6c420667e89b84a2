/** How long calls that are not made yet will wait, by the very rules that they will wait by. */
import type { Limit } from '../connector/connector.ts'
import type { Draws } from '../connector/ports.ts'
import { freeAt, fresh, idOf, type Bucket, type Priority } from './bucket.ts'

export interface Foreseen {
  readonly draws: Draws
  readonly priority: Priority
}

export interface Forecast {
  readonly bucket: string
  /** Whose it is. */
  readonly of: string
  readonly calls: number
  readonly limit: Limit
  /** Until the last of the calls could be sent, were this bucket the only one. */
  readonly durationMs: number
}

/** By bucket, the slowest first. `bucketOf` answers how full one is; undefined: it was not drawn on yet. */
export function forecastOf(
  calls: readonly Foreseen[],
  limitOf: (bucket: string) => Limit | null,
  bucketOf: (id: string) => Bucket | undefined,
  now: number,
): Forecast[] {
  const wanted = new Map<string, { bucket: string; of: string; limit: Limit; priorities: Priority[] }>()
  for (const { draws, priority } of calls)
    for (const [bucket, of] of Object.entries(draws)) {
      const limit = limitOf(bucket)
      if (limit === null) continue
      const id = idOf(bucket, of)
      const own = wanted.get(id)
      if (own === undefined) wanted.set(id, { bucket, of, limit, priorities: [priority] })
      else own.priorities.push(priority)
    }
  return [...wanted]
    .map(([id, { priorities, ...rest }]) => ({
      ...rest,
      calls: priorities.length,
      durationMs: durationOf(bucketOf(id) ?? fresh(id, rest.limit), priorities, now),
    }))
    .sort((left, right) => right.durationMs - left.durationMs || right.calls - left.calls)
}

/** Until the last of these calls could be sent, the more urgent ones before the others. */
function durationOf(bucket: Bucket, priorities: readonly Priority[], now: number): number {
  const trial = { ...bucket, sent: [...bucket.sent], onWire: 0 }
  let at = now
  for (const priority of priorities.toSorted((left, right) => left - right)) {
    at = Math.max(at, freeAt(trial, now, priority))
    trial.sent.push(at)
  }
  return at - now
}
