/** Puts an engine together from a configuration and an open store. */
import type { Tokens } from '../connector/ports.ts'
import { flowAt, flowFingerprint, templateOf, type CompiledFlow, type Config } from '../config/index.ts'
import { EXIT, UserError } from '../words/errors.ts'
import type { Flow } from '../core/flow.ts'
import { createEngine, type Engine } from '../engine/engine.ts'
import { modelOf, type Model } from '../engine/model.ts'
import { NO_TOKENS } from '../connector/runtime.ts'
import { DEFAULT_SETTINGS, type EngineEvent } from '../engine/world.ts'
import type { Store } from '../store/verbs/index.ts'
import type { Started } from '../store/verbs/flows.ts'
import type { Credentials } from './credentials.ts'
import type { SystemPorts } from './ports.ts'
import { besideStore, type OwnedStore } from './owned-store.ts'

/** What an engine is put together from. */
export interface Parts {
  readonly config: Config
  readonly owned: OwnedStore
  readonly ports: SystemPorts
  readonly credentials: Credentials
}

export interface Assembly {
  readonly config: Config
  readonly model: Model
  readonly engine: Engine
  readonly tokens: (connection: string) => Tokens
}

/** Checks that the store belongs to these flows, then makes the engine. Makes no call. */
export async function assemble(parts: Parts, events: (event: EngineEvent) => void): Promise<Assembly> {
  const { config, owned, ports } = parts
  const started = await startStore(config, owned.store, ports.clock.now())
  const flows: Flow[] = []
  for (const each of config.flows)
    flows.push(await flowFrom(owned.store, await configuredFlow(owned.store, each, ports.clock.now())))
  return { config, ...engineOf(parts, flows, events, started.process) }
}

/** An engine for calls of a person's own, over a store that no flow was started on. */
export function assembleUnstarted(parts: Parts): Assembly {
  const { config, ports } = parts
  const flows = config.flows.map((each) => flowAt(each, new Date(ports.clock.now()).toISOString()))
  return { config, ...engineOf(parts, flows, () => undefined, 0) }
}

function engineOf(
  { config, owned, ports, credentials }: Parts,
  flows: readonly Flow[],
  events: (event: EngineEvent) => void,
  process: number,
): Omit<Assembly, 'config'> {
  const { clock, random, http, databases, folders, log } = ports
  const tokensOf = (id: string): Tokens => credentials.of(id)?.credential ?? NO_TOKENS
  const model = modelOf(flows, config.connections, config.people)
  const engine = createEngine(
    {
      clock,
      random,
      http,
      databases,
      folders,
      // Files that are on their way.
      blobs: folders.at(besideStore(config.beside, '.files')),
      store: owned.store,
      log,
      markerKey: owned.markerKey,
      tokens: telling(tokensOf, (connection) => events({ is: 'renewed', connection, of: 'token' })),
      events,
    },
    model,
    { ...DEFAULT_SETTINGS, pollMs: config.pollMs, journalMs: config.journalMs },
    process,
  )
  return { model, engine, tokens: tokensOf }
}

/** Tells of each access token that is a new one. A connection asks for its tokens in several places. */
function telling(tokensOf: (id: string) => Tokens, tell: (id: string) => void): (id: string) => Tokens {
  const last = new Map<string, string>()
  return (id) => {
    const tokens = tokensOf(id)
    return {
      refused: (token) => tokens.refused(token),
      async bearer() {
        const token = await tokens.bearer()
        if (last.get(id) !== token) tell(id)
        last.set(id, token)
        return token
      },
    }
  }
}

async function startStore(config: Config, store: Store, now: number): Promise<Started> {
  const started = await store.start({
    now,
    flows: config.flows.map(({ flow }) => ({
      id: flow.id,
      title: flow.title,
      template: flow.template,
      fingerprint: flowFingerprint(flow),
    })),
    connections: config.connections.map(({ id, connector }) => ({ id, connector: connector.name })),
  })
  const [swapped] = started.swapped
  if (swapped !== undefined) throw flowSwapped(swapped)
  const [missing] = started.missing
  if (missing !== undefined) throw flowMissing(missing, config)
  return started
}

function flowSwapped(id: string): UserError {
  return new UserError({
    code: 'flow-swapped',
    message: `The two sides of the flow "${id}" are not the ones that its store was built with.`,
    remedy:
      `Put the two connections in "between" back in their old order, with their old ids.\n` +
      `To really join other systems, give the flow a new id and remove the old one: lockstep flows remove ${id}`,
    exit: EXIT.configuration,
  })
}

function flowMissing(id: string, config: Config): UserError {
  const of = templateOf(id)
  if (of !== null) return accountMissing(id, of)
  const other = config.flows.map(({ flow }) => flow.id)[0] ?? '<new id>'
  return new UserError({
    code: 'flow-missing',
    message: `The store holds items or open writes of the flow "${id}", which the configuration no longer names.`,
    remedy:
      `rename: put the id "${id}" back and change its "title" instead\n` +
      `adopt:  hand its items to another flow: lockstep flows adopt ${id} --as ${other}\n` +
      `remove: forget them (nothing is deleted in either system): lockstep flows remove ${id}`,
    exit: EXIT.configuration,
  })
}

function accountMissing(id: string, { template, account }: { template: string; account: string }): UserError {
  return new UserError({
    code: 'flow-missing',
    message: `The store holds items or open writes of the account "${account}" in "${template}", which the configuration no longer names.`,
    remedy:
      `put back: add "${account}" to "accounts" again, with "per: account" in "${template}"\n` +
      `remove:   forget them (nothing is deleted in either system): lockstep flows remove ${id}`,
    exit: EXIT.configuration,
  })
}

/** As the configuration has it, whatever a person wanted besides. */
export async function configuredFlow(store: Store, flow: CompiledFlow, now: number): Promise<Flow> {
  return flowAt(flow, await firstRun(store, flow.flow.id, now))
}

/** The instant at which a flow first ran: what `start: now` means from then on. */
async function firstRun(store: Store, flow: string, now: number): Promise<string> {
  const name = `first run ${flow}`
  const known = await store.getMeta({ name })
  if (known !== null) return known
  const first = new Date(now).toISOString()
  await store.setMeta({ name, value: first })
  return first
}

/** A person may have wanted what came before the start as well. */
async function flowFrom(store: Store, flow: Flow): Promise<Flow> {
  const since = await store.getMeta({ name: backfillName(flow.id) })
  return since !== null && flow.start !== null && since < flow.start ? { ...flow, start: since } : flow
}

export function backfillName(flow: string): string {
  return `backfill ${flow}`
}
