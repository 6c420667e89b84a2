/** Reads feeds and lists scopes. A page and its cursor commit together. */
import type { Change, Page } from '../connector/connector.ts'
import { ConnectorError } from '../connector/failure.ts'
import { SIDES } from '../core/flow.ts'
import type { Observation } from '../core/state.ts'
import type { Listing } from '../store/verbs/listings.ts'
import type { Observe, Observed } from '../store/verbs/observe.ts'
import { AUDIT, CATCH_UP, FIRST_SYNC, type Priority } from './buckets.ts'
import { failureOf, noteConnection, sessionOf, type World } from './world.ts'

/** Commits what was read, and says so. */
export async function observe(world: World, input: Omit<Observe, 'now' | 'kinds' | 'watches'>): Promise<Observed> {
  const observed = await world.store.observe({
    ...input,
    now: world.clock.now(),
    kinds: world.model.readings(input.connection),
    watches: world.model.watches(input.connection),
  })
  if (observed.hints) world.bell.ring('hint')
  if (observed.answers) world.bell.ring('unanswered')
  if (observed.changed > 0) world.bell.ring('due')
  return observed
}

/** The containers that flows read through this connection. */
export async function scopesOf(world: World, connection: string): Promise<string[]> {
  const reading = world.model.flows.flatMap(({ flow }) =>
    SIDES.flatMap((side) => (flow.connections[side] === connection ? [{ flow: flow.id, side }] : [])),
  )
  // At one moment, so that they are one commit.
  const found = await Promise.all(
    reading.map(async ({ flow, side }) => (await world.store.instances({ flow })).map(({ scopes }) => scopes[side])),
  )
  return [...new Set(found.flat())].sort()
}

/**
 * Reads one feed to its end, as it is when this is called or later. Pulls of one feed go one after the other, so that no
 * cursor moves back; those that wait share the next one. False: it failed, and the next poll tries again.
 */
export function pullFeed(
  world: World,
  connection: string,
  feed: string,
  priority: Priority = CATCH_UP,
): Promise<boolean> {
  const { pulls } = sessionOf(world, connection)
  const { running, next } = pulls.get(feed) ?? { running: null, next: null }
  if (next !== null) return next
  const begin = (): Promise<boolean> => {
    const own = pull(world, connection, feed, priority).finally(() => {
      if (pulls.get(feed)?.next === null) pulls.delete(feed)
    })
    pulls.set(feed, { running: own, next: null })
    return own
  }
  if (running === null) return begin()
  const waiting = running.then(begin, begin)
  pulls.set(feed, { running, next: waiting })
  return waiting
}

async function pull(world: World, connection: string, feed: string, priority: Priority): Promise<boolean> {
  const session = sessionOf(world, connection)
  const declared = session.setup.connector.feeds[feed]
  if (declared === undefined) return true
  try {
    const [known, scopes] = await Promise.all([
      world.store.feedCursor({ connection, feed }),
      scopesOf(world, connection),
    ])
    const call = session.call('', priority, scopes)
    let changed = 0
    let readAt = world.clock.now()
    for await (const { changes, cursor } of declared.pull(call, known)) {
      changed += (await observe(world, { connection, readAt, changes, cursor: { feed, cursor } })).changed
      readAt = world.clock.now()
    }
    session.pulledAt.set(feed, world.clock.now())
    if (changed > 0) session.changedAt = world.clock.now()
    world.events({ is: 'read', connection, feed, changed })
    await noteConnection(world, connection, null)
    return true
  } catch (error) {
    await feedTrouble(world, connection, feed, error)
    return false
  }
}

/** As `pullFeed`, for a caller to whom an unread feed says nothing: throws where it could not be read to its end. */
export async function readFeed(world: World, connection: string, feed: string, priority: Priority): Promise<void> {
  if (await pullFeed(world, connection, feed, priority)) return
  throw new ConnectorError('unavailable', `the feed ${feed} of ${connection} could not be read`, { noEffect: true })
}

async function feedTrouble(world: World, connection: string, feed: string, error: unknown): Promise<void> {
  const { failure, message } = failureOf(error)
  if (world.buckets.isClosed) return
  const expired = failure === 'cursor-expired'
  await world.store.feedFailed({ connection, feed, why: message, now: world.clock.now(), expired })
  if (failure === 'unauthorized') await noteConnection(world, connection, message)
  const next = expired ? 'lists every scope again' : 'tries again at the next poll'
  world.events({ is: 'trouble', where: `${connection} ${feed}`, failure, message, next })
  if (expired) world.bell.ring()
}

/** What came of a listing. `stuck`: its scope alone cannot be read. */
export type Listed = 'read' | 'stuck' | 'failed'

/** Carries one wanted listing through, or as far as it goes: it goes on from its last page. */
export async function listScope(world: World, wanted: Listing, first: boolean): Promise<Listed> {
  const { connection, feed, scope } = wanted
  const session = sessionOf(world, connection)
  const declared = session.setup.connector.feeds[feed]
  if (declared === undefined) return 'read'
  try {
    const listing = await world.store.beginListing({ connection, feed, scope, now: world.clock.now() })
    const call = session.call(scope, first ? FIRST_SYNC : AUDIT, [scope])
    let items = 0
    let readAt = world.clock.now()
    for await (const page of declared.list(call, listing.position)) {
      items += page.changes.length
      await commitListed(world, listing, page, readAt)
      readAt = world.clock.now()
      world.events({ is: 'listed', connection, scope, items, complete: page.complete === true })
    }
    return 'read'
  } catch (error) {
    const { failure, message } = failureOf(error)
    if (world.buckets.isClosed) return 'failed'
    if (failure === 'unauthorized') await noteConnection(world, connection, message)
    world.events({
      is: 'trouble',
      where: `${connection} ${scope}`,
      failure,
      message,
      next: 'goes on with this listing at the next poll',
    })
    await world.store.feedFailed({ connection, feed, why: message, now: world.clock.now(), expired: false })
    return failure === 'missing' || failure === 'forbidden' ? 'stuck' : 'failed'
  }
}

async function commitListed(world: World, listing: Listing, page: Page, readAt: number): Promise<void> {
  const { connection, feed, scope, run } = listing
  await observe(world, {
    connection,
    readAt,
    changes: page.changes,
    listing: { feed, scope, run, position: page.cursor, complete: page.complete === true },
  })
  if (page.complete === true) world.bell.ring()
}

export interface Look {
  readonly feed: string
  readonly kind: string
  readonly ref: string
  readonly scope: string
  /** A feed told it to be deleted: where it is missing, that is why. Absent: none did. */
  readonly toldGone?: boolean
}

/**
 * Reads one item and commits what it is. A missing item is deleted only while its scope is readable; an item of a kind
 * that cannot be read by itself is left to its feed. Throws a ConnectorError when nothing could be learned.
 */
export async function look(
  world: World,
  connection: string,
  at: Look,
  priority: Priority,
  generation: number | null,
): Promise<void> {
  const hint = generation === null ? {} : { hint: { feed: at.feed, kind: at.kind, ref: at.ref, generation } }
  const kind = world.model.kind(connection, at.kind)
  const readAt = world.clock.now()
  if (kind.get === undefined) {
    await readFeed(world, connection, at.feed, priority)
    await observe(world, { connection, readAt, changes: [], ...hint })
    return
  }
  const session = sessionOf(world, connection)
  const call = session.call(at.scope, priority, [at.scope])
  const read = async (): Promise<Change | null> =>
    kind.get?.(call, at.ref).then((found) => ({ kind: at.kind, ...found }), nullIfMissing) ?? null
  const change = (await read()) ?? (await missing(world, connection, at, priority, read))
  await observe(world, { connection, readAt, changes: [change], ...hint })
}

/**
 * A right may be lost and given back between any two calls. What was missing between two reads of its scope is gone,
 * unless the right came and went twice.
 */
async function missing(
  world: World,
  connection: string,
  at: Look,
  priority: Priority,
  read: () => Promise<Change | null>,
): Promise<Change> {
  // It may have moved since whoever asks heard of it.
  const known = await world.store.item({ connection, kind: at.kind, ref: at.ref })
  const scope = known?.scope ?? at.scope
  await assertReadable(world, connection, scope, priority)
  const found = await read()
  if (found !== null) return found
  await assertReadable(world, connection, scope, priority)
  const { retention } = world.model.kind(connection, at.kind)
  const gone = at.toldGone !== true && hasExpired(known, retention, world.clock.now()) ? 'moved' : 'deleted'
  return { kind: at.kind, scope, ref: at.ref, gone }
}

function nullIfMissing(error: unknown): null {
  if (failureOf(error).failure !== 'missing') throw error
  return null
}

/** An item older than its kind's retention that vanishes has left: nobody deleted it, unless that is known already. */
function hasExpired(known: Observation | null, retention: number | undefined, now: number): boolean {
  if (retention === undefined || known === null || known.state === 'deleted') return false
  return known.createdAt !== null && Date.parse(known.createdAt) + retention * 1000 < now
}

/** Throws where the scope cannot be read either: then a missing item says nothing. */
export async function assertReadable(
  world: World,
  connection: string,
  scope: string,
  priority: Priority,
): Promise<void> {
  const session = sessionOf(world, connection)
  const container = Object.values(session.setup.connector.kinds).find((kind) => kind.is === 'container')
  if (scope === '' || container?.get === undefined) {
    await session.probe()
    return
  }
  const found = await container.get(session.call('', priority, [scope]), scope)
  if ('gone' in found) throw new ConnectorError('unavailable', `its container ${scope} is gone`, { noEffect: true })
}

type Covered = Parameters<World['store']['coverage']>[0]

/** A feed that began since then says nothing about what was before: the scope is read whole first. */
export async function assertCovered(world: World, what: Covered): Promise<void> {
  if ((await world.store.coverage(what)) === 'none') await readWhole(world, what)
}

/** Asks for a listing, and throws until there is one. */
export async function readWhole(world: World, what: Covered): Promise<never> {
  await world.store.wantListing({ ...what, hasTime: true })
  world.bell.ring()
  throw new ConnectorError('unavailable', 'its scope is read whole first', { noEffect: true })
}
