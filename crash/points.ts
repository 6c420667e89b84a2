/** Where the process is killed: in the store, on the wire, or at any moment. */
import { z } from 'zod'

/** before: the transaction has not begun; within: it is written and not committed; after: committed, and nobody was told. */
const inStore = z.object({
  at: z.literal('store'),
  verb: z.string(),
  when: z.enum(['before', 'within', 'after']),
  /** At the n-th such transaction of the process. */
  nth: z.int().min(1),
})
/** unheard: the request never arrives; late: it is carried out after the death; unanswered: carried out, the answer is lost. */
const onWire = z.object({
  at: z.literal('wire'),
  system: z.enum(['chat', 'forum']),
  call: z.enum(['read', 'write']),
  when: z.enum(['unheard', 'late', 'unanswered']),
  nth: z.int().min(1),
})
const anywhere = z.object({ at: z.literal('any'), afterMs: z.int() })

export type StorePoint = z.infer<typeof inStore>
export type WirePoint = z.infer<typeof onWire>
export const point = z.discriminatedUnion('at', [inStore, onWire, anywhere])
export type Point = z.infer<typeof point>

/** Answers a number in [0, 1). */
export type Chance = () => number

/** Verbs whose transactions carry the engine's promises, in the order in which a first sync meets them. */
const VERBS = [
  'start',
  'setConnection',
  'observe',
  'beginListing',
  'adopt',
  'goLive',
  'approve',
  'take',
  'settle',
  'begin',
  'finish',
  'receive',
  'claimHints',
] as const

const STORE_POINTS = VERBS.flatMap((verb) =>
  (['before', 'within', 'after'] as const).map((when) => ({ at: 'store' as const, verb, when })),
)
const WIRE_POINTS = (['chat', 'forum'] as const).flatMap((system) =>
  (['write', 'read'] as const).flatMap((call) =>
    (['unheard', 'late', 'unanswered'] as const).map((when) => ({ at: 'wire' as const, system, call, when })),
  ),
)
/** Only a first contact has them. */
const EARLY = new Set(['start', 'setConnection', 'beginListing', 'adopt', 'goLive', 'approve'])
/** The longest that a process which is killed at any moment lives. */
const LONGEST_MS = 3000
/** At which of them at most: as many as a process meets within a few seconds, and of writes there are fewer. */
const MOST = { writes: 5, others: 12 } as const

/** So many points: first those of a first contact, then the others in turns, every fifth at any moment. */
export function pointsFor(kills: number, chance: Chance): Point[] {
  const nth = (each: (typeof turns)[number]): number =>
    1 + Math.floor(chance() * (each.at === 'wire' && each.call === 'write' ? MOST.writes : MOST.others))
  const isEarly = ({ verb }: { verb: string }): boolean => EARLY.has(verb)
  const early = STORE_POINTS.filter(isEarly).map((each) => ({ ...each, nth: 1 }))
  const turns = shuffled([...WIRE_POINTS, ...WIRE_POINTS, ...STORE_POINTS.filter((each) => !isEarly(each))], chance)
  // What ends a first contact comes last: after it the others do not come any more.
  const points: Point[] = shuffled(early, chance)
    .slice(0, Math.ceil(kills / 8))
    .toSorted((one, other) => VERBS.indexOf(one.verb) - VERBS.indexOf(other.verb))
  for (let turn = 0; points.length < kills;) {
    const next = points.length % 5 === 4 ? undefined : turns[turn % turns.length]
    if (next === undefined) points.push({ at: 'any', afterMs: Math.floor(chance() * LONGEST_MS) })
    else {
      points.push({ ...next, nth: nth(next) })
      turn += 1
    }
  }
  return points
}

function shuffled<T>(all: readonly T[], chance: Chance): T[] {
  return all
    .map((each) => ({ each, place: chance() }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ each }) => each)
}

export function wordsOf(each: Point): string {
  if (each.at === 'any') return 'at any moment'
  return each.at === 'store' ? `${each.when} ${each.verb}` : `${each.system} ${each.call} ${each.when}`
}

/** The same numbers for the same seed (mulberry32). */
export function chanceOf(seed: number): Chance {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
