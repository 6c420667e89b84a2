/** Everything that a seed decides before its run begins. */
import type { GoogleChatOptions } from '../../../src/emulators/google-chat/options.ts'
import type { DiscourseOptions } from '../../../src/emulators/discourse/options.ts'
import { between, streamOf } from '../chance.ts'
import { drawMishaps, type Mishaps } from '../mishaps.ts'
import { drawDeeds, type PlannedDeed } from '../shipped.ts'

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
const ENDS = ['chat', 'forum'] as const
export type End = (typeof ENDS)[number]

export interface ThreadsScenario {
  readonly seed: number
  readonly playMs: number
  readonly deeds: readonly PlannedDeed<Deed, End>[]
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
    deeds: drawDeeds(chance, playMs, { first: FIRST, mix: MIX, ends: ENDS }),
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

const FIRST: readonly Deed[] = ['thread', 'thread', 'answer', 'thread', 'answer', 'answer']
const MIX: readonly Deed[] = [...DEEDS, 'thread', 'answer', 'answer', 'answer', 'edit', 'edit']
