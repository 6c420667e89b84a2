/** Operations of a process that owns the store for one command: it reads and writes once, then ends. */
import type { Model } from '../engine/model.ts'
import { applyPlan } from './applying.ts'
import { chosenFlows, type Context } from './context.ts'
import type { Operations, Say, SyncReport, SyncRequest } from './operations.ts'
import { approveFirst, currentStatus, planOf, unapproved, waiting } from './planning.ts'
import { checkAll } from './checking.ts'
import { createProbes } from './probing.ts'
import { createSignIns } from './signing-in.ts'
import { signInOperations } from './sign-in-operations.ts'
import { storeOperations } from './store-operations.ts'
import { takeBack, type Ways } from './undoing.ts'
import { lookAgain, planAllAnew, watchProgress } from './sync-parts.ts'

export function aloneOperations(context: Context, model: Model): Operations {
  return {
    ...storeOperations(context, model, () => undefined),
    ...signInOperations(
      context,
      createSignIns(context, () => undefined),
      () => undefined,
    ),
    async plan({ flow }, say) {
      const flows = chosenFlows(context.config, flow)
      await read(context, say)
      return planOf(context, flows)
    },
    sync: (request, say) => sync(context, request, say),
    undo: (request, say) => takeBack(context, request, say, waysOf(context, say)),
    apply: (request, say) => applyPlan(context, request, say, waysOf(context, say)),
    check: () => checkAll(context),
    ...createProbes(context).operations,
  }
}

function waysOf(context: Context, say: Say): Ways {
  return {
    read: () => read(context, say),
    carry: async (flows) => (await context.assembly()).engine.once(context.signal, flows),
  }
}

async function read(context: Context, say: Say): Promise<void> {
  say({ is: 'phase', phase: 'reading' })
  const { engine } = await context.assembly()
  const stop = context.hub.listen((event) => say({ is: 'event', event }))
  try {
    await engine.once(context.signal, [])
  } finally {
    stop()
  }
}

async function sync(context: Context, request: SyncRequest, say: Say): Promise<SyncReport> {
  const began = context.ports.clock.now()
  const flows = chosenFlows(context.config, request.flow)
  const assembly = await context.assembly()
  await lookAgain(context, assembly, flows, request)
  if ((await unapproved(context, flows)).length > 0) {
    await read(context, say)
    const waits = await approveFirst(context, flows, request.approval)
    if (waits !== null) return waiting(waits, context.ports.clock.now() - began)
  }
  const done = watchProgress(context, flows, say)
  try {
    await assembly.engine.once(context.signal, flows)
    if (request.full) {
      await planAllAnew(assembly, flows)
      await assembly.engine.once(context.signal, flows)
    }
  } finally {
    done.stop()
  }
  return {
    ...done.counts(),
    durationMs: context.ports.clock.now() - began,
    waits: null,
    status: await currentStatus(context),
  }
}
