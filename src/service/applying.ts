/** Carries out a plan that was kept: what has moved since is refused, item by item. */
import { EXIT, UserError } from '../words/errors.ts'
import { carry, type Carried } from '../engine/carry.ts'
import { chosenFlows, type Context } from './context.ts'
import type { ApplyReport, ApplyRequest, KeptLine, Say } from './operations.ts'
import { approveFirst, currentStatus, planOf, unapproved } from './planning.ts'
import type { Ways } from './undoing.ts'

export async function applyPlan(
  context: Context,
  { lines, fingerprint }: ApplyRequest,
  say: Say,
  ways: Ways,
): Promise<ApplyReport> {
  const flows = [...new Set(lines.flatMap(({ flow }) => chosenFlows(context.config, flow)))]
  await assertIdle(context, flows)
  say({ is: 'phase', phase: 'reading' })
  await ways.read()
  const stop = context.hub.listen((event) => say({ is: 'event', event }))
  try {
    const first = await firstSyncs(context, flows, fingerprint)
    const whole = lines.filter(({ flow }) => first.includes(flow))
    const others = lines.filter(({ flow }) => !first.includes(flow))
    say({ is: 'phase', phase: 'writing' })
    const carried = [...(await carryWhole(context, first, whole, ways)), ...(await carryEach(context, others))]
    return {
      applied: carried.filter(({ why }) => why === null).map(({ line }) => line),
      refused: carried.flatMap(({ line, why }) => (why === null ? [] : [{ line, why }])),
      status: await currentStatus(context),
    }
  } finally {
    stop()
  }
}

/** A service that is at work on a flow has carried out its plan by the time that anybody could. */
async function assertIdle({ running, owned }: Context, flows: readonly string[]): Promise<void> {
  if (!running) return
  for (const flow of flows) {
    const { approved, paused } = await owned.store.flowState({ flow })
    if (!approved || paused) continue
    throw new UserError({
      code: 'flow-runs',
      message: `The service keeps the flow "${flow}" in step already: a plan of it is out of date as soon as it is made.`,
      remedy: `Pause it first: lockstep flows pause ${flow}`,
      exit: EXIT.configuration,
    })
  }
}

/** The flows whose first sync is exactly the plan that was kept: to it that is the yes. */
async function firstSyncs(context: Context, flows: readonly string[], shown: string): Promise<readonly string[]> {
  const first = await unapproved(context, flows)
  return first.length > 0 && (await approveFirst(context, first, { shown })) === null ? first : []
}

async function carryWhole(
  context: Context,
  flows: readonly string[],
  lines: readonly KeptLine[],
  { carry: follow }: Ways,
): Promise<readonly Carried<KeptLine>[]> {
  if (flows.length === 0) return []
  await follow(flows)
  const left = new Set((await planOf(context, flows)).lines.map((line) => line.fingerprint))
  const isLeft = (line: KeptLine): boolean => left.has(line.fingerprint)
  return lines.map((line) => ({ line, why: isLeft(line) ? 'it did not go yet; see "lockstep status"' : null }))
}

async function carryEach(context: Context, lines: readonly KeptLine[]): Promise<readonly Carried<KeptLine>[]> {
  const { engine, model } = await context.assembly()
  const carried: Carried<KeptLine>[] = []
  for (const each of model.flows) {
    const own = lines.filter(({ flow }) => flow === each.flow.id)
    if (own.length > 0) carried.push(...(await carry(engine.world, each, own, context.signal)))
  }
  return carried
}
