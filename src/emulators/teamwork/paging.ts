/** Pages by number over what there is at the moment: what moves between two calls is skipped or told twice. */
import { badRequest } from './answers.ts'
import type { Query } from './query.ts'
import type { World } from './state.ts'

const STANDARD = 50

export function pageOf<T>(world: World, all: readonly T[], query: Query, standard = STANDARD) {
  const page = query.count('page') ?? 1
  const pageSize = Math.min(query.count('pageSize') ?? standard, world.rules.mostPageSize)
  if (page < 1 || pageSize < 1) throw badRequest('page and pageSize begin at 1')
  const items = all.slice((page - 1) * pageSize, page * pageSize)
  const hasMore = all.length > page * pageSize
  // Without counting only whether more follow is known; the count is made up of that.
  const count = query.flag('skipCounts') ? page * pageSize + 1 : all.length
  return { items, meta: { page: { pageOffset: page - 1, pageSize, count, hasMore } } }
}
