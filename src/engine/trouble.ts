/** What the engine does after a call that failed: every failure says what happens next. */
import type { Kind } from '../connector/connector.ts'
import type { Intent } from '../core/state.ts'
import type { Fail } from '../store/verbs/write.ts'
import { holdOf, putBack, type Task } from './task.ts'
import { backoffMs, failureOf, noteConnection, sessionOf, type World } from './world.ts'

/** A rejected sibling lets the later ones pass after this long. */
const PASS_AFTER_MS = 600_000
const DEFAULT_SETTLE_S = 60
/** A place that is taken by what no read of the flow shows: a person decides after so many tries. */
const TAKEN_TRIES = 8
/** What is refused for a reason that may go by itself: a person decides after so many tries, which take four minutes. */
const PASSING_TRIES = 8

export type Outcome = 'done' | 'moved' | 'unknown' | 'waits' | 'held'

/** Every failure says what happens next. */
export async function failed(world: World, task: Task, intent: Intent, error: unknown): Promise<Outcome> {
  const { failure, message, noEffect, mayPass } = failureOf(error)
  if (world.buckets.isClosed && noEffect && failure === 'unavailable') {
    await fail(world, intent, message, { dues: task.dues, outcome: { is: 'nothing', notBefore: 0 } })
    return 'waits'
  }
  if (failure === 'unavailable' && !noEffect) return leaveUnknown(world, task, intent, message)
  const isRefused = failure === 'rejected' || failure === 'key-taken'
  if (isRefused && !(mayPass && triesOf(task) < PASSING_TRIES)) return hold(world, task, intent, 'rejected', message)
  if (failure === 'forbidden' && (await isAlive(world, intent.connection)))
    return hold(world, task, intent, 'forbidden', message)
  const isOccupied = failure === 'stale' && intent.action === 'create' && kindOf(world, intent).unique !== undefined
  if (isOccupied && triesOf(task) >= TAKEN_TRIES) return hold(world, task, intent, 'rejected', message)
  if (failure === 'unauthorized') await noteConnection(world, intent.connection, message)
  const reread = failure === 'stale' || failure === 'missing'
  const tries = triesOf(task)
  const { lag = 0 } = kindOf(world, intent)
  // A read that lags may not show yet what made it stale.
  const waitMs = reread && tries === 0 && !isOccupied ? lag * 1000 : backoffMs(tries, () => world.random.next())
  if (isOccupied) await pullAgain(world, task, intent)
  else if (reread) await readAgain(world, task, intent)
  await fail(world, intent, message, {
    ...inHand(task),
    outcome: { is: 'nothing', notBefore: waitMs === 0 ? 0 : world.clock.now() + waitMs },
  })
  say(
    world,
    task,
    intent,
    failure,
    message,
    reread ? 'reads it again and plans anew' : `tries again in ${Math.round(waitMs / 1000)} s`,
  )
  world.bell.ring('due', 'hint')
  return 'waits'
}

/** The request may have taken effect, or may still do so: what became of it is asked, soon, before it is tried again. */
async function leaveUnknown(world: World, task: Task, intent: Intent, message: string): Promise<Outcome> {
  const waitMs = backoffMs(triesOf(task), () => world.random.next())
  await fail(world, intent, message, {
    ...inHand(task),
    outcome: { is: 'unknown', askAt: world.clock.now() + waitMs },
  })
  say(world, task, intent, 'unavailable', message, 'asks what became of it before it tries again')
  world.bell.ring()
  return 'unknown'
}

async function hold(
  world: World,
  task: Task,
  intent: Intent,
  reason: 'rejected' | 'forbidden',
  message: string,
): Promise<Outcome> {
  const takesBack = 'undoes' in task.write
  const held = takesBack ? null : holdOf(world, task, reason, message)
  const passAt = intent.action === 'create' && !takesBack ? world.clock.now() + PASS_AFTER_MS : 0
  await fail(world, intent, message, {
    ...inHand(task),
    outcome: { is: 'nothing', notBefore: passAt },
    hold: held,
  })
  world.events({ is: 'held', flow: intent.flow, pair: intent.pair, ref: intent.sourceRef, reason, detail: message })
  world.bell.ring()
  return 'held'
}

/** Another writer undoes it each time: it waits for a person instead of going on for ever. */
export async function holdReverted(world: World, task: Task): Promise<Outcome> {
  const { model, pair, dues, seen } = task
  const detail = 'something at the other end takes this change back each time'
  const hold = holdOf(world, task, 'reverted', detail)
  const subject = { ...putBack(pair, dues, seen), gaps: [], holds: [hold], wait: null }
  const { id: flow, connections } = model.flow
  await world.store.settle({ flow, connections, now: world.clock.now(), subjects: [subject] })
  world.events({ is: 'held', flow, pair: pair.id, ref: hold.ref, reason: 'reverted', detail })
  world.bell.ring()
  return 'held'
}

/**
 * Commits that a write failed. What is not said: no subject is in hand, nothing is held, and the try does not count. Answers
 * whether a person is asked from now on.
 */
export async function fail(
  world: World,
  { key, flow, pair }: Intent,
  why: string,
  rest: Pick<Fail, 'outcome'> & Partial<Fail>,
): Promise<boolean> {
  const now = world.clock.now()
  return world.store.fail({ key, flow, pair, now, dues: [], why, hold: null, counts: false, ...rest })
}

function say(world: World, task: Task, intent: Intent, failure: string, message: string, next: string): void {
  const where = `${intent.connection} ${intent.kind} ${intent.ref ?? task.name}`
  world.events({ is: 'trouble', where, failure, message, next })
}

function inHand({ dues }: Task): Pick<Fail, 'dues' | 'counts'> {
  return { dues, counts: true }
}

function triesOf(task: Task): number {
  return Math.max(0, ...task.dues.map((due) => due.attempts))
}

/** For how long a request without an answer may still take effect. */
export function settleMs({ settle = DEFAULT_SETTLE_S }: Kind<unknown>): number {
  return settle * 1000
}

/**
 * Repeating the very same request cannot do anything twice. An update is waited for even where the system compares: what it
 * wrote, seen later, would look like somebody's edit.
 */
export function isRepeatable(kind: Kind<unknown>, intent: Intent): boolean {
  return intent.action === 'create' && kind.idempotent === true
}

/** `forbidden` concerns the item; the connection only where `probe` fails too. */
async function isAlive(world: World, connection: string): Promise<boolean> {
  return sessionOf(world, connection)
    .probe()
    .then(
      () => true,
      async (error: unknown) => {
        await noteConnection(world, connection, failureOf(error).message)
        return false
      },
    )
}

/** Who stands in its place is not known yet: the feed tells. */
async function pullAgain(world: World, task: Task, { connection, side, kind }: Intent): Promise<void> {
  const hint = { feed: task.model.feedOf(side, kind), kind: '', ref: '', scope: '' }
  await world.store.lookAt({ connection, hints: [hint], now: world.clock.now() })
}

function kindOf(world: World, { connection, kind }: Intent): Kind<unknown> {
  return world.model.kind(connection, kind)
}

/** Asks for the written item, or the parent of a create, to be read: durable, as a hint. */
async function readAgain(world: World, task: Task, intent: Intent): Promise<void> {
  const parent = task.pair.kinds[intent.side].parent
  const target =
    intent.ref !== null
      ? { kind: intent.kind, ref: intent.ref }
      : parent !== null && intent.parent !== null
        ? { kind: parent.kind, ref: intent.parent }
        : null
  if (target === null) return
  await world.store.lookAt({
    connection: intent.connection,
    hints: [{ feed: task.model.feedOf(intent.side, target.kind), scope: intent.scope, ...target }],
    now: world.clock.now(),
  })
}
