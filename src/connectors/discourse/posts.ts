/** Posts: replies are made one by one, first posts with their topic. */
import {
  ConnectorError,
  failedAs,
  requiredText,
  type Call,
  type Create,
  type Delete,
  type Item,
  type Made,
  type Ref,
  type Tombstone,
  type Unread,
  type Update,
} from '../../connector/index.ts'
import { postsUpTo, readTopic, type Api } from './api.ts'
import { fromNewest, postsOf } from './stream.ts'
import { changesOf, isFirst, postOf, scopeOf, stored, topicOf } from './items.ts'
import { describesCategory, posted, sentStampOf, stampOf, viewOf } from './topics.ts'
import { createdPost, editedPost, post as postShape, type Post } from './wire.ts'

const CLOCKS_MS = 10 * 60_000

/** The list of the latest posts is the one read that tells a post's category as well. It leaves some posts out. */
export async function getPost(call: Call<Api>, ref: Ref): Promise<Item | Tombstone> {
  const listed = (await postsUpTo(call.api, Number(ref))).find((post) => String(post.id) === ref)
  const scope = listed === undefined ? null : scopeOf(listed)
  if (listed !== undefined && scope !== null) return itemOr(call, listed, scope)
  const post = await readPost(call.api, ref)
  if (isGone(post)) return { scope: call.scope, ref, gone: 'deleted' }
  const topic = topicOf(await readTopic(call.api, post.topic_id))
  if ('gone' in topic) return { scope: call.scope, ref, gone: topic.gone }
  return itemOr(call, post, topic.scope)
}

async function itemOr(call: Call<Api>, post: Post, scope: Ref): Promise<Item | Tombstone> {
  const item = shown(postOf(viewOf(call), post, scope))
  const none = { scope, ref: String(post.id), gone: 'moved' } as const
  if (item === null) return none
  if (!('gone' in item) && isFirst(post) && (await describesCategory(call.api, post.topic_id, scope, post))) return none
  return item
}

/** What is not shown is not known: neither an edit nor a deletion. */
function shown(item: ReturnType<typeof postOf>): Item | Tombstone | null {
  if (item === null || !('unread' in item)) return item
  throw new ConnectorError('forbidden', 'the post is hidden, and its text is not shown to a user who is not staff')
}

async function readPost(api: Api, ref: Ref): Promise<Post> {
  return api.client.get(`/posts/${encodeURIComponent(ref)}.json`, { as: postShape })
}

/**
 * `created_at` lets two honest posts of the same text differ: for 120 seconds Discourse takes a repeat of the same
 * request by the same user for the first one.
 */
export async function createPost(call: Call<Api>, intent: Create): Promise<Made> {
  const topic = requiredText(intent.values, 'topic')
  const answer = await call.api.client
    .post('/posts.json', {
      body: {
        topic_id: Number(topic),
        raw: requiredText(intent.values, 'raw'),
        created_at: sentStampOf(intent),
        skip_validations: true,
        auto_track: false,
      },
      as: createdPost,
    })
    .catch(async (error: unknown) => {
      const isGone = failedAs(error, 'rejected') && (await isTopicGone(call.api, topic))
      throw isGone ? new ConnectorError('missing', 'the topic was deleted', { status: 422 }) : error
    })
  return changesOf('post', [postOf(viewOf(call), posted(answer), call.scope)])
}

/** A refusal says the same of a topic that is closed, deleted or unknown: which of them it is, is asked. */
async function isTopicGone(api: Api, ref: string): Promise<boolean> {
  try {
    return Boolean((await readTopic(api, ref)).deleted_at)
  } catch (error) {
    if (failedAs(error, 'missing')) return true
    throw error
  }
}

/** The post of this user in the topic that bears the very time and text of the try, looked for from the newest on. */
export async function findPost(call: Call<Api>, intent: Create): Promise<Made | null> {
  const topic = await readTopic(call.api, requiredText(intent.values, 'topic'))
  const scope = scopeOf(topic) ?? call.scope
  const stamp = stampOf(intent)
  const raw = stored(requiredText(intent.values, 'raw'))
  const same = (post: Post) =>
    post.topic_id === topic.id &&
    post.username?.toLowerCase() === call.actor.ref.toLowerCase() &&
    post.created_at === stamp
  for await (const posts of fromNewest(call.api, topic)) {
    // One that was deleted may have been made for the same origin before.
    const candidates = posts.filter(same).toSorted((left, right) => Number(isGone(left)) - Number(isGone(right)))
    const found = candidates.find((post) => post.raw === raw) ?? candidates.find((post) => (post.version ?? 1) > 1)
    if (found !== undefined) return changesOf('post', [postOf(viewOf(call), found, scope)])
    if (posts.some((post) => Date.parse(post.updated_at) < intent.since - CLOCKS_MS)) break
  }
  return null
}

function isGone(post: Post): boolean {
  return Boolean(post.deleted_at) || post.user_deleted === true
}

export async function updatePost(call: Call<Api>, intent: Update): Promise<Item | Unread> {
  const item = await rewrite(call, intent.base, requiredText(intent.changed, 'raw'))
  return item ?? { scope: intent.base.scope, ref: intent.ref, unread: true }
}

/**
 * `raw_old` makes the site compare, and answer 409 when the text is another one by now. Null: the answer does not
 * show a living post.
 */
async function rewrite(call: Call<Api>, base: Item, raw: string): Promise<Item | null> {
  const own = base.author?.ref.toLowerCase() === call.actor.ref.toLowerCase()
  const answer = await call.api.client.put(`/posts/${encodeURIComponent(base.ref)}.json`, {
    body: {
      post: {
        raw,
        raw_old: requiredText(base.values, 'raw'),
        ...(own ? {} : { edit_reason: call.api.config.editReason }),
      },
    },
    as: editedPost,
  })
  // Staff may edit what is deleted, which brings nothing back.
  if (answer.post.deleted_at || answer.post.user_deleted) throw new ConnectorError('stale', 'the post was deleted')
  const item = postOf(viewOf(call), answer.post, base.scope)
  return item === null || 'gone' in item || 'unread' in item ? null : item
}

/**
 * Deletes a reply, or a topic that consists of its first post alone; a first post with replies gives up its text and
 * counts as deleted from then on. What was emptied meanwhile has been deleted by an earlier try; what was emptied before
 * is removed. No delete can be made conditional: a look precedes it.
 */
export async function deletePost(call: Call<Api>, intent: Delete): Promise<void> {
  const post = await readPost(call.api, intent.ref)
  const item = shown(postOf(viewOf(call), post, intent.base.scope))
  if (item === null || 'gone' in item || (item.emptied && intent.base.emptied !== true)) return
  if (item.version !== intent.base.version) throw new ConnectorError('stale', 'the post was edited meanwhile')
  if (!isFirst(post)) return call.api.client.delete(`/posts/${post.id}.json`)
  const topic = await readTopic(call.api, post.topic_id)
  if (topic.deleted_at) return
  const areGone = (posts: readonly Post[]): boolean =>
    posts.every((other) => {
      const read = other.id === post.id ? null : postOf(viewOf(call), other, item.scope)
      return read === null || 'gone' in read
    })
  // Mostly the first ones tell.
  if (areGone(topic.post_stream.posts) && areGone(await postsOf(call.api, topic)))
    return call.api.client.delete(`/t/${topic.id}.json`)
  if (!item.emptied) await rewrite(call, item, call.api.config.emptiedText)
}

export async function emptyPost(call: Call<Api>, intent: Delete): Promise<Item | Unread> {
  const item = await rewrite(call, intent.base, call.api.config.emptiedText)
  return item ?? { scope: intent.base.scope, ref: intent.ref, unread: true }
}
