/** Google's per-minute quotas, counted over a rolling minute. A refused request does not count. */
import { ChatError, errorInfo } from './errors.ts'
import type { Quotas } from './options.ts'

export type Charge = keyof Quotas

const MINUTE = 60_000

interface Count {
  readonly times: number[]
  /** Where the still counting times begin. */
  start: number
}

export interface Meter {
  /** Counts one request on each of the charges, or refuses it whole. */
  spend(now: number, charges: readonly { readonly charge: Charge; readonly owner: string }[]): void
}

export function createMeter(quotas: Quotas | null): Meter {
  const counts = new Map<string, Count>()
  return {
    spend(now, charges) {
      if (quotas === null) return
      const due: Count[] = []
      for (const { charge, owner } of charges) {
        const key = `${charge}\n${owner}`
        const count = counts.get(key) ?? { times: [], start: 0 }
        counts.set(key, count)
        trim(count, now)
        if (count.times.length - count.start >= quotas[charge]) throw exhausted(charge, owner, count, now)
        due.push(count)
      }
      for (const count of due) count.times.push(now)
    },
  }
}

function trim(count: Count, now: number): void {
  while (count.start < count.times.length && (count.times[count.start] ?? 0) <= now - MINUTE) count.start += 1
  if (count.start < 1000) return
  count.times.splice(0, count.start)
  count.start = 0
}

function exhausted(charge: Charge, owner: string, count: Count, now: number): ChatError {
  const oldest = count.times[count.start] ?? now
  const seconds = Math.max(1, Math.ceil((oldest + MINUTE - now) / 1000))
  return new ChatError('RESOURCE_EXHAUSTED', `Quota exceeded for quota metric '${charge}' and limit 'per minute'.`, {
    headers: { 'retry-after': String(seconds) },
    details: [errorInfo('RATE_LIMIT_EXCEEDED', { quota_metric: `chat.googleapis.com/${charge}`, consumer: owner })],
  })
}
