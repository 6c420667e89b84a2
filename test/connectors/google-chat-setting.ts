/** The connector at a script of answers, and answers to put into the script. */
import type { Call, Change } from '../../src/connector/index.ts'
import type { ChatApi } from '../../src/connectors/google-chat/api.ts'
import { googleChat } from '../../src/connectors/google-chat/index.ts'
import { scriptedHttp, testRuntime, type TestRuntime } from './runtime.ts'

export const NOW = Date.parse('2026-11-20T12:00:00Z')
export const ME = { ref: 'users/1' }
export const SPACE = 'spaces/A'

export interface Setting {
  readonly call: Call<ChatApi>
  readonly runtime: TestRuntime
}

export function setting(
  answer: (method: string, url: URL, body: unknown) => unknown,
  { config = {}, scopes = [SPACE], scope = SPACE }: { config?: object; scopes?: string[]; scope?: string } = {},
): Setting {
  const runtime = testRuntime({ http: scriptedHttp(answer), now: NOW })
  const parsed = googleChat.config.parse({ clientId: 'client', clientSecret: 'secret', ...config })
  return { runtime, call: { api: googleChat.connect(parsed, runtime), actor: ME, scope, scopes } }
}

export function message(id: string, thread: string, more: object = {}): object {
  return {
    name: `${SPACE}/messages/${thread}.${id}`,
    sender: { name: 'users/2', displayName: 'Ada' },
    createTime: '2026-11-20T10:00:00Z',
    text: `text ${id}`,
    thread: { name: `${SPACE}/threads/${thread}` },
    ...(id === thread ? {} : { threadReply: true }),
    ...more,
  }
}

export function tombstone(id: string, thread: string, more: object = {}): object {
  return {
    name: `${SPACE}/messages/${thread}.${id}`,
    createTime: '2026-11-20T10:00:00Z',
    deleteTime: '2026-11-20T11:00:00Z',
    deletionMetadata: { deletionType: 'CREATOR' },
    thread: { name: `${SPACE}/threads/${thread}` },
    ...more,
  }
}

export function pathOf(url: URL): string {
  return url.pathname.slice('/v1/'.length)
}

export function briefly(changes: readonly Change[]): readonly string[] {
  return changes.map((change) => {
    const what = 'gone' in change ? change.gone : 'unread' in change ? 'unread' : 'item'
    return `${change.kind} ${change.ref.split('/').at(-1) ?? ''} ${what}`
  })
}

export function spacesNamed(...names: readonly string[]): readonly object[] {
  return names.map((name) => ({ name: `spaces/${name}`, displayName: name, spaceType: 'SPACE' }))
}
