/** What a person may do to a post or a topic, as measured on Discourse 3.1.0.beta4. */
import { editTimeExpired, isSilenced, type Site } from './site.ts'
import { isStaff, type Post, type Reader, type Topic, type User } from './state.ts'

export function canEditPost(site: Site, reader: Reader, user: User, post: Post): boolean {
  if (isStaff(user)) return true
  const topic = reader.topics.get(post.topicId)
  if (topic?.archived === true || post.userDeleted || post.deletedAt !== null) return false
  if (post.userId !== user.id || isSilenced(site, user)) return false
  return !editTimeExpired(site, user, post)
}

/** First posts go with their topics only. */
export function canDeletePost(reader: Reader, user: User, post: Post): boolean {
  if (post.postNumber === 1) return false
  if (isStaff(user)) return true
  const topic = reader.topics.get(post.topicId)
  return topic?.archived !== true && post.userId === user.id && !post.userDeleted
}

export function canRecoverPost(user: User, post: Post): boolean {
  if (isStaff(user)) return post.deletedAt !== null
  return post.userId === user.id && post.userDeleted && post.deletedAt === null
}

export function canEditTopic(site: Site, user: User, topic: Topic, first: Post | undefined): boolean {
  if (isStaff(user)) return true
  if (topic.archived || topic.deletedAt !== null || topic.userId !== user.id) return false
  return first === undefined || !editTimeExpired(site, user, first)
}

/** Authors only while nobody has replied, and for a day. */
export function canDeleteTopic(site: Site, user: User, topic: Topic): boolean {
  if (topic.deletedAt !== null || topic.definition) return false
  if (isStaff(user)) return true
  const young = topic.createdAt > site.ports.now() - 86_400_000
  return topic.userId === user.id && topic.postsCount <= 1 && young
}
