/** How many calls a thing to do takes: all of them draw on the same buckets. */
import type { Draws, Undertaking } from '../../connector/index.ts'
import { drawsOf, type Config } from './config.ts'

/**
 * A post is read after it was made, for the answer tells its id alone; a file is asked for where its message tells it; a
 * comment and a post are read with the conversation that they are in.
 */
export function calls(config: Config, { do: what, kind }: Undertaking): readonly Draws[] {
  const draws = drawsOf(config)
  const isEntry = what === 'get' && (kind === 'comment' || kind === 'post')
  return what === 'create' || what === 'open' || isEntry ? [draws, draws] : [draws]
}
