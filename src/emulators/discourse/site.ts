/** One emulated forum: what its parts share. */
import type { EmulatorPorts, WireRequest } from '../emulator.ts'
import { invalidAccess } from './answers.ts'
import type { Hooks } from './webhooks.ts'
import type { Limits } from './limits.ts'
import type { SiteSettings, Switches } from './options.ts'
import type { Params } from './params.ts'
import { isStaff, type Category, type Post, type Reader, type Store, type Topic, type User } from './state.ts'

export interface Site {
  readonly ports: EmulatorPorts
  readonly baseUrl: string
  readonly settings: SiteSettings
  readonly switches: Switches
  readonly store: Store
  readonly limits: Limits
  readonly hooks: Hooks
  /** First answers of API posts, by parameters and person, until they are two minutes old. */
  readonly memo: Map<string, { readonly until: number; readonly status: number; readonly body: unknown }>
  /** Who posted which text within the unique-posts time: the post and when it stops to count. */
  readonly recentTexts: Map<string, { readonly postId: number; readonly until: number }>
  /** Posts held for review. */
  readonly pending: Map<number, PendingPost>
  /** When each post which its author deleted goes for good, soonest first. */
  readonly stubs: Map<number, number>
  /** Drafts' sequence numbers, by person and topic. */
  readonly drafts: Map<string, number>
}

export interface PendingPost {
  readonly id: number
  readonly user: User
  readonly params: Params
  readonly createdAt: number
}

/** Who makes a request, and how. */
export interface Actor {
  readonly user: User | null
  readonly via: 'key' | 'session' | 'none'
}

/** One request at a controller. */
export interface Call {
  readonly site: Site
  readonly actor: Actor
  readonly request: WireRequest
  /** Parts of the path. */
  readonly at: Readonly<Record<string, string>>
  readonly params: Params
  /** What reads see: the present, or a past one under a read lag. */
  readonly reader: Reader
  /** The path as sent, with its suffix. */
  readonly path: string
}

export function someone(call: Call): User {
  if (call.actor.user === null) throw invalidAccess()
  return call.actor.user
}

export function staff(call: Call): User {
  const user = someone(call)
  if (!isStaff(user)) throw invalidAccess()
  return user
}

export function idAt(call: Call, name = 'id'): number {
  return Number(call.at[name])
}

export function canSeeCategory(user: User | null, category: Category | undefined): boolean {
  if (category === undefined) return true
  return !category.readRestricted || (user !== null && isStaff(user))
}

export function canSeeTopic(reader: Reader, user: User | null, topic: Topic): boolean {
  const asStaff = user !== null && isStaff(user)
  if (topic.deletedAt !== null && !asStaff) return false
  if (topic.archetype === 'private_message')
    return user !== null && (user.admin || topic.allowedUserIds.includes(user.id))
  return canSeeCategory(user, topic.categoryId === null ? undefined : reader.categories.get(topic.categoryId))
}

export function isSilenced(site: Site, user: User): boolean {
  return user.silencedTill !== null && user.silencedTill > site.ports.now()
}

/** Whether its author came too late to edit a post. */
export function editTimeExpired(site: Site, user: User, post: Post): boolean {
  const { post_edit_time_limit: short, tl2_post_edit_time_limit: long } = site.settings
  const minutes = user.trustLevel < 2 ? short : long
  return minutes > 0 && post.createdAt < site.ports.now() - minutes * 60_000
}

export function draftSequence(site: Site, user: User, topicId: number, moved: boolean): number {
  const key = `${user.id} ${topicId}`
  const sequence = (site.drafts.get(key) ?? 0) + (moved ? 1 : 0)
  site.drafts.set(key, sequence)
  return sequence
}
