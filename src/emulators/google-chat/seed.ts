/** Lays the options' spaces, members and history into a fresh world, with the events that made them. */
import { record } from './events.ts'
import { join } from './members.ts'
import { keep, markedText } from './messages.ts'
import type { MessageSeed, SpaceSeed } from './options.ts'
import { emptySpace, makeSpaceId } from './spaces.ts'
import {
  makeId,
  nextSeq,
  type Caller,
  type EventType,
  type MessageRecord,
  type MessageVersion,
  type SpaceRecord,
  type ThreadRecord,
  type World,
} from './state.ts'
import { microsOf, type Micros } from './time.ts'

interface Past {
  readonly space: SpaceRecord
  readonly type: EventType
  readonly at: Micros
  readonly subject: string
}

/** Messages of all spaces are laid in order of their time, so that numbers and times agree everywhere. */
export function seed(world: World, spaces: readonly SpaceSeed[]): void {
  const messages: { space: SpaceRecord; message: MessageSeed; at: Micros; threads: Map<string, ThreadRecord> }[] = []
  for (const wanted of spaces) {
    const space = seedSpace(world, wanted)
    const threads = new Map<string, ThreadRecord>()
    for (const message of wanted.messages ?? [])
      messages.push({ space, message, at: microsOf(message.createTime), threads })
  }
  messages.sort((one, other) => one.at - other.at)
  const events = messages.flatMap(({ space, message, threads }) => seedMessage(world, space, message, threads))
  events.sort((one, other) => one.at - other.at)
  for (const { space, type, at, subject } of events) record(world, space, type, at, subject)
  world.lastStamp = events.at(-1)?.at ?? world.lastStamp
}

function seedSpace(world: World, wanted: SpaceSeed): SpaceRecord {
  const createTime =
    wanted.createTime === undefined ? Math.floor(world.ports.now()) * 1000 : microsOf(wanted.createTime)
  const space = emptySpace(world, wanted.id ?? makeSpaceId(world), createTime, {
    at: -Infinity,
    type: wanted.spaceType ?? 'SPACE',
    displayName: wanted.displayName ?? '',
    description: wanted.description ?? '',
    guidelines: wanted.guidelines ?? '',
    historyOff: wanted.historyOff ?? false,
  })
  for (const user of wanted.members) join(world, space, user, false, createTime)
  for (const user of wanted.managers ?? []) join(world, space, user, true, createTime)
  return space
}

function seedMessage(
  world: World,
  space: SpaceRecord,
  wanted: MessageSeed,
  threads: Map<string, ThreadRecord>,
): Past[] {
  const thread = threadOf(world, space, wanted, threads)
  const createTime = microsOf(wanted.createTime)
  const own = thread.messages.length === 0 ? thread.id : makeId(world, 11, (id) => space.byId.has(`${thread.id}.${id}`))
  const message: MessageRecord = {
    seq: nextSeq(world),
    id: wanted.id ?? `${thread.id}.${own}`,
    thread: thread.id,
    reply: thread.messages.length > 0,
    sender: wanted.sender,
    createTime,
    clientId: wanted.clientAssignedMessageId ?? null,
    privateViewer: wanted.privateMessageViewer ?? null,
    versions: versionsOf(world, wanted, createTime),
  }
  if (space.byId.has(message.id)) throw new Error(`two messages with the id ${message.id}`)
  keep(space, message)
  thread.messages.push(message)
  return message.versions.map(({ at, deleted, lastUpdateTime }) => {
    const type =
      deleted !== null ? 'message.v1.deleted' : lastUpdateTime !== null ? 'message.v1.updated' : 'message.v1.created'
    return { space, type, at, subject: message.id }
  })
}

function versionsOf(world: World, wanted: MessageSeed, createTime: Micros): MessageVersion[] {
  const caller: Caller = { user: wanted.sender, app: null, asOf: Infinity }
  const source = wanted.text
  const marked = markedText(world, caller, source)
  const versions: MessageVersion[] = [{ at: createTime, source, marked, lastUpdateTime: null, deleted: null }]
  if (wanted.lastUpdateTime !== undefined) {
    const at = microsOf(wanted.lastUpdateTime)
    versions.push({ at, source, marked, lastUpdateTime: at, deleted: null })
  }
  if (wanted.deleteTime !== undefined) {
    const at = microsOf(wanted.deleteTime)
    const nothing = { text: '', formatted: '', mentions: [] }
    const deleted = { at, type: wanted.deletionType ?? 'CREATOR' }
    versions.push({ at, source: '', marked: nothing, lastUpdateTime: null, deleted })
  }
  return versions
}

/** A seed's thread name becomes the thread's id when it looks like one. */
function threadOf(
  world: World,
  space: SpaceRecord,
  wanted: MessageSeed,
  threads: Map<string, ThreadRecord>,
): ThreadRecord {
  const known = wanted.thread === undefined ? undefined : threads.get(wanted.thread)
  if (known !== undefined) return known
  const taken = (id: string): boolean => space.threads.has(id)
  const given = wanted.thread !== undefined && /^[\w-]+$/.test(wanted.thread) && !taken(wanted.thread)
  const thread = {
    id: given && wanted.thread ? wanted.thread : makeId(world, 11, taken),
    app: null,
    key: null,
    messages: [],
  }
  space.threads.set(thread.id, thread)
  if (wanted.thread !== undefined) threads.set(wanted.thread, thread)
  return thread
}
