/** What people see on both sides, in the words of a test. */
import { SPACE, type Pair } from './pair.ts'

/** Texts by thread, threads in order of their first text: what Ann sees in Chat. */
export function chatThreads(pair: Pair, space = SPACE): string[][] {
  const threads = new Map<string, string[]>()
  for (const message of pair.chat.as('101').messages(space)) {
    const thread = message.thread?.name ?? ''
    threads.set(thread, [...(threads.get(thread) ?? []), told(message.formattedText ?? message.text ?? '')])
  }
  return [...threads.values()].sort(byFirst)
}

function byFirst(left: readonly string[], right: readonly string[]): number {
  return (left[0] ?? '') < (right[0] ?? '') ? -1 : 1
}

export interface TopicView {
  readonly id: number
  readonly title: string
  readonly posts: string[]
}

/** Living topics of a category with their living posts, oldest first. */
export function topics(pair: Pair, category = 2): TopicView[] {
  const state = pair.discourse.state()
  return [...state.topics.values()]
    .filter((topic) => topic.categoryId === category && topic.deletedAt === null && !topic.definition)
    .map((topic) => ({
      id: topic.id,
      title: topic.title,
      posts: state
        .postsOf(topic.id)
        .filter((post) => post.deletedAt === null && !post.userDeleted && post.postType === 1)
        .map((post) => told(post.raw)),
    }))
}

/** The topic with a post that contains this. */
export function topicWith(pair: Pair, text: string): number {
  const found = topics(pair).find(({ posts }) => posts.some((post) => post.includes(text)))
  if (found === undefined) throw new Error(`no topic says ${text}`)
  return found.id
}

/** The posts of every topic, topics in order of their first text. */
export function forumThreads(pair: Pair, category = 2): string[][] {
  return topics(pair, category)
    .map((topic) => topic.posts)
    .sort(byFirst)
}

/** A copy as people tell it: "Ann Lee: hello", whatever marks the attribution has. */
export function told(text: string): string {
  const post = /^\*\*([^*]+)\*\*[^\n]*:\n\n/.exec(text)
  if (post !== null) return `${post[1]}: ${text.slice(post[0].length)}`
  const message = /^(\*[^*]+\*\n)?\*([^*]+)\*[^\n:]*: /.exec(text)
  return message === null ? text : `${message[1] ?? ''}${message[2]}: ${text.slice(message[0].length)}`
}

/** Discourse's text of a copy of this author, edited to say this. */
export function reworded(copy: string, text: string): string {
  return copy.slice(0, copy.indexOf('\n\n') + 2) + text
}

/** The id of the first living post whose text contains this. */
export function postWith(pair: Pair, text: string): number {
  for (const post of pair.discourse.state().posts.values())
    if (post.raw.includes(text) && post.deletedAt === null) return post.id
  throw new Error(`no post says ${text}`)
}

/** The name of the first message whose text contains this. */
export function messageWith(pair: Pair, text: string): string {
  const found = pair.chat
    .as('101')
    .messages(SPACE)
    .find((message) => (message.text ?? '').includes(text))
  if (found === undefined) throw new Error(`no message says ${text}`)
  return found.name
}

/** State-changing calls of the engine that a system carried out. */
export function writes(pair: Pair): string[] {
  const chat = pair.chat
    .counters()
    .writes.filter((each) => each.app !== null)
    .map((each) => `chat ${each.method}`)
  const forum = pair.discourse
    .counters()
    .writes.filter((each) => !each.path.includes('web_hooks') && each.status < 300)
    .map((each) => `forum ${each.method} ${each.path.replace(/\d+/, 'N')}`)
  return [...chat, ...forum]
}

export function rawWith(pair: Pair, text: string): string {
  return pair.discourse.state().posts.get(postWith(pair, text))?.raw ?? ''
}

export function done<T>(
  outcome: ({ readonly ok: true } & T) | { readonly ok: false; readonly errors: readonly string[] },
): T {
  if (outcome.ok) return outcome
  throw new Error(outcome.errors.join(' '))
}
