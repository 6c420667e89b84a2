/** A small emulated Missive for the tests, on a clock of its own; every answer is checked against the shapes. */
import assert from 'node:assert/strict'
import { createMissive, type Missive } from '../../src/emulators/missive/missive.ts'
import type { Mail } from '../../src/emulators/missive/messages.ts'
import type { MissiveOptions } from '../../src/emulators/missive/options.ts'
import { at, listAt, type Answer } from './google-answers.ts'
import { testPorts, type TestPorts } from './test-ports.ts'
import { shapesOf } from './vendor-shapes.ts'

export { at, listAt, textAt, type Answer } from './google-answers.ts'

export const shapes = shapesOf('missive.json', { emptyLists: true })

export const ORG = 'org-acme'
export const ANN = 'user-ann'
export const BOB = 'user-bob'
export const CYD = 'user-cyd'
export const SUPPORT = 'team-support'
export const URGENT = 'label-urgent'
export const DONE = 'label-done'
export const MAILBOX = 'account-support'
export const OWN = 'account-ann'
export const CHANNEL = 'account-chat'
export const BOOK = 'book-acme'
export const START = Date.parse('2026-03-01T10:00:00Z')
export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const NOW = START / 1000

export interface Asked {
  readonly query?: Record<string, string>
  readonly body?: unknown
  readonly underWay?: number
}
export type Call = (verb: string, path: string, more?: Asked) => Answer

export interface TestMissive extends Omit<TestPorts, 'ports'> {
  readonly missive: Missive
  /** Calls over the wire with a user's token. */
  api(user: string): Call
  /** A mail to the support team; answers the id of its conversation. */
  mail(more?: Partial<Mail>): string
}

export function testMissive(options: Partial<MissiveOptions> = {}): TestMissive {
  const { ports, ...more } = testPorts(START)
  const missive = createMissive(ports, {
    organizations: [{ id: ORG, name: 'Acme' }],
    users: [
      { id: ANN, name: 'Ann Lee', email: 'ann@acme.test', organizations: { [ORG]: 'owner' }, token: `token-${ANN}` },
      { id: BOB, name: 'Bob Day', email: 'bob@acme.test', organizations: { [ORG]: 'member' }, token: `token-${BOB}` },
      { id: CYD, name: 'Cyd Fox', email: 'cyd@other.test', organizations: {}, token: `token-${CYD}` },
    ],
    teams: [{ id: SUPPORT, name: 'Support', organization: ORG, members: [ANN, BOB] }],
    labels: [
      { id: URGENT, name: 'Urgent', organization: ORG, color: '#ff0000' },
      { id: DONE, name: 'Done', organization: ORG, parent: URGENT },
    ],
    accounts: [
      { id: MAILBOX, kind: 'email', address: 'support@acme.test', name: 'Support', organization: ORG, team: SUPPORT },
      { id: OWN, kind: 'email', address: 'ann@acme.test', name: 'Ann Lee', users: [ANN] },
      { id: CHANNEL, kind: 'custom', address: 'chat', name: 'Chat', organization: ORG, team: SUPPORT },
    ],
    contactBooks: [
      {
        id: BOOK,
        name: 'Acme',
        user: ANN,
        organization: ORG,
        groups: [{ id: 'group-vip', name: 'VIP', kind: 'group' }],
      },
    ],
    ...options,
  })
  return {
    ...more,
    missive,
    api: (user) => (verb, path, asked) => send(missive, `Bearer token-${user}`, verb, path, asked),
    mail: (mail = {}) => {
      const from = { name: 'Dee Roe', address: 'dee@client.test' }
      return missive.receive(MAILBOX, { from, subject: 'Help', body: '<p>It is broken</p>', ...mail }).conversationId
    },
  }
}

export function send(missive: Missive, authorization: string, verb: string, path: string, asked: Asked = {}): Answer {
  const { body, query = {}, underWay } = asked
  const response = missive.handle({
    method: verb,
    path: `/v1${path}`,
    query: new URLSearchParams(query),
    headers: { authorization, host: 'missive.test' },
    body: Buffer.from(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)),
    address: '127.0.0.1',
    ...(underWay === undefined ? {} : { underWay }),
  })
  const text = response.body.toString()
  const parsed: unknown = text === '' ? '' : JSON.parse(text)
  const shape = shapes.methodOf(verb, `/v1${path}`)?.response
  const ofSeveral = shape === 'OneMessage' && path.includes(',') ? 'WholeMessages' : shape
  if (response.status < 300 && ofSeveral !== undefined)
    assert.deepEqual(shapes.misfits(ofSeveral, parsed), [], `${verb} ${path}`)
  if (response.status >= 400) assert.deepEqual(shapes.misfits('Error', parsed), [], `${verb} ${path}`)
  return { status: response.status, headers: response.headers, body: parsed }
}

/** Ids of the conversations of a mailbox, as they are listed. */
export function listed(call: Call, query: Record<string, string> = { all: 'true' }): unknown[] {
  const answer = call('GET', '/conversations', { query })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return listAt(answer.body, 'conversations').map((conversation) => at(conversation, 'id'))
}

export function conversation(call: Call, id: string): unknown {
  const { status, body } = call('GET', `/conversations/${id}`)
  assert.equal(status, 200, JSON.stringify(body))
  return listAt(body, 'conversations')[0]
}

/** One field of all entries of a kind, newest first. */
export function entries(
  call: Call,
  id: string,
  kind: string,
  field: string,
  query: Record<string, string> = {},
): unknown[] {
  const answer = call('GET', `/conversations/${id}/${kind}`, { query })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return listAt(answer.body, kind).map((entry) => at(entry, field))
}
