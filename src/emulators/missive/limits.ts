/** Calls in a minute and in a quarter of an hour, counted from the first, and calls under way at once; for each token. */
import type { EmulatorPorts } from '../emulator.ts'
import { Refused } from './answers.ts'
import type { Rules } from './options.ts'

const MINUTE_MS = 60_000

export interface Limits {
  /** Throws 429 where the token has no call left. `underWay` counts the call itself. */
  spend(token: string, underWay: number): void
}

export function createLimits(ports: EmulatorPorts, rules: Rules): Limits {
  const windows = [
    { most: rules.callsPerMinute, ms: MINUTE_MS, used: new Map<string, { readonly ends: number; calls: number }>() },
    {
      most: rules.callsPer15Minutes,
      ms: 15 * MINUTE_MS,
      used: new Map<string, { readonly ends: number; calls: number }>(),
    },
  ]
  return {
    spend(token, underWay) {
      const now = ports.now()
      const { concurrentCalls } = rules
      if (concurrentCalls !== null && underWay > concurrentCalls) throw slowDown(now, now + 1000, concurrentCalls)
      for (const { most, used } of windows) {
        const window = used.get(token)
        if (most !== null && window !== undefined && now < window.ends && window.calls >= most)
          throw slowDown(now, window.ends, most)
      }
      for (const { ms, used } of windows) {
        const window = used.get(token)
        if (window === undefined || now >= window.ends) used.set(token, { ends: now + ms, calls: 1 })
        else window.calls += 1
      }
    },
  }
}

function slowDown(now: number, ends: number, limit: number): Refused {
  return new Refused(429, 'Too many requests', {
    'retry-after': String(Math.ceil((ends - now) / 1000)),
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': String(Math.ceil(ends / 1000)),
  })
}
