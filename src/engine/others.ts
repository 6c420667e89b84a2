/** Notices that another installation works on the same containers, by the keys that its copies bear. */
import { other, SIDES, type Pair, type Side } from '../core/flow.ts'
import { createKey, isKey } from '../core/key.ts'
import { AS_COPY, BY_KEY, type Match } from '../core/match.ts'
import { beginsAsCopy, type Items } from '../core/recognise.ts'
import type { Planned } from '../core/action.ts'
import type { Observation } from '../core/state.ts'
import type { Instance } from '../store/verbs/instances.ts'
import type { Scopes } from '../store/verbs/pausing.ts'
import type { LoadedSubject } from '../store/verbs/subjects.ts'
import { FIRST_SYNC } from './buckets.ts'
import type { FlowModel } from './model.ts'
import { failureOf, sessionOf, type World } from './world.ts'

/** What first contact found of one pair of kinds in one pair of scopes. */
export interface Met {
  readonly pair: Pair
  readonly items: Items
  readonly links: readonly Match[]
}

/** Lists may leave keys out: so many items are asked for by the key that this flow gives. */
const SAMPLE = 10

/** Where a person has said once that it is no trouble, nothing is said again. */
export function noticedName(flow: string): string {
  return `other installation ${flow}`
}

/**
 * Copies stand there, and none of them is the work of this flow: whoever made them may still run, and the two would copy
 * everything twice, and each other's copies. Nothing of the flow is written before a person says so.
 */
export async function noticeOthers(
  world: World,
  model: FlowModel,
  instance: Pick<Instance, 'liveAt'>,
  met: readonly Met[],
): Promise<void> {
  const { id: flow } = model.flow
  if ((await world.store.getMeta({ name: noticedName(flow) })) !== null) return
  if (!(await isOthers(world, model, instance, met))) return
  await pauseFor(
    world,
    flow,
    'another installation has copied here before, or this one under another key or a flow that was removed; end first what still works there',
  )
}

async function pauseFor(world: World, flow: string, why: string): Promise<void> {
  await world.store.pauseFlow({ flow, scopes: null, why, now: world.clock.now() })
  await world.store.setMeta({ name: noticedName(flow), value: why })
  const remedy = `"lockstep flows resume ${flow}" lets it go on`
  world.log('error', `${flow} is paused: ${why}`, { remedy, alert: `paused ${flow}` })
}

/**
 * Two that began at one moment found nothing of each other at first contact. What came since, and bears a key that is not
 * of this store, or begins as its copies do without being one, is the other's copy: it is not copied, and the flow is
 * paused. Answers whether it was.
 */
export async function noticeStrangers(world: World, model: FlowModel, planned: readonly Copying[]): Promise<boolean> {
  const { id, connections } = model.flow
  const doubted = planned.flatMap(sourcesOf).filter(({ side, item }) => mayBeOthers(world, connections[side], item))
  if (doubted.length === 0 || (await world.store.getMeta({ name: noticedName(id) })) !== null) return false
  const instances = await world.store.instances({ flow: id })
  for (const source of doubted) {
    const { side, item } = source
    const instance = instances.find(({ scopes }) => scopes[side] === item.scope)
    // What was there before was judged at first contact.
    if (instance?.liveAt == null || item.firstSeen <= instance.liveAt) continue
    if (!(await isCopyOf(world, source, instance.scopes))) continue
    if (await isOurs(world, model, source)) continue
    const what = `${item.kind} ${item.ref} of ${connections[side]}`
    const why = `another installation copies here as well: it made the ${what}; end one of the two, then remove what both have copied`
    await pauseFor(world, id, why)
    return true
  }
  return false
}

type Copying = Pick<Planned, 'subject' | 'decision'> & { readonly loaded: Pick<LoadedSubject, 'held'> }

interface Source {
  readonly pair: Pair
  readonly side: Side
  readonly item: Observation
}

/** What is to be copied that stands for nothing yet. What may be the work of a lost answer of our own is a person's to say. */
function sourcesOf({ subject, decision, loaded }: Copying): readonly Source[] {
  if (subject.link !== null || loaded.held.some(({ reason }) => reason === 'ambiguous')) return []
  return SIDES.flatMap((side) => {
    if (!decision.writes.some(({ write }) => write.do === 'create' && write.side === other(side))) return []
    return [subject, subject.head].flatMap((each) => {
      const item = each?.[side] ?? null
      return each === null || item === null ? [] : [{ pair: each.pair, side, item }]
    })
  })
}

/** Its key tells; where none is told, it is at least the work of an account like our own. */
function mayBeOthers(world: World, connection: string, { key, author }: Observation): boolean {
  if (key !== null) return isKey(key)
  const { actor } = sessionOf(world, connection)
  return author !== null && author.ref === actor?.ref
}

async function isCopyOf(world: World, { pair, side, item }: Source, scopes: Scopes): Promise<boolean> {
  if (item.key !== null) return true
  const { connection, kind } = pair.kinds[other(side)]
  const authors = await world.store.authorsIn({ connection, kind, scope: scopes[other(side)] })
  return beginsAsCopy(pair, side, item, authors)
}

/** So often something may have been made again for one source. */
const INCARNATIONS = 4

/**
 * Made by this flow, though it stands for nothing now: it was parted, or took effect when nobody waited for it any more. What
 * it was made of may be gone since. The key of a flow of this store from elsewhere makes it that one's copy, which is to be
 * linked yet.
 */
async function isOurs(
  world: World,
  { flow }: FlowModel,
  { side, item: { ref, key, connection, kind } }: Source,
): Promise<boolean> {
  const { links, journal } = await world.store.explain({ ref })
  if (links.length > 0 || journal.some(({ action, refs }) => action === 'create' && refs[side] === ref)) return true
  if (key === null) return false
  const [isOfThisFlow] = await world.store.haveKeysOfFlow({ flow: flow.id, items: [{ connection, kind, key }] })
  if (isOfThisFlow === true) return true
  const from = flow.connections[other(side)]
  for (const each of world.model.flows)
    for (const at of SIDES) {
      const { [at]: to, [other(at)]: source } = each.flow.connections
      // What one between the same two has made is no news to this one.
      const isAnother = each.flow.id === flow.id ? at === side : source !== from
      if (to === connection && isAnother && (await isKeyOf(world, each, other(at), key))) return true
    }
  return false
}

/** Whether a flow gives this key to what it makes of something on `from` that was ever known. */
async function isKeyOf(world: World, { flow, specs }: FlowModel, from: Side, key: string): Promise<boolean> {
  // What makes two at once bears the key of the second.
  for (const { [from]: source } of specs) {
    const { connection, kind } = source
    for (const ref of await world.store.knownRefs({ connection, kind }))
      for (let at = 0; at < INCARNATIONS; at += 1)
        if (createKey(world.markerKey, flow.id, { connection, kind, ref }, at) === key) return true
  }
  return false
}

async function isOthers(
  world: World,
  model: FlowModel,
  { liveAt }: Pick<Instance, 'liveAt'>,
  met: readonly Met[],
): Promise<boolean> {
  const links = met.flatMap((each) => each.links)
  if (links.some(({ by }) => by === BY_KEY)) return false
  const flow = model.flow.id
  const keyed = met.flatMap(({ items }) => SIDES.flatMap((side) => items[side].filter(({ key }) => isKey(key))))
  const ours = keyed.length === 0 ? [] : await world.store.haveKeysOfFlow({ flow, items: keyed })
  // Its own somebody took to here from another of its scopes.
  const foreign = keyed.filter((_, at) => ours[at] !== true)
  if (foreign.length > 0) return !(await world.store.areOfOtherFlows({ flow, items: foreign }))
  // Where the flow was at work before, a copy without a key is what a create made whose answer was lost.
  if (liveAt !== null || !links.some(({ by }) => by === AS_COPY)) return false
  const asked = met.flatMap((each) => each.links.slice(0, SAMPLE).map((link) => ({ ...each, link })))
  const own = await Promise.all(
    asked.flatMap((each) => SIDES.map((side) => isOwn(world, model, each.pair, each.link.refs, side))),
  )
  return own.includes(false) && !own.includes(true)
}

/** Whether something of this side stands under the key that this flow gives; null: the system does not tell by key. */
async function isOwn(
  world: World,
  { flow }: FlowModel,
  { kinds }: Pair,
  refs: Match['refs'],
  side: Side,
): Promise<boolean | null> {
  const { connection, kind } = kinds[side]
  const source = { ...kinds[other(side)], ref: refs[other(side)] }
  const { find } = world.model.kind(connection, kind)
  const item = await world.store.item({ connection, kind, ref: refs[side] })
  if (find === undefined || item === null) return null
  const key = createKey(world.markerKey, flow.id, source, 0)
  const call = sessionOf(world, connection).call(item.scope, FIRST_SYNC, [item.scope])
  try {
    const found = await find(call, { key, values: item.values, since: item.firstSeen })
    if (found === null) return false
    return found[0] !== undefined && 'key' in found[0] && found[0].key === key ? true : null
  } catch (error) {
    failureOf(error)
    return null
  }
}
