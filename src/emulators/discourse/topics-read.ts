/** Topic pages, posts by id, and lists of topics. */
import { json, type WireResponse } from '../emulator.ts'
import { notFound, pageNotFound, redirect } from './answers.ts'
import { flag, integer, integers, text } from './params.ts'
import { wantsRaw } from './posts-read.ts'
import { canSeeTopic, idAt, type Call } from './site.ts'
import { isStaff, type Category, type Topic } from './state.ts'
import { listedUser, postView, userOf } from './views-posts.ts'
import { CHUNK, listedTopic, posterIds, streamOf, topicPage } from './views-topics.ts'

const PER_PAGE = 30

export function showTopic(call: Call): WireResponse {
  const { reader, site } = call
  const viewer = call.actor.user
  const topic = reader.topics.get(idAt(call))
  if (topic === undefined || !canSeeTopic(reader, viewer, topic)) throw pageNotFound()
  const slug = call.at['slug']
  const near = call.at['number']
  const json200 = call.path.endsWith('.json') || (call.request.headers['accept'] ?? '').includes('json')
  const suffix = call.path.endsWith('.json') ? '.json' : ''
  if ((slug !== undefined && slug !== topic.slug && slug !== '-') || !json200)
    return redirect(`${hostOf(call)}/t/${topic.slug}/${topic.id}${near === undefined ? '' : `/${near}`}${suffix}`)
  const showDeleted = flag(call.params, 'show_deleted')
  const stream = streamOf(reader, viewer, topic.id, showDeleted)
  const all = viewer !== null && isStaff(viewer) ? streamOf(reader, viewer, topic.id, true) : stream
  const hidden = all.filter((post) => !stream.some((one) => one.id === post.id))
  const page = pageOf(call, near, stream)
  const first = (page - 1) * CHUNK
  const shown = flag(call.params, 'print') ? stream : stream.slice(first, first + CHUNK)
  if (shown.length === 0 && page > 1) throw pageNotFound()
  return json(200, topicPage(site, reader, viewer, topic, { stream, shown, hidden, raw: wantsRaw(call) }))
}

function pageOf(call: Call, near: string | undefined, stream: readonly { readonly postNumber: number }[]): number {
  if (near === undefined) return Math.max(integer(call.params, 'page') ?? 1, 1)
  const index = stream.findIndex((post) => post.postNumber >= Number(near))
  // Past the end it is the nearest post that counts.
  return Math.floor(Math.max(index < 0 ? stream.length - 1 : index, 0) / CHUNK) + 1
}

/** Ids which it will not show are left out; without ids the first page. */
export function topicPosts(call: Call): WireResponse {
  const { reader, site } = call
  const viewer = call.actor.user
  const topic = reader.topics.get(idAt(call))
  if (topic === undefined || !canSeeTopic(reader, viewer, topic)) throw notFound()
  const stream = streamOf(reader, viewer, topic.id, true)
  const wanted = new Set(integers(call.params, 'post_ids'))
  const shown = wanted.size === 0 ? stream.slice(0, CHUNK) : stream.filter((post) => wanted.has(post.id))
  const options = { raw: wantsRaw(call), inTopic: true }
  const posts = shown.map((post) => postView(site, reader, viewer, post, options))
  return json(200, { post_stream: { posts }, id: topic.id })
}

/** In the exact case only, and not for deleted topics although their id stays taken. */
export function topicByExternalId(call: Call): WireResponse {
  const wanted = call.at['external']
  for (const topic of call.reader.topics.values()) {
    if (topic.externalId !== wanted || topic.deletedAt !== null) continue
    if (!canSeeTopic(call.reader, call.actor.user, topic)) continue
    return redirect(`${hostOf(call)}/t/${topic.slug}/${topic.id}.json`)
  }
  throw notFound()
}

export function latest(call: Call): WireResponse {
  return listTopics(call, null)
}

export function categoryLatest(call: Call): WireResponse {
  const category = call.reader.categories.get(idAt(call))
  if (category === undefined) throw notFound()
  if (!canSeeCategoryList(call, category)) throw notFound()
  const slug = call.at['slug']
  const wanted = category.slug === '' ? `${category.id}-category` : category.slug
  const parent = category.parentId === null ? undefined : call.reader.categories.get(category.parentId)
  const full = parent === undefined ? wanted : `${parent.slug}/${wanted}`
  if (slug === undefined) return redirect(`${hostOf(call)}/c/${full}/${category.id}/l/latest.json`)
  return listTopics(call, category)
}

function canSeeCategoryList(call: Call, category: Category): boolean {
  const viewer = call.actor.user
  return !category.readRestricted || (viewer !== null && isStaff(viewer))
}

function listTopics(call: Call, category: Category | null): WireResponse {
  const { reader } = call
  const viewer = call.actor.user
  const topics = sorted(
    call,
    category,
    [...reader.topics.values()].filter((topic) => listed(call, category, topic)),
  )
  const page = Math.max(integer(call.params, 'page') ?? 0, 0)
  const shown = topics.slice(page * PER_PAGE, (page + 1) * PER_PAGE)
  const people = [...new Set(shown.flatMap((topic) => posterIds(reader, topic)))]
  const where = category === null ? '/latest?no_definitions=true&' : `/c/${category.slug}/${category.id}/l/latest?`
  const more = topics.length > (page + 1) * PER_PAGE ? { more_topics_url: `${where}page=${page + 1}` } : {}
  return json(200, {
    ...(shown.length === 0 ? {} : { users: people.map((id) => listedUser(userOf(reader, id))) }),
    topic_list: {
      can_create_topic: viewer !== null,
      ...more,
      per_page: PER_PAGE,
      top_tags: [],
      topics: shown.map((topic) => listedTopic(reader, topic)),
    },
  })
}

function listed(call: Call, category: Category | null, topic: Topic): boolean {
  const viewer = call.actor.user
  const staff = viewer !== null && isStaff(viewer)
  const deleted = text(call.params, 'status') === 'deleted' && staff
  if ((topic.deletedAt !== null) !== deleted) return false
  if (topic.archetype !== 'regular' || (!topic.visible && !staff)) return false
  if (!canSeeTopic(call.reader, viewer, topic)) return false
  const ids = integers(call.params, 'topic_ids')
  if (ids.length > 0 && !ids.includes(topic.id)) return false
  if (category === null) return !topic.definition || ids.length > 0
  if (topic.categoryId === category.id) return true
  const inside = topic.categoryId === null ? undefined : call.reader.categories.get(topic.categoryId)
  return inside?.parentId === category.id && !topic.definition
}

function sorted(call: Call, category: Category | null, topics: Topic[]): Topic[] {
  const rising = flag(call.params, 'ascending') ? 1 : -1
  if (text(call.params, 'order') === 'created')
    return topics.sort((a, b) => rising * (a.createdAt - b.createdAt || a.id - b.id))
  const rank = (topic: Topic): number =>
    topic.pinned === 'globally' || (category !== null && topic.pinned === 'category') ? 1 : 0
  return topics.sort((a, b) => rank(b) - rank(a) || b.bumpedAt - a.bumpedAt || b.id - a.id)
}

/** Redirects stay at the host which was asked. */
function hostOf(call: Call): string {
  const { host } = call.request.headers
  return host === undefined ? call.site.baseUrl : `http://${host}`
}
