/** A topic's title, category and status. */
import { json, type WireResponse } from '../emulator.ts'
import { invalidAccess, notFound, unprocessable } from './answers.ts'
import { postEvent, topicEvent } from './events.ts'
import { smallAction } from './insert.ts'
import { flag, integer, text } from './params.ts'
import { canEditTopic } from './permissions.ts'
import { titleTaken } from './posts-create.ts'
import { keep, revised } from './revise.ts'
import { canSeeCategory, canSeeTopic, idAt, someone, staff, type Call, type Site } from './site.ts'
import { firstPost, type Post, type Topic, type User } from './state.ts'
import { fancyTitle, prettify, topicSlug } from './titles.ts'
import { titleErrors } from './validation.ts'

export interface TopicChange {
  readonly title?: string
  readonly categoryId?: number
}

/**
 * Gives the topic of a first post another title or category and sends `topic_edited`, twice for a category.
 * `before` runs once nothing speaks against the change. Answers whether anything changed.
 */
export function changeTopic(site: Site, editor: User, first: Post, change: TopicChange, before: () => void): boolean {
  const topic = site.store.topics.get(first.topicId)
  if (topic === undefined) return false
  const title = change.title === undefined ? topic.title : titleFor(site, topic, change.title)
  const categoryId = change.categoryId ?? topic.categoryId
  before()
  if (title === topic.title && categoryId === topic.categoryId) return false
  const current = site.store.posts.get(first.id) ?? first
  const revision = revised(site, editor, current, {})
  keep(site, revision, true)
  const kept = site.store.topics.get(topic.id) ?? topic
  const next: Topic = { ...kept, title, slug: topicSlug(title), categoryId }
  site.store.topics.put(next)
  topicEvent(site, 'topic_edited', next)
  if (categoryId !== topic.categoryId) topicEvent(site, 'topic_edited', next)
  return true
}

function titleFor(site: Site, topic: Topic, sent: string): string {
  const title = site.settings.title_prettify ? prettify(sent) : sent
  if (title === topic.title || !site.switches.validations) return title
  const errors = titleErrors(title, {
    settings: site.settings,
    privateMessage: topic.archetype === 'private_message',
    taken: (it) => titleTaken(site, it, topic.id),
  })
  if (errors.length > 0) throw unprocessable(errors)
  return title
}

/** PUT /t/-/{id}.json: parameters at the top only; nested in `topic` they are not seen and the answer is 200 all the same. */
export function editTopic(call: Call): WireResponse {
  const { site } = call
  const user = someone(call)
  const topic = site.store.topics.get(idAt(call))
  if (topic === undefined || !canSeeTopic(site.store, user, topic)) throw notFound()
  const first = firstPost(site.store, topic.id)
  if (first === undefined || !canEditTopic(site, user, topic, first)) throw invalidAccess()
  const categoryId = integer(call.params, 'category_id')
  if (categoryId !== undefined && categoryId !== topic.categoryId) {
    const category = site.store.categories.get(categoryId)
    if (category === undefined) throw unprocessable(['Category not found!'])
    if (!canSeeCategory(user, category)) throw invalidAccess()
  }
  const title = text(call.params, 'title')
  const change = { ...(title === undefined ? {} : { title }), ...(categoryId === undefined ? {} : { categoryId }) }
  changeTopic(site, user, first, change, () => undefined)
  const now = site.store.topics.get(topic.id) ?? topic
  return json(200, {
    basic_topic: {
      id: now.id,
      title: now.title,
      fancy_title: fancyTitle(now.title),
      slug: now.slug,
      posts_count: now.postsCount,
    },
  })
}

const STATUSES = ['closed', 'archived', 'visible', 'pinned', 'pinned_globally'] as const

export function setStatus(call: Call): WireResponse {
  const user = staff(call)
  const topic = call.site.store.topics.get(idAt(call))
  if (topic === undefined) throw notFound()
  const wanted = text(call.params, 'status')
  const status = STATUSES.find((one) => one === wanted)
  if (status === undefined) throw invalidAccess()
  changeStatus(call.site, user, topic, status, flag(call.params, 'enabled'))
  return json(200, { success: 'OK', topic_status_update: null })
}

/** A small action and the topic's event, unless nothing changes; opening bumps. */
export function changeStatus(
  site: Site,
  user: User,
  topic: Topic,
  status: (typeof STATUSES)[number],
  enabled: boolean,
): void {
  const next = withStatus(topic, status, enabled)
  if (next === null) return
  site.store.topics.put(next)
  const action = smallAction(site, topic.id, user.id, `${status}.${enabled ? 'enabled' : 'disabled'}`, {
    bump: status === 'closed' && !enabled,
  })
  const kept = site.store.topics.get(topic.id) ?? next
  topicEvent(site, `topic_${status}_status_updated`, kept)
  postEvent(site, 'post_created', action)
}

function withStatus(topic: Topic, status: (typeof STATUSES)[number], enabled: boolean): Topic | null {
  switch (status) {
    case 'closed':
    case 'archived':
    case 'visible':
      return topic[status] === enabled ? null : { ...topic, [status]: enabled }
    case 'pinned':
    case 'pinned_globally': {
      const pinned = !enabled ? 'no' : status === 'pinned' ? 'category' : 'globally'
      return topic.pinned === pinned ? null : { ...topic, pinned }
    }
  }
}
