/** How things stand: what the store reports, judged as a person would. */
import type { Config } from '../config/index.ts'
import { counted } from '../words/numbers.ts'
import { SILENT_MS } from '../engine/listening.ts'
import type { StatusReport } from '../store/verbs/status.ts'
import {
  channelAlerts,
  connectionAlerts,
  pausedAlert,
  unreachedAlerts,
  type Unreached,
  flowAlerts,
  noteOf,
  unstarted,
} from './alerts.ts'
import type { ConnectionHealth, Status, Verdict } from './operations.ts'

/** To a service that goes on trying, a feed that fails for less than this may just have met a restart. */
const FAILING_MS = 120_000

export interface Circumstances {
  readonly running: boolean
  readonly now: number
  readonly listeners: Status['listeners']
  /** What keeps the engine from working at all. */
  readonly trouble: string | null
  readonly unreached: readonly Unreached[]
}

export function statusOf(
  config: Config,
  report: StatusReport,
  { running, now, listeners, trouble, unreached }: Circumstances,
): Status {
  const flows = report.flows.filter((each) => config.flows.some(({ flow }) => flow.id === each.id))
  const connections = config.connections.map((each) => connectionHealth(each, config, report))
  const asked = connections.filter(({ webhooks }) => webhooks !== 'off').map(({ id }) => id)
  const problems = [
    ...(trouble === null ? [] : [{ id: 'engine', message: trouble, since: null }]),
    ...connections.flatMap((each) => connectionAlerts(each, running ? now - FAILING_MS : now, report.channels)),
    ...unreachedAlerts(unreached, connections),
    ...channelAlerts(report.channels, asked, now - FAILING_MS),
  ]
  const verdict = verdictOf(config, flows, problems.length > 0, running)
  const paused = report.paused.filter((each) => flows.some(({ id }) => id === each.flow))
  const alerts = [
    ...problems,
    ...flows.flatMap((flow) => flowAlerts(flow, running ? now - FAILING_MS : now)),
    ...paused.map(pausedAlert),
  ]
  const unused = report.connections.flatMap(({ id, orphans }) =>
    orphans > 0 ? [`${id}: ${counted(orphans, 'uploaded file')} may stand there that nothing shows`] : [],
  )
  const notes = [...alerts.map((each) => noteOf(each, now)), ...unstarted(config, flows), ...unused]
  return {
    running,
    verdict,
    alerts,
    notes,
    flows,
    connections,
    inbox: report.inbox,
    latencyMs: report.latency,
    store: config.store,
    listeners,
  }
}

function connectionHealth(
  { id, title, connector, webhooks, address }: Config['connections'][number],
  config: Config,
  report: StatusReport,
): ConnectionHealth {
  const row = report.connections.find((each) => each.id === id)
  const feeds = report.feeds.filter((each) => each.connection === id)
  const verified = report.verified.find((each) => each.connection === id)
  const inStep = config.flows
    .filter(({ flow }) => flow.connections.a === id || flow.connections.b === id)
    .map(({ flow }) => report.flows.find((each) => each.id === flow.id)?.in_step_at ?? null)
  // Where people may set up more than can be asked for, some changes have no webhook unless they did.
  const tellsAll = connector.channels?.alsoByHand !== true || webhooks.secrets.length > 0
  return {
    id,
    title,
    connector: connector.title,
    signsIn: connector.oauth !== undefined,
    state: row === undefined ? 'unknown' : row.state,
    why: row?.state === 'dead' ? row.why : (feeds.find((each) => each.failing_since !== null)?.why ?? ''),
    deadSince: row?.state === 'dead' ? row.since : null,
    webhooks: webhooks.accept,
    lastWebhook: row?.last_webhook ?? null,
    webhookSilent: webhooks.accept !== 'off' && tellsAll && row !== undefined && isSilent(row, inStep),
    opensChannels: address !== null,
    polledAt: latest(feeds.map((each) => each.pulled_at)),
    failingSince: earliest(feeds.map((each) => each.failing_since)),
    verifiedAt: verified?.verified_at ?? null,
    listing: verified?.running ?? 0,
  }
}

/** Only changes that came in after the first sync count: a first sync reads for long what no webhook tells of. */
function isSilent(
  { last_webhook, last_change }: StatusReport['connections'][number],
  inStep: readonly (number | null)[],
): boolean {
  if (last_change === null || inStep.length === 0 || inStep.includes(null)) return false
  const heard = latest([...inStep, last_webhook]) ?? 0
  return last_change > heard + SILENT_MS
}

function verdictOf(config: Config, flows: StatusReport['flows'], isBroken: boolean, running: boolean): Verdict {
  if (isBroken) return 'failed'
  if (flows.some((each) => each.braked > 0)) return 'brake'
  if (flows.some((each) => each.held > 0 || each.conflicts > 0)) return 'held'
  if (flows.length < config.flows.length || flows.some((each) => each.approved_at === null)) return 'not started'
  if (flows.some((each) => each.failing > 0) && !running) return 'failed'
  return flows.some((each) => each.due > each.parked || each.open > 0 || each.in_step_at === null)
    ? 'syncing'
    : 'in step'
}

function latest(times: readonly (number | null)[]): number | null {
  const known = times.filter((each) => each !== null)
  return known.length === 0 ? null : Math.max(...known)
}

function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((each) => each !== null)
  return known.length === 0 ? null : Math.min(...known)
}
