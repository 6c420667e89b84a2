/** How Chat's spaces, threads and messages read as items. */
import {
  beginning,
  ConnectorError,
  type Call,
  type Change,
  type Item,
  type May,
  type Tombstone,
  type Unread,
} from '../../connector/index.ts'
import type { ChatApi } from './api.ts'
import type { WireMessage, WireSpace } from './wire.ts'

const SUBJECT_LENGTH = 255
const CLIENT_ID = /^client-([0-9a-v]{1,40})$/
/** Older than every version: what is known of the thread stays, and an unknown thread is still told. */
const HEADLESS_VERSION = '0000'

type Seen = Pick<Call<ChatApi>, 'api' | 'actor'>

/** The id under which a message made with this key can be asked for. */
export function clientId(key: string): string {
  return `client-${key}`
}

/** The space of a thread or a message, out of its name. */
export function spaceOf(ref: string): string {
  const space = /^(spaces\/[^/?#]+)(?:\/(?:threads|messages)\/[^/?#]+)?$/.exec(ref)?.[1]
  if (space === undefined) throw new ConnectorError('rejected', `not the name of a Chat resource: ${ref}`)
  return space
}

/** A time as text that sorts by time: UTC, six digits after the second. */
export function sortable(time: string): string {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|\+00:00)$/.exec(time)
  if (parts === null) return sortable(new Date(time).toISOString())
  return `${parts[1] ?? ''}.${(parts[2] ?? '').slice(0, 6).padEnd(6, '0')}Z`
}

export function instant(time: string): string {
  return new Date(time).toISOString()
}

export function spaceItem(space: WireSpace): Item {
  return {
    scope: '',
    ref: space.name,
    values: { name: space.displayName ?? '' },
    ...(space.createTime === undefined ? {} : { createdAt: instant(space.createTime) }),
  }
}

/** A message that is all there: not deleted, not a mere echo of its name. */
export interface WholeMessage extends WireMessage {
  readonly createTime: string
  readonly sender: { readonly name: string; readonly displayName?: string | undefined }
  readonly thread: { readonly name: string }
}

export function isWhole(message: WireMessage): message is WholeMessage {
  return (
    !isDeleted(message) &&
    message.createTime !== undefined &&
    message.sender !== undefined &&
    message.thread !== undefined
  )
}

export function isDeleted(message: WireMessage): boolean {
  return message.deleteTime !== undefined || message.deletionMetadata !== undefined
}

/**
 * The text as it would be written. A message of cards alone reads as what Chat shows in their place; one of
 * attachments alone reads as the empty text.
 */
function textOf(message: WireMessage): string {
  return message.formattedText ?? message.text ?? message.fallbackText ?? ''
}

function versionOf(message: WholeMessage): string {
  const created = sortable(message.createTime)
  const edited = sortable(message.lastUpdateTime ?? message.createTime)
  return edited > created ? edited : created
}

export function messageItem({ api, actor }: Seen, message: WholeMessage): Item {
  const space = spaceOf(message.name)
  const own = message.sender.name === actor.ref
  const edited = own ? undefined : message.lastUpdateTime
  const may = own ? undefined : mayOfOthers(api)
  return {
    scope: space,
    ref: message.name,
    values: { space, thread: message.thread.name, text: textOf(message) },
    version: versionOf(message),
    author: { ref: message.sender.name, name: message.sender.displayName },
    createdAt: sortable(message.createTime), // to the microsecond: messages of one millisecond keep their order
    ...(edited === undefined ? {} : { editedAt: instant(edited) }),
    ...keyOf(message),
    ...(own && textOf(message) === api.config.deletedText ? { emptied: true } : {}),
    ...(may === undefined ? {} : { may }),
  }
}

function mayOfOthers(api: ChatApi): May {
  const why = 'Google Chat lets only its sender edit a message'
  return api.config.manager ? { update: [], why } : { update: [], delete: false, why: `${why} or delete it` }
}

function keyOf(message: WireMessage): { key?: string } {
  const key = CLIENT_ID.exec(message.clientAssignedMessageId ?? '')?.[1]
  return key === undefined ? {} : { key }
}

/**
 * A thread, out of its oldest living message. That message is a reply where the head is deleted: the thread then still
 * has the subject and the key that it was known by, which only the head could tell.
 */
export function threadItem(first: WholeMessage): Item {
  const space = spaceOf(first.name)
  const headless = first.threadReply === true
  const subject = firstLine(textOf(first))
  return {
    scope: space,
    ref: first.thread.name,
    values: subject === '' ? { space } : { space, subject },
    version: headless ? HEADLESS_VERSION : versionOf(first),
    author: { ref: first.sender.name, name: first.sender.displayName },
    createdAt: instant(first.createTime),
    ...(headless ? {} : keyOf(first)),
  }
}

function firstLine(text: string): string {
  const line = text.split('\n').find((each) => each.trim() !== '') ?? ''
  return beginning(line.trim(), SUBJECT_LENGTH)
}

export function gone(ref: string): Tombstone {
  return { scope: spaceOf(ref), ref, gone: 'deleted' }
}

/** Chat tells of the deletion of a message itself, and never takes it back. */
export function deleted(message: WireMessage): Tombstone {
  return { ...gone(message.name), final: true }
}

export function unread(ref: string): Unread {
  return { scope: spaceOf(ref), ref, unread: true }
}

/** What one message says: of its thread too, where it is the head. */
export function changesOf(seen: Seen, message: WireMessage): readonly Change[] {
  if (isDeleted(message)) return [{ kind: 'message', ...deleted(message) }]
  if (!isWhole(message)) return [{ kind: 'message', ...unread(message.name) }]
  const item: Change = { kind: 'message', ...messageItem(seen, message) }
  return message.threadReply === true ? [item] : [{ kind: 'thread', ...threadItem(message) }, item]
}

/**
 * The thread that a message is or was in. A deletion is reported by the message's name alone; names are seen to be
 * `{thread}.{message}`, which is used as a hint of what to read again and for nothing else.
 */
export function threadHint(message: WireMessage): string | null {
  if (message.thread !== undefined) return message.thread.name
  const parts = /^(spaces\/[^/]+)\/messages\/([^/.]+)\.[^/]+$/.exec(message.name)
  return parts === null ? null : `${parts[1] ?? ''}/threads/${parts[2] ?? ''}`
}
