/** From what the store hands out to what the core plans. */
import type { Subject } from '../core/action.ts'
import type { Surroundings } from '../core/create.ts'
import type { Side } from '../core/flow.ts'
import { refsIn, type PersonOf } from '../core/people.ts'
import type { Observation } from '../core/state.ts'
import type { Loaded, LoadedSubject, PairSpec } from '../store/verbs/subjects.ts'
import type { FlowModel } from './model.ts'
import type { World } from './world.ts'

export function subjectOf(model: FlowModel, loaded: LoadedSubject): Subject | null {
  const pair = model.pairs.get(loaded.pair)
  if (pair === undefined) return null
  return {
    pair,
    link: loaded.link,
    a: loaded.a,
    b: loaded.b,
    decided: loaded.decided,
    contested: loaded.contested,
    leads: loaded.leads,
    endsChanged: loaded.endsChanged,
    remade: loaded.remade,
    children: loaded.children,
    goesWithParent: loaded.goesWithParent,
    withParent: loaded.withParent,
    corrections: loaded.corrections,
    raised: loaded.raised,
    late: loaded.late,
    incarnation: loaded.incarnation,
    maybeOurs: loaded.maybeOurs,
    head: loaded.head === null ? null : subjectOf(model, loaded.head),
    ...(loaded.staying === undefined ? {} : { staying: loaded.staying }),
  }
}

/** Who stands in the places that new items would take is asked once it is known which those are. */
export function aroundOf(loaded: Loaded): Surroundings {
  const resolved = new Map(loaded.resolved.map((each) => [`${each.side} ${each.kind} ${each.ref}`, each]))
  const instances = new Map(loaded.instances.map((each) => [`${each.side} ${each.scope}`, each.to]))
  const unjoined = new Map(loaded.unjoined.map(({ side, container }) => [`${side} ${container.ref}`, container]))
  return {
    occupant: () => null,
    resolve: (from, kind, ref) => resolved.get(`${from} ${kind} ${ref}`)?.to ?? null,
    standsIn: (from, kind, ref) => resolved.get(`${from} ${kind} ${ref}`)?.at ?? null,
    personOf: personOfAll(loaded.people),
    isKept: (from, kind, ref) => resolved.get(`${from} ${kind} ${ref}`)?.to === null,
    isAtRest: (from, scope) => instances.get(`${from} ${scope}`) === null,
    unjoined: (from, scope) => unjoined.get(`${from} ${scope}`) ?? null,
    instance: (from, scope) => instances.get(`${from} ${scope}`) ?? null,
  }
}

function personOfAll(people: Loaded['people']): PersonOf {
  const known = new Map(people.map((each) => [`${each.side} ${each.ref}`, each]))
  return (side, ref) => known.get(`${side} ${ref}`) ?? { name: null, alias: null }
}

/** Those whom items name that are no subjects yet. */
export async function personsIn(
  world: World,
  pair: PairSpec,
  items: { readonly [side in Side]: readonly Observation[] },
): Promise<PersonOf> {
  const named = (side: Side): string[] =>
    items[side].flatMap(({ values }) => pair[side].people.fields.flatMap((field) => refsIn(values[field])))
  const refs = { a: named('a'), b: named('b') }
  if (refs.a.length + refs.b.length === 0) return personOfAll([])
  return personOfAll(await world.store.personFacts({ pair, refs }))
}
