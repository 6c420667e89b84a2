/** What operations work on: one store that this process owns, and the engine over it. */
import { EXIT, UserError } from '../words/errors.ts'
import { choice } from '../config/problem.ts'
import type { Config } from '../config/index.ts'
import type { EngineEvent } from '../engine/world.ts'
import type { Assembly, Parts } from './assembly.ts'
import type { Hub } from './hub.ts'
import type { Status } from './operations.ts'

export interface Context extends Parts {
  readonly hub: Hub<EngineEvent>
  /** Aborts when the process has to end. */
  readonly signal: AbortSignal
  readonly running: boolean
  /** The engine over started flows; the same one for the life of the context. */
  assembly(): Promise<Assembly>
  /** Makes the engine anew, because what a person said changes how flows are read. */
  renew(): Promise<void>
  listeners(): Status['listeners']
  /** What keeps the engine from working at all; null: nothing. */
  trouble(): string | null
}

/** The ids of the flows that are meant; null: all. A template means those of all its accounts. */
export function chosenFlows(config: Config, flow: string | null): readonly string[] {
  const meant = config.flows.filter((each) => flow === null || each.flow.id === flow || each.flow.template === flow)
  if (meant.length > 0 || flow === null) return meant.map((each) => each.flow.id)
  throw unknownFlow(config, flow)
}

/** Refuses a template of several accounts, where only one flow can be meant. */
export function oneFlow(config: Config, flow: string): string {
  const [only, ...others] = chosenFlows(config, flow)
  if (only !== undefined && others.length === 0) return only
  throw new UserError({
    code: 'several-accounts',
    message: `"${flow}" runs for several accounts, and only one can be meant here.`,
    remedy: `Name its account: ${only ?? flow}, for example.`,
    exit: EXIT.configuration,
  })
}

export function unknownFlow(config: Config, flow: string): UserError {
  const ids = config.flows.flatMap(({ flow: { id, template } }) => (template === undefined ? [id] : [template, id]))
  return new UserError({
    code: 'unknown-flow',
    message: `There is no flow "${flow}" in the configuration.`,
    remedy: choice(flow, ids),
    exit: EXIT.configuration,
  })
}
