/**
 * The bare loop of a first sync, in a process of its own: the same HTTP client over the same adapter, the same calls in
 * the same order under each thread, as many at once; and nothing is remembered.
 */
import { parseArgs } from 'node:util'
import { createdPost, topic } from '../src/connectors/discourse/wire.ts'
import { messagesAnswer, type WireMessage } from '../src/connectors/google-chat/wire.ts'
import { z } from 'zod'
import type { Client } from '../src/connector/index.ts'
import { bareClients } from './bare.ts'

const AT_ONCE = 16
const { values } = parseArgs({
  options: {
    chat: { type: 'string', default: '' },
    forum: { type: 'string', default: '' },
    scopes: { type: 'string', default: '[]' },
    /** Works page by page, and holds no more than a page. */
    stream: { type: 'boolean', default: false },
  },
})

const bare = bareClients(values)
const { chat, forum } = bare
const topics = new Map<string, number>()

interface Post {
  readonly thread: string
  readonly category: number
  readonly text: string
  readonly at: string
}

await bare.signIn()
let posts: Post[] = []
for (const [space, category] of z.array(z.tuple([z.string(), z.string()])).parse(JSON.parse(values.scopes)))
  for await (const messages of pages(chat, space)) {
    posts.push(...messages.map((message) => postOf(message, Number(category))))
    if (!values.stream) continue
    await writeAll(posts)
    posts = []
  }
await writeAll(posts)
// What it holds is looked at from outside.
process.send?.({ done: true })
process.on('disconnect', () => process.exit(0))

async function* pages(client: Client, space: string): AsyncIterable<readonly WireMessage[]> {
  let pageToken: string | undefined
  do {
    const answer = await client.get(`/v1/${space}/messages`, {
      query: { showDeleted: true, pageSize: 100, pageToken },
      as: messagesAnswer,
    })
    yield answer.messages
    pageToken = answer.nextPageToken === '' ? undefined : answer.nextPageToken
  } while (pageToken !== undefined)
}

function postOf({ thread, text, formattedText, sender, createTime }: WireMessage, category: number): Post {
  return {
    thread: thread?.name ?? '',
    category,
    text: `**${sender?.displayName ?? ''}** in Google Chat:\n\n${formattedText ?? text ?? ''}`,
    at: new Date(createTime ?? 0).toISOString(),
  }
}

/** Threads side by side, those of one thread one by one. */
async function writeAll(all: readonly Post[]): Promise<void> {
  const strands = new Map<string, Post[]>()
  for (const post of all) strands.set(post.thread, [...(strands.get(post.thread) ?? []), post])
  const waiting = strands.values()
  const worker = async (): Promise<void> => {
    for (const strand of waiting) for (const post of strand) await write(post)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

async function write({ thread, category, text, at }: Post): Promise<void> {
  const known = topics.get(thread)
  const body = { raw: text, created_at: at, skip_validations: true, auto_track: false }
  if (known !== undefined) {
    await forum.post('/posts.json', { body: { topic_id: known, ...body }, as: createdPost })
    return
  }
  const title = text.slice(text.indexOf('\n\n') + 2)
  const key = { title, category, external_id: Buffer.from(thread).toString('hex').slice(-40) }
  const made = await forum.post('/posts.json', { body: { ...key, ...body }, as: createdPost })
  if (!('topic_id' in made)) throw new Error('the forum keeps a post for review')
  topics.set(thread, made.topic_id)
  await forum.get(`/t/${made.topic_id}.json`, { query: { include_raw: true }, as: topic })
}
