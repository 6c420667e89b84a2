/** What the demo and its two systems say to each other, over the channel between parent and child. */
import { z } from 'zod'
import { isWho, type Who } from './cast.ts'

const who = z.string().refine((text): text is Who => isWho(text))
const system = z.enum(['chat', 'forum'])
export type System = z.infer<typeof system>

/** What a person does in one of the two systems, in its own window. */
const act = z.union([
  z.object({ do: z.literal('write'), who, in: z.literal('chat'), place: z.string(), text: z.string() }),
  z.object({
    do: z.literal('write'),
    who,
    in: z.literal('forum'),
    place: z.string(),
    title: z.string(),
    text: z.string(),
  }),
  z.object({ do: z.literal('reply'), who, in: system, to: z.string(), text: z.string() }),
  z.object({ do: z.literal('edit'), who, in: system, ref: z.string(), text: z.string() }),
  z.object({ do: z.literal('remove'), who, in: system, ref: z.string() }),
  z.object({ do: z.literal('remove-topic'), who, in: z.literal('forum'), topic: z.string() }),
  z.object({ do: z.literal('retitle'), who, in: z.literal('forum'), topic: z.string(), title: z.string() }),
])
export type Act = z.infer<typeof act>

/** Where the trace of an act is awaited: one more, or one fewer, item with this text. */
const expectation = z.object({ in: system, text: z.string(), change: z.enum(['more', 'fewer']) })
export type Expectation = z.infer<typeof expectation>

const where = z.object({
  /** The message's name, or the post's id. */
  ref: z.string(),
  /** The thread's name, or the topic's id. */
  parent: z.string(),
})
export type Where = z.infer<typeof where>

export const question = z.discriminatedUnion('ask', [
  /** All at the same moment; answers where the last one is. */
  z.object({ ask: z.literal('act'), id: z.int(), acts: z.array(act), expect: z.array(expectation) }),
  /** Where the item with this text is, or null. */
  z.object({ ask: z.literal('find'), id: z.int(), in: system, text: z.string() }),
  /** Brings the whole cast of Chat into a space that Lockstep made; answers null while there is none. */
  z.object({ ask: z.literal('invite'), id: z.int(), space: z.string() }),
  /** How many calls Lockstep made since the start. */
  z.object({ ask: z.literal('calls'), id: z.int() }),
])
export type Question = z.infer<typeof question>

/** A question before it gets its number. */
export type Asked<Q = Question> = Q extends Question ? Omit<Q, 'id'> : never

export const calls = z.object({
  reads: z.number(),
  /** State-changing ones, by method and kind of address. */
  writes: z.record(z.string(), z.number()),
  refused: z.record(z.string(), z.number()),
})
export type Calls = z.infer<typeof calls>

export const ready = z.object({
  say: z.literal('ready'),
  chat: z.string(),
  forum: z.string(),
  /** Containers by name, as the configuration names them. */
  spaces: z.record(z.string(), z.string()),
  categories: z.record(z.string(), z.string()),
  /** Texts that people have in both systems together. */
  texts: z.int(),
})
export type Ready = z.infer<typeof ready>

export const answer = z.discriminatedUnion('say', [
  ready,
  z.object({ say: z.literal('done'), id: z.int(), where: where.nullable() }),
  z.object({ say: z.literal('calls'), id: z.int(), calls }),
  z.object({ say: z.literal('refused'), id: z.int(), why: z.string() }),
  /** Everything that the act's expectations name is there. */
  z.object({ say: z.literal('arrived'), id: z.int(), ms: z.number() }),
])
export type Answer = z.infer<typeof answer>

/** Credentials of the local systems. They open nothing else. */
export const KEYS = {
  clientId: 'lockstep-demo',
  clientSecret: 'demo-client-secret',
  refreshToken: 'demo-refresh-token',
  judgeClientId: 'judge',
  judgeClientSecret: 'judge-client-secret',
  judgeRefreshToken: 'judge-refresh-token',
  apiKey: 'demo-api-key',
  judgeApiKey: 'judge-api-key',
  adminApiKey: 'admin-api-key',
} as const
