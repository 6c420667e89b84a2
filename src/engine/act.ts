/** Carries writes out: the intent first, then the call, then the outcome with its links. */
import type { Call } from '../connector/call.ts'
import type { Item, Kind, Unread } from '../connector/connector.ts'
import { ConnectorError } from '../connector/failure.ts'
import type { CreateAction, DeleteAction, UpdateAction, Write } from '../core/action.ts'
import type { Intent } from '../core/state.ts'
import type { Finish } from '../store/verbs/write.ts'
import { other } from '../core/flow.ts'
import { callsFor, type Calls } from './batch.ts'
import { CATCH_UP, FIRST_SYNC, HINT, type Priority, type Turn } from './buckets.ts'
import { assertReadable } from './feeds.ts'
import { dropBlobs, withFiles } from './files.ts'
import { created, createOf, entryOf, outcomeOf, parted, removal, tellWrote, undoing, updated } from './outcome.ts'
import { confirmTaking, goingAlong, readTaking } from './takes.ts'
import { AT_ONCE, intentOf, itemOf, planAgain, seenBy, type Task } from './task.ts'
import { isAsSeen, turnOf } from './turn.ts'
import { failed, holdReverted, type Outcome } from './trouble.ts'
import { failureOf, sessionOf, type World } from './world.ts'

/** Lets so many calls through at once. */
export type Gate = <T>(call: () => Promise<T>) => Promise<T>

/** A write whose intent is committed. */
interface Begun {
  readonly task: Task
  readonly intent: Intent
}

/**
 * One write, or several that go in one call: each is begun, performed and settled by itself. `gate`: what their calls go
 * through; the commits before and after do not. Without one it is a person who wants it, also of what is paused.
 */
export async function act(world: World, tasks: readonly Task[], gate: Gate | null = null): Promise<readonly Outcome[]> {
  const whilePaused = gate === null
  const all = await Promise.all(tasks.map((task) => begin(world, task, whilePaused)))
  const begun = all.filter((each) => typeof each === 'object')
  const [first] = begun
  if (first === undefined) return all.filter((each) => typeof each === 'string')
  const seat = callsFor(begun.length, kindOf(world, first.intent), (turn) =>
    callOf(world, first.task, first.intent, turn),
  )
  const ends = await (gate ?? straight)(() =>
    Promise.all(
      all.map(async (each) => (typeof each === 'string' ? () => Promise.resolve(each) : carryOut(world, each, seat()))),
    ),
  )
  return Promise.all(ends.map((end) => end()))
}

const straight: Gate = (call) => call()

async function begin(world: World, task: Task, whilePaused: boolean): Promise<Begun | Outcome> {
  const intent = intentOf(world, task)
  const begun = await world.store.begin({
    intent,
    seen: seenBy(task),
    update: task.write.do === 'update' ? task.write.changed : null,
    disagreements: 'disagreements' in task.write ? task.write.disagreements : [],
    whilePaused,
    now: world.clock.now(),
  })
  if (begun === 'reverted') return holdReverted(world, task)
  if (begun === 'begun') return { task, intent }
  await planAgain(world, [task], begun === 'moved' ? AT_ONCE : { for: 'intent', key: begun.open })
  return 'moved'
}

function waitedMs(task: Task, intent: Intent): number {
  return Math.max(0, intent.sentAt - Math.min(...task.dues.map((due) => due.since), intent.sentAt))
}

/** Makes its call, and answers how it is settled. */
async function carryOut(world: World, { task, intent }: Begun, calls: Calls): Promise<() => Promise<Outcome>> {
  try {
    const finish = await perform(world, task, intent, calls).finally(() => calls.leave())
    return () => settle(world, task, intent, finish)
  } catch (error) {
    return () => failed(world, task, intent, error)
  }
}

async function settle(world: World, task: Task, intent: Intent, finish: Finish): Promise<Outcome> {
  const { hints, dues, taken, blobs = [] } = await world.store.finish(finish)
  if (taken) {
    const why = 'the system answered with an item that stands for another one already'
    return failed(world, task, intent, new ConnectorError('rejected', why))
  }
  await dropBlobs(world, blobs)
  tellWrote(world, intent, waitedMs(task, intent))
  if (hints) world.bell.ring('hint')
  if (dues) world.bell.ring('due')
  return 'done'
}

async function perform(world: World, task: Task, intent: Intent, calls: Calls): Promise<Finish> {
  const { write } = task
  if (write.do === 'create') return performCreate(world, task, intent, write, calls)
  return write.do === 'update'
    ? performUpdate(world, task, intent, write, calls)
    : performDelete(world, task, intent, write, calls)
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

async function performCreate(
  world: World,
  task: Task,
  intent: Intent,
  planned: CreateAction,
  calls: Calls,
): Promise<Finish> {
  const kind = kindOf(world, intent)
  if (kind.create === undefined) throw new ConnectorError('rejected', `a ${intent.kind} cannot be created`)
  const source = task.seen[other(planned.side)]
  const look = async (): Promise<void> => {
    const now = source === null ? null : await world.store.item(source)
    if (now?.rev !== source?.rev) throw new ConnectorError('stale', 'what it copies changed meanwhile')
  }
  const write = await withFiles(world, task, intent, planned)
  // The intent was committed on what is known of the source: only a late call looks again.
  if (write !== planned) await look()
  const turn = await turnOf(world, intent, { look, comparer: 'connector' })
  const create = createOf(world, task.model, write, intent.key, intent.sentAt)
  const made = await calls.create(turn, create).catch(async (error: unknown) => {
    if (failureOf(error).failure !== 'key-taken' || kind.find === undefined) throw error
    const found = await kind.find(callOf(world, task, intent, turn), create)
    if (found === null)
      throw new ConnectorError(
        'rejected',
        `the key is taken, but by nothing that can be found: ${failureOf(error).message}`,
      )
    return found
  })
  return created(world, task, intent, write, made, 'answered')
}

async function performUpdate(
  world: World,
  task: Task,
  intent: Intent,
  planned: UpdateAction,
  calls: Calls,
): Promise<Finish> {
  const kind = kindOf(world, intent)
  const known = task.seen[planned.side]
  if (kind.update === undefined || known === null)
    throw new ConnectorError('rejected', `a ${intent.kind} cannot be changed`)
  const reading = callOf(world, task, intent)
  const look = async (): Promise<void> => {
    if (!(await isAsSeen(world, kind, reading, known))) throw new ConnectorError('stale', 'it is gone')
  }
  const write = await withFiles(world, task, intent, planned)
  const turn = await turnOf(world, intent, { look, comparer: kind.compares?.update })
  const stored = await calls.update(turn, {
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

async function performDelete(
  world: World,
  task: Task,
  intent: Intent,
  write: DeleteAction,
  calls: Calls,
): Promise<Finish> {
  const kind = kindOf(world, intent)
  const known = task.seen[write.side]
  const offered = write.do === 'delete' ? kind.delete : kind.empty
  if (offered === undefined || known === null)
    throw new ConnectorError('rejected', `a ${intent.kind} cannot be deleted`)
  const reading = callOf(world, task, intent)
  const comparer = kind.compares?.[write.do]
  let isThere = true
  const lookAtIt = async (): Promise<void> => {
    isThere = comparer === 'system' || (await isAsSeen(world, kind, reading, known))
    if (!isThere) throw new ConnectorError('stale', 'it is gone')
  }
  const lookAtAll = async (): Promise<void> => {
    await lookAtIt()
    const along = await goingAlong(world, task, intent)
    if (along === null) return
    await readTaking(world, task, intent, along)
    // That takes a while, in which somebody may have changed the item itself.
    await lookAtIt()
    await confirmTaking(world, task, intent, along)
  }
  const intended = { key: intent.key, ref: write.ref, base: itemOf(known) }
  let stored: Item | Unread | null = null
  // A look that finds nothing may lag behind what is new: only the answer to the call itself says that it is gone.
  let isAsked = false
  const look = async (): Promise<void> => {
    isAsked = false
    await lookAtAll()
    isAsked = true
  }
  try {
    const isAlone = (await goingAlong(world, task, intent)) === null
    const turn = await turnOf(world, intent, { look, comparer: isAlone ? comparer : undefined })
    isAsked = true
    if (write.do === 'empty') stored = (await kind.empty?.(callOf(world, task, intent, turn), intended)) ?? null
    else await calls.delete(turn, intended)
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
    deleted: write.do === 'delete' ? [{ kind: intent.kind, ref: write.ref, takes: kind.takes ?? [] }] : [],
    ...parted(write),
    journal: [removal(world, task, intent, write, known)],
  }
}

/** Somebody was faster: nothing is written, and nothing of ours is told or counted. What it was to be taken back for stays alone. */
function goneAlready(world: World, task: Task, intent: Intent, write: DeleteAction): Finish {
  const { takes = [] } = world.model.kind(intent.connection, intent.kind)
  const ended = write.undoes === undefined ? { action: 'unlink', why: 'deleted on both sides' } : { action: 'sleep' }
  return {
    ...outcomeOf(world, task, intent),
    deleted: [{ kind: intent.kind, ref: write.ref, takes }],
    ...parted(write),
    journal: [{ ...entryOf(world, task, intent), ...ended, ...undoing(write) }],
  }
}

function emptied(stored: Item | Unread): Item | Unread {
  return 'values' in stored ? { ...stored, emptied: true } : stored
}
