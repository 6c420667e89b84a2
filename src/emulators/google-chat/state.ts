/**
 * The state of an emulated Chat. Spaces and messages keep their past versions as far back as a read may lag, so that a
 * stale read is a true earlier state and not a mixture.
 */
import type { EmulatorPorts } from '../emulator.ts'
import { ChatError } from './errors.ts'
import type { MarkedText } from './markup.ts'
import type { DeletionType, Rules, SpaceType, UserSeed } from './options.ts'
import type { Micros } from './time.ts'

export interface Versioned {
  /** From when on the version holds. */
  readonly at: Micros
}

export interface MessageVersion extends Versioned {
  readonly source: string
  readonly marked: MarkedText
  readonly lastUpdateTime: Micros | null
  readonly deleted: { readonly at: Micros; readonly type: DeletionType } | null
}

export interface MessageRecord {
  /** Orders messages of all spaces by creation. */
  readonly seq: number
  readonly id: string
  readonly thread: string
  readonly reply: boolean
  readonly sender: string
  readonly createTime: Micros
  readonly clientId: string | null
  readonly privateViewer: string | null
  readonly versions: MessageVersion[]
}

export interface SpaceVersion extends Versioned {
  readonly type: SpaceType
  readonly displayName: string
  readonly description: string
  readonly guidelines: string
  readonly historyOff: boolean
}

export interface MemberRecord {
  readonly seq: number
  readonly user: string
  readonly manager: boolean
  readonly joined: Micros
}

export interface EventRecord {
  readonly seq: number
  readonly id: string
  readonly type: EventType
  readonly at: Micros
  /** When list begins to show it. */
  readonly visible: Micros
  /** The message's or the user's id; empty for the space itself. */
  readonly subject: string
}

export type EventType =
  | 'message.v1.created'
  | 'message.v1.updated'
  | 'message.v1.deleted'
  | 'membership.v1.created'
  | 'membership.v1.deleted'
  | 'space.v1.updated'

export interface ThreadRecord {
  readonly id: string
  /** The app that may name the thread by its key. */
  readonly app: string | null
  readonly key: string | null
  readonly messages: MessageRecord[]
}

export interface SpaceRecord {
  readonly seq: number
  readonly id: string
  readonly createTime: Micros
  readonly versions: SpaceVersion[]
  readonly members: Map<string, MemberRecord>
  /** By creation; tombstones stay. */
  readonly messages: MessageRecord[]
  readonly byId: Map<string, MessageRecord>
  readonly byClientId: Map<string, MessageRecord>
  readonly threads: Map<string, ThreadRecord>
  readonly threadKeys: Map<string, ThreadRecord>
  readonly events: EventRecord[]
}

/** What a requestId stands for. */
export interface PastRequest {
  readonly user: string
  readonly at: Micros
  readonly space: SpaceRecord
  readonly message: MessageRecord | null
}

export interface World {
  readonly ports: EmulatorPorts
  readonly rules: Rules
  readonly users: ReadonlyMap<string, UserSeed>
  readonly spaces: Map<string, SpaceRecord>
  readonly requests: Map<string, PastRequest>
  /** The newest stamp and the newest number given out. */
  lastStamp: Micros
  lastSeq: number
}

/** Who asks, through which project (null: a person in Chat's own window), and as of when reads are served. */
export interface Caller {
  readonly user: string
  readonly app: string | null
  readonly asOf: Micros
}

const ID_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

export function createWorld(ports: EmulatorPorts, rules: Rules, users: readonly UserSeed[]): World {
  return {
    ports,
    rules,
    users: new Map(users.map((user) => [user.id, user])),
    spaces: new Map(),
    requests: new Map(),
    lastStamp: 0,
    lastSeq: 0,
  }
}

/** The time of a change: later than every earlier one, so that creation order and time order agree. */
export function stamp(world: World): Micros {
  const now = Math.floor(world.ports.now()) * 1000 + Math.floor(world.ports.random() * 1000)
  world.lastStamp = Math.max(world.lastStamp + 1, now)
  return world.lastStamp
}

/** The moment as of which nothing is hidden: now, or the last stamp where stamps run ahead of the clock. */
export function newest(world: World): Micros {
  return Math.max(Math.floor(world.ports.now()) * 1000 + 999, world.lastStamp)
}

export function nextSeq(world: World): number {
  world.lastSeq += 1
  return world.lastSeq
}

/** An id that `taken` does not hold. Chance may be a constant; the counter then makes the difference. */
export function makeId(world: World, length: number, taken: (id: string) => boolean): string {
  let id = ''
  for (let i = 0; i < length; i += 1) id += ID_CHARACTERS[Math.floor(world.ports.random() * 64)] ?? 'A'
  for (let n = world.lastSeq; taken(id); n += 1)
    id = `${id.slice(0, length - 5)}${n.toString(36).padStart(5, 'A').slice(-5)}`
  return id
}

/** The version that held at a time; null before the first. */
export function versionAt<V extends Versioned>(versions: readonly V[], asOf: Micros): V | null {
  for (let i = versions.length - 1; i >= 0; i -= 1) {
    const version = versions[i]
    if (version !== undefined && version.at <= asOf) return version
  }
  return null
}

/** The version that writes see. */
export function current<V extends Versioned>(versions: readonly V[]): V {
  const last = versions.at(-1)
  if (last === undefined) throw new Error('a record without a version')
  return last
}

/** Adds a version and forgets those that no lagging read can ask for. */
export function addVersion<V extends Versioned>(world: World, versions: V[], version: V): void {
  versions.push(version)
  const oldest = version.at - (world.rules.readLagMs + 1) * 1000
  let keep = versions.length - 1
  while (keep > 0 && (versions[keep]?.at ?? 0) > oldest) keep -= 1
  if (keep > 0) versions.splice(0, keep)
}

/** The user behind `users/{ref}`: an id, or with user authentication an e-mail address or `me`. */
export function userBy(world: World, ref: string, caller: Caller): UserSeed | null {
  if (ref === 'me') return world.users.get(caller.user) ?? null
  const direct = world.users.get(ref)
  if (direct !== undefined) return direct
  const email = ref.toLowerCase()
  for (const user of world.users.values()) if (user.email.toLowerCase() === email) return user
  return null
}

/** A space that the caller may look into: NOT_FOUND when there is none, PERMISSION_DENIED for outsiders. */
export function enter(world: World, caller: Caller, spaceId: string): SpaceRecord {
  const space = world.spaces.get(spaceId)
  if (space === undefined || versionAt(space.versions, caller.asOf) === null)
    throw new ChatError('NOT_FOUND', 'Space not found.')
  if (world.rules.membersOnly && !space.members.has(caller.user))
    throw new ChatError('PERMISSION_DENIED', 'The caller does not have permission')
  return space
}

export function isManager(space: SpaceRecord, user: string): boolean {
  return space.members.get(user)?.manager ?? false
}

/** Whether two users share a direct message, which lets them see each other's names. */
export function haveMet(world: World, one: string, other: string): boolean {
  for (const space of world.spaces.values())
    if (current(space.versions).type === 'DIRECT_MESSAGE' && space.members.has(one) && space.members.has(other))
      return true
  return false
}

/** Index of the first message created after a time. */
export function firstAfter(messages: readonly MessageRecord[], time: Micros): number {
  let low = 0
  let high = messages.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((messages[middle]?.createTime ?? 0) <= time) low = middle + 1
    else high = middle
  }
  return low
}
