/** Webhooks say where to look, and nothing else: their texts may be refused, old, or out of order. */
import { hmacMatches, jsonIn, type Hint, type Webhook } from '../../connector/index.ts'
import { scopeOf } from './items.ts'
import { categoryEvent, postEvent, topicEvent } from './wire.ts'

const REGULAR = 1

export const webhook: Webhook = {
  verify: (request, secret) =>
    hmacMatches(request.body, secret, request.headers['x-discourse-event-signature'], { prefix: 'sha256=' }),

  /** Of regular posts, public topics and categories; other events and other sorts of posts say nothing. */
  hints(request) {
    const body = jsonIn(request.body.toString('utf8'))
    switch (request.headers['x-discourse-event-type']) {
      case 'post':
        return postHints(body)
      case 'topic':
        return topicHints(body)
      case 'category':
        return categoryHints(body)
      default:
        return []
    }
  },
}

function postHints(body: unknown): readonly Hint[] {
  const event = postEvent.safeParse(body)
  if (!event.success || event.data.post.post_type !== REGULAR) return []
  const { id, category_id, topic_archetype: archetype } = event.data.post
  const scope = scopeOf({ category_id, archetype })
  return scope === null ? [] : [{ feed: 'site', kind: 'post', scope, ref: String(id) }]
}

function topicHints(body: unknown): readonly Hint[] {
  const event = topicEvent.safeParse(body)
  const scope = event.success ? scopeOf(event.data.topic) : null
  if (!event.success || scope === null) return []
  return [{ feed: 'site', kind: 'topic', scope, ref: String(event.data.topic.id) }]
}

function categoryHints(body: unknown): readonly Hint[] {
  const event = categoryEvent.safeParse(body)
  return event.success ? [{ feed: 'categories', kind: 'category', scope: '', ref: String(event.data.category.id) }] : []
}
