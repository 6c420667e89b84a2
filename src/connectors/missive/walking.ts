/**
 * Ways down lists by time. Missive asks for what is not newer than a second (`until`), and answers that second again: a
 * page that begins and ends in one second leads nowhere, and the next one asks for the second before.
 */
import type { ZodType } from 'zod'
import type { Ref } from '../../connector/index.ts'
import type { Api } from './api.ts'
import { conversations, type WireConversation } from './wire.ts'

/** Lists of conversations: what was thrown away is in the trash alone. */
export type Box = 'all' | 'trashed'

const CONVERSATIONS = 50
const ENTRIES = 10

export interface Step {
  readonly conversations: readonly WireConversation[]
  /** Where the next page begins; null: this is the last one. */
  readonly next: number | null
}

/** From the newest activity, or from a second, down to a page that holds one below the `floor`. */
export async function* walk(
  { client }: Api,
  organization: Ref,
  box: Box,
  from: number | null,
  floor: number,
): AsyncGenerator<Step> {
  for (let until = from; ;) {
    const query = { [box]: true, organization, limit: CONVERSATIONS, until: until ?? undefined }
    const { conversations: page } = await client.get('/conversations', { query, as: conversations })
    const seconds = page.map((each) => each.last_activity_at)
    const next = page.length < CONVERSATIONS ? null : below(seconds, until, floor)
    yield { conversations: page, next }
    if (next === null) return
    until = next
  }
}

/** Entries of a conversation, newest first, each once, down to a page of which all are older than the floor. */
export async function* entries<Answer, Row extends { readonly id: string; readonly created_at: number }>(
  { client }: Api,
  path: string,
  as: ZodType<Answer>,
  rowsOf: (answer: Answer) => readonly Row[],
  timeOf: (row: Row) => number,
  floor: number,
): AsyncGenerator<readonly Row[]> {
  const seen = new Set<string>()
  for (let until: number | null = null; ;) {
    const rows = rowsOf(await client.get(path, { query: { limit: ENTRIES, until: until ?? undefined }, as }))
    yield rows.filter(({ id }) => !seen.has(id))
    for (const { id } of rows) seen.add(id)
    if (rows.length < ENTRIES || rows.every((each) => each.created_at < floor)) return
    until = below(rows.map(timeOf), until, 0)
    if (until === null) return
  }
}

function below(seconds: readonly number[], until: number | null, floor: number): number | null {
  const oldest = Math.min(...seconds)
  if (oldest < floor) return null
  return oldest === until ? oldest - 1 : oldest
}
