/** What the judge of the tables is told, and what it answers. */
import { z } from 'zod'

/** Of a user who reads everything and is not the one that Lockstep acts as. */
export const JUDGE = { teamwork: 'key-of-the-judge', missive: 'token-of-the-judge' } as const

export const question = z.object({
  database: z.object({ url: z.string(), schema: z.string() }),
  teamwork: z.url(),
  missive: z.url(),
})
export type Question = z.infer<typeof question>

const problem = z.object({ item: z.string(), why: z.string() })

export const verdict = z.object({
  ok: z.boolean(),
  /** Items that stand in their table once, and say there what their system says. */
  items: z.int(),
  /** In a system, and in no table. */
  lost: z.array(problem),
  /** More than one row. */
  duplicates: z.array(problem),
  /** Otherwise than in the system, or there no more and not marked. */
  stale: z.array(problem),
  /** Rows that are marked as deleted. */
  deleted: z.int(),
})
export type Verdict = z.infer<typeof verdict>
