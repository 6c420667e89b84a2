/** Google Calendar's connector at a script of answers, and answers to put into the script. */
import assert from 'node:assert/strict'
import { configured, ConnectorError, type Call, type Change, type Item } from '../../src/connector/index.ts'
import { googleCalendar } from '../../src/connectors/google-calendar/index.ts'
import { Answer, pagesOf, scriptedHttp, testRuntime } from './runtime.ts'

export const NOW = Date.parse('2026-11-02T09:00:00Z')
export const SCOPE = 'team@example.org'
type Script = (method: string, url: URL, body: unknown) => unknown

export function callOf(answer: Script, config: object = {}): { call: Call<never>; asked: URL[] } {
  const asked: URL[] = []
  const http = scriptedHttp((method, url, body) => {
    asked.push(url)
    return answer(method, url, body)
  })
  const parsed = googleCalendar.config.parse({ clientId: 'c', clientSecret: 's', ...config })
  const api = googleCalendar.connect(parsed, testRuntime({ http, now: NOW })) as never
  return { call: { api, actor: { ref: 'me@example.org' }, scope: SCOPE, scopes: [SCOPE] }, asked }
}

/** The kinds and the feed of a connection that is configured so. */
export function waysOf(config: object = {}) {
  const parsed = googleCalendar.config.parse({ clientId: 'c', clientSecret: 's', ...config })
  const { feeds, kinds } = configured(googleCalendar, parsed)
  const { event, exception } = kinds
  return { feed: feeds['calendar'], event, exception }
}

const { feed } = waysOf()

export function refusal(status: number, reason: string, domain = 'global'): Answer {
  return new Answer(status, { error: { code: status, message: 'no', errors: [{ domain, reason, message: 'no' }] } })
}

export function wire(id: string, more: object = {}): object {
  return {
    id,
    etag: `"${id}"`,
    status: 'confirmed',
    summary: id,
    start: { dateTime: '2026-11-09T10:00:00+01:00', timeZone: 'Europe/Berlin' },
    end: { dateTime: '2026-11-09T11:00:00+01:00', timeZone: 'Europe/Berlin' },
    organizer: { email: SCOPE, self: true },
    ...more,
  }
}

export const cursor = (at: object): string =>
  JSON.stringify({ form: 2, events: { [SCOPE]: at }, calendars: { [SCOPE]: 'known' }, listedAt: NOW })

export async function changes(call: Call<never>, from: string): Promise<readonly Change[]> {
  return (await pagesOf(feed?.pull(call, from) ?? assert.fail())).flatMap((page) => page.changes)
}

export async function failureOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'none'
  } catch (error) {
    assert.ok(error instanceof ConnectorError)
    return error.failure
  }
}

export const items = async (more: object, role = 'owner'): Promise<Item> => {
  const { call } = callOf(() => ({ items: [wire('x', more)], accessRole: role, nextSyncToken: 's' }))
  const [found] = await changes(call, cursor({ sync: 'b' }))
  assert.ok(found !== undefined && 'values' in found)
  return found
}
