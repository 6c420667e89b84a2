/** What the two systems hold at the start of a measurement: so many threads of so many messages, in so many spaces. */
import { z } from 'zod'
import type { DiscourseOptions, SeededTopic } from '../src/emulators/discourse/options.ts'
import type { GoogleChatOptions, MessageSeed } from '../src/emulators/google-chat/options.ts'

export const layout = z.object({
  spaces: z.int(),
  /** In all spaces together. */
  threads: z.int(),
  perThread: z.int(),
  /** Where people wrote it; `both`: the same stands on both sides, so that it is linked without a write. */
  born: z.enum(['chat', 'forum', 'both']),
  latencyMs: z.int(),
})
export type Layout = z.infer<typeof layout>

/** Credentials of the local systems. They open nothing else. */
export const KEYS = {
  clientId: 'lockstep-bench',
  clientSecret: 'bench-client-secret',
  refreshToken: 'bench-refresh-token',
  apiKey: 'bench-api-key',
  adminKey: 'bench-admin-key',
  webhookSecret: 'bench-webhook-secret',
} as const
export const ENGINE = { chat: '100', forum: 'lockstep' } as const

const CHAT_PERSON = '101'
const FORUM_PERSON = 'carl'
const FORUM_NAME = 'Carl Ibsen'
const DAY = 86_400_000
const AWAY = 1_000_000_000
const WORDS = 'The dock by the river does not lock when it rains, and the light stays yellow for a while.'

export function textOf(thread: number, number: number): string {
  return `Message ${number} of thread ${thread}. ${WORDS}`
}
export function titleOf(thread: number): string {
  return `What we know about dock ${thread}`
}

/** Threads are matched by their first line. */
function shown({ born }: Layout, { thread, number }: { readonly thread: number; readonly number: number }): string {
  const heading = born === 'both' && number === 0 ? `${titleOf(thread)}\n\n` : ''
  return heading + textOf(thread, number)
}

interface Line {
  readonly thread: number
  readonly number: number
  readonly time: number
}

function linesOf({ threads, perThread }: Layout, now: number): Line[] {
  const began = now - 20 * DAY
  const step = Math.floor((19 * DAY) / (threads * perThread))
  return Array.from({ length: threads * perThread }, (_, index) => ({
    thread: Math.floor(index / perThread),
    number: index % perThread,
    time: began + index * step,
  }))
}

export function chatOptions(wanted: Layout, now: number): GoogleChatOptions {
  const lines = wanted.born === 'forum' ? [] : linesOf(wanted, now)
  const sender = wanted.born === 'both' ? ENGINE.chat : CHAT_PERSON
  return {
    users: [
      { id: ENGINE.chat, displayName: 'Lockstep', email: 'lockstep@bench.test' },
      { id: CHAT_PERSON, displayName: 'Ann Berg', email: 'ann@bench.test' },
    ],
    clients: [{ id: KEYS.clientId, secret: KEYS.clientSecret, project: 'lockstep' }],
    refreshTokens: [{ token: KEYS.refreshToken, user: ENGINE.chat, client: KEYS.clientId }],
    quotas: false,
    readLagMs: 0,
    eventLagMs: 0,
    spaces: Array.from({ length: wanted.spaces }, (_, space) => ({
      id: `AAAABench${space}`,
      displayName: `Room ${space}`,
      createTime: now - 40 * DAY,
      members: [CHAT_PERSON],
      managers: [ENGINE.chat],
      messages: lines
        .filter(({ thread }) => thread % wanted.spaces === space)
        .map((line): MessageSeed => ({
          thread: `thread-${line.thread}`,
          sender,
          text: shown(wanted, line),
          createTime: line.time + (wanted.born === 'both' ? 2000 : 0),
        })),
    })),
  }
}

export function forumOptions(wanted: Layout, now: number): DiscourseOptions {
  const lines = wanted.born === 'chat' ? [] : linesOf(wanted, now)
  const topics = new Map<number, SeededTopic & { replies: { username: string; raw: string; createdAt: number }[] }>()
  for (const { thread, number, time } of lines) {
    const post = { username: FORUM_PERSON, raw: shown(wanted, { thread, number }), createdAt: time }
    const topic = topics.get(thread)
    if (topic === undefined)
      topics.set(thread, {
        ...post,
        title: titleOf(thread),
        category: `Room ${thread % wanted.spaces}`,
        replies: [],
      })
    else topic.replies.push(post)
  }
  const person = (username: string, name: string, admin: boolean) => ({
    username,
    name,
    admin,
    trustLevel: 4,
    createdAt: now - 400 * DAY,
  })
  return {
    users: [
      person(ENGINE.forum, 'Lockstep', true),
      person('admin', 'Admin', true),
      person(FORUM_PERSON, FORUM_NAME, false),
    ],
    categories: Array.from({ length: wanted.spaces }, (_, space) => ({ name: `Room ${space}` })),
    history: [...topics.values()],
    apiKeys: [
      { key: KEYS.apiKey, username: ENGINE.forum },
      { key: KEYS.adminKey, username: 'admin' },
    ],
    limits: false,
    validations: false,
    webhookDelay: [0, 0],
    webhookDisorder: false,
    settings: {
      max_admin_api_reqs_per_minute: AWAY,
      max_reqs_per_ip_per_minute: AWAY,
      max_reqs_per_ip_per_10_seconds: AWAY,
    },
  }
}

/** Who writes and edits on each side. */
export const PEOPLE = { chat: CHAT_PERSON, forum: FORUM_PERSON } as const
