/** Everything that a seed decides before its run begins. */
import type { AirtableOptions } from '../../../src/emulators/airtable/options.ts'
import type { MissiveOptions } from '../../../src/emulators/missive/options.ts'
import type { TeamworkOptions } from '../../../src/emulators/teamwork/options.ts'
import { between, streamOf } from '../chance.ts'
import { drawMishaps, type Mishaps } from '../mishaps.ts'
import { drawDeeds, type PlannedDeed } from '../shipped.ts'

const MINUTE = 60_000

export const DEEDS = [
  /** A task is made, a mail comes in. */
  'add',
  /** A task is changed, a mail answered. */
  'edit',
  /** Done, or open again. */
  'close',
  'comment',
  'change-comment',
  'delete-comment',
  /** To another list, perhaps of another project; to another team. */
  'move',
  'delete',
  'restore',
  /** Time is logged, changed, deleted and brought back; conversations get labels and people. */
  'time',
  /** A list or a project is made, renamed or deleted; a label renamed. */
  'list',
  /** A task is put under another one, or on its own; two conversations become one. */
  'join',
  /** Much at once: all tasks, or all conversations. */
  'sweep',
] as const
export type Deed = (typeof DEEDS)[number]
const ENDS = ['teamwork', 'teamwork', 'missive', 'missive', 'tables'] as const
export type End = (typeof ENDS)[number]

export interface TablesScenario {
  readonly seed: number
  readonly playMs: number
  readonly deeds: readonly PlannedDeed<Deed, End>[]
  readonly faults: Mishaps
  readonly crashes: readonly number[]
  /** Of each request. */
  readonly slow: number
  /** Each row of the database tells all that the API told of it. */
  readonly raw: boolean
  readonly workInto: 'warehouse' | 'base'
  readonly mailInto: 'warehouse' | 'base'
  /** What becomes of what people change in the tables. */
  readonly astray: 'leave' | 'restore'
  /** How changes in the base are found. */
  readonly changes: 'webhooks' | 'poll'
  /** When every list of Airtable's that is under way has to begin anew. */
  readonly drops: readonly number[]
  readonly webhooks: boolean
  /** Somebody makes rules in Missive that send what its own API makes none for. */
  readonly rules: boolean
  readonly pollMs: number
  readonly auditMs: number
  /** What the documents leave open, or cap, and what becomes of webhooks. */
  readonly teamwork: Pick<
    TeamworkOptions,
    'mostPageSize' | 'afterIsExclusive' | 'deletionUpdates' | 'webhookDelay' | 'webhookLoss' | 'webhookDuplication'
  >
  readonly missive: Pick<
    MissiveOptions,
    | 'untilIsInclusive'
    | 'pagesExtend'
    | 'statesMoveActivity'
    | 'mailboxesHoldTrash'
    | 'trashIsShared'
    | 'hooksAreValidated'
    | 'hookDelay'
    | 'hookLoss'
    | 'hookDuplication'
  >
  readonly airtable: Pick<
    AirtableOptions,
    | 'penaltyExtends'
    | 'upsertWeight'
    | 'rateLimitBody'
    | 'listsAreSnapshots'
    | 'missingRecordStatus'
    | 'pingDelay'
    | 'pingLoss'
    | 'pingDuplication'
  >
}

export function drawTables(seed: number): TablesScenario {
  const chance = streamOf(seed, 'tables')
  const playMs = between(chance, 5, 30) * MINUTE
  const faults = drawMishaps(chance)
  return {
    seed,
    playMs,
    deeds: drawDeeds(chance, playMs, { first: FIRST, mix: MIX, ends: ENDS }),
    faults,
    crashes: chance.chance(0.5) ? Array.from({ length: between(chance, 1, 4) }, () => between(chance, 5, 400)) : [],
    slow: chance.pick([0, 0, 0.02]),
    raw: chance.chance(0.2),
    workInto: chance.pick(['warehouse', 'warehouse', 'base']),
    mailInto: chance.pick(['warehouse', 'base', 'base']),
    astray: chance.pick(['leave', 'restore']),
    changes: chance.pick(['webhooks', 'webhooks', 'poll']),
    drops: chance.chance(0.3) ? [chance.int(playMs), chance.int(playMs)] : [],
    webhooks: chance.chance(0.7),
    rules: chance.chance(0.5),
    pollMs: chance.pick([MINUTE / 2, MINUTE, 3 * MINUTE]),
    auditMs: chance.pick([20, 60]) * MINUTE,
    teamwork: {
      mostPageSize: chance.pick([500, 2]),
      afterIsExclusive: chance.chance(0.5),
      deletionUpdates: chance.chance(0.5),
      webhookDelay: chance.pick([
        [200, 2000],
        [200, 60_000],
      ] as const),
      webhookLoss: chance.pick([0, 0.3]),
      webhookDuplication: chance.pick([0, 0.3]),
    },
    missive: {
      untilIsInclusive: chance.chance(0.5),
      pagesExtend: chance.chance(0.5),
      statesMoveActivity: chance.chance(0.5),
      mailboxesHoldTrash: chance.chance(0.5),
      trashIsShared: chance.chance(0.5),
      hooksAreValidated: chance.chance(0.5),
      hookDelay: chance.pick([
        [200, 2000],
        [200, 60_000],
      ] as const),
      hookLoss: chance.pick([0, 0.3]),
      hookDuplication: chance.pick([0, 0.3]),
    },
    airtable: {
      penaltyExtends: chance.chance(0.5),
      upsertWeight: chance.pick([1, 2]),
      rateLimitBody: chance.pick(['error', 'errors']),
      listsAreSnapshots: chance.chance(0.5),
      missingRecordStatus: chance.pick([404, 403]),
      pingDelay: chance.pick([
        [200, 2000],
        [200, 60_000],
      ] as const),
      pingLoss: chance.pick([0, 0.3]),
      pingDuplication: chance.pick([0, 0.3]),
    },
  }
}

const FIRST: readonly Deed[] = ['add', 'add', 'add', 'add', 'comment', 'comment', 'time']
const MIX: readonly Deed[] = [...DEEDS, 'add', 'edit', 'edit', 'comment']
