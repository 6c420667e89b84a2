/** What the judge of the table and the calendars is told, and what it answers. */
import { z } from 'zod'

/** The judge's own sign-in. It may only read. */
export const JUDGE = { id: 'judge', secret: 'judge-client-secret', token: 'judge-refresh-token' } as const

export const question = z.object({
  database: z.object({ url: z.string(), schema: z.string() }),
  google: z.url(),
  /** Each owner's calendar. */
  owners: z.record(z.string(), z.string()),
})
export type Question = z.infer<typeof question>

const problem = z.object({ item: z.string(), why: z.string() })

export const verdict = z.object({
  ok: z.boolean(),
  /** Entries and exceptions that stand on both sides, once each, and say the same. */
  items: z.int(),
  /** On one side only. */
  lost: z.array(problem),
  /** More than once on one side. */
  duplicates: z.array(problem),
  /** What shows that a copy was taken for an original. */
  echoes: z.array(problem),
  /** On both sides, and not the same. */
  stale: z.array(problem),
})
export type Verdict = z.infer<typeof verdict>
