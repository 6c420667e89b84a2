/** Topics in pages, in lists and in webhooks, as Discourse 3.1.0.beta4 writes them. */
import type { Site } from './site.ts'
import {
  firstPost,
  iso,
  isoOrNull,
  isStaff,
  postTypes,
  type Post,
  type Reader,
  type Topic,
  type User,
} from './state.ts'
import { wordCount } from './texts.ts'
import { fancyTitle } from './titles.ts'
import { basicUser, listedUser, NO_FLAIR, postView, userOf, type View } from './views-posts.ts'

/** Posts on a page of a topic. */
export const CHUNK = 20

export interface TopicPage {
  readonly stream: readonly Post[]
  readonly shown: readonly Post[]
  /** Posts left out of the stream which the viewer may see. */
  readonly hidden: readonly Post[]
  readonly raw: boolean
}

/** The posts which make up a topic for someone. */
export function streamOf(reader: Reader, viewer: User | null, topicId: number, showDeleted: boolean): Post[] {
  const staff = viewer !== null && isStaff(viewer)
  return reader.postsOf(topicId).filter((post) => {
    if (post.postType === postTypes.whisper && !staff) return false
    if (post.deletedAt === null) return true
    return staff && (showDeleted || post.postNumber === 1)
  })
}

export function topicPage(site: Site, reader: Reader, viewer: User | null, topic: Topic, page: TopicPage): View {
  const staff = viewer !== null && isStaff(viewer)
  const posts = page.shown.map((post) => postView(site, reader, viewer, post, { raw: page.raw, inTopic: true }))
  const gaps = gapsOf(page.stream, page.hidden)
  return {
    post_stream: { posts, ...streamJson(site, page), ...(gaps === null ? {} : { gaps }) },
    timeline_lookup: [[1, 0]],
    suggested_topics: [],
    tags_descriptions: {},
    fancy_title: fancyTitle(topic.title),
    ...common(reader, topic),
    views: 0,
    thumbnails: null,
    has_summary: false,
    image_url: null,
    slow_mode_seconds: 0,
    draft: null,
    draft_key: `topic_${topic.id}`,
    draft_sequence: viewer === null ? null : (site.drafts.get(`${viewer.id} ${topic.id}`) ?? 0),
    current_post_number: page.shown[0]?.postNumber ?? 1,
    deleted_by: topic.deletedById === null ? null : basicUser(userOf(reader, topic.deletedById)),
    ...(staff ? { has_deleted: page.hidden.length > 0 } : {}),
    actions_summary: [4, 8, 7].map((id) => ({ id, count: 0, hidden: false, can_act: viewer !== null })),
    chunk_size: CHUNK,
    bookmarked: false,
    bookmarks: [],
    topic_timer: null,
    message_bus_last_id: 0,
    show_read_indicator: false,
    slow_mode_enabled_until: null,
    details: details(reader, viewer, topic),
  }
}

/** From so many posts on their ids are not told, but that of the last one. */
function streamJson(site: Site, { stream }: TopicPage): View {
  const ids = stream.map((post) => post.id)
  return ids.length < site.switches.megaTopicPosts ? { stream: ids } : { isMegaTopic: true, lastId: ids.at(-1) ?? null }
}

/** As the system user sees it, for webhooks: without any post's text and without `external_id`. */
export function topicPayload(reader: Reader, topic: Topic): View {
  const deleted = reader.postsOf(topic.id).some((post) => post.deletedAt !== null)
  return {
    tags_descriptions: {},
    fancy_title: fancyTitle(topic.title),
    ...common(reader, topic),
    views: 0,
    deleted_by: topic.deletedById === null ? null : basicUser(userOf(reader, topic.deletedById)),
    has_deleted: deleted,
    bookmarked: false,
    ...(topic.archetype === 'private_message' ? { message_archived: false } : {}),
    thumbnails: null,
    created_by: basicUser(userOf(reader, topic.userId)),
    last_poster: basicUser(userOf(reader, topic.lastPosterId)),
  }
}

function common(reader: Reader, topic: Topic): View {
  const live = reader.postsOf(topic.id).filter((post) => post.deletedAt === null)
  const authors = new Set(live.filter((post) => post.postType === postTypes.regular).map((post) => post.userId))
  return {
    tags: [],
    id: topic.id,
    title: topic.title,
    posts_count: topic.postsCount,
    created_at: iso(topic.createdAt),
    reply_count: 0,
    like_count: 0,
    last_posted_at: isoOrNull(topic.lastPostedAt),
    visible: topic.visible,
    closed: topic.closed,
    archived: topic.archived,
    archetype: topic.archetype,
    slug: topic.slug,
    category_id: topic.categoryId,
    word_count: live.reduce((sum, post) => sum + wordCount(post.raw), 0),
    deleted_at: isoOrNull(topic.deletedAt),
    user_id: topic.userId,
    featured_link: null,
    pinned_globally: topic.pinned === 'globally',
    pinned_at: topic.pinned === 'no' ? null : iso(topic.createdAt),
    pinned_until: null,
    unpinned: null,
    pinned: topic.pinned !== 'no',
    highest_post_number: topic.highestPostNumber,
    participant_count: authors.size,
  }
}

function gapsOf(stream: readonly Post[], hidden: readonly Post[]): View | null {
  if (hidden.length === 0) return null
  const before: Record<string, number[]> = {}
  const after: Record<string, number[]> = {}
  for (const post of hidden) {
    const next = stream.find((one) => one.postNumber > post.postNumber)
    const last = stream.at(-1)
    if (next !== undefined) (before[next.id] ??= []).push(post.id)
    else if (last !== undefined) (after[last.id] ??= []).push(post.id)
  }
  return { before, after }
}

const STAFF_POWERS = [
  'can_edit',
  'can_move_posts',
  'can_delete',
  'can_remove_allowed_users',
  'can_convert_topic',
  'can_review_topic',
  'can_close_topic',
  'can_archive_topic',
  'can_split_merge_topic',
  'can_edit_staff_notes',
  'can_toggle_topic_visibility',
  'can_pin_unpin_topic',
  'can_moderate_category',
]

function details(reader: Reader, viewer: User | null, topic: Topic): View {
  const counts = new Map<number, number>()
  for (const post of reader.postsOf(topic.id))
    if (post.deletedAt === null && post.postType === postTypes.regular)
      counts.set(post.userId, (counts.get(post.userId) ?? 0) + 1)
  const staff = viewer !== null && isStaff(viewer)
  const powers: View = {}
  if (staff) for (const power of STAFF_POWERS) powers[power] = true
  else if (viewer?.id === topic.userId) powers['can_edit'] = true
  if (viewer !== null && (staff || (!topic.closed && !topic.archived))) powers['can_create_post'] = true
  if (viewer !== null) {
    for (const power of ['can_invite_to', 'can_invite_via_email', 'can_reply_as_new_topic', 'can_flag_topic'])
      powers[power] = true
    powers['can_remove_self_id'] = viewer.id
  }
  return {
    ...powers,
    notification_level: 1,
    participants: [...counts]
      .sort((a, b) => b[1] - a[1] || a[0] - b[0])
      .map(([id, count]) => ({ ...listedUser(userOf(reader, id)), ...NO_FLAIR, post_count: count })),
    created_by: basicUser(userOf(reader, topic.userId)),
    last_poster: basicUser(userOf(reader, topic.lastPosterId)),
  }
}

/** A topic in a list. */
export function listedTopic(reader: Reader, topic: Topic): View {
  const pinned = topic.definition ? null : (firstPost(reader, topic.id)?.raw.slice(0, 220) ?? null)
  const excerpt = topic.pinned === 'no' ? {} : { excerpt: pinned }
  return {
    id: topic.id,
    title: topic.title,
    fancy_title: fancyTitle(topic.title),
    slug: topic.slug,
    posts_count: topic.postsCount,
    reply_count: 0,
    highest_post_number: topic.highestPostNumber,
    image_url: null,
    created_at: iso(topic.createdAt),
    last_posted_at: isoOrNull(topic.lastPostedAt),
    bumped: topic.bumpedAt > topic.createdAt,
    bumped_at: iso(topic.bumpedAt),
    archetype: topic.archetype,
    unseen: false,
    pinned: topic.pinned !== 'no',
    unpinned: null,
    ...excerpt,
    visible: topic.visible,
    closed: topic.closed,
    archived: topic.archived,
    bookmarked: null,
    liked: null,
    tags: [],
    views: 0,
    like_count: 0,
    has_summary: false,
    last_poster_username: userOf(reader, topic.lastPosterId).username,
    category_id: topic.categoryId,
    pinned_globally: topic.pinned === 'globally',
    featured_link: null,
    posters: posters(reader, topic),
  }
}

/** At most five: who started it, the busiest others, and who posted last. */
export function posterIds(reader: Reader, topic: Topic): number[] {
  const counts = new Map<number, number>()
  for (const post of reader.postsOf(topic.id))
    if (post.deletedAt === null && post.postType === postTypes.regular)
      counts.set(post.userId, (counts.get(post.userId) ?? 0) + 1)
  const ends = [topic.userId, topic.lastPosterId]
  const others = [...counts].filter(([id]) => !ends.includes(id)).sort((a, b) => b[1] - a[1] || a[0] - b[0])
  return [...new Set([topic.userId, ...others.slice(0, 3).map(([id]) => id), topic.lastPosterId])]
}

function posters(reader: Reader, topic: Topic): View[] {
  return posterIds(reader, topic).map((id) => {
    const roles: string[] = []
    if (id === topic.userId) roles.push('Original Poster')
    if (id === topic.lastPosterId) roles.push('Most Recent Poster')
    const single = topic.userId === topic.lastPosterId ? 'latest single' : 'latest'
    return {
      extras: id === topic.lastPosterId ? single : null,
      description: roles.length === 0 ? 'Frequent Poster' : roles.join(', '),
      user_id: id,
      primary_group_id: null,
    }
  })
}
