/** What a person says about whole flows. */
import { EXIT, UserError } from '../words/errors.ts'
import { adoptGiven } from '../engine/adopting.ts'
import type { Given, Waiting } from '../store/verbs/adoption.ts'
import type { Model } from '../engine/model.ts'
import { backfillName, configuredFlow } from './assembly.ts'
import { chosenFlows, oneFlow, type Context } from './context.ts'
import type { BackfillReport, GivenReport, Operations } from './operations.ts'

type FlowOperations = Pick<Operations, 'liftBrake' | 'backfill' | 'links' | 'giveLinks'>

export function flowOperations(
  context: Context,
  model: Model,
  ranks: { readonly [pair: string]: number },
  wake: () => void,
): FlowOperations {
  const { store } = context.owned
  const now = (): number => context.ports.clock.now()
  return {
    async liftBrake({ flow, forMs }) {
      const flows = chosenFlows(context.config, flow)
      const until = forMs === null ? null : now() + forMs
      for (const each of flows) if (!(await store.liftBrake({ flow: each, until, now: now() }))) throw notStarted(each)
      const held =
        until === null ? [] : (await store.heldList({ flow: null })).filter((each) => flows.includes(each.flow))
      const ids = held.filter(({ reason }) => reason === 'brake').map(({ id }) => id)
      if (ids.length > 0) await store.decideHeld({ ids, decision: 'retry', ranks, now: now() })
      wake()
      return null
    },
    async links({ flow, limit }) {
      const flows = chosenFlows(context.config, flow)
      if (flow === null) return store.linkRows({ flow, limit })
      const rows = await Promise.all(flows.map((each) => store.linkRows({ flow: each, limit })))
      return rows.flat().slice(0, limit ?? Infinity)
    },
    giveLinks: ({ links }) => giveLinks(context, links, wake),
    backfill: (input) => backfill(context, model, input, wake),
  }
}

async function giveLinks(context: Context, links: readonly Given[], wake: () => void): Promise<GivenReport> {
  const { store } = context.owned
  const { engine, model } = await context.assembly()
  for (const { flow, pair } of links) {
    oneFlow(context.config, flow)
    const known = model.flows.find((each) => each.flow.id === flow)?.pairs
    if (known?.has(pair) !== true) throw unknownPair(flow, pair, [...(known?.keys() ?? [])])
  }
  await store.giveLinks({ links })
  const isAsked = (each: Given): boolean =>
    links.some(({ flow, pair, a, b }) => each.flow === flow && each.pair === pair && each.a === a && each.b === b)
  const left: Waiting[] = []
  for (const each of model.flows) left.push(...(await adoptGiven(engine.world, each)).filter(isAsked))
  const refused = left.filter(({ linked }) => linked !== null)
  for (const each of refused) await store.dropGiven(each)
  wake()
  return { linked: links.length - left.length, waiting: left.length - refused.length, refused }
}

function unknownPair(flow: string, pair: string, known: readonly string[]): UserError {
  return new UserError({
    code: 'unknown-pair',
    message: `The flow "${flow}" has no pair of kinds "${pair}".`,
    remedy: `Write one of: ${known.join(', ')}`,
    exit: EXIT.configuration,
  })
}

async function backfill(
  context: Context,
  model: Model,
  { flow: named, since, approve }: { readonly flow: string; readonly since: string; readonly approve: boolean },
  wake: () => void,
): Promise<BackfillReport> {
  const flow = oneFlow(context.config, named)
  const { store } = context.owned
  await context.assembly()
  const own = context.config.flows.find((each) => each.flow.id === flow)
  const specs = model.flows.find((each) => each.flow.id === flow)?.specs ?? []
  const now = context.ports.clock.now()
  // What was wanted before, and was interrupted, is found once more.
  const start = own === undefined ? null : (await configuredFlow(store, own, now)).start
  const asked = { flow, pairs: specs, since, until: start, now }
  const found = (await store.backfill({ ...asked, dry: true })).map(({ pair, side, items }) => {
    const { connection, kind } = specs.find((each) => each.id === pair)?.[side] ?? { connection: side, kind: pair }
    return { pair, connection, kind, items }
  })
  if (!approve || found.length === 0 || start === null) return { found, start, done: false }
  const before = await store.getMeta({ name: backfillName(flow) })
  if (before === null || since < before) await store.setMeta({ name: backfillName(flow), value: since })
  await context.renew()
  await store.backfill({ ...asked, dry: false })
  wake()
  return { found, start, done: true }
}

export function notStarted(flow: string): UserError {
  return new UserError({
    code: 'not-started',
    message: `The flow "${flow}" has not run yet.`,
    remedy: 'Nothing of it is written before its first sync was approved; see "lockstep plan".',
    exit: EXIT.configuration,
  })
}
