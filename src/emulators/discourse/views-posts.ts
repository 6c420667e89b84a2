/** Posts and people as Discourse 3.1.0.beta4 writes them. */
import { canDeletePost, canEditPost, canRecoverPost } from './permissions.ts'
import type { Site } from './site.ts'
import { iso, isoOrNull, isStaff, postTypes, type Post, type Reader, type Topic, type User } from './state.ts'
import { escapeHtml } from './titles.ts'

export type View = Record<string, unknown>

export function avatar(username: string): string {
  return `/letter_avatar_proxy/v4/letter/${username.charAt(0).toLowerCase()}/82dd89/{size}.png`
}

export function basicUser(user: User): View {
  return { id: user.id, username: user.username, name: user.name, avatar_template: avatar(user.username) }
}

/** A person in a list's `users`. */
export function listedUser(user: User): View {
  return {
    ...basicUser(user),
    ...(user.admin ? { admin: true } : {}),
    ...(user.moderator ? { moderator: true } : {}),
    trust_level: user.trustLevel,
  }
}

/** Nobody has a primary group here. */
export const NO_FLAIR: View = {
  primary_group_name: null,
  flair_name: null,
  flair_url: null,
  flair_bg_color: null,
  flair_color: null,
  flair_group_id: null,
}

export function userOf(reader: Reader, id: number): User {
  const user = reader.users.get(id)
  if (user === undefined) throw new Error(`there is no user ${id}`)
  return user
}

export interface PostViewOptions {
  readonly raw: boolean
  /** In a topic's page. */
  readonly inTopic?: boolean
  /** In the list of latest posts. */
  readonly latest?: boolean
  readonly draftSequence?: number
}

/** Stands in the place of a hidden text, and no `raw` beside it. */
const HIDDEN = '<p>This post was flagged by the community and is temporarily hidden.</p>'

export function postView(site: Site, reader: Reader, viewer: User | null, post: Post, options: PostViewOptions): View {
  const author = userOf(reader, post.userId)
  const topic = reader.topics.get(post.topicId)
  const staff = viewer !== null && isStaff(viewer)
  const seesText = !post.hidden || staff || viewer?.id === post.userId
  return {
    ...head(post, author, topic),
    ...(seesText ? {} : { cooked: HIDDEN }),
    readers_count: 0,
    yours: viewer?.id === post.userId,
    ...NO_FLAIR,
    ...(options.latest === true && topic !== undefined
      ? { topic_title: topic.title, topic_html_title: escapeHtml(topic.title), category_id: topic.categoryId }
      : {}),
    can_edit: viewer !== null && canEditPost(site, reader, viewer, post),
    can_delete: viewer !== null && canDeletePost(reader, viewer, post),
    can_recover: viewer !== null && canRecoverPost(viewer, post),
    can_wiki: staff,
    ...(options.inTopic === true && viewer !== null ? { read: false } : {}),
    user_title: null,
    bookmarked: false,
    ...(options.raw && seesText ? { raw: post.raw } : {}),
    actions_summary: actions(viewer, post),
    ...tail(post, author),
    ...(options.draftSequence === undefined ? {} : { draft_sequence: options.draftSequence }),
    ...(post.deletedById === null || !staff ? {} : { deleted_by: basicUser(userOf(reader, post.deletedById)) }),
    can_view_edit_history: true,
    ...(staff
      ? {
          reviewable_id: options.inTopic === true ? 0 : null,
          reviewable_score_count: 0,
          reviewable_score_pending_count: 0,
        }
      : {}),
  }
}

/** As the system user sees it, for webhooks. */
export function postPayload(reader: Reader, post: Post): View {
  const author = userOf(reader, post.userId)
  const topic = reader.topics.get(post.topicId)
  const category = topic?.categoryId == null ? undefined : reader.categories.get(topic.categoryId)
  const live = reader.postsOf(post.topicId).filter((one) => one.deletedAt === null)
  return {
    ...head(post, author, topic),
    topic_title: topic?.title ?? null,
    category_id: topic?.categoryId ?? null,
    primary_group_name: null,
    flair_name: null,
    flair_group_id: null,
    user_title: null,
    bookmarked: false,
    raw: post.raw,
    ...tail(post, author),
    reviewable_id: null,
    reviewable_score_count: 0,
    reviewable_score_pending_count: 0,
    topic_posts_count: topic?.postsCount ?? live.length,
    topic_filtered_posts_count: live.filter((one) => one.postType === postTypes.regular).length,
    topic_archetype: topic?.archetype ?? null,
    ...(category === undefined ? {} : { category_slug: category.slug }),
  }
}

function head(post: Post, author: User, topic: Topic | undefined): View {
  return {
    id: post.id,
    name: author.name,
    username: author.username,
    avatar_template: avatar(author.username),
    created_at: iso(post.createdAt),
    cooked: post.cooked,
    post_number: post.postNumber,
    post_type: post.postType,
    updated_at: iso(post.updatedAt),
    reply_count: 0,
    reply_to_post_number: post.replyTo,
    quote_count: 0,
    incoming_link_count: 0,
    reads: 1,
    score: 0,
    topic_id: post.topicId,
    topic_slug: topic?.slug ?? '',
    display_username: author.name,
    version: post.version,
  }
}

function tail(post: Post, author: User): View {
  return {
    moderator: author.moderator,
    admin: author.admin,
    staff: isStaff(author),
    user_id: post.userId,
    hidden: post.hidden,
    trust_level: author.trustLevel,
    deleted_at: isoOrNull(post.deletedAt),
    user_deleted: post.userDeleted,
    edit_reason: post.editReason,
    wiki: false,
    ...(post.actionCode === null ? {} : { action_code: post.actionCode }),
  }
}

function actions(viewer: User | null, post: Post): View[] {
  if (viewer === null) return []
  const ids = viewer.id === post.userId ? [3, 4, 8, 7] : [2, 3, 4, 8, 6, 7]
  return ids.map((id) => ({ id, can_act: true }))
}
