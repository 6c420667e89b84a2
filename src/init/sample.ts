/** One row as the event that it would be, and back, through the very lenses of the draft. */
import { loadConfig } from '../config/load.ts'
import { ConnectorError } from '../connector/failure.ts'
import { aloneOf } from '../connector/runtime.ts'
import { sameValue, type Values } from '../connector/values.ts'
import type { Lens, Pair } from '../core/flow.ts'
import type { Plan } from './calendar-text.ts'
import type { InitPorts } from './template.ts'

const PATH = '/draft/lockstep.yaml'

/** Null: there is no row yet. Throws where the draft is no configuration, which is a fault of the template. */
export async function sampleOf(ports: InitPorts, plan: Plan, text: string): Promise<string | null> {
  const { config, problems } = loadConfig({
    path: PATH,
    readFile: (path) => (path === PATH ? text : null),
    env: { DATABASE_URL: plan.url, GOOGLE_CLIENT_ID: 'client', GOOGLE_CLIENT_SECRET: 'secret' },
    connectors: ports.connectors,
  })
  if (config === null) throw new TypeError(problems.map(({ place, message }) => `${place}: ${message}`).join('\n'))
  const pair = config.flows[0]?.flow.pairs.find(({ id }) => id === 'entry-event')
  const app = config.connections.find(({ id }) => id === 'app')
  if (pair === undefined || app === undefined) throw new TypeError('the draft has no pair of entries and events')
  const api: unknown = app.connector.connect(app.config, aloneOf(ports))
  const scope = plan.user?.value ?? 'all'
  const call = { api, actor: { ref: '' }, scope, scopes: [scope] }
  try {
    for await (const { changes } of app.connector.feeds['rows']?.list(call, null) ?? [])
      for (const change of changes)
        if (change.kind === 'entry' && 'values' in change) return shownOf(pair, change.values)
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    return `No sample: ${error.message}`
  }
  return null
}

function shownOf({ lenses }: Pair, row: Values): string {
  const event = written(lenses, 'b', row, {})
  const unread = lenses.flatMap((lens) => {
    const found = lens.unreadable?.('a', row, null) ?? null
    return found === null ? [] : [`! its ${lens.id} ${found.why}`]
  })
  const back = written(lenses, 'a', event, row)
  const differs = Object.keys(back).filter((field) => !sameValue(back[field], row[field]))
  return [
    'The row',
    ...linesOf(row),
    'as an event',
    ...linesOf(event),
    ...(differs.length === 0
      ? ['and back: the same row']
      : [
          'and back, where it differs',
          ...linesOf(Object.fromEntries(differs.map((field) => [field, back[field] ?? null]))),
        ]),
    ...unread,
  ].join('\n')
}

/** What the lenses write on one side of what stands on the other. */
function written(lenses: readonly Lens[], to: 'a' | 'b', there: Values, before: Values): Values {
  const from = to === 'a' ? 'b' : 'a'
  let values: Values = before
  for (const lens of lenses) {
    if (lens.to !== undefined || lens.fields[from].length === 0 || lens.way === (to === 'a' ? 'a→b' : 'b→a')) continue
    if ((lens.unreadable?.(from, there, null) ?? null) !== null) continue
    values = { ...values, ...lens.write(to, lens.read(from, there, null), to === 'a' ? before : null, null) }
  }
  return values
}

function linesOf(values: Values): readonly string[] {
  return Object.entries(values)
    .filter(([, value]) => value !== null)
    .map(([field, value]) => `  ${field.padEnd(14)} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
}
