/** Writing messages: create, patch, delete. People in the window and HTTP callers go through the same functions. */
import { ChatError, invalid } from './errors.ts'
import { record } from './events.ts'
import { readMarkup, type MarkedText } from './markup.ts'
import type { DeletionType } from './options.ts'
import { liveVersion, messageNotFound, recordOf } from './reading.ts'
import { messageJson, messageName, spaceName, type MessageJson } from './render.ts'
import {
  addVersion,
  current,
  enter,
  isManager,
  makeId,
  newest,
  nextSeq,
  stamp,
  userBy,
  type Caller,
  type MessageRecord,
  type SpaceRecord,
  type World,
} from './state.ts'
import { newThread, threadFor, type ThreadWish } from './threads.ts'
import { recallRequest, rememberRequest } from './requests.ts'

const MOST_BYTES = 32_000
const CLIENT_ID = /^client-[a-z0-9-]+$/

export interface NewMessage extends ThreadWish {
  readonly text: string
  readonly messageId?: string | null
  readonly requestId?: string | null
}

/** What a write answers, and whether it changed anything. */
export interface Written<T> {
  readonly json: T
  readonly name: string
  readonly changed: boolean
}

export function createMessage(world: World, caller: Caller, spaceId: string, wanted: NewMessage): Written<MessageJson> {
  const space = enter(world, caller, spaceId)
  const past = recallRequest(world, caller, 'message', wanted.requestId ?? null)
  if (past?.message !== null && past !== null) {
    const json = repeated(world, caller, past.space, past.message, wanted)
    return { json, name: json.name, changed: false }
  }
  checkText(wanted.text)
  const clientId = wanted.messageId ?? null
  if (clientId !== null) claim(world, space, clientId)
  const existing = threadFor(caller, space, wanted)
  const at = stamp(world)
  const thread = existing ?? newThread(world, caller, space, wanted)
  const taken = (id: string): boolean => space.byId.has(`${thread.id}.${id}`)
  const message: MessageRecord = {
    seq: nextSeq(world),
    id: `${thread.id}.${thread.messages.length === 0 ? thread.id : makeId(world, 11, taken)}`,
    thread: thread.id,
    reply: thread.messages.length > 0,
    sender: caller.user,
    createTime: at,
    clientId,
    privateViewer: null,
    versions: [],
  }
  const marked = markedText(world, caller, wanted.text)
  addVersion(world, message.versions, { at, source: wanted.text, marked, lastUpdateTime: null, deleted: null })
  keep(space, message)
  thread.messages.push(message)
  rememberRequest(world, caller, 'message', wanted.requestId ?? null, { space, message, at })
  record(world, space, 'message.v1.created', at, message.id)
  return { json: whole(world, caller, space, message), name: messageName(space, message), changed: true }
}

/** Files a message under its ids. */
export function keep(space: SpaceRecord, message: MessageRecord): void {
  space.messages.push(message)
  space.byId.set(message.id, message)
  if (message.clientId !== null) space.byClientId.set(message.clientId, message)
}

export function markedText(world: World, caller: Caller, source: string): MarkedText {
  return readMarkup(source, (ref) => {
    if (ref === 'all') return { id: 'all', name: 'all' }
    const user = userBy(world, ref, caller)
    return user === null ? null : { id: user.id, name: user.displayName }
  })
}

/** A repeated create echoes the request with the assigned names, and need not hold anything else. */
function repeated(
  world: World,
  caller: Caller,
  space: SpaceRecord,
  message: MessageRecord,
  wanted: NewMessage,
): MessageJson {
  if (world.rules.repeatsFullyPopulated) return whole(world, caller, space, message)
  return {
    name: messageName(space, message),
    text: wanted.text,
    thread: { name: `${spaceName(space)}/threads/${message.thread}` },
    space: { name: spaceName(space) },
  }
}

function whole(world: World, caller: Caller, space: SpaceRecord, message: MessageRecord): MessageJson {
  return messageJson(world, caller, space, message, current(message.versions))
}

function checkText(text: string): void {
  if (text.trim() === '') throw invalid('Message cannot be empty.')
  if (Buffer.byteLength(text, 'utf8') > MOST_BYTES) throw invalid(`Message is larger than ${MOST_BYTES} bytes.`)
}

function claim(world: World, space: SpaceRecord, clientId: string): void {
  if (clientId.length > 63 || !CLIENT_ID.test(clientId)) throw invalid(`Invalid message ID: ${clientId}`)
  const holder = space.byClientId.get(clientId)
  if (holder === undefined) return
  if (current(holder.versions).deleted !== null && !world.rules.deletedClientIdsStayTaken) return
  throw new ChatError('ALREADY_EXISTS', `Message with ID ${clientId} already exists.`)
}

export interface MessageChange {
  readonly text: string
  readonly allowMissing?: boolean
}

/** A message that is there now, whatever a lagging read may show. */
function live(world: World, caller: Caller, space: SpaceRecord, id: string): MessageRecord | null {
  const message = recordOf(space, id)
  return message === null || liveVersion(world, now(world, caller), space, message) === null ? null : message
}

function now(world: World, caller: Caller): Caller {
  return { ...caller, asOf: newest(world) }
}

export function patchMessage(
  world: World,
  caller: Caller,
  spaceId: string,
  id: string,
  change: MessageChange,
): Written<MessageJson> {
  const space = enter(world, caller, spaceId)
  const message = live(world, caller, space, id)
  if (message === null) {
    if (change.allowMissing !== true) throw messageNotFound()
    return createMessage(world, caller, spaceId, { text: change.text, messageId: id })
  }
  const mayEdit = message.sender === caller.user || (world.rules.managersMayEdit && isManager(space, caller.user))
  if (!mayEdit) throw new ChatError('PERMISSION_DENIED', 'Only the sender can update this message.')
  checkText(change.text)
  const at = stamp(world)
  const marked = markedText(world, caller, change.text)
  addVersion(world, message.versions, { at, source: change.text, marked, lastUpdateTime: at, deleted: null })
  record(world, space, 'message.v1.updated', at, message.id)
  return { json: whole(world, caller, space, message), name: messageName(space, message), changed: true }
}

export function deleteMessage(
  world: World,
  caller: Caller,
  spaceId: string,
  id: string,
  force: boolean,
): Written<Record<string, never>> {
  const space = enter(world, caller, spaceId)
  const message = live(world, caller, space, id)
  if (message === null) throw messageNotFound()
  const type = deletionType(world, caller, space, message)
  if (type === null) throw new ChatError('PERMISSION_DENIED', 'The caller may not delete this message.')
  const replies = message.reply ? [] : (space.threads.get(message.thread)?.messages ?? [])
  const living = replies.filter((reply) => reply !== message && current(reply.versions).deleted === null)
  if (living.length > 0 && !force)
    throw new ChatError('FAILED_PRECONDITION', 'The message has threaded replies; set force to delete them too.')
  bury(world, space, message, type)
  for (const reply of living) bury(world, space, reply, type)
  return { json: {}, name: messageName(space, message), changed: true }
}

function bury(world: World, space: SpaceRecord, message: MessageRecord, type: DeletionType): void {
  const at = stamp(world)
  addVersion(world, message.versions, {
    at,
    source: '',
    marked: { text: '', formatted: '', mentions: [] },
    lastUpdateTime: null,
    deleted: { at, type },
  })
  record(world, space, 'message.v1.deleted', at, message.id)
}

/** Null: the caller may not delete it. Any member may delete what an app has posted. */
function deletionType(world: World, caller: Caller, space: SpaceRecord, message: MessageRecord): DeletionType | null {
  const viaApp = caller.app !== null
  if (message.sender === caller.user) return viaApp ? 'CREATOR_VIA_APP' : 'CREATOR'
  if (world.rules.managersMayDelete && isManager(space, caller.user))
    return viaApp ? 'SPACE_OWNER_VIA_APP' : 'SPACE_OWNER'
  return world.users.get(message.sender)?.type === 'BOT' ? 'SPACE_MEMBER' : null
}
