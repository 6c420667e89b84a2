/** A Discourse connection to an emulated forum, called directly, with a clock that stands until it is moved. */
import { stepped } from './stepped.ts'
import assert from 'node:assert/strict'
import type { Call, Change, Create, Http, Item, Kind, Tombstone, Unread } from '../../src/connector/index.ts'
import { ConnectorError } from '../../src/connector/index.ts'
import type { Api } from '../../src/connectors/discourse/api.ts'
import { discourse } from '../../src/connectors/discourse/index.ts'
import { createDiscourse, type Discourse } from '../../src/emulators/discourse/discourse.ts'
import type { DiscourseOptions } from '../../src/emulators/discourse/options.ts'
import type { Delivery, Emulator } from '../../src/emulators/emulator.ts'
import { testRuntime, type TestRuntime } from './runtime.ts'

export const START = Date.parse('2026-11-20T12:00:00Z')
const KEY = 'emulated-key'

export interface Forum {
  readonly site: Discourse
  readonly runtime: TestRuntime
  readonly api: Api
  /** The call of a room's flow; no room: of the categories. */
  call(room?: string): Call<Api>
  scope(room: string): string
  advance(ms: number): void
  /** Requests sent since the last question, as "GET /posts.json". */
  requests(): readonly string[]
  readonly delivered: readonly Delivery[]
}

export interface ForumOptions extends DiscourseOptions {
  readonly config?: object
  /** Stands between the connector and the forum. */
  readonly through?: (http: Http) => Http
  readonly rooms?: readonly string[]
}

export function forum({
  config = {},
  through = (http) => http,
  rooms = ['Room'],
  ...options
}: ForumOptions = {}): Forum {
  let asked = 0
  const steps = stepped(START, () => 0.5)
  const site = createDiscourse(steps.ports, {
    limits: false,
    baseUrl: 'http://forum.test',
    users: [
      { username: 'sync_bot', name: 'Sync Bot', admin: true, trustLevel: 4 },
      { username: 'modmo', name: 'Moderator Mo', moderator: true, trustLevel: 4 },
      { username: 'ann', name: 'Ann Anders', trustLevel: 2 },
      { username: 'bob', name: 'Bo Berg', trustLevel: 2 },
    ],
    categories: rooms.map((name) => ({ name })),
    apiKeys: [{ key: KEY }],
    ...options,
  })
  const runtime = testRuntime({ http: through(httpOf(site)), now: START })
  const parsed = discourse.config.parse({
    baseUrl: 'http://forum.test',
    apiKey: KEY,
    apiUsername: 'sync_bot',
    ...config,
  })
  const api = discourse.connect(parsed, runtime)
  const scope = (room: string) => String(categoryId(site, room))
  return {
    site,
    runtime,
    api,
    delivered: steps.delivered,
    scope,
    call: (room) => ({
      api,
      actor: { ref: 'sync_bot', name: 'Sync Bot' },
      scope: room === undefined ? '' : scope(room),
      scopes: rooms.map(scope),
    }),
    advance: (ms) => steps.advance(ms, runtime),
    requests() {
      const since = runtime.sent.slice(asked).map(({ method, url }) => `${method} ${new URL(url).pathname}`)
      asked = runtime.sent.length
      return since
    },
  }
}

export function httpOf(emulator: Emulator): Http {
  return {
    send(request) {
      const url = new URL(request.url)
      const response = emulator.handle({
        method: request.method,
        path: url.pathname,
        query: url.searchParams,
        headers: { ...request.headers, host: url.host },
        body: Buffer.from(request.body ?? ''),
        address: '127.0.0.1',
      })
      const headers = Object.fromEntries(
        Object.entries(response.headers).map(([name, value]) => [name.toLowerCase(), value]),
      )
      return Promise.resolve({ status: response.status, headers, body: response.body.toString() })
    },
  }
}

function categoryId(site: Discourse, name: string): number {
  for (const category of site.state().categories.values()) if (category.name === name) return category.id
  throw new Error(`no category ${name}`)
}

/** A try at a create, as the engine makes it. */
export function intent(key: string, values: Create['values'], more: Partial<Create> = {}): Create {
  return { key, values, since: START, ...more }
}

export function done<T>(
  outcome: ({ readonly ok: true } & T) | { readonly ok: false; readonly errors: readonly string[] },
): T {
  if (outcome.ok) return outcome
  throw new Error(outcome.errors.join(' '))
}

/** The functions of a kind that has them all. */
export function ways(
  name: 'category' | 'topic' | 'post',
): Required<Pick<Kind<Api>, 'get' | 'create' | 'find' | 'update'>> & Pick<Kind<Api>, 'delete' | 'empty'> {
  const kind = discourse.kinds[name]
  assert(kind?.get && kind.create && kind.find && kind.update)
  const { get, create, find, update } = kind
  return {
    get,
    create,
    find,
    update,
    ...(kind.delete === undefined ? {} : { delete: kind.delete }),
    ...(kind.empty === undefined ? {} : { empty: kind.empty }),
  }
}

export function feedOf(name: string) {
  const feed = discourse.feeds[name]
  assert(feed)
  return feed
}

export function present(read: Item | Tombstone | Unread | undefined): Item {
  assert(read && 'values' in read, 'not an item')
  return read
}

export function briefly(changes: readonly Change[]): readonly string[] {
  return changes.map((change) => {
    if ('gone' in change) return `${change.kind} ${change.ref} ${change.gone}`
    if ('unread' in change) return `${change.kind} ${change.ref} unread`
    return `${change.kind} ${change.ref}: ${String(change.values['title'] ?? change.values['raw'] ?? change.values['name'])}`
  })
}

export function failing(failure: string, words = /./): (error: unknown) => boolean {
  return (error) => {
    assert(error instanceof ConnectorError, String(error))
    assert.equal(error.failure, failure, error.message)
    assert.match(error.message, words)
    return true
  }
}
