/** Looks at what hints name. A hint only makes the engine look; what it finds is what counts. */
import type { ClaimedHint } from '../store/verbs/inbox.ts'
import { HINT } from './buckets.ts'
import { look, observe, pullFeed } from './feeds.ts'
import { answering, backoffMs, failureOf, noteConnection, type World } from './world.ts'

const AT_ONCE = 16

export interface Looked {
  /** How many hints it looked at. */
  readonly count: number
  /** When the next of those that wait may be looked at; null: none does. */
  readonly next: number | null
}

export async function lookAtHints(world: World): Promise<Looked> {
  const { hints, next } = await world.store.claimHints({
    now: world.clock.now(),
    limit: AT_ONCE * 8,
    connections: answering(world),
  })
  const strange = new Set(hints.filter((hint) => isStrange(world, hint)))
  const wanted = hints.filter((hint) => !strange.has(hint))
  const newcomers = new Set(wanted.filter((hint) => !hint.known && isOrdered(world, hint)))
  const readAt = world.clock.now()
  const unread = new Set<string>()
  for (const { connection, feed } of feedsToPull(wanted, newcomers))
    if (!(await pullFeed(world, connection, feed, HINT))) unread.add(`${connection} ${feed}`)
  const unknown = await unknownIn(world, newcomers)
  const later: ClaimedHint[] = []
  for (const hint of unknown) {
    const wait = unread.has(`${hint.connection} ${hint.feed}`)
      ? { why: 'its feed could not be read' }
      : await waitOf(world, hint, readAt)
    if (wait === null) continue
    later.push(hint)
    await lookLater(world, hint, wait.why, wait.until)
  }
  const waiting = hints.filter((hint) => !later.includes(hint))
  const worker = async (): Promise<void> => {
    for (let hint = waiting.shift(); hint !== undefined; hint = waiting.shift())
      await lookAtHint(world, hint, strange.has(hint) || (newcomers.has(hint) && !unknown.has(hint)))
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, hints.length) }, worker))
  return { count: hints.length, next }
}

/** Of an unknown item, or of anything, in a scope that no flow reads: nobody's business, and each look would cost a call. */
function isStrange({ model }: World, { connection, kind, scope, known, read }: ClaimedHint): boolean {
  const isContainer = kind !== '' && model.kind(connection, kind).is === 'container'
  return !known && !read && scope !== '' && !isContainer
}

/**
 * Its kind has an order among siblings. Hints overtake each other: where the item is not known yet, an earlier sibling
 * may be there, of which no hint has come. A pull shows both.
 */
function isOrdered({ model }: World, { connection, kind }: ClaimedHint): boolean {
  return kind !== '' && model.kind(connection, kind).siblings !== undefined
}

/** Those whose item is still not known. */
async function unknownIn(world: World, hints: ReadonlySet<ClaimedHint>): Promise<ReadonlySet<ClaimedHint>> {
  const all = [...hints]
  const items = await Promise.all(all.map(({ connection, kind, ref }) => world.store.item({ connection, kind, ref })))
  return new Set(all.filter((_, index) => items[index] === null))
}

/**
 * Why, and at most until when, an earlier sibling may be hidden from a pull at `readAt` that did not show the hint's own
 * item; null: it is not.
 */
async function waitOf(
  world: World,
  { connection, feed, kind, scope, since }: ClaimedHint,
  readAt: number,
): Promise<{ readonly why: string; readonly until?: number } | null> {
  const until = since + (world.model.kind(connection, kind).lag ?? 0) * 1000
  if (readAt < until) return { why: 'its feed may not show it yet', until }
  // What came before the feed began is still to be listed.
  const coverage = await world.store.coverage({ connection, feed, scope, since: 0 })
  return coverage === 'none' ? { why: 'its scope is read whole first' } : null
}

/** A pull brings what is new. It spares no look at what is known: what changed there it may not show. */
function feedsToPull(
  hints: readonly ClaimedHint[],
  newcomers: ReadonlySet<ClaimedHint>,
): readonly Pick<ClaimedHint, 'connection' | 'feed'>[] {
  const asking = hints.filter((hint) => hint.kind === '' || newcomers.has(hint))
  return [...new Map(asking.map((hint) => [`${hint.connection} ${hint.feed}`, hint])).values()]
}

/** `done`: a pull has just shown what it names, or nobody wants to know. */
async function lookAtHint(world: World, hint: ClaimedHint, done: boolean): Promise<void> {
  const { connection, feed, kind, ref, scope, generation, toldGone } = hint
  try {
    if (kind === '' || done)
      await observe(world, {
        connection,
        readAt: world.clock.now(),
        changes: [],
        hint: { feed, kind, ref, generation },
      })
    else await look(world, connection, { feed, kind, ref, scope, toldGone }, HINT, generation)
  } catch (error) {
    const { failure, message } = failureOf(error)
    // The next process looks at it.
    if (world.buckets.isClosed) return
    if (failure === 'unauthorized') await noteConnection(world, connection, message)
    const wait = await lookLater(world, hint, message)
    world.events({
      is: 'trouble',
      where: `${connection} ${kind} ${ref}`,
      failure,
      message,
      next: `reads it again in ${Math.round(wait / 1000)} s`,
    })
  }
}

/** Answers after how many milliseconds; `until`: then at the latest. */
async function lookLater(world: World, hint: ClaimedHint, why: string, until = Infinity): Promise<number> {
  const now = world.clock.now()
  const wait = Math.min(
    backoffMs(hint.attempts + 1, () => world.random.next()),
    until - now,
  )
  if (!world.buckets.isClosed) await world.store.retryHint({ hint, notBefore: now + wait, why })
  return wait
}
