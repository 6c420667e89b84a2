/** Where the scripted people act: the two systems' own windows, and a look at whether a text has arrived. */
import type { Discourse } from '../src/emulators/discourse/discourse.ts'
import type { Outcome, Person as ForumPerson } from '../src/emulators/discourse/person.ts'
import type { GoogleChat } from '../src/emulators/google-chat/google-chat.ts'
import type { Person as ChatPerson } from '../src/emulators/google-chat/person.ts'
import { actorOf, ENGINE, type Who } from './cast.ts'
import { chatPeople } from './history/lay.ts'
import type { Act, Expectation, System, Where } from './protocol.ts'

export interface Stage {
  /** Answers where the last act left something. */
  act(acts: readonly Act[]): Where | null
  find(system: System, text: string): Where | null
  expect(id: number, expected: readonly Expectation[]): void
  /** Which expectations have come true since it was asked last. */
  arrivals(): { id: number; ms: number }[]
  invite(space: string): Where | null
  spaces(): Record<string, string>
  categories(): Record<string, string>
}

interface Awaited {
  readonly id: number
  readonly since: number
  readonly goals: readonly (Expectation & { readonly count: number })[]
}

export function stageOf(chat: GoogleChat, forum: Discourse, clock: () => number): Stage {
  let awaited: Awaited[] = []
  const items = (system: System, text: string): Where[] =>
    system === 'chat' ? inChat(chat, text) : inForum(forum, text)
  /** How often a text stands there once all that is awaited has come true; a part of it may stand there already. */
  const foreseen = (goal: Expectation): number => {
    const alike = awaited.flatMap(({ goals }) =>
      goals.filter((each) => each.in === goal.in && each.text === goal.text && each.change === goal.change),
    )
    const counts = [items(goal.in, goal.text).length, ...alike.map(({ count }) => count)]
    return goal.change === 'more' ? Math.max(...counts) : Math.min(...counts)
  }
  return {
    act(acts) {
      let where: Where | null = null
      for (const act of acts) where = act.in === 'chat' ? actInChat(chat, act) : actInForum(forum, act)
      return where
    },
    find: (system, text) => items(system, text).at(-1) ?? null,
    expect(id, expected) {
      if (expected.length === 0) return
      const goals = expected.map((goal) => {
        const count = foreseen(goal) + (goal.change === 'more' ? 1 : -1)
        return { ...goal, count: Math.max(0, count) }
      })
      awaited.push({ id, since: clock(), goals })
    },
    arrivals() {
      const isThere = ({ goals }: Awaited): boolean =>
        goals.every(({ in: system, text, change, count }) => {
          const found = items(system, text).length
          return change === 'more' ? found >= count : found <= count
        })
      const there = awaited.filter(isThere)
      awaited = awaited.filter((each) => !there.includes(each))
      return there.map(({ id, since }) => ({ id, ms: clock() - since }))
    },
    invite(name) {
      const space = spacesOf(chat)[name]
      if (space === undefined) return null
      for (const { id } of chatPeople()) if (id !== ENGINE.chat) chat.as(ENGINE.chat).invite(space, id)
      return { ref: space, parent: space }
    },
    spaces: () => spacesOf(chat),
    categories: () => categoriesOf(forum),
  }
}

/** All spaces that Lockstep is in, by name. */
function spacesOf(chat: GoogleChat): Record<string, string> {
  return Object.fromEntries(
    chat
      .as(ENGINE.chat)
      .spaces()
      .map(({ displayName = '', name }) => [displayName, name]),
  )
}

function categoriesOf(forum: Discourse): Record<string, string> {
  return Object.fromEntries([...forum.state().categories.values()].map(({ name, id }) => [name, String(id)]))
}

/** A copy ends with the text: what names its author stands before it. */
function isText(found: string, text: string, before: string): boolean {
  return found === text || found.endsWith(`${before}${text}`)
}

function inChat(chat: GoogleChat, text: string): Where[] {
  const reader = chat.as(ENGINE.chat)
  return Object.values(spacesOf(chat)).flatMap((space) =>
    reader.messages(space).flatMap((message) => {
      const found = message.formattedText ?? message.text ?? ''
      return isText(found, text, '*: ') ? [{ ref: message.name, parent: message.thread?.name ?? '' }] : []
    }),
  )
}

function inForum(forum: Discourse, text: string): Where[] {
  const { posts, topics } = forum.state()
  return [...posts.values()].flatMap((post) => {
    const gone = post.deletedAt !== null || post.userDeleted || topics.get(post.topicId)?.deletedAt != null
    return !gone && isText(post.raw, text, '** in Google Chat:\n\n')
      ? [{ ref: String(post.id), parent: String(post.topicId) }]
      : []
  })
}

function chatPerson(chat: GoogleChat, who: Who): ChatPerson {
  const { chat: id, name } = actorOf(who)
  if (id === undefined) throw new Error(`${name} is not in Chat`)
  return chat.as(id)
}

function forumPerson(forum: Discourse, who: Who): ForumPerson {
  const { forum: username, name } = actorOf(who)
  if (username === undefined) throw new Error(`${name} is not in the forum`)
  return forum.as(username)
}

function actInChat(chat: GoogleChat, act: Extract<Act, { in: System }>): Where | null {
  const person = chatPerson(chat, act.who)
  switch (act.do) {
    case 'write': {
      const space = spacesOf(chat)[act.place]
      if (space === undefined) throw new Error(`there is no space ${act.place}`)
      return whereOf(person.post(space, act.text))
    }
    case 'reply':
      return whereOf(person.post(act.to.split('/').slice(0, 2).join('/'), act.text, { thread: act.to }))
    case 'edit':
      return whereOf(person.edit(act.ref, act.text))
    case 'remove':
      person.remove(act.ref)
      return null
    default:
      throw new Error(`nobody can ${act.do} in Chat`)
  }
}

function whereOf({ name, thread }: { readonly name: string; readonly thread?: { readonly name: string } }): Where {
  return { ref: name, parent: thread?.name ?? '' }
}

function actInForum(forum: Discourse, act: Act): Where | null {
  const person = forumPerson(forum, act.who)
  switch (act.do) {
    case 'write': {
      const category = Number(categoriesOf(forum)[act.place])
      const { topicId, postId } = done(person.topic({ title: titleIn(act), raw: act.text, category }))
      return { ref: String(postId), parent: String(topicId) }
    }
    case 'reply':
      return { ref: String(done(person.reply(Number(act.to), act.text)).postId), parent: act.to }
    case 'edit':
      done(person.edit(Number(act.ref), act.text))
      return null
    case 'remove':
      done(person.remove(Number(act.ref)))
      return null
    case 'remove-topic':
      done(person.removeTopic(Number(act.topic)))
      return null
    case 'retitle':
      done(person.retitle(Number(act.topic), act.title))
      return null
  }
}

function titleIn(act: Extract<Act, { do: 'write' }>): string {
  return 'title' in act ? act.title : ''
}

function done<T>(outcome: Outcome<T & object>): T {
  if (outcome.ok) return outcome
  throw new Error(`the forum refused it (${outcome.status}): ${outcome.errors.join(' ')}`)
}
