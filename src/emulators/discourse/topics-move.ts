/** Moves of posts between topics, changes of their owner, and of a topic's date. */
import { json, type WireResponse } from '../emulator.ts'
import { invalidAccess, notFound, unprocessable } from './answers.ts'
import { postEvent } from './events.ts'
import { insertPost, insertTopic, recount, smallAction } from './insert.ts'
import { integer, integers, text } from './params.ts'
import { titleTaken } from './posts-create.ts'
import { keep, revised } from './revise.ts'
import { idAt, staff, type Call, type Site } from './site.ts'
import { firstPost, postTypes, type Post, type Topic, type User } from './state.ts'
import { prettify } from './titles.ts'
import { changeStatus } from './topics-edit.ts'
import { titleErrors } from './validation.ts'

/** POST /t/{id}/move-posts.json. */
export function movePosts(call: Call): WireResponse {
  const { site } = call
  const user = staff(call)
  const origin = site.store.topics.get(idAt(call))
  if (origin === undefined) throw notFound()
  const ids = integers(call.params, 'post_ids')
  const posts = site.store.postsOf(origin.id).filter((post) => ids.includes(post.id))
  const first = posts[0]
  if (first === undefined) throw invalidAccess()
  const wanted = integer(call.params, 'destination_topic_id')
  const target = wanted === undefined ? newTopicFor(call, first) : site.store.topics.get(wanted)
  if (target === undefined || target.deletedAt !== null) throw notFound()
  const regular = site.store.postsOf(origin.id).filter(isPlain)
  const whole = regular.every((post) => ids.includes(post.id))
  const landed = posts.map((post) => move(site, post, target))
  recount(site, origin.id)
  recount(site, target.id)
  noteMove(site, user, { origin, target, posts, landedAt: landed[0] ?? 1, split: wanted === undefined })
  const emptied = site.store.topics.get(origin.id)
  if (whole && emptied !== undefined) changeStatus(site, user, emptied, 'closed', true)
  return json(200, { success: true, url: `/t/${target.slug}/${target.id}` })
}

function isPlain(post: Post): boolean {
  return post.deletedAt === null && post.postType === postTypes.regular
}

/** A topic which starts with a moved post sends no event of its own. */
function newTopicFor(call: Call, first: Post): Topic {
  const { site } = call
  const title = prettify(text(call.params, 'title') ?? '')
  const errors = titleErrors(title, {
    settings: site.settings,
    privateMessage: false,
    taken: (it) => titleTaken(site, it, null),
  })
  if (errors.length > 0) throw unprocessable(errors)
  const categoryId = integer(call.params, 'category_id') ?? site.store.topics.get(first.topicId)?.categoryId ?? 1
  const createdAt = first.createdAt
  return insertTopic(site, { id: site.store.nextId('topic'), title, userId: first.userId, categoryId, createdAt })
}

/** A reply keeps its id; a first post stays where it is and is copied to a new one. Answers its new number. */
function move(site: Site, post: Post, target: Topic): number {
  const { store } = site
  const number = (store.postsOf(target.id).at(-1)?.postNumber ?? 0) + 1
  if (post.postNumber === 1) {
    const { userId, raw, createdAt } = post
    const copy = insertPost(site, { id: store.nextId('post'), topicId: target.id, userId, raw, createdAt, bump: false })
    postEvent(site, 'post_created', copy)
  } else store.putPost({ ...post, topicId: target.id, postNumber: number, replyTo: null, updatedAt: site.ports.now() })
  return number
}

interface Move {
  readonly origin: Topic
  readonly target: Topic
  readonly posts: readonly Post[]
  readonly landedAt: number
  readonly split: boolean
}

/** The note stands where the first moved reply stood. */
function noteMove(site: Site, user: User, { origin, target, posts, landedAt, split }: Move): void {
  const count = posts.length === 1 ? 'A post was' : `${posts.length} posts were`
  const where = split ? 'split to a new topic' : 'merged into an existing topic'
  const number = split || posts[0]?.postNumber === 1 ? '' : `/${landedAt}`
  const raw = `${count} ${where}: [${target.title}](/t/${target.slug}/${target.id}${number})`
  const place = posts.find((post) => post.postNumber > 1)?.postNumber
  const note = smallAction(site, origin.id, user.id, 'split_topic', {
    raw,
    ...(place === undefined ? {} : { postNumber: place }),
  })
  postEvent(site, 'post_created', note)
}

export function changeOwner(call: Call): WireResponse {
  const { site } = call
  const user = staff(call)
  const owner = site.store.userNamed(text(call.params, 'username') ?? '')
  const ids = integers(call.params, 'post_ids')
  const posts = site.store.postsOf(idAt(call)).filter((post) => ids.includes(post.id))
  if (owner === undefined || posts.length === 0) throw invalidAccess()
  for (const post of posts) {
    const revision = revised(site, user, { ...post, userId: owner.id }, { force: true })
    keep(site, revision, false)
    const topic = site.store.topics.get(post.topicId)
    if (post.postNumber === 1 && topic !== undefined) site.store.topics.put({ ...topic, userId: owner.id })
    postEvent(site, 'post_edited', revision.post)
  }
  recount(site, idAt(call))
  return json(200, { success: 'OK' })
}

/** Shifts all posts by as much as the first; no webhook. */
export function changeTimestamp(call: Call): WireResponse {
  const { site } = call
  staff(call)
  const topic = site.store.topics.get(idAt(call))
  const first = topic === undefined ? undefined : firstPost(site.store, topic.id)
  if (topic === undefined || first === undefined) throw notFound()
  const seconds = Number(text(call.params, 'timestamp'))
  if (!Number.isFinite(seconds)) throw invalidAccess()
  const shift = seconds * 1000 - first.createdAt
  const now = site.ports.now()
  // Dates which would lie ahead become now.
  const moved = site.store
    .postsOf(topic.id)
    .map((post) => ({ ...post, createdAt: Math.min(post.createdAt + shift, now) }))
  for (const post of moved) site.store.putPost({ ...post, updatedAt: now })
  const last = Math.max(...moved.map((post) => post.createdAt))
  site.store.topics.put({ ...topic, createdAt: seconds * 1000, bumpedAt: last, lastPostedAt: last })
  return json(200, { success: 'OK' })
}
