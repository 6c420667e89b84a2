/** The declared limits, shared by all connections that draw on them. */
import type { Limit } from '../connector/connector.ts'
import { ConnectorError } from '../connector/failure.ts'
import type { Clock, Draws } from '../connector/ports.ts'
import { block, freeAt, PERSON, slotAt, take, type Bucket, type Priority } from './bucket.ts'
import { forecastOf, type Forecast, type Foreseen } from './forecast.ts'
import { keptBuckets, type Levels } from './kept-buckets.ts'

export { AUDIT, CATCH_UP, FIRST_SYNC, HINT, PERSON, type Priority } from './bucket.ts'

/** How often a call that was refused by a limit is made again before its caller hears of it. */
const MAX_REPEATS = 8
/** Where a system says "too many" without saying until when. */
const BLOCK_MS = 10_000

interface Waiting {
  readonly priority: Priority
  readonly buckets: readonly Bucket[]
  /** It was let through once and only made room: it needs a place on the wire, and no other count. */
  readonly counted: boolean
  readonly start: () => void
}

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
  /** Resolves when what was drawn is kept. */
  settled(): Promise<void>
}

/** `limitOf` names the limit of a bucket; null: unlimited. */
export function createBuckets(clock: Clock, limitOf: (bucket: string) => Limit | null, levels: Levels): Buckets {
  const buckets = keptBuckets(clock, limitOf, levels)
  let waiting: Waiting[] = []
  let alarm: AbortController | null = null

  const serve = (): void => {
    alarm?.abort()
    alarm = null
    const now = clock.now()
    let next = Infinity
    const still: Waiting[] = []
    for (const each of waiting) {
      const at = turnOf(each, now)
      if (at <= now) {
        for (const bucket of each.buckets) take(bucket, each.counted ? null : now)
        buckets.note(each.buckets)
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

  const turn = (own: Bucket[], priority: Priority, counted: boolean): Promise<void> =>
    new Promise<void>((start) => {
      insert(waiting, { priority, buckets: own, counted, start })
      serve()
    })

  const leave = (own: Bucket[]): void => {
    for (const bucket of own) bucket.onWire -= 1
    serve()
  }

  const once = async <T>(own: Bucket[], priority: Priority, call: () => Promise<T>, mine?: Turn): Promise<T> => {
    await turn(own, priority, false)
    if (mine?.isLate() === true) {
      // It may draw on buckets too, perhaps on these.
      leave(own)
      await mine.renew()
      await turn(own, PERSON, true)
    }
    try {
      return await call()
    } finally {
      leave(own)
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
    settled: () => buckets.settled(),
  }
}

/** When it may go, at the earliest. */
function turnOf({ buckets, priority, counted }: Waiting, now: number): number {
  return Math.max(0, ...buckets.map((bucket) => (counted ? slotAt(bucket) : freeAt(bucket, now, priority))))
}

function insert(waiting: Waiting[], each: Waiting): void {
  let at = waiting.length
  while (at > 0 && (waiting[at - 1]?.priority ?? 0) > each.priority) at -= 1
  waiting.splice(at, 0, each)
}
