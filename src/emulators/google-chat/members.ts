/** Who is in a space: the memberships' get and list, and the changes that people make in the window. */
import { ChatError } from './errors.ts'
import { record } from './events.ts'
import { parseFilter, refuse, type Filter } from './filters.ts'
import { nextToken, pageOf } from './paging.ts'
import { membershipJson, type MembershipJson } from './render.ts'
import { enter, nextSeq, stamp, userBy, type Caller, type SpaceRecord, type World } from './state.ts'
import type { Micros } from './time.ts'

export interface ListMembers {
  readonly filter: string | null
  readonly pageSize: number | null
  readonly pageToken: string | null
}

export function listMembers(
  world: World,
  caller: Caller,
  spaceId: string,
  wanted: ListMembers,
): { memberships?: MembershipJson[]; nextPageToken?: string } {
  const space = enter(world, caller, spaceId)
  const filter = filterOf(wanted.filter)
  const all = [...space.members.values()].map((member) => ({
    member,
    json: membershipJson(world, caller, space, member),
  }))
  const page = pageOf(
    all.filter(({ json }) => matches(filter, json)),
    ({ member }) => member.seq,
    false,
    {
      ...wanted,
      standard: 100,
      most: 1000,
      cap: world.rules.pageCap,
      parameters: ['members', spaceId, wanted.filter, wanted.pageSize],
    },
  )
  const memberships = page.items.map(({ json }) => json)
  return { ...(memberships.length === 0 ? {} : { memberships }), ...nextToken(page) }
}

export function getMember(world: World, caller: Caller, spaceId: string, ref: string): MembershipJson {
  const space = enter(world, caller, spaceId)
  const user = userBy(world, ref, caller)
  const member = user === null ? undefined : space.members.get(user.id)
  if (member === undefined) throw new ChatError('NOT_FOUND', 'Membership not found.')
  return membershipJson(world, caller, space, member)
}

/** Puts a user into a space; an existing member's role changes. */
export function join(world: World, space: SpaceRecord, user: string, manager: boolean, at: Micros): void {
  if (!world.users.has(user)) throw new Error(`the emulator has no user ${user}`)
  const before = space.members.get(user)
  space.members.set(user, { seq: before?.seq ?? nextSeq(world), user, manager, joined: before?.joined ?? at })
}

export function addMember(world: World, space: SpaceRecord, user: string): void {
  if (space.members.has(user)) return
  const at = stamp(world)
  join(world, space, user, false, at)
  record(world, space, 'membership.v1.created', at, user)
}

export function removeMember(world: World, space: SpaceRecord, user: string): void {
  if (space.members.delete(user)) record(world, space, 'membership.v1.deleted', stamp(world), user)
}

/** A role and a member type; the same field never twice with AND. */
function filterOf(text: string | null): Filter {
  if (text === null || text === '') return []
  const filter = parseFilter(text)
  const fields = filter.map((options) => {
    for (const { field, operator, value } of options) {
      const role = field === 'role' && operator === '=' && ['ROLE_MEMBER', 'ROLE_MANAGER'].includes(value)
      const type =
        field === 'member.type' && (operator === '=' || operator === '!=') && ['HUMAN', 'BOT'].includes(value)
      if (!role && !type) refuse(text)
    }
    return options[0]?.field
  })
  if (new Set(fields).size < fields.length) refuse(text)
  return filter
}

function matches(filter: Filter, json: MembershipJson): boolean {
  return filter.every((options) =>
    options.some(({ field, operator, value }) => {
      const found = field === 'role' ? json.role : json.member.type
      return operator === '!=' ? found !== value : found === value
    }),
  )
}
