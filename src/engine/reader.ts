/** Reads one connection: its feeds at every poll, the listings that are wanted, the audit when it is time. */
import type { Store } from '../store/verbs/index.ts'
import { listScope, pullFeed, scopesOf } from './feeds.ts'
import { failureOf, noteConnection, sessionOf, type World } from './world.ts'

/** How many scopes of one connection are listed at once. */
const LISTINGS_AT_ONCE = 4

export interface Reader {
  readonly connection: string
  turn(): Promise<'more' | number>
  /** Resolves once the system was asked whose credential it is, whatever it said. */
  readonly asked: Promise<void>
  /** Whether everything was read at least once, or cannot be read now. */
  isThrough(store: Store): Promise<boolean>
}

/** Reads one connection: its feeds at every poll, the listings that are wanted, the audit when it is time. */
export function createReader(world: World, connection: string): Reader {
  let nextPoll = 0
  let pulled = false
  let failed = false
  const covered = new Set<string>()
  const session = sessionOf(world, connection)
  const feeds = world.model.feeds(connection)
  const asked = Promise.withResolvers<void>()

  const poll = async (): Promise<void> => {
    const scopes = await scopesOf(world, connection)
    const results = await Promise.all(feeds.map((feed) => pullFeed(world, connection, feed)))
    failed = results.includes(false)
    if (!failed) for (const scope of ['', ...scopes]) covered.add(scope)
    if (!pulled) world.bell.ring()
    pulled = true
    nextPoll = world.clock.now() + world.settings.pollMs
  }

  return {
    connection,
    asked: asked.promise,
    async turn() {
      const isShut = session.actor === null || session.dead !== null
      if (isShut && !session.mended && world.clock.now() < nextPoll) return nextPoll
      if (session.mended) nextPoll = 0
      session.mended = false
      const isOpen = await openSession(world, connection, feeds)
      asked.resolve()
      if (!isOpen) {
        if (!pulled) world.bell.ring()
        failed = true
        pulled = true
        nextPoll = world.clock.now() + world.settings.pollMs
        return nextPoll
      }
      if (world.clock.now() >= nextPoll) await poll()
      const wanted = await wantedListings(world, connection)
      if (wanted.length === 0) return Math.min(nextPoll, await auditAt(world, connection))
      if (wanted.some((each) => !covered.has(each.scope))) await poll()
      if (failed) return nextPoll
      const results = await Promise.all(
        wanted.slice(0, LISTINGS_AT_ONCE).map((each) => listScope(world, each, each.finishedAt === null)),
      )
      world.bell.ring()
      if (results.includes(false)) {
        failed = true
        return nextPoll
      }
      return 'more'
    },
    async isThrough() {
      return pulled && (failed || (await wantedListings(world, connection)).length === 0)
    },
  }
}

/** Whether the system has said whose credential it is. */
async function openSession(world: World, connection: string, feeds: readonly string[]): Promise<boolean> {
  const session = sessionOf(world, connection)
  if (session.actor !== null && session.dead === null) return true
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

async function wantedListings(world: World, connection: string): ReturnType<Store['listings']> {
  return (await world.store.listings({ connection })).filter((each) => each.state !== 'done')
}

/** Wants scopes again whose last listing is old; answers when the next one will be. */
async function auditAt(world: World, connection: string): Promise<number> {
  let next = Infinity
  for (const { feed, scope, finishedAt } of await world.store.listings({ connection })) {
    const at = (finishedAt ?? 0) + world.settings.auditMs
    if (at <= world.clock.now()) await world.store.wantListing({ connection, feed, scope, again: true })
    else next = Math.min(next, at)
  }
  return next
}
