/** Reading messages: get and list. */
import { ChatError, invalid } from './errors.ts'
import { conjuncts, parseFilter, refuse, timeIn } from './filters.ts'
import { nextToken, pageOf } from './paging.ts'
import { messageJson, type MessageJson } from './render.ts'
import {
  current,
  enter,
  firstAfter,
  versionAt,
  type Caller,
  type MessageRecord,
  type MessageVersion,
  type SpaceRecord,
  type World,
} from './state.ts'
import type { Micros } from './time.ts'

export function maySee(caller: Caller, message: MessageRecord): boolean {
  const viewer = message.privateViewer
  return viewer === null || viewer === caller.user || message.sender === caller.user
}

/** Whether a space without history has dropped the message by now. */
function expired(world: World, caller: Caller, space: SpaceRecord, message: MessageRecord): boolean {
  if (!current(space.versions).historyOff) return false
  return message.createTime <= caller.asOf - world.rules.historyOffHours * 3_600_000_000
}

/** The message as the read sees it, tombstone or not; null when the caller cannot see it at all. */
export function visibleVersion(
  world: World,
  caller: Caller,
  space: SpaceRecord,
  message: MessageRecord,
): MessageVersion | null {
  if (!maySee(caller, message) || expired(world, caller, space, message)) return null
  return versionAt(message.versions, caller.asOf)
}

/** Like visibleVersion, without tombstones. */
export function liveVersion(
  world: World,
  caller: Caller,
  space: SpaceRecord,
  message: MessageRecord,
): MessageVersion | null {
  const version = visibleVersion(world, caller, space, message)
  return version === null || version.deleted !== null ? null : version
}

/** By system id, or by the id that a client assigned. */
export function recordOf(space: SpaceRecord, id: string): MessageRecord | null {
  return space.byId.get(id) ?? space.byClientId.get(id) ?? null
}

export function messageNotFound(): ChatError {
  return new ChatError('NOT_FOUND', 'Message not found.')
}

export function getMessage(world: World, caller: Caller, spaceId: string, id: string): MessageJson {
  const space = enter(world, caller, spaceId)
  const message = recordOf(space, id)
  const read = world.rules.deletedMessagesReadable ? visibleVersion : liveVersion
  const version = message === null ? null : read(world, caller, space, message)
  if (message === null || version === null) throw messageNotFound()
  return messageJson(world, caller, space, message, version)
}

export interface ListMessages {
  readonly filter: string | null
  readonly orderBy: string | null
  readonly showDeleted: boolean
  readonly pageSize: number | null
  readonly pageToken: string | null
}

export function listMessages(
  world: World,
  caller: Caller,
  spaceId: string,
  wanted: ListMessages,
): { messages?: MessageJson[]; nextPageToken?: string } {
  const space = enter(world, caller, spaceId)
  const range = rangeOf(space, wanted.filter)
  const descending = isDescending(wanted.orderBy)
  const found: { message: MessageRecord; version: MessageVersion }[] = []
  for (let i = firstAfter(space.messages, range.after); i < space.messages.length; i += 1) {
    const message = space.messages[i]
    if (message === undefined || message.createTime >= range.before || message.createTime > caller.asOf) break
    if (range.thread !== null && message.thread !== range.thread) continue
    const version = visibleVersion(world, caller, space, message)
    if (version !== null && (wanted.showDeleted || version.deleted === null)) found.push({ message, version })
  }
  if (descending) found.reverse()
  const { filter, orderBy, showDeleted, pageSize } = wanted
  const page = pageOf(found, ({ message }) => message.seq, descending, {
    pageToken: wanted.pageToken,
    pageSize,
    standard: 25,
    most: 1000,
    cap: world.rules.pageCap,
    parameters: ['messages', spaceId, filter, orderBy, showDeleted, pageSize],
  })
  const messages = page.items.map(({ message, version }) => messageJson(world, caller, space, message, version))
  return { ...(messages.length === 0 ? {} : { messages }), ...nextToken(page) }
}

interface Range {
  readonly after: Micros
  readonly before: Micros
  readonly thread: string | null
}

/** Only create_time with `>` and `<`, and one thread.name, joined by AND. */
function rangeOf(space: SpaceRecord, filter: string | null): Range {
  const range: { after: Micros | null; before: Micros | null; thread: string | null } = {
    after: null,
    before: null,
    thread: null,
  }
  const text = filter ?? ''
  for (const restriction of text === '' ? [] : conjuncts(parseFilter(text), text)) {
    const { field, operator, value } = restriction
    if (field === 'create_time' && operator === '>' && range.after === null) range.after = timeIn(restriction, text)
    else if (field === 'create_time' && operator === '<' && range.before === null)
      range.before = timeIn(restriction, text)
    else if (field === 'thread.name' && operator === '=' && range.thread === null) {
      const thread = /^spaces\/([^/]+)\/threads\/([^/]+)$/.exec(value)
      if (thread === null || thread[1] !== space.id) refuse(text)
      range.thread = thread[2] ?? ''
    } else refuse(text)
  }
  return { after: range.after ?? -Infinity, before: range.before ?? Infinity, thread: range.thread }
}

function isDescending(orderBy: string | null): boolean {
  if (orderBy === null || orderBy === '') return false
  const order = /^(?:(?:create_time|createTime)\s+)?(asc|desc)$/i.exec(orderBy)
  if (order === null) throw invalid(`Invalid order_by: ${orderBy}`)
  return order[1]?.toLowerCase() === 'desc'
}
