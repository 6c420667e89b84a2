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
    const known = knownOf(world, intent)
    if ('lost' in known) {
      await askPerson(world, intent, known.lost)
      continue
    }
    const repeats = await isRepeated(world, known, intent)
    const until = intent.turnAt + settleMs(world.model.kind(intent.connection, intent.kind))
    const settled = until <= world.clock.now()
    await ask(world, known, intent, { settled, repeats, until })
      .then((asked) => (asked === 'told' ? undefined : leave(world, intent, asked.askAt, 'it may still take effect')))
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
async function isRepeated(world: World, { pair }: Settled, intent: Intent): Promise<boolean> {
  if (!isRepeatable(world.model.kind(intent.connection, intent.kind), intent)) return false
  const { connection, kind } = pair.kinds[other(intent.side)]
  const source = await world.store.item({ connection, kind, ref: intent.sourceRef })
  return source !== null && stands(source)
}

/** What the configuration has of its flow and its pair; `lost`: it was changed since, and nobody can ask. */
function knownOf(
  world: World,
  { flow, pair: id, side, connection, kind }: Intent,
): Settled | { readonly lost: string } {
  const model = world.model.flows.find((each) => each.flow.id === flow)
  const pair = model?.pairs.get(id)
  if (model === undefined || pair === undefined) return { lost: lostSince(`it was of the pair "${id}" of "${flow}"`) }
  const now = pair.kinds[side]
  if (now.connection !== connection || now.kind !== kind) return { lost: lostSince(`it was of the kind "${kind}"`) }
  return { model, pair, dues: [] }
}

function lostSince(what: string): string {
  return `after a lost answer, nobody can tell whether it was done: ${what}, which the configuration has no more. Put that back, or look in the system and discard this`
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

/** 'told': what became of it is committed, or that a person is asked. Else nothing is, and it is asked about again then. */
type Asked = 'told' | { readonly askAt: number }

async function ask(world: World, known: Settled, intent: Intent, asking: Asking): Promise<Asked> {
  const sent = await sentOf(world, intent)
  if (sent === null) return nothingDone(world, intent, 'its files had not all been sent')
  if ((asking.settled || asking.repeats) && (await isContainerGone(world, known.model, intent))) {
    if (intent.action !== 'create') return nothingDone(world, intent, 'its container is gone')
    return asking.settled ? askPerson(world, intent, OUT_OF_REACH) : { askAt: asking.until }
  }
  return intent.action === 'create' ? askCreate(world, known, sent, asking) : reread(world, known, sent, asking)
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
async function reread(world: World, settled: Settled, intent: Intent, asking: Asking): Promise<Asked> {
  const { connection, kind, scope } = intent
  const ref = intent.ref ?? ''
  const known = await world.store.item({ connection, kind, ref })
  // Whoever read it since may have seen the effect already.
  let effect = known !== null && known.acceptedAt > intent.turnAt ? effectOf(world, settled, intent, known) : null
  const readAt = world.clock.now()
  let sureAt = asking.until
  if (effect === null) {
    await look(world, connection, { feed: settled.model.feedOf(intent.side, kind), kind, ref, scope }, CATCH_UP, null)
    const item = await world.store.item({ connection, kind, ref })
    effect = item === null ? null : effectOf(world, settled, intent, item)
    const lagMs = (world.model.kind(connection, kind).lag ?? 0) * 1000
    if (lagMs > 0) sureAt = Math.max(asking.until, (item?.acceptedAt ?? 0) + lagMs)
  }
  if (effect !== null) return finish(world, intent, effect)
  return readAt >= sureAt ? nothingDone(world, intent, 'its effect was read') : { askAt: sureAt }
}

/** What it brought about, where the item is as it was to be; null: it is not. */
function effectOf(world: World, settled: Settled, intent: Intent, item: Observation): Finish | null {
  const write = plannedUpdate(intent.plan)
  const facts = world.model.kind(intent.connection, intent.kind)
  if (write !== null && item.state === 'present' && !item.unread && holds(item, write.changed, facts, 'same files'))
    return edited(world, settled, intent, write, item)
  const deletion = plannedDelete(intent.plan)
  if (deletion !== null && (item.state === 'deleted' || item.emptied))
    return removed(world, settled, intent, deletion, item)
  return null
}

/** The delete took effect, so it is told, undone and counted as any other. */
function removed(world: World, settled: Settled, intent: Intent, write: DeleteAction, item: Observation): Finish {
  const { takes = [] } = world.model.kind(intent.connection, intent.kind)
  return {
    ...outcomeOf(world, settled, intent),
    deleted: item.emptied ? [] : [{ kind: intent.kind, ref: item.ref, takes }],
    ...parted(write),
    journal: [removal(world, settled, intent, write, item)],
  }
}

/** The update took effect: what it wrote is agreed, and nobody's edit. */
function edited(world: World, settled: Settled, intent: Intent, write: UpdateAction, item: Observation): Finish {
  return { ...outcomeOf(world, settled, intent), ...updated(world, settled, intent, write, item.values) }
}

/** It was done: committed and told as any other write. */
async function finish(world: World, intent: Intent, outcome: Finish): Promise<'told'> {
  const { taken, blobs = [] } = await world.store.finish(outcome)
  await dropBlobs(world, blobs)
  // It is somebody else's: whether another one can be made, the next try tells.
  if (taken) return nothingDone(world, intent, 'what was found stands for another item already')
  tellWrote(world, intent, null)
  return 'told'
}

async function nothingDone(world: World, intent: Intent, why: string): Promise<'told'> {
  await fail(world, intent, why, { outcome: { is: 'nothing', notBefore: 0 } })
  return 'told'
}

async function askCreate(
  world: World,
  known: Settled,
  intent: Intent,
  { settled, repeats, until }: Asking,
): Promise<Asked> {
  const { model } = known
  const write = plannedCreate(intent.plan)
  if (write === null) return askPerson(world, intent, UNREADABLE)
  const found =
    settled || repeats
      ? await findMade(world, model, intent, write, repeats)
      : await findByKey(world, model, intent, write)
  if (found === null && !settled) return { askAt: until }
  if (found !== null && 'candidates' in found)
    return found.candidates.length === 0
      ? askPerson(world, intent, SHOWS_NOTHING)
      : holdAmbiguous(world, known, intent, found)
  if (found === null) {
    await assertReadable(world, intent.connection, intent.scope, CATCH_UP)
    return nothingDone(world, intent, 'nothing was made')
  }
  await finish(world, intent, created(world, known, intent, write, found, 'found'))
  await lookAtMade(world, model, intent, found)
  return 'told'
}

/** Since it was made it may have been edited, or deleted. */
function lookAtMade(world: World, model: FlowModel, intent: Intent, made: Made): Promise<null> {
  const hints = made.map(({ kind, ref, scope }) => ({ feed: model.feedOf(intent.side, kind), kind, ref, scope }))
  return world.store.lookAt({ connection: intent.connection, hints, now: world.clock.now() })
}

const SHOWS_NOTHING = 'after a lost answer, the system shows nothing at all, so nobody can tell whether it was made'
const OUT_OF_REACH =
  'after a lost answer, its container was deleted or cannot be reached, so nobody can tell whether it was made'

const UNREADABLE =
  'after a lost answer, nobody can tell whether it was made: what was to be made is kept in a form that this version cannot read. Look in the system, and discard this or try it again'

/**
 * Nobody but a person can tell by now. It is asked about on: what comes to light is what was made, whatever became of its
 * source.
 */
async function askPerson(world: World, intent: Intent, detail: string): Promise<'told'> {
  const { flow, pair, side, sourceRef: ref, key } = intent
  const askAt = world.clock.now() + backoffMs(intent.attempts, () => world.random.next())
  const hold = holdOf(intent, other(side), ref, key, detail)
  const isNew = await fail(world, intent, detail, { outcome: { is: 'unknown', askAt }, hold })
  if (isNew) world.events({ is: 'held', flow, pair, ref, reason: hold.reason, detail })
  return 'told'
}

/** A person decides; meanwhile none of them is taken for an item that somebody else made. */
async function holdAmbiguous(
  world: World,
  { pair }: Settled,
  intent: Intent,
  { candidates }: Ambiguous,
): Promise<'told'> {
  const { key, side, sourceRef: ref } = intent
  const { connection, kind } = pair.kinds[other(side)]
  const detail = 'after a lost answer, more than one item, or an edited one, could be the one that was made'
  await fail(world, intent, detail, {
    outcome: { is: 'nothing', notBefore: 0 },
    hold: holdOf(intent, other(side), ref, key, detail),
    alsoHeld: candidates.map((each) =>
      holdOf(intent, side, each.ref, questionOf({ connection, kind, ref }, each), detail),
    ),
  })
  return 'told'
}

function holdOf({ action }: Intent, side: Side, ref: string, fingerprint: string, detail: string): NewHold {
  return { side, ref, action, fingerprint, reason: 'ambiguous', detail, name: ref }
}
