/** Planning everything of a flow anew, though nothing has changed in either system. */
import type { FlowModel } from './model.ts'
import type { World } from './world.ts'

type Around = Pick<World, 'store' | 'clock'>

export async function planAnew({ store, clock }: Around, { flow, specs }: FlowModel): Promise<void> {
  for (const { scopes, state } of await store.instances({ flow: flow.id }))
    // What is still to be read is planned once it was.
    if (state === 'live') await store.replan({ flow: flow.id, scopes, pairs: specs, now: clock.now() })
}

/** What the configuration says of a flow may have changed since its items were planned: a filter, a rule of a colour. */
export async function planWhatIsSaidAnew(world: World): Promise<void> {
  const { store, model } = world
  const flows = model.flows.flatMap(({ flow: { id, settings } }) =>
    settings === undefined ? [] : [{ flow: id, settings }],
  )
  const others = new Set(await store.setAnew({ flows }))
  for (const each of model.flows) {
    const { id, settings } = each.flow
    if (settings === undefined || !others.has(id)) continue
    await planAnew(world, each)
    // Should this process have ended before, the next one plans it once more.
    await store.noteSettings({ flow: id, settings })
  }
}
