/** Topics: made in one call with their first post, and found again by their `external_id`. */
import { createHash } from 'node:crypto'
import {
  ConnectorError,
  failedAs,
  requiredText,
  textOf,
  type Call,
  type Create,
  type Delete,
  type Item,
  type Made,
  type Ref,
  type Tombstone,
  type Update,
} from '../../connector/index.ts'
import { readTopic, type Api } from './api.ts'
import { aboutOf, readCategory } from './categories.ts'
import { changeOf, changesOf, isFirst, postOf, scopeOf, topicOf, type View } from './items.ts'
import { createdPost, editedTopic, redirect, topic as topicShape, type Post, type Topic } from './wire.ts'
import { z } from 'zod'

export function viewOf(call: Call<Api>): View {
  return { actor: call.actor, config: call.api.config }
}

export async function getTopic(call: Call<Api>, ref: Ref): Promise<Item | Tombstone> {
  const topic = await readTopic(call.api, ref)
  const item = topicOf(topic)
  if (
    'gone' in item ||
    !(await describesCategory(call.api, topic.id, item.scope, topic.post_stream.posts.find(isFirst)))
  )
    return item
  return { scope: item.scope, ref, gone: 'moved' }
}

/** Only staff make categories, so that topics of others need no second look. */
export async function describesCategory(api: Api, topic: number, scope: Ref, first?: Post): Promise<boolean> {
  if (first?.staff === false) return false
  return aboutOf(await readCategory(api, scope)) === topic
}

/** The creation time of a try, the same for all of them: what the origin says, else when the first try began. */
export function stampOf(intent: Create): string {
  return new Date(intent.createdAt ?? intent.since).toISOString()
}

const TO_THE_MICROSECOND = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.(\d{6})\d{0,3}Z$/

/**
 * As it is sent. Discourse keeps milliseconds; what is finer tells two requests apart, which would else be one to it for
 * two minutes: as finely as the origin tells, and then by the key, for what is made again after it was deleted.
 */
export function sentStampOf(intent: Create): string {
  const stamp = stampOf(intent)
  const finer = TO_THE_MICROSECOND.exec(intent.createdAt ?? '')?.[1]?.slice(3) ?? '000'
  const own = createHash('sha256').update(intent.key).digest().readUInt32BE() % 1000
  return `${stamp.slice(0, -1)}${finer}${String(own).padStart(3, '0')}Z`
}

export async function createTopic(call: Call<Api>, intent: Create): Promise<Made> {
  const { head } = intent
  if (head === undefined) throw new ConnectorError('rejected', 'a topic is made with its first post only')
  const scope = requiredText(intent.values, 'category')
  const answer = await call.api.client
    .post('/posts.json', {
      body: {
        title: requiredText(intent.values, 'title'),
        raw: requiredText(head.values, 'raw'),
        category: Number(scope),
        external_id: intent.key,
        created_at: sentStampOf(head),
        skip_validations: true,
        auto_track: false,
      },
      as: createdPost,
    })
    .catch(async (error: unknown) => {
      throw failedAs(error, 'rejected') ? await keyTaken(call.api, intent, error) : error
    })
  const post = posted(answer)
  const first = postOf(viewOf(call), post, scope)
  const topic = await storedTopic(call.api, post.topic_id, intent.key)
  return [
    topic ?? changeOf('topic', { scope, ref: String(post.topic_id), unread: true as const }),
    ...changesOf('post', [first]),
  ]
}

/** Refusals come in the language of the site: whether the key is taken is asked, not read. */
async function keyTaken(api: Api, intent: Create, refused: ConnectorError): Promise<ConnectorError> {
  if ((await topicWithKey(api, intent.key)) === null) return refused
  return new ConnectorError('key-taken', refused.message, { status: 422 })
}

/** The answer of a create tells no title, which Discourse may have changed. */
async function storedTopic(api: Api, id: number, key: string): Promise<Made[number] | null> {
  try {
    return changeOf('topic', { ...topicOf(await readTopic(api, id)), key })
  } catch (error) {
    if (error instanceof ConnectorError) return null
    throw error
  }
}

/** A post that waits for a moderator has no id, and may never become one. */
export function posted(answer: z.infer<typeof createdPost>): Post {
  if ('id' in answer) return answer
  throw new ConnectorError('rejected', 'Discourse holds this post for review: a moderator decides on it')
}

export async function findTopic(call: Call<Api>, intent: Create): Promise<Made | null> {
  const topic = await topicWithKey(call.api, intent.key)
  if (topic === null) return null
  const first = topic.post_stream.posts.find(isFirst)
  const scope = scopeOf(topic)
  return [
    changeOf('topic', { ...topicOf(topic), key: intent.key }),
    ...(first === undefined || scope === null ? [] : changesOf('post', [postOf(viewOf(call), first, scope)])),
  ]
}

/** Discourse answers with a redirect to the topic's page, which ends in its id. A deleted topic is not found. */
async function topicWithKey(api: Api, key: string): Promise<Topic | null> {
  try {
    const answer = await api.client.get(`/t/external_id/${encodeURIComponent(key)}.json`, {
      query: { include_raw: true },
      redirect: 'answer',
      as: z.union([redirect, topicShape]),
    })
    if ('id' in answer) return answer
    const id = /\/(\d+)(\.json)?([?#].*)?$/.exec(answer.location)?.[1]
    if (id === undefined) throw new ConnectorError('unavailable', `${answer.location} names no topic`)
    return await readTopic(api, id)
  } catch (error) {
    if (failedAs(error, 'missing')) return null
    throw error
  }
}

/** Title and category are read at the top level only: nested in `topic` they change nothing. */
export async function updateTopic(call: Call<Api>, intent: Update): Promise<Item> {
  const title = textOf(intent.changed, 'title')
  const category = textOf(intent.changed, 'category')
  const answer = await call.api.client.put(`/t/-/${encodeURIComponent(intent.ref)}.json`, {
    body: { ...(title === null ? {} : { title }), ...(category === null ? {} : { category_id: Number(category) }) },
    as: editedTopic,
  })
  const scope = category ?? intent.base.scope
  return { ...intent.base, scope, values: { category: scope, title: answer.basic_topic.title } }
}

/** A repeated delete is refused, which is told from other refusals by a look at the topic. */
export async function deleteTopic(call: Call<Api>, intent: Delete): Promise<void> {
  try {
    await call.api.client.delete(`/t/${encodeURIComponent(intent.ref)}.json`)
  } catch (error) {
    if (!failedAs(error, 'rejected', 'forbidden')) throw error
    const topic = await readTopic(call.api, intent.ref)
    if (!topic.deleted_at) throw error
  }
}
