/** What a thing to do draws on. */
import type { Draws, Undertaking } from '../../connector/index.ts'
import { reads, spaceCreation, spaceWrites, writes } from './api.ts'
import type { ChatConfig } from './config.ts'

/** One call each: what a write made is answered with it. */
export function calls(config: ChatConfig, { do: what, kind, scope, ref }: Undertaking): readonly Draws[] {
  const api = { config }
  const space = kind === 'space' ? (ref ?? '') : scope
  if (what === 'get') return [reads(api, space)]
  if (kind !== 'space') return [writes(api, space)]
  return [what === 'create' ? spaceCreation(api) : spaceWrites(api, space)]
}
