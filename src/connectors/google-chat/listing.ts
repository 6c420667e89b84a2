/** Everything there is: the spaces, or the threads and messages of one space. */
import { z } from 'zod'
import { ConnectorError, type Call, type Change, type Page } from '../../connector/index.ts'
import { messagePages, spacesPage, type ChatApi } from './api.ts'
import { changesOf, gone, isDeleted, isWhole, spaceItem, threadHint, threadItem } from './items.ts'
import { firstLiving, isEmpty } from './messages.ts'
import type { WireMessage } from './wire.ts'

export function list(call: Call<ChatApi>, position: string | null): AsyncIterable<Page> {
  return call.scope === '' ? listSpaces(call.api, position) : listMessages(call, position)
}

async function* listSpaces(api: ChatApi, position: string | null): AsyncIterable<Page> {
  let token = position === null || position === '' ? undefined : position
  do {
    const { spaces, next } = await spacesPage(api, token)
    const changes = spaces.map((space): Change => ({ kind: 'space', ...spaceItem(space) }))
    yield { changes, cursor: next ?? '', ...(next === undefined ? { complete: true } : {}) }
    token = next
  } while (token !== undefined)
}

/**
 * `after` goes back a little before the last message, so that none with the same time is skipped. `dead`: threads of
 * which only deleted messages were seen so far.
 */
const placeInSpace = z.object({ after: z.string(), dead: z.array(z.string()) })

interface Course {
  /** Threads that this run has named. */
  readonly named: Set<string>
  /** Threads of which only deleted messages were seen, and whether that is all of their messages. */
  readonly dead: Map<string, 'wholly' | 'perhaps'>
  readonly resumed: boolean
}

/**
 * A thread is named with its oldest living message, before it. It is gone when all of its messages are tombstones,
 * which only the end of the listing knows; a thread that is not named at all has left with its messages.
 */
async function* listMessages(call: Call<ChatApi>, position: string | null): AsyncIterable<Page> {
  const from = position === null ? null : placeOf(position)
  const course: Course = { named: new Set(), dead: new Map(), resumed: from !== null }
  for (const thread of from?.dead ?? []) course.dead.set(thread, 'perhaps')
  let after = from?.after ?? ''
  const filter = after === '' ? undefined : `create_time > "${after}"`
  for await (const page of messagePages(call.api, call.scope, { filter, showDeleted: true })) {
    const changes: Change[] = []
    for (const message of page.messages) changes.push(...(await changesInOrder(call, message, course)))
    if (page.reached !== undefined) after = new Date(Date.parse(page.reached) - 1).toISOString()
    if (page.last) changes.push(...(await deadThreads(call.api, course)))
    const cursor = JSON.stringify({ after, dead: [...course.dead.keys()] })
    yield { changes, cursor, ...(page.last ? { complete: true } : {}) }
  }
}

async function changesInOrder(call: Call<ChatApi>, message: WireMessage, course: Course): Promise<readonly Change[]> {
  const changes = changesOf(call, message)
  if (isDeleted(message)) noteDeleted(message, course)
  if (!isWhole(message)) return changes
  const thread = message.thread.name
  course.dead.delete(thread)
  if (course.named.has(thread)) return changes
  course.named.add(thread)
  if (message.threadReply !== true) return changes
  const first = (await firstLiving(call.api, thread)) ?? message
  return [{ kind: 'thread', ...threadItem(first) }, ...changes]
}

/** A resumed listing does not know what it named before, and a thread that is only guessed may be another one. */
function noteDeleted(message: WireMessage, { named, dead, resumed }: Course): void {
  const thread = threadHint(message)
  if (thread === null || named.has(thread)) return
  dead.set(thread, resumed || message.thread === undefined ? 'perhaps' : (dead.get(thread) ?? 'wholly'))
}

async function deadThreads(api: ChatApi, { dead }: Course): Promise<readonly Change[]> {
  const changes: Change[] = []
  for (const [thread, how] of dead)
    if (how === 'wholly' || (await isEmpty(api, thread))) changes.push({ kind: 'thread', ...gone(thread) })
  return changes
}

function placeOf(position: string): z.infer<typeof placeInSpace> {
  try {
    return placeInSpace.parse(JSON.parse(position))
  } catch {
    throw new ConnectorError('rejected', 'not a place in a listing of a space')
  }
}
