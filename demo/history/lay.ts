/** Turns the written history into what the two emulated systems start with. */
import type { GoogleChatOptions, MessageSeed, SpaceSeed, UserSeed } from '../../src/emulators/google-chat/options.ts'
import type { DiscourseOptions, SeededTopic, SeededUser } from '../../src/emulators/discourse/options.ts'
import { actorOf, CAST, ENGINE, isWho, type Who } from '../cast.ts'
import { KEYS } from '../protocol.ts'
import { SPACES } from './chat.ts'
import { CATEGORIES } from './forum.ts'
import { dated, type Place } from './past.ts'

const DAY = 86_400_000
const everybody: readonly Who[] = Object.keys(CAST).filter(isWho)

export function chatPeople(): UserSeed[] {
  const people = everybody.flatMap((who): UserSeed[] => {
    const { chat: id, name: displayName } = actorOf(who)
    return id === undefined ? [] : [{ id, displayName, email: `${who.toLowerCase()}@harbour.test` }]
  })
  return [{ id: ENGINE.chat, displayName: ENGINE.chatName, email: 'lockstep@harbour.test' }, ...people]
}

export function chatOptions(now: number): GoogleChatOptions {
  const user = ENGINE.chat
  return {
    users: chatPeople(),
    spaces: SPACES.map((place, index) => spaceOf(place, index, now)),
    clients: [
      { id: KEYS.clientId, secret: KEYS.clientSecret, project: 'lockstep' },
      { id: KEYS.judgeClientId, secret: KEYS.judgeClientSecret, project: 'judge' },
    ],
    refreshTokens: [
      { token: KEYS.refreshToken, user, client: KEYS.clientId },
      { token: KEYS.judgeRefreshToken, user, client: KEYS.judgeClientId },
    ],
  }
}

function spaceOf(place: Place, index: number, now: number): SpaceSeed {
  const members = chatPeople().map(({ id }) => id)
  return {
    id: `AAAAHarbour${index + 1}`,
    displayName: place.name,
    createTime: now - 40 * DAY,
    members: members.filter((id) => id !== ENGINE.chat),
    managers: [ENGINE.chat],
    messages: place.conversations.flatMap((each, thread) =>
      dated(each, now).map(({ who, text, time, later }): MessageSeed => {
        const changed = time + 20 * 60_000
        return {
          thread: `thread-${index + 1}-${thread + 1}`,
          sender: actorOf(who).chat ?? ENGINE.chat,
          text,
          createTime: time,
          ...(later === 'edited' ? { lastUpdateTime: changed } : {}),
          ...(later === 'deleted' ? { deleteTime: changed } : {}),
        }
      }),
    ),
  }
}

export function forumPeople(now: number): SeededUser[] {
  const people = everybody.flatMap((who): SeededUser[] => {
    const { forum: username, name, moderator = false } = actorOf(who)
    return username === undefined ? [] : [{ username, name, moderator, trustLevel: 3, createdAt: now - 400 * DAY }]
  })
  const engine: SeededUser = { username: ENGINE.forum, name: 'Lockstep', admin: true, createdAt: now - 60 * DAY }
  return [engine, { username: 'admin', name: 'Admin', admin: true, createdAt: now - 400 * DAY }, ...people]
}

/** Edits and deletions are no part of a seed: people do them afterwards. */
export function forumOptions(now: number): DiscourseOptions {
  const history = CATEGORIES.flatMap(({ name, conversations }) =>
    conversations.flatMap((each): SeededTopic[] => {
      const [first, ...replies] = dated(each, now).map(({ who, text, time }) => ({
        username: actorOf(who).forum ?? ENGINE.forum,
        raw: text,
        createdAt: time,
      }))
      return first === undefined ? [] : [{ ...first, title: each.title ?? '', category: name, replies }]
    }),
  )
  return {
    users: forumPeople(now),
    categories: CATEGORIES.map(({ name }) => ({ name, description: `Everything about: ${name}.` })),
    history: history.sort((one, other) => one.createdAt - other.createdAt),
    apiKeys: [
      { key: KEYS.apiKey, username: ENGINE.forum },
      { key: KEYS.judgeApiKey, username: 'admin' },
      { key: KEYS.adminApiKey, username: 'admin' },
    ],
  }
}

export function textsInHistory(): number {
  const all = [...SPACES, ...CATEGORIES].flatMap(({ conversations }) => conversations.flatMap(({ lines }) => lines))
  return all.filter(({ later }) => later !== 'deleted').length
}
