/** Asks what became of writes whose outcome is open, before anything about them is tried again. */
import type { Made } from '../connector/connector.ts'
import { ConnectorError } from '../connector/failure.ts'
import { sameValue, type Values } from '../connector/values.ts'
import type { CreateAction, DeleteAction, UpdateAction } from '../core/action.ts'
import { other, type Side } from '../core/flow.ts'
import type { Intent, Observation } from '../store/store.ts'
import type { NewHold } from '../store/verbs/settle.ts'
import type { Finish } from '../store/verbs/write.ts'
import { CATCH_UP } from './buckets.ts'
import { assertReadable, look, readFeed } from './feeds.ts'
import type { FlowModel } from './model.ts'
import { created, createOf, outcomeOf, parted, removal, updated, type Settled } from './outcome.ts'
import { plannedCreate, plannedDelete, plannedUpdate } from './planned.ts'
import { itemOf } from './task.ts'
import { fail, isRepeatable, settleMs } from './trouble.ts'
import { backoffMs, failureOf, noteConnection, sessionOf, type World } from './world.ts'

/** Answers how many it asked about. Those that may still take effect are left for later. */
export async function recover(world: World): Promise<number> {
  const open = await world.store.openIntents({ process: world.process, now: world.clock.now() })
  let asked = 0
  for (const intent of open) {
    const until = settledAt(world, intent)
    if (until > world.clock.now()) {
      if (intent.state !== 'unknown' || intent.askAt < until)
        await leave(world, intent, until, 'it may still take effect')
      continue
    }
    asked += 1
    await ask(world, intent).catch(async (error: unknown) => {
      const { failure, message } = failureOf(error)
      if (failure === 'unauthorized') await noteConnection(world, intent.connection, message)
      await leave(world, intent, world.clock.now() + backoffMs(intent.attempts, () => world.random.next()), message)
    })
  }
  if (asked > 0) world.bell.ring()
  return asked
}

/** Until when the request may still take effect; what may be repeated without harm is asked about at once. */
function settledAt(world: World, intent: Intent): number {
  const kind = world.model.kind(intent.connection, intent.kind)
  return isRepeatable(kind, intent) ? 0 : intent.sentAt + settleMs(kind)
}

function leave(world: World, intent: Intent, askAt: number, why: string): Promise<void> {
  return fail(world, intent, why, { outcome: { is: 'unknown', askAt } })
}

async function ask(world: World, intent: Intent): Promise<void> {
  const model = world.model.flows.find((each) => each.flow.id === intent.flow)
  if (model === undefined) return
  if (intent.action === 'create') await askCreate(world, model, intent)
  else await reread(world, model, intent)
}

/** An update or a delete: what the item is now tells whether it took effect, or else what is left to do. */
async function reread(world: World, model: FlowModel, intent: Intent): Promise<void> {
  const feed = model.feedOf(intent.side, intent.kind)
  await look(
    world,
    intent.connection,
    { feed, kind: intent.kind, ref: intent.ref ?? '', scope: intent.scope },
    CATCH_UP,
    null,
  )
  const { connection, kind } = intent
  const item = await world.store.item({ connection, kind, ref: intent.ref ?? '' })
  const write = plannedUpdate(intent.plan)
  const took = write !== null && item?.state === 'present' && !item.unread && holds(item, write.changed)
  const deletion = plannedDelete(intent.plan)
  const went = deletion?.do === 'delete' && item?.state === 'deleted'
  if (took) await world.store.finish(edited(world, model, intent, write, item))
  else if (went) await world.store.finish(removed(world, model, intent, deletion, item))
  else await nothingDone(world, intent, 'its effect was read')
}

/** The delete took effect, so it is told, undone and counted as any other. */
function removed(world: World, model: FlowModel, intent: Intent, write: DeleteAction, item: Observation): Finish {
  const settled = settledOf(model, intent)
  const { takes = [] } = world.model.kind(intent.connection, intent.kind)
  return {
    ...outcomeOf(world, settled, intent),
    deleted: [{ kind: intent.kind, ref: item.ref, takes }],
    ...parted(write),
    journal: [removal(world, settled, intent, write, item)],
  }
}

/** The update took effect: what it wrote is agreed, and nobody's edit. */
function edited(world: World, model: FlowModel, intent: Intent, write: UpdateAction, item: Observation): Finish {
  const settled = settledOf(model, intent)
  return { ...outcomeOf(world, settled, intent), ...updated(world, settled, intent, write, item.values) }
}

function settledOf(model: FlowModel, intent: Intent): Settled {
  const pair = model.pairs.get(intent.pair)
  if (pair === undefined) throw new Error(`no pair is called ${intent.pair}`)
  return { model, pair, dues: [] }
}

function nothingDone(world: World, intent: Intent, why: string): Promise<void> {
  return fail(world, intent, why, { outcome: { is: 'nothing', notBefore: 0 } })
}

async function askCreate(world: World, model: FlowModel, intent: Intent): Promise<void> {
  const pair = model.pairs.get(intent.pair)
  const write = plannedCreate(intent.plan)
  if (pair === undefined || write === null) return
  const found = await findMade(world, model, intent, write)
  if (found !== null && 'candidates' in found) {
    await holdAmbiguous(world, intent, found)
    return
  }
  if (found === null) {
    await assertReadable(world, intent.connection, intent.scope, CATCH_UP)
    await nothingDone(world, intent, 'nothing was made')
    return
  }
  await world.store.finish(created(world, { model, pair, dues: [] }, intent, write, found, 'found'))
}

/** More than one item could be the one that was made. */
interface Ambiguous {
  readonly candidates: readonly Observation[]
}

/** A person decides; meanwhile none of them is taken for an item that somebody else made. */
async function holdAmbiguous(world: World, intent: Intent, { candidates }: Ambiguous): Promise<void> {
  const { key, side, sourceRef } = intent
  const detail = 'after a lost answer, more than one item could be the one that was made'
  const from = other(side)
  const holdOf = (at: Side, ref: string): NewHold => ({
    side: at,
    ref,
    action: 'create',
    fingerprint: key,
    reason: 'ambiguous',
    detail,
    name: ref,
  })
  await fail(world, intent, detail, {
    outcome: { is: 'nothing', notBefore: 0 },
    hold: holdOf(from, sourceRef),
    alsoHeld: candidates.map(({ ref }) => holdOf(side, ref)),
  })
}

/** By key, by repeating what cannot happen twice, or among our own items that nothing is linked to. */
async function findMade(
  world: World,
  model: FlowModel,
  intent: Intent,
  write: CreateAction,
): Promise<Made | null | Ambiguous> {
  const kind = world.model.kind(intent.connection, intent.kind)
  const call = sessionOf(world, intent.connection).call(intent.scope, CATCH_UP, [intent.scope])
  const create = createOf(world, model, write, intent.key, intent.sentAt)
  if (kind.find !== undefined) return kind.find(call, create).catch(nothing)
  if (kind.idempotent === true && kind.create !== undefined) return kind.create(call, create).catch(nothing)
  return amongOwn(world, model, intent, write)
}

/** The system answers, and what it says is no: nothing was made. It is planned again from what is known then. */
function nothing(error: unknown): null {
  if (['missing', 'rejected', 'stale', 'forbidden'].includes(failureOf(error).failure)) return null
  throw error
}

/** The feed is read to its end first, so that what was made has been seen. */
async function amongOwn(
  world: World,
  model: FlowModel,
  intent: Intent,
  write: CreateAction,
): Promise<Made | null | Ambiguous> {
  const { connection, kind, scope, parent, actor, sentAt } = intent
  const feed = model.feedOf(intent.side, kind)
  await readFeed(world, connection, feed, CATCH_UP)
  await assertCovered(world, { connection, feed, scope, since: sentAt })
  const own = await world.store.ownSince({ connection, kind, scope, parent, actor, since: sentAt })
  const equal: Observation[] = []
  for (const item of own) if (await isLike(world, intent, write, item)) equal.push(item)
  const ordered = model.pairs.get(intent.pair)?.kinds[intent.side].siblings === true
  const candidates = equal.length > 0 || !ordered ? equal : own
  const one = candidates[0]
  if (one === undefined) return null
  if (candidates.length > 1) return { candidates }
  return [{ kind, ...itemOf(one) }, ...(await headOf(world, intent, one))]
}

/** A feed that began after the request says nothing about it: then the scope is read whole first. */
async function assertCovered(world: World, what: Parameters<World['store']['isCovered']>[0]): Promise<void> {
  if (await world.store.isCovered(what)) return
  await world.store.wantListing({ ...what, again: true })
  world.bell.ring()
  throw new ConnectorError('unavailable', 'its scope is read whole first', { noEffect: true })
}

/** A parent is told by the first child, which the same call made: its own fields the system may have put otherwise. */
async function isLike(world: World, intent: Intent, write: CreateAction, made: Observation): Promise<boolean> {
  const first = write.head === null ? undefined : await firstOwnChild(world, intent, made)
  return first === undefined || write.head === null ? holds(made, write.values) : holds(first, write.head.action.values)
}

async function headOf(world: World, intent: Intent, made: Observation): Promise<Made> {
  if (intent.headKind === null) return []
  const first = await firstOwnChild(world, intent, made)
  return first === undefined ? [] : [{ kind: intent.headKind, ...itemOf(first) }]
}

async function firstOwnChild(world: World, intent: Intent, made: Observation): Promise<Observation | undefined> {
  const { connection, scope, actor, sentAt, headKind } = intent
  if (headKind === null) return undefined
  const own = { connection, kind: headKind, scope, parent: made.ref, actor, since: sentAt }
  return (await world.store.ownSince(own))[0]
}

function holds(item: Observation, values: Values): boolean {
  return Object.entries(values).every(([field, value]) => sameValue(normal(item.values[field]), normal(value)))
}

function normal(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value).replace(/\s+/g, ' ').trim()
}
