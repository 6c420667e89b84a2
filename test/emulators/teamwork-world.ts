/** A small emulated Teamwork site for the tests, on a clock of its own; every answer of v3 is checked against the shapes. */
import assert from 'node:assert/strict'
import { createTeamwork, type Teamwork } from '../../src/emulators/teamwork/teamwork.ts'
import type { TeamworkOptions } from '../../src/emulators/teamwork/options.ts'
import { at, listAt, type Answer } from './google-answers.ts'
import { testPorts, type TestPorts } from './test-ports.ts'
import { shapesOf } from './vendor-shapes.ts'

export { at, listAt, textAt, type Answer } from './google-answers.ts'

export const shapes = shapesOf('teamwork.json', { emptyLists: true })

export const ANN = 101
export const BOB = 102
/** In the order of the seeds. */
export const [SITE, LATER, BUGS, OLD, OLD_LIST, RED, BLUE] = [1, 2, 3, 4, 5, 6, 7]
export const START = Date.parse('2026-03-01T10:00:00Z')
export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const V3 = '/projects/api/v3'

export type Call = (verb: string, path: string, more?: { query?: Record<string, string>; body?: unknown }) => Answer

export interface TestSite extends Omit<TestPorts, 'ports'> {
  readonly site: Teamwork
  /** Calls over the wire with a person's key. */
  api(person: number): Call
}

export function testSite(options: Partial<TeamworkOptions> = {}): TestSite {
  const { ports, ...more } = testPorts(START)
  const site = createTeamwork(ports, {
    people: [
      { id: ANN, firstName: 'Ann', lastName: 'Lee', email: 'ann@example.com', isAdmin: true, apiKey: `key-${ANN}` },
      { id: BOB, firstName: 'Bob', lastName: 'Day', email: 'bob@example.com', apiKey: `key-${BOB}` },
    ],
    projects: [
      { name: 'Site', tasklists: ['Later', 'Bugs'] },
      { name: 'Old', archived: true, tasklists: ['Done with'] },
    ],
    tags: ['red', 'blue'],
    ...options,
  })
  const authorization = (person: number): string => `Basic ${Buffer.from(`key-${person}:x`).toString('base64')}`
  return { ...more, site, api: (person) => (verb, path, asked) => send(site, authorization(person), verb, path, asked) }
}

export function send(
  site: Teamwork,
  authorization: string,
  verb: string,
  path: string,
  more: { query?: Record<string, string>; body?: unknown } = {},
): Answer {
  const { body } = more
  const response = site.handle({
    method: verb,
    path: `${path}.json`,
    query: new URLSearchParams(more.query ?? {}),
    headers: { authorization },
    body: Buffer.from(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)),
    address: '127.0.0.1',
  })
  const text = response.body.toString()
  const isJson = response.headers['content-type']?.startsWith('application/json') ?? false
  const parsed: unknown = isJson ? JSON.parse(text) : text
  const method = shapes.methodOf(verb, `${path}.json`)
  if (response.status < 300 && method?.response !== undefined)
    assert.deepEqual(shapes.misfits(method.response, parsed), [], `${verb} ${path}`)
  if (response.status >= 400 && isJson && path.startsWith(V3))
    assert.deepEqual(shapes.misfits('view.ErrorResponse', parsed), [], `${verb} ${path}`)
  return { status: response.status, headers: response.headers, body: parsed }
}

export function addTask(call: Call, task: object, tasklist = LATER): number {
  const answer = call('POST', `${V3}/tasklists/${tasklist}/tasks`, { body: { task } })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return Number(at(answer.body, 'task', 'id'))
}

/** Names of the tasks of a list. */
export function named(call: Call, query: Record<string, string> = {}, path = `${V3}/tasks`): unknown[] {
  const answer = call('GET', path, { query })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return listAt(answer.body, 'tasks').map((task) => at(task, 'name'))
}
