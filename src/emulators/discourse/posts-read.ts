/** Reading single posts and the site's latest ones. */
import { json, type WireResponse } from '../emulator.ts'
import { notFound, plain } from './answers.ts'
import { flag, integer } from './params.ts'
import { canSeeTopic, idAt, type Call } from './site.ts'
import { isStaff, iso, postTypes, type Post } from './state.ts'
import { postView, userOf } from './views-posts.ts'

/** Ids in one window of /posts.json. */
const WINDOW = 50

/** A post that the caller may see; deleted ones and those in deleted topics are for staff. */
export function visiblePost(call: Call, id: number): Post {
  const { reader } = call
  const viewer = call.actor.user
  const post = reader.posts.get(id)
  const topic = post === undefined ? undefined : reader.topics.get(post.topicId)
  const staff = viewer !== null && isStaff(viewer)
  if (post === undefined || topic === undefined) throw notFound()
  if (post.deletedAt !== null && !staff) throw notFound()
  if (post.postType === postTypes.whisper && !staff) throw notFound()
  if (!canSeeTopic(reader, viewer, topic)) throw notFound()
  return post
}

export function showPost(call: Call): WireResponse {
  const post = visiblePost(call, idAt(call))
  return json(200, postView(call.site, call.reader, call.actor.user, post, { raw: true }))
}

export function showPostByNumber(call: Call): WireResponse {
  const number = Number(call.at['number'])
  const found = call.reader.postsOf(idAt(call, 'topic')).find((post) => post.postNumber === number)
  if (found === undefined) throw notFound()
  const post = visiblePost(call, found.id)
  return json(200, postView(call.site, call.reader, call.actor.user, post, { raw: true }))
}

export function rawPost(call: Call): WireResponse {
  return plain(200, visiblePost(call, idAt(call)).raw)
}

export function rawPostByNumber(call: Call): WireResponse {
  const number = Number(call.at['number'])
  const found = call.reader.postsOf(idAt(call, 'topic')).find((post) => post.postNumber === number)
  if (found === undefined) throw notFound()
  return plain(200, visiblePost(call, found.id).raw)
}

export function rawTopic(call: Call): WireResponse {
  const topic = call.reader.topics.get(idAt(call, 'topic'))
  if (topic === undefined || !canSeeTopic(call.reader, call.actor.user, topic)) throw notFound()
  const posts = call.reader.postsOf(topic.id).filter((post) => post.deletedAt === null)
  const parts = posts.map((post) => {
    const at = iso(post.createdAt).slice(0, 19).replace('T', ' ')
    return `${userOf(call.reader, post.userId).username} | ${at} UTC | #${post.postNumber}\n\n${post.raw}`
  })
  return plain(200, parts.map((part) => `${part}\n\n-------------------------\n\n`).join(''))
}

/** The ids from N−49 to N, without what is deleted, private, unlisted or not a plain post: a page may be short or empty. */
export function latestPosts(call: Call): WireResponse {
  const { reader } = call
  const viewer = call.actor.user
  const last = integer(call.params, 'before') ?? call.site.store.lastId('post')
  const found: Post[] = []
  for (let id = last; id > last - WINDOW && id > 0; id -= 1) {
    const post = reader.posts.get(id)
    if (post === undefined || post.deletedAt !== null || post.postType !== postTypes.regular) continue
    const topic = reader.topics.get(post.topicId)
    if (topic === undefined || topic.deletedAt !== null || !topic.visible || topic.archetype !== 'regular') continue
    if (canSeeTopic(reader, viewer, topic)) found.push(post)
  }
  found.sort((a, b) => b.createdAt - a.createdAt || b.id - a.id)
  const views = found.map((post) => postView(call.site, reader, viewer, post, { raw: true, latest: true }))
  return json(200, { latest_posts: views })
}

export function wantsRaw(call: Call): boolean {
  return flag(call.params, 'include_raw')
}
