/** Operations of the running service: its engine works already, so that they only make it look, and wait. */
import { applyPlan } from './applying.ts'
import { chosenFlows, type Context } from './context.ts'
import { answering } from '../engine/world.ts'
import type { Assembly } from './assembly.ts'
import type { Operations, Say, SyncReport, SyncRequest } from './operations.ts'
import { approveFirst, currentStatus, planOf, unapproved, waiting } from './planning.ts'
import { checkAll } from './checking.ts'
import type { Probes } from './probing.ts'
import type { SignIns } from './signing-in.ts'
import { signInOperations } from './sign-in-operations.ts'
import { storeOperations } from './store-operations.ts'
import { takeBack, type Ways } from './undoing.ts'
import { connectionsOf, lookAgain, planAllAnew, watchProgress } from './sync-parts.ts'

const CHECK_MS = 1000
/** A connection that has not answered at all for so long is not waited for. */
const ANSWER_MS = 5000

export function runningOperations(context: Context, first: Assembly, probes: Probes, signIns: SignIns): Operations {
  const wake = (): void => void context.assembly().then(({ engine }) => engine.wake())
  const reconnect = (connection: string): void =>
    void context.assembly().then(({ engine }) => engine.reconnect(connection))
  return {
    ...storeOperations(context, first.model, wake),
    ...signInOperations(context, signIns, reconnect),
    async plan({ flow }, say) {
      const flows = chosenFlows(context.config, flow)
      say({ is: 'phase', phase: 'reading' })
      await pullAll(context, flows)
      await quiet(context, flows, [])
      return planOf(context, flows)
    },
    sync: (request, say) => sync(context, request, say),
    undo: (request, say) => takeBack(context, request, say, waysOf(context, chosenFlows(context.config, request.flow))),
    apply: (request, say) => applyPlan(context, request, say, waysOf(context, chosenFlows(context.config, null))),
    check: () => checkAll(context),
    ...probes.operations,
  }
}

function waysOf(context: Context, read: readonly string[]): Ways {
  return {
    async read() {
      await pullAll(context, read)
      await quiet(context, read, [])
    },
    carry: (flows) => quiet(context, flows, flows),
  }
}

async function sync(context: Context, request: SyncRequest, say: Say): Promise<SyncReport> {
  const { clock } = context.ports
  const began = clock.now()
  const flows = chosenFlows(context.config, request.flow)
  const assembly = await context.assembly()
  await lookAgain(context, assembly, flows, request)
  await pullAll(context, flows)
  if ((await unapproved(context, flows)).length > 0) {
    say({ is: 'phase', phase: 'reading' })
    await quiet(context, flows, [])
    const waits = await approveFirst(context, flows, request.approval)
    if (waits !== null) return waiting(waits, clock.now() - began)
  }
  const watch = watchProgress(context, flows, say)
  try {
    await quiet(context, flows, flows)
    if (request.full) {
      await planAllAnew(assembly, flows)
      assembly.engine.wake()
      await quiet(context, flows, flows)
    }
  } finally {
    watch.stop()
  }
  for (const flow of flows) await context.owned.store.noteInStep({ flow, now: clock.now() })
  return {
    ...watch.counts(),
    durationMs: clock.now() - began,
    waits: null,
    status: await currentStatus(context),
  }
}

/** Asks for all feeds of these flows to be read now. */
export async function pullAll({ owned, ports, assembly }: Context, flows: readonly string[]): Promise<void> {
  const { model, engine } = await assembly()
  for (const connection of connectionsOf(model, flows)) {
    const hints = model.feeds(connection).map((feed) => ({ feed, kind: '', ref: '', scope: '' }))
    await owned.store.lookAt({ connection, hints, now: ports.clock.now() })
  }
  engine.wake()
}

/** Waits until everything was read, and nothing is left that `written` flows can do now. */
async function quiet(context: Context, flows: readonly string[], written: readonly string[]): Promise<void> {
  const { owned, ports, signal } = context
  const began = ports.clock.now()
  for (;;) {
    const { engine, model } = await context.assembly()
    const { bell } = engine.world
    const { rung } = bell
    const now = ports.clock.now()
    const isIdle =
      !(await owned.store.isBusy({ now, flows: written, connections: answering(engine.world) })) &&
      (await isRead(context, model, flows, now - began))
    if (isIdle) return
    await bell.wait(rung, now + CHECK_MS, signal)
  }
}

/** Whether each connection was read once, or cannot be read now. */
async function isRead(
  context: Context,
  model: Assembly['model'],
  flows: readonly string[],
  waitedMs: number,
): Promise<boolean> {
  const status = await currentStatus(context)
  const { engine } = await context.assembly()
  const isSilent = (id: string): boolean => waitedMs > ANSWER_MS && engine.world.sessions.get(id)?.actor === null
  const ids = connectionsOf(model, flows)
  return status.connections
    .filter(({ id }) => ids.includes(id))
    .every(
      (each) =>
        each.state === 'dead' ||
        each.failingSince !== null ||
        isSilent(each.id) ||
        (each.polledAt !== null && each.listing === 0),
    )
}
