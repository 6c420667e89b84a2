/** Who calls, and what can be seen and done of people. */
import { json, type WireRequest, type WireResponse } from '../emulator.ts'
import { invalidAccess, invalidKey, missingParameter, notFound, nothing, shutOut } from './answers.ts'
import type { ApiKey } from './options.ts'
import { flag, text } from './params.ts'
import { idAt, someone, type Actor, type Call, type Site } from './site.ts'
import { iso, isoOrNull, isStaff, type User } from './state.ts'
import { basicUser, listedUser, type View } from './views-posts.ts'

/** A person's browser carries this token in its `_t` cookie. */
export function sessionToken(user: User): string {
  return `session-of-user-${user.id}`
}

/** Refuses bad keys and shut-out people. The admin bucket counts keys which are good. */
export function actorOf(site: Site, keys: readonly ApiKey[], request: WireRequest): Actor {
  const key = request.headers['api-key']
  if (key === undefined) return browserOf(site, request)
  const known = keys.find((one) => one.key === key)
  if (known === undefined) throw invalidKey()
  const named = personNamed(site, request)
  const own = known.username === undefined ? undefined : site.store.userNamed(known.username)
  if (known.username !== undefined && named !== undefined && named?.id !== own?.id) throw invalidKey()
  const user = own ?? named
  if (user == null) throw invalidKey()
  if (!user.active || isSuspended(site, user)) throw shutOut()
  site.limits.apiCall()
  return { user, via: 'key' }
}

/** Undefined: nobody is named; null: someone unknown. */
function personNamed(site: Site, request: WireRequest): User | null | undefined {
  const name = request.headers['api-username']
  const id = request.headers['api-user-id']
  if (name !== undefined && name !== '') return site.store.userNamed(name) ?? null
  if (id !== undefined) return site.store.users.get(Number(id)) ?? null
  return undefined
}

function browserOf(site: Site, request: WireRequest): Actor {
  const token = /(?:^|;\s*)_t=([^;]+)/.exec(request.headers['cookie'] ?? '')?.[1]
  const id = /^session-of-user-(-?\d+)$/.exec(token ?? '')?.[1]
  const user = id === undefined ? undefined : site.store.users.get(Number(id))
  if (user === undefined || !user.active || isSuspended(site, user)) return { user: null, via: 'none' }
  return { user, via: 'session' }
}

function isSuspended(site: Site, user: User): boolean {
  return user.suspendedTill !== null && user.suspendedTill > site.ports.now()
}

export function currentSession(call: Call): WireResponse {
  const { user } = call.actor
  if (user === null) return nothing(404)
  return json(200, {
    current_user: {
      ...basicUser(user),
      unread_notifications: 0,
      unread_high_priority_notifications: 0,
      admin: user.admin,
      moderator: user.moderator,
      staff: isStaff(user),
      title: null,
      any_posts: user.postCount > 0,
      trust_level: user.trustLevel,
      can_send_private_messages: true,
      can_edit: true,
      can_create_topic: true,
    },
  })
}

export function csrf(call: Call): WireResponse {
  return json(200, { csrf: `csrf-${call.actor.user?.id ?? 0}` })
}

export function showUser(call: Call): WireResponse {
  const user = call.site.store.userNamed(call.at['username'] ?? '')
  if (user === undefined) throw notFound()
  return json(200, { users: [listedUser(user)], user: userView(call, user) })
}

function userView(call: Call, user: User): View {
  const posts = [...call.reader.posts.values()].filter((post) => post.userId === user.id && post.deletedAt === null)
  const viewer = call.actor.user
  return {
    ...basicUser(user),
    last_posted_at: posts.length === 0 ? null : iso(Math.max(...posts.map((post) => post.createdAt))),
    last_seen_at: null,
    created_at: iso(user.createdAt),
    can_send_private_messages: true,
    can_edit: viewer !== null && (isStaff(viewer) || viewer.id === user.id),
    trust_level: user.trustLevel,
    moderator: user.moderator,
    admin: user.admin,
    title: null,
    post_count: user.postCount,
  }
}

export function adminListUsers(call: Call): WireResponse {
  if (!isStaff(someone(call))) throw notFound()
  const filter = (text(call.params, 'email') ?? text(call.params, 'filter') ?? '').toLowerCase()
  const emails = flag(call.params, 'show_emails')
  const users = [...call.site.store.users.values()].filter(
    (user) => user.id > 0 && (user.email === filter || user.username.toLowerCase().includes(filter)),
  )
  return json(
    200,
    users.map((user) => ({
      ...basicUser(user),
      ...(emails ? { email: user.email, secondary_emails: [] } : {}),
      active: user.active,
      admin: user.admin,
      moderator: user.moderator,
      last_seen_at: null,
      created_at: iso(user.createdAt),
      trust_level: user.trustLevel,
      staged: false,
      post_count: user.postCount,
    })),
  )
}

/** Basics only: the name and the mail must be free and well formed. Refusals are 200. */
export function createUser(call: Call): WireResponse {
  const { site } = call
  const username = text(call.params, 'username') ?? ''
  const email = (text(call.params, 'email') ?? '').toLowerCase()
  if (email === '') throw missingParameter('email')
  const name = text(call.params, 'name') ?? ''
  const problem = nameProblem(site, username)
  if (problem !== null) return refusedUser(`Username ${problem}`, { username: [problem] }, { name, username, email })
  if ([...site.store.users.values()].some((user) => user.email === email))
    return refusedUser(
      'Primary email has already been taken',
      { email: ['has already been taken'] },
      { name, username, email },
    )
  const active = flag(call.params, 'active') && call.actor.via === 'key' && call.actor.user?.admin === true
  const user = seedUser(site, { username, name, email })
  site.store.putUser({ ...user, active })
  const message = active
    ? 'Your account is activated and ready to use.'
    : `<p>You’re almost done! We sent an activation mail to <b>${email}</b>.</p>`
  return json(200, { success: true, active, message, user_id: user.id })
}

function refusedUser(message: string, errors: View, values: View): WireResponse {
  return json(200, { success: false, message, errors, values, is_developer: false })
}

function nameProblem(site: Site, username: string): string | null {
  if (username.length < 3) return 'must be at least 3 characters'
  if (username.length > 20) return 'must be no more than 20 characters'
  if (!/^[\w.-]+$/.test(username)) return 'must only include numbers, letters, dashes, dots, and underscores'
  if (!/^\w/.test(username)) return 'must begin with a letter, a number or an underscore'
  if (!/[A-Za-z0-9]$/.test(username)) return 'must end with a letter or a number'
  if (/[._-]{2}/.test(username)) return 'must not contain a sequence of 2 or more special chars (.-_)'
  return site.store.userNamed(username) === undefined ? null : 'must be unique'
}

export interface NewUser {
  readonly username: string
  readonly name?: string
  readonly email?: string
  readonly admin?: boolean
  readonly moderator?: boolean
  readonly trustLevel?: number
  readonly createdAt?: number
}

export function seedUser(site: Site, fields: NewUser, id = site.store.nextId('user')): User {
  const user: User = {
    id,
    username: fields.username,
    name: fields.name ?? fields.username,
    email: fields.email ?? `${fields.username.toLowerCase()}@forum.test`,
    admin: fields.admin ?? false,
    moderator: fields.moderator ?? false,
    trustLevel: fields.trustLevel ?? site.settings.default_trust_level,
    createdAt: fields.createdAt ?? site.ports.now(),
    active: true,
    silencedTill: null,
    suspendedTill: null,
    firstPostAt: null,
    postCount: 0,
  }
  site.store.putUser(user)
  return user
}

export const restraints = ['silence', 'unsilence', 'suspend', 'unsuspend', 'activate', 'deactivate'] as const

/** PUT /admin/users/{id}/{restraint}. */
export function restrain(call: Call): WireResponse {
  if (!isStaff(someone(call))) throw notFound()
  const user = call.site.store.users.get(idAt(call))
  if (user === undefined) throw notFound()
  const till = Date.parse(text(call.params, 'silenced_till') ?? text(call.params, 'suspend_until') ?? '')
  const until = Number.isNaN(till) ? call.site.ports.now() + 365 * 86_400_000 : till
  switch (call.at['action']) {
    case 'silence':
      call.site.store.putUser({ ...user, silencedTill: until })
      return json(200, { silence: { silenced: true, silenced_till: iso(until) } })
    case 'unsilence':
      call.site.store.putUser({ ...user, silencedTill: null })
      return json(200, { unsilence: { silenced: false, silence_reason: null, silenced_till: null, silenced_at: null } })
    case 'suspend':
      call.site.store.putUser({ ...user, suspendedTill: until })
      return json(200, { suspension: { suspended_till: isoOrNull(until) } })
    case 'unsuspend':
      call.site.store.putUser({ ...user, suspendedTill: null })
      return json(200, { suspension: { suspended_till: null, suspended_at: null } })
    case 'activate':
    case 'deactivate':
      call.site.store.putUser({ ...user, active: call.at['action'] === 'activate' })
      return json(200, { success: 'OK' })
    default:
      throw invalidAccess()
  }
}
