/** A Teamwork connection to an emulated site, called directly, with a clock that stands until it is moved. */
import { stepped, type Answering } from './stepped.ts'
import type { Call, Change, Feed, Http, Page } from '../../src/connector/index.ts'
import type { Api } from '../../src/connectors/teamwork/api.ts'
import { teamwork } from '../../src/connectors/teamwork/index.ts'
import type { Delivery } from '../../src/emulators/emulator.ts'
import type { TeamworkOptions } from '../../src/emulators/teamwork/options.ts'
import { createTeamwork, type Teamwork } from '../../src/emulators/teamwork/teamwork.ts'
import { wireOf, START, type Wire } from '../conformance/wire.ts'
import { testRuntime, type TestRuntime } from './runtime.ts'

export { START } from '../conformance/wire.ts'
export const SYNC = 100
export const ANN = 101
/** In the order of the seeds: two projects with their lists, then tags. */
export const [SITE, LATER, BUGS, OLD, OLD_LIST, RED, BLUE] = [1, 2, 3, 4, 5, 6, 7]

export interface TestSite {
  readonly site: Teamwork
  readonly api: Api
  readonly runtime: TestRuntime
  readonly wire: Wire
  readonly config: unknown
  readonly delivered: readonly Delivery[]
  /** In one project, or in the whole site. */
  call(scope?: string, scopes?: readonly string[]): Call<Api>
  advance(ms: number): void
  /** Requests sent since the last question, as "GET /me.json". */
  requests(): readonly string[]
}

export interface SiteOptions extends Partial<TeamworkOptions> {
  readonly config?: object
  /** Stands between the connector and the site. */
  readonly through?: (http: Http) => Http
  readonly answering?: Answering
}

export function testSite({ config = {}, through = (http) => http, answering, ...options }: SiteOptions = {}): TestSite {
  let asked = 0
  const steps = stepped(START, () => 0.5, answering)
  const site = createTeamwork(steps.ports, {
    people: [
      { id: SYNC, firstName: 'Sync', lastName: 'Bot', email: 'sync@acme.test', isAdmin: true, apiKey: 'key-sync' },
      { id: ANN, firstName: 'Ann', lastName: 'Lee', email: 'ann@acme.test', apiKey: 'key-ann' },
    ],
    projects: [
      { name: 'Site', tasklists: ['Later', 'Bugs'] },
      { name: 'Old', archived: true, tasklists: ['Done with'] },
    ],
    tags: ['red', 'blue'],
    callsPerMinute: 1_000_000,
    ...options,
  })
  const wire = wireOf(site)
  const runtime = testRuntime({ http: through(wire.http), now: START })
  const parsed = teamwork.config.parse({ baseUrl: 'http://system.test', apiKey: 'key-sync', ...config })
  const api = teamwork.connect(parsed, runtime)
  return {
    site,
    api,
    runtime,
    wire,
    config: parsed,
    delivered: steps.delivered,
    call: (scope = String(SITE), scopes = [scope]) => ({ api, actor: { ref: String(SYNC) }, scope, scopes }),
    advance: (ms) => steps.advance(ms, runtime),
    requests() {
      const since = runtime.sent.slice(asked).map(({ method, url }) => `${method} ${new URL(url).pathname}`)
      asked = runtime.sent.length
      return since
    },
  }
}

export function feedOf(name: 'projects' | 'tasks' | 'comments' | 'time' | 'site'): Feed<Api> {
  const feed = teamwork.feeds[name]
  if (feed === undefined) throw new Error(name)
  return feed
}

export async function pagesOf(from: AsyncIterable<Page>): Promise<readonly Page[]> {
  const all: Page[] = []
  for await (const page of from) all.push(page)
  return all
}

/** What a feed tells from a cursor on, in a few words, and the cursor that it ends with. */
export async function pulled(
  name: Parameters<typeof feedOf>[0],
  call: Call<Api>,
  cursor: string | null,
): Promise<{ readonly told: readonly string[]; readonly cursor: string }> {
  const pages = await pagesOf(feedOf(name).pull(call, cursor))
  return { told: pages.flatMap(({ changes }) => briefly(changes)), cursor: pages.at(-1)?.cursor ?? '' }
}

export async function listed(name: Parameters<typeof feedOf>[0], call: Call<Api>): Promise<readonly string[]> {
  return (await pagesOf(feedOf(name).list(call, null))).flatMap(({ changes }) => briefly(changes))
}

export function briefly(changes: readonly Change[]): readonly string[] {
  return changes.map((change) => {
    if ('gone' in change) return `${change.kind} ${change.ref} ${change.gone}`
    if ('unread' in change) return `${change.kind} ${change.ref} unread`
    const { name, body, minutes } = change.values
    return `${change.kind} ${change.ref}: ${String(name ?? body ?? minutes)}`
  })
}
