import type { Flow } from '../core/flow.ts'
import type { Filter } from './flow-schema.ts'
import type { CompiledPair } from './pairs.ts'

/** A flow as its settings say it, and what of them only the configuration needs. */
export interface CompiledFlow {
  /** `start` is null where the flow `startsNow`; `flowAt` fills it in. */
  readonly flow: Flow
  readonly startsNow: boolean
  /** As written, by the id of the pair, for proofs that two flows take different items. */
  readonly filters: { readonly [pair: string]: CompiledPair['filters'] }
  readonly eachWhere: Filter | null
}
