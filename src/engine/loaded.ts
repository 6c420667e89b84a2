/** From what the store hands out to what the core plans. */
import type { Subject } from '../core/action.ts'
import type { Surroundings } from '../core/create.ts'
import type { Loaded, LoadedSubject } from '../store/verbs/subjects.ts'
import type { FlowModel } from './model.ts'

export function subjectOf(model: FlowModel, loaded: LoadedSubject): Subject | null {
  const pair = model.pairs.get(loaded.pair)
  if (pair === undefined) return null
  const { link, a, b, decided, leads, endsChanged, children, goesWithParent, withParent, raised, late, maybeOurs } =
    loaded
  const { corrections, staying } = loaded
  const head = loaded.head === null ? null : subjectOf(model, loaded.head)
  return {
    pair,
    link,
    a,
    b,
    decided,
    head,
    leads,
    endsChanged,
    children,
    goesWithParent,
    withParent,
    corrections,
    raised,
    late,
    maybeOurs,
    ...(staying === undefined ? {} : { staying }),
  }
}

/** `occupant`: what was asked about the places that new items would take. */
export function aroundOf(loaded: Loaded, occupant: Surroundings['occupant'] = () => null): Surroundings {
  const resolved = new Map(loaded.resolved.map((each) => [`${each.side} ${each.kind} ${each.ref}`, each.to]))
  const instances = new Map(loaded.instances.map((each) => [`${each.side} ${each.scope}`, each.to]))
  return {
    occupant,
    resolve: (from, kind, ref) => resolved.get(`${from} ${kind} ${ref}`) ?? null,
    isKept: (from, kind, ref) => resolved.get(`${from} ${kind} ${ref}`) === null,
    isAtRest: (from, scope) => instances.get(`${from} ${scope}`) === null,
    instance: (from, scope) => instances.get(`${from} ${scope}`) ?? null,
  }
}
