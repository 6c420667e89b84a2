/** Everything that a seed decides before its run begins. */
import type { GoogleCalendarOptions } from '../../../src/emulators/google-calendar/options.ts'
import { between, streamOf } from '../chance.ts'
import { drawMishaps, type Mishaps } from '../mishaps.ts'
import { drawDeeds, type PlannedDeed } from '../shipped.ts'

const MINUTE = 60_000

export const DEEDS = [
  'add',
  'add-days',
  'add-series',
  'retitle',
  'reschedule',
  'recolour',
  'delete',
  /** To the other user, or to the other calendar. */
  'move',
  /** One time of a series gets another title, or goes. */
  'exception',
  'cancel',
  'restore',
  /** The same entry on both sides. */
  'clash',
  'contest',
] as const
export type Deed = (typeof DEEDS)[number]
const ENDS = ['a', 'b'] as const
export type End = (typeof ENDS)[number]

export interface EntriesScenario {
  readonly seed: number
  readonly playMs: number
  readonly deeds: readonly PlannedDeed<Deed, End>[]
  /** The probability of each fault, for each request to Google and each transaction at the database. */
  readonly faults: Mishaps
  /** At which of its port calls and commits each process ends. */
  readonly crashes: readonly number[]
  /** When every sync token dies. */
  readonly expiries: readonly number[]
  /** What Google's documents leave open, or cap. */
  readonly google: Pick<
    GoogleCalendarOptions,
    'pageCap' | 'emptyPages' | 'cancelledKeepContent' | 'deletedSeriesTellExceptions'
  >
  readonly auditMs: number
}

export function drawEntries(seed: number): EntriesScenario {
  const chance = streamOf(seed, 'entries')
  const open = streamOf(seed, 'what no document says')
  const playMs = between(chance, 10, 40) * MINUTE
  const faults = drawMishaps(chance)
  const isCrashing = chance.chance(0.5)
  return {
    seed,
    playMs,
    deeds: drawDeeds(chance, playMs, { first: FIRST, mix: MIX, ends: ENDS }),
    faults,
    crashes: isCrashing ? Array.from({ length: between(chance, 1, 4) }, () => between(chance, 5, 400)) : [],
    expiries: chance.chance(0.3) ? [chance.int(playMs), chance.int(playMs)] : [],
    google: {
      pageCap: chance.pick([null, 2, 5]),
      emptyPages: chance.pick([0, 0.3]),
      cancelledKeepContent: open.chance(0.5),
      deletedSeriesTellExceptions: open.chance(0.5),
    },
    auditMs: chance.pick([10, 60]) * MINUTE,
  }
}

const FIRST: readonly Deed[] = ['add', 'add', 'add-days', 'add-series']
const MIX: readonly Deed[] = [...DEEDS, 'add', 'retitle', 'retitle', 'reschedule', 'exception', 'exception', 'move']
