/** What is set up in a system itself so that its feeds tell of changes. Needs no store. */
import { EXIT, UserError } from '../cli/errors.ts'
import { choice } from '../config/problem.ts'
import type { Config, Connection } from '../config/index.ts'
import type { Finding } from '../connector/connector.ts'
import { ConnectorError } from '../connector/failure.ts'
import { aloneOf } from '../connector/runtime.ts'
import type { SystemPorts } from './assembly.ts'

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
  const { api, asked } = askedOf(connector, options, ports, (error) => refused(connector.title, id, error))
  return {
    system: connector.title,
    install: capture.install(options),
    remove: capture.remove(options),
    check: () => asked(() => capture.check(api)),
    carry: (statements) => asked(() => capture.carry(api, statements)),
  }
}

/** A system that is asked without a store, and what it refuses told to people. */
export function askedOf(
  connector: Connection['connector'],
  options: unknown,
  ports: Ports,
  told: (error: ConnectorError) => UserError,
): { readonly api: unknown; asked<T>(work: () => Promise<T>): Promise<T> } {
  const api: unknown = connector.connect(options, aloneOf(ports))
  return {
    api,
    async asked(work) {
      try {
        return await work()
      } catch (error) {
        throw error instanceof ConnectorError ? told(error) : error
      }
    },
  }
}

export function connectionNamed(config: Config, id: string): Connection {
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

function refused(title: string, id: string, error: ConnectorError): UserError {
  return new UserError({
    code: error.failure,
    message: `${title} does not do it: ${error.message}`,
    remedy:
      error.failure === 'forbidden'
        ? `Nothing was changed. Let a user who may run what "lockstep capture print ${id}" shows, as one of the application's migrations.`
        : `Nothing was changed. "lockstep check" says what stands in the way.`,
    exit: EXIT.failed,
    cause: error,
  })
}
