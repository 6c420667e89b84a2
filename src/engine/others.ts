/** Notices that another installation works on the same containers, by what stands there at first contact. */
import { other, SIDES, type Pair, type Side } from '../core/flow.ts'
import { createKey, isKey } from '../core/key.ts'
import { AS_COPY, BY_KEY, type Match } from '../core/match.ts'
import type { Items } from '../core/recognise.ts'
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
export async function noticeOthers(world: World, model: FlowModel, met: readonly Met[]): Promise<void> {
  const { id: flow } = model.flow
  if ((await world.store.getMeta({ name: noticedName(flow) })) !== null) return
  if (!(await isOthers(world, model, met))) return
  const why =
    'another installation has copied here before, or this one under another key or a flow that was removed; end first what still works there'
  await world.store.pauseFlow({ flow, scopes: null, why, now: world.clock.now() })
  await world.store.setMeta({ name: noticedName(flow), value: why })
  world.log('error', `${flow} is paused: ${why}`, { remedy: `"lockstep flows resume ${flow}" lets it go on` })
}

async function isOthers(world: World, model: FlowModel, met: readonly Met[]): Promise<boolean> {
  const links = met.flatMap((each) => each.links)
  if (links.some(({ by }) => by === BY_KEY)) return false
  const keyed = met.flatMap(({ items }) => SIDES.flatMap((side) => items[side].filter(({ key }) => isKey(key))))
  if (keyed.length > 0) return !(await areLinkedElsewhere(world, model, keyed))
  if (!links.some(({ by }) => by === AS_COPY)) return false
  const asked = met.flatMap((each) => each.links.slice(0, SAMPLE).map((link) => ({ ...each, link })))
  const own = await Promise.all(
    asked.flatMap((each) => SIDES.map((side) => isOwn(world, model, each.pair, each.link.refs, side))),
  )
  return own.includes(false) && !own.includes(true)
}

/** Another flow of this store has made them. */
async function areLinkedElsewhere(
  world: World,
  { flow }: FlowModel,
  items: readonly { readonly ref: string }[],
): Promise<boolean> {
  const linked = await world.store.linkRows({ flow: null, limit: null })
  const ours = new Set(linked.filter((each) => each.flow !== flow.id).flatMap(({ a, b }) => [a, b]))
  return items.every(({ ref }) => ours.has(ref))
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
