/** Reads one connection: its feeds at every poll, the listings that are wanted, the audit when it is time. */
import type { Store } from '../store/verbs/index.ts'
import type { Listing } from '../store/verbs/listings.ts'
import { CATCH_UP } from './buckets.ts'
import { listScope, look, pullFeed, scopesOf } from './feeds.ts'
import { createDirectory } from './people.ts'
import { createListening } from './listening.ts'
import { feedOf, lagOf } from './model.ts'
import { failureOf, noteConnection, sessionOf, type World } from './world.ts'

/** What is missing for longer is left to the audit. */
const LOST_FOR_MS = 30 * 24 * 60 * 60 * 1000
/** How many scopes of one connection are listed at once. */
const LISTINGS_AT_ONCE = 4

export interface Reader {
  readonly connection: string
  turn(): Promise<'more' | number>
  /** Whether everything was read at least once, or cannot be read now. */
  isThrough(store: Store): Promise<boolean>
  /** Takes no more turns. */
  end(): Promise<void>
}

/** `listens`: webhooks are taken meanwhile. */
export function createReader(world: World, connection: string, listens: boolean): Reader {
  const listening = listens ? createListening(world, connection) : null
  let nextPoll = 0
  let polls = 0
  let pulled = false
  let failed = false
  /** What could not be listed since the last poll, whatever else can. */
  const stuck = new Set<string>()
  /** Since when this process pulls the feeds with a scope among those asked for. */
  const covered = new Map<string, number>()
  const session = sessionOf(world, connection)
  const feeds = world.model.feeds(connection)
  const directory = createDirectory(world, connection)

  const poll = async (): Promise<void> => {
    const listed = (await wantedListings(world, connection)).map(({ scope }) => scope)
    const scopes = [...(await scopesOf(world, connection)), ...listed]
    await directory?.read()
    stuck.clear()
    failed = (await Promise.all(feeds.map((feed) => pullFeed(world, connection, feed)))).includes(false)
    if (!failed) for (const scope of ['', ...scopes]) if (!covered.has(scope)) covered.set(scope, world.clock.now())
    if (!pulled) world.bell.ring()
    pulled = true
    if (!failed) await lookForLost(world, connection, (polls += 1))
    nextPoll = world.clock.now() + world.settings.pollMs
  }

  /** When a wanted listing may begin; null: its feed has to be pulled first. */
  const mayBegin = ({ feed, scope, feedBeganAt }: Listing): number | null => {
    const since = covered.get(scope)
    if (since === undefined || feedBeganAt === null) return null
    return Math.max(since, feedBeganAt) + lagOf(session.setup.connector, feed)
  }

  return {
    connection,
    async turn() {
      await listening?.note()
      const isShut = session.actor === null || session.dead !== null
      if (isShut && !session.mended && world.clock.now() < nextPoll) return nextPoll
      if (session.mended) nextPoll = 0
      const isOpen = await openSession(world, connection, feeds, session.mended)
      if (!isOpen) {
        if (!pulled) world.bell.ring()
        failed = true
        pulled = true
        nextPoll = world.clock.now() + world.settings.pollMs
        return nextPoll
      }
      if (world.clock.now() >= nextPoll) await poll()
      const listings = await world.store.listings({ connection })
      const next = Math.min(nextPoll, await auditAt(world, listings))
      let wanted: readonly Listing[] = listings.filter(isWanted)
      if (wanted.length === 0) return next
      if (wanted.some((each) => mayBegin(each) === null)) {
        await poll()
        wanted = await wantedListings(world, connection)
      }
      if (failed) return next
      const open = wanted.filter((each) => !stuck.has(nameOf(each)))
      const now = world.clock.now()
      const ready = open.filter((each) => (mayBegin(each) ?? Infinity) <= now).slice(0, LISTINGS_AT_ONCE)
      if (ready.length === 0) return Math.min(next, ...open.map((each) => mayBegin(each) ?? nextPoll))
      const came = await Promise.all(ready.map((each) => listScope(world, each, each.finishedAt === null)))
      for (const [at, each] of ready.entries()) if (came[at] === 'stuck') stuck.add(nameOf(each))
      world.bell.ring()
      failed = came.includes('failed')
      return failed ? nextPoll : 'more'
    },
    async isThrough() {
      return pulled && (failed || (await wantedListings(world, connection)).every((each) => stuck.has(nameOf(each))))
    },
    end: async () => listening?.note(),
  }
}

/** Whether the system has said whose credential it is. `anew`: it may be another one than before. */
async function openSession(
  world: World,
  connection: string,
  feeds: readonly string[],
  anew: boolean,
): Promise<boolean> {
  const session = sessionOf(world, connection)
  session.mended = false
  if (!anew && session.actor !== null && session.dead === null) return true
  try {
    session.actor = await session.probe()
    await world.store.setConnection({
      id: connection,
      state: 'ok',
      why: '',
      actor: session.actor,
      now: world.clock.now(),
    })
    await noteConnection(world, connection, null)
    world.bell.ring()
    return true
  } catch (error) {
    const { failure, message } = failureOf(error)
    if (world.buckets.isClosed) return false
    if (failure === 'unauthorized') await noteConnection(world, connection, message)
    for (const feed of feeds)
      await world.store.feedFailed({ connection, feed, why: message, now: world.clock.now(), expired: false })
    world.events({
      is: 'trouble',
      where: connection,
      failure,
      message,
      next: 'tries to connect again at the next poll',
    })
    return false
  }
}

/**
 * A container that is missing may be deleted, or out of reach for now, and no feed tells when it is back: one of them is
 * looked at in every poll.
 */
async function lookForLost(world: World, connection: string, turn: number): Promise<void> {
  const since = world.clock.now() - LOST_FOR_MS
  const lost = await world.store.lostContainers({ connection, since })
  const one = lost[turn % lost.length]
  if (one === undefined) return
  const feed = feedOf(sessionOf(world, connection).setup.connector, one.kind)
  await look(world, connection, { feed, ...one, scope: '' }, CATCH_UP, null).catch((error: unknown) => {
    const { failure, message } = failureOf(error)
    world.events({ is: 'trouble', where: `${connection} ${one.ref}`, failure, message, next: 'looks for it again' })
  })
}

async function wantedListings(world: World, connection: string): ReturnType<Store['listings']> {
  return (await world.store.listings({ connection })).filter(isWanted)
}

function nameOf({ feed, scope }: Listing): string {
  return `${feed} ${scope}`
}

function isWanted({ state }: Listing): boolean {
  return state !== 'done'
}

/** Wants scopes again whose last listing is old, or doubted; answers when the next one will be. */
async function auditAt(world: World, listings: readonly Listing[]): Promise<number> {
  let next = Infinity
  const { auditMs, pollMs } = world.settings
  for (const { connection, feed, scope, finishedAt, doubts } of listings.filter((each) => !isWanted(each))) {
    const at = (finishedAt ?? 0) + (doubts === 0 ? auditMs : Math.min(auditMs, pollMs * 2 ** doubts))
    if (at <= world.clock.now()) await world.store.wantListing({ connection, feed, scope })
    else next = Math.min(next, at)
  }
  return next
}
