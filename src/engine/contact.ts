/** First contact: pairs of containers become instances, their scopes are read whole, and what stands on both sides is linked. */
import { ConnectorError } from '../connector/failure.ts'
import { passes } from '../core/create.ts'
import { baseInRefs, withPeopleIn } from '../core/people.ts'
import { matchItems } from '../core/match.ts'
import { bySide, other, pinnedRefs, SIDES, type Flow, type Pair, type PinnedScopes, type Side } from '../core/flow.ts'
import type { Instance } from '../store/verbs/instances.ts'
import type { Observation } from '../core/state.ts'
import type { PairSpec } from '../store/verbs/subjects.ts'
import type { Values } from '../connector/values.ts'
import { adoptGiven } from './adopting.ts'
import { CATCH_UP } from './buckets.ts'
import { look } from './feeds.ts'
import { personsIn } from './loaded.ts'
import { feedOf, type FlowModel } from './model.ts'
import { noticeOthers, type Met } from './others.ts'
import { correctionKey, createKey } from '../core/key.ts'
import { findCorrections, without, type Known } from '../core/recognise.ts'
import type { NewLink } from '../store/verbs/new-links.ts'
import { nameOfItem } from './task.ts'
import { failureOf, sessionOf, type World } from './world.ts'

/** How often the correction about one item may have been made anew and still be known by its key. */
const KNOWN_AGAIN = 10

export type Contact =
  /** The flow must not be planned: the containers of its sides are not read, where it is over each of them. */
  | 'none'
  /** A container that is named cannot be reached, or an instance is still to be read. The others may be planned. */
  | 'partial'
  | 'whole'

export async function makeContact(world: World, model: FlowModel): Promise<Contact> {
  const { flow } = model
  if (SIDES.some((side) => sessionOf(world, flow.connections[side]).actor === null)) return 'none'
  const instances = await findContainers(world, model)
  if (instances === null) return 'none'
  for (const instance of instances) if (instance.state === 'listing') await advance(world, model, instance)
  const isWhole =
    flow.scopes.every((scopes) => isJoined(pinnedRefs(scopes), instances)) &&
    instances.every(({ state }) => state !== 'listing')
  return isWhole ? 'whole' : 'partial'
}

/** Null: they are not read yet. */
async function findContainers(world: World, model: FlowModel): Promise<readonly Instance[] | null> {
  const { flow } = model
  const instances = await world.store.instances({ flow: flow.id })
  for (const scopes of flow.scopes) await pin(world, model, scopes, instances)
  if (flow.each !== null && !(await listContainers(world, model))) return null
  const isComplete = flow.each === null && flow.scopes.every((scopes) => isJoined(pinnedRefs(scopes), instances))
  return isComplete ? instances : world.store.instances({ flow: flow.id })
}

/** Looks at the containers that the configuration names, and joins the two where it names both. */
async function pin(
  world: World,
  model: FlowModel,
  scopes: PinnedScopes,
  instances: readonly Instance[],
): Promise<void> {
  const refs = pinnedRefs(scopes)
  if (isJoined(refs, instances)) return
  for (const side of SIDES) {
    const ref = refs[side]
    if (ref !== null && !(await isThere(world, model, side, ref))) return
  }
  if (refs.a !== null && refs.b !== null) await join(world, model, { a: refs.a, b: refs.b })
}

async function isThere(world: World, model: FlowModel, side: Side, ref: string): Promise<boolean> {
  const facts = model.flow.containers.kinds[side]
  const at = { feed: model.feedOf(side, facts.kind), kind: facts.kind, ref, scope: '' }
  const { absent } = sessionOf(world, facts.connection)
  if (world.clock.now() < (absent.get(ref) ?? 0)) return false
  try {
    await look(world, facts.connection, at, CATCH_UP, null)
    const found = await world.store.item({ connection: facts.connection, kind: facts.kind, ref })
    if (found?.state !== 'present' || found.unread) throw new ConnectorError('missing', 'there is no such container')
    absent.delete(ref)
    return true
  } catch (error) {
    const { failure, message } = failureOf(error)
    absent.set(ref, world.clock.now() + world.settings.pollMs)
    world.events({
      is: 'trouble',
      where: `${facts.connection} ${facts.kind} ${ref}`,
      failure,
      message,
      next: 'looks for this container again at the next poll',
    })
    return false
  }
}

function isJoined(refs: { a: string | null; b: string | null }, instances: readonly Instance[]): boolean {
  return instances.some((each) => SIDES.every((side) => refs[side] === null || each.scopes[side] === refs[side]))
}

async function join(world: World, model: FlowModel, refs: { a: string; b: string }): Promise<void> {
  const { flow } = model
  const pair = flow.containers
  await world.store.adopt({
    flow: flow.id,
    links: [
      {
        pair: pair.id,
        connections: flow.connections,
        kinds: { a: pair.kinds.a.kind, b: pair.kinds.b.kind },
        refs,
        base: await namesOf(world, flow, refs),
        complement: {},
        incarnation: 0,
        late: false,
        about: null,
      },
    ],
    holds: [],
    now: world.clock.now(),
    container: true,
  })
}

/** Two containers that a person joined keep their own names until somebody renames one. */
async function namesOf(world: World, flow: Flow, refs: { a: string; b: string }): Promise<{ a: Values; b: Values }> {
  const valuesOf = async (side: Side): Promise<Values> => {
    const { connection, kind } = flow.containers.kinds[side]
    return (await world.store.item({ connection, kind, ref: refs[side] }))?.values ?? {}
  }
  return { a: await valuesOf('a'), b: await valuesOf('b') }
}

/** Reads the containers of both sides whole, then links those that match. */
async function listContainers(world: World, model: FlowModel): Promise<boolean> {
  const { flow } = model
  const { kinds } = flow.containers
  const all = SIDES.map((side) => ({ connection: flow.connections[side], kind: kinds[side].kind, scope: '' }))
  if (!(await areListed(world, all))) return false
  const spec = model.specs[0]
  if (spec === undefined || (await world.store.getMeta({ name: `matched ${flow.id}` })) !== null) return true
  await match(world, model, spec, { a: '', b: '' })
  await world.store.setMeta({ name: `matched ${flow.id}`, value: String(world.clock.now()) })
  return true
}

interface Listed {
  readonly connection: string
  readonly kind: string
  readonly scope: string
}

/** Whether all were read whole at least once; what never was is read. */
async function areListed(world: World, all: readonly Listed[]): Promise<boolean> {
  const scopes = all.map(({ connection, kind, scope }) => {
    const feed = feedOf(sessionOf(world, connection).setup.connector, kind)
    return { connection, feed, scope }
  })
  const { areRead, isAnyWanted } = await world.store.wantRead({ scopes })
  // One may have been wanted before, in the commit that joined its containers.
  if (isAnyWanted) world.bell.ring('reading')
  return areRead
}

/** Once both of its scopes are read: links what matches, then makes everything in them due. */
async function advance(world: World, model: FlowModel, instance: Instance): Promise<void> {
  const { flow } = model
  const all = SIDES.flatMap((side) =>
    [...new Set(flow.pairs.map((pair) => pair.kinds[side].kind))].map((kind) => ({
      connection: flow.connections[side],
      kind,
      scope: instance.scopes[side],
    })),
  )
  if (!(await areListed(world, all))) return
  await adoptGiven(world, model)
  const met: Met[] = []
  for (const spec of model.specs) {
    const found = spec.container ? null : await match(world, model, spec, instance.scopes)
    if (found !== null) met.push(found)
  }
  await noticeOthers(world, model, instance, met)
  await world.store.goLive({ flow: flow.id, scopes: instance.scopes, pairs: model.specs, now: world.clock.now() })
  world.events({ is: 'live', flow: flow.id, a: instance.scopes.a, b: instance.scopes.b })
  world.bell.ring()
}

/** Links what is the same on both sides; null: one of them is empty. */
async function match(
  world: World,
  model: FlowModel,
  spec: PairSpec,
  scopes: { a: string; b: string },
): Promise<Met | null> {
  const { flow } = model
  const pair = model.pairs.get(spec.id)
  if (pair === undefined) return null
  const actors = { a: actorOf(world, flow, 'a'), b: actorOf(world, flow, 'b') }
  const toLink = { correctors: pair.words === undefined ? null : actors }
  const found = await world.store.unlinked({ flow: flow.id, pair: spec, scopes, toLink })
  const personOf = await personsIn(world, spec, found)
  const unlinked = {
    a: found.a.filter((item) => passes(flow, pair, 'a', item)).map((item) => withPeopleIn(pair, 'a', item, personOf)),
    b: found.b.filter((item) => passes(flow, pair, 'b', item)).map((item) => withPeopleIn(pair, 'b', item, personOf)),
  }
  const known = findCorrections({
    pair,
    items: unlinked,
    actors,
    keysOf: (about) =>
      Array.from({ length: KNOWN_AGAIN }, (_, incarnation) =>
        correctionKey(world.markerKey, flow.id, about, incarnation),
      ),
  })
  const items = without(unlinked, known)
  if (known.length === 0 && (items.a.length === 0 || items.b.length === 0)) return null
  const parentPair = model.specs.find((each) => each.a.kind === spec.a.parent?.kind)
  const parents = new Map(
    parentPair === undefined ? [] : await world.store.linkedRefs({ flow: flow.id, pair: parentPair.id }),
  )
  const matched = matchItems({
    pair,
    items,
    known,
    heads: await headsOf(world, model, pair, items),
    keyOf: (identity) => createKey(world.markerKey, flow.id, identity, 0),
    counterpart: (parent) => parents.get(parent) ?? null,
  })
  await world.store.adopt({
    flow: flow.id,
    links: [
      ...matched.links.map((link) => ({ ...link, about: null, incarnation: 0 })),
      ...known.map((each) => correctionLink(pair, each)),
    ].map((link) => ({
      ...baseInRefs(pair, link, personOf),
      pair: pair.id,
      connections: flow.connections,
      kinds: { a: pair.kinds.a.kind, b: pair.kinds.b.kind },
      late: false,
    })),
    holds: matched.ambiguous.map((item) => ({
      pair: pair.id,
      side: item.side,
      ref: item.observation.ref,
      action: 'create',
      fingerprint: `ambiguous ${item.observation.ref}`,
      reason: 'ambiguous',
      detail: item.why,
      name: nameOfItem(item.observation),
    })),
    now: world.clock.now(),
    container: spec.container,
  })
  return { pair, items, links: matched.links }
}

function actorOf(world: World, flow: Flow, side: Side): string | null {
  return sessionOf(world, flow.connections[side]).actor?.ref ?? null
}

/** As it stands, it is what was last told. */
function correctionLink(
  pair: Pair,
  { side, about, correction, told, incarnation }: Known,
): Omit<NewLink, 'pair' | 'connections' | 'kinds' | 'late'> {
  const field = pair.words?.field[side] ?? ''
  return {
    refs: bySide(side, correction.ref, ''),
    base: bySide(side, correction.values, { [field]: told }),
    complement: {},
    about: about.ref,
    incarnation,
  }
}

/** The first children of parents that are made together with them: their copies show their parent's values too. */
async function headsOf(
  world: World,
  { flow }: FlowModel,
  pair: Pair,
  items: { readonly [side in Side]: readonly Observation[] },
): Promise<ReadonlyMap<Observation, Values>> {
  const heads = new Map<Observation, Values>()
  for (const side of SIDES) {
    const { connection, parent } = pair.kinds[side]
    const above = flow.pairs.find((each) => each.kinds[side].kind === parent?.kind)
    if (parent === null || above === undefined || above.kinds[other(side)].head === null) continue
    const firsts = new Map<string, Observation>()
    for (const item of items[side]) if (item.parent !== null && !firsts.has(item.parent)) firsts.set(item.parent, item)
    const noted = [...firsts].map(async ([ref, item]) => {
      const found = await world.store.item({ connection, kind: parent.kind, ref })
      if (found !== null) heads.set(item, found.values)
    })
    await Promise.all(noted)
  }
  return heads
}
