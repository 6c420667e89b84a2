/** Listens to what rings by itself, where a feed can: each ring is a pull, at once. */
import { HINT } from './buckets.ts'
import { pullFeed } from './feeds.ts'
import { backoffMs, failureOf, sessionOf, type World } from './world.ts'

/** How often it is looked whether a connection answers by now. */
const ANSWERS_MS = 1000

/** Listens to the feeds of a connection that some flow reads, until `signal` aborts. */
export async function listenTo(world: World, connection: string, signal: AbortSignal): Promise<void> {
  const { feeds } = sessionOf(world, connection).setup.connector
  const heard = world.model.feeds(connection).filter((feed) => feeds[feed]?.listen !== undefined)
  await Promise.all(heard.map((feed) => listenToOne(world, connection, feed, signal)))
}

async function listenToOne(world: World, connection: string, feed: string, signal: AbortSignal): Promise<void> {
  const session = sessionOf(world, connection)
  const { listen } = session.setup.connector.feeds[feed] ?? {}
  let pulling = Promise.resolve(true)
  let fault: unknown = null
  const end = new AbortController()
  const ring = (): void => {
    if (signal.aborted || session.dead !== null) return
    pulling = pullFeed(world, connection, feed, HINT)
    pulling.catch((error: unknown) => {
      fault ??= error
      end.abort()
    })
  }
  for (let attempts = 0; !signal.aborted;) {
    if (session.actor === null || session.dead !== null) {
      await pause(world, ANSWERS_MS, signal)
      continue
    }
    const began = world.clock.now()
    try {
      await listen?.(session.call('', HINT), ring, AbortSignal.any([signal, end.signal]))
      if (fault !== null) throw fault
    } catch (error) {
      if (signal.aborted) break
      const { failure, message } = failureOf(error)
      attempts = world.clock.now() - began > world.settings.pollMs ? 1 : attempts + 1
      const wait = backoffMs(attempts, () => world.random.next())
      const next = `listens again in ${Math.round(wait / 1000)} s; polls go on`
      world.events({ is: 'trouble', where: `${connection}/${feed}`, failure, message, next })
      await pause(world, wait, signal)
    }
  }
  await pulling.catch(() => undefined)
  if (fault !== null) throw fault
}

async function pause(world: World, ms: number, signal: AbortSignal): Promise<void> {
  await world.clock.sleep(ms, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}
