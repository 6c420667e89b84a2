/** `lockstep flows` */
import type { Config } from '../config/index.ts'
import type { FlowHealth, InstanceHealth, PauseReport, PauseRequest } from '../service/operations.ts'
import { EXIT, UserError } from '../words/errors.ts'
import type { Shell } from './shell.ts'
import { stateOf } from './status.ts'
import { plain } from '../words/text.ts'
import { table } from './table.ts'
import { ago, counted, duration, spanOf } from '../words/numbers.ts'

export async function flowsList(shell: Shell): Promise<number> {
  const config = shell.config()
  const { flows, instances } = await shell.operate(config, false, async (operations) => ({
    flows: (await operations.status()).flows,
    instances: await operations.instances({ flow: null }),
  }))
  const found = config.flows.map(({ flow }) => ({
    id: flow.id,
    title: flow.title,
    between: [flow.connections.a, flow.connections.b],
    direction: flow.direction,
    health: flows.find((each) => each.id === flow.id) ?? null,
    instances: instances.filter((each) => each.flow === flow.id),
  }))
  shell.out.result(found, () => {
    if (found.length === 0) return 'The configuration has no flows.'
    const rows = found.map(({ id, between, direction, health }) => [
      id,
      between.join(direction === 'both' ? ' ↔ ' : direction === 'a→b' ? ' → ' : ' ← '),
      String(health?.instances ?? 0),
      String(health?.links ?? 0),
      health === null ? 'has not run yet' : `${stateOf(health)}${sinceWhen(health, shell.clock.now())}`,
    ])
    const head = ['FLOW', 'BETWEEN', 'SCOPES', 'LINKS', 'STATE']
    const each = found.flatMap((flow) => flow.instances)
    return [table(head, rows, { width: shell.out.width, right: [2, 3] }), ...instancesText(each, shell)].join('\n')
  })
  return EXIT.inStep
}

function sinceWhen({ paused_at: at, paused_why: why, lifted_until: lifted }: FlowHealth, now: number): string {
  if (at !== null) return ` since ${ago(at, now)}: ${why}`
  return lifted !== null && lifted > now ? `, brake lifted for ${duration(lifted - now)}` : ''
}

function instancesText(instances: readonly InstanceHealth[], { out, clock }: Shell): readonly string[] {
  if (instances.length === 0) return []
  const rows = instances.map((each) => [
    each.flow,
    `${each.names.a} ↔ ${each.names.b}`,
    ...[each.links, each.due, each.held, each.conflicts].map(String),
    instanceState(each, clock.now()),
  ])
  const head = ['FLOW', 'SCOPES', 'LINKS', 'DUE', 'HELD', 'CONFLICTS', 'STATE']
  return ['', table(head, rows, { width: out.width, elastic: 1, right: [2, 3, 4, 5] })]
}

function instanceState({ pausedAt, state, braked, held, conflicts, due }: InstanceHealth, now: number): string {
  if (pausedAt !== null) return `paused since ${ago(pausedAt, now)}`
  if (braked > 0) return 'brake'
  if (held > 0 || conflicts > 0) return 'needs you'
  if (state === 'listing') return 'reading'
  return due > 0 ? 'syncing' : 'in step'
}

export async function flowsPause(shell: Shell, { flow, scope, paused }: PauseRequest): Promise<number> {
  const config: Config = shell.config()
  const report = await shell.operate(config, false, (operations) => operations.pauseFlow({ flow, scope, paused }))
  shell.out.result({ flow, paused, ...report }, () => pauseText({ flow, scope, paused }, report))
  return EXIT.inStep
}

function pauseText({ flow, scope, paused }: PauseRequest, { instance, still }: PauseReport): string {
  const what = instance === null ? flow : `${plain(instance.names.a)} ↔ ${plain(instance.names.b)} of ${flow}`
  const command = `lockstep flows resume ${flow}${scope === null ? '' : ` --scope ${instance?.scopes.b ?? scope}`}`
  if (paused) return `${what} is paused: it is read, and nothing of it is written, until "${command}".`
  if (still === 'flow') return `${what} goes on as soon as the flow does: lockstep flows resume ${flow}`
  const rest =
    still === 'instances' ? ' Some of its containers are paused by themselves; "lockstep flows" shows them.' : ''
  return `${what} goes on.${rest}`
}

export async function flowsLift(
  shell: Shell,
  { flow, span, end }: { flow: string; span: string | null; end: boolean },
): Promise<number> {
  const forMs = span === null ? null : spanOf(span)
  if (end === (forMs !== null) || forMs === 0) throw howLong(span)
  await shell.operate(shell.config(), false, (operations) => operations.liftBrake({ flow, forMs }))
  shell.out.result({ flow, forMs }, () =>
    forMs === null ? `The brake of ${flow} works again.` : `The brake of ${flow} is lifted for ${duration(forMs)}.`,
  )
  return EXIT.inStep
}

function howLong(span: string | null): UserError {
  return new UserError({
    code: 'how-long',
    message:
      span === null ? 'It is not clear for how long the brake is to be lifted.' : `"${span}" is no length of time.`,
    remedy: 'Write --for with a number of minutes or hours ("30m", "2h"), or --end.',
    exit: EXIT.configuration,
  })
}

export async function flowsAdopt(shell: Shell, { from, to }: { from: string; to: string }): Promise<number> {
  const links = await shell.operate(shell.config(), false, (operations) => operations.adoptFlow({ from, to }))
  shell.out.result(
    { from, to, links },
    () => `${counted(links, 'link')} of ${from} now ${links === 1 ? 'belongs' : 'belong'} to ${to}.`,
  )
  return EXIT.inStep
}

export async function flowsRemove(shell: Shell, { flow }: { flow: string }): Promise<number> {
  const links = await shell.operate(shell.config(), false, (operations) => operations.forgetFlow({ flow }))
  shell.out.result(
    { flow, links },
    () => `${counted(links, 'link')} of ${flow} forgotten; both systems keep what they hold.`,
  )
  return EXIT.inStep
}
