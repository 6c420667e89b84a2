/** What the engine does after a call that failed: every failure says what happens next. */
import type { Kind } from '../connector/connector.ts'
import type { ConnectorError } from '../connector/failure.ts'
import type { Intent } from '../store/store.ts'
import { holdOf, type Task } from './task.ts'
import { backoffMs, failureOf, noteConnection, sessionOf, type World } from './world.ts'

/** A rejected sibling lets the later ones pass after this long. */
const PASS_AFTER_MS = 600_000
const DEFAULT_SETTLE_S = 60

export type Outcome = 'done' | 'moved' | 'unknown' | 'waits' | 'held'

/** Every failure says what happens next. */
async function failed(world: World, task: Task, intent: Intent, error: unknown): Promise<Outcome> {
  const failure = failureOf(error)
  const { store, clock } = world
  const common = {
    key: intent.key,
    flow: intent.flow,
    pair: intent.pair,
    now: clock.now(),
    dues: task.dues,
    why: failure.message,
    hold: null,
    counts: true,
  }
  const tries = Math.max(0, ...task.dues.map((due) => due.attempts))
  const retryAt = clock.now() + backoffMs(tries, () => world.random.next())
  const say = (next: string): void =>
    world.events({
      is: 'trouble',
      where: `${intent.connection} ${intent.kind} ${intent.ref ?? task.name}`,
      failure: failure.failure,
      message: failure.message,
      next,
    })
  if (failure.failure === 'unavailable' && !failure.noEffect) {
    const kind = world.model.kind(intent.connection, intent.kind)
    const settleMs = isRepeatable(kind, intent)
      ? backoffMs(tries, () => world.random.next())
      : (kind.settle ?? DEFAULT_SETTLE_S) * 1000
    await store.fail({ ...common, outcome: { is: 'unknown', askAt: clock.now() + settleMs } })
    say('asks what became of it before it tries again')
    world.bell.ring()
    return 'unknown'
  }
  if (failure.failure === 'rejected' || failure.failure === 'key-taken') {
    const hold = holdOf(world, task, 'rejected', failure.message)
    await store.fail({
      ...common,
      outcome: { is: 'nothing', notBefore: intent.action === 'create' ? clock.now() + PASS_AFTER_MS : 0 },
      hold,
    })
    world.events({
      is: 'held',
      flow: intent.flow,
      pair: intent.pair,
      ref: intent.sourceRef,
      reason: hold.reason,
      detail: hold.detail,
    })
    world.bell.ring()
    return 'held'
  }
  if (failure.failure === 'forbidden' && (await isAlive(world, intent.connection))) {
    const hold = holdOf(world, task, 'forbidden', failure.message)
    await store.fail({ ...common, outcome: { is: 'nothing', notBefore: 0 }, hold })
    world.events({
      is: 'held',
      flow: intent.flow,
      pair: intent.pair,
      ref: intent.sourceRef,
      reason: hold.reason,
      detail: hold.detail,
    })
    return 'held'
  }
  if (failure.failure === 'unauthorized') await noteConnection(world, intent.connection, failure.message)
  const reread = failure.failure === 'stale' || failure.failure === 'missing'
  if (reread) await readAgain(world, task, intent)
  await store.fail({
    ...common,
    outcome: { is: 'nothing', notBefore: reread ? 0 : retryAt },
    counts: !reread || tries > 5,
  })
  say(reread ? 'reads it again and plans anew' : `tries again in ${Math.round((retryAt - clock.now()) / 1000)} s`)
  return 'waits'
}

/** Repeating the very same request cannot do anything twice. */
function isRepeatable(kind: Kind<unknown>, intent: Intent): boolean {
  return intent.action === 'create' ? kind.idempotent === true : kind.guarded === true
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
  await world.store.receive({
    connection: intent.connection,
    hints: [{ feed: task.model.feedOf(intent.side, target.kind), scope: intent.scope, ...target }],
    now: world.clock.now(),
  })
}
