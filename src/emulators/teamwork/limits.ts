/**
 * Calls in a minute, counted from its first; every answer tells how many are left. A key that pages through everything too
 * often is allowed fewer.
 */
import type { EmulatorPorts } from '../emulator.ts'
import type { Rules } from './options.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

export interface Allowance {
  readonly isSpent: boolean
  readonly headers: Readonly<Record<string, string>>
}

export interface Limit {
  spend(key: string): Allowance
  /** A list of all tasks was begun, without asking for what has changed. */
  listedAll(key: string): void
}

export function createLimit(ports: EmulatorPorts, { callsPerMinute, fullLists }: Rules): Limit {
  const windows = new Map<string, { readonly ends: number; used: number }>()
  const lists = new Map<string, readonly number[]>()
  const recentLists = (key: string): readonly number[] =>
    (lists.get(key) ?? []).filter((at) => at > ports.now() - HOUR_MS)
  const limitOf = (key: string, perMinute: number): number =>
    fullLists !== null && recentLists(key).length > fullLists.perHour ? fullLists.thenCallsPerMinute : perMinute
  return {
    spend(key) {
      if (callsPerMinute === null) return { isSpent: false, headers: {} }
      const now = ports.now()
      const known = windows.get(key)
      const window = known === undefined || now >= known.ends ? { ends: now + MINUTE_MS, used: 0 } : known
      windows.set(key, window)
      const limit = limitOf(key, callsPerMinute)
      const isSpent = window.used >= limit
      if (!isSpent) window.used += 1
      return {
        isSpent,
        headers: {
          'x-rate-limit-limit': String(limit),
          'x-rate-limit-remaining': String(Math.max(limit - window.used, 0)),
          'x-rate-limit-reset': String(Math.ceil(window.ends / 1000)),
        },
      }
    },
    listedAll: (key) => void lists.set(key, [...recentLists(key), ports.now()]),
  }
}
