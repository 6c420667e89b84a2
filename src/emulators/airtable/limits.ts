/** Calls in any second, for a base and for a user; past them nothing is answered until the penalty is over. */
import type { EmulatorPorts } from '../emulator.ts'
import { Refused } from './answers.ts'
import type { Rules } from './options.ts'

const WORDS = 'Rate limit exceeded. Please try again later'

export interface Limits {
  /** Throws 429. `base` null: a call of no base. */
  spend(base: string | null, user: string, weight: number): void
}

export function createLimits(ports: EmulatorPorts, rules: Rules): Limits {
  const calls = new Map<string, readonly number[]>()
  const shut = new Map<string, number>()
  const penalty = rules.penaltySeconds * 1000
  const check = (key: string, most: number | null, weight: number): void => {
    if (most === null) return
    const now = ports.now()
    const isShut = now < (shut.get(key) ?? 0)
    if (isShut) {
      if (rules.penaltyExtends) shut.set(key, now + penalty)
      throw slowDown(rules)
    }
    const recent = (calls.get(key) ?? []).filter((at) => at > now - 1000)
    if (recent.length + weight > most) {
      shut.set(key, now + penalty)
      throw slowDown(rules)
    }
    calls.set(key, [...recent, ...Array.from({ length: weight }, () => now)])
  }
  return {
    spend(base, user, weight) {
      check(`user ${user}`, rules.callsPerUserSecond, weight)
      if (base !== null) check(`base ${base}`, rules.callsPerBaseSecond, weight)
    },
  }
}

function slowDown({ rateLimitBody }: Rules): Refused {
  const type = 'RATE_LIMIT_REACHED'
  return rateLimitBody === 'error'
    ? new Refused(429, type, WORDS)
    : new Refused(429, type, WORDS, { errors: [{ error: type, message: WORDS }] })
}
