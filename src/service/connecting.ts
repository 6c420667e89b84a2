/** Calls of a person's own to a connection, with tokens that are handed in. */
import type { Connection } from '../config/index.ts'
import type { Limits, Tokens } from '../connector/ports.ts'
import { runtimeOf } from '../connector/runtime.ts'
import { assembleUnstarted } from './assembly.ts'
import type { Context } from './context.ts'

/** What the connector answers to `connect`. It draws on the limits of the service that runs; no flow is started by it. */
export async function connectWith(
  context: Context,
  { connector, config }: Connection,
  tokens: Tokens,
): Promise<unknown> {
  const { engine } = context.running ? await context.assembly() : assembleUnstarted(context)
  const { buckets } = engine.world
  const limits: Limits = { within: (draws, call) => buckets.within(0, draws, call) }
  const api: unknown = connector.connect(config, runtimeOf(context.ports, { tokens, limits }))
  return api
}
