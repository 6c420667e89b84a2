/** How many calls a thing to do takes: all of them draw on the same buckets. */
import type { Draws, Undertaking } from '../../connector/index.ts'
import { BASE, drawsOf, type Config } from './config.ts'

/**
 * Records are read just before they are changed or deleted; a file has an address of its own at each read, and goes into a
 * record.
 */
const COUNTS: { readonly [what in Undertaking['do']]?: number } = { update: 2, delete: 2, open: 2, upload: 3 }

export function calls(config: Config, { do: what, kind }: Undertaking): readonly Draws[] {
  const count = kind === BASE ? Object.keys(config.tables).length : (COUNTS[what] ?? 1)
  return Array.from({ length: count }, () => drawsOf(config))
}
