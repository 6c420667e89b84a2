/** The declared limits, shared by all connections that draw on them. */
import type { Limit } from '../connector/connector.ts'
import { ConnectorError } from '../connector/failure.ts'
import type { Clock, Draws } from '../connector/ports.ts'

/** A person waits, a hint came, the feed is read, a first sync runs, the audit runs: the smaller goes first. */
export type Priority = 0 | 1 | 2 | 3 | 4
export const PERSON: Priority = 0
export const HINT: Priority = 1
export const CATCH_UP: Priority = 2
export const FIRST_SYNC: Priority = 3
export const AUDIT: Priority = 4

/** How often a call that was refused by a limit is made again before its caller hears of it. */
const MAX_REPEATS = 8
/** Where a system says "too many" without saying until when. */
const BLOCK_MS = 10_000
/** Calls do not arrive exactly as far apart as they are sent. */
const WINDOW_MARGIN = 1.02
/** Of each bucket, what only more urgent calls may use: a tenth at most. */
const RESERVE = 0.1

interface Bucket {
  readonly limit: Limit
  /** When the latest requests were sent, oldest first, at most `limit.requests` of them. */
  readonly sent: number[]
  onWire: number
  blockedUntil: number
}

interface Waiting {
  readonly priority: Priority
  readonly turn: number
  readonly buckets: readonly Bucket[]
  readonly start: () => void
}

/** A call that is not made yet. */
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

export interface Buckets {
  within<T>(priority: Priority, draws: Draws, call: () => Promise<T>): Promise<T>
  /** What these calls would draw on, the slowest first, by the very rules that they would wait by. */
  forecast(calls: readonly Foreseen[]): readonly Forecast[]
}

/** `limitOf` names the limit of a bucket; null: unlimited. */
export function createBuckets(clock: Clock, limitOf: (bucket: string) => Limit | null): Buckets {
  const buckets = new Map<string, Bucket>()
  let waiting: Waiting[] = []
  let turn = 0
  let alarm: AbortController | null = null

  const bucketsOf = (draws: Draws): Bucket[] =>
    Object.entries(draws).flatMap(([name, whose]) => {
      const limit = limitOf(name)
      if (limit === null) return []
      const id = idOf(name, whose)
      let bucket = buckets.get(id)
      if (bucket === undefined) buckets.set(id, (bucket = fresh(limit)))
      return [bucket]
    })

  const serve = (): void => {
    alarm?.abort()
    alarm = null
    const now = clock.now()
    let next = Infinity
    const left: Waiting[] = []
    for (const each of waiting) {
      const at = Math.max(0, ...each.buckets.map((bucket) => freeAt(bucket, now, each.priority)))
      if (at <= now) {
        for (const bucket of each.buckets) take(bucket, now)
        each.start()
      } else {
        left.push(each)
        next = Math.min(next, at)
      }
    }
    waiting = left
    if (next === Infinity) return
    const own = new AbortController()
    alarm = own
    clock.sleep(next - now, own.signal).then(serve, () => undefined)
  }

  const once = async <T>(own: Bucket[], priority: Priority, call: () => Promise<T>): Promise<T> => {
    await new Promise<void>((start) => {
      turn += 1
      insert(waiting, { priority, turn, buckets: own, start })
      serve()
    })
    try {
      return await call()
    } finally {
      for (const bucket of own) bucket.onWire -= 1
      serve()
    }
  }

  return {
    async within(priority, draws, call) {
      const own = bucketsOf(draws)
      for (let tries = 1; ; tries += 1) {
        try {
          return await once(own, priority, call)
        } catch (error) {
          if (!(error instanceof ConnectorError) || error.failure !== 'limited' || tries > MAX_REPEATS) throw error
          const until = clock.now() + (error.retryAfterMs ?? BLOCK_MS)
          for (const bucket of own) bucket.blockedUntil = Math.max(bucket.blockedUntil, until)
          if (own.length === 0) await clock.sleep(error.retryAfterMs ?? BLOCK_MS)
        }
      }
    },
    forecast: (calls) => forecastOf(calls, limitOf, (id) => buckets.get(id), clock.now()),
  }
}

function forecastOf(
  calls: readonly Foreseen[],
  limitOf: (bucket: string) => Limit | null,
  levelOf: (id: string) => Bucket | undefined,
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
      durationMs: durationOf(levelOf(id) ?? fresh(rest.limit), priorities, now),
    }))
    .sort((left, right) => right.durationMs - left.durationMs || right.calls - left.calls)
}

function idOf(bucket: string, of: string): string {
  return `${bucket} ${of}`
}

function fresh(limit: Limit): Bucket {
  return { limit, sent: [], onWire: 0, blockedUntil: 0 }
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

function insert(waiting: Waiting[], each: Waiting): void {
  let at = waiting.length
  while (at > 0 && (waiting[at - 1]?.priority ?? 0) > each.priority) at -= 1
  waiting.splice(at, 0, each)
}

/** When a request of this priority may be sent, at the earliest; Infinity: when another one comes back. */
function freeAt(bucket: Bucket, now: number, priority: Priority): number {
  if (bucket.limit.concurrent !== undefined && bucket.onWire >= bucket.limit.concurrent) return Infinity
  const windowMs = bucket.limit.perSeconds * 1000 * WINDOW_MARGIN
  while (bucket.sent.length > 0 && (bucket.sent[0] ?? 0) + windowMs <= now) bucket.sent.shift()
  const room = bucket.limit.requests - reserveOf(bucket.limit, priority)
  const oldest = bucket.sent[bucket.sent.length - room]
  return Math.max(bucket.blockedUntil, oldest === undefined ? 0 : oldest + windowMs)
}

function reserveOf(limit: Limit, priority: Priority): number {
  return priority <= HINT ? 0 : Math.min(limit.requests - 1, Math.floor(limit.requests * RESERVE))
}

function take(bucket: Bucket, now: number): void {
  bucket.sent.push(now)
  bucket.onWire += 1
}
