/** A forum under a clock turned by hand, and requests as a caller would send them. */
import type { Delivery, EmulatorPorts, WireResponse } from '../../src/emulators/emulator.ts'
import { createDiscourse, type Discourse } from '../../src/emulators/discourse/discourse.ts'
import type { DiscourseOptions, SiteSettings } from '../../src/emulators/discourse/options.ts'

export const START = Date.parse('2026-11-24T13:50:00.000Z')
export const DAY = 86_400_000

export interface Sent extends Delivery {
  readonly at: number
}

export class World {
  now = START
  readonly sent: Sent[] = []
  /** What receivers answer; null: nothing. */
  status: number | null = 200
  #seed = 987_654_321
  #tasks: { readonly at: number; readonly order: number; readonly task: () => void }[] = []
  #order = 0

  readonly ports: EmulatorPorts = {
    now: () => this.now,
    random: () => {
      this.#seed = (this.#seed * 48_271) % 2_147_483_647
      return this.#seed / 2_147_483_647
    },
    after: (ms, task) => {
      this.#order += 1
      this.#tasks.push({ at: this.now + ms, order: this.#order, task })
    },
    deliver: (delivery) => {
      this.sent.push({ ...delivery, at: this.now })
      return Promise.resolve(this.status)
    },
  }

  /** Moves the clock and runs what falls due. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms
    for (;;) {
      this.#tasks.sort((a, b) => a.at - b.at || a.order - b.order)
      const next = this.#tasks[0]
      if (next === undefined || next.at > end) break
      this.#tasks.shift()
      this.now = Math.max(this.now, next.at)
      next.task()
      await Promise.resolve()
      await Promise.resolve()
    }
    this.now = end
  }

  /** Runs what is due at this very moment. */
  settle(): void {
    for (;;) {
      const index = this.#tasks.findIndex((one) => one.at <= this.now)
      const due = index < 0 ? undefined : this.#tasks.splice(index, 1)[0]
      if (due === undefined) return
      due.task()
    }
  }

  /** Event names in the order in which they left. */
  events(): (string | undefined)[] {
    return this.sent.map((delivery) => delivery.headers['X-Discourse-Event'])
  }
}

export interface Ask {
  readonly method?: string
  readonly path: string
  /** Api-Username; absent: none. */
  readonly as?: string | undefined
  /** Null: no key. */
  readonly key?: string | null
  readonly body?: unknown
  readonly address?: string
  readonly headers?: Readonly<Record<string, string>>
}

export function ask(forum: Discourse, request: Ask): WireResponse {
  const url = new URL(request.path, 'http://forum.test')
  const key = request.key === undefined ? 'all-users-key' : request.key
  const text = request.body === undefined || request.body === null ? '' : JSON.stringify(request.body)
  return forum.handle({
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: {
      ...(key === null ? {} : { 'api-key': key }),
      ...(request.as === undefined ? {} : { 'api-username': request.as }),
      ...(text === '' ? {} : { 'content-type': 'application/json' }),
      ...request.headers,
    },
    body: Buffer.from(text),
    address: request.address ?? '127.0.0.1',
  })
}

/** Everyone waits for nobody and calls as often as they like. */
export const unhurried: Partial<SiteSettings> = {
  rate_limit_create_post: 0,
  rate_limit_create_topic: 0,
  rate_limit_new_user_create_post: 0,
  rate_limit_new_user_create_topic: 0,
  max_topics_in_first_day: 1000,
  max_replies_in_first_day: 1000,
  max_topics_per_day: 1000,
  max_admin_api_reqs_per_minute: 100_000,
  max_reqs_per_ip_per_minute: 100_000,
  max_reqs_per_ip_per_10_seconds: 100_000,
}

/** The people and categories of the recorded forum; "Sync Room" is category 5. */
export function forumOf(world: World, options: DiscourseOptions = {}, room = true): Discourse {
  return createDiscourse(world.ports, {
    users: [
      { username: 'sync_bot', name: 'Sync Bot', admin: true },
      { username: 'boss', name: 'Boss', admin: true },
      { username: 'third', trustLevel: 1 },
      { username: 'ann', name: 'Ann Anders', trustLevel: 1 },
      { username: 'modmo', name: 'Moderator Mo', moderator: true, trustLevel: 2 },
      { username: 'bob', name: 'Bo Berg', trustLevel: 2 },
      { username: 'cyd', name: 'Cy Zero', trustLevel: 0 },
    ],
    categories: [
      { name: 'Site Feedback', description: 'Discussion about this site.' },
      { name: 'Staff', description: 'Private category for staff discussions.', readRestricted: true },
      { name: 'General', description: 'Topics that fit nowhere else.' },
      ...(room ? [{ name: 'Sync Room' }] : []),
    ],
    apiKeys: [{ key: 'all-users-key' }, { key: 'another-key' }, { key: 'single-user-key', username: 'bob' }],
    ...options,
  })
}

export function bodyOf(response: WireResponse): unknown {
  const text = String(response.body)
  if (text === '') return ''
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
