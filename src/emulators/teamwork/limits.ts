/** Calls in a minute, counted from its first; every answer tells how many are left. */
import type { EmulatorPorts } from '../emulator.ts'

const MINUTE_MS = 60_000

export interface Allowance {
  readonly isSpent: boolean
  readonly headers: Readonly<Record<string, string>>
}

export function createLimit(ports: EmulatorPorts, perMinute: number | null): (key: string) => Allowance {
  const windows = new Map<string, { readonly ends: number; used: number }>()
  return (key) => {
    if (perMinute === null) return { isSpent: false, headers: {} }
    const now = ports.now()
    const known = windows.get(key)
    const window = known === undefined || now >= known.ends ? { ends: now + MINUTE_MS, used: 0 } : known
    windows.set(key, window)
    const isSpent = window.used >= perMinute
    if (!isSpent) window.used += 1
    return {
      isSpent,
      headers: {
        'x-rate-limit-limit': String(perMinute),
        'x-rate-limit-remaining': String(perMinute - window.used),
        'x-rate-limit-reset': String(Math.ceil(window.ends / 1000)),
      },
    }
  }
}
