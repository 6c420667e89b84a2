/** What a made-up system can do: drawn from the seed, in the forms that real systems have. */
import { z } from 'zod'
import { between, type Chance } from './chance.ts'

/** The systems: all flows join `a` with another one, so that its rooms are the shared ones. */
export const PLACES = ['a', 'b', 'c', 'd'] as const
export type Place = (typeof PLACES)[number]

export const Shape = z.object({
  side: z.enum(PLACES),
  /** implicit: a thread has no API and begins with its first post. headed: one call makes a thread and its first post. */
  threads: z.enum(['implicit', 'headed']),
  versions: z.enum(['none', 'ordered']),
  /** Writes compare with what the caller saw, by version or by text. */
  guarded: z.boolean(),
  /** How a create is known again: not at all, by asking, by repeating it, or both ways. */
  keys: z.enum(['none', 'find', 'repeat', 'both']),
  /** A read answers what was there at some moment within this long. */
  lagMs: z.number(),
  /** Whose posts the engine's account may edit, and whether it may delete those of others. */
  edits: z.enum(['own', 'all']),
  deletesOthers: z.boolean(),
  /** Threads may go to another room. */
  moves: z.boolean(),
  /** Posts may be emptied instead of deleted. */
  empties: z.boolean(),
  /** Updates answer what was stored, or only that it was; a system that answers ids tells of creates no more than that. */
  answers: z.enum(['whole', 'ref', 'id']),
  hints: z.boolean(),
  feeds: z.enum(['one', 'two']),
  listsDeleted: z.boolean(),
  pageSize: z.number(),
  settleS: z.number(),
  /** Edit times of users are told. */
  editTimes: z.boolean(),
  /** After so many minutes a post vanishes, and nothing tells of it; null: none does. */
  retentionMin: z.number().nullable().default(null),
  /** How many writes one call takes, and what becomes of the others where one is refused; null: a call is one write. */
  batch: z
    .object({ most: z.number(), refused: z.enum(['alone', 'with all']) })
    .nullable()
    .default(null),
  /** It has series and exceptions of them too. */
  series: z.boolean().default(false),
  /** Posts carry files: what is told of them, and the largest that is taken; null: they do not. */
  files: z
    .object({ tells: z.enum(['size', 'digest']), mostBytes: z.number().nullable() })
    .nullable()
    .default(null),
  /** Posts name people, one or several, whom a directory tells of; null: they do not. */
  people: z.object({ many: z.boolean() }).nullable().default(null),
  /** Refs are numbers, or text in which numbers do not sort. */
  refs: z.enum(['number', 'text']),
})
export type Shape = z.infer<typeof Shape>
export type Shapes = { readonly [place in Place]: Shape }

export function drawShape(side: Place, chance: Chance, forms: Chance, batches: Chance): Shape {
  const threads = chance.pick(['implicit', 'headed'] as const)
  const shape = drawMixed(side, threads, chance)
  const extreme = between(chance, 1, 10)
  if (extreme === 1) return { ...shape, ...EVERYTHING, moves: threads === 'headed' }
  const drawn = extreme === 2 ? { ...shape, ...NOTHING, empties: threads === 'headed' } : shape
  const answers = drawn.answers === 'ref' && forms.chance(0.5) ? 'id' : drawn.answers
  const retentionMin = threads === 'implicit' && forms.chance(0.2) ? forms.pick([8, 15]) : null
  return { ...drawn, answers, retentionMin, batch: drawBatch(batches) }
}

function drawBatch(chance: Chance): Shape['batch'] {
  if (chance.chance(0.6)) return null
  return { most: chance.pick([2, 3, 10]), refused: chance.pick(['alone', 'with all'] as const) }
}

/** A system with every convenience, and one with none. */
export const EVERYTHING = {
  versions: 'ordered',
  guarded: true,
  keys: 'both',
  lagMs: 0,
  edits: 'all',
  deletesOthers: true,
  empties: true,
  answers: 'whole',
  hints: true,
  listsDeleted: true,
  editTimes: true,
} as const
export const NOTHING = {
  versions: 'none',
  guarded: false,
  keys: 'none',
  moves: false,
  answers: 'ref',
  hints: false,
  listsDeleted: false,
  editTimes: false,
} as const

function drawMixed(side: Place, threads: Shape['threads'], chance: Chance): Shape {
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
    retentionMin: null,
    batch: null,
    series: false,
    files: null,
    people: null,
    refs: chance.pick(['number', 'text'] as const),
  }
}

/** For a failing seed, in one line. */
export function tellShape(shape: Shape): string {
  const { side, ...rest } = shape
  return `${side}: ${Object.entries(rest)
    .map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(' ')}`
}
