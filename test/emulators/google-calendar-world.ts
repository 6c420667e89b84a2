/** A small emulated Calendar for the tests, on a clock of its own; every answer is checked against the shapes. */
import assert from 'node:assert/strict'
import { createGoogleCalendar, type GoogleCalendar } from '../../src/emulators/google-calendar/google-calendar.ts'
import type { GoogleCalendarOptions } from '../../src/emulators/google-calendar/options.ts'
import { at, listAt, textAt, type Answer } from './google-answers.ts'
import { testPorts, type TestPorts } from './test-ports.ts'
import { shapesOf } from './vendor-shapes.ts'

export { at, listAt, textAt, type Answer } from './google-answers.ts'

export const shapes = shapesOf('google-calendar.json', { emptyLists: true })

export const ANN = '100000000000000000001'
export const BOB = '100000000000000000002'
export const START = Date.parse('2026-03-01T10:00:00Z')
export const HOUR = 3_600_000
export const DAY = 24 * HOUR
export const EVENTS = '/calendar/v3/calendars/primary/events'

interface More {
  readonly query?: Record<string, string> | readonly (readonly [string, string])[]
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

export type Call = (verb: string, path: string, more?: More) => Answer

export interface TestCalendar extends Omit<TestPorts, 'ports'> {
  readonly emulator: GoogleCalendar
  /** Calls over the wire as a user. */
  api(user: string, scopes?: readonly string[]): Call
}

export function testCalendar(options: Partial<GoogleCalendarOptions> = {}): TestCalendar {
  const { ports, ...more } = testPorts(START)
  const emulator = createGoogleCalendar(ports, {
    users: [
      { id: ANN, displayName: 'Ann Lee', email: 'ann@example.com', timeZone: 'Europe/Berlin' },
      { id: BOB, displayName: 'Bob Day', email: 'bob@example.com' },
    ],
    clients: [{ id: 'client-one', secret: 'secret-one' }],
    ...options,
  })
  return {
    ...more,
    emulator,
    api: (user, scopes) => (verb, path, more) =>
      send(emulator, emulator.oauth.accessToken(user, 'client-one', scopes), verb, path, more),
  }
}

export function send(
  emulator: GoogleCalendar,
  token: string | null,
  verb: string,
  path: string,
  more: More = {},
): Answer {
  const query = new URLSearchParams()
  const given = more.query ?? {}
  for (const [name, value] of Array.isArray(given) ? given : Object.entries(given)) query.append(name, value)
  const { body } = more
  const response = emulator.handle({
    method: verb,
    path,
    query,
    headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...more.headers },
    body: Buffer.from(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)),
    address: '127.0.0.1',
  })
  const text = response.body.toString()
  const isJson = response.headers['content-type']?.startsWith('application/json') ?? false
  const parsed: unknown = isJson ? JSON.parse(text) : text
  const method = shapes.methodOf(verb, path)
  if (response.status === 200 && method?.response !== undefined && query.get('fields') === null)
    assert.deepEqual(shapes.misfits(method.response, parsed), [], `${verb} ${path}`)
  return { status: response.status, headers: response.headers, body: parsed }
}

/** The code and the reason of a refusal. */
export function refusal(answer: Answer): string {
  return `${answer.status} ${String(at(answer.body, 'error', 'errors', 0, 'reason'))}`
}

/** A timed event in Berlin; days and times as `2026-03-02T10:00`. */
export function timed(summary: string, start: string, end: string, more: object = {}) {
  const zone = { timeZone: 'Europe/Berlin' }
  return {
    summary,
    start: { dateTime: `${start}:00`, ...zone },
    end: { dateTime: `${end}:00`, ...zone },
    ...more,
  }
}

export function allDay(summary: string, start: string, end: string, more: object = {}) {
  return { summary, start: { date: start }, end: { date: end }, ...more }
}

/** All pages of a list, with the token of the last. */
export function listAll(call: Call, query: Record<string, string> = {}, path = EVENTS) {
  const items: unknown[] = []
  let pages = 0
  for (let pageToken = ''; ;) {
    const page = call('GET', path, { query: { ...query, ...(pageToken === '' ? {} : { pageToken }) } })
    assert.equal(page.status, 200, JSON.stringify(page.body))
    items.push(...listAt(page.body, 'items'))
    pages += 1
    const next = at(page.body, 'nextPageToken')
    if (typeof next !== 'string') return { items, pages, syncToken: at(page.body, 'nextSyncToken') }
    assert.equal(at(page.body, 'nextSyncToken'), undefined)
    pageToken = next
  }
}

export function insert(call: Call, body: unknown, path = EVENTS): { readonly id: string; readonly body: unknown } {
  const answer = call('POST', path, { body })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return { id: textAt(answer.body, 'id'), body: answer.body }
}

export function idsOf(items: readonly unknown[]): string[] {
  return items.map((item) => textAt(item, 'id')).toSorted()
}

export function summariesOf(items: readonly unknown[]): unknown[] {
  return items.map((item) => at(item, 'summary'))
}
