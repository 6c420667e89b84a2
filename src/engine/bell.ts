/** Wakes the engine's workers when there is something for them to do, without a wake-up being lost. */
import type { Clock } from '../connector/ports.ts'

/** What a ring may tell: who has something to do now. */
export type News =
  /** Subjects may be ready to be planned, or there is room for more of them. */
  | 'due'
  /** An item is to be looked at. */
  | 'hint'
  /** A scope is to be listed, or a connection tried again. */
  | 'reading'
  /** A write may have to be asked about. */
  | 'unanswered'
  /** A channel is to be opened or closed. */
  | 'channel'

export interface Ear {
  /** How often it has rung: read before looking for work, and handed to `wait` when there was none. */
  readonly rung: number
  /** Resolves when it has rung more often than `since`, or at `until`. Rejects when `signal` aborts. */
  wait(since: number, until: number | null, signal: AbortSignal): Promise<void>
}

/** Itself the ear that hears every ring. */
export interface Bell extends Ear {
  /** Without news: everybody has to look. */
  ring(...news: readonly News[]): void
  hears(news: News): Ear
}

export function createBell(clock: Clock): Bell {
  const all = createEar(clock)
  const ears = {
    due: createEar(clock),
    hint: createEar(clock),
    reading: createEar(clock),
    unanswered: createEar(clock),
    channel: createEar(clock),
  }
  return {
    get rung() {
      return all.rung
    },
    wait: all.wait,
    ring(...news) {
      for (const each of news.length === 0 ? Object.values(ears) : news.map((name) => ears[name])) each.ring()
      all.ring()
    },
    hears: (news) => ears[news],
  }
}

/** Why a timer is not needed any more. One for all: to make an error costs more than the waiting. */
const OVER = new Error('it rang')

function createEar(clock: Clock): Ear & { ring(): void } {
  let rung = 0
  let waiting: (() => void)[] = []
  return {
    get rung() {
      return rung
    },
    ring() {
      rung += 1
      const woken = waiting
      waiting = []
      for (const wake of woken) wake()
    },
    async wait(since, until, signal) {
      signal.throwIfAborted()
      if (rung > since) return
      const timer = new AbortController()
      const rings = new Promise<void>((resolve) => waiting.push(resolve))
      const stop = (): void => timer.abort(OVER)
      signal.addEventListener('abort', stop, { once: true })
      try {
        const time =
          until === null
            ? new Promise<void>((_, reject) =>
                timer.signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true }),
              )
            : clock.sleep(Math.max(0, until - clock.now()), timer.signal)
        await Promise.race([rings, time.catch(() => undefined)])
      } finally {
        signal.removeEventListener('abort', stop)
        timer.abort(OVER)
      }
      signal.throwIfAborted()
    },
  }
}
