/** Wakes the engine's workers when there is something to do, without a wake-up being lost. */
import type { Clock } from '../connector/ports.ts'

export interface Bell {
  ring(): void
  /** How often it has rung: read before looking for work, and handed to `wait` when there was none. */
  readonly rung: number
  /** Resolves when it has rung more often than `since`, or at `until`. Rejects when `signal` aborts. */
  wait(since: number, until: number | null, signal: AbortSignal): Promise<void>
}

/** `inner`: rings with this one, and may be rung alone. */
export function createBell(clock: Clock, inner: Bell | null = null): Bell {
  let rung = 0
  let waiting: (() => void)[] = []
  return {
    get rung() {
      return rung
    },
    ring() {
      inner?.ring()
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
      const stop = (): void => timer.abort()
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
        timer.abort()
      }
      signal.throwIfAborted()
    },
  }
}
