/** Stops a flow or one pair of its containers for a while, and says how far each pair is. */
import { EXIT, UserError } from '../words/errors.ts'
import { nearest } from '../config/problem.ts'
import { SIDES, type Side } from '../core/flow.ts'
import type { FlowModel, Model } from '../engine/model.ts'
import { nameOfValues } from '../engine/task.ts'
import { chosenFlows, type Context } from './context.ts'
import { notStarted } from './flow-operations.ts'
import type { InstanceHealth, Operations, PauseReport } from './operations.ts'

export function pauseOperations(
  context: Context,
  model: Model,
  wake: () => void,
): Pick<Operations, 'instances' | 'pauseFlow'> {
  const { store } = context.owned
  const instancesOf = async (flow: string): Promise<readonly InstanceHealth[]> => {
    const own = model.flows.find((each) => each.flow.id === flow)
    return own === undefined ? [] : await healthOf(context, own)
  }
  return {
    async instances({ flow }) {
      const found: InstanceHealth[] = []
      for (const id of chosenFlows(context.config, flow)) found.push(...(await instancesOf(id)))
      return found
    },
    async pauseFlow({ flow, scope, paused }) {
      const chosen = chosenFlows(context.config, flow)
      const found = scope === null ? [] : (await Promise.all(chosen.map(instancesOf))).flat()
      const instance = scope === null ? null : meant(flow, scope, found)
      const scopes = instance?.scopes ?? null
      const flows = instance === null ? chosen : [instance.flow]
      for (const each of flows) {
        const known = paused
          ? await store.pauseFlow({ flow: each, scopes, why: 'a person paused it', now: context.ports.clock.now() })
          : await store.resumeFlow({ flow: each, scopes })
        if (!known) throw notStarted(each)
      }
      wake()
      return { instance, still: paused ? null : await stillPaused(context, flows, instance) }
    },
  }
}

async function healthOf({ owned: { store } }: Context, { flow, specs }: FlowModel): Promise<readonly InstanceHealth[]> {
  const nameOf = async (side: Side, ref: string): Promise<string> => {
    const { connection, kind } = flow.containers.kinds[side]
    const item = await store.item({ connection, kind, ref })
    return item === null ? ref : (nameOfValues(item.values) ?? ref)
  }
  const found = await store.progress({ flow: flow.id, pairs: specs })
  return await Promise.all(
    found.map(async (each) => ({
      ...each,
      flow: flow.id,
      names: { a: await nameOf('a', each.scopes.a), b: await nameOf('b', each.scopes.b) },
    })),
  )
}

async function stillPaused(
  { owned: { store } }: Context,
  flows: readonly string[],
  instance: InstanceHealth | null,
): Promise<PauseReport['still']> {
  if (instance !== null) return (await store.flowState({ flow: instance.flow })).paused ? 'flow' : null
  const { paused } = await store.status(undefined)
  return paused.some((each) => flows.includes(each.flow)) ? 'instances' : null
}

/** By the ref of a container, else by its name. */
function meant(flow: string, scope: string, instances: readonly InstanceHealth[]): InstanceHealth {
  const byRef = instances.filter(({ scopes }) => SIDES.some((side) => scopes[side] === scope))
  const found = byRef.length > 0 ? byRef : instances.filter(({ names }) => SIDES.some((side) => names[side] === scope))
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  const named = (each: readonly InstanceHealth[]): string =>
    each.map(({ scopes, names }) => `${scopes.a} "${names.a}" ↔ ${scopes.b} "${names.b}"`).join('\n')
  if (found.length > 1)
    throw new UserError({
      code: 'several-scopes',
      message: `"${scope}" is the name of several containers of the flow "${flow}".`,
      remedy: `Write a ref, which is unique:\n${named(found)}`,
      exit: EXIT.configuration,
    })
  const close = nearest(
    scope,
    instances.flatMap(({ scopes, names }) => SIDES.flatMap((side) => [scopes[side], names[side]])),
  )
  throw new UserError({
    code: 'unknown-scope',
    message: `The flow "${flow}" has joined no container "${scope}".`,
    remedy:
      close !== null
        ? `Did you mean "${close}"?`
        : instances.length === 0
          ? 'It has joined none so far; see "lockstep plan".'
          : `Choose one of:\n${named(instances)}`,
    exit: EXIT.configuration,
  })
}
