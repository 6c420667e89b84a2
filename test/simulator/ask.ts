/** Requests to a made-up system, and its answers, as they are on the wire. */
import { z } from 'zod'
import { KINDS, type Person } from './board.ts'

export const EMPTIED = '(deleted)'
export const BOT: Person = { ref: 'bot', name: 'Sync Bot' }

const kindName = z.enum(KINDS)

const One = z.object({
  op: z.enum([
    'me',
    'get',
    'list',
    'changes',
    'create',
    'update',
    'delete',
    'empty',
    'find',
    'open',
    'upload',
    'people',
  ]),
  kind: kindName.optional(),
  ref: z.string().optional(),
  room: z.string().optional(),
  rooms: z.array(z.string()).optional(),
  kinds: z.array(kindName).optional(),
  thread: z.string().nullable().optional(),
  slot: z.string().optional(),
  text: z.string().optional(),
  headText: z.string().optional(),
  key: z.string().optional(),
  headKey: z.string().optional(),
  cursor: z.number().nullable().optional(),
  ifVersion: z.number().nullable().optional(),
  ifText: z.string().nullable().optional(),
  /** Refs of files that were sent, or that it holds. */
  files: z.array(z.string()).optional(),
  headFiles: z.array(z.string()).optional(),
  /** Refs of people. */
  who: z.array(z.string()).optional(),
  headWho: z.array(z.string()).optional(),
  ifWho: z.array(z.string()).optional(),
  ifFiles: z.array(z.string()).optional(),
})
/** One request, as it is on the wire. `many`: writes of one sort, instead of a single one. */
export const Ask = One.extend({ many: z.array(One).optional() })
export type One = z.infer<typeof One>
export type Ask = z.infer<typeof Ask>

export interface Answer {
  readonly status: number
  readonly body: unknown
  /** Called when it reaches the engine. */
  readonly arrives?: () => void
}

export const refuse = (status: number, why: string): Answer => ({ status, body: { error: why } })
