/**
 * What changed: conversations by their last activity, and the entries of those that were active. A conversation whose
 * activity is new is read, and read once more at a later poll: another entry of the same second does not move it.
 */
import { z } from 'zod'
import {
  ConnectorError,
  eachScope,
  type Call,
  type Change,
  type Feed,
  type Page,
  type Ref,
} from '../../connector/index.ts'
import type { Api } from './api.ts'
import { conversationItem } from './items.ts'
import type { Entries } from './reading.ts'
import { walk, type Box } from './walking.ts'
import type { WireConversation } from './wire.ts'

const READS = 2

/** What becomes active while a listing goes down passes it by, and is read at the end. */
const STEPS: readonly { readonly box: Box; readonly again: boolean }[] = [
  { box: 'all', again: false },
  { box: 'trashed', again: false },
  { box: 'all', again: true },
]

const scopeShape = z.object({
  /** The latest activity that was seen. */
  after: z.number(),
  /** Of the conversations that are looked at again: their activity, and how often they were read since. */
  read: z.record(z.string(), z.tuple([z.number(), z.number()])),
})
type ScopeAt = z.infer<typeof scopeShape>
const cursorShape = z.object({ form: z.literal(1), scopes: z.record(z.string(), scopeShape) })

/** `step`: which of the ways of a listing; `began`: the latest activity when it began. */
const placeShape = z.object({ form: z.literal(1), step: z.int(), until: z.number().nullable(), began: z.number() })
type Place = z.infer<typeof placeShape>

/** Of conversations themselves (null), or of their entries of a sort. */
export function feedOf(kinds: readonly string[], entries: Entries | null): Feed<Api> {
  return {
    kinds,
    pull: (call, cursor) => pull(entries, call, cursor),
    list: (call, position) => list(entries, call, position),
  }
}

async function* pull(entries: Entries | null, call: Call<Api>, cursor: string | null): AsyncGenerator<Page> {
  const { overlapSeconds } = call.api.config
  const known = cursor === null ? {} : parsed(cursor, cursorShape).scopes
  const scopes = Object.fromEntries(Object.entries(known).filter(([scope]) => call.scopes.includes(scope)))
  const told = (changes: readonly Change[]): Page => ({ changes, cursor: JSON.stringify({ form: 1, scopes }) })
  const readScope = async function* (scope: Ref): AsyncGenerator<Page> {
    const own = { ...call, scope }
    const at = known[scope]
    scopes[scope] = at === undefined ? { after: await latestActivity(own), read: {} } : yield* readSince(own, at)
    yield told([])
  }
  const readSince = async function* (own: Call<Api>, at: ScopeAt): AsyncGenerator<Page, ScopeAt> {
    const floor = at.after - overlapSeconds
    const active = await activeSince(own, floor)
    if (entries === null) yield told([...changesOf(own, active), ...changesOf(own, await firstPage(own, 'trashed'))])
    else
      for (const conversation of active)
        if (isToRead(at, floor, conversation))
          for await (const changes of entries(own, conversation.id, floor)) yield told(changes)
    return endOf(at, active, overlapSeconds)
  }
  yield told([])
  yield* eachScope('organization', call.scopes, readScope)
}

/** Newest first, at least one page of them: their labels and the like are told along. */
async function activeSince({ api, scope }: Call<Api>, floor: number): Promise<readonly WireConversation[]> {
  const active = new Map<Ref, WireConversation>()
  for await (const { conversations } of walk(api, scope, 'all', null, floor))
    for (const each of conversations) active.set(each.id, each)
  return [...active.values()]
}

async function firstPage({ api, scope }: Call<Api>, box: Box): Promise<readonly WireConversation[]> {
  for await (const { conversations } of walk(api, scope, box, null, 0)) return conversations
  return []
}

async function latestActivity(call: Call<Api>): Promise<number> {
  return Math.max(0, ...(await firstPage(call, 'all')).map(activityOf))
}

function isToRead({ read }: ScopeAt, floor: number, { id, last_activity_at: activity }: WireConversation): boolean {
  const [before, reads] = read[id] ?? [0, 0]
  return before === activity ? reads < READS : activity >= floor
}

async function* list(entries: Entries | null, call: Call<Api>, position: string | null): AsyncGenerator<Page> {
  const { api, scope } = call
  let place: Place =
    position === null
      ? { form: 1, step: 0, until: null, began: await latestActivity(call) }
      : parsed(position, placeShape)
  for (; place.step < STEPS.length; place = { ...place, step: place.step + 1, until: null }) {
    const { box, again } = STEPS[place.step] ?? { box: 'all', again: false }
    for await (const { conversations, next } of walk(api, scope, box, place.until, again ? place.began : 0)) {
      const cursor = JSON.stringify(place)
      if (entries === null) yield { changes: changesOf(call, conversations), cursor }
      else
        for (const { id, last_activity_at: activity } of conversations)
          if (!again || activity >= place.began)
            for await (const changes of entries(call, id, 0)) yield { changes, cursor }
      if (next !== null) place = { ...place, until: next }
    }
  }
  yield { changes: [], cursor: JSON.stringify(place), complete: true }
}

/** A guest is told nothing of a conversation but that it is there. */
function changesOf(call: Call<Api>, read: readonly WireConversation[]): readonly Change[] {
  return read
    .filter(({ organization }) => organization?.id === call.scope)
    .map((each) => ({ kind: 'conversation', ...conversationItem(call.api, each, call.scope, call.actor) }))
}

function endOf(at: ScopeAt, active: readonly WireConversation[], overlap: number): ScopeAt {
  const after = Math.max(at.after, ...active.map(activityOf))
  const recent = active.filter((each) => activityOf(each) >= after - overlap)
  const read: ScopeAt['read'] = {}
  for (const { id, last_activity_at: activity } of recent) {
    const [before, reads] = at.read[id] ?? [0, 0]
    read[id] = [activity, before === activity ? Math.min(READS, reads + 1) : 1]
  }
  return { after, read }
}

function activityOf(conversation: WireConversation): number {
  return conversation.last_activity_at
}

/** A place that this connector wrote itself, in this form or an older one. */
export function parsed<T>(text: string, shape: z.ZodType<T>): T {
  try {
    return shape.parse(JSON.parse(text))
  } catch {
    throw new ConnectorError('cursor-expired', 'the cursor is not one of this connector')
  }
}
