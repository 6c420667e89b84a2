import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { teamwork } from '../../src/connectors/teamwork/index.ts'
import type { Delivery } from '../../src/emulators/emulator.ts'
import { ANN, BUGS, LATER, SITE, testSite } from './teamwork-site.ts'

const SECRET = 'token of the hook'
const webhook = teamwork.webhook ?? assert.fail()

function deliveries(contentType: string, version: string, events: readonly string[]): readonly Delivery[] {
  const { site, delivered, advance } = testSite({ webhooksEnabled: true, webhookDelay: [0, 0] })
  const person = site.as(ANN)
  const { id } = person.addTask(LATER, { name: 'Write' })
  for (const event of events) {
    const hook = { event, url: 'https://lockstep.test/hook', version, contentType, token: SECRET }
    site.handle({
      method: 'POST',
      path: '/webhooks.json',
      query: new URLSearchParams(),
      headers: { authorization: `Basic ${Buffer.from('key-sync:x').toString('base64')}` },
      body: Buffer.from(JSON.stringify({ webhook: hook })),
      address: '127.0.0.1',
    })
  }
  person.editTask(id, { name: 'Write it' })
  person.editTask(id, { tasklistId: BUGS })
  person.comment(id, 'a comment')
  person.renameTasklist(LATER, 'Much later')
  person.renameProject(SITE, 'Sites')
  person.logTime({ task: id }, { date: '2026-11-20', time: '09:00:00', isUTC: true, hours: 1 })
  person.removeTask(id)
  advance(1000)
  return delivered
}

const EVENTS = [
  'TASK.MOVED',
  'TASK.UPDATED',
  'COMMENT.CREATED',
  'TASKLIST.UPDATED',
  'PROJECT.UPDATED',
  'TIME.CREATED',
  'TASK.DELETED',
]

function requestOf({ headers, body }: Delivery) {
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  return { headers: lower, body: Buffer.from(body) }
}

for (const contentType of ['application/json', 'application/x-www-form-urlencoded'])
  test(`F51 a signed webhook of version 2 counts, and says where to look: ${contentType}`, () => {
    const sent = deliveries(contentType, '2', EVENTS).map(requestOf)
    assert.equal(sent.length, EVENTS.length)
    for (const each of sent) assert.equal(webhook.verify(each, SECRET), true)
    for (const each of sent) assert.equal(webhook.verify(each, 'another'), false)
    const hints = sent.flatMap((each) => webhook.hints(each))
    assert.deepEqual(hints.map(({ feed, kind = '', scope }) => `${feed} ${kind} ${scope}`).toSorted(), [
      'comments comment 1',
      'projects project ',
      'tasks  1',
      'tasks  1',
      'tasks task 1',
      'tasks tasklist 1',
      'time time 1',
    ])
  })

test('version 1 is not signed, and does not count', () => {
  const sent = deliveries('application/x-www-form-urlencoded', '1', ['TASK.UPDATED']).map(requestOf)
  assert.equal(sent.length, 1)
  for (const each of sent) {
    assert.equal(webhook.verify(each, SECRET), false)
    assert.deepEqual(webhook.hints(each), [])
  }
})

test('a signature in capitals counts, and one of half the length does not', () => {
  const body = Buffer.from('{"task":{"id":1,"projectId":2}}')
  const hex = createHmac('sha256', SECRET).update(body).digest('hex')
  const signed = (signature: string) => webhook.verify({ headers: { 'x-projects-signature': signature }, body }, SECRET)
  assert.deepEqual(
    [signed(hex), signed(hex.toUpperCase()), signed(hex.slice(0, 32)), signed('')],
    [true, true, false, false],
  )
})
