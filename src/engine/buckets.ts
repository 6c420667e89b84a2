/** The declared limits, shared by all connections that draw on them. */
import type { Limit } from '../connector/connector.ts'
import { ConnectorError } from '../connector/failure.ts'
import type { Clock, Draws } from '../connector/ports.ts'
import { block, PERSON, type Bucket, type Priority } from './bucket.ts'
import { forecastOf, type Forecast, type Foreseen } from './forecast.ts'
import { keptBuckets, type Levels } from './kept-buckets.ts'
import { createQueue } from './queue.ts'

export { AUDIT, CATCH_UP, FIRST_SYNC, HINT, PERSON, type Priority } from './bucket.ts'

/** How often a call that a limit refuses is made again, and one that is late looks again, before it goes on as it is. */
const MAX_REPEATS = 8
/** Where a system says "too many" without saying until when. */
const BLOCK_MS = 10_000

/** What a call rests on may be too old by the time when its turn comes. */
export interface Turn {
  isLate(): boolean
  /** Done again then, in the call's own turn. Throws where the call is not to be made. */
  renew(): Promise<void>
}

export interface Buckets {
  within<T>(priority: Priority, draws: Draws, call: () => Promise<T>, own?: Turn): Promise<T>
  /** What these calls would draw on, the slowest first. */
  forecast(calls: readonly Foreseen[]): readonly Forecast[]
  open(): void
  /** Whoever waits for a turn is turned away, now and until they open again: nothing was sent. */
  close(): void
  readonly isClosed: boolean
  /** When a limit lets the next call through, in milliseconds since 1970; null: no call waits for one. */
  readonly nextAt: number | null
  /** Resolves when what was drawn is kept. */
  settled(): Promise<void>
}

/** `limitOf` names the limit of a bucket; null: unlimited. */
export function createBuckets(clock: Clock, limitOf: (bucket: string) => Limit | null, levels: Levels): Buckets {
  const buckets = keptBuckets(clock, limitOf, levels)
  const queue = createQueue(clock, (drawn) => buckets.note(drawn))

  const once = async <T>(own: Bucket[], priority: Priority, call: () => Promise<T>, mine?: Turn): Promise<T> => {
    await queue.turn(own, priority)
    // What another call was refused meanwhile may make it wait again.
    for (let renewed = 0; mine?.isLate() === true && renewed < MAX_REPEATS; renewed += 1) {
      // It may draw on buckets too, perhaps on these; what it waits for may take longer than a limit counts.
      queue.yield(own)
      await mine.renew()
      await queue.turn(own, PERSON)
    }
    try {
      return await call()
    } finally {
      queue.leave(own)
    }
  }

  return {
    async within(priority, draws, call, mine) {
      await buckets.loaded()
      const own = buckets.of(draws)
      for (let tries = 1; ; tries += 1) {
        try {
          return await once(own, priority, call, mine)
        } catch (error) {
          if (!(error instanceof ConnectorError) || error.failure !== 'limited' || tries > MAX_REPEATS) throw error
          const until = clock.now() + (error.retryAfterMs ?? BLOCK_MS)
          for (const bucket of own) block(bucket, until)
          buckets.note(own)
          if (own.length === 0) await clock.sleep(error.retryAfterMs ?? BLOCK_MS)
        }
      }
    },
    forecast: (calls) => forecastOf(calls, limitOf, buckets.known, clock.now()),
    open: () => queue.open(),
    close: () => queue.close(),
    get isClosed() {
      return queue.isClosed
    },
    get nextAt() {
      return queue.nextAt
    },
    settled: () => buckets.settled(),
  }
}
