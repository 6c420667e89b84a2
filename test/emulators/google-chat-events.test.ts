import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ANN, at, BOB, CAT, EVENTS, listAt, refusal, START, testChat, textAt } from './google-chat-world.ts'

const PATH = '/v1/spaces/TEAM/spaceEvents'
const TYPE = 'google.workspace.chat.'

function kinds(events: readonly unknown[]): string[] {
  return events.map((event) => textAt(event, 'eventType').replace(TYPE, ''))
}

function worldOf(options: Parameters<typeof testChat>[0] = {}) {
  const world = testChat(options)
  const list = (filter: string, more: Record<string, string> = {}) =>
    world.api(ANN)('GET', PATH, { query: { filter, ...more } })
  return { ...world, list, events: (filter: string) => listAt(list(filter).body, 'spaceEvents') }
}

test('events tell what happened in order and carry the newest state', () => {
  const { chat, events } = worldOf()
  const kept = chat.as(BOB).post('TEAM', 'v1')
  const lost = chat.as(BOB).post('TEAM', 'lost')
  chat.as(BOB).edit(kept.name, 'v2')
  chat.as(BOB).remove(lost.name)
  chat.as(ANN).rename('TEAM', 'Crew')
  const all = events(EVENTS)
  assert.deepEqual(kinds(all), [
    'message.v1.created',
    'message.v1.created',
    'message.v1.updated',
    'message.v1.deleted',
    'space.v1.updated',
  ])
  assert.equal(at(all[0], 'messageCreatedEventData', 'message', 'text'), 'v2')
  assert.deepEqual(at(all[1], 'messageCreatedEventData', 'message'), {})
  assert.equal(at(all[2], 'messageUpdatedEventData', 'message', 'text'), 'v2')
  assert.deepEqual(at(all[3], 'messageDeletedEventData', 'message'), {
    name: lost.name,
    createTime: lost.createTime,
    deletionMetadata: { deletionType: 'CREATOR' },
  })
  assert.equal(at(all[4], 'spaceUpdatedEventData', 'space', 'displayName'), 'Crew')
})

test('an emptied resource may keep its name by a switch', () => {
  const { chat, events } = worldOf({ goneEventsKeepName: true })
  const { name } = chat.as(BOB).post('TEAM', 'x')
  chat.as(BOB).remove(name)
  assert.deepEqual(at(events(EVENTS)[0], 'messageCreatedEventData', 'message'), { name })
})

test('start_time excludes and end_time includes its own moment', () => {
  const { chat, events, advance } = worldOf()
  const times = [1, 2, 3].map((n) => {
    advance(1000)
    return String(chat.as(BOB).post('TEAM', `${n}`).createTime)
  })
  const eventTimes = (filter: string) => events(filter).map((event) => at(event, 'eventTime'))
  assert.deepEqual(eventTimes(`start_time="${times[0]}" AND (${EVENTS})`), times.slice(1))
  assert.deepEqual(eventTimes(`start_time="${times[0]}" AND end_time="${times[1]}" AND (${EVENTS})`), [times[1]])
  assert.deepEqual(eventTimes(`${EVENTS} AND end_time="${times[0]}"`), [times[0]])
})

test('a filter without a proper event type is refused', () => {
  const { list } = worldOf()
  const created = `event_types:"${TYPE}message.v1.created"`
  for (const filter of [
    '',
    'start_time="2026-02-28T00:00:00Z"',
    `event_types:"${TYPE}message.v1.batchCreated"`,
    'event_types:"message.v1.created"',
    `${created} AND event_types:"${TYPE}space.v1.updated"`,
    `start_time="2026-02-28T00:00:00Z" OR ${created}`,
    `start_time>"2026-02-28T00:00:00Z" AND ${created}`,
    `start_time="yesterday" AND ${created}`,
    `start_time="2026-01-28T00:00:00Z" AND ${created}`,
    `${created} AND colour="red"`,
  ])
    assert.equal(refusal(list(filter)), '400 INVALID_ARGUMENT', filter)
  assert.equal(list(created).status, 200)
})

test('events are kept for 28 days', () => {
  const { chat, events, advance, list } = worldOf({ oldStartTimesClamped: true })
  chat.as(BOB).post('TEAM', 'early')
  advance(86_400_000)
  chat.as(BOB).post('TEAM', 'later')
  assert.equal(events(EVENTS).length, 2)
  advance(27 * 86_400_000)
  assert.equal(events(EVENTS).length, 1)
  assert.equal(list(`start_time="2026-01-01T00:00:00Z" AND (${EVENTS})`).status, 200)
})

test('events come in pages and one by one', () => {
  const { api, chat, list } = worldOf()
  for (let n = 0; n < 5; n += 1) chat.as(BOB).post('TEAM', `${n}`)
  const names: string[] = []
  let pageToken = ''
  do {
    const body = list(EVENTS, { pageSize: '2', ...(pageToken === '' ? {} : { pageToken }) }).body
    for (const event of listAt(body, 'spaceEvents')) names.push(textAt(event, 'name'))
    pageToken = String(at(body, 'nextPageToken') ?? '')
  } while (pageToken !== '')
  assert.equal(new Set(names).size, 5)
  const one = api(ANN)('GET', `/v1/${names[2]}`).body
  assert.equal(at(one, 'messageCreatedEventData', 'message', 'text'), '2')
  assert.equal(refusal(api(ANN)('GET', `${PATH}/none`)), '404 NOT_FOUND')
  assert.equal(refusal(api(CAT)('GET', PATH, { query: { filter: EVENTS } })), '403 PERMISSION_DENIED')
})

test('events of one kind in a short time come as one batch, unasked', () => {
  const { chat, events, advance } = worldOf({ batchWindowMs: 1000 })
  const one = chat.as(BOB).post('TEAM', 'one')
  advance(100)
  const two = chat.as(BOB).post('TEAM', 'two')
  advance(5000)
  chat.as(BOB).post('TEAM', 'three')
  const all = events(`event_types:"${TYPE}message.v1.created"`)
  assert.deepEqual(kinds(all), ['message.v1.batchCreated', 'message.v1.created'])
  const batch = listAt(all[0], 'messageBatchCreatedEventData', 'messages').map((part) => at(part, 'message', 'name'))
  assert.deepEqual(batch, [one.name, two.name])
  assert.equal(at(all[0], 'eventTime'), two.createTime)
})

test('a late event shows behind events that came after it', () => {
  const { chat, events, advance } = worldOf({ eventLagMs: 10_000 })
  const seen: number[] = []
  for (let n = 0; n < 20; n += 1) {
    chat.as(BOB).post('TEAM', `${n}`)
    advance(500)
    seen.push(events(EVENTS).length)
  }
  assert.ok((seen.at(-1) ?? 0) < 20)
  advance(10_000)
  assert.equal(events(EVENTS).length, 20)
})

test('history makes events too, and private ones only for their viewer', () => {
  const { api, events } = worldOf({
    spaces: [
      {
        id: 'TEAM',
        displayName: 'Team',
        members: [ANN, BOB],
        messages: [
          { sender: CAT, text: 'psst', createTime: START - 5000, privateMessageViewer: BOB },
          { sender: BOB, text: 'edited', createTime: START - 90_000, lastUpdateTime: START - 1000 },
        ],
      },
    ],
  })
  assert.deepEqual(kinds(events(EVENTS)), ['message.v1.created', 'message.v1.updated'])
  assert.equal(listAt(api(BOB)('GET', PATH, { query: { filter: EVENTS } }).body, 'spaceEvents').length, 3)
})

test('members who come and go make events', () => {
  const { chat, events } = worldOf()
  chat.as(ANN).invite('TEAM', CAT)
  chat.as(ANN).expel('TEAM', CAT)
  const types = ['created', 'deleted'].map((kind) => `event_types:"${TYPE}membership.v1.${kind}"`).join(' OR ')
  const all = events(types)
  assert.deepEqual(kinds(all), ['membership.v1.created', 'membership.v1.deleted'])
  assert.deepEqual(at(all[0], 'membershipCreatedEventData', 'membership'), {})
  const gone = { name: `spaces/TEAM/members/${CAT}`, state: 'NOT_A_MEMBER' }
  assert.deepEqual(at(all[1], 'membershipDeletedEventData', 'membership'), gone)
})
