/** Asks what became of writes whose outcome is open, before anything about them is tried again. */
import type { Made } from '../connector/connector.ts'
import type { DeleteAction, UpdateAction } from '../core/action.ts'
import { other, type Side } from '../core/flow.ts'
import { stands, type Intent, type Observation } from '../core/state.ts'
import { questionOf } from '../store/verbs/questions.ts'
import type { NewHold } from '../store/verbs/held.ts'
import type { Finish } from '../store/verbs/write.ts'
import { CATCH_UP } from './buckets.ts'
import { assertReadable, look } from './feeds.ts'
import { asSent, dropBlobs } from './files.ts'
import { findByKey, findMade, holds, type Ambiguous } from './made.ts'
import type { FlowModel } from './model.ts'
import { created, outcomeOf, parted, removal, tellWrote, updated, type Settled } from './outcome.ts'
import { asJson } from './task.ts'
import { plannedCreate, plannedDelete, plannedUpdate } from './planned.ts'
import { fail, isRepeatable, settleMs } from './trouble.ts'
import { answering, backoffMs, failureOf, noteConnection, type World } from './world.ts'

export interface Recovered {
  /** How many writes it asked about. */
  readonly asked: number
  /** When the next of the others may be asked about; null: there are none. */
  readonly next: number | null
}

/**
 * What may still take effect is asked about at once all the same: a yes is final, and comes before anybody edits what was
 * written. A no is final only once the request can do nothing any more.
 */
export async function recover(world: World): Promise<Recovered> {
  const { intents, next } = await world.store.openIntents({
    process: world.process,
    now: world.clock.now(),
    connections: answering(world),
  })
  for (const intent of intents) {
    const repeats = await isRepeated(world, intent)
    const until = intent.turnAt + settleMs(world.model.kind(intent.connection, intent.kind))
    const settled = until <= world.clock.now()
    await ask(world, intent, { settled, repeats, until })
      .then((askAt) => (askAt === null ? undefined : leave(world, intent, askAt, 'it may still take effect')))
      .catch(async (error: unknown) => {
        const { failure, message } = failureOf(error)
        if (failure === 'unauthorized') await noteConnection(world, intent.connection, message)
        // What was sent again may take effect as late as what was sent first.
        if (repeats) await world.store.noteTurn({ key: intent.key, now: world.clock.now() })
        const askAt = world.clock.now() + backoffMs(intent.attempts, () => world.random.next())
        await leave(world, intent, repeats ? askAt : Math.max(until, askAt), message)
      })
  }
  if (intents.length > 0) world.bell.ring()
  return { asked: intents.length, next }
}

/** What may be repeated without harm is asked about at once; not where it would make what nobody wants any more. */
async function isRepeated(world: World, intent: Intent): Promise<boolean> {
  if (!isRepeatable(world.model.kind(intent.connection, intent.kind), intent)) return false
  const model = modelOf(world, intent)
  const facts = model?.pairs.get(intent.pair)?.kinds[other(intent.side)]
  if (facts === undefined) return false
  const source = await world.store.item({ connection: facts.connection, kind: facts.kind, ref: intent.sourceRef })
  return source !== null && stands(source)
}

function modelOf(world: World, { flow }: Intent): FlowModel | undefined {
  return world.model.flows.find((each) => each.flow.id === flow)
}

async function leave(world: World, intent: Intent, askAt: number, why: string): Promise<void> {
  await fail(world, intent, why, { outcome: { is: 'unknown', askAt } })
}

interface Asking {
  /** It can do nothing any more. */
  readonly settled: boolean
  /** Until when it can. */
  readonly until: number
  /** The request may be made again, at once: what was made answers, whichever of the two has made it. */
  readonly repeats: boolean
}

/** Answers when to ask again; null: its outcome is known now. */
async function ask(world: World, intent: Intent, asking: Asking): Promise<number | null> {
  const model = modelOf(world, intent)
  if (model === undefined) return null
  const sent = await sentOf(world, intent)
  if (sent === null) {
    await nothingDone(world, intent, 'its files had not all been sent')
    return null
  }
  if ((asking.settled || asking.repeats) && (await isContainerGone(world, model, intent))) {
    if (intent.action !== 'create') await nothingDone(world, intent, 'its container is gone')
    else if (asking.settled) await holdAmbiguous(world, model, intent, { candidates: [], why: OUT_OF_REACH })
    return intent.action !== 'create' || asking.settled ? null : asking.until
  }
  return intent.action === 'create' ? askCreate(world, model, sent, asking) : reread(world, model, sent, asking)
}

/** With the files as they were written; null: it never came to the write. */
async function sentOf(world: World, intent: Intent): Promise<Intent | null> {
  const write = plannedCreate(intent.plan) ?? plannedUpdate(intent.plan)
  if (write === null) return intent
  const sent = await asSent(world, intent, write)
  return sent === null ? null : sent === write ? intent : { ...intent, plan: asJson(sent) }
}

/**
 * It was deleted, or is out of reach for this credential: as long as it is, nobody can tell. What was made in it stands there
 * when it is back, so that a create stays open; what an update or a delete has left to do is planned then, by value.
 */
async function isContainerGone(world: World, model: FlowModel, { connection, scope, side }: Intent): Promise<boolean> {
  if (scope === '') return false
  const { kind } = model.flow.containers.kinds[side]
  return (await world.store.item({ connection, kind, ref: scope }))?.state === 'deleted'
}

/**
 * An update or a delete: what the item is now tells whether it took effect, or else what is left to do. What is read within the
 * lag of the last that was accepted is in doubt: that it shows no effect says nothing.
 */
async function reread(world: World, model: FlowModel, intent: Intent, asking: Asking): Promise<number | null> {
  const { connection, kind, scope } = intent
  const ref = intent.ref ?? ''
  const known = await world.store.item({ connection, kind, ref })
  // Whoever read it since may have seen the effect already.
  let effect = known !== null && known.acceptedAt > intent.turnAt ? effectOf(world, model, intent, known) : null
  const readAt = world.clock.now()
  let sureAt = asking.until
  if (effect === null) {
    await look(world, connection, { feed: model.feedOf(intent.side, kind), kind, ref, scope }, CATCH_UP, null)
    const item = await world.store.item({ connection, kind, ref })
    effect = item === null ? null : effectOf(world, model, intent, item)
    const lagMs = (world.model.kind(connection, kind).lag ?? 0) * 1000
    if (lagMs > 0) sureAt = Math.max(asking.until, (item?.acceptedAt ?? 0) + lagMs)
  }
  if (effect !== null) await finish(world, intent, effect)
  else if (readAt >= sureAt) await nothingDone(world, intent, 'its effect was read')
  else return sureAt
  return null
}

/** What it brought about, where the item is as it was to be; null: it is not. */
function effectOf(world: World, model: FlowModel, intent: Intent, item: Observation): Finish | null {
  const write = plannedUpdate(intent.plan)
  const facts = world.model.kind(intent.connection, intent.kind)
  if (write !== null && item.state === 'present' && !item.unread && holds(item, write.changed, facts, 'same files'))
    return edited(world, model, intent, write, item)
  const deletion = plannedDelete(intent.plan)
  if (deletion !== null && (item.state === 'deleted' || item.emptied))
    return removed(world, model, intent, deletion, item)
  return null
}

/** The delete took effect, so it is told, undone and counted as any other. */
function removed(world: World, model: FlowModel, intent: Intent, write: DeleteAction, item: Observation): Finish {
  const settled = settledOf(model, intent)
  const { takes = [] } = world.model.kind(intent.connection, intent.kind)
  return {
    ...outcomeOf(world, settled, intent),
    deleted: item.emptied ? [] : [{ kind: intent.kind, ref: item.ref, takes }],
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

/** It was done: committed and told as any other write. */
async function finish(world: World, intent: Intent, outcome: Finish): Promise<void> {
  const { taken, blobs = [] } = await world.store.finish(outcome)
  await dropBlobs(world, blobs)
  // It is somebody else's: whether another one can be made, the next try tells.
  if (taken) await nothingDone(world, intent, 'what was found stands for another item already')
  else tellWrote(world, intent, null)
}

async function nothingDone(world: World, intent: Intent, why: string): Promise<void> {
  await fail(world, intent, why, { outcome: { is: 'nothing', notBefore: 0 } })
}

async function askCreate(
  world: World,
  model: FlowModel,
  intent: Intent,
  { settled, repeats, until }: Asking,
): Promise<number | null> {
  const pair = model.pairs.get(intent.pair)
  const write = plannedCreate(intent.plan)
  if (pair === undefined || write === null) return null
  const found =
    settled || repeats
      ? await findMade(world, model, intent, write, repeats)
      : await findByKey(world, model, intent, write)
  if (found === null && !settled) return until
  if (found !== null && 'candidates' in found) {
    await holdAmbiguous(world, model, intent, found)
    return null
  }
  if (found === null) {
    await assertReadable(world, intent.connection, intent.scope, CATCH_UP)
    await nothingDone(world, intent, 'nothing was made')
    return null
  }
  await finish(world, intent, created(world, { model, pair, dues: [] }, intent, write, found, 'found'))
  await lookAtMade(world, model, intent, found)
  return null
}

/** Since it was made it may have been edited, or deleted. */
function lookAtMade(world: World, model: FlowModel, intent: Intent, made: Made): Promise<null> {
  const hints = made.map(({ kind, ref, scope }) => ({ feed: model.feedOf(intent.side, kind), kind, ref, scope }))
  return world.store.lookAt({ connection: intent.connection, hints, now: world.clock.now() })
}

const SHOWS_NOTHING = 'after a lost answer, the system shows nothing at all, so nobody can tell whether it was made'
const OUT_OF_REACH =
  'after a lost answer, its container was deleted or cannot be reached, so nobody can tell whether it was made'

/**
 * A person decides; meanwhile none of them is taken for an item that somebody else made. Where nothing at all is shown it is
 * asked about on: what comes to light is what was made, whatever became of its source.
 */
async function holdAmbiguous(
  world: World,
  model: FlowModel,
  intent: Intent,
  { candidates, why = SHOWS_NOTHING }: Ambiguous & { readonly why?: string },
): Promise<void> {
  const { key, side, sourceRef } = intent
  const { connection = '', kind = '' } = model.pairs.get(intent.pair)?.kinds[other(side)] ?? {}
  const detail =
    candidates.length === 0
      ? why
      : 'after a lost answer, more than one item, or an edited one, could be the one that was made'
  const from = other(side)
  const holdOf = (at: Side, ref: string, fingerprint: string): NewHold => ({
    side: at,
    ref,
    action: 'create',
    fingerprint,
    reason: 'ambiguous',
    detail,
    name: ref,
  })
  const hold = holdOf(from, sourceRef, key)
  if (candidates.length === 0) {
    const askAt = world.clock.now() + backoffMs(intent.attempts, () => world.random.next())
    const isNew = await fail(world, intent, detail, { outcome: { is: 'unknown', askAt }, hold })
    const { flow, pair } = intent
    if (isNew) world.events({ is: 'held', flow, pair, ref: sourceRef, reason: 'ambiguous', detail })
    return
  }
  await fail(world, intent, detail, {
    outcome: { is: 'nothing', notBefore: 0 },
    hold,
    alsoHeld: candidates.map((each) => holdOf(side, each.ref, questionOf({ connection, kind, ref: sourceRef }, each))),
  })
}
