/** How many calls a thing to do takes: all of them draw on the same buckets. */
import type { Draws, Undertaking } from '../../connector/index.ts'
import { drawsOf, type Config } from './config.ts'

/** A post is read after it was made, for the answer tells its id alone; a file is asked for where its message tells it. */
export function calls(config: Config, { do: what }: Undertaking): readonly Draws[] {
  const draws = drawsOf(config)
  return what === 'create' || what === 'open' ? [draws, draws] : [draws]
}
