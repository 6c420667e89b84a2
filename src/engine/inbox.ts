/** Looks at what hints name. A hint only makes the engine look; what it finds is what counts. */
import type { ClaimedHint } from '../store/verbs/inbox.ts'
import { HINT } from './buckets.ts'
import { look, observe, pullFeed } from './feeds.ts'
import { backoffMs, failureOf, noteConnection, type World } from './world.ts'

const AT_ONCE = 16
/** Where so many hints of one feed wait, one pull is cheaper than the gets. */
const PULL_FROM = 40

/** Answers how many hints it looked at. */
export async function lookAtHints(world: World): Promise<number> {
  const hints = await world.store.claimHints({ now: world.clock.now(), limit: AT_ONCE * 8 })
  const pulls = feedsToPull(hints)
  for (const [connection, feed] of pulls) await pullFeed(world, connection, feed, HINT)
  const waiting = [...hints]
  const worker = async (): Promise<void> => {
    for (let hint = waiting.shift(); hint !== undefined; hint = waiting.shift()) await lookAtHint(world, hint)
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, hints.length) }, worker))
  return hints.length
}

/** A pull brings what is new; each item is then compared by its own read only where the pull did not name it. */
function feedsToPull(hints: readonly ClaimedHint[]): [string, string][] {
  const perFeed = new Map<string, { connection: string; feed: string; count: number }>()
  for (const { connection, feed, kind } of hints) {
    const entry = perFeed.get(`${connection} ${feed}`) ?? { connection, feed, count: 0 }
    entry.count += kind === '' ? PULL_FROM : 1
    perFeed.set(`${connection} ${feed}`, entry)
  }
  return [...perFeed.values()]
    .filter(({ count }) => count >= PULL_FROM)
    .map(({ connection, feed }) => [connection, feed])
}

async function lookAtHint(world: World, hint: ClaimedHint): Promise<void> {
  const { connection, feed, kind, ref, scope, generation } = hint
  try {
    if (kind === '') await observe(world, { connection, changes: [], hint: { feed, kind, ref, generation } })
    else await look(world, connection, { feed, kind, ref, scope }, HINT, generation)
  } catch (error) {
    const { failure, message } = failureOf(error)
    if (failure === 'unauthorized') await noteConnection(world, connection, message)
    const wait = backoffMs(hint.attempts + 1, () => world.random.next())
    await world.store.retryHint({ hint, notBefore: world.clock.now() + wait, why: message })
    world.events({
      is: 'trouble',
      where: `${connection} ${kind} ${ref}`,
      failure,
      message,
      next: `reads it again in ${Math.round(wait / 1000)} s`,
    })
  }
}
