/** What the service counts for whoever watches it, in the text format of Prometheus. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { EngineEvent } from '../engine/world.ts'
import type { Status } from './operations.ts'

export interface Metrics {
  /** What happens from now on is counted: counters begin with the process. */
  note(event: EngineEvent): void
  /** A webhook did not show what it has to. */
  refused(connection: string): void
  /** With what stands in the store now. */
  text(status: Status): Promise<string>
}

const OF_FLOWS = {
  links: 'Pairs of items that stand for each other.',
  due: 'Items to be planned, those that wait for others included.',
  held: 'Actions that wait for a person.',
  conflicts: 'Fields that wait for a person.',
  divergences: 'Differences that cannot be written.',
  failing: 'Items that were tried in vain and are tried again.',
  open: 'Writes without an answer yet.',
} as const
/** From a tenth of what the engine adds itself up to an outage. */
const SECONDS = [0.005, 0.02, 0.05, 0.2, 1, 5, 20, 60, 300, 1800, 7200]

export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const inbox = new Gauge({
    name: 'lockstep_inbox',
    help: 'Items of which a webhook told and that wait for a look.',
    registers,
  })
  const flows = Object.entries(OF_FLOWS).map(([field, help]) => ({
    field: field as keyof typeof OF_FLOWS,
    gauge: new Gauge({ name: `lockstep_${field}`, help, labelNames: ['flow'], registers }),
  }))
  const up = new Gauge({
    name: 'lockstep_connection_up',
    help: '1 where the connection answers.',
    labelNames: ['connection'],
    registers,
  })
  const events = countersOf(registers)
  return {
    note: (event) => count(events, event),
    refused: (connection) => events.refused.inc({ connection }),
    async text(status) {
      inbox.set(status.inbox)
      for (const { field, gauge } of flows) {
        gauge.reset()
        for (const flow of status.flows) gauge.set({ flow: flow.id }, flow[field])
      }
      up.reset()
      for (const { id, state } of status.connections) up.set({ connection: id }, state === 'ok' ? 1 : 0)
      return await registry.metrics()
    },
  }
}

function countersOf(registers: Registry[]) {
  return {
    writes: new Counter({
      name: 'lockstep_writes_total',
      help: 'Writes that were carried out.',
      labelNames: ['flow', 'pair', 'action', 'side'],
      registers,
    }),
    waited: new Histogram({
      name: 'lockstep_write_wait_seconds',
      help: 'From the moment at which a change was read to the call that carries it over.',
      labelNames: ['flow'],
      buckets: SECONDS,
      registers,
    }),
    holds: new Counter({
      name: 'lockstep_holds_total',
      help: 'Actions that began to wait for a person.',
      labelNames: ['flow', 'reason'],
      registers,
    }),
    troubles: new Counter({
      name: 'lockstep_troubles_total',
      help: 'Failures, by what they make the engine do.',
      labelNames: ['connection', 'failure'],
      registers,
    }),
    renewals: new Counter({
      name: 'lockstep_renewals_total',
      help: 'Access tokens that were fetched and channels that were opened or prolonged.',
      labelNames: ['connection', 'of'],
      registers,
    }),
    refused: new Counter({
      name: 'lockstep_webhooks_refused_total',
      help: 'Webhooks with a wrong signature, or a wrong token of a channel: they had no effect.',
      labelNames: ['connection'],
      registers,
    }),
    changes: new Counter({
      name: 'lockstep_changes_read_total',
      help: 'Items that were read and had changed.',
      labelNames: ['connection', 'feed'],
      registers,
    }),
  }
}

function count(counters: ReturnType<typeof countersOf>, event: EngineEvent): void {
  const { writes, waited, holds, troubles, renewals, changes } = counters
  if (event.is === 'wrote') {
    const { flow, pair, action, side, waitedMs } = event
    writes.inc({ flow, pair, action, side })
    if (waitedMs !== null) waited.observe({ flow }, waitedMs / 1000)
  }
  if (event.is === 'held') holds.inc({ flow: event.flow, reason: event.reason })
  // What it is about in all its detail stands in the log: here the connection is enough.
  if (event.is === 'trouble') troubles.inc({ connection: event.where.split(' ')[0] ?? '', failure: event.failure })
  if (event.is === 'renewed') renewals.inc({ connection: event.connection, of: event.of })
  if (event.is === 'read') changes.inc({ connection: event.connection, feed: event.feed }, event.changed)
}
