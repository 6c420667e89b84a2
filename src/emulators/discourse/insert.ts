/** Puts posts and topics into the forum once nothing speaks against them. */
import type { Site } from './site.ts'
import { firstPost, postTypes, type Post, type Topic } from './state.ts'
import { cook } from './texts.ts'
import { topicSlug } from './titles.ts'

export interface NewPost {
  readonly id: number
  readonly topicId: number
  readonly userId: number
  readonly raw: string
  readonly createdAt: number
  readonly postType?: number
  readonly actionCode?: string
  readonly replyTo?: number | null
  /** Absent: after the topic's last one, deleted ones included. */
  readonly postNumber?: number
  /** Whether the topic moves to the post's date. */
  readonly bump?: boolean
}

export function insertPost(site: Site, fields: NewPost): Post {
  const { store } = site
  const now = site.ports.now()
  const type = fields.postType ?? postTypes.regular
  const number = fields.postNumber ?? (store.postsOf(fields.topicId).at(-1)?.postNumber ?? 0) + 1
  const post: Post = {
    id: fields.id,
    topicId: fields.topicId,
    userId: fields.userId,
    postNumber: number,
    postType: type,
    actionCode: fields.actionCode ?? null,
    replyTo: fields.replyTo ?? null,
    raw: fields.raw,
    cooked: cook(fields.raw),
    createdAt: fields.createdAt,
    updatedAt: now,
    version: 1,
    lastVersionAt: fields.createdAt,
    lastVersionRaw: fields.raw,
    lastEditorId: fields.userId,
    editReason: null,
    userDeleted: false,
    hidden: false,
    deletedAt: null,
    deletedById: null,
    revisions: [],
  }
  store.putPost(post)
  const topic = store.topics.get(post.topicId)
  // A whisper leaves the topic's own figures as they are.
  if (topic !== undefined && type !== postTypes.whisper)
    store.topics.put({
      ...topic,
      postsCount: topic.postsCount + 1,
      highestPostNumber: Math.max(topic.highestPostNumber, number),
      lastPostedAt: topic.definition ? null : post.createdAt,
      lastPosterId: post.userId,
      // Back-dated replies move it back (measured on 3.1.0.beta4).
      bumpedAt: (fields.bump ?? type === postTypes.regular) ? post.createdAt : topic.bumpedAt,
    })
  const author = store.users.get(post.userId)
  if (author !== undefined && type === postTypes.regular)
    store.putUser({ ...author, firstPostAt: author.firstPostAt ?? post.createdAt, postCount: author.postCount + 1 })
  return post
}

export interface NewTopic {
  readonly id: number
  readonly title: string
  readonly userId: number
  readonly categoryId: number | null
  readonly createdAt: number
  readonly externalId?: string | null
  readonly allowedUserIds?: readonly number[]
  readonly definition?: boolean
  readonly pinned?: Topic['pinned']
  readonly visible?: boolean
}

export function insertTopic(site: Site, fields: NewTopic): Topic {
  const topic: Topic = {
    id: fields.id,
    title: fields.title,
    slug: topicSlug(fields.title),
    userId: fields.userId,
    categoryId: fields.categoryId,
    archetype: fields.categoryId === null ? 'private_message' : 'regular',
    allowedUserIds: fields.allowedUserIds ?? [],
    externalId: fields.externalId ?? null,
    createdAt: fields.createdAt,
    bumpedAt: fields.createdAt,
    lastPostedAt: null,
    lastPosterId: fields.userId,
    postsCount: 0,
    highestPostNumber: 0,
    closed: false,
    archived: false,
    visible: fields.visible ?? true,
    pinned: fields.pinned ?? 'no',
    deletedAt: null,
    deletedById: null,
    definition: fields.definition ?? false,
  }
  site.store.topics.put(topic)
  return topic
}

/** A staff member's note in a topic: closed, moved and the like. */
export function smallAction(
  site: Site,
  topicId: number,
  userId: number,
  actionCode: string,
  extra: { readonly raw?: string; readonly postNumber?: number; readonly bump?: boolean } = {},
): Post {
  return insertPost(site, {
    id: site.store.nextId('post'),
    topicId,
    userId,
    createdAt: site.ports.now(),
    postType: postTypes.smallAction,
    actionCode,
    raw: extra.raw ?? '',
    bump: extra.bump ?? false,
    ...(extra.postNumber === undefined ? {} : { postNumber: extra.postNumber }),
  })
}

/** Counts a topic's posts anew after some were deleted, recovered or moved. */
export function recount(site: Site, topicId: number): void {
  const topic = site.store.topics.get(topicId)
  if (topic === undefined) return
  const counted = site.store
    .postsOf(topicId)
    .filter((post) => post.deletedAt === null && post.postType !== postTypes.whisper)
  const dated = counted.filter((post) => post.postType !== postTypes.smallAction)
  site.store.topics.put({
    ...topic,
    postsCount: counted.length,
    highestPostNumber: counted.at(-1)?.postNumber ?? firstPost(site.store, topicId)?.postNumber ?? 0,
    lastPostedAt:
      dated.length === 0 || topic.definition ? topic.lastPostedAt : Math.max(...dated.map((post) => post.createdAt)),
    lastPosterId: dated.at(-1)?.userId ?? topic.userId,
  })
}
