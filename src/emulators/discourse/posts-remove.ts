/** Deletion and recovery of posts and topics: always soft, and different for authors and staff. */
import { json, type WireResponse } from '../emulator.ts'
import { invalidAccess, notFound, nothing, tooOld, unprocessable } from './answers.ts'
import { categoryTouched, postEvent, sendPost, topicEvent } from './events.ts'
import { recount } from './insert.ts'
import { canDeletePost, canDeleteTopic, canRecoverPost } from './permissions.ts'
import { keep, revised } from './revise.ts'
import { editTimeExpired, idAt, someone, type Call, type Site } from './site.ts'
import { firstPost, isStaff, type Post, type Topic, type User } from './state.ts'
import { postPayload, postView } from './views-posts.ts'
import { topicPayload } from './views-topics.ts'
import { visiblePost } from './posts-read.ts'

const GONE = { post: '(post deleted by author)', topic: '(topic deleted by author)' } as const

export function deletePost(call: Call): WireResponse {
  const { site } = call
  const user = someone(call)
  const post = visiblePost({ ...call, reader: site.store }, idAt(call))
  if (!canDeletePost(site.store, user, post)) throw invalidAccess()
  if (!isStaff(user)) {
    if (site.switches.ownDeleteTimeLimit && editTimeExpired(site, user, post)) throw tooOld()
    site.limits.remove(user)
  }
  destroy(site, user, post)
  return nothing()
}

export function deleteTopic(call: Call): WireResponse {
  const { site } = call
  const user = someone(call)
  const topic = site.store.topics.get(idAt(call))
  if (topic === undefined) throw notFound()
  const first = firstPost(site.store, topic.id)
  if (first === undefined || !canDeleteTopic(site, user, topic))
    throw unprocessable(["There was an error deleting that topic. Please contact the site's administrator."])
  destroy(site, user, first)
  return nothing()
}

/** By staff the post is hidden with its text; by its author the text gives way to a note, which is an edit. */
function destroy(site: Site, user: User, post: Post): void {
  const topic = site.store.topics.get(post.topicId)
  const whole = post.postNumber === 1 ? topic : undefined
  // The webhooks carry the state before.
  const payload = postPayload(site.store, post)
  const topicBefore = whole === undefined ? null : topicPayload(site.store, whole)
  if (isStaff(user)) {
    trash(site, user, post, whole)
    if (whole !== undefined) categoryTouched(site, whole)
  } else markDeleted(site, user, post, whole)
  sendPost(site, 'post_destroyed', post.topicId, payload)
  if (whole !== undefined) site.hooks.emit('topic', 'topic_destroyed', topicBefore, whole.categoryId)
}

function trash(site: Site, user: User, post: Post, topic: Topic | undefined): void {
  const now = site.ports.now()
  site.store.putPost({ ...post, deletedAt: now, deletedById: user.id })
  recount(site, post.topicId)
  if (topic === undefined) return
  const kept = site.store.topics.get(topic.id) ?? topic
  site.store.topics.put({ ...kept, deletedAt: now, deletedById: user.id })
}

function markDeleted(site: Site, user: User, post: Post, topic: Topic | undefined): void {
  site.limits.edit(user)
  const revision = revised(site, user, post, { raw: topic === undefined ? GONE.post : GONE.topic, force: true })
  keep(site, revision, true)
  // The event of the edit comes before the mark.
  postEvent(site, 'post_edited', revision.post)
  site.store.putPost({ ...revision.post, userDeleted: true })
  site.stubs.delete(post.id)
  site.stubs.set(post.id, site.ports.now() + site.settings.delete_removed_posts_after * 3_600_000)
  const kept = topic === undefined ? undefined : site.store.topics.get(topic.id)
  if (kept !== undefined) site.store.topics.put({ ...kept, closed: true })
}

export function recoverPost(call: Call): WireResponse {
  const { site } = call
  const user = someone(call)
  const post = visiblePost({ ...call, reader: site.store }, idAt(call))
  if (!canRecoverPost(user, post)) throw invalidAccess()
  if (!isStaff(user)) site.limits.remove(user)
  recover(site, user, post)
  const now = site.store.posts.get(post.id) ?? post
  return json(200, postView(site, site.store, user, now, { raw: true }))
}

export function recoverTopic(call: Call): WireResponse {
  const { site } = call
  const user = someone(call)
  const topic = site.store.topics.get(idAt(call))
  const first = topic === undefined ? undefined : firstPost(site.store, topic.id)
  if (topic === undefined || first === undefined) throw notFound()
  if (topic.deletedAt === null || !isStaff(user)) throw invalidAccess()
  recover(site, user, first)
  return nothing()
}

function recover(site: Site, user: User, post: Post): void {
  if (post.deletedAt === null) {
    const raw = post.revisions.at(-1)?.before ?? post.raw
    const revision = revised(site, user, post, { raw, force: true, userDeleted: false })
    keep(site, revision, true)
    postEvent(site, 'post_edited', revision.post)
  } else {
    // An author's own note stays as the text.
    site.store.putPost({ ...post, deletedAt: null, deletedById: null, userDeleted: false })
    recount(site, post.topicId)
  }
  const topic = site.store.topics.get(post.topicId)
  if (topic === undefined) return
  const back = site.store.posts.get(post.id) ?? post
  if (post.postNumber !== 1) {
    if (isStaff(user)) categoryTouched(site, topic)
    postEvent(site, 'post_recovered', back)
    return
  }
  const own = post.userDeleted && post.deletedAt === null
  const opened = { ...topic, deletedAt: null, deletedById: null, closed: own ? false : topic.closed }
  site.store.topics.put(opened)
  topicEvent(site, 'topic_recovered', opened)
  postEvent(site, 'post_recovered', back)
  topicEvent(site, 'topic_recovered', opened)
}

/** What its author deleted goes for good (softly) after a day, by the system. */
export function purgeStubs(site: Site): void {
  const hours = site.settings.delete_removed_posts_after
  const system = site.store.users.get(-1)
  if (system === undefined) return
  for (const [id, due] of site.stubs) {
    if (due > site.ports.now()) break
    site.stubs.delete(id)
    const post = site.store.posts.get(id)
    if (post === undefined || !post.userDeleted || post.deletedAt !== null) continue
    if (post.updatedAt + hours * 3_600_000 > site.ports.now()) continue
    destroy(site, system, post)
  }
}
