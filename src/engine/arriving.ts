/** What moves with others arrives in the order in which its feed tells it, which is not that in which it was made. */
import type { Side } from '../core/flow.ts'
import type { LoadedSubject } from '../store/verbs/subjects.ts'
import type { FlowModel } from './model.ts'
import { sessionOf, type World } from './world.ts'

/** Whether an earlier sibling may still come, or an earlier first child: the feed was not read to its end since they moved. */
export function isArriving(world: World, model: FlowModel, { movedHere, pair }: LoadedSubject, side: Side): boolean {
  const spec = model.specs.find(({ id }) => id === pair)?.[side]
  if (movedHere === null || spec === undefined) return false
  return movedHere > (sessionOf(world, spec.connection).pulledAt.get(spec.feed) ?? 0)
}
