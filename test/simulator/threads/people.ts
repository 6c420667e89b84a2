/** What people do in Google Chat and in Discourse, and what is known of it. */
import { SPACE, type Pair } from '../../engine/pair.ts'
import type { Chance } from '../chance.ts'
import type { Deed, End } from './scenario.ts'
import { CATEGORY, inChat, inForum, type Text, type Thread } from './shown.ts'

const MEMBERS = ['101', '102']
export const MANAGER = '103'
const USERS = ['cyd', 'dan']

/** Each text bears a token. What is edited is the same item with another token. */
export class People {
  deeds = 0
  /** By token the item, which is the token of its first text. */
  readonly items = new Map<number, number>()
  /** By item its newest text. */
  readonly newest = new Map<number, number>()
  /** Texts that stood there when somebody deleted them. */
  readonly deleted = new Set<number>()
  /** Items that somebody brought back: by then a copy of theirs may have been made for the one that was gone. */
  readonly recovered = new Set<number>()
  private tokens = 0
  private readonly pair: Pair
  private readonly say: (what: string) => void

  constructor(pair: Pair, say: (what: string) => void) {
    this.pair = pair
    this.say = say
  }

  act(deed: Deed, end: End, chance: Chance): void {
    const token = this.tokens + 1
    const text = `A text of somebody, long enough for both, t${token}`
    const done = end === 'chat' ? this.inChat(deed, chance, token, text) : this.inForum(deed, chance, token, text)
    if (!done) return
    this.deeds += 1
    this.say(`somebody in the ${end}: ${done}`)
  }

  private inChat(deed: Deed, chance: Chance, token: number, text: string): string | null {
    const { chat } = this.pair
    const threads = inChat(this.pair)
    const who = chance.pick(MEMBERS)
    const own = threads.flatMap(({ texts }) => texts).filter(({ writer }) => writer === who)
    switch (deed) {
      case 'thread':
        chat.as(who).post(SPACE, text)
        return this.wrote(token, null, 'a new thread')
      case 'answer': {
        if (threads.length === 0) return null
        const { ref } = chance.pick(threads)
        chat.as(who).post(SPACE, text, { thread: ref })
        return this.wrote(token, null, `an answer in ${ref}`)
      }
      case 'edit': {
        if (own.length === 0) return null
        const old = chance.pick(own)
        chat.as(who).edit(old.ref, text)
        return this.wrote(token, old, `${old.ref} says something else`)
      }
      case 'delete': {
        const single = alone(threads, own)
        return single.length === 0 ? null : this.remove(who, [chance.pick(single)])
      }
      case 'delete-thread': {
        const first = own.filter(({ isFirst }) => isFirst)
        return first.length === 0 ? null : this.remove(who, threadOf(threads, chance.pick(first)).texts)
      }
      case 'moderate': {
        const single = alone(
          threads,
          threads.flatMap(({ texts }) => texts),
        )
        return single.length === 0 ? null : this.remove(MANAGER, [chance.pick(single)])
      }
      case 'retitle':
      case 'recover':
        return null
    }
  }

  /** The first with all that answer it. */
  private remove(who: string, texts: readonly Text[]): string {
    const [{ ref } = { ref: '' }] = texts
    this.pair.chat.as(who).remove(ref, { force: true })
    return this.removed(ref, texts)
  }

  private inForum(deed: Deed, chance: Chance, token: number, text: string): string | null {
    const { discourse } = this.pair
    const threads = inForum(this.pair)
    const who = chance.pick(USERS)
    const all = threads.flatMap(({ texts }) => texts)
    const own = all.filter(({ writer }) => writer === who)
    const title = `A question No. ${token} of somebody`
    switch (deed) {
      case 'thread':
        return discourse.as(who).topic({ title, raw: text, category: CATEGORY }).ok
          ? this.wrote(token, null, 'a new topic')
          : null
      case 'answer': {
        if (threads.length === 0) return null
        const { ref } = chance.pick(threads)
        return discourse.as(who).reply(Number(ref), text).ok ? this.wrote(token, null, `an answer in ${ref}`) : null
      }
      case 'edit': {
        if (own.length === 0) return null
        const old = chance.pick(own)
        return discourse.as(who).edit(Number(old.ref), text).ok
          ? this.wrote(token, old, `post ${old.ref} says something else`)
          : null
      }
      case 'retitle': {
        const first = own.filter(({ isFirst }) => isFirst)
        if (first.length === 0) return null
        const { ref } = threadOf(threads, chance.pick(first))
        return discourse.as(who).retitle(Number(ref), `Another question No. ${chance.int(1_000_000)}`).ok
          ? `topic ${ref} gets another title`
          : null
      }
      case 'delete': {
        const answers = own.filter(({ isFirst }) => !isFirst)
        if (answers.length === 0) return null
        const { ref } = chance.pick(answers)
        return this.removePost(who, ref, answers)
      }
      case 'moderate': {
        const answers = all.filter(({ isFirst }) => !isFirst)
        if (answers.length === 0) return null
        return this.removePost('mod', chance.pick(answers).ref, answers)
      }
      case 'delete-thread': {
        if (threads.length === 0) return null
        const { ref, texts } = chance.pick(threads)
        return discourse.as('mod').removeTopic(Number(ref)).ok ? this.removed(`topic ${ref}`, texts) : null
      }
      case 'recover':
        return this.recover(chance)
    }
  }

  private removePost(who: string, ref: string, texts: readonly Text[]): string | null {
    const isDone = this.pair.discourse.as(who).remove(Number(ref)).ok
    return isDone
      ? this.removed(
          `post ${ref}`,
          texts.filter((each) => each.ref === ref),
        )
      : null
  }

  /** Of people's own, with the topic that went with its first post. */
  private recover(chance: Chance): string | null {
    const { discourse } = this.pair
    const state = discourse.state()
    const gone = [...state.posts.values()].filter(
      (post) =>
        post.postType === 1 &&
        (post.deletedAt !== null || post.userDeleted) &&
        USERS.includes(state.users.get(post.userId)?.username ?? ''),
    )
    if (gone.length === 0) return null
    const { id, topicId, postNumber } = chance.pick(gone)
    const mod = discourse.as('mod')
    // By the post: its text may stand there already, in what was made again meanwhile.
    const standing = new Set(inForum(this.pair).flatMap(({ texts }) => texts.map(({ ref }) => ref)))
    if (!(postNumber === 1 ? mod.recoverTopic(topicId) : mod.recover(id)).ok) return null
    for (const { ref, token } of inForum(this.pair).flatMap(({ texts }) => texts)) {
      if (standing.has(ref) || token === 0) continue
      this.deleted.delete(token)
      this.recovered.add(this.items.get(token) ?? token)
    }
    return `post ${id} is back`
  }

  private wrote(token: number, old: Text | null, what: string): string {
    this.tokens = token
    const item = old === null ? token : (this.items.get(old.token) ?? token)
    this.items.set(token, item)
    this.newest.set(item, token)
    return `${what}: t${token}`
  }

  private removed(ref: string, texts: readonly Text[]): string {
    for (const { token } of texts) this.deleted.add(token)
    return `${ref} is deleted (${texts.map(({ token }) => `t${token}`).join()})`
  }
}

/** Those of these texts that go by themselves. */
function alone(threads: readonly Thread[], texts: readonly Text[]): readonly Text[] {
  return texts.filter((each) => !each.isFirst || threadOf(threads, each).texts.length === 1)
}

function threadOf(threads: readonly Thread[], { ref }: Text): Thread {
  const found = threads.find(({ texts }) => texts.some((each) => each.ref === ref))
  if (found === undefined) throw new Error(`${ref} is in no thread`)
  return found
}
