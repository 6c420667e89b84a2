/** Before a delete that takes others along: what it would take is read once more, and the plan must still want it. */
import { ConnectorError } from '../connector/failure.ts'
import type { Undoes } from '../core/action.ts'
import { comparedFields } from '../core/flow.ts'
import type { Identity, Intent } from '../core/state.ts'
import { HINT } from './buckets.ts'
import { assertCovered, look, readFeed } from './feeds.ts'
import { aroundOf, subjectOf } from './loaded.ts'
import { decide } from '../core/plan.ts'
import { fingerprintOf, type Task } from './task.ts'
import type { World } from './world.ts'

/** What goes along with an item. */
export interface Along {
  /** Kinds under it. */
  readonly under: readonly string[]
  /** What such items are made together with, where it is the last of them: its parent ends with it. */
  readonly above: (Identity & { readonly scope: string }) | null
}

/** Null: it goes alone. */
export async function goingAlong(world: World, task: Task, { connection, kind }: Intent): Promise<Along | null> {
  const under = world.model.kind(connection, kind).takes ?? []
  const above = task.write.do === 'delete' ? await endedBy(world, task) : null
  return task.write.do !== 'delete' || (under.length === 0 && above === null) ? null : { under, above }
}

/** A correction is no answer, and a person who takes something back has seen what ends with it. */
async function endedBy(world: World, { model, pair, write, seen }: Task): Promise<Along['above']> {
  const { side } = write
  const { connection, kind, parent } = pair.kinds[side]
  const known = seen[side]
  if (parent === null || known === null || known.parent === null) return null
  if (write.about !== null || write.undoes !== undefined) return null
  const above = model.flow.pairs.find(({ kinds }) => kinds[side].kind === parent.kind && kinds[side].head === kind)
  if (above === undefined || comparedFields(above, side).length === 0) return null
  const children = await world.store.children({ connection, kinds: [kind], parent: known.parent })
  const isLast = children.every(({ ref }) => ref === known.ref)
  return isLast ? { connection, kind: parent.kind, ref: known.parent, scope: known.scope } : null
}

/**
 * Reads the feeds of the children and every child that is known, and what ends with the item. Costs one read for each, and
 * one for the feed.
 */
export async function readTaking(
  world: World,
  { model, write }: Task,
  { connection, ref, scope }: Intent,
  along: Along,
): Promise<void> {
  if (ref === null) return
  for (const feed of new Set(along.under.map((kind) => model.feedOf(write.side, kind)))) {
    await readFeed(world, connection, feed, HINT)
    await assertCovered(world, { connection, feed, scope, since: 0 })
  }
  const children = await world.store.children({ connection, kinds: along.under, parent: ref })
  for (const each of along.above === null ? children : [...children, along.above])
    await look(world, connection, { ...each, feed: model.feedOf(write.side, each.kind) }, HINT, null)
}

/**
 * Decides again by what is known now. Throws `stale` where something has come, or was edited, that nobody deleted. Comes last
 * before the call: what a feed told during the reads counts too.
 */
export async function confirmTaking(world: World, task: Task, intent: Intent, along: Along): Promise<void> {
  const { model, write } = task
  const { connection, ref } = intent
  if (ref === null) return
  const where = { connection, kinds: along.under, parent: ref }
  // A read that lags may have shown it as it was before what a hint tells of.
  const going = (await world.store.children(where)).map((child) => ({ connection, ...child }))
  if (await world.store.isHinted(along.above === null ? going : [...going, along.above]))
    throw new ConnectorError('unavailable', 'what goes with it is to be looked at first', { noEffect: true })
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
  if (still === undefined || subject === null) throw new ConnectorError('stale', NOT_DELETED)
  // Who approved it knew what it was held for, and what went along; the brake is no affair of one subject.
  const isApproved =
    still.hold?.reason === task.hold?.reason && fingerprintOf(world, still.write, subject) === intent.fingerprint
  if (still.hold === null || isApproved) return
  throw new ConnectorError('stale', NOT_DELETED)
}

const NOT_DELETED = 'something that would go with it was not deleted'

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
