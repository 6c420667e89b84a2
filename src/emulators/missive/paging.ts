/**
 * Pages down from the newest to the oldest, by whole seconds: `until` names the second of the last item, which comes again,
 * and a page may hold more than its limit.
 */
import { seconds, type World } from './state.ts'

export interface Page {
  readonly limit: number
  /** Unix seconds. */
  readonly until: number | null
}

/** `at`: the time that orders the items. Of one second, the later made comes first. */
export function pageOf<T>({ rules }: World, items: readonly T[], at: (item: T) => number, { limit, until }: Page): T[] {
  const isBelow = (item: T): boolean =>
    until === null || (rules.untilIsInclusive ? seconds(at(item)) <= until : seconds(at(item)) < until)
  const sorted = items.toReversed().toSorted((one, other) => at(other) - at(one))
  const found = sorted.filter((item) => isBelow(item))
  const last = found[limit - 1]
  if (last === undefined || !rules.pagesExtend) return found.slice(0, limit)
  return found.filter((item, index) => index < limit || seconds(at(item)) === seconds(at(last)))
}

/** Pages by offset. */
export function sliceOf<T>(items: readonly T[], limit: number, offset: number): T[] {
  return items.slice(offset, offset + limit)
}
