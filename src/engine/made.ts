/** What a create without an answer has made: asked by its key, by repeating it, or looked for among our own items. */
import type { Change, Kind, Made } from '../connector/connector.ts'
import { ConnectorError } from '../connector/failure.ts'
import { sameValue, type Values } from '../connector/values.ts'
import type { CreateAction } from '../core/action.ts'
import { isTold, pick } from '../core/base.ts'
import { areSameFiles, sameFiles } from '../core/files.ts'
import type { Intent, Observation } from '../core/state.ts'
import { CATCH_UP } from './buckets.ts'
import { look, readFeed, readWhole } from './feeds.ts'
import type { FlowModel } from './model.ts'
import { createOf } from './outcome.ts'
import { itemOf } from './task.ts'
import { failureOf, sessionOf, type World } from './world.ts'

/**
 * Something of ours is there that no link knows, and that is not what was written: another create whose answer was lost
 * may have made it, or somebody has edited it since. After so many tries a person decides.
 */
const OTHERS_FIRST = 4
const OTHERS = 'something else of ours is there: other writes are asked about first'

/**
 * More than one item, or one that is not as it was written, could be the one that was made; none where nothing at all
 * stands there.
 */
export interface Ambiguous {
  readonly candidates: readonly Observation[]
}

/** What the system shows under the key of the create. */
export async function findByKey(
  world: World,
  model: FlowModel,
  intent: Intent,
  write: CreateAction,
): Promise<Made | null> {
  const kind = world.model.kind(intent.connection, intent.kind)
  if (kind.find === undefined) return null
  const call = sessionOf(world, intent.connection).call(intent.scope, CATCH_UP, [intent.scope])
  const found = await kind.find(call, createOf(world, model, write, intent.key, intent.sentAt)).catch(nothing)
  return found === null ? null : withFirst(world, intent, found)
}

/** Its first child may be gone by now, where somebody deleted it: what was seen of it is what was made, and nobody's item. */
async function withFirst(world: World, intent: Intent, found: Made): Promise<Made> {
  const [own, ...rest] = found
  if (own === undefined || intent.headKind === null || rest.some(({ kind }) => kind === intent.headKind)) return found
  const first = await firstOwnChild(world, intent, own)
  return first === undefined ? found : [own, changeOf(first), ...rest]
}

/** By key, by repeating what cannot happen twice and is still wanted, or among our own items that nothing is linked to. */
export async function findMade(
  world: World,
  model: FlowModel,
  intent: Intent,
  write: CreateAction,
  repeats: boolean,
): Promise<Made | null | Ambiguous> {
  const kind = world.model.kind(intent.connection, intent.kind)
  const call = sessionOf(world, intent.connection).call(intent.scope, CATCH_UP, [intent.scope])
  const create = createOf(world, model, write, intent.key, intent.sentAt)
  const found = await findByKey(world, model, intent, write)
  if (found !== null) return found
  // Its request may still take effect: only the same one again cannot make a second.
  const repeated = repeats ? await kind.create?.(call, create).catch(nothing) : null
  if (repeated) return withFirst(world, intent, repeated)
  if (kind.find !== undefined || repeats) return seenBefore(world, model, intent, write)
  return amongOwn(world, model, intent, write)
}

/** The system answers, and what it says is no: nothing was made. It is planned again from what is known then. */
function nothing(error: unknown): null {
  if (['missing', 'rejected', 'stale', 'forbidden', 'key-taken'].includes(failureOf(error).failure)) return null
  throw error
}

/**
 * Our own unlinked items since it was sent, and those of them that are what was written. What was never seen elsewhere than
 * it stands, and that is not where it was to be made, counts only as such. So does what is gone since, and only where nothing
 * that stands is what was written.
 */
async function ownOf(
  world: World,
  intent: Intent,
  write: CreateAction,
): Promise<{ own: readonly Observation[]; equal: readonly Observation[] }> {
  const { connection, kind, scope, parent, actor, sentAt } = intent
  const since = await world.store.ownSince({ connection, kind, scope, parent, actor, since: sentAt })
  const equal: Observation[] = []
  for (const item of since) if (await isLike(world, intent, write, item)) equal.push(item)
  const mayBe = (item: Observation): boolean =>
    parent !== null || item.scope === scope || item.movedAt !== null || equal.includes(item)
  const standing = equal.filter(isStanding)
  return {
    own: since.filter((item) => isStanding(item) && mayBe(item)),
    equal: standing.length > 0 ? standing : equal.slice(0, 1),
  }
}

function isStanding({ state }: Observation): boolean {
  return state !== 'deleted'
}

/**
 * What it made may have been deleted since, by a person: it was seen all the same, and is no item of somebody else. The feed
 * is read to its end first, for what it tells once nobody waits any more would pass for somebody's, the first child of what
 * is known included. Where it was edited before, it is not known again, so what is ours and has no counterpart is looked
 * at: what is gone is not new.
 */
async function seenBefore(world: World, model: FlowModel, intent: Intent, write: CreateAction): Promise<Made | null> {
  const feed = model.feedOf(intent.side, intent.kind)
  await readFeed(world, intent.connection, feed, CATCH_UP)
  const { own, equal } = await ownOf(world, intent, write)
  const [one] = equal
  if (one !== undefined) return madeOf(world, intent, one)
  for (const { kind, ref, scope } of own)
    await look(world, intent.connection, { feed, kind, ref, scope }, CATCH_UP, null)
  return null
}

/** The feed is read to its end first, so that what was made has been seen. */
async function amongOwn(
  world: World,
  model: FlowModel,
  intent: Intent,
  write: CreateAction,
): Promise<Made | null | Ambiguous> {
  const { connection, kind, scope, sentAt, actor } = intent
  const feed = model.feedOf(intent.side, kind)
  await readFeed(world, connection, feed, CATCH_UP)
  const covered = { connection, feed, scope, since: sentAt }
  const coverage = await world.store.coverage(covered)
  if (coverage === 'none') return readWhole(world, covered)
  const { own, equal } = await ownOf(world, intent, write)
  const [one] = equal
  const facts = world.model.kind(connection, kind)
  const { unique } = facts
  // What stands in its place is the same thing: ours, edited since perhaps, or somebody else's, which the plan links.
  if (unique !== undefined) {
    const place = pick(write.values, unique)
    const made = one ?? own.find((item) => item.author?.ref === actor && holds(item, place, facts, 'like files'))
    return made === undefined ? null : madeOf(world, intent, made)
  }
  if (one !== undefined) return equal.length > 1 ? { candidates: equal } : madeOf(world, intent, one)
  // That nothing at all stands there is no proof, however often it is said.
  if (own.length === 0 && coverage === 'empty')
    return intent.attempts < OTHERS_FIRST ? readWhole(world, covered) : { candidates: [] }
  if (own.length === 0) return null
  if (intent.attempts >= OTHERS_FIRST) return { candidates: own }
  throw new ConnectorError('unavailable', OTHERS, { noEffect: true })
}

/** A parent is told by the first child, which the same call made: its own fields the system may have put otherwise. */
async function isLike(world: World, intent: Intent, write: CreateAction, made: Observation): Promise<boolean> {
  const first = write.head === null ? undefined : await firstOwnChild(world, intent, made)
  const { item, values } =
    first === undefined || write.head === null
      ? { item: made, values: write.values }
      : { item: first, values: write.head.action.values }
  return holds(item, values, world.model.kind(intent.connection, item.kind), 'like files')
}

async function madeOf(world: World, intent: Intent, made: Observation): Promise<Made> {
  const own = changeOf(made)
  if (intent.headKind === null) return [own]
  const first = await firstOwnChild(world, intent, made)
  return first === undefined ? [own] : [own, changeOf(first)]
}

function changeOf(made: Observation): Change {
  const { kind, ref, scope, state } = made
  if (state === 'present') return { kind, ...itemOf(made) }
  return { kind, ref, scope, gone: isStanding(made) ? 'moved' : 'deleted' }
}

async function firstOwnChild(
  world: World,
  intent: Intent,
  made: Pick<Observation, 'ref'>,
): Promise<Observation | undefined> {
  const { connection, scope, actor, sentAt, headKind } = intent
  if (headKind === null) return undefined
  const own = { connection, kind: headKind, scope, parent: made.ref, actor, since: sentAt }
  return (await world.store.ownSince(own))[0]
}

/**
 * Whether an item has these values, but for white space, as far as its system tells of it as it is. Its files may have got
 * other refs as they were written: of a new item it is enough that they are alike; in one that is known, others of the same
 * name may have been there before.
 */
export function holds(
  item: Observation,
  values: Values,
  { fields, untold }: Pick<Kind<unknown>, 'fields' | 'untold'>,
  files: 'same files' | 'like files',
): boolean {
  return Object.entries(values).every(([field, value]) => {
    if (!isTold(untold, item.values, field)) return true
    const own = item.values[field]
    if (fields[field]?.type !== 'file') return sameValue(normal(own), normal(value))
    return files === 'like files' ? sameFiles(own, value) : areSameFiles(own, value)
  })
}

/** A list without members is nothing, whatever a system calls it. */
function normal(value: unknown): string | null {
  const isNothing = value === undefined || value === null || (Array.isArray(value) && value.length === 0)
  return isNothing ? null : JSON.stringify(value).replace(/\s+/g, ' ').trim()
}
