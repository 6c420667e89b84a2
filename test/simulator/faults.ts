/** What goes wrong in a run: a mix of faults drawn from the seed, and what becomes of each request under it. */
import type { Side } from '../../src/core/flow.ts'
import { between, type Chance } from './chance.ts'

export const REQUEST_FAULTS = [
  'lost-request',
  'lost-response',
  'late-effect',
  'error-before',
  'error-after',
  'limited',
  'unauthorized',
  'truncated',
  'slow',
] as const
export type RequestFault = (typeof REQUEST_FAULTS)[number]

export const HINT_FAULTS = ['lost', 'doubled', 'delayed', 'forged'] as const
export type HintFault = (typeof HINT_FAULTS)[number]

/** A time in which a whole system is out of order. */
export interface Spell {
  readonly side: Side
  readonly what: 'outage' | 'permission-lost' | 'forbidden' | 'empty-listings' | 'cursors-expire'
  readonly from: number
  readonly until: number
  /** Whether it still answers whose credential it is. */
  readonly probe: boolean
}

export interface FaultPlan {
  /** The probability of each kind of fault, for each request. */
  readonly requests: { readonly [fault in RequestFault]?: number }
  readonly hints: { readonly [fault in HintFault]?: number }
  readonly spells: readonly Spell[]
  /** Crashes at these numbers of port calls and commits, counted from the start of each process. */
  readonly crashes: readonly number[]
  readonly skewMs: { readonly [who in Side | 'engine']: number }
}

export const NO_FAULTS: FaultPlan = {
  requests: {},
  hints: {},
  spells: [],
  crashes: [],
  skewMs: { a: 0, b: 0, engine: 0 },
}

/** Half of the runs get a swarm of some faults, a third all of them, the rest one single fault. */
export function drawFaults(chance: Chance, start: number, end: number): FaultPlan {
  const mood = chance.next()
  const on = mood < 0.5 ? () => chance.chance(0.4) : mood < 0.83 ? () => true : () => false
  const single = mood >= 0.83 ? chance.int(REQUEST_FAULTS.length + 3) : -1
  const rate = chance.pick([0.01, 0.03, 0.1])
  const requests: { [fault in RequestFault]?: number } = {}
  REQUEST_FAULTS.forEach((fault, index) => {
    if (on() || index === single) requests[fault] = single >= 0 ? 0.15 : rate * (0.5 + chance.next())
  })
  const hints: { [fault in HintFault]?: number } = {}
  for (const fault of HINT_FAULTS) if (on()) hints[fault] = 0.3
  const crashing = on() || single === REQUEST_FAULTS.length
  const crashes = crashing
    ? Array.from({ length: between(chance, 1, 4) }, () => between(chance, 1, chance.pick([20, 150, 1000])))
    : []
  const spelled = on() || single === REQUEST_FAULTS.length + 1
  const spells = spelled ? Array.from({ length: between(chance, 1, 3) }, () => drawSpell(chance, start, end)) : []
  const skewed = on() || single === REQUEST_FAULTS.length + 2
  const skew = (): number => (skewed ? between(chance, -120_000, 120_000) : 0)
  return { requests, hints, spells, crashes, skewMs: { a: skew(), b: skew(), engine: skew() } }
}

function drawSpell(chance: Chance, start: number, end: number): Spell {
  const from = between(chance, start, end)
  return {
    side: chance.pick(['a', 'b'] as const),
    what: chance.pick(['outage', 'permission-lost', 'forbidden', 'empty-listings', 'cursors-expire'] as const),
    from,
    until: Math.min(end, from + between(chance, 5000, 1_200_000)),
    probe: chance.chance(0.5),
  }
}

/** What a request meets. */
export function strike(plan: FaultPlan, chance: Chance): RequestFault | null {
  for (const fault of REQUEST_FAULTS) {
    const probability = plan.requests[fault]
    if (probability !== undefined && chance.chance(probability)) return fault
  }
  return null
}
