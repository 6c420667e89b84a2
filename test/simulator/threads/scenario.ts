/** Everything that a seed decides before its run begins. */
import type { GoogleChatOptions } from '../../../src/emulators/google-chat/options.ts'
import type { DiscourseOptions } from '../../../src/emulators/discourse/options.ts'
import { between, streamOf, type Chance } from '../chance.ts'
import { drawMishaps, type Mishaps } from '../mishaps.ts'

const MINUTE = 60_000

export const DEEDS = [
  'thread',
  'answer',
  'edit',
  /** A topic gets another title, which is the forum's own. */
  'retitle',
  'delete',
  /** A moderator deletes somebody's, a copy too. */
  'moderate',
  'delete-thread',
  /** A moderator of the forum takes a delete back. */
  'recover',
] as const
export type Deed = (typeof DEEDS)[number]
export type End = 'chat' | 'forum'

export interface PlannedDeed {
  /** Names the stream of chance from which it draws. */
  readonly n: number
  /** In milliseconds after the first sync; null: before it. */
  readonly at: number | null
  readonly end: End
  readonly deed: Deed
}

export interface ThreadsScenario {
  readonly seed: number
  readonly playMs: number
  readonly deeds: readonly PlannedDeed[]
  /** The probability of each fault, for each request. */
  readonly faults: Mishaps
  /** At which of its requests, answers and commits each process ends. */
  readonly crashes: readonly number[]
  readonly webhooks: boolean
  readonly pollMs: number
  readonly auditMs: number
  /** What the documents of both leave open, or cap. */
  readonly chat: Pick<
    GoogleChatOptions,
    'pageCap' | 'repeatsFullyPopulated' | 'deletedMessagesReadable' | 'batchWindowMs'
  >
  readonly discourse: Pick<DiscourseOptions, 'webhookLoss' | 'webhookDuplication' | 'webhookDelay' | 'webhookDisorder'>
}

export function drawThreads(seed: number): ThreadsScenario {
  const chance = streamOf(seed, 'threads')
  const playMs = between(chance, 5, 30) * MINUTE
  const faults = drawMishaps(chance)
  return {
    seed,
    playMs,
    deeds: drawDeeds(chance, playMs),
    faults,
    crashes: chance.chance(0.5) ? Array.from({ length: between(chance, 1, 4) }, () => between(chance, 5, 300)) : [],
    webhooks: chance.chance(0.7),
    pollMs: chance.pick([MINUTE / 2, MINUTE, 3 * MINUTE]),
    auditMs: chance.pick([10, 60]) * MINUTE,
    chat: {
      pageCap: chance.pick([null, 2, 5]),
      repeatsFullyPopulated: chance.chance(0.5),
      deletedMessagesReadable: chance.chance(0.5),
      batchWindowMs: chance.pick([0, 2000]),
    },
    discourse: {
      webhookLoss: chance.pick([0, 0.3]),
      webhookDuplication: chance.pick([0, 0.3]),
      webhookDelay: chance.pick([
        [200, 2000],
        [200, 60_000],
      ] as const),
      webhookDisorder: chance.chance(0.5),
    },
  }
}

/** Deeds come in bursts, so that people meet, and meet the engine. */
function drawDeeds(chance: Chance, playMs: number): PlannedDeed[] {
  const deeds: PlannedDeed[] = []
  const add = (deed: Deed, at: number | null): void => {
    deeds.push({ n: deeds.length, at, end: chance.pick(['chat', 'forum']), deed })
  }
  for (const deed of ['thread', 'thread', 'answer', 'thread', 'answer', 'answer'] as const) add(deed, null)
  for (let left = between(chance, 5, 30); left > 0;) {
    const start = chance.int(playMs)
    for (let burst = Math.min(left, between(chance, 1, 4)); burst > 0; burst -= 1, left -= 1)
      add(chance.pick(MIX), start + chance.int(chance.pick([10, 3000, 60_000])))
  }
  return deeds
}

const MIX: readonly Deed[] = [...DEEDS, 'thread', 'answer', 'answer', 'answer', 'edit', 'edit']
