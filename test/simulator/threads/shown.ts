/** What both systems show, as people see it: threads with their texts, each of which bears a token of its own. */
import { SPACE, type Pair } from '../../engine/pair.ts'

/** The forum's category. */
export const CATEGORY = 2

export interface Text {
  readonly ref: string
  /** Of the text itself; 0: it stands where one was deleted. */
  readonly token: number
  /** Who wrote it there: a person, or whom the engine writes as. */
  readonly writer: string
  /** The first of its thread. */
  readonly isFirst: boolean
}
export interface Thread {
  readonly ref: string
  readonly texts: readonly Text[]
}

export function inChat({ chat }: Pair): readonly Thread[] {
  const threads = new Map<string, Text[]>()
  for (const { name, text = '', thread, sender } of chat.as('101').messages(SPACE)) {
    const ref = thread?.name ?? ''
    const texts = threads.get(ref) ?? []
    const writer = sender?.name.replace('users/', '') ?? ''
    texts.push({ ref: name, token: tokenIn(text), writer, isFirst: texts.length === 0 })
    threads.set(ref, texts)
  }
  return [...threads].map(([ref, texts]) => ({ ref, texts }))
}

export function inForum({ discourse }: Pair): readonly Thread[] {
  const state = discourse.state()
  return [...state.topics.values()]
    .filter((topic) => topic.categoryId === CATEGORY && topic.deletedAt === null && !topic.definition)
    .map((topic) => ({
      ref: String(topic.id),
      texts: state
        .postsOf(topic.id)
        .filter((post) => post.deletedAt === null && !post.userDeleted && post.postType === 1)
        .map((post) => ({
          ref: String(post.id),
          token: tokenIn(post.raw),
          writer: state.users.get(post.userId)?.username ?? '',
          isFirst: post.postNumber === 1,
        })),
    }))
}

/** None: what stands where a text was. */
function tokenIn(text: string): number {
  return Number([...text.matchAll(/\bt(\d+)\b/g)].at(-1)?.[1] ?? 0)
}
