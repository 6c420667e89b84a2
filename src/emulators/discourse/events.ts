/** Which webhook each change sends, serialized at the change. */
import type { Site } from './site.ts'
import type { Category, Post, Topic } from './state.ts'
import { categoryPayload } from './views-categories.ts'
import { postPayload, type View } from './views-posts.ts'
import { topicPayload } from './views-topics.ts'

export type PostEvent = 'post_created' | 'post_edited' | 'post_destroyed' | 'post_recovered'

export function postEvent(site: Site, event: PostEvent, post: Post): void {
  if (site.hooks.any()) sendPost(site, event, post.topicId, postPayload(site.store, post))
}

/** With a payload made before the change. */
export function sendPost(site: Site, event: PostEvent, topicId: number, payload: View): void {
  site.hooks.emit('post', event, payload, site.store.topics.get(topicId)?.categoryId ?? null)
}

export function topicEvent(site: Site, event: string, topic: Topic): void {
  if (site.hooks.any()) site.hooks.emit('topic', event, topicPayload(site.store, topic), topic.categoryId)
}

export function categoryEvent(site: Site, event: string, category: Category): void {
  if (site.hooks.any()) site.hooks.emit('category', event, categoryPayload(site.store, category), category.id)
}

export function categoryTouched(site: Site, topic: Topic): void {
  const category = topic.categoryId === null ? undefined : site.store.categories.get(topic.categoryId)
  if (category !== undefined) categoryEvent(site, 'category_updated', category)
}
