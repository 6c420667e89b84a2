/** What a measurement and its two systems say to each other, over the channel between parent and child. */
import { z } from 'zod'

export const question = z.discriminatedUnion('ask', [
  z.object({ ask: z.literal('calls'), id: z.int() }),
  z.object({ ask: z.literal('forget'), id: z.int() }),
  /** People change so many items of one side, at once. */
  z.object({
    ask: z.literal('work'),
    id: z.int(),
    in: z.enum(['chat', 'forum']),
    deed: z.enum(['reply', 'edit', 'remove']),
    from: z.int(),
    count: z.int(),
  }),
  /** One deed after the other in the forum; each waits for its write in Chat. */
  z.object({ ask: z.literal('latency'), id: z.int(), deed: z.enum(['reply', 'edit']), count: z.int() }),
  /** The answers of people in the forum, and where their copies are. */
  z.object({ ask: z.literal('posts'), id: z.int() }),
  /** Where the forum sends its webhooks from now on. */
  z.object({ ask: z.literal('hook'), id: z.int(), url: z.string() }),
])
export type Question = z.infer<typeof question>
export type Asked<Q = Question> = Q extends Question ? Omit<Q, 'id'> : never

export const calls = z.object({
  /** By method and kind of address. */
  made: z.record(z.string(), z.int()),
  reads: z.int(),
  writes: z.int(),
  /** Milliseconds since 1970; 0 where there was none. */
  firstAt: z.number(),
  firstWriteAt: z.number(),
  lastWriteAt: z.number(),
  lastAt: z.number(),
})
export type Calls = z.infer<typeof calls>

export const posts = z.array(z.object({ ref: z.string(), category: z.string(), copy: z.string() }))
export type Posts = z.infer<typeof posts>

export const answer = z.discriminatedUnion('say', [
  z.object({
    say: z.literal('ready'),
    chat: z.string(),
    forum: z.string(),
    /** Pairs of containers, as a configuration names them. */
    scopes: z.array(z.tuple([z.string(), z.string()])),
  }),
  z.object({ say: z.literal('calls'), id: z.int(), calls }),
  z.object({ say: z.literal('done'), id: z.int(), refs: z.array(z.string()) }),
  z.object({ say: z.literal('posts'), id: z.int(), posts }),
  z.object({ say: z.literal('took'), id: z.int(), ms: z.array(z.number()) }),
  z.object({ say: z.literal('refused'), id: z.int(), why: z.string() }),
])
export type Answer = z.infer<typeof answer>
