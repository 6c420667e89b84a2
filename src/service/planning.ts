/** Shows what a sync would do. */
import type { Foreseen } from '../engine/forecast.ts'
import { estimate } from '../engine/estimate.ts'
import { planPrint, preview, type PreviewLine } from '../engine/preview.ts'
import type { Write } from '../core/action.ts'
import { pinnedRefs, SIDES } from '../core/flow.ts'
import type { Assembly } from './assembly.ts'
import type { Context } from './context.ts'
import type { Unreached } from './alerts.ts'
import { statusOf } from './health.ts'
import type { Approval, PlanReport, Status, SyncReport } from './operations.ts'

/** Over what was read already. */
export async function planOf(context: Context, flows: readonly string[]): Promise<PlanReport> {
  const { engine, model } = await context.assembly()
  const lines: PreviewLine[] = []
  const calls: Foreseen[] = []
  const written = new Map<string, { readonly pair: string; readonly write: Write }[]>()
  for (const each of model.flows) {
    const { id, template = id } = each.flow
    if (!flows.includes(id)) continue
    const before = written.get(template) ?? []
    const own = [...before]
    for await (const { line, write, calls: of } of preview(engine.world, each, before)) {
      lines.push(line)
      calls.push(...of)
      if (write !== null && line.hold === null) own.push({ pair: line.pair, write })
    }
    written.set(template, own)
  }
  const waiting = await unapproved(context, flows)
  return {
    lines,
    estimate: estimate(engine.world, calls),
    matches: await matchesOf(context, waiting),
    unapproved: waiting,
    fingerprint: planPrint(
      engine.world,
      lines.filter((line) => waiting.includes(line.flow)),
    ),
    status: await currentStatus(context),
  }
}

/**
 * Approves the first syncs that wait, as far as both sides of a flow were read. Answers the plan instead where a person
 * has not said yes to exactly this one.
 */
export async function approveFirst(
  context: Context,
  flows: readonly string[],
  approval: Approval,
): Promise<PlanReport | null> {
  const assembly = await context.assembly()
  const plan = await planOf(context, flows)
  const { unapproved: waiting, lines, status } = plan
  const isEmpty = !lines.some((line) => waiting.includes(line.flow))
  if (!isEmpty && approval !== 'ahead' && approval?.shown !== plan.fingerprint) return plan
  for (const flow of waiting)
    if (isReadable(status, assembly, flow)) await context.owned.store.approve({ flow, now: context.ports.clock.now() })
  assembly.engine.wake()
  return null
}

/** A sync that wrote nothing, since its plan waits for a person. */
export function waiting(waits: PlanReport, durationMs: number): SyncReport {
  return { written: 0, held: 0, durationMs, waits, status: waits.status }
}

export async function unapproved({ owned }: Context, flows: readonly string[]): Promise<readonly string[]> {
  const waiting: string[] = []
  for (const flow of flows) if (!(await owned.store.flowState({ flow })).approved) waiting.push(flow)
  return waiting
}

export async function currentStatus(context: Context): Promise<Status> {
  const { config, owned, ports, running, listeners, trouble } = context
  const report = await owned.store.status(undefined)
  return statusOf(config, report, {
    running,
    now: ports.clock.now(),
    listeners: listeners(),
    trouble: trouble(),
    unreached: await unreached(context),
  })
}

/** Containers that flows name and that were looked for in vain. */
async function unreached({ config, owned: { store } }: Context): Promise<readonly Unreached[]> {
  const found: Unreached[] = []
  for (const { flow } of config.flows) {
    const instances = await store.instances({ flow: flow.id })
    for (const refs of flow.scopes.map(pinnedRefs)) {
      if (instances.some(({ scopes }) => SIDES.every((side) => refs[side] === null || scopes[side] === refs[side])))
        continue
      for (const side of SIDES) {
        const { connection, kind } = flow.containers.kinds[side]
        const ref = refs[side]
        if (ref === null || (await store.item({ connection, kind, ref }))?.state === 'present') continue
        found.push({ flow: flow.id, connection, kind, ref })
      }
    }
  }
  return found
}

/** Whether a first sync may be approved: both sides were read, so that its plan is whole. */
export function isReadable(status: Status, assembly: Assembly, flow: string): boolean {
  const found = assembly.model.flows.find((each) => each.flow.id === flow)
  if (found === undefined) return false
  const { a, b } = found.flow.connections
  const isRead = status.connections
    .filter(({ id }) => id === a || id === b)
    .every((each) => each.state === 'ok' && each.failingSince === null && each.polledAt !== null)
  const counts = status.flows.find((each) => each.id === flow)
  const joins = found.flow.scopes.some((scopes) => 'ref' in scopes.a && 'ref' in scopes.b)
  return isRead && counts !== undefined && counts.listing === 0 && (!joins || counts.instances > 0)
}

async function matchesOf({ owned, assembly }: Context, flows: readonly string[]): Promise<PlanReport['matches']> {
  const { model } = await assembly()
  const found: PlanReport['matches'][number][] = []
  for (const { flow, specs } of model.flows)
    if (flows.includes(flow.id)) found.push(...(await owned.store.matches({ flow: flow.id, pairs: specs })))
  return found
}
