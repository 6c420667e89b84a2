/** Who waits for a turn on the wire: the more urgent first, then in the order of asking. */
import { ConnectorError } from '../connector/failure.ts'
import type { Clock } from '../connector/ports.ts'
import { freeAt, giveBack, take, type Bucket, type Priority } from './bucket.ts'

interface Waiting {
  readonly priority: Priority
  readonly buckets: readonly Bucket[]
  readonly start: () => void
  readonly turnAway: (why: ConnectorError) => void
}

export interface Queue {
  /** Resolves when every bucket lets it through; it is on the wire from then on. Rejects when the queue closes before. */
  turn(buckets: readonly Bucket[], priority: Priority): Promise<void>
  /** It was let through, and gives its turn back: nothing was sent. */
  yield(buckets: readonly Bucket[]): void
  /** It is not on the wire any more. */
  leave(buckets: readonly Bucket[]): void
  open(): void
  /** Whoever waits is turned away, now and until it opens again: nothing was sent. */
  close(): void
  readonly isClosed: boolean
  /** When a limit lets the next one through, in milliseconds since 1970; null: nobody waits for that. */
  readonly nextAt: number | null
}

/** `passed`: what was drawn on when somebody was let through. */
export function createQueue(clock: Clock, passed: (buckets: readonly Bucket[]) => void): Queue {
  let waiting: Waiting[] = []
  let alarm: AbortController | null = null
  let closed = false

  const serve = (): void => {
    alarm?.abort()
    alarm = null
    const now = clock.now()
    let next = Infinity
    const still: Waiting[] = []
    for (const each of waiting) {
      const at = turnOf(each, now)
      if (at <= now) {
        for (const bucket of each.buckets) take(bucket, now)
        passed(each.buckets)
        each.start()
      } else {
        still.push(each)
        next = Math.min(next, at)
      }
    }
    waiting = still
    if (next === Infinity) return
    const own = new AbortController()
    alarm = own
    clock.sleep(next - now, own.signal).then(serve, () => undefined)
  }

  return {
    turn: (buckets, priority) =>
      new Promise<void>((start, turnAway) => {
        if (closed) turnAway(ending())
        else insert(waiting, { priority, buckets, start, turnAway })
        serve()
      }),
    yield(buckets) {
      for (const bucket of buckets) giveBack(bucket, clock.now())
      serve()
    },
    leave(buckets) {
      for (const bucket of buckets) bucket.onWire -= 1
      serve()
    },
    open() {
      closed = false
    },
    close() {
      closed = true
      for (const each of waiting.splice(0)) each.turnAway(ending())
      serve()
    },
    get isClosed() {
      return closed
    },
    get nextAt() {
      const now = clock.now()
      const times = waiting.map((each) => turnOf(each, now)).filter((at) => at > now && at < Infinity)
      return times.length === 0 ? null : Math.min(...times)
    },
  }
}

function ending(): ConnectorError {
  return new ConnectorError('unavailable', 'the service ends before its turn', { noEffect: true })
}

/** When it may go, at the earliest. */
function turnOf({ buckets, priority }: Waiting, now: number): number {
  return Math.max(0, ...buckets.map((bucket) => freeAt(bucket, now, priority)))
}

function insert(waiting: Waiting[], each: Waiting): void {
  let at = waiting.length
  while (at > 0 && (waiting[at - 1]?.priority ?? 0) > each.priority) at -= 1
  waiting.splice(at, 0, each)
}
