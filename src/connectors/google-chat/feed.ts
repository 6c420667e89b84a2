/** What changed: one list of all spaces tells which had a message; their events, and some quiet spaces', tell the rest. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { ConnectorError, failedAs, type Call, type Change, type Page, type Unread } from '../../connector/index.ts'
import { eventPages, isPublic, spacesPage, type ChatApi } from './api.ts'
import { changesOf, deleted, gone, instant, sortable, spaceItem, threadHint } from './items.ts'
import { isEmpty } from './messages.ts'
import type { WireEvent, WireMessage, WireSpace } from './wire.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const KEPT_MS = 28 * DAY_MS

/**
 * `events`: up to which instant each space's events were read, less the lag. `names`: fingerprints of the names of all
 * spaces, which are few bytes where the names are many.
 */
const cursorOfFeed = z.object({ events: z.record(z.string(), z.string()), names: z.record(z.string(), z.string()) })
type Cursor = z.infer<typeof cursorOfFeed>

/**
 * When nothing changed, this makes one call for the list of spaces and `quietSpacesPerPull` more, however many spaces
 * there are. A space is read until a read ended later than its last message by the lag: a read before that may have
 * come too early.
 */
export async function* pull(call: Call<ChatApi>, cursor: string | null): AsyncIterable<Page> {
  const { api } = call
  const before = cursor === null ? null : parse(cursor)
  const now = api.clock.now()
  const until = new Date(now - api.config.lagSeconds * 1000).toISOString()
  const listed = await allSpaces(api)
  const read = call.scopes.filter((scope) => scope !== '')
  const events = Object.fromEntries(read.map((scope) => [scope, before?.events[scope] ?? until]))
  const names = Object.fromEntries([...listed.values()].map((space) => [space.name, fingerprint(space)]))
  const inReach = read.filter((scope) => listed.has(scope) && before?.events[scope] !== undefined)
  for (const scope of inReach) checkAge(events[scope] ?? until, now)
  yield { changes: before === null ? [] : changesOfSpaces(before, listed), cursor: JSON.stringify({ events, names }) }
  const { active, quiet } = due(inReach, events, listed)
  let quietLeft = api.config.quietSpacesPerPull
  let refused: ConnectorError | null = null
  for (const scope of [...active, ...quiet]) {
    const isQuiet = !active.has(scope)
    if (isQuiet && quietLeft === 0) break
    try {
      for await (const page of readEvents(call, scope, events[scope] ?? until, until)) {
        events[scope] = page.reached
        yield { changes: page.changes, cursor: JSON.stringify({ events, names }) }
      }
      if (isQuiet) quietLeft -= 1
    } catch (error) {
      // It keeps its place; a quiet one does not take the turn of the others.
      if (failedAs(error, 'missing'))
        yield { changes: [{ kind: 'space', ...unreadSpace(scope) }], cursor: JSON.stringify({ events, names }) }
      else if (failedAs(error, 'forbidden'))
        refused ??= new ConnectorError('forbidden', `the space ${scope}: ${error.message}`)
      else throw error
    }
  }
  // One space that may not be read keeps back none of the others, and is told all the same.
  if (refused !== null) throw refused
}

interface Due {
  readonly active: ReadonlySet<string>
  readonly quiet: readonly string[]
}

/** The spaces with a message since they were read, and the others, from the one that was not searched for longest. */
function due(scopes: readonly string[], events: Cursor['events'], listed: ReadonlyMap<string, WireSpace>): Due {
  const readUntil = (scope: string): string => sortable(events[scope] ?? instant(new Date(0).toISOString()))
  const isActive = (scope: string): boolean => {
    const active = listed.get(scope)?.lastActiveTime
    return active !== undefined && sortable(active) > readUntil(scope)
  }
  const quiet = scopes.filter((scope) => !isActive(scope))
  quiet.sort((left, right) => (readUntil(left) < readUntil(right) ? -1 : readUntil(left) > readUntil(right) ? 1 : 0))
  return { active: new Set(scopes.filter(isActive)), quiet }
}

/** A space that is listed no more may be deleted, or the user may have left it: only reading it tells. */
function changesOfSpaces(before: Cursor, listed: ReadonlyMap<string, WireSpace>): readonly Change[] {
  const changes: Change[] = []
  for (const space of listed.values())
    if (before.names[space.name] !== fingerprint(space)) changes.push({ kind: 'space', ...spaceItem(space) })
  for (const name of Object.keys(before.names))
    if (!listed.has(name)) changes.push({ kind: 'space', ...unreadSpace(name) })
  return changes
}

/** Only reading it by itself tells what became of it. */
function unreadSpace(ref: string): Unread {
  return { scope: '', ref, unread: true }
}

interface EventsRead {
  readonly changes: readonly Change[]
  /** Up to which instant the events are read. */
  readonly reached: string
}

async function* readEvents(
  call: Call<ChatApi>,
  space: string,
  after: string,
  until: string,
): AsyncIterable<EventsRead> {
  let reached = after
  try {
    for await (const page of eventPages(call.api, space, after)) {
      const last = page.last ? until : beforeEvent(page.events.at(-1))
      if (last !== null && last > reached) reached = last
      yield { changes: await changesOfEvents(call, page.events), reached }
    }
  } catch (error) {
    const old = call.api.clock.now() - Date.parse(after) > KEPT_MS - DAY_MS
    if (old && failedAs(error, 'rejected')) throw expired(error.message)
    throw error
  }
}

/** Other events of the same time may follow on the next page. */
function beforeEvent(event: WireEvent | undefined): string | null {
  return event === undefined ? null : new Date(Date.parse(event.eventTime) - 1).toISOString()
}

/**
 * An event shows its message as it is now, so of many events the last one is enough. A thread is looked at when one of
 * its messages is deleted: it goes with the last of them.
 */
async function changesOfEvents(call: Call<ChatApi>, events: readonly WireEvent[]): Promise<readonly Change[]> {
  const changes = new Map<string, Change>()
  const threads = new Set<string>()
  const note = (change: Change): void => void changes.set(`${change.kind} ${change.ref}`, change)
  for (const event of events) {
    for (const message of deletedIn(event)) {
      note({ kind: 'message', ...deleted(message) })
      const thread = threadHint(message)
      if (thread !== null) threads.add(thread)
    }
    for (const message of writtenIn(event))
      if (isPublic(message)) for (const change of changesOf(call, message)) note(change)
  }
  for (const thread of threads) if (await isEmpty(call.api, thread)) note({ kind: 'thread', ...gone(thread) })
  return [...changes.values()]
}

function writtenIn(event: WireEvent): readonly WireMessage[] {
  return [
    event.messageCreatedEventData,
    event.messageUpdatedEventData,
    ...(event.messageBatchCreatedEventData?.messages ?? []),
    ...(event.messageBatchUpdatedEventData?.messages ?? []),
  ].flatMap((data) => data?.message ?? [])
}

function deletedIn(event: WireEvent): readonly WireMessage[] {
  return [event.messageDeletedEventData, ...(event.messageBatchDeletedEventData?.messages ?? [])].flatMap(
    (data) => data?.message ?? [],
  )
}

async function allSpaces(api: ChatApi): Promise<ReadonlyMap<string, WireSpace>> {
  const found = new Map<string, WireSpace>()
  let token: string | undefined
  do {
    const { spaces, next } = await spacesPage(api, token)
    for (const space of spaces) found.set(space.name, space)
    token = next
  } while (token !== undefined)
  return found
}

function fingerprint(space: WireSpace): string {
  return createHash('sha256')
    .update(space.displayName ?? '')
    .digest('base64url')
    .slice(0, 12)
}

function checkAge(readUntil: string, now: number): void {
  if (now - Date.parse(readUntil) > KEPT_MS) throw expired('Google Chat keeps events for 28 days')
}

function parse(cursor: string): Cursor {
  try {
    return cursorOfFeed.parse(JSON.parse(cursor))
  } catch {
    throw expired('the cursor is of another form')
  }
}

function expired(why: string): ConnectorError {
  return new ConnectorError('cursor-expired', why)
}
