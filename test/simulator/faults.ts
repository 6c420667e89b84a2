/** What goes wrong in a run: a mix of faults drawn from the seed, and what becomes of each request under it. */
import { z } from 'zod'
import { between, type Chance } from './chance.ts'
import { PLACES } from './shape.ts'

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

/** A time in which a whole system is out of order; in milliseconds after the first sync. */
export const Spell = z.object({
  side: z.enum(PLACES),
  what: z.enum(['outage', 'permission-lost', 'forbidden', 'empty-listings', 'cursors-expire']),
  from: z.number(),
  until: z.number(),
  /** Whether it still answers whose credential it is. */
  probe: z.boolean(),
})
export type Spell = z.infer<typeof Spell>

export const FaultPlan = z.object({
  /** The probability of each kind of fault, for each request. */
  requests: z.partialRecord(z.enum(REQUEST_FAULTS), z.number()),
  /** The faults that strike, by the number of the request, instead of by chance: how a shrunken run tells them. */
  struck: z.array(z.tuple([z.number(), z.enum(REQUEST_FAULTS)])).nullable(),
  hints: z.partialRecord(z.enum(HINT_FAULTS), z.number()),
  /** The probability that somebody acts on what a write is about while that is under way. */
  meets: z.number().default(0),
  /** The probability that a write is refused for now; as often somebody acts on what it is about until its next turn. */
  crowds: z.number().default(0),
  spells: z.array(Spell),
  /** Crashes at these numbers of port calls and commits, counted from the start of each process. */
  crashes: z.array(z.number()),
  skewMs: z.object({
    a: z.number(),
    b: z.number(),
    c: z.number().default(0),
    d: z.number().default(0),
    engine: z.number(),
  }),
})
export type FaultPlan = z.infer<typeof FaultPlan>

export const NO_FAULTS: FaultPlan = {
  requests: {},
  struck: null,
  hints: {},
  meets: 0,
  crowds: 0,
  spells: [],
  crashes: [],
  skewMs: { a: 0, b: 0, c: 0, d: 0, engine: 0 },
}

/** Half of the runs get a swarm of some faults, a third all of them, the rest one single fault. */
export function drawFaults(chance: Chance, meetings: Chance, playMs: number): FaultPlan {
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
    ? Array.from({ length: between(chance, 1, 4) }, () => between(chance, 1, chance.pick([10, 60, 300])))
    : []
  const spelled = on() || single === REQUEST_FAULTS.length + 1
  const spells = spelled ? Array.from({ length: between(chance, 1, 3) }, () => drawSpells(chance, playMs)).flat() : []
  const skewed = on() || single === REQUEST_FAULTS.length + 2
  const skew = (): number => (skewed ? between(chance, -120_000, 120_000) : 0)
  const meets = meetings.pick([0, 0, 0.05, 0.2])
  const crowds = meetings.pick([0, 0, 0, 0.3])
  return {
    requests,
    struck: null,
    hints,
    meets,
    crowds,
    spells,
    crashes,
    skewMs: { a: skew(), b: skew(), c: 0, d: 0, engine: skew() },
  }
}

const SPELLS = ['outage', 'permission-lost', 'forbidden', 'empty-listings', 'cursors-expire'] as const

/** Troubles come together: a cursor grows too old during an outage, and every scope is listed by an index that is empty. */
function drawSpells(chance: Chance, playMs: number): Spell[] {
  const from = between(chance, 0, playMs)
  const side = chance.pick(['a', 'b'] as const)
  const what = chance.pick(SPELLS)
  const until = Math.min(playMs, from + between(chance, 5000, 1_200_000))
  const spell: Spell = { side, what, from, until, probe: chance.chance(0.5) }
  if (!chance.chance(0.5)) return [spell]
  const expiry: Spell = { side, what: 'cursors-expire', from: from + 1000, until: from + 1000, probe: true }
  if (what === 'empty-listings') return [spell, expiry]
  return what === 'outage' ? [spell, { ...expiry, from: until, until }] : [spell]
}

/** Says what each request meets, and notes it. */
export class Strikes {
  readonly struck: [number, RequestFault][] = []
  private requests = 0
  private readonly plan: FaultPlan
  private readonly chance: Chance

  constructor(plan: FaultPlan, chance: Chance) {
    this.plan = plan
    this.chance = chance
  }

  next(isWrite: boolean): RequestFault | null {
    this.requests += 1
    const fault = this.drawn(isWrite)
    if (fault !== null) this.struck.push([this.requests, fault])
    return fault
  }

  private drawn(isWrite: boolean): RequestFault | null {
    const { struck, requests, crowds } = this.plan
    if (struck !== null) return struck.find(([which]) => which === this.requests)?.[1] ?? null
    if (isWrite && crowds > 0 && this.chance.chance(crowds)) return 'limited'
    for (const fault of REQUEST_FAULTS) {
      const probability = requests[fault]
      if (probability !== undefined && this.chance.chance(probability)) return fault
    }
    return null
  }
}
