/** Spaces: list, get, create, set up, find a direct message, patch, delete. */
import { ChatError, invalid } from './errors.ts'
import { record } from './events.ts'
import { parseFilter, refuse } from './filters.ts'
import { join } from './members.ts'
import type { Written } from './messages.ts'
import type { SpaceType } from './options.ts'
import { nextToken, pageOf } from './paging.ts'
import { lastActive, spaceJson, spaceName, type SpaceJson } from './render.ts'
import { recallRequest, rememberRequest } from './requests.ts'
import {
  addVersion,
  current,
  enter,
  isManager,
  makeId,
  newest,
  nextSeq,
  stamp,
  userBy,
  versionAt,
  type Caller,
  type SpaceRecord,
  type SpaceVersion,
  type World,
} from './state.ts'

const TYPES: readonly SpaceType[] = ['SPACE', 'GROUP_CHAT', 'DIRECT_MESSAGE']
const MOST_NAME = 128
const MOST_DESCRIPTION = 150
const MOST_GUIDELINES = 5000
const MOST_MEMBERSHIPS = 49

export interface ListSpaces {
  readonly filter: string | null
  readonly pageSize: number | null
  readonly pageToken: string | null
}

/** The caller's spaces. Group chats and direct messages are not listed until their first message. */
export function listSpaces(
  world: World,
  caller: Caller,
  wanted: ListSpaces,
): { spaces?: SpaceJson[]; nextPageToken?: string } {
  const types = typesOf(wanted.filter)
  const mine = [...world.spaces.values()].filter((space) => {
    const version = versionAt(space.versions, caller.asOf)
    if (version === null || !space.members.has(caller.user) || !types.has(version.type)) return false
    return version.type === 'SPACE' || lastActive(space, caller.asOf) !== null
  })
  const page = pageOf(mine, (space) => space.seq, false, {
    ...wanted,
    standard: 100,
    most: 1000,
    cap: world.rules.pageCap,
    parameters: ['spaces', wanted.filter],
  })
  const spaces = page.items.map((space) => spaceJson(world, caller, space))
  return { ...(spaces.length === 0 ? {} : { spaces }), ...nextToken(page) }
}

function typesOf(filter: string | null): ReadonlySet<SpaceType> {
  if (filter === null || filter === '') return new Set(TYPES)
  const [options, ...others] = parseFilter(filter)
  if (options === undefined || others.length > 0) refuse(filter)
  return new Set(
    options.map(({ field, operator, value }) => {
      const type = TYPES.find((candidate) => candidate === value)
      if ((field !== 'space_type' && field !== 'spaceType') || operator !== '=') return refuse(filter)
      return type ?? refuse(filter)
    }),
  )
}

export function getSpace(world: World, caller: Caller, spaceId: string): SpaceJson {
  return spaceJson(world, caller, enter(world, caller, spaceId))
}

export interface SpaceWish {
  readonly spaceType?: string | undefined
  readonly displayName?: string | undefined
  readonly description?: string | undefined
  readonly guidelines?: string | undefined
}

/** `memberships`: users by id or e-mail, besides the caller; null: the plain create, which takes none. */
export function createSpace(
  world: World,
  caller: Caller,
  wish: SpaceWish,
  memberships: readonly string[] | null,
  requestId: string | null,
): Written<SpaceJson> {
  const past = recallRequest(world, caller, 'space', requestId)
  if (past !== null) return { ...outcome(world, caller, past.space), changed: false }
  const type = TYPES.find((candidate) => candidate === wish.spaceType)
  if (type === undefined) throw invalid('space.space_type is required.')
  if (memberships === null && type !== 'SPACE') throw invalid('Only named spaces can be created this way; use setup.')
  const others = (memberships ?? []).map((ref) => {
    const user = userBy(world, ref, caller)
    return user?.id ?? refuseMember(ref)
  })
  checkMemberships(caller, type, others)
  const existing = type === 'DIRECT_MESSAGE' ? directMessage(world, caller.user, others[0] ?? '') : null
  if (existing !== null) return { ...outcome(world, caller, existing), changed: false }
  const displayName = type === 'SPACE' ? checkedName(world, wish.displayName, null) : ''
  if (type !== 'SPACE' && wish.displayName) throw invalid('Only named spaces take a display name.')
  const details = checkedDetails(wish)
  const at = stamp(world)
  const space = emptySpace(world, makeSpaceId(world), at, { at, type, displayName, ...details, historyOff: false })
  join(world, space, caller.user, type === 'SPACE', at)
  for (const user of others) join(world, space, user, false, at)
  rememberRequest(world, caller, 'space', requestId, { space, message: null, at })
  return { ...outcome(world, caller, space), changed: true }
}

export function emptySpace(world: World, id: string, createTime: number, version: SpaceVersion): SpaceRecord {
  const space: SpaceRecord = {
    seq: nextSeq(world),
    id,
    createTime,
    versions: [version],
    members: new Map(),
    messages: [],
    byId: new Map(),
    byClientId: new Map(),
    threads: new Map(),
    threadKeys: new Map(),
    events: [],
  }
  world.spaces.set(id, space)
  return space
}

export function makeSpaceId(world: World): string {
  return `AAQA${makeId(world, 7, (id) => world.spaces.has(`AAQA${id}`))}`
}

function outcome(world: World, caller: Caller, space: SpaceRecord): { json: SpaceJson; name: string } {
  return { json: spaceJson(world, { ...caller, asOf: newest(world) }, space), name: spaceName(space) }
}

function refuseMember(ref: string): never {
  throw invalid(`Unknown member: users/${ref}`)
}

function checkMemberships(caller: Caller, type: SpaceType, others: readonly string[]): void {
  if (others.includes(caller.user)) throw invalid('The caller is added automatically and must be left out.')
  if (others.length > MOST_MEMBERSHIPS) throw invalid(`At most ${MOST_MEMBERSHIPS} memberships are allowed.`)
  if (type === 'GROUP_CHAT' && others.length < 2) throw invalid('A group chat needs at least two memberships.')
  if (type === 'DIRECT_MESSAGE' && others.length !== 1) throw invalid('A direct message needs exactly one membership.')
}

function checkedName(world: World, displayName: string | undefined, own: SpaceRecord | null): string {
  const name = displayName ?? ''
  if (name.trim() === '') throw invalid('space.display_name is required.')
  if ([...name].length > MOST_NAME) throw invalid(`space.display_name is longer than ${MOST_NAME} characters.`)
  for (const space of world.spaces.values())
    if (space !== own && current(space.versions).displayName === name)
      throw new ChatError('ALREADY_EXISTS', 'A space with this display name already exists.')
  return name
}

function checkedDetails(wish: SpaceWish): { description: string; guidelines: string } {
  const { description = '', guidelines = '' } = wish
  if ([...description].length > MOST_DESCRIPTION) throw invalid('space.space_details.description is too long.')
  if ([...guidelines].length > MOST_GUIDELINES) throw invalid('space.space_details.guidelines is too long.')
  return { description, guidelines }
}

function directMessage(world: World, one: string, other: string): SpaceRecord | null {
  for (const space of world.spaces.values())
    if (current(space.versions).type === 'DIRECT_MESSAGE' && space.members.has(one) && space.members.has(other))
      return space
  return null
}

export function findDirectMessage(world: World, caller: Caller, name: string | null): SpaceJson {
  const ref = /^users\/(.+)$/.exec(name ?? '')?.[1]
  if (ref === undefined) throw invalid('name must be a user: users/{user}.')
  const user = userBy(world, ref, caller)
  const space = user === null || user.id === caller.user ? null : directMessage(world, caller.user, user.id)
  if (space === null) throw new ChatError('NOT_FOUND', 'Direct message not found.')
  return spaceJson(world, caller, space)
}

const PATCHABLE = new Set(['display_name', 'space_details', 'space_type', 'space_history_state'])

export interface SpaceChange extends SpaceWish {
  readonly spaceHistoryState?: string | undefined
}

/** `mask`: the fields to change, in snake case. */
export function patchSpace(
  world: World,
  caller: Caller,
  spaceId: string,
  mask: readonly string[],
  change: SpaceChange,
): Written<SpaceJson> {
  const space = enter(world, caller, spaceId)
  const before = current(space.versions)
  if (mask.length === 0) throw invalid('update_mask is required.')
  for (const field of mask) if (!PATCHABLE.has(field)) throw invalid(`update_mask holds an unsupported field: ${field}`)
  if (mask.includes('space_history_state') && mask.length > 1) throw invalid('space_history_state must be alone.')
  if (before.type === 'SPACE' && !isManager(space, caller.user) && mask.includes('space_history_state'))
    throw new ChatError('PERMISSION_DENIED', 'The caller does not have permission')
  const next: SpaceVersion = {
    ...before,
    ...typed(before, mask, change),
    ...(mask.includes('display_name') ? { displayName: checkedName(world, change.displayName, space) } : {}),
    ...(mask.includes('space_details') ? checkedDetails(change) : {}),
    ...(mask.includes('space_history_state') ? { historyOff: change.spaceHistoryState === 'HISTORY_OFF' } : {}),
    at: stamp(world),
  }
  addVersion(world, space.versions, next)
  record(world, space, 'space.v1.updated', next.at)
  return { ...outcome(world, caller, space), changed: true }
}

/** The one change of type there is: a group chat becomes a named space. */
function typed(before: SpaceVersion, mask: readonly string[], change: SpaceChange): { type: SpaceType } {
  if (!mask.includes('space_type')) {
    if (before.type !== 'SPACE' && mask.includes('display_name'))
      throw invalid('Only named spaces take a display name.')
    return { type: before.type }
  }
  if (change.spaceType !== 'SPACE' || before.type === 'DIRECT_MESSAGE')
    throw invalid('The space type cannot change so.')
  if (before.type === 'GROUP_CHAT' && !mask.includes('display_name')) throw invalid('display_name must be set as well.')
  return { type: 'SPACE' }
}

/** Messages and memberships go with the space. */
export function deleteSpace(world: World, caller: Caller, spaceId: string): Written<Record<string, never>> {
  const space = enter(world, caller, spaceId)
  if (current(space.versions).type !== 'SPACE') throw invalid('Only named spaces can be deleted.')
  if (!isManager(space, caller.user)) throw new ChatError('PERMISSION_DENIED', 'Only a space manager can delete it.')
  world.spaces.delete(space.id)
  return { json: {}, name: spaceName(space), changed: true }
}
