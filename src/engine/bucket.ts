/** One bucket: how many requests it has let through of late, and when the next may go. */
import type { Limit } from '../connector/connector.ts'
import type { Level } from '../store/verbs/levels.ts'

/** A person waits, a hint came, the feed is read, a first sync runs, the audit runs: the smaller goes first. */
export type Priority = 0 | 1 | 2 | 3 | 4
export const PERSON: Priority = 0
export const HINT: Priority = 1
export const CATCH_UP: Priority = 2
export const FIRST_SYNC: Priority = 3
export const AUDIT: Priority = 4

/** Calls do not arrive exactly as far apart as they are sent. */
const WINDOW_MARGIN = 1.02
/** Of each bucket, what only more urgent calls may use: a tenth at most. */
const RESERVE = 0.1
/**
 * What is kept of a bucket runs ahead of what was sent by half, a tenth of the limit at most: so it is kept now and then,
 * never says too little, and does not starve a process that is started often.
 */
const AHEAD = { half: 0.5, tenth: 0.1 } as const

export interface Bucket {
  /** Its name and whose it is. */
  readonly id: string
  readonly limit: Limit
  /** When the latest requests were sent, oldest first, at most `limit.requests` of them. */
  readonly sent: number[]
  /** How many of them, the oldest, earlier processes may have sent: those keep their own levels. */
  inherited: number
  onWire: number
  blockedUntil: number
  /** What was last kept of it: right as long as no more than this was sent, and nothing counts for longer. */
  kept: Omit<Level, 'name'>
}

export function idOf(name: string, whose: string): string {
  return `${name} ${whose}`
}

export function fresh(id: string, limit: Limit): Bucket {
  return { id, limit, sent: [], inherited: 0, onWire: 0, blockedUntil: 0, kept: { until: 0, spent: 0 } }
}

/**
 * As the processes before this one left it; what one kept for longer than a window came from another clock, or a system's
 * word.
 */
export function left(id: string, levels: readonly Level[], limit: Limit, now: number): Bucket {
  const window = windowMs(limit)
  const sent = levels
    .flatMap(({ until, spent }) => Array.from({ length: Math.min(spent, limit.requests) }, () => until - window))
    .map((sentAt) => Math.min(sentAt, now))
    .sort((one, other) => one - other)
    .slice(-limit.requests)
  return { ...fresh(id, limit), sent, inherited: sent.length }
}

/** When a request of this priority may be sent, at the earliest; Infinity: when another one comes back. */
export function freeAt(bucket: Bucket, now: number, priority: Priority): number {
  if (slotAt(bucket) === Infinity) return Infinity
  const window = windowMs(bucket.limit)
  while (bucket.sent.length > 0 && (bucket.sent[0] ?? 0) + window <= now) {
    bucket.sent.shift()
    bucket.inherited = Math.max(0, bucket.inherited - 1)
  }
  const room = bucket.limit.requests - reserveOf(bucket.limit, priority)
  const oldest = bucket.sent[bucket.sent.length - room]
  return Math.max(bucket.blockedUntil, oldest === undefined ? 0 : oldest + window)
}

/** When one more may be on the wire, however many went before: now, or when another one comes back. */
export function slotAt({ limit, onWire }: Bucket): number {
  return limit.concurrent !== undefined && onWire >= limit.concurrent ? Infinity : 0
}

/** `at`: when it counts. */
export function take(bucket: Bucket, at: number): void {
  bucket.sent.push(at)
  bucket.onWire += 1
}

/** What was taken at that time, or last before it, was not used. */
export function giveBack(bucket: Bucket, at: number): void {
  const last = bucket.sent.findLastIndex((each) => each <= at)
  if (last >= 0) bucket.sent.splice(last, 1)
  bucket.inherited = Math.min(bucket.inherited, bucket.sent.length)
  bucket.onWire -= 1
}

/** The system said "too many": nothing goes before then. */
export function block(bucket: Bucket, until: number): void {
  bucket.blockedUntil = Math.max(bucket.blockedUntil, until)
}

/** What has to be kept of it now; null: what was kept still holds. */
export function toKeep(
  { limit, sent, inherited, kept, blockedUntil }: Bucket,
  now: number,
): Omit<Level, 'name'> | null {
  const { requests } = limit
  if (blockedUntil > now) return blockedUntil > kept.until ? { until: Math.ceil(blockedUntil), spent: requests } : null
  const until = now + windowMs(limit)
  const own = sent.length - inherited
  if (own <= kept.spent && until <= kept.until) return null
  const ahead = Math.min(Math.ceil(own * AHEAD.half), Math.ceil(requests * AHEAD.tenth))
  return { until: Math.ceil(until + windowMs(limit) * AHEAD.tenth), spent: Math.min(requests, own + ahead) }
}

function windowMs({ perSeconds }: Limit): number {
  return perSeconds * 1000 * WINDOW_MARGIN
}

function reserveOf(limit: Limit, priority: Priority): number {
  return priority <= HINT ? 0 : Math.min(limit.requests - 1, Math.floor(limit.requests * RESERVE))
}
