/** Before a delete that takes others along: what it would take is read once more, and the plan must still want it. */
import { ConnectorError } from '../connector/failure.ts'
import type { Undoes } from '../core/action.ts'
import type { Intent } from '../store/store.ts'
import { HINT } from './buckets.ts'
import { assertCovered, look, readFeed } from './feeds.ts'
import { aroundOf, subjectOf } from './loaded.ts'
import { decide } from '../core/plan.ts'
import type { Task } from './task.ts'
import type { World } from './world.ts'

/**
 * Reads the feeds of the children and every child that is known, then decides again. Throws `stale` where a child has
 * come, or was edited, that nobody deleted. Costs one read for each child, and one for the feed.
 */
export async function confirmTaking(world: World, task: Task, intent: Intent, takes: readonly string[]): Promise<void> {
  const { model, write } = task
  const { connection, ref } = intent
  if (takes.length === 0 || ref === null) return
  for (const feed of new Set(takes.map((kind) => model.feedOf(write.side, kind)))) {
    await readFeed(world, connection, feed, HINT)
    await assertCovered(world, { connection, feed, scope: intent.scope, since: 0 })
  }
  const where = { connection, kinds: takes, parent: ref }
  for (const { kind, ref: child, scope } of await world.store.children(where))
    await look(world, connection, { feed: model.feedOf(write.side, kind), kind, ref: child, scope }, HINT, null)
  // A read that lags may have shown it as it was before what a hint tells of.
  if ((await world.store.children(where)).some(({ isHinted }) => isHinted))
    throw new ConnectorError('unavailable', 'something under it is to be looked at first', { noEffect: true })
  if (write.undoes !== undefined) return assertSeen(world, write.undoes, where)
  const loaded = await world.store.load({
    flow: model.flow.id,
    connections: model.flow.connections,
    pairs: model.specs,
    now: world.clock.now(),
    limit: 1,
    claim: false,
    only: [{ pair: task.pair.id, side: write.side, ref }],
  })
  const own = loaded.subjects[0]
  const subject = own === undefined ? null : subjectOf(model, own)
  const decision = subject === null ? null : decide(model.flow, subject, aroundOf(loaded))
  const still = decision?.writes.find((each) => each.write.do === write.do && each.write.side === write.side)
  // Who approved it knew what it was held for; the brake is no affair of one subject.
  if (still !== undefined && (still.hold === null || still.hold.reason === task.hold?.reason)) return
  throw new ConnectorError('stale', 'something under it was not deleted, and would go with it')
}

/** A person saw what goes along: nothing else may. */
async function assertSeen(
  world: World,
  { takes = [] }: Undoes,
  where: Parameters<World['store']['children']>[0],
): Promise<void> {
  const children = await world.store.children(where)
  if (children.every(({ ref }) => takes.includes(ref))) return
  throw new ConnectorError('stale', 'something under it came since, and would go with it')
}
