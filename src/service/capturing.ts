/** What is set up in a system itself so that its feeds tell of changes. Needs no store. */
import { EXIT, UserError } from '../words/errors.ts'
import { choice } from '../config/problem.ts'
import type { Config, Connection } from '../config/index.ts'
import type { Finding } from '../connector/connector.ts'
import { ConnectorError } from '../connector/failure.ts'
import { aloneOf } from '../connector/runtime.ts'
import type { SystemPorts } from './ports.ts'
import { ownLimits } from './own-limits.ts'

export interface Capturing {
  readonly system: string
  /** The statements, for people to read and to run themselves. */
  readonly install: readonly string[]
  readonly remove: readonly string[]
  check(): Promise<readonly Finding[]>
  /** All of them, or none. */
  carry(statements: readonly string[]): Promise<void>
}

export type Ports = Pick<SystemPorts, 'clock' | 'random' | 'http' | 'databases' | 'folders'>

export function capturingOf(config: Config, id: string, ports: Ports): Capturing {
  const { connector, config: options } = connectionNamed(config, id)
  const { capture } = connector
  if (capture === undefined)
    throw new UserError({
      code: 'no-capture',
      message: `Nothing has to be set up in ${connector.title}.`,
      remedy: `"lockstep check" shows whether ${id} can be used.`,
      exit: EXIT.configuration,
    })
  const shown = `"lockstep capture print ${id}" shows, as one of the application's migrations`
  const { api, asked } = askedOf(connector, options, ports, shown)
  return {
    system: connector.title,
    install: capture.install(options),
    remove: capture.remove(options),
    check: () => asked(async () => (await capture.check(api)).map((each) => ofConnection(each, id))),
    carry: (statements) => asked(() => capture.carry(api, statements)),
  }
}

/** A connector does not know what its connection is called. */
export function ofConnection({ message, remedy }: Finding, id: string): Finding {
  return { message, remedy: remedy.replaceAll('<connection>', id) }
}

/** A system that is asked without a store, and what it refuses told to people; `shown` as of `refused`. */
export function askedOf(
  connector: Connection['connector'],
  options: unknown,
  ports: Ports,
  shown: string,
): { readonly api: unknown; asked<T>(work: () => Promise<T>): Promise<T> } {
  const api: unknown = connector.connect(options, aloneOf(ports, ownLimits(connector, options, ports.clock)))
  return {
    api,
    async asked(work) {
      try {
        return await work()
      } catch (error) {
        throw error instanceof ConnectorError ? refused(connector.title, shown, error) : error
      }
    },
  }
}

export function connectionNamed(config: Pick<Config, 'connections'>, id: string): Connection {
  const found = config.connections.find((each) => each.id === id)
  if (found !== undefined) return found
  const ids = config.connections.map((each) => each.id)
  throw new UserError({
    code: 'unknown-connection',
    message: `There is no connection "${id}" in the configuration.`,
    remedy: choice(id, ids),
    exit: EXIT.configuration,
  })
}

/** `shown`: which command shows what somebody else could run, and how. */
function refused(title: string, shown: string, error: ConnectorError): UserError {
  return new UserError({
    code: error.failure,
    message: `${title} does not do it: ${error.message}`,
    remedy:
      error.failure === 'forbidden'
        ? `Nothing was changed. Let a user who may run what ${shown}.`
        : 'Nothing was changed. "lockstep check" says what stands in the way.',
    exit: EXIT.failed,
    cause: error,
  })
}
