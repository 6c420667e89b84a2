/** A container in which a connector is tried: nothing else may be in it that anybody cares for. */
import type { Limits } from '../connector/ports.ts'
import { runtimeOf } from '../connector/runtime.ts'
import { EXIT, UserError } from '../words/errors.ts'
import type { Connection } from '../config/index.ts'
import type { Ground } from '../conformance/ground.ts'
import { selfAsSomebody } from '../conformance/making.ts'
import { createOwn } from '../conformance/own.ts'
import { shapeOf, type Shape } from '../conformance/shape.ts'
import { troubledDatabases } from '../conformance/troubled-databases.ts'
import { troubledHttp, type Trouble } from '../conformance/trouble.ts'
import type { Call } from '../connector/call.ts'
import { ConnectorError } from '../connector/failure.ts'
import { pinnedRefs, SIDES } from '../core/flow.ts'
import { CATCH_UP } from '../engine/buckets.ts'
import { connectionNamed } from './capturing.ts'
import { assembleUnstarted } from './assembly.ts'
import type { SystemPorts } from './ports.ts'
import type { Context } from './context.ts'
import type { ProbeReport, ProbeRequest } from './operations.ts'

export interface Scratch {
  readonly setup: Connection
  readonly shape: Shape
  readonly call: Call<unknown>
  readonly wire: Wire
  readonly scope: ProbeReport['scope']
}

/** Every way to the system: requests, and transactions. */
interface Wire extends Pick<SystemPorts, 'http' | 'databases'> {
  trouble(next: Trouble | null): void
  sent(): number
}

/** How many items are many: enough for pages and ties, few enough for the limits of a real account. */
const MANY = 8

/** Throws where the connection or the container is not fit to be tried. Writes nothing. */
export async function scratchOf(context: Context, { connection, scope }: ProbeRequest): Promise<Scratch> {
  const setup = connectionNamed(context.config, connection)
  await assertUnused(context, setup, scope)
  const shape = shapeOf(setup.connector)
  if (shape === null) throw nothingToTry(setup)
  const { ports } = context
  const wire = wireOf(ports)
  const api = await connect(context, setup, wire)
  try {
    const { actor } = await setup.connector.probe(api)
    const call: Call<unknown> = { api, actor, scope, scopes: [scope] }
    const found = await setup.connector.kinds[shape.container]?.get?.({ ...call, scope: '' }, scope)
    if (found === undefined || !('values' in found)) throw new ConnectorError('missing', 'it is gone')
    const name = Object.values(found.values).find((value) => typeof value === 'string') ?? scope
    return { setup, shape, call, wire, scope: { kind: shape.container, ref: scope, name } }
  } catch (error) {
    if (error instanceof ConnectorError) throw unreachable(setup, shape.container, scope, error)
    throw error
  }
}

function wireOf({ http, databases }: Pick<SystemPorts, 'http' | 'databases'>): Wire {
  const ways = [troubledHttp(http), troubledDatabases(databases)] as const
  return {
    http: ways[0].http,
    databases: ways[1].databases,
    trouble: (next) => ways.forEach((way) => way.trouble(next)),
    sent: () => ways[0].sent() + ways[1].sent(),
  }
}

async function connect(context: Context, setup: Connection, wire: Wire): Promise<unknown> {
  const assembly = await context.assembly().catch(() => assembleUnstarted(context))
  const { buckets } = assembly.engine.world
  const limits: Limits = { within: (draws, call) => buckets.within(CATCH_UP, draws, call) }
  const outside = { ...context.ports, http: wire.http, databases: wire.databases }
  return setup.connector.connect(setup.config, runtimeOf(outside, { tokens: assembly.tokens(setup.id), limits }))
}

/** `mark` stands in each text that is made; `signal` ends the waiting and the writing, not the removing. */
export function groundOn(
  { setup: { connector }, shape, call, wire }: Scratch,
  { clock, random }: SystemPorts,
  mark: string,
  signal: AbortSignal,
): Ground {
  let texts = 0
  const newKey = (): string => random.hex(16)
  const own = createOwn({
    connector,
    call,
    mayWrite: () => signal.throwIfAborted(),
    wait: (ms) => clock.sleep(ms),
    newKey,
  })
  const ground: Ground = {
    connector,
    call,
    shape,
    many: MANY,
    own,
    somebody: selfAsSomebody(() => ground),
    now: () => clock.now(),
    newKey,
    words: (text) => `${text} [${mark} ${(texts += 1)}]`,
    sleep: (ms) => clock.sleep(ms, signal),
    trouble: (next) => wire.trouble(next),
    sent: () => wire.sent(),
  }
  return ground
}

/** What stands in a container that a flow reads is carried to the other system, and what is deleted there too. */
async function assertUnused({ config, owned }: Context, { connector }: Connection, ref: string): Promise<void> {
  for (const { flow } of config.flows) {
    const instances = await owned.store.instances({ flow: flow.id })
    for (const side of SIDES) {
      const at = config.connections.find(({ id }) => id === flow.connections[side])
      // Another connection may be another account of the same system.
      if (at?.connector.name !== connector.name) continue
      const isNamed = flow.scopes.some((scopes) => pinnedRefs(scopes)[side] === ref)
      if (!isNamed && !instances.some(({ scopes }) => scopes[side] === ref)) continue
      throw new UserError({
        code: 'scope-in-use',
        message: `The flow "${flow.id}" reads ${ref}: what is tried there would be carried to the other system.`,
        remedy: `Make a ${flow.containers.kinds[side].kind} for this alone, which no flow reads, and give its ref as --scope.`,
        exit: EXIT.configuration,
      })
    }
  }
}

function nothingToTry({ id, connector }: Connection): UserError {
  return new UserError({
    code: 'nothing-to-try',
    message: `${connector.title} takes no texts from Lockstep, so that there is nothing to try.`,
    remedy: `"lockstep check" shows whether ${id} can be read.`,
    exit: EXIT.configuration,
  })
}

function unreachable({ id, connector }: Connection, kind: string, ref: string, error: ConnectorError): UserError {
  const isGone = error.failure === 'missing' || error.failure === 'forbidden'
  return new UserError({
    code: isGone ? 'scope-gone' : error.failure,
    message: isGone
      ? `The ${kind} ${ref} of ${id} is not there for this account: ${error.message}`
      : `${connector.title} cannot be asked: ${error.message}`,
    remedy: isGone ? `Give the ref of a ${kind} that this account can write in.` : '"lockstep check" says more.',
    exit: isGone ? EXIT.configuration : EXIT.failed,
    cause: error,
  })
}
