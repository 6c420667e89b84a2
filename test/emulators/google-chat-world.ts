/** A small emulated workspace for the tests, on a clock of its own; every answer is checked against the shapes. */
import assert from 'node:assert/strict'
import type { EmulatorPorts } from '../../src/emulators/emulator.ts'
import { createGoogleChat, type GoogleChat } from '../../src/emulators/google-chat/google-chat.ts'
import type { GoogleChatOptions } from '../../src/emulators/google-chat/options.ts'
import { at, chance, type Answer } from './google-answers.ts'
import { shapesOf } from './vendor-shapes.ts'

export { at, chance, listAt, textAt, type Answer } from './google-answers.ts'

export const shapes = shapesOf('google-chat.json', { emptyLists: false })

export const ANN = '100000000000000000001'
export const BOB = '100000000000000000002'
export const CAT = '100000000000000000003'
export const BOT = '100000000000000000009'
export const START = Date.parse('2026-03-01T10:00:00Z')

export type Call = (verb: string, path: string, more?: { query?: Record<string, string>; body?: unknown }) => Answer

export interface TestChat {
  readonly chat: GoogleChat
  /** Calls over the wire as a user. */
  api(user: string): Call
  advance(ms: number): void
  now(): number
}

export function testChat(options: Partial<GoogleChatOptions> = {}, random: () => number = chance()): TestChat {
  let time = START
  const ports: EmulatorPorts = {
    now: () => time,
    random,
    after: () => assert.fail('nothing is to be run later'),
    deliver: () => assert.fail('nothing is to be sent'),
  }
  const chat = createGoogleChat(ports, {
    users: [
      { id: ANN, displayName: 'Ann Lee', email: 'ann@example.com' },
      { id: BOB, displayName: 'Bob Day', email: 'bob@example.com' },
      { id: CAT, displayName: 'Cat Fox', email: 'cat@example.com' },
      { id: BOT, displayName: 'Helper', email: 'helper@example.com', type: 'BOT' },
    ],
    clients: [
      { id: 'client-one', secret: 'secret-one' },
      { id: 'client-two', secret: 'secret-two' },
    ],
    spaces: [{ id: 'TEAM', displayName: 'Team', members: [BOB, BOT], managers: [ANN] }],
    ...options,
  })
  const tokens = new Map<string, string>()
  return {
    chat,
    api: (user) => (verb, path, more) => {
      const known = tokens.get(user) ?? chat.oauth.accessToken(user)
      tokens.set(user, known)
      return send(chat, known, verb, path, more)
    },
    advance: (ms) => {
      time += ms
      if (ms >= 3_600_000) tokens.clear()
    },
    now: () => time,
  }
}

export function send(
  chat: GoogleChat,
  token: string | null,
  verb: string,
  path: string,
  more: { query?: Record<string, string>; body?: unknown } = {},
): Answer {
  const response = chat.handle({
    method: verb,
    path,
    query: new URLSearchParams(more.query ?? {}),
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    body: more.body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(more.body)),
    address: '127.0.0.1',
  })
  const text = response.body.toString()
  const isJson = response.headers['content-type']?.startsWith('application/json') ?? false
  const body: unknown = isJson ? JSON.parse(text) : text
  const method = shapes.methodOf(verb, path)
  if (response.status === 200 && method?.response !== undefined && more.query?.['fields'] === undefined)
    assert.deepEqual(shapes.misfits(method.response, body), [], `${verb} ${path}`)
  return { status: response.status, headers: response.headers, body }
}

/** The status text of a refusal. */
export function refusal(answer: Answer): string {
  return `${answer.status} ${String(at(answer.body, 'error', 'status'))}`
}

export const EVENTS = ['message.v1.created', 'message.v1.updated', 'message.v1.deleted', 'space.v1.updated']
  .map((type) => `event_types:"google.workspace.chat.${type}"`)
  .join(' OR ')
