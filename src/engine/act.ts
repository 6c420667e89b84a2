/** Carries one write out: the intent first, then the call, then the outcome with its links. */
import type { Call, Item, Kind, Unread } from '../connector/connector.ts'
import { ConnectorError } from '../connector/failure.ts'
import type { CreateAction, DeleteAction, UpdateAction, Write } from '../core/action.ts'
import type { Intent } from '../store/store.ts'
import type { Finish } from '../store/verbs/write.ts'
import { other } from '../core/flow.ts'
import { CATCH_UP, FIRST_SYNC, HINT, type Priority, type Turn } from './buckets.ts'
import { assertReadable } from './feeds.ts'
import { created, createOf, entryOf, outcomeOf, parted, removal, tellWrote, updated } from './outcome.ts'
import { confirmTaking } from './takes.ts'
import { fingerprintOf, intentOf, itemOf, planAgain, seenBy, type Task } from './task.ts'
import { isAsSeen, turnOf } from './turn.ts'
import { failed, holdReverted, type Outcome } from './trouble.ts'
import { failureOf, sessionOf, type World } from './world.ts'

/** Lets so many calls through at once. */
export type Gate = <T>(call: () => Promise<T>) => Promise<T>

/** `gate`: what its call goes through; the commits before and after it do not. */
export async function act(world: World, task: Task, gate: Gate = (call) => call()): Promise<Outcome> {
  const intent = intentOf(world, task)
  const begun = await world.store.begin({
    intent,
    seen: seenBy(task),
    changed: task.write.do === 'update' ? task.write.changed : null,
    shown: fingerprintOf(world, task.write),
    disagreements: 'disagreements' in task.write ? task.write.disagreements : [],
    now: world.clock.now(),
  })
  if (begun === 'moved') {
    await planAgain(world, [task])
    return 'moved'
  }
  if (begun === 'reverted') return holdReverted(world, task)
  try {
    const finished = await gate(() => perform(world, task, intent))
    const { hints, dues, taken } = await world.store.finish(finished)
    if (taken)
      throw new ConnectorError('rejected', 'the system answered with an item that stands for another one already')
    tellWrote(world, intent, waitedMs(task, intent))
    if (hints) world.bell.ring('hint')
    if (dues) world.bell.ring('due')
    return 'done'
  } catch (error) {
    return await failed(world, task, intent, error)
  }
}

function waitedMs(task: Task, intent: Intent): number {
  return Math.max(0, intent.sentAt - Math.min(...task.dues.map((due) => due.since), intent.sentAt))
}

async function perform(world: World, task: Task, intent: Intent): Promise<Finish> {
  const { write } = task
  if (write.do === 'create') return performCreate(world, task, intent, write)
  return write.do === 'update' ? performUpdate(world, task, intent, write) : performDelete(world, task, intent, write)
}

/** `first`: the flow has not been in step yet. */
export function priorityOf(write: Pick<Write, 'do'>, first: boolean): Priority {
  return first ? FIRST_SYNC : write.do === 'create' ? CATCH_UP : HINT
}

function kindOf(world: World, { connection, kind }: Intent): Kind<unknown> {
  return world.model.kind(connection, kind)
}

function callOf(world: World, task: Task, { connection, scope }: Intent, turn?: Turn): Call<unknown> {
  return sessionOf(world, connection).call(scope, priorityOf(task.write, task.first), [scope], turn)
}

async function performCreate(world: World, task: Task, intent: Intent, write: CreateAction): Promise<Finish> {
  const kind = kindOf(world, intent)
  if (kind.create === undefined) throw new ConnectorError('rejected', `a ${intent.kind} cannot be created`)
  const source = task.seen[other(write.side)]
  const look = async (): Promise<void> => {
    const now = source === null ? null : await world.store.item(source)
    if (now?.rev !== source?.rev) throw new ConnectorError('stale', 'what it copies changed meanwhile')
  }
  // The intent was committed on what is known of the source: only a late call looks again.
  const call = callOf(world, task, intent, await turnOf(world, intent, { look, comparer: 'connector' }))
  const create = createOf(world, task.model, write, intent.key, intent.sentAt)
  const made = await kind.create(call, create).catch(async (error: unknown) => {
    if (failureOf(error).failure !== 'key-taken' || kind.find === undefined) throw error
    const found = await kind.find(call, create)
    if (found === null)
      throw new ConnectorError(
        'rejected',
        `the key is taken, but by nothing that can be found: ${failureOf(error).message}`,
      )
    return found
  })
  return created(world, task, intent, write, made, 'answered')
}

async function performUpdate(world: World, task: Task, intent: Intent, write: UpdateAction): Promise<Finish> {
  const kind = kindOf(world, intent)
  const known = task.seen[write.side]
  if (kind.update === undefined || known === null)
    throw new ConnectorError('rejected', `a ${intent.kind} cannot be changed`)
  const reading = callOf(world, task, intent)
  const look = async (): Promise<void> => {
    if (!(await isAsSeen(world, kind, reading, known))) throw new ConnectorError('stale', 'it is gone')
  }
  const turn = await turnOf(world, intent, { look, comparer: kind.compares?.update })
  const stored = await kind.update(callOf(world, task, intent, turn), {
    key: intent.key,
    ref: write.ref,
    changed: write.changed,
    base: itemOf(known),
  })
  const values = 'values' in stored ? stored.values : { ...known.values, ...write.changed }
  return {
    ...outcomeOf(world, task, intent),
    stored: [{ kind: intent.kind, ...stored }],
    written: write.changed,
    ...updated(world, task, intent, write, values),
    again: true,
  }
}

async function performDelete(world: World, task: Task, intent: Intent, write: DeleteAction): Promise<Finish> {
  const kind = kindOf(world, intent)
  const known = task.seen[write.side]
  const offered = write.do === 'delete' ? kind.delete : kind.empty
  if (offered === undefined || known === null)
    throw new ConnectorError('rejected', `a ${intent.kind} cannot be deleted`)
  const reading = callOf(world, task, intent)
  const comparer = kind.compares?.[write.do]
  const takes = write.do === 'delete' ? (kind.takes ?? []) : []
  let isThere = true
  const look = async (): Promise<void> => {
    isThere = comparer === 'system' || (await isAsSeen(world, kind, reading, known))
    if (!isThere) throw new ConnectorError('stale', 'it is gone')
    await confirmTaking(world, task, intent, takes)
  }
  const intended = { key: intent.key, ref: write.ref, base: itemOf(known) }
  let stored: Item | Unread | null = null
  let isAsked = false
  try {
    const turn = await turnOf(world, intent, { look, comparer: takes.length > 0 ? undefined : comparer })
    const call = callOf(world, task, intent, turn)
    isAsked = true
    if (write.do === 'empty') stored = (await kind.empty?.(call, intended)) ?? null
    else await kind.delete?.(call, intended)
  } catch (error) {
    if (!isThere) return goneAlready(world, task, intent, write)
    if (!isAsked || failureOf(error).failure !== 'missing') throw error
    // Gone already, or out of reach: only a readable scope tells the two apart.
    await assertReadable(world, intent.connection, intent.scope, HINT)
  }
  return {
    ...outcomeOf(world, task, intent),
    stored: stored === null ? [] : [{ kind: intent.kind, ...emptied(stored) }],
    emptied: stored !== null,
    deleted: write.do === 'delete' ? [{ kind: intent.kind, ref: write.ref, takes }] : [],
    ...parted(write),
    journal: [removal(world, task, intent, write, known)],
  }
}

/** Somebody was faster: nothing is written, and nothing of ours is told or counted. */
function goneAlready(world: World, task: Task, intent: Intent, write: DeleteAction): Finish {
  const { takes = [] } = world.model.kind(intent.connection, intent.kind)
  return {
    ...outcomeOf(world, task, intent),
    deleted: [{ kind: intent.kind, ref: write.ref, takes }],
    part: { link: write.link, state: 'gone' },
    journal: [{ ...entryOf(world, task, intent), action: 'unlink', why: 'deleted on both sides' }],
  }
}

function emptied(stored: Item | Unread): Item | Unread {
  return 'values' in stored ? { ...stored, emptied: true } : stored
}
