/** What goes wrong between the engine and an emulated system, as a seed draws it. */
import type { Fault } from '../../src/emulators/faults.ts'
import type { Chance } from './chance.ts'

export const FAULTS = ['lost-request', 'lost-answer', 'refused', 'broken-after', 'limited'] as const
export type FaultName = (typeof FAULTS)[number]

/** The probability of each, for each request. */
export type Mishaps = Readonly<Partial<Record<FaultName, number>>>

export function drawMishaps(chance: Chance): Mishaps {
  const rate = chance.pick([0, 0.02, 0.06])
  const faults: Partial<Record<FaultName, number>> = {}
  for (const fault of FAULTS) if (rate > 0 && chance.chance(0.6)) faults[fault] = rate
  return faults
}

/** One of them at most strikes a request. */
export function struckBy(strikes: Chance, mishaps: Mishaps): FaultName | null {
  return FAULTS.find((fault) => strikes.chance(mishaps[fault] ?? 0)) ?? null
}

/** In which words a system fails at once, fails after all, and says "too many". */
export interface Bodies {
  readonly refused: string
  readonly broken: string
  readonly limited: string
}

/** On the wire. */
export function asFault(struck: FaultName, bodies: Bodies): Fault {
  switch (struck) {
    case 'lost-request':
      return { kind: 'lose-request' }
    case 'lost-answer':
      return { kind: 'lose-response' }
    case 'refused':
      return { kind: 'answer-before', status: 500, body: bodies.refused }
    case 'broken-after':
      return { kind: 'answer-after', status: 502, body: bodies.broken }
    case 'limited':
      return { kind: 'answer-before', status: 429, headers: { 'retry-after': '3' }, body: bodies.limited }
  }
}
