/** The connector at an emulated Chat on loopback. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Call, Change, Item, Page } from '../../src/connector/index.ts'
import type { ChatApi } from '../../src/connectors/google-chat/api.ts'
import { googleChat as connector } from '../../src/connectors/google-chat/index.ts'
import { createGoogleChat, type GoogleChat } from '../../src/emulators/google-chat/google-chat.ts'
import type { GoogleChatOptions } from '../../src/emulators/google-chat/options.ts'
import { realPorts, serve, type Served } from '../../src/emulators/serve.ts'
import { messages, threads } from './google-chat-kinds.ts'
import { loopbackHttp, testRuntime, type TestRuntime } from './runtime.ts'

export const START = Date.parse('2026-11-20T12:00:00Z')
export const ENGINE = { ref: 'users/100' }
export const SPACE = 'spaces/AAA'

export interface World {
  readonly chat: GoogleChat
  readonly served: Served
  readonly runtime: TestRuntime
  readonly call: Call<ChatApi>
  readonly spaceless: Call<ChatApi>
  advance(ms: number): void
}

/** An emulated Chat on loopback, and the connector at it, both on one clock. */
export async function world(
  t: TestContext,
  options: Partial<GoogleChatOptions> = {},
  config: object = {},
): Promise<World> {
  let now = START
  const chat = createGoogleChat(
    { ...realPorts(), now: () => now },
    {
      users: [
        { id: '100', displayName: 'Sync', email: 'sync@example.com' },
        { id: '200', displayName: 'Ada', email: 'ada@example.com' },
      ],
      spaces: [{ id: 'AAA', displayName: 'Team', members: ['100', '200'] }],
      clients: [{ id: 'client', secret: 'secret' }],
      readLagMs: 0,
      eventLagMs: 0,
      ...options,
    },
  )
  const served = await serve(chat)
  t.after(() => served.close())
  const tokens = { bearer: () => Promise.resolve(chat.oauth.accessToken('100')), refused: () => undefined }
  const runtime = testRuntime({ http: loopbackHttp, tokens, now: START })
  const parsed = connector.config.parse({
    clientId: 'client',
    clientSecret: 'secret',
    baseUrl: served.url,
    tokenUrl: `${served.url}/token`,
    tokeninfoUrl: `${served.url}/tokeninfo`,
    ...config,
  })
  const call = { api: connector.connect(parsed, runtime), actor: ENGINE, scope: SPACE, scopes: ['', SPACE] }
  const advance = (ms: number): void => {
    now += ms
    runtime.advance(ms)
  }
  return { chat, served, runtime, call, spaceless: { ...call, scope: '' }, advance }
}

export function itemIn(change: Change | undefined): Item {
  assert(change !== undefined && 'values' in change)
  return change
}

export function briefly(pages: readonly Page[]): readonly string[] {
  return pages
    .flatMap((page) => page.changes)
    .map((change) => {
      if ('gone' in change) return `${change.kind} ${change.gone}`
      if ('unread' in change) return `${change.kind} unread`
      return `${change.kind} ${String(change.values['name'] ?? change.values['subject'] ?? change.values['text'])}`
    })
}

export async function startThread({ call }: World, key: string, text: string): Promise<{ thread: Item; head: Item }> {
  const head = { key, values: { space: SPACE, text }, since: START }
  const made = await threads.create(call, {
    key: `t${key}`,
    values: { space: SPACE, subject: text },
    since: START,
    head,
  })
  return { thread: itemIn(made[0]), head: itemIn(made[1]) }
}

export async function reply({ call }: World, key: string, thread: string, text: string): Promise<Item> {
  return itemIn((await messages.create(call, { key, values: { space: SPACE, thread, text }, since: START }))[0])
}
