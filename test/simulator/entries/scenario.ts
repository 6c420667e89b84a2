/** Everything that a seed decides before its run begins. */
import type { GoogleCalendarOptions } from '../../../src/emulators/google-calendar/options.ts'
import { between, streamOf, type Chance } from '../chance.ts'
import { drawMishaps, type Mishaps } from '../mishaps.ts'

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
export type End = 'a' | 'b'

export interface PlannedDeed {
  /** Names the stream of chance from which it draws. */
  readonly n: number
  /** In milliseconds after the first sync; null: before it. */
  readonly at: number | null
  readonly end: End
  readonly deed: Deed
}

export interface EntriesScenario {
  readonly seed: number
  readonly playMs: number
  readonly deeds: readonly PlannedDeed[]
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
    deeds: drawDeeds(chance, playMs),
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

/** Deeds come in bursts, so that people meet, and meet the engine. */
function drawDeeds(chance: Chance, playMs: number): PlannedDeed[] {
  const deeds: PlannedDeed[] = []
  const add = (deed: Deed, at: number | null): void => {
    deeds.push({ n: deeds.length, at, end: chance.pick(['a', 'b']), deed })
  }
  for (const deed of ['add', 'add', 'add-days', 'add-series'] as const) add(deed, null)
  for (let left = between(chance, 5, 30); left > 0;) {
    const start = chance.int(playMs)
    for (let burst = Math.min(left, between(chance, 1, 4)); burst > 0; burst -= 1, left -= 1)
      add(chance.pick(MIX), start + chance.int(chance.pick([10, 3000, 60_000])))
  }
  return deeds
}

const MIX: readonly Deed[] = [...DEEDS, 'add', 'retitle', 'retitle', 'reschedule', 'exception', 'exception', 'move']
