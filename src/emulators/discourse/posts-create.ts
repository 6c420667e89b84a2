/** POST /posts.json: topics, replies and private messages, with everything that can be said against them. */
import { json, type WireResponse } from '../emulator.ts'
import { frameworkError, invalidAccess, postRefused, Refused, topicGone } from './answers.ts'
import { postEvent, topicEvent } from './events.ts'
import { insertPost, insertTopic } from './insert.ts'
import { flag, integer, list, text, type Params } from './params.ts'
import { canSeeCategory, canSeeTopic, draftSequence, isSilenced, someone, type Call, type Site } from './site.ts'
import { isStaff, iso, postTypes, type Post, type Topic, type User } from './state.ts'
import { stored } from './texts.ts'
import { prettify } from './titles.ts'
import { bodyErrors, externalIdErrors, titleErrors } from './validation.ts'
import { postView } from './views-posts.ts'

const KNOWN = [
  'raw',
  'title',
  'topic_id',
  'archetype',
  'category',
  'target_recipients',
  'target_usernames',
  'reply_to_post_number',
  'auto_track',
  'whisper',
  'tags',
] as const

/** Heard only from API keys. */
const API_ONLY = [
  'created_at',
  'import_mode',
  'skip_validations',
  'external_id',
  'embed_url',
  'no_bump',
  'unlist_topic',
] as const

const MEMO_MS = 120_000

export function createPost(call: Call): WireResponse {
  const user = someone(call)
  const { site } = call
  const api = call.actor.via === 'key'
  const params: Record<string, unknown> = {}
  for (const name of api ? [...KNOWN, ...API_ONLY] : KNOWN)
    if (call.params[name] !== undefined) params[name] = call.params[name]
  if (!api) return json(200, publish(site, user, params))
  // An identical repeat within two minutes gets the first answer, refusals for content included, limits not.
  const key = `${user.id} ${signature(params)}`
  const now = site.ports.now()
  const known = site.memo.get(key)
  if (known !== undefined && known.until > now) return json(known.status, known.body)
  for (const [old, entry] of site.memo) {
    if (entry.until > now) break
    site.memo.delete(old)
  }
  try {
    const body = publish(site, user, params)
    site.memo.set(key, { until: now + MEMO_MS, status: 200, body })
    return json(200, body)
  } catch (error) {
    if (error instanceof Refused && error.response.status === 422)
      site.memo.set(key, { until: now + MEMO_MS, status: 422, body: JSON.parse(String(error.response.body)) })
    throw error
  }
}

/** Blind to the order of keys and to whether a value came as text. */
function signature(params: Params): string {
  const pairs = Object.entries(params).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
  return JSON.stringify(pairs.sort(([a = ''], [b = '']) => (a < b ? -1 : 1)))
}

/** Publishes or holds for review; answers the body of a 200. */
function publish(site: Site, user: User, params: Params): unknown {
  const skip = flag(params, 'skip_validations') || !site.switches.validations
  if (isSilenced(site, user)) throw postRefused([topicGone])
  const topicId = integer(params, 'topic_id')
  const reply = topicId === undefined ? null : replyTarget(site, user, topicId)
  const draft = reply === null ? topicDraft(site, user, params, skip) : null
  const privateMessage = (reply?.archetype ?? draft?.archetype) === 'private_message'
  const raw = stored(text(params, 'raw') ?? '')
  if (!skip) {
    const errors = bodyErrors(raw, {
      settings: site.settings,
      author: user,
      first: reply === null,
      privateMessage,
      repeated: !isStaff(user) && repeats(site, user, raw, privateMessage),
      ownPostsInTopic: reply === null ? null : limitedPosts(site, user, reply),
      consecutive: reply !== null && isConsecutive(site, user, reply),
    })
    if (errors.length > 0) throw postRefused(errors)
  }
  if (needsReview(site, user, skip)) return hold(site, user, params, raw)
  return insert(site, user, params, { reply, draft, raw, privateMessage })
}

function replyTarget(site: Site, user: User, topicId: number): Topic {
  const topic = site.store.topics.get(topicId)
  if (topic === undefined || topic.deletedAt !== null) throw postRefused([topicGone])
  if (!canSeeTopic(site.store, user, topic)) throw postRefused([topicGone])
  if ((topic.closed || topic.archived) && !isStaff(user)) throw postRefused([topicGone])
  return topic
}

interface TopicDraft {
  readonly title: string
  readonly categoryId: number | null
  readonly archetype: Topic['archetype']
  readonly externalId: string | null
  readonly allowedUserIds: readonly number[]
}

function topicDraft(site: Site, user: User, params: Params, skip: boolean): TopicDraft {
  const privateMessage = text(params, 'archetype') === 'private_message'
  const categoryId = privateMessage ? null : categoryFor(site, user, params)
  const sent = text(params, 'title') ?? ''
  const asSent = flag(params, 'skip_validations') || !site.settings.title_prettify
  const title = asSent ? sent : prettify(sent)
  const externalId = text(params, 'external_id') ?? null
  const errors = skip
    ? []
    : titleErrors(title, { settings: site.settings, privateMessage, taken: (it) => titleTaken(site, it, null) })
  if (!skip && !privateMessage && categoryId === null && !site.settings.allow_uncategorized_topics)
    errors.push("Category can't be blank")
  if (externalId !== null) errors.push(...externalIdErrors(externalId, externalIdTaken(site, externalId)))
  if (errors.length > 0) throw postRefused(errors)
  const recipients = [...list(params, 'target_recipients'), ...list(params, 'target_usernames')]
  const allowed = recipients.flatMap((name) => site.store.userNamed(name)?.id ?? [])
  return {
    title,
    categoryId: privateMessage ? null : (categoryId ?? 1),
    archetype: privateMessage ? 'private_message' : 'regular',
    externalId,
    allowedUserIds: privateMessage ? [user.id, ...allowed] : [],
  }
}

function categoryFor(site: Site, user: User, params: Params): number | null {
  const sent = text(params, 'category')
  if (sent === undefined || sent === '') return null
  const category = site.store.categories.get(Number(sent))
  if (category === undefined) throw frameworkError(404)
  if (!canSeeCategory(user, category)) throw invalidAccess()
  return category.id
}

/** Titles are one space for the whole site; deleted topics and private messages do not count. */
export function titleTaken(site: Site, title: string, except: number | null): boolean {
  const wanted = title.toLowerCase()
  for (const topic of site.store.topics.values())
    if (topic.id !== except && topic.deletedAt === null && topic.archetype === 'regular')
      if (topic.title.toLowerCase() === wanted) return true
  return false
}

/** Deleted topics keep theirs. */
function externalIdTaken(site: Site, externalId: string): boolean {
  const wanted = externalId.toLowerCase()
  for (const topic of site.store.topics.values()) if (topic.externalId?.toLowerCase() === wanted) return true
  return false
}

function textKey(user: User, raw: string, privateMessage: boolean): string {
  return `${privateMessage ? 'pm' : 'post'} ${user.id} ${raw}`
}

function repeats(site: Site, user: User, raw: string, privateMessage: boolean): boolean {
  const recent = site.recentTexts.get(textKey(user, raw, privateMessage))
  return site.settings.unique_posts_mins > 0 && recent !== undefined && recent.until > site.ports.now()
}

/** Newcomers may reply only so often in topics of others. */
function limitedPosts(site: Site, user: User, topic: Topic): number | null {
  if (isStaff(user) || user.trustLevel > 0 || topic.userId === user.id || topic.archetype !== 'regular') return null
  return site.store.postsOf(topic.id).filter((post) => post.userId === user.id).length
}

function isConsecutive(site: Site, user: User, topic: Topic): boolean {
  const limit = site.settings.max_consecutive_replies
  if (limit === 0 || isStaff(user) || topic.userId === user.id || topic.archetype !== 'regular') return false
  const live = site.store.postsOf(topic.id).filter((post) => post.deletedAt === null)
  const last = live.slice(-limit)
  return last.length === limit && last.every((post) => post.userId === user.id && post.postType === postTypes.regular)
}

function needsReview(site: Site, user: User, skip: boolean): boolean {
  if (skip || isStaff(user)) return false
  const { approve_post_count: count, approve_unless_trust_level: level } = site.settings
  return (user.trustLevel <= 1 && user.postCount < count) || user.trustLevel < level
}

function hold(site: Site, user: User, params: Params, raw: string): unknown {
  const id = site.pending.size + 1
  const createdAt = site.ports.now()
  site.pending.set(id, { id, user, params, createdAt })
  const count = [...site.pending.values()].filter((one) => one.user.id === user.id).length
  const pending = { id, raw, created_at: iso(createdAt) }
  return { action: 'enqueued', success: true, pending_count: count, pending_post: pending }
}

/** A held post is let through; answers the post's body. */
export function approve(site: Site, pendingId: number): unknown {
  const held = site.pending.get(pendingId)
  if (held === undefined) return null
  site.pending.delete(pendingId)
  const params = { ...held.params, skip_validations: true }
  return publish(site, held.user, params)
}

interface Cleared {
  readonly reply: Topic | null
  readonly draft: TopicDraft | null
  readonly raw: string
  readonly privateMessage: boolean
}

function insert(site: Site, user: User, params: Params, cleared: Cleared): unknown {
  const { store, limits } = site
  const free = flag(params, 'skip_validations')
  const { raw, draft } = cleared
  const createdAt = dateOf(params, site.ports.now())
  const topicId = cleared.reply?.id ?? store.nextId('topic')
  const countTopic = draft === null || free ? null : limits.newTopic(user)
  const postId = store.nextId('post')
  const countPost = free ? null : limits.newPost(user, draft === null)
  countTopic?.()
  countPost?.()
  if (draft !== null) {
    const visible = !(flag(params, 'unlist_topic') && isStaff(user))
    insertTopic(site, { id: topicId, userId: user.id, createdAt, visible, ...draft })
  }
  const whisper = site.settings.enable_whispers && flag(params, 'whisper') && isStaff(user)
  const post = insertPost(site, {
    id: postId,
    topicId,
    userId: user.id,
    raw,
    createdAt,
    postType: whisper ? postTypes.whisper : postTypes.regular,
    replyTo: integer(params, 'reply_to_post_number') ?? null,
  })
  rememberText(site, user, post, cleared.privateMessage)
  if (!flag(params, 'import_mode')) announce(site, post, draft !== null)
  const sequence = draftSequence(site, user, topicId, false)
  return postView(site, store, user, post, { raw: true, draftSequence: sequence })
}

function announce(site: Site, post: Post, asTopic: boolean): void {
  const topic = site.store.topics.get(post.topicId)
  if (asTopic && topic !== undefined) topicEvent(site, 'topic_created', topic)
  postEvent(site, 'post_created', post)
}

function rememberText(site: Site, user: User, post: Post, privateMessage: boolean): void {
  const now = site.ports.now()
  for (const [key, entry] of site.recentTexts) {
    if (entry.until > now) break
    site.recentTexts.delete(key)
  }
  const until = now + site.settings.unique_posts_mins * 60_000
  const key = textKey(user, post.raw, privateMessage)
  site.recentTexts.delete(key)
  site.recentTexts.set(key, { postId: post.id, until })
}

/** `created_at` in UTC unless it says otherwise; rubbish counts as now (measured on 3.1.0.beta4). */
function dateOf(params: Params, now: number): number {
  const sent = text(params, 'created_at')
  if (sent === undefined || !/^\d{4}-\d{2}-\d{2}/.test(sent)) return now
  const zoned = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(sent) || sent.length === 10
  const at = Date.parse(zoned ? sent : `${sent.replace(' ', 'T')}Z`)
  return Number.isNaN(at) ? now : at
}
