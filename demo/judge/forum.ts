/** Reads a whole Discourse through its HTTP API. */
import { z } from 'zod'
import { plain, type CaseQuestion, type Conversation, type Places, type Text } from './case.ts'

const site = z.object({
  uncategorized_category_id: z.number(),
  categories: z.array(z.object({ id: z.number(), name: z.string(), topic_url: z.string().nullish() })),
})
const list = z.object({
  topic_list: z.object({
    more_topics_url: z.string().optional(),
    topics: z.array(z.object({ id: z.number(), category_id: z.number().nullable() })),
  }),
})
const post = z.object({
  id: z.number(),
  post_number: z.number(),
  post_type: z.number(),
  username: z.string(),
  name: z.string().nullish(),
  raw: z.string(),
  deleted_at: z.string().nullish(),
  user_deleted: z.boolean().default(false),
})
type Post = z.infer<typeof post>
const topic = z.object({ post_stream: z.object({ posts: z.array(post), stream: z.array(z.number()) }) })
const some = z.object({ post_stream: z.object({ posts: z.array(post) }) })

const REGULAR = 1
const AT_ONCE = 20

type Get = (path: string) => Promise<unknown>

export async function readForum(asked: CaseQuestion): Promise<Places> {
  const get = reader(asked.forum)
  const { categories, uncategorized_category_id: uncategorized } = site.parse(await get('/site.json'))
  const places = new Map<string, readonly Conversation[]>()
  for (const { id, name, topic_url: about } of categories) {
    if (id === uncategorized) continue
    const topics = await topicsOf(get, id)
    const conversations: Conversation[] = []
    for (const each of topics.sort((one, other) => one - other)) {
      if (about?.endsWith(`/${each}`) === true) continue
      const texts = (await postsOf(get, each)).flatMap((found) => textOf(found, asked))
      conversations.push({ ref: String(each), texts })
    }
    places.set(name, conversations)
  }
  return places
}

function reader({ url, apiKey, apiUsername }: CaseQuestion['forum']): Get {
  return async (path) => {
    const headers = { 'api-key': apiKey, 'api-username': apiUsername, accept: 'application/json' }
    const response = await fetch(new URL(path, url), { headers })
    if (!response.ok) throw new Error(`the forum refused ${path}: ${response.status} ${await response.text()}`)
    return response.json()
  }
}

async function topicsOf(get: Get, category: number): Promise<number[]> {
  const found: number[] = []
  for (let path = `/c/${category}/l/latest.json`; ;) {
    const { topic_list } = list.parse(await get(path))
    found.push(...topic_list.topics.filter((each) => each.category_id === category).map(({ id }) => id))
    if (topic_list.more_topics_url === undefined) return [...new Set(found)]
    // The address of a page that people see: the same one answers JSON under this ending.
    path = topic_list.more_topics_url.replace('?', '.json?')
  }
}

async function postsOf(get: Get, id: number): Promise<Post[]> {
  const { post_stream } = topic.parse(await get(`/t/${id}.json?include_raw=true`))
  const posts = new Map(post_stream.posts.map((each) => [each.id, each]))
  const rest = post_stream.stream.filter((each) => !posts.has(each))
  for (let at = 0; at < rest.length; at += AT_ONCE) {
    const ids = rest.slice(at, at + AT_ONCE).map((each) => `post_ids[]=${each}`)
    const more = some.parse(await get(`/t/${id}/posts.json?${ids.join('&')}&include_raw=true`))
    for (const each of more.post_stream.posts) posts.set(each.id, each)
  }
  return [...posts.values()].sort((one, other) => one.post_number - other.post_number)
}

function textOf(found: Post, { forum, emptied }: CaseQuestion): Text[] {
  if (found.post_type !== REGULAR || found.user_deleted || (found.deleted_at ?? null) !== null) return []
  const engine = found.username === forum.engine
  const text = plain(found.raw)
  if (engine && emptied.includes(text)) return []
  const author = found.name === null || found.name === undefined || found.name === '' ? found.username : found.name
  return [{ ref: String(found.id), engine, author, text }]
}
