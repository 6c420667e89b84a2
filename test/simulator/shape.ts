/** What a made-up system can do: drawn from the seed, in the forms that real systems have. */
import type { Side } from '../../src/core/flow.ts'
import type { Chance } from './chance.ts'

export interface Shape {
  readonly side: Side
  /** implicit: a thread has no API and begins with its first post. headed: one call makes a thread and its first post. */
  readonly threads: 'implicit' | 'headed'
  readonly versions: 'none' | 'ordered'
  /** Writes compare with what the caller saw, by version or by text. */
  readonly guarded: boolean
  /** How a create is known again: not at all, by asking, by repeating it, or both ways. */
  readonly keys: 'none' | 'find' | 'repeat' | 'both'
  /** A read answers what was there at some moment within this long. */
  readonly lagMs: number
  /** Whose posts the engine's account may edit, and whether it may delete those of others. */
  readonly edits: 'own' | 'all'
  readonly deletesOthers: boolean
  /** Threads may go to another room. */
  readonly moves: boolean
  /** Posts may be emptied instead of deleted. */
  readonly empties: boolean
  /** Updates answer what was stored, or only that it was. */
  readonly answers: 'whole' | 'ref'
  readonly hints: boolean
  readonly feeds: 'one' | 'two'
  readonly listsDeleted: boolean
  readonly pageSize: number
  readonly settleS: number
  /** Edit times of users are told. */
  readonly editTimes: boolean
  /** Refs are numbers, or text in which numbers do not sort. */
  readonly refs: 'number' | 'text'
}

export function drawShape(side: Side, chance: Chance): Shape {
  const threads = chance.pick(['implicit', 'headed'] as const)
  const edits = chance.pick(['own', 'all', 'all'] as const)
  return {
    side,
    threads,
    versions: chance.pick(['none', 'ordered'] as const),
    guarded: chance.chance(0.4),
    keys: chance.pick(['none', 'find', 'repeat', 'both'] as const),
    lagMs: chance.chance(0.5) ? chance.pick([1000, 5000, 20_000]) : 0,
    edits,
    deletesOthers: edits === 'all' || chance.chance(0.7),
    moves: threads === 'headed' && chance.chance(0.5),
    empties: threads === 'headed' || chance.chance(0.5),
    answers: chance.pick(['whole', 'whole', 'ref'] as const),
    hints: chance.chance(0.6),
    feeds: chance.pick(['one', 'two'] as const),
    listsDeleted: chance.chance(0.4),
    pageSize: chance.pick([2, 5, 20]),
    settleS: chance.pick([30, 60, 90]),
    editTimes: chance.chance(0.7),
    refs: chance.pick(['number', 'text'] as const),
  }
}

/** For a failing seed, in one line. */
export function tellShape(shape: Shape): string {
  const { side, ...rest } = shape
  return `${side}: ${Object.entries(rest)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ')}`
}
