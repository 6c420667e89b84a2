/** A last look through the scope for what bears the mark of a run: also what no answer ever told of is removed. */
import { ConnectorError } from '../connector/failure.ts'
import type { Ground } from './ground.ts'
import { listed } from './making.ts'
import type { Left } from './own.ts'

export async function sweep(ground: Ground, mark: string): Promise<readonly Left[]> {
  const { shape, own, call } = ground
  try {
    for (const change of await listed(ground)) {
      if (change.kind !== shape.child || !('values' in change)) continue
      const text = change.values[shape.text]
      const isOwn = change.author === undefined || change.author.ref === call.actor.ref
      if (isOwn && typeof text === 'string' && text.includes(`[${mark} `)) own.adopt(change.kind, change)
    }
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    return [{ kind: shape.child, ref: null, why: `the scope could not be read at the end: ${error.message}` }]
  }
  return await own.clear()
}
