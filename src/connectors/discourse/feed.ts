/** What is new on the site: the latest posts of all categories, and the topics that moved last. */
import { z } from 'zod'
import { ConnectorError, type Call, type Change, type Page, type Ref } from '../../connector/index.ts'
import { postsUpTo, readTopic, WINDOW, type Api } from './api.ts'
import { aboutOf, readCategories } from './categories.ts'
import { changeOf, changesOf, postOf, scopeOf, topicOfList, topicOfPost } from './items.ts'
import { viewOf } from './topics.ts'
import { topicList, type Post, type TopicList } from './wire.ts'

/** Ids below the cursor that are read again: a post's id is drawn before the post can be seen. */
const OVERLAP = 25

const cursorShape = z.object({
  /** The highest post id that was seen. */
  post: z.int(),
  /** Of each scope, the topic that describes the category. */
  about: z.record(z.string(), z.int().nullable()),
})
type Cursor = z.infer<typeof cursorShape>

/** Two calls where nothing is new: the newest window, and the list of topics. */
export async function* pull(call: Call<Api>, cursor: string | null): AsyncGenerator<Page> {
  const known = cursor === null ? null : parsed(cursor, cursorShape)
  const newest = await postsUpTo(call.api, null)
  const list = await call.api.client.get('/latest.json', {
    query: { order: 'activity', no_definitions: true },
    as: topicList,
  })
  const top = newest.at(-1)?.id ?? (await newestIdIn(call.api, list))
  const about = await aboutTopics(call, known)
  if (known === null) {
    yield { changes: [], cursor: JSON.stringify({ post: top, about } satisfies Cursor) }
    return
  }
  const seen = (posts: readonly Post[]) => postChanges(call, posts, about)
  let topics = topicChanges(call, list, about)
  const windows = gaps(known.post, newest, top)
  for (const before of windows.slice(0, -1)) {
    const changes = [...topics, ...seen(await postsUpTo(call.api, before))]
    topics = []
    yield { changes, cursor: JSON.stringify({ post: Math.max(known.post, before), about } satisfies Cursor) }
  }
  const below = windows.at(-1)
  const posts = below === undefined ? newest : [...(await postsUpTo(call.api, below)), ...newest]
  yield {
    changes: [...topics, ...seen(posts)],
    cursor: JSON.stringify({ post: Math.max(known.post, top), about } satisfies Cursor),
  }
}

/**
 * The windows between the cursor and the newest one, upwards. The newest window is sure to reach down to its lowest
 * post only, as the highest id of the site is not told.
 */
function gaps(known: number, newest: readonly Post[], top: number): readonly number[] {
  const floor = known - OVERLAP
  const lowest = newest[0]?.id
  const end = lowest === undefined ? top : lowest - 1
  if (lowest === undefined ? top <= known : end <= floor) return []
  const windows: number[] = []
  for (let before = floor + WINDOW; before < end; before += WINDOW) windows.push(before)
  return [...windows, end]
}

/** Where the newest window is empty, as after fifty private messages: the last id of the topic that moved last. */
async function newestIdIn(api: Api, list: TopicList): Promise<number> {
  const moved = list.topic_list.topics.toSorted((left, right) =>
    (left.bumped_at ?? '').localeCompare(right.bumped_at ?? ''),
  )
  const last = moved.at(-1)
  if (last === undefined) return 0
  const { post_stream: stream } = await readTopic(api, last.id)
  return Math.max(0, ...(stream.stream ?? []), stream.lastId ?? 0, ...stream.posts.map((post) => post.id))
}

/** Read again when a scope joins: a category is older than anything in it. */
async function aboutTopics(call: Call<Api>, known: Cursor | null): Promise<Cursor['about']> {
  if (known !== null && call.scopes.every((scope) => scope in known.about)) return known.about
  if (call.scopes.length === 0) return {}
  const categories = await readCategories(call.api)
  const topicOf = new Map(categories.map((category) => [String(category.id), aboutOf(category)]))
  return Object.fromEntries(call.scopes.map((scope) => [scope, topicOf.get(scope) ?? null]))
}

/** Posts in the scopes, each first post after its topic. */
function postChanges(call: Call<Api>, posts: readonly Post[], about: Cursor['about']): readonly Change[] {
  return posts.flatMap((post) => {
    const scope = scopeIn(call, post)
    if (scope === null || about[scope] === post.topic_id) return []
    return [
      ...changesOf('topic', [topicOfPost(post, scope)]),
      ...changesOf('post', [postOf(viewOf(call), post, scope)]),
    ]
  })
}

function topicChanges(call: Call<Api>, list: TopicList, about: Cursor['about']): readonly Change[] {
  return list.topic_list.topics.flatMap((topic) => {
    const scope = scopeIn(call, topic)
    if (scope === null || about[scope] === topic.id) return []
    return [changeOf('topic', topicOfList(topic, scope, list.users))]
  })
}

function scopeIn(call: Call<Api>, item: Parameters<typeof scopeOf>[0]): Ref | null {
  const scope = scopeOf(item)
  return scope !== null && call.scopes.includes(scope) ? scope : null
}

/** A place that this connector wrote itself, in this version or an older one. */
export function parsed<T>(text: string, shape: z.ZodType<T>): T {
  try {
    return shape.parse(JSON.parse(text))
  } catch {
    throw new ConnectorError('cursor-expired', 'the cursor is not one of this connector')
  }
}
