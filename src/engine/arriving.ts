/** What moves with others arrives in the order in which its feed tells it, which is not that in which it was made. */
import type { Side } from '../core/flow.ts'
import type { LoadedSubject } from '../store/verbs/subjects.ts'
import { lagOf, type FlowModel } from './model.ts'
import { sessionOf, type World } from './world.ts'

/**
 * Whether an earlier sibling may still come, or an earlier first child: the feed was not read to its end since they came. What
 * that did not tell although it was made before came from where no flow reads; what is newer is told as it is made.
 */
export function isArriving(world: World, model: FlowModel, { movedHere, pair }: LoadedSubject, side: Side): boolean {
  const spec = model.specs.find(({ id }) => id === pair)?.[side]
  if (movedHere === null || spec === undefined) return false
  const { connector } = sessionOf(world, spec.connection).setup
  const pulledAt = sessionOf(world, spec.connection).pulledAt.get(spec.feed) ?? 0
  if (movedHere.at <= pulledAt) return false
  return movedHere.madeAt === null || movedHere.madeAt < pulledAt - lagOf(connector, spec.feed)
}
