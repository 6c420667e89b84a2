import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ANN, at, BOB, CAT, listAt, refusal, testChat, textAt, type Call } from './google-chat-world.ts'

function listed(call: Call, query: Record<string, string> = {}): unknown[] {
  return listAt(call('GET', '/v1/spaces', { query }).body, 'spaces').map((space) => at(space, 'name'))
}

function setup(call: Call, space: object, users: readonly string[], more: object = {}) {
  const memberships = users.map((user) => ({ member: { name: `users/${user}`, type: 'HUMAN' } }))
  return call('POST', '/v1/spaces:setup', { body: { space, memberships, ...more } })
}

test('group chats and direct messages are not listed until their first message', () => {
  const { api, chat } = testChat()
  const direct = textAt(setup(api(ANN), { spaceType: 'DIRECT_MESSAGE' }, ['bob@example.com']).body, 'name')
  const group = textAt(setup(api(ANN), { spaceType: 'GROUP_CHAT' }, [BOB, CAT]).body, 'name')
  assert.deepEqual(listed(api(ANN)), ['spaces/TEAM'])
  chat.as(BOB).post(direct, 'hi')
  chat.as(CAT).post(group, 'hello')
  assert.deepEqual(listed(api(ANN)), ['spaces/TEAM', direct, group])
  assert.deepEqual(listed(api(ANN), { filter: 'space_type = "SPACE"' }), ['spaces/TEAM'])
  assert.deepEqual(listed(api(ANN), { filter: 'spaceType = "GROUP_CHAT" OR spaceType = "DIRECT_MESSAGE"' }), [
    direct,
    group,
  ])
  for (const filter of [
    'space_type = "ROOM"',
    'display_name = "Team"',
    'space_type = "SPACE" AND space_type = "GROUP_CHAT"',
  ])
    assert.equal(refusal(api(ANN)('GET', '/v1/spaces', { query: { filter } })), '400 INVALID_ARGUMENT', filter)
})

test('spaces are listed in pages', () => {
  const { api, chat } = testChat()
  for (const name of ['One', 'Two']) chat.as(ANN).createSpace(name)
  const first = api(ANN)('GET', '/v1/spaces', { query: { pageSize: '2' } }).body
  assert.equal(listAt(first, 'spaces').length, 2)
  const query = { pageToken: textAt(first, 'nextPageToken') }
  const second = api(ANN)('GET', '/v1/spaces', { query }).body
  assert.deepEqual(
    listAt(second, 'spaces').map((space) => at(space, 'displayName')),
    ['Two'],
  )
  assert.equal(at(second, 'nextPageToken'), undefined)
})

test('two people share one direct message, which either finds', () => {
  const { api } = testChat()
  const find = (call: Call, user: string) =>
    call('GET', '/v1/spaces:findDirectMessage', { query: { name: `users/${user}` } })
  assert.equal(refusal(find(api(ANN), BOB)), '404 NOT_FOUND')
  const made = setup(api(ANN), { spaceType: 'DIRECT_MESSAGE' }, [BOB]).body
  assert.equal(at(setup(api(BOB), { spaceType: 'DIRECT_MESSAGE' }, [ANN]).body, 'name'), at(made, 'name'))
  assert.equal(at(find(api(BOB), 'ann@example.com').body, 'name'), at(made, 'name'))
  assert.equal(at(made, 'createTime'), undefined)
  assert.equal(refusal(setup(api(ANN), { spaceType: 'GROUP_CHAT' }, [BOB])), '400 INVALID_ARGUMENT')
})

test('a display name is unique, needed and at most 128 characters', () => {
  const { api, chat } = testChat()
  const create = (displayName: string, query: Record<string, string> = {}) =>
    api(ANN)('POST', '/v1/spaces', { query, body: { spaceType: 'SPACE', displayName } })
  assert.equal(refusal(create('Team')), '409 ALREADY_EXISTS')
  assert.equal(refusal(create('')), '400 INVALID_ARGUMENT')
  assert.equal(refusal(create('x'.repeat(129))), '400 INVALID_ARGUMENT')
  const made = create('x'.repeat(128), { requestId: 'r' }).body
  assert.equal(at(create('other', { requestId: 'r' }).body, 'name'), at(made, 'name'))
  assert.equal(at(made, 'membershipCount', 'joinedDirectHumanUserCount'), 1)
  const patch = (displayName: string) =>
    api(ANN)('PATCH', `/v1/${textAt(made, 'name')}`, { query: { updateMask: 'displayName' }, body: { displayName } })
  assert.equal(refusal(patch('Team')), '409 ALREADY_EXISTS')
  assert.equal(at(patch('Renamed').body, 'displayName'), 'Renamed')
  assert.equal(chat.as(ANN).space(textAt(made, 'name')).displayName, 'Renamed')
})

test('lastActiveTime is the time of the last message', () => {
  const { api, chat } = testChat()
  assert.equal(at(api(ANN)('GET', '/v1/spaces/TEAM').body, 'lastActiveTime'), undefined)
  const message = chat.as(BOB).post('TEAM', 'hi')
  assert.equal(at(api(ANN)('GET', '/v1/spaces/TEAM').body, 'lastActiveTime'), message.createTime)
  chat.as(BOB).remove(message.name)
  assert.equal(at(api(ANN)('GET', '/v1/spaces/TEAM').body, 'lastActiveTime'), message.createTime)
})

test('outsiders are kept out, and what is not there is not found', () => {
  const { api } = testChat()
  for (const path of ['', '/messages', '/members'])
    assert.equal(refusal(api(CAT)('GET', `/v1/spaces/TEAM${path}`)), '403 PERMISSION_DENIED')
  assert.equal(refusal(api(CAT)('GET', '/v1/spaces/NONE')), '404 NOT_FOUND')
  const lenient = testChat({ membersOnly: false })
  assert.equal(lenient.api(CAT)('GET', '/v1/spaces/TEAM').status, 200)
})

test('members are listed with their roles, and only companions are named', () => {
  const { api, chat } = testChat()
  const list = (query: Record<string, string> = {}) =>
    listAt(api(ANN)('GET', '/v1/spaces/TEAM/members', { query }).body, 'memberships')
  assert.deepEqual(
    list().map((member) => at(member, 'member', 'displayName')),
    ['Bob Day', 'Helper', 'Ann Lee'],
  )
  assert.equal(list({ filter: 'role = "ROLE_MANAGER"' }).length, 1)
  assert.equal(list({ filter: 'member.type != "BOT" AND role = "ROLE_MEMBER"' }).length, 1)
  const one = api(ANN)('GET', '/v1/spaces/TEAM/members/bob@example.com').body
  assert.equal(at(one, 'name'), `spaces/TEAM/members/${BOB}`)
  chat.as(ANN).invite('TEAM', CAT)
  const byCat = chat.as(CAT).post('TEAM', 'bye')
  chat.as(CAT).expel('TEAM', CAT)
  const stranger = { name: `users/${CAT}`, type: 'HUMAN' }
  assert.deepEqual(at(api(ANN)('GET', `/v1/${byCat.name}`).body, 'sender'), stranger)
  chat.as(ANN).directMessage(CAT)
  assert.equal(at(api(ANN)('GET', `/v1/${byCat.name}`).body, 'sender', 'displayName'), 'Cat Fox')
  const nameless = testChat({ sendersNamed: false })
  const message = nameless.chat.as(BOB).post('TEAM', 'x')
  assert.deepEqual(at(nameless.api(ANN)('GET', `/v1/${message.name}`).body, 'sender'), {
    name: `users/${BOB}`,
    type: 'HUMAN',
  })
})

test('a deleted space is gone with all it held; only managers delete', () => {
  const { api, chat } = testChat()
  const message = chat.as(BOB).post('TEAM', 'hi')
  assert.equal(refusal(api(BOB)('DELETE', '/v1/spaces/TEAM')), '403 PERMISSION_DENIED')
  assert.deepEqual(api(ANN)('DELETE', '/v1/spaces/TEAM').body, {})
  assert.equal(refusal(api(ANN)('GET', `/v1/${message.name}`)), '404 NOT_FOUND')
  assert.deepEqual(api(ANN)('GET', '/v1/spaces').body, {})
})

test('quotas refuse with a time to wait, and people at the window are free of them', () => {
  const { api, chat, advance } = testChat()
  const post = () => api(ANN)('POST', '/v1/spaces/TEAM/messages', { body: { text: 'x' } })
  for (let n = 0; n < 60; n += 1) {
    assert.equal(post().status, 200)
    advance(500)
  }
  const refused = post()
  assert.equal(refusal(refused), '429 RESOURCE_EXHAUSTED')
  assert.equal(refused.headers['retry-after'], '30')
  chat.as(ANN).post('TEAM', 'by hand')
  advance(30_000)
  assert.equal(post().status, 200)
  assert.equal(chat.counters().refused.get(429), 1)
  const free = testChat({ quotas: false })
  for (let n = 0; n < 100; n += 1)
    assert.equal(free.api(ANN)('POST', '/v1/spaces/TEAM/messages', { body: { text: 'x' } }).status, 200)
})

test('the project pays for reads over all spaces', () => {
  const { api } = testChat({ quotas: { projectMessageReads: 2 } })
  const read = () => api(ANN)('GET', '/v1/spaces/TEAM/messages')
  assert.deepEqual([read().status, read().status, read().status], [200, 200, 429])
})

test('fields picks parts of an answer', () => {
  const { api, chat } = testChat()
  const { name } = chat.as(BOB).post('TEAM', 'hi')
  const query = { fields: 'messages(name,sender/type),nextPageToken' }
  const body = { messages: [{ name, sender: { type: 'HUMAN' } }] }
  assert.deepEqual(api(ANN)('GET', '/v1/spaces/TEAM/messages', { query }).body, body)
})

test('names stay apart even when chance always says the same', () => {
  const { chat } = testChat({}, () => 0)
  const names = Array.from({ length: 50 }, (_, n) => chat.as(BOB).post('TEAM', `${n}`).name)
  const head = names[0] ?? ''
  for (let n = 0; n < 50; n += 1) names.push(chat.as(BOB).post('TEAM', `${n}`, { thread: head }).name)
  for (let n = 0; n < 50; n += 1) names.push(chat.as(ANN).createSpace(`Space ${n}`).name)
  assert.equal(new Set(names).size, 150)
  const times = chat
    .as(BOB)
    .messages('TEAM')
    .map((message) => message.createTime ?? '')
  assert.equal(new Set(times).size, 100)
  assert.equal(chat.oauth.accessToken(ANN) === chat.oauth.accessToken(ANN), false)
})
