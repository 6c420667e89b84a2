/** A Missive connection to an emulated organization, called directly, with a clock that stands until it is moved. */
import { stepped, type Answering } from './stepped.ts'
import type { Call, Change, Feed, Http, Page } from '../../src/connector/index.ts'
import type { Api } from '../../src/connectors/missive/api.ts'
import { missive } from '../../src/connectors/missive/index.ts'
import type { Delivery } from '../../src/emulators/emulator.ts'
import type { Mail } from '../../src/emulators/missive/messages.ts'
import { createMissive, type Missive } from '../../src/emulators/missive/missive.ts'
import type { MissiveOptions } from '../../src/emulators/missive/options.ts'
import { START, wireOf, type Wire } from '../conformance/wire.ts'
import { testRuntime, type TestRuntime } from './runtime.ts'

export { START } from '../conformance/wire.ts'
export const ORG = 'org-acme'
export const SYNC = 'user-sync'
export const ANN = 'user-ann'
export const SUPPORT = 'team-support'
export const URGENT = 'label-urgent'
export const DONE = 'label-done'
export const MAILBOX = 'account-support'

export interface TestSite {
  readonly site: Missive
  readonly api: Api
  readonly runtime: TestRuntime
  readonly wire: Wire
  readonly config: unknown
  readonly delivered: readonly Delivery[]
  call(scope?: string): Call<Api>
  /** A mail to the support team; answers the id of its conversation. */
  mail(more?: Partial<Mail>): string
  /** As Ann would, or another, with a token of their own; answers the parsed body. */
  ask(method: string, path: string, body?: unknown, token?: string): unknown
  advance(ms: number): void
  /** Requests sent since the last question, as "GET /users", with the ids of the organization left out. */
  requests(): readonly string[]
}

export interface SiteOptions extends Partial<MissiveOptions> {
  readonly config?: object
  /** Stands between the connector and Missive. */
  readonly through?: (http: Http) => Http
  readonly answering?: Answering
}

export function testSite({ config = {}, through = (http) => http, answering, ...options }: SiteOptions = {}): TestSite {
  let asked = 0
  let seed = 7
  const steps = stepped(START, () => (seed = (seed * 16807) % 2147483647) / 2147483647, answering)
  const site = createMissive(steps.ports, {
    organizations: [{ id: ORG, name: 'Acme' }],
    users: [
      { id: SYNC, name: 'Sync Bot', email: 'sync@acme.test', organizations: { [ORG]: 'owner' }, token: 'token-sync' },
      { id: ANN, name: 'Ann Lee', email: 'ann@acme.test', organizations: { [ORG]: 'owner' }, token: 'token-ann' },
    ],
    teams: [{ id: SUPPORT, name: 'Support', organization: ORG, members: [SYNC, ANN] }],
    labels: [
      { id: URGENT, name: 'Urgent', organization: ORG, color: '#ff0000' },
      { id: DONE, name: 'Done', organization: ORG, parent: URGENT },
    ],
    accounts: [
      { id: MAILBOX, kind: 'email', address: 'support@acme.test', name: 'Support', organization: ORG, team: SUPPORT },
    ],
    callsPerMinute: 1_000_000,
    callsPer15Minutes: 1_000_000,
    ...options,
  })
  const wire = wireOf(site)
  const runtime = testRuntime({ http: through(wire.http), now: START })
  const parsed = missive.config.parse({ baseUrl: 'http://system.test/v1', token: 'token-sync', ...config })
  const api = missive.connect(parsed, runtime)
  return {
    site,
    api,
    runtime,
    wire,
    config: parsed,
    delivered: steps.delivered,
    call: (scope = ORG) => ({ api, actor: { ref: SYNC, name: 'Sync Bot' }, scope, scopes: [ORG] }),
    mail(more = {}) {
      const from = { name: 'Dee Roe', address: 'dee@client.test' }
      return site.receive(MAILBOX, { from, subject: 'Help', body: '<p>It is broken</p>', ...more }).conversationId
    },
    ask(method, path, body, token = 'token-ann') {
      const [pathname = '', query = ''] = path.split('?')
      const answer = site.handle({
        method,
        path: `/v1${pathname}`,
        query: new URLSearchParams(query),
        headers: { authorization: `Bearer ${token}`, host: 'system.test' },
        body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
        address: '10.0.0.9',
      })
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${String(answer.body)}`)
      return answer.body.length === 0 ? null : JSON.parse(String(answer.body))
    },
    advance: (ms) => steps.advance(ms, runtime),
    requests() {
      const since = runtime.sent
        .slice(asked)
        .map(({ method, url }) => `${method} ${new URL(url).pathname.replace('/v1', '')}`)
      asked = runtime.sent.length
      return since.map((each) => each.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID'))
    },
  }
}

type FeedName = 'organizations' | 'conversations' | 'messages' | 'comments' | 'posts' | 'people' | 'teams' | 'labels'

export function feedOf(name: FeedName): Feed<Api> {
  const feed = missive.feeds[name]
  if (feed === undefined) throw new Error(name)
  return feed
}

export async function pagesOf(from: AsyncIterable<Page>): Promise<readonly Page[]> {
  const all: Page[] = []
  for await (const page of from) all.push(page)
  return all
}

export async function changesOf(from: AsyncIterable<Page>): Promise<readonly Change[]> {
  return (await pagesOf(from)).flatMap(({ changes }) => changes)
}

/** What a feed tells from a cursor on, in a few words, and the cursor that it ends with. */
export async function pulled(
  name: FeedName,
  call: Call<Api>,
  cursor: string | null,
): Promise<{ readonly told: readonly string[]; readonly cursor: string }> {
  const pages = await pagesOf(feedOf(name).pull(call, cursor))
  return { told: pages.flatMap(({ changes }) => changes.map(briefly)), cursor: pages.at(-1)?.cursor ?? '' }
}

export async function listed(name: FeedName, call: Call<Api>): Promise<readonly string[]> {
  return (await changesOf(feedOf(name).list(call, null))).map(briefly)
}

export function briefly(change: Change): string {
  if ('gone' in change) return `${change.kind} ${change.gone}`
  if ('unread' in change) return `${change.kind} unread`
  const { subject, latestSubject, body, text, name } = change.values
  return `${change.kind}: ${String(name ?? body ?? text ?? subject ?? latestSubject)}`
}
