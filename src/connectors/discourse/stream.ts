/** The posts of a topic: by their ids where it tells them, and by their numbers where there are too many. */
import { ConnectorError } from '../../connector/index.ts'
import { postsUpTo, readTopic, WINDOW, type Api } from './api.ts'
import { postsOfTopic, type Post, type Topic } from './wire.ts'

/** Ids that one call names: their address stays well below 4 KB. */
const BATCH = 100

/** All posts of a topic that was read: those that came with it, and the others. */
export async function postsOf(api: Api, topic: Topic): Promise<readonly Post[]> {
  const { stream, posts: first } = topic.post_stream
  if (stream === undefined) return postsByNumber(api, topic)
  const here = new Set(first.map((post) => post.id))
  const others = stream.filter((id) => !here.has(id))
  const posts = [...first]
  for (let from = 0; from < others.length; from += BATCH)
    posts.push(...(await postsById(api, topic.id, others.slice(from, from + BATCH))))
  return posts
}

async function postsById(api: Api, topic: number, ids: readonly number[]): Promise<readonly Post[]> {
  const answer = await api.client.get(`/t/${topic}/posts.json`, {
    query: { post_ids: ids, include_raw: true },
    as: postsOfTopic,
  })
  return answer.post_stream.posts
}

/**
 * A topic of 10,000 posts tells the id of its last one only. Each read goes on from the number after the last post that
 * was read, since pages would move up when a post is deleted meanwhile; the last one has to come by.
 */
async function postsByNumber(api: Api, topic: Topic): Promise<readonly Post[]> {
  const posts = new Map<number, Post>()
  let reached = 0
  for (let part = topic; ; part = await readTopic(api, topic.id, reached + 1)) {
    const fresh = part.post_stream.posts.filter((post) => post.post_number > reached)
    if (fresh.length === 0) throw untold(topic)
    for (const post of fresh) posts.set(post.id, post)
    reached = Math.max(...fresh.map((post) => post.post_number))
    if (posts.has(lastIdOf(part))) return [...posts.values()]
  }
}

/**
 * Posts from the newest of the topic on, in portions. Where its ids are not told, those are windows of the whole site,
 * which leave out unlisted topics.
 */
export async function* fromNewest(api: Api, topic: Topic): AsyncGenerator<readonly Post[]> {
  const { stream: ids, posts } = topic.post_stream
  if (ids === undefined) {
    if (topic.visible === false) throw untold(topic)
    for (let before = lastIdOf(topic); before > 0; before -= WINDOW) yield await postsUpTo(api, before)
    return
  }
  const here = new Map(posts.map((post) => [post.id, post]))
  for (let end = ids.length; end > 0; end -= BATCH) {
    const batch = ids.slice(Math.max(0, end - BATCH), end)
    const away = batch.filter((id) => !here.has(id))
    const known = batch.flatMap((id) => here.get(id) ?? [])
    yield [...known, ...(away.length === 0 ? [] : await postsById(api, topic.id, away))]
  }
}

function lastIdOf(topic: Topic): number {
  const { stream, lastId } = topic.post_stream
  const last = stream?.at(-1) ?? lastId ?? null
  if (last === null) throw untold(topic)
  return last
}

function untold({ id }: Topic): ConnectorError {
  return new ConnectorError('unavailable', `the topic ${id} does not tell its posts`, { noEffect: true })
}
