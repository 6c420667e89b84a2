/** What the judge is told, and what it answers. */
import { z } from 'zod'

const ref = z.object({ kind: z.enum(['thread', 'message', 'topic', 'post']), ref: z.string() })

export const question = z.object({
  chat: z.object({
    url: z.url(),
    clientId: z.string(),
    clientSecret: z.string(),
    refreshToken: z.string(),
    /** The engine's user: `users/{id}`. */
    engine: z.string(),
  }),
  forum: z.object({
    url: z.url(),
    apiKey: z.string(),
    apiUsername: z.string(),
    /** The engine's username. */
    engine: z.string(),
  }),
  /** What the engine itself says is held, in conflict, or cannot be said on the other side. */
  excused: z.array(ref).default([]),
  /** Texts with which the engine empties what it cannot delete. */
  emptied: z.array(z.string()).default(['(deleted)', '*(message deleted in the other system)*']),
})
export type CaseQuestion = z.infer<typeof question>

const problem = z.object({
  system: z.enum(['chat', 'forum']),
  place: z.string(),
  ref: z.string(),
  text: z.string(),
  why: z.string(),
})
export type Problem = z.infer<typeof problem>

export const verdict = z.object({
  ok: z.boolean(),
  /** Texts of people that stand on both sides. */
  items: z.int(),
  /** One text, copied more than once. */
  duplicates: z.array(problem),
  /** Copies of copies. */
  echoes: z.array(problem),
  /** On one side only, without an excuse. */
  lost: z.array(problem),
  /** Copies of what no longer stands: an edit or a deletion did not arrive. */
  stale: z.array(problem),
  /** Copied, but into another thread or topic. */
  misplaced: z.array(problem),
  /** Threads whose copies stand in another order. */
  disordered: z.array(problem),
  /** On one side only, and the engine says so. */
  excused: z.array(problem),
})
export type Verdict = z.infer<typeof verdict>

export type System = 'chat' | 'forum'

/** A living text in one of the two systems. */
export interface Text {
  readonly ref: string
  /** Whether the engine wrote it. */
  readonly engine: boolean
  readonly author: string
  readonly text: string
}

/** A thread or a topic, in the order in which it is read. */
export interface Conversation {
  readonly ref: string
  readonly texts: readonly Text[]
}

/** A space or a category, by its name. */
export type Places = ReadonlyMap<string, readonly Conversation[]>

/** What both systems keep of a text. */
export function plain(text: string): string {
  return text.replace(/\r\n?/g, '\n').replaceAll('\u00a0', ' ').replaceAll('\0', '').trimEnd()
}
