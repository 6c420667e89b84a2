/** What a sync consists of, whether an engine runs already or not. */
import { EXIT, UserError } from '../words/errors.ts'
import { planAnew } from '../engine/replan.ts'
import type { Assembly } from './assembly.ts'
import type { Context } from './context.ts'
import type { Say, SyncRequest } from './operations.ts'

const TICK_MS = 500

/** Makes due what a person asks for: one item, or everything anew. */
export async function lookAgain(
  { owned, ports }: Context,
  { model }: Assembly,
  flows: readonly string[],
  { item, full }: Pick<SyncRequest, 'item' | 'full'>,
): Promise<void> {
  const { store } = owned
  if (full)
    for (const connection of connectionsOf(model, flows))
      for (const { feed, scope } of await store.listings({ connection }))
        await store.wantListing({ connection, feed, scope })
  if (item === null) return
  const { items } = await store.explain({ ref: item })
  if (items.length === 0) throw unknownItem(item)
  for (const { connection, kind, ref, scope } of items) {
    const feed = model.readings(connection).find((each) => each.kind === kind)?.feed ?? ''
    await store.lookAt({ connection, hints: [{ feed, kind, ref, scope }], now: ports.clock.now() })
    for (const { flow, specs } of model.flows)
      for (const pair of specs)
        for (const side of ['a', 'b'] as const)
          if (flows.includes(flow.id) && pair[side].connection === connection && pair[side].kind === kind)
            await store.replanOne({ flow: flow.id, pair, side, ref, now: ports.clock.now() })
  }
}

/** Once everything was read: what is planned while only one side was would be planned again. */
export async function planAllAnew({ model, engine }: Assembly, flows: readonly string[]): Promise<void> {
  for (const each of model.flows) if (flows.includes(each.flow.id)) await planAnew(engine.world, each)
}

export function unknownItem(ref: string): UserError {
  return new UserError({
    code: 'unknown-item',
    message: `Nothing is known about an item with the ref "${ref}".`,
    remedy:
      'Give its ref as the system has it (see "lockstep plan --json"), or read everything anew: lockstep sync --full',
    exit: EXIT.failed,
  })
}

export function connectionsOf(model: Assembly['model'], flows: readonly string[]): readonly string[] {
  const chosen = model.flows.filter(({ flow }) => flows.includes(flow.id))
  return [...new Set(chosen.flatMap(({ flow }) => [flow.connections.a, flow.connections.b]))]
}

export interface Watch {
  counts(): { readonly written: number; readonly held: number }
  stop(): void
}

/** Tells events and counts as they come, until stopped. */
export function watchProgress(context: Context, flows: readonly string[], say: Say): Watch {
  const { hub, owned, ports } = context
  const { clock } = ports
  const began = clock.now()
  const end = new AbortController()
  let written = 0
  const held = new Set<string>()
  const unlisten = hub.listen((event) => {
    if ('flow' in event && !flows.includes(event.flow)) return
    if (event.is === 'wrote') written += 1
    if (event.is === 'held') held.add(`${event.flow} ${event.pair} ${event.ref}`)
    say({ is: 'event', event })
  })
  say({ is: 'phase', phase: 'writing' })
  const tick = async (): Promise<void> => {
    let most = 0
    while (!end.signal.aborted) {
      const left = await owned.store.backlog({ flows })
      most = Math.max(most, left)
      const perMs = (most - left) / Math.max(1, clock.now() - began)
      const { nextAt } = (await context.assembly()).engine.world.buckets
      const limitMs = nextAt === null ? null : Math.max(0, nextAt - clock.now())
      say({ is: 'count', done: written, left, etaMs: perMs > 0 ? left / perMs : null, limitMs })
      await clock.sleep(TICK_MS, end.signal)
    }
  }
  // The count is a convenience: a store that fails is told by the engine.
  tick().catch(() => undefined)
  return {
    counts: () => ({ written, held: held.size }),
    stop() {
      unlisten()
      end.abort()
    },
  }
}
