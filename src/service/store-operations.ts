/** The operations that need the store alone. */
import { EXIT, UserError } from '../words/errors.ts'
import { flowFingerprint, type Config } from '../config/index.ts'
import { parseKey } from '../store/key-source.ts'
import type { Model } from '../engine/model.ts'
import { channelOperations } from './channel-operations.ts'
import { flowOperations } from './flow-operations.ts'
import { peopleOperations } from './people-operations.ts'
import { pauseOperations } from './pause-operations.ts'
import { chosenFlows, unknownFlow, type Context } from './context.ts'
import { currentStatus } from './planning.ts'
import type { Operations } from './operations.ts'
import { questions } from './questions.ts'

type StoreOperations = Pick<
  Operations,
  | 'status'
  | 'explain'
  | 'history'
  | 'queue'
  | 'held'
  | 'decide'
  | 'conflicts'
  | 'resolve'
  | 'divergences'
  | 'people'
  | 'mapPeople'
  | 'unmapPerson'
  | 'channels'
  | 'renewChannels'
  | 'instances'
  | 'pauseFlow'
  | 'liftBrake'
  | 'backfill'
  | 'links'
  | 'giveLinks'
  | 'adoptFlow'
  | 'forgetFlow'
  | 'rotateKey'
>

const ADOPTION = {
  unknown: (from: string) => `The store knows no flow "${from}".`,
  other: (from: string, to: string) => `The flow "${to}" joins other connections than "${from}" did.`,
  used: (_from: string, to: string) => `The flow "${to}" has items of its own.`,
} as const

function assertUnnamed(config: Config, flow: string): void {
  if (!config.flows.some((each) => each.flow.id === flow || each.flow.template === flow)) return
  throw new UserError({
    code: 'flow-in-use',
    message: `The flow "${flow}" is in the configuration.`,
    remedy: 'Take it out of the configuration first.',
    exit: EXIT.configuration,
  })
}

/** `wake` is called when a decision has made work. */
export function storeOperations(context: Context, model: Model, wake: () => void): StoreOperations {
  const { config } = context
  const { store } = context.owned
  const ranks = Object.fromEntries(
    model.flows.flatMap(({ flow, specs }) => specs.map(({ id, rank }) => [`${flow.id} ${id}`, rank])),
  )
  const now = (): number => context.ports.clock.now()
  return {
    status: () => currentStatus(context),
    explain: (input) => store.explain(input),
    ...questions(context, model),
    async held({ flow }) {
      const flows = flow === null ? null : chosenFlows(config, flow)
      const held = await store.heldList({ flow: null })
      return held.filter((each) => flows?.includes(each.flow) ?? true)
    },
    async decide(input) {
      const decided = await store.decideHeld({ ...input, ranks, now: now() })
      wake()
      return decided
    },
    conflicts: (input) => store.conflicts(input),
    async resolve(input) {
      const resolved = await store.resolveConflict({ ...input, ranks, now: now() })
      wake()
      return resolved
    },
    divergences: () => store.divergences(undefined),
    ...peopleOperations(context, model, wake),
    ...channelOperations(context, wake),
    ...flowOperations(context, model, ranks, wake),
    ...pauseOperations(context, model, wake),
    async adoptFlow({ from, to }) {
      assertUnnamed(config, from)
      const flow = config.flows.find((each) => each.flow.id === to)
      if (flow === undefined) throw unknownFlow(config, to)
      const adopted = await store.adoptFlow({ from, to, fingerprint: flowFingerprint(flow.flow) })
      if (typeof adopted === 'number') return adopted
      throw new UserError({
        code: 'cannot-adopt',
        message: ADOPTION[adopted](from, to),
        remedy: `Name a flow between the same two connections, in the same order, that has not run yet; or: lockstep flows remove ${from}`,
        exit: EXIT.configuration,
      })
    },
    async forgetFlow({ flow }) {
      const { flows } = await store.status(undefined)
      const of = flows.filter((each) => each.template === flow).map(({ id }) => id)
      const named = new Set(config.flows.map((each) => each.flow.id))
      const gone = of.filter((id) => !named.has(id))
      if (gone.length === 0) assertUnnamed(config, flow)
      let links = 0
      for (const each of gone.length > 0 ? gone : [flow]) links += await store.forgetFlow({ flow: each })
      return links
    },
    rotateKey: ({ key }) => context.owned.rotate(key === null ? null : parseKey(key)),
  }
}
