/** What a person should know, each under a name that stays the same while it lasts. */
import type { Config } from '../config/index.ts'
import { isClientRefused } from '../engine/tokens.ts'
import type { StatusReport } from '../store/verbs/status.ts'
import type { Alert, ConnectionHealth } from './operations.ts'

export function connectionAlerts(
  connection: ConnectionHealth,
  failingBefore: number,
  failing: StatusReport['channels'] = [],
): readonly Alert[] {
  const { id, state, why, deadSince, failingSince, webhookSilent, lastWebhook, opensChannels } = connection
  const alerts: Alert[] = []
  if (state === 'dead')
    alerts.push({
      id: `dead ${id}`,
      message: `${id} is dead: ${why.replace(/\.$/, '')}; ${remedyOf(connection)}`,
      since: deadSince,
    })
  else if (failingSince !== null && failingSince <= failingBefore)
    alerts.push({ id: `unreadable ${id}`, message: `${id} cannot be read: ${why}`, since: failingSince })
  // Of a channel that cannot be opened it is said why.
  if (webhookSilent && !failing.some((each) => each.connection === id)) {
    const remedy = opensChannels
      ? 'check that "listen.public_url" is reached from outside; "lockstep channels" shows when each was heard of'
      : "check the webhook's address and secret"
    const message = `${id} sends no webhooks: changes are found by polling only; ${remedy}`
    alerts.push({ id: `silent ${id}`, message, since: lastWebhook })
  }
  return alerts
}

/** Polling goes on, so that nothing is lost: changes travel later. */
export function channelAlerts(
  channels: StatusReport['channels'],
  connections: readonly string[],
  failingBefore: number,
): readonly Alert[] {
  return channels
    .filter((each) => connections.includes(each.connection) && each.failing_since <= failingBefore)
    .map(({ connection, scope, failing_since: since, why }) => {
      const of = scope === '' ? '' : ` about ${scope}`
      const message = `${connection} opens no channel${of}, and changes are found by polling: ${why.replace(/\.$/, '')}; "lockstep channels" shows them`
      return { id: `channel ${connection} ${scope}`, message, since }
    })
}

function remedyOf({ id, signsIn, why }: ConnectionHealth): string {
  if (isClientRefused(why)) return 'correct them in the configuration, then start again'
  return signsIn ? `"lockstep connect ${id}" signs in again` : '"lockstep check" tells what it needs'
}

export function flowAlerts(flow: StatusReport['flows'][number], failingBefore: number): readonly Alert[] {
  const { id, braked, held, conflicts, failing, approved_at: approvedAt } = flow
  const alerts: Alert[] = []
  const add = (what: string, message: string, since: number | null): void =>
    void alerts.push({ id: `${what} ${id}`, message, since })
  if (flow.paused_at !== null)
    add('paused', `${id} is paused: ${flow.paused_why}; "lockstep flows resume ${id}" lets it go on`, flow.paused_at)
  if (braked > 0) add('brake', `${id}: the brake holds ${braked}; "lockstep held" shows them`, flow.braked_since)
  if (held > braked) add('held', `${id}: ${held - braked} held; "lockstep held" shows them`, flow.held_since)
  if (conflicts > 0)
    add(
      'conflicts',
      `${id}: ${countOf(conflicts, 'conflict')} to decide; "lockstep conflicts" shows them`,
      flow.conflict_since,
    )
  if (failing > 0 && (flow.failing_since ?? 0) <= failingBefore) {
    const items = `${countOf(failing, 'item')} failed and ${failing === 1 ? 'is' : 'are'} tried again`
    add('failing', `${id}: ${items}; "lockstep queue ${id}" shows them`, flow.failing_since)
  }
  if (approvedAt === null)
    add('unapproved', `${id}: the first sync waits to be approved; see "lockstep plan", then "lockstep sync"`, null)
  return alerts
}

export function pausedAlert({
  flow,
  a,
  b,
  paused_at: since,
  paused_why: why,
  waiting,
}: StatusReport['paused'][number]): Alert {
  const waits = waiting === 0 ? 'nothing waits' : waiting === 1 ? 'one item waits' : `${waiting} items wait`
  const message = `${flow}: ${a} ↔ ${b} is paused: ${why}; ${waits}; "lockstep flows resume ${flow} --scope ${b}" lets it go on`
  return { id: `paused ${flow} ${a} ${b}`, message, since }
}

/** A container that a flow names and that is not there, or not for this account. */
export interface Unreached {
  readonly flow: string
  readonly connection: string
  readonly kind: string
  readonly ref: string
}

/** Only where the system answers: else that is what a person should know. */
export function unreachedAlerts(
  unreached: readonly Unreached[],
  connections: readonly ConnectionHealth[],
): readonly Alert[] {
  const answers = (id: string): boolean =>
    connections.some(
      (each) => each.id === id && each.state === 'ok' && each.failingSince === null && each.polledAt !== null,
    )
  return unreached
    .filter(({ connection }) => answers(connection))
    .map(({ flow, connection, kind, ref }) => ({
      id: `unreached ${flow} ${connection} ${ref}`,
      message: `${flow}: the ${kind} ${ref} of ${connection} cannot be reached, and nothing of it is synced; "lockstep check" tells why`,
      since: null,
    }))
}

export function unstarted(config: Config, flows: StatusReport['flows']): string[] {
  return config.flows
    .filter(({ flow }) => !flows.some((each) => each.id === flow.id))
    .map(({ flow }) => `${flow.id}: has not run yet; "lockstep sync" runs it`)
}

/** What began just now has no "since" yet. */
const FRESH_MS = 60_000

export function noteOf({ message, since }: Alert, now: number): string {
  return since === null || now - since < FRESH_MS ? message : `${message} (since ${when(now - since)})`
}

function when(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (minutes < 120) return `${minutes} min`
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} days`
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
