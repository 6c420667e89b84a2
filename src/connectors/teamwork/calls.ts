/** How many calls a thing to do takes: all of them draw on the same bucket. */
import type { Draws, Undertaking } from '../../connector/index.ts'
import { drawsOf, type Config } from './config.ts'

/**
 * Writes of comments answer nothing, so the comment is read after, and whoever reads one reads its task; a task list is
 * looked for in two places. Before a task is deleted it is asked what stands under it.
 */
const TWICE: ReadonlySet<string> = new Set([
  'create comment',
  'update comment',
  'get comment',
  'get tasklist',
  'delete task',
])

export function calls(config: Config, { do: what, kind }: Undertaking): readonly Draws[] {
  const draws = drawsOf(config)
  return TWICE.has(`${what} ${kind}`) ? [draws, draws] : [draws]
}
