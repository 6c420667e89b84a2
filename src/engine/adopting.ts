/** Links what a person says stands for each other, once both items were seen. */
import { matchGiven } from '../core/match.ts'
import { baseInRefs, withPeopleIn } from '../core/people.ts'
import { SIDES, type Side } from '../core/flow.ts'
import type { Waiting } from '../store/verbs/adoption.ts'
import type { Observation } from '../core/state.ts'
import { personsIn } from './loaded.ts'
import type { FlowModel } from './model.ts'
import type { World } from './world.ts'

/** Answers what is left: not seen yet, or linked to something else. */
export async function adoptGiven(world: World, model: FlowModel): Promise<readonly Waiting[]> {
  const left: Waiting[] = []
  for (const given of await world.store.givenLinks({ flow: model.flow.id })) {
    const linked = given.linked ?? (await adoptOne(world, model, given))
    if (linked === 'together') await world.store.dropGiven(given)
    else left.push({ ...given, linked })
  }
  return left
}

/** Null: one of the two is not seen yet. */
async function adoptOne(world: World, model: FlowModel, given: Waiting): Promise<Waiting['linked']> {
  const { flow } = model
  const pair = model.pairs.get(given.pair)
  if (pair === undefined) return null
  const items: Observation[] = []
  for (const side of SIDES) {
    const { connection, kind } = pair.kinds[side]
    const item = await world.store.item({ connection, kind, ref: given[side] })
    if (item?.state !== 'present' || item.unread) return null
    items.push(item)
  }
  const [a, b] = items
  if (a === undefined || b === undefined) return null
  const kinds = { a: pair.kinds.a.kind, b: pair.kinds.b.kind }
  const rest = { about: null, incarnation: 0, late: false }
  const spec = model.specs.find(({ id }) => id === pair.id)
  if (spec === undefined) return null
  const personOf = await personsIn(world, spec, { a: [a], b: [b] })
  const held = (side: Side, item: Observation): Observation => withPeopleIn(pair, side, item, personOf)
  const match = baseInRefs(pair, matchGiven(pair, held('a', a), held('b', b), new Map()), personOf)
  // Another line of the same file, or a pass, may have linked one of them meanwhile.
  const made = await world.store.adopt({
    flow: flow.id,
    links: [{ ...match, pair: pair.id, connections: flow.connections, kinds, ...rest }],
    holds: [],
    now: world.clock.now(),
    container: pair === flow.containers,
  })
  return made === 0 ? 'elsewhere' : 'together'
}
