/** Which thread a new message goes to. Without a reply option a given thread is ignored and a new one starts. */
import { ChatError, invalid } from './errors.ts'
import { current, makeId, type Caller, type SpaceRecord, type ThreadRecord, type World } from './state.ts'

export const REPLY_OPTIONS = [
  'MESSAGE_REPLY_OPTION_UNSPECIFIED',
  'REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD',
  'REPLY_MESSAGE_OR_FAIL',
] as const

export type ReplyOption = (typeof REPLY_OPTIONS)[number]

export interface ThreadWish {
  readonly threadName?: string | null
  readonly threadKey?: string | null
  readonly replyOption?: ReplyOption | null
}

const MOST_KEY = 4000

/** Null: a new thread. */
export function threadFor(caller: Caller, space: SpaceRecord, wish: ThreadWish): ThreadRecord | null {
  const key = wish.threadKey ?? null
  if (key !== null && key.length > MOST_KEY) throw invalid(`thread_key is longer than ${MOST_KEY} characters.`)
  const named = /^spaces\/([^/]+)\/threads\/([^/]+)$/.exec(wish.threadName ?? '')
  if (wish.threadName && (named === null || named[1] !== space.id))
    throw invalid(`Invalid thread name: ${wish.threadName}`)
  if (!honoured(space, wish)) return null
  if (named !== null) {
    const thread = space.threads.get(named[2] ?? '')
    if (thread !== undefined && isAlive(thread)) return thread
    if (wish.replyOption === 'REPLY_MESSAGE_OR_FAIL') throw new ChatError('NOT_FOUND', 'Thread not found.')
    return null
  }
  // A key that is not known yet starts its thread, under either option.
  const keyed = key === null ? undefined : space.threadKeys.get(keyOf(caller, key))
  return keyed !== undefined && isAlive(keyed) ? keyed : null
}

export function newThread(world: World, caller: Caller, space: SpaceRecord, wish: ThreadWish): ThreadRecord {
  const id = makeId(world, 11, (candidate) => space.threads.has(candidate))
  const key = honoured(space, wish) && !wish.threadName ? (wish.threadKey ?? null) : null
  const thread: ThreadRecord = { id, app: key === null ? null : caller.app, key, messages: [] }
  space.threads.set(id, thread)
  if (key !== null) space.threadKeys.set(keyOf(caller, key), thread)
  return thread
}

/** Only named spaces honour a thread, and only with a reply option. */
function honoured(space: SpaceRecord, wish: ThreadWish): boolean {
  const option = wish.replyOption ?? 'MESSAGE_REPLY_OPTION_UNSPECIFIED'
  return option !== 'MESSAGE_REPLY_OPTION_UNSPECIFIED' && current(space.versions).type === 'SPACE'
}

/** A thread is there as long as one of its messages is. */
function isAlive(thread: ThreadRecord): boolean {
  return thread.messages.some((message) => current(message.versions).deleted === null)
}

/** Keys are private to the app that set them. */
function keyOf(caller: Caller, key: string): string {
  return `${caller.app ?? ''}\n${key}`
}
