/** `lockstep status` */
import type { Config } from '../config/index.ts'
import { chosenFlows } from '../service/context.ts'
import { countsOf, type TableCount } from '../service/laying-out.ts'
import type { ConnectionHealth, FlowHealth, Status } from '../service/operations.ts'
import type { Shell } from './shell.ts'
import { table } from './table.ts'
import { exitOf } from './verdict.ts'
import { ago, counted, duration, number } from '../words/numbers.ts'

/** `flow`: of this one alone, or of all accounts of a template. */
export async function status(shell: Shell, { flow }: { flow: string | null }): Promise<number> {
  const config = shell.config()
  const chosen = chosenFlows(config, flow)
  const whole = await shell.operate(config, false, (operations) => operations.status())
  const found = flow === null ? whole : statusAlone(config, whole, chosen)
  const { tables, notes } = await countsOf(config, endsOf(config, chosen), shell)
  const told = { ...found, notes: [...found.notes, ...notes], tables }
  shell.out.result(told, () => statusText(told, shell.clock.now(), shell.out.width, tables))
  return exitOf(found)
}

/** The connections of these flows. */
function endsOf({ flows }: Config, chosen: readonly string[]): readonly string[] {
  return flows
    .filter(({ flow }) => chosen.includes(flow.id))
    .flatMap(({ flow: { connections } }) => [connections.a, connections.b])
}

/** What is said about the whole service stays. */
function statusAlone(config: Config, whole: Status, chosen: readonly string[]): Status {
  const ends = endsOf(config, chosen)
  return {
    ...whole,
    flows: whole.flows.filter(({ id }) => chosen.includes(id)),
    connections: whole.connections.filter(({ id }) => ends.includes(id)),
  }
}

export function statusText(status: Status, now: number, width: number, tables: readonly TableCount[]): string {
  return [
    flowsTable(status, width),
    connectionsTable(status, now, width),
    ...(tables.length === 0 ? [] : [rowsTable(tables, width)]),
    footText(status),
  ].join('\n\n')
}

function rowsTable(tables: readonly TableCount[], width: number): string {
  const head = ['TABLE', 'OF', 'FROM', 'ROWS', 'DELETED']
  const rows = tables.map((each) => [
    each.table,
    each.connection,
    each.source ?? '',
    number(each.rows),
    number(each.deleted),
  ])
  return table(head, rows, { width, right: [3, 4], elastic: 0 })
}

function flowsTable({ flows }: Status, width: number): string {
  const head = ['FLOW', 'LINKS', 'DUE', 'HELD', 'CONFLICTS', 'DIFFER', 'WRITES', 'STATE']
  const rows = flows.map((flow) => [
    flow.id,
    ...[flow.links, flow.due, flow.held, flow.conflicts, flow.divergences, flow.writes].map(number),
    stateOf(flow),
  ])
  return table(head, rows, { width, right: [1, 2, 3, 4, 5, 6] })
}

/** A flow's state in a word. */
export function stateOf(flow: FlowHealth): string {
  const { paused_instances: paused, instances } = flow
  if (flow.paused_at !== null || (paused > 0 && paused === instances)) return 'paused'
  return paused === 0 ? workOf(flow) : `${workOf(flow)}, ${paused} of ${instances} paused`
}

function workOf(flow: FlowHealth): string {
  if (flow.braked > 0) return 'brake'
  if (flow.held > 0 || flow.conflicts > 0) return 'needs you'
  if (flow.listing > 0) return 'reading'
  if (flow.approved_at === null) return 'to approve'
  if (flow.failing > 0) return 'retrying'
  return flow.due > flow.parked || flow.in_step_at === null ? 'syncing' : 'in step'
}

function connectionsTable({ connections }: Status, now: number, width: number): string {
  const head = ['CONNECTION', 'SYSTEM', 'STATE', 'POLLED', 'WEBHOOK', 'VERIFIED']
  const rows = connections.map((each) => [
    each.id,
    each.connector,
    connectionState(each),
    ago(each.polledAt, now),
    each.webhooks === 'off' ? 'off' : each.webhookSilent ? 'silent' : ago(each.lastWebhook, now),
    each.listing > 0 ? `reading ${each.listing}` : ago(each.verifiedAt, now),
  ])
  return table(head, rows, { width })
}

function connectionState({ state, failingSince }: ConnectionHealth): string {
  if (state === 'dead') return 'dead'
  if (failingSince !== null) return 'failing'
  return state === 'unknown' ? 'not used yet' : 'ok'
}

function footText({ verdict, notes, running, inbox, latencyMs, listeners }: Status): string {
  const { count, p50, p99 } = latencyMs
  const speed =
    p50 === null || p99 === null ? [] : [`latency ${duration(p50)} (p99 ${duration(p99)}) of ${number(count)}`]
  const facts = [running ? 'service running' : 'no service running', `${counted(inbox, 'hint')} waiting`, ...speed]
  const webhooks = listeners.webhooks === null ? [] : [`Webhooks at ${listeners.webhooks}/webhooks/<connection>`]
  return [`${verdict.toUpperCase()} · ${facts.join(' · ')}`, ...webhooks, ...notes.map((note) => `  ! ${note}`)].join(
    '\n',
  )
}
