/**
 * The events of a space. An event names what happened and carries the resource as it is now, not as it was then; a
 * resource that is gone comes empty.
 */
import { ChatError, invalid } from './errors.ts'
import { parseFilter, refuse, timeIn } from './filters.ts'
import { pageOf, nextToken } from './paging.ts'
import { messageJson, messageName, membershipJson, spaceJson, spaceName } from './render.ts'
import {
  enter,
  makeId,
  nextSeq,
  type Caller,
  type EventRecord,
  type EventType,
  type SpaceRecord,
  type World,
} from './state.ts'
import { liveVersion, maySee } from './reading.ts'
import { formatTime, type Micros } from './time.ts'

const PREFIX = 'google.workspace.chat.'
const DAYS_KEPT = 28
const ASKABLE = new Set([
  'message.v1.created',
  'message.v1.updated',
  'message.v1.deleted',
  'membership.v1.created',
  'membership.v1.updated',
  'membership.v1.deleted',
  'reaction.v1.created',
  'reaction.v1.deleted',
  'space.v1.updated',
])

export interface SpaceEventJson {
  readonly name: string
  readonly eventTime: string
  readonly eventType: string
  /** One `…EventData` field beside them. */
  readonly [payload: string]: unknown
}

/** One event, or several of a type that are served as one batch. */
interface Served {
  readonly id: string
  readonly type: EventType
  readonly at: Micros
  readonly seq: number
  readonly parts: readonly EventRecord[]
}

export function record(world: World, space: SpaceRecord, type: EventType, at: Micros, subject = ''): void {
  const lag = Math.floor(world.ports.random() * world.rules.eventLagMs * 1000)
  const seq = nextSeq(world)
  const id = `${makeId(world, 20, () => false)}${seq.toString(36)}`
  space.events.push({ seq, id, type, at, visible: at + lag, subject })
}

export interface ListEvents {
  readonly filter: string | null
  readonly pageSize: number | null
  readonly pageToken: string | null
}

export function listEvents(
  world: World,
  caller: Caller,
  spaceId: string,
  wanted: ListEvents,
): { spaceEvents?: SpaceEventJson[]; nextPageToken?: string } {
  const space = enter(world, caller, spaceId)
  const range = rangeOf(world, wanted.filter)
  const listed = servedEvents(world, caller, space, range.start).filter(
    (event) => range.types.has(event.type) && event.at > range.start && event.at <= range.end,
  )
  const page = pageOf(listed, (event) => event.seq, false, {
    ...wanted,
    standard: 100,
    most: 1000,
    cap: world.rules.pageCap,
    parameters: ['spaceEvents', spaceId, wanted.filter, wanted.pageSize],
  })
  const spaceEvents = page.items.map((event) => eventJson(world, caller, space, event))
  return { ...(spaceEvents.length === 0 ? {} : { spaceEvents }), ...nextToken(page) }
}

export function getEvent(world: World, caller: Caller, spaceId: string, eventId: string): SpaceEventJson {
  const space = enter(world, caller, spaceId)
  const found = servedEvents(world, caller, space).find((event) => event.id === eventId)
  if (found === undefined || found.at <= oldest(world)) throw new ChatError('NOT_FOUND', 'Space event not found.')
  return eventJson(world, caller, space, found)
}

function oldest(world: World): Micros {
  return (world.ports.now() - DAYS_KEPT * 86_400_000) * 1000
}

interface Range {
  readonly types: ReadonlySet<string>
  readonly start: Micros
  readonly end: Micros
}

function rangeOf(world: World, filter: string | null): Range {
  if (filter === null || filter === '') throw invalid('filter is required and must name at least one event type.')
  const types = new Set<string>()
  let start: Micros | null = null
  let end: Micros | null = null
  for (const options of parseFilter(filter)) {
    for (const restriction of options) {
      const { field, operator, value } = restriction
      if (field === 'event_types' && operator === ':') {
        if (!value.startsWith(PREFIX) || !ASKABLE.has(value.slice(PREFIX.length))) refuse(filter)
        types.add(value.slice(PREFIX.length))
      } else if (options.length > 1 || operator !== '=') refuse(filter)
      else if (field === 'start_time' && start === null) start = timeIn(restriction, filter)
      else if (field === 'end_time' && end === null) end = timeIn(restriction, filter)
      else refuse(filter)
    }
  }
  const groups = parseFilter(filter).filter((options) => options[0]?.field === 'event_types').length
  if (groups !== 1) throw invalid('filter must name its event types in one place, joined by OR.')
  const limit = oldest(world)
  if (start !== null && start < limit && !world.rules.oldStartTimesClamped)
    throw invalid(`start_time must not be more than ${DAYS_KEPT} days ago.`)
  if (start !== null && end !== null && end <= start) throw invalid('end_time must be after start_time.')
  return { types, start: Math.max(start ?? limit, limit), end: end ?? Infinity }
}

/** Every event after `start` that shows by now, in order of time, batched as the rules say. */
function servedEvents(world: World, caller: Caller, space: SpaceRecord, start = -Infinity): Served[] {
  const window = world.rules.batchWindowMs * 1000
  if (window === 0) return singles(caller, space, start)
  const served: Served[] = []
  const open = new Map<EventType, { start: Micros; index: number }>()
  for (const event of space.events) {
    if (event.visible > caller.asOf || !concerns(caller, space, event)) continue
    const group = open.get(event.type)
    const before = group === undefined ? undefined : served[group.index]
    if (group !== undefined && before !== undefined && event.at - group.start <= window) {
      served[group.index] = { ...before, at: event.at, seq: event.seq, parts: [...before.parts, event] }
      continue
    }
    open.set(event.type, { start: event.at, index: served.length })
    served.push({ ...event, parts: [event] })
  }
  return served.sort((one, other) => one.seq - other.seq)
}

/** Events are kept in order of time, so that a late start finds its place without reading the past. */
function singles(caller: Caller, space: SpaceRecord, start: Micros): Served[] {
  const served: Served[] = []
  for (let i = space.events.length - 1; i >= 0; i -= 1) {
    const event = space.events[i]
    if (event === undefined || event.at <= start) break
    if (event.visible <= caller.asOf && concerns(caller, space, event)) served.push({ ...event, parts: [event] })
  }
  return served.reverse()
}

/** Private messages make no events for others. */
function concerns(caller: Caller, space: SpaceRecord, event: EventRecord): boolean {
  const message = event.type.startsWith('message.') ? space.byId.get(event.subject) : undefined
  return message === undefined || maySee(caller, message)
}

function eventJson(world: World, caller: Caller, space: SpaceRecord, event: Served): SpaceEventJson {
  const [resource = '', , change = ''] = event.type.split('.')
  const batch = event.parts.length > 1
  const kind = batch ? `batch${capital(change)}` : change
  const parts = event.parts.map((part) => ({ [resource]: resourceJson(world, caller, space, part) }))
  return {
    name: `${spaceName(space)}/spaceEvents/${event.id}`,
    eventTime: formatTime(event.at),
    eventType: `${PREFIX}${resource}.v1.${kind}`,
    [`${resource}${capital(kind)}EventData`]: batch ? { [`${resource}s`]: parts } : parts[0],
  }
}

function resourceJson(world: World, caller: Caller, space: SpaceRecord, event: EventRecord): object {
  if (event.type === 'space.v1.updated') return spaceJson(world, caller, space)
  if (event.type.startsWith('membership.')) {
    const name = `${spaceName(space)}/members/${event.subject}`
    if (event.type === 'membership.v1.deleted') return { name, state: 'NOT_A_MEMBER' }
    const member = space.members.get(event.subject)
    if (member !== undefined) return membershipJson(world, caller, space, member)
    return world.rules.goneEventsKeepName ? { name } : {}
  }
  const message = space.byId.get(event.subject)
  if (message === undefined) return {}
  const name = messageName(space, message)
  const version = liveVersion(world, caller, space, message)
  if (event.type === 'message.v1.deleted') {
    const type = message.versions.at(-1)?.deleted?.type
    const createTime = formatTime(message.createTime)
    return { name, createTime, ...(type === undefined ? {} : { deletionMetadata: { deletionType: type } }) }
  }
  if (version === null) return world.rules.goneEventsKeepName ? { name } : {}
  return messageJson(world, caller, space, message, version)
}

function capital(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`
}
