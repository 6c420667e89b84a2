/** Limits of calls in a rolling minute, and of what a user may do within some hours. A refused request does not count. */
import { CalendarError } from './errors.ts'
import type { Rules, UsageLimits } from './options.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

interface Count {
  readonly times: number[]
  /** Where the still counting times begin. */
  start: number
}

export interface CallMeter {
  /** Counts one call on the project and on its user, or refuses it. */
  call(project: string, user: string): void
}

export interface UsageMeter {
  spend(user: string, kind: keyof Omit<UsageLimits, 'hours'>, amount: number): void
}

interface Clock {
  now(): number
  random(): number
}

export function createCallMeter(clock: Clock, rules: Rules): CallMeter {
  const counts = new Map<string, Count>()
  return {
    call(project, user) {
      const { quotas } = rules
      if (quotas === null) return
      const ofProject = counting(counts, project, clock.now() - MINUTE_MS)
      const ofUser = counting(counts, `${project}\n${user}`, clock.now() - MINUTE_MS)
      if (counted(ofUser) >= quotas.userPerMinute)
        throw exceeded(clock, rules, 'userRateLimitExceeded', 'User Rate Limit Exceeded')
      if (counted(ofProject) >= quotas.projectPerMinute)
        throw exceeded(clock, rules, 'rateLimitExceeded', 'Rate Limit Exceeded')
      ofProject.times.push(clock.now())
      ofUser.times.push(clock.now())
    },
  }
}

export function createUsageMeter(clock: Clock, limits: UsageLimits | null): UsageMeter {
  const counts = new Map<string, Count>()
  return {
    spend(user, kind, amount) {
      if (limits === null || amount === 0) return
      const count = counting(counts, `${kind}\n${user}`, clock.now() - limits.hours * HOUR_MS)
      if (counted(count) + amount > limits[kind])
        throw new CalendarError({
          code: 403,
          domain: 'usageLimits',
          reason: 'quotaExceeded',
          message: 'Calendar usage limits exceeded.',
        })
      for (let i = 0; i < amount; i += 1) count.times.push(clock.now())
    },
  }
}

function exceeded(clock: Clock, rules: Rules, reason: string, message: string): CalendarError {
  const { quotaStatus } = rules
  const code = quotaStatus === 'either' ? (clock.random() < 0.5 ? 403 : 429) : quotaStatus
  return new CalendarError({ code, domain: 'usageLimits', reason, message })
}

function counting(counts: Map<string, Count>, key: string, since: number): Count {
  const count = counts.get(key) ?? { times: [], start: 0 }
  counts.set(key, count)
  while (count.start < count.times.length && (count.times[count.start] ?? 0) <= since) count.start += 1
  if (count.start >= 1000) count.times.splice(0, count.start)
  if (count.start >= 1000) count.start = 0
  return count
}

function counted({ times, start }: Count): number {
  return times.length - start
}
