/** Everything in one category, with the fewer calls of two ways. */
import { z } from 'zod'
import { ConnectorError, failedAs, type Call, type Change, type Page } from '../../connector/index.ts'
import { postsUpTo, readTopic, WINDOW, type Api } from './api.ts'
import { aboutOf, readCategory } from './categories.ts'
import { parsed } from './feed.ts'
import { changeOf, changesOf, postOf, scopeOf, topicOf, topicOfList } from './items.ts'
import { postsOf } from './stream.ts'
import { viewOf } from './topics.ts'
import { redirect, topicList, type TopicList } from './wire.ts'

const placeShape = z.object({
  /** Of the category's list of topics. */
  path: z.string(),
  about: z.int().nullable(),
  /** `topics`: each topic by itself. `windows`: all posts of the site, and the topics from the lists. */
  by: z.enum(['topics', 'windows']),
  /** The highest post id when the listing began. */
  top: z.int(),
  page: z.int(),
  /** The last topic of the page before, to notice that topics were deleted meanwhile. */
  last: z.int().nullable(),
  /** The last topic of this page that was handed over. */
  done: z.int().nullable(),
  /** The window of posts that was handed over last; null: still at the topics. */
  before: z.int().nullable(),
})
type Place = z.infer<typeof placeShape>
type Step = Page & { readonly next: Place }

export async function* list(call: Call<Api>, position: string | null): AsyncGenerator<Page> {
  let place = position === null ? await begin(call) : parsed(position, placeShape)
  if (place.before === null)
    for await (const { next, ...page } of topicPages(call, place)) {
      yield page
      place = next
    }
  if (place.by === 'windows') yield* windows(call, place)
  else yield { changes: [], cursor: JSON.stringify(place), complete: true }
}

async function begin(call: Call<Api>): Promise<Place> {
  const category = await readCategory(call.api, call.scope)
  const top = (await postsUpTo(call.api, null)).at(-1)?.id ?? null
  const byWindows = top !== null && Math.ceil(top / WINDOW) < (category.topic_count ?? 0)
  return {
    path: `/c/${category.slug || `${category.id}-category`}/${category.id}/l/latest.json`,
    about: aboutOf(category),
    by: byWindows ? 'windows' : 'topics',
    top: top ?? 0,
    page: 0,
    last: null,
    done: null,
    before: null,
  }
}

/**
 * The topics in order of creation, so that new ones come last. A deleted topic lets the later ones move up, perhaps
 * to a page that was read: then that page is read again.
 */
async function* topicPages(call: Call<Api>, start: Place): AsyncGenerator<Step> {
  let place = start
  for (;;) {
    const { list, path } = await readPage(call.api, place.path, place.page)
    place = { ...place, path }
    if (place.last !== null && (await lastOf(call.api, place)) !== place.last) {
      place = { ...place, page: place.page - 1, last: null, done: null }
      continue
    }
    const listed = list.topic_list.topics
    if (listed.length === 0) break
    yield* place.by === 'topics' ? oneByOne(call, list, place) : together(call, list, place)
    place = { ...place, page: place.page + 1, last: listed.at(-1)?.id ?? null, done: null }
  }
  const next = { ...place, before: 0 }
  yield { changes: [], cursor: JSON.stringify(next), next }
}

async function lastOf(api: Api, place: Place): Promise<number | null> {
  const { list } = await readPage(api, place.path, place.page - 1)
  return list.topic_list.topics.at(-1)?.id ?? null
}

/** The path holds the names of the category and of those above it; under another one Discourse tells the right one. */
async function readPage(api: Api, path: string, page: number): Promise<{ list: TopicList; path: string }> {
  const answer = await api.client.get(path, {
    query: { page, order: 'created', ascending: true, no_subcategories: true, no_definitions: true },
    redirect: 'answer',
    as: z.union([redirect, topicList]),
  })
  if (!('location' in answer)) return { list: answer, path }
  const right = /\/c\/[^?#]+/.exec(answer.location)?.[0]
  if (right === undefined || right === path)
    throw new ConnectorError('unavailable', `the list of topics is not at ${answer.location}`)
  return readPage(api, right, page)
}

function mineOf(call: Call<Api>, list: TopicList, place: Place) {
  return list.topic_list.topics.filter((topic) => scopeOf(topic) === call.scope && topic.id !== place.about)
}

async function* oneByOne(call: Call<Api>, list: TopicList, place: Place): AsyncGenerator<Step> {
  const mine = mineOf(call, list, place)
  const from = mine.findIndex((topic) => topic.id === place.done) + 1
  for (const { id } of mine.slice(from)) {
    const next = { ...place, done: id }
    yield { changes: await wholeTopic(call, id), cursor: JSON.stringify(next), next }
  }
}

async function* together(call: Call<Api>, list: TopicList, place: Place): AsyncGenerator<Step> {
  const mine = mineOf(call, list, place)
  const changes: Change[] = mine.map((topic) => changeOf('topic', topicOfList(topic, call.scope, list.users)))
  for (const topic of mine) if (topic.visible === false) changes.push(...(await wholeTopic(call, topic.id)))
  const next = { ...place, page: place.page + 1, last: list.topic_list.topics.at(-1)?.id ?? null }
  yield { changes, cursor: JSON.stringify(next), next }
}

/** A topic and its posts; nothing where it was deleted since it was listed. */
async function wholeTopic(call: Call<Api>, id: number): Promise<readonly Change[]> {
  try {
    const topic = await readTopic(call.api, id)
    const item = topicOf(topic)
    if ('gone' in item) return [changeOf('topic', item)]
    const posts = (await postsOf(call.api, topic)).map((post) => postOf(viewOf(call), post, item.scope))
    return [changeOf('topic', item), ...changesOf('post', posts)]
  } catch (error) {
    if (failedAs(error, 'missing')) return []
    throw error
  }
}

/** All posts of the site from the first on, of which those of the category are handed over. */
async function* windows(call: Call<Api>, place: Place): AsyncGenerator<Page> {
  let before = place.before ?? 0
  do {
    before += WINDOW
    const posts = (await postsUpTo(call.api, before)).filter(
      (post) => scopeOf(post) === call.scope && post.topic_id !== place.about,
    )
    const changes = changesOf(
      'post',
      posts.map((post) => postOf(viewOf(call), post, call.scope)),
    )
    const page = { changes, cursor: JSON.stringify({ ...place, before }) }
    yield before < place.top ? page : { ...page, complete: true }
  } while (before < place.top)
}
