/** Planning everything of a flow anew, though nothing has changed in either system. */
import type { FlowModel } from './model.ts'
import type { World } from './world.ts'

type Around = Pick<World, 'store' | 'clock'>

/** Answers how many items that are. */
export async function planAnew({ store, clock }: Around, { flow, specs }: FlowModel): Promise<number> {
  let count = 0
  for (const { scopes, state } of await store.instances({ flow: flow.id }))
    // What is still to be read is planned once it was.
    if (state === 'live') count += await store.replan({ flow: flow.id, scopes, pairs: specs, now: clock.now() })
  return count
}

/** What the configuration says of a flow may have changed since its items were planned: a filter, a rule of a colour. */
export async function planWhatIsSaidAnew(world: World): Promise<void> {
  const { store, model } = world
  const renew = async (each: FlowModel): Promise<void> => {
    const { id, settings } = each.flow
    if (settings === undefined) return
    const name = `settings ${id}`
    const known = await store.getMeta({ name })
    if (known === settings) return
    // Should this process end in between, the next one plans it once more.
    if (known !== null) await planAnew(world, each)
    await store.setMeta({ name, value: settings })
  }
  await Promise.all(model.flows.map(renew))
}
