/** What is laid out in a system so that flows can write there: its documented tables. Needs no store. */
import { EXIT, UserError } from '../words/errors.ts'
import type { Config } from '../config/index.ts'
import { ConnectorError } from '../connector/failure.ts'
import type { RowCount } from '../connector/layout.ts'
import { aloneOf } from '../connector/runtime.ts'
import { askedOf, connectionNamed, type Ports } from './capturing.ts'

export interface LayingOut {
  /** The statements that make all of it. */
  readonly whole: readonly string[]
  /** Those that make what is missing. */
  missing(): Promise<readonly string[]>
  /** All of them, or none. */
  carry(statements: readonly string[]): Promise<void>
}

export function layingOutOf(config: Pick<Config, 'connections'>, id: string, ports: Ports): LayingOut {
  const { connector, config: options } = connectionNamed(config, id)
  const { layout } = connector
  const whole = layout?.whole(options) ?? []
  if (layout === undefined || whole.length === 0)
    throw new UserError({
      code: 'no-tables',
      message: `Lockstep has no tables to make in ${id}.`,
      remedy:
        layout === undefined
          ? `${connector.title} has none: name a connection to a database or to Airtable.`
          : `docs/connectors/${connector.name}.md says which it makes; for the documented tables of a database, add "ingest: {}" to the connection ${id}.`,
      exit: EXIT.configuration,
    })
  const { api, asked } = askedOf(connector, options, ports, `"lockstep tables print ${id}" shows`)
  return {
    whole,
    missing: () => asked(() => layout.missing(api)),
    carry: (statements) => asked(() => layout.carry(api, statements)),
  }
}

export interface TableCount extends RowCount {
  readonly connection: string
}

/** What stands in the documented tables of these connections; `notes`: where that cannot be told, and why. */
export async function countsOf(
  { connections }: Pick<Config, 'connections'>,
  ids: readonly string[],
  ports: Ports,
): Promise<{ readonly tables: readonly TableCount[]; readonly notes: readonly string[] }> {
  const tables: TableCount[] = []
  const notes: string[] = []
  for (const { id, connector, config } of connections) {
    const { layout } = connector
    if (!ids.includes(id) || layout?.counts === undefined || layout.whole(config).length === 0) continue
    try {
      const counts = await layout.counts(connector.connect(config, aloneOf(ports)))
      tables.push(...counts.map((each) => ({ connection: id, ...each })))
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error
      notes.push(`${id}: its rows cannot be counted: ${error.message}`)
    }
  }
  return { tables, notes }
}
