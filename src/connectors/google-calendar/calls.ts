/** What a thing to do draws on. */
import type { Draws, Undertaking } from '../../connector/index.ts'
import { drawsOf } from './api.ts'
import type { CalendarConfig } from './config.ts'

/** Reads look at the role in the calendar too; an exception is compared with its series. */
export function calls(config: CalendarConfig, { do: what, kind }: Undertaking): readonly Draws[] {
  return Array.from({ length: COUNTS[kind]?.[what] ?? 1 }, () => drawsOf(config))
}

const COUNTS: { readonly [kind: string]: { readonly [what in Undertaking['do']]?: number } } = {
  event: { get: 2 },
  exception: { get: 3, create: 3, delete: 2 },
}
