/** How many calls a thing to do takes: all of them draw on the same buckets. */
import type { Draws, Undertaking } from '../../connector/index.ts'
import { drawsOf, type Config } from './config.ts'

/**
 * A new topic is read for its title; a topic that is read may describe its category, which is asked; a post is looked at
 * before it is deleted.
 */
const TWICE: ReadonlySet<string> = new Set(['create topic', 'get topic', 'delete post'])

export function calls(config: Config, { do: what, kind }: Undertaking): readonly Draws[] {
  const draws = drawsOf(config)
  return TWICE.has(`${what} ${kind}`) ? [draws, draws] : [draws]
}
