/** What Discourse answers, as items of the engine. */
import type { Change, Item, May, Person, Place, Ref, Tombstone, Unread } from '../../connector/index.ts'
import type { Config } from './config.ts'
import type { Category, ListedTopic, Post, Topic, TopicList } from './wire.ts'

const REGULAR = 1
const FIRST = 1

/** How posts are seen: by whom, and with which mark on the engine's own edits. */
export interface View {
  readonly actor: Person
  readonly config: Config
}

/**
 * A regular post, or its grave; unread where its text is not shown, as that of a hidden post to those who are not staff.
 * Null: another sort of post, which is no item.
 */
export function postOf(view: View, post: Post, scope: Ref): Item | Tombstone | Unread | null {
  if (post.post_type !== REGULAR) return null
  const place = { scope, ref: String(post.id) }
  if (post.deleted_at || post.user_deleted) return { ...place, gone: 'deleted' }
  const { raw } = post
  if (raw === undefined) return { ...place, unread: true }
  const author = personOf(post)
  return {
    ...place,
    values: { category: scope, topic: String(post.topic_id), raw },
    version: post.updated_at,
    author,
    createdAt: post.created_at,
    editedAt: editedAt(view, post),
    may: mayOf(post),
    ...(isEmptied(view, post) ? { emptied: true } : {}),
  }
}

/** A text stands for what cannot be deleted (a first post lives as long as its topic), or is not to be. */
function isEmptied({ config }: View, { raw }: Post): boolean {
  return raw === stored(config.emptiedText)
}

/** A text as Discourse keeps it: every kind of space but the plain one becomes that. */
export function stored(raw: string): string {
  return raw
    .replaceAll('\0', '')
    .replaceAll(/[\u00a0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/g, ' ')
    .trimEnd()
}

/**
 * The last edit is the engine's own on its own posts, and where the mark of its edits stands.
 * Nothing tells who else it was.
 */
function editedAt(view: View, post: Post): string | undefined {
  const own = post.username?.toLowerCase() === view.actor.ref.toLowerCase()
  if (own || post.updated_at <= post.created_at || post.edit_reason === view.config.editReason) return undefined
  return post.updated_at
}

/** A first post is never deletable by itself, which says nothing about its topic. */
function mayOf(post: Post): May | undefined {
  const locked = post.can_edit === false
  const kept = post.can_delete === false && post.post_number !== FIRST
  if (!locked && !kept) return undefined
  return {
    ...(locked ? { update: [] } : {}),
    ...(kept ? { delete: false } : {}),
    why: 'Discourse does not let this user change this post: it is not staff, or the topic is archived',
  }
}

export function topicOf(topic: Topic): Item | Tombstone {
  const ref = String(topic.id)
  const scope = scopeOf(topic)
  if (topic.deleted_at) return { scope: scope ?? '', ref, gone: 'deleted' }
  if (scope === null) return { scope: '', ref, gone: 'moved' }
  const creator = topic.details?.created_by
  return {
    scope,
    ref,
    values: { category: scope, title: topic.title },
    author: creator ? personOf(creator) : undefined,
    createdAt: topic.created_at,
    key: topic.external_id ?? undefined,
    may: mayOfTopic(topic),
  }
}

/** The flags are left out where they are false, and all of them by answers that tell none. */
function mayOfTopic({ details, closed, archived }: Topic): May | undefined {
  if (details === undefined) return undefined
  const told = details.can_edit || details.can_delete || details.can_create_post
  const locked = told && !details.can_edit
  const shut = (closed || archived) && !details.can_create_post
  if (!locked && !shut) return undefined
  return {
    ...(locked ? { update: [] } : {}),
    ...(shut ? { create: false } : {}),
    why: shut ? 'the topic is closed or archived' : 'Discourse does not let this user change this topic',
  }
}

/** The topic of a first post: its title and category stand in the list of the latest posts. */
export function topicOfPost(post: Post, scope: Ref): Item | null {
  if (post.post_number !== FIRST || post.topic_title === undefined || post.deleted_at || post.user_deleted) return null
  return {
    scope,
    ref: String(post.topic_id),
    values: { category: scope, title: post.topic_title },
    author: personOf(post),
    createdAt: post.created_at,
  }
}

export function topicOfList(topic: ListedTopic, scope: Ref, users: TopicList['users']): Item {
  const creator = users.find((user) => user.id === topic.posters[0]?.user_id)
  return {
    scope,
    ref: String(topic.id),
    values: { category: scope, title: topic.title },
    author: creator === undefined ? undefined : personOf(creator),
    createdAt: topic.created_at,
  }
}

export function categoryOf(category: Category): Item {
  const shut = category.permission === 2 || category.permission === 3
  const locked = category.can_edit === false
  return {
    scope: '',
    ref: String(category.id),
    values: {
      name: category.name,
      ...(category.parent_category_id ? { parent: String(category.parent_category_id) } : {}),
    },
    may:
      shut || locked
        ? {
            ...(locked ? { update: [] } : {}),
            ...(shut ? { create: false } : {}),
            why: 'Discourse does not let this user change this category',
          }
        : undefined,
  }
}

/** The ref of the category of a public topic or post. */
export function scopeOf(item: {
  readonly category_id?: number | null | undefined
  readonly archetype?: string | undefined
}): Ref | null {
  if (item.archetype === 'private_message' || !item.category_id) return null
  return String(item.category_id)
}

export function isFirst(post: Post): boolean {
  return post.post_number === FIRST
}

export function changeOf<T extends Place>(kind: string, item: T): { readonly kind: string } & T {
  return { kind, ...item }
}

export function changesOf(kind: string, items: readonly (Item | Tombstone | Unread | null)[]): readonly Change[] {
  return items.flatMap((item) => (item === null ? [] : [changeOf(kind, item)]))
}

function personOf(user: { readonly username?: string | null | undefined; readonly name?: string | null | undefined }) {
  return user.username ? { ref: user.username, name: user.name || user.username } : undefined
}
