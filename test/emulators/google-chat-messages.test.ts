import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ANN, at, BOB, BOT, CAT, listAt, refusal, START, testChat, textAt, type Call } from './google-chat-world.ts'

const MESSAGES = '/v1/spaces/TEAM/messages'

function post(call: Call, text: string, query: Record<string, string> = {}, more: object = {}) {
  return call('POST', MESSAGES, { query, body: { text, ...more } })
}

function names(answer: { body: unknown }): string[] {
  return listAt(answer.body, 'messages').map((message) => textAt(message, 'name'))
}

test('a message comes back plain, marked up and with its mentions', () => {
  const { api } = testChat()
  const { body } = post(api(ANN), '*Hi* <users/bob@example.com>, see <https://example.com/a|the _page_>; 2*3*4')
  assert.equal(at(body, 'text'), 'Hi @Bob Day, see the _page_; 2*3*4')
  assert.equal(at(body, 'formattedText'), `*Hi* <users/${BOB}>, see <https://example.com/a|the _page_>; 2*3*4`)
  const mention = { name: `users/${BOB}`, type: 'HUMAN', displayName: 'Bob Day', email: 'bob@example.com' }
  assert.deepEqual(at(body, 'annotations'), [
    { type: 'USER_MENTION', startIndex: 3, length: 8, userMention: { user: mention, type: 'MENTION' } },
  ])
  assert.match(textAt(body, 'name'), /^spaces\/TEAM\/messages\/([\w-]{11})\.\1$/)
  assert.equal(at(body, 'threadReply'), undefined)
  assert.equal(at(body, 'lastUpdateTime'), undefined)
})

test('a stranger who is mentioned shows without a name of their own', () => {
  const { api } = testChat()
  const { body } = post(api(ANN), `ask <users/${CAT}>`)
  assert.deepEqual(at(body, 'annotations', 0, 'userMention', 'user'), {
    name: `users/${CAT}`,
    type: 'HUMAN',
    isAnonymous: true,
  })
})

test('an empty space answers an empty object', () => {
  assert.deepEqual(testChat().api(ANN)('GET', MESSAGES).body, {})
})

test('a given thread is ignored without a reply option', () => {
  const { api } = testChat()
  const head = post(api(ANN), 'head').body
  const thread = { name: textAt(head, 'thread', 'name') }
  const ignored = post(api(BOB), 'lost', {}, { thread }).body
  assert.notEqual(at(ignored, 'thread', 'name'), thread.name)
  const reply = post(api(BOB), 'reply', { messageReplyOption: 'REPLY_MESSAGE_OR_FAIL' }, { thread }).body
  assert.equal(at(reply, 'thread', 'name'), thread.name)
  assert.equal(at(reply, 'threadReply'), true)
  const unspecified = { messageReplyOption: 'MESSAGE_REPLY_OPTION_UNSPECIFIED' }
  assert.notEqual(at(post(api(BOB), 'x', unspecified, { thread }).body, 'thread', 'name'), thread.name)
})

test('a missing thread fails or falls back, as the reply option says', () => {
  const { api } = testChat()
  const thread = { name: 'spaces/TEAM/threads/none' }
  const fail = post(api(ANN), 'x', { messageReplyOption: 'REPLY_MESSAGE_OR_FAIL' }, { thread })
  assert.equal(refusal(fail), '404 NOT_FOUND')
  const fallback = post(api(ANN), 'x', { messageReplyOption: 'REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD' }, { thread })
  assert.equal(fallback.status, 200)
  assert.notEqual(at(fallback.body, 'thread', 'name'), thread.name)
})

test('a thread key starts its thread, is found again, and is private to the app', () => {
  const { api, chat } = testChat()
  const query = { messageReplyOption: 'REPLY_MESSAGE_OR_FAIL' }
  const thread = { threadKey: 'topic-1' }
  const first = post(api(ANN), 'one', query, { thread }).body
  const second = post(api(BOB), 'two', query, { thread }).body
  assert.equal(at(second, 'thread', 'name'), at(first, 'thread', 'name'))
  assert.equal(at(second, 'thread', 'threadKey'), 'topic-1')
  const seen = chat.as(BOB).messages('TEAM')
  assert.equal(at(seen[0], 'thread', 'threadKey'), undefined)
})

test('a direct message knows no replies', () => {
  const { api } = testChat()
  const setup = {
    space: { spaceType: 'DIRECT_MESSAGE' },
    memberships: [{ member: { name: `users/${BOB}`, type: 'HUMAN' } }],
  }
  const space = textAt(api(ANN)('POST', '/v1/spaces:setup', { body: setup }).body, 'name')
  const head = api(ANN)('POST', `/v1/${space}/messages`, { body: { text: 'one' } }).body
  const reply = api(ANN)('POST', `/v1/${space}/messages`, {
    query: { messageReplyOption: 'REPLY_MESSAGE_OR_FAIL' },
    body: { text: 'two', thread: { name: textAt(head, 'thread', 'name') } },
  }).body
  assert.notEqual(at(reply, 'thread', 'name'), at(head, 'thread', 'name'))
  assert.equal(at(reply, 'threadReply'), undefined)
})

test('a repeated requestId makes one message and echoes the request', () => {
  const { api, chat } = testChat()
  const first = post(api(ANN), 'once', { requestId: 'r-1' }).body
  const again = post(api(ANN), 'another text', { requestId: 'r-1' })
  assert.equal(at(again.body, 'name'), at(first, 'name'))
  assert.equal(at(again.body, 'text'), 'another text')
  assert.equal(at(again.body, 'createTime'), undefined)
  assert.equal(chat.as(ANN).messages('TEAM').length, 1)
  assert.equal(chat.as(ANN).messages('TEAM')[0]?.text, 'once')
  assert.equal(refusal(post(api(BOB), 'once', { requestId: 'r-1' })), '400 INVALID_ARGUMENT')
  const changed = chat.counters().writes.map((write) => write.changed)
  assert.deepEqual(changed, [true, false])
})

test('a client-assigned id names one message of the space, for ever', () => {
  const { api } = testChat()
  const made = post(api(ANN), 'named', { messageId: 'client-abc-1' }).body
  assert.equal(at(made, 'clientAssignedMessageId'), 'client-abc-1')
  const path = `${MESSAGES}/client-abc-1`
  assert.equal(at(api(BOB)('GET', path).body, 'name'), at(made, 'name'))
  assert.equal(refusal(post(api(BOB), 'other', { messageId: 'client-abc-1' })), '409 ALREADY_EXISTS')
  const changed = api(ANN)('PATCH', path, { query: { updateMask: 'text' }, body: { text: 'changed' } })
  assert.equal(at(changed.body, 'text'), 'changed')
  assert.deepEqual(api(ANN)('DELETE', path).body, {})
  assert.equal(refusal(api(ANN)('GET', path)), '404 NOT_FOUND')
  assert.equal(refusal(post(api(ANN), 'again', { messageId: 'client-abc-1' })), '409 ALREADY_EXISTS')
})

test('bad ids, bad texts and unknown names are refused', () => {
  const { api } = testChat()
  for (const messageId of ['abc', 'client-ABC', `client-${'a'.repeat(57)}`, 'client-'])
    assert.equal(refusal(post(api(ANN), 'x', { messageId })), '400 INVALID_ARGUMENT', messageId)
  assert.equal(post(api(ANN), 'x', { messageId: `client-${'a'.repeat(56)}` }).status, 200)
  assert.equal(refusal(post(api(ANN), '')), '400 INVALID_ARGUMENT')
  assert.equal(refusal(post(api(ANN), 'ä'.repeat(16_001))), '400 INVALID_ARGUMENT')
  assert.equal(post(api(ANN), 'ä'.repeat(16_000)).status, 200)
  assert.equal(refusal(post(api(ANN), 'x', { colour: 'red' })), '400 INVALID_ARGUMENT')
  assert.equal(refusal(post(api(ANN), 'x', {}, { colour: 'red' })), '400 INVALID_ARGUMENT')
  assert.equal(refusal(post(api(ANN), 'x', {}, { cardsV2: [{}] })), '400 INVALID_ARGUMENT')
  assert.equal(refusal(post(api(ANN), 'x', {}, { attachment: [{}] })), '501 UNIMPLEMENTED')
})

test('only the sender edits; an edit sets lastUpdateTime and needs a mask', () => {
  const { api, advance } = testChat()
  const path = `/v1/${textAt(post(api(BOB), 'draft').body, 'name')}`
  advance(1000)
  const edit = (call: Call, query: Record<string, string>) => call('PATCH', path, { query, body: { text: 'final' } })
  assert.equal(refusal(edit(api(BOB), {})), '400 INVALID_ARGUMENT')
  assert.equal(refusal(edit(api(BOB), { updateMask: 'sender' })), '400 INVALID_ARGUMENT')
  assert.equal(refusal(edit(api(ANN), { updateMask: 'text' })), '403 PERMISSION_DENIED')
  const edited = edit(api(BOB), { updateMask: 'text' }).body
  assert.ok(textAt(edited, 'lastUpdateTime') > textAt(edited, 'createTime'))
  const put = api(BOB)('PUT', path, { query: { updateMask: '*' }, body: { text: 'put' } })
  assert.equal(at(put.body, 'text'), 'put')
  const switched = testChat({ managersMayEdit: true })
  const other = `/v1/${textAt(post(switched.api(BOB), 'draft').body, 'name')}`
  const byManager = switched.api(ANN)('PATCH', other, { query: { updateMask: 'text' }, body: { text: 'mine' } })
  assert.equal(byManager.status, 200)
})

test('allowMissing creates, and only under a client-assigned id', () => {
  const { api } = testChat()
  const upsert = (id: string) =>
    api(ANN)('PATCH', `${MESSAGES}/${id}`, { query: { updateMask: 'text', allowMissing: 'true' }, body: { text: id } })
  assert.equal(at(upsert('client-new').body, 'clientAssignedMessageId'), 'client-new')
  assert.equal(at(upsert('client-new').body, 'lastUpdateTime') === undefined, false)
  assert.equal(refusal(upsert('aaaaaaaaaaa.aaaaaaaaaaa')), '400 INVALID_ARGUMENT')
  const strict = api(ANN)('PATCH', `${MESSAGES}/client-none`, { query: { updateMask: 'text' }, body: { text: 'x' } })
  assert.equal(refusal(strict), '404 NOT_FOUND')
})

test('a deleted message leaves a tombstone that only showDeleted lists', () => {
  const { api } = testChat()
  const name = textAt(post(api(BOB), 'secret').body, 'name')
  assert.equal(api(BOB)('DELETE', `/v1/${name}`).status, 200)
  assert.equal(refusal(api(BOB)('DELETE', `/v1/${name}`)), '404 NOT_FOUND')
  assert.deepEqual(api(ANN)('GET', MESSAGES).body, {})
  const [tombstone] = listAt(api(ANN)('GET', MESSAGES, { query: { showDeleted: 'true' } }).body, 'messages')
  assert.equal(at(tombstone, 'name'), name)
  assert.equal(at(tombstone, 'deletionMetadata', 'deletionType'), 'CREATOR_VIA_APP')
  assert.ok(textAt(tombstone, 'deleteTime') > textAt(tombstone, 'createTime'))
  for (const field of ['text', 'formattedText', 'argumentText', 'annotations', 'lastUpdateTime'])
    assert.equal(at(tombstone, field), undefined)
})

test('who deletes shows: sender or manager, in the window or through an app; nobody else may', () => {
  const { api, chat } = testChat({ spaces: [{ id: 'TEAM', displayName: 'T', members: [BOB, CAT], managers: [ANN] }] })
  const bob = chat.as(BOB)
  const first = bob.post('TEAM', '1').name
  assert.throws(() => chat.as(CAT).remove(first), { status: 'PERMISSION_DENIED' })
  bob.remove(first)
  chat.as(ANN).remove(bob.post('TEAM', '2').name)
  api(ANN)('DELETE', `/v1/${bob.post('TEAM', '3').name}`)
  const types = bob.messages('TEAM', { showDeleted: true }).map((message) => message.deletionMetadata?.deletionType)
  assert.deepEqual(types, ['CREATOR', 'SPACE_OWNER', 'SPACE_OWNER_VIA_APP'])
})

test('a head with replies goes only by force, and takes the replies along', () => {
  const { api, chat } = testChat()
  const head = chat.as(BOB).post('TEAM', 'head')
  const reply = chat.as(ANN).post('TEAM', 'reply', { thread: head.name })
  assert.equal(refusal(api(BOB)('DELETE', `/v1/${head.name}`)), '400 FAILED_PRECONDITION')
  assert.equal(api(BOB)('DELETE', `/v1/${head.name}`, { query: { force: 'true' } }).status, 200)
  assert.equal(refusal(api(ANN)('GET', `/v1/${reply.name}`)), '404 NOT_FOUND')
  const late = api(ANN)('POST', MESSAGES, {
    query: { messageReplyOption: 'REPLY_MESSAGE_OR_FAIL' },
    body: { text: 'late', thread: { name: textAt(head, 'thread', 'name') } },
  })
  assert.equal(refusal(late), '404 NOT_FOUND')
})

test('a list pages in both orders without losing or repeating a message', () => {
  const { api, chat, advance } = testChat()
  const made = Array.from({ length: 7 }, (_, n) => {
    advance(10)
    return chat.as(BOB).post('TEAM', `message ${n}`).name
  })
  for (const orderBy of ['ASC', 'create_time DESC']) {
    const got: string[] = []
    let pageToken = ''
    do {
      const query = { pageSize: '3', orderBy, ...(pageToken === '' ? {} : { pageToken }) }
      const page = api(ANN)('GET', MESSAGES, { query })
      got.push(...names(page))
      pageToken = String(at(page.body, 'nextPageToken') ?? '')
      if (got.length === 3 && orderBy === 'ASC') chat.as(BOB).remove(made[1] ?? '')
    } while (pageToken !== '')
    assert.deepEqual(got, orderBy === 'ASC' ? made : made.filter((_, n) => n !== 1).reverse())
  }
})

test('a page token serves only the request it came from', () => {
  const { api, chat } = testChat()
  for (let n = 0; n < 3; n += 1) chat.as(BOB).post('TEAM', `${n}`)
  const pageToken = textAt(api(ANN)('GET', MESSAGES, { query: { pageSize: '1' } }).body, 'nextPageToken')
  const list = (query: Record<string, string>) => api(ANN)('GET', MESSAGES, { query })
  assert.equal(list({ pageSize: '1', pageToken }).status, 200)
  assert.equal(refusal(list({ pageToken })), '400 INVALID_ARGUMENT')
  assert.equal(refusal(list({ pageSize: '1', pageToken, showDeleted: 'true' })), '400 INVALID_ARGUMENT')
  assert.equal(refusal(list({ pageSize: '1', pageToken: 'junk' })), '400 INVALID_ARGUMENT')
  assert.equal(refusal(list({ pageSize: '-1' })), '400 INVALID_ARGUMENT')
})

test('a list filters by create_time and one thread, and by nothing else', () => {
  const { api, chat, advance } = testChat()
  const first = chat.as(BOB).post('TEAM', 'first')
  advance(60_000)
  const second = chat.as(BOB).post('TEAM', 'second')
  const reply = chat.as(ANN).post('TEAM', 'reply', { thread: first.name })
  const list = (filter: string) => api(ANN)('GET', MESSAGES, { query: { filter } })
  assert.deepEqual(names(list(`create_time > "${first.createTime}"`)), [second.name, reply.name])
  assert.deepEqual(names(list(`create_time < "${second.createTime}"`)), [first.name])
  assert.deepEqual(names(list(`thread.name = ${first.thread?.name}`)), [first.name, reply.name])
  const both = `create_time > "2026-03-01T12:00:30+02:00" AND thread.name = "${first.thread?.name}"`
  assert.deepEqual(names(list(both)), [reply.name])
  for (const filter of [
    `create_time >= "${first.createTime}"`,
    `create_time > ${first.createTime}`,
    'create_time > "yesterday"',
    `last_update_time > "${first.createTime}"`,
    `thread.name = spaces/TEAM/threads/a OR thread.name = spaces/TEAM/threads/b`,
    `thread.name = spaces/TEAM/threads/a AND thread.name = spaces/TEAM/threads/b`,
    `create_time > "${first.createTime}" thread.name = spaces/TEAM/threads/a`,
    'hello',
  ])
    assert.equal(refusal(list(filter)), '400 INVALID_ARGUMENT', filter)
})

test('search finds over all spaces of the caller, newest first, without private messages and those of apps', () => {
  const seeded = (sender: string, text: string, second: number, more: object = {}) => ({
    sender,
    text,
    createTime: START - 100_000 + second * 1000,
    ...more,
  })
  const { api } = testChat({
    spaces: [
      {
        id: 'TEAM',
        displayName: 'Team',
        members: [ANN, BOB, BOT],
        messages: [
          seeded(BOB, 'plan one', 1),
          seeded(BOT, 'plan two', 2),
          seeded(BOB, 'plan three', 3, { privateMessageViewer: ANN }),
        ],
      },
      { id: 'SIDE', displayName: 'Side', members: [ANN], messages: [seeded(ANN, 'plan four', 4)] },
      { id: 'AWAY', displayName: 'Away', members: [CAT], messages: [seeded(CAT, 'plan five', 5)] },
    ],
  })
  const search = (filter: string, path = '/v1/spaces/-/messages:search') => api(ANN)('POST', path, { body: { filter } })
  const texts = (filter: string) => listAt(search(filter).body, 'results').map((found) => at(found, 'message', 'text'))
  assert.deepEqual(texts('plan'), ['plan four', 'plan one'])
  assert.deepEqual(texts('create_time >= "2026-03-01T09:58:22Z" space.name = "spaces/SIDE"'), ['plan four'])
  assert.deepEqual(texts('space.name = "spaces/SIDE" OR space.name = spaces/TEAM'), ['plan four', 'plan one'])
  assert.deepEqual(texts('(sender.name = "users/bob@example.com") AND (create_time < "2026-03-01T10:00:00Z")'), [
    'plan one',
  ])
  for (const filter of [
    '',
    'create_time > "2026-03-01T09:58:22Z"',
    'plan OR space.name = "spaces/SIDE"',
    'colour = "red"',
  ])
    assert.equal(refusal(search(filter)), '400 INVALID_ARGUMENT', filter)
  assert.equal(refusal(search('plan', '/v1/spaces/TEAM/messages:search')), '400 INVALID_ARGUMENT')
})

test('history arrives with its times, threads, edits and deletions', () => {
  const day = (n: number) => START - n * 86_400_000
  const { api } = testChat({
    spaces: [
      {
        id: 'TEAM',
        displayName: 'Team',
        members: [ANN, BOB],
        messages: [
          { sender: BOB, text: 'reply', thread: 't', createTime: day(4), lastUpdateTime: day(3) },
          { sender: ANN, text: 'head', thread: 't', createTime: day(5) },
          {
            sender: ANN,
            text: 'gone',
            createTime: '2026-02-27T10:00:00.5Z',
            deleteTime: day(1),
            deletionType: 'ADMIN',
          },
        ],
      },
    ],
  })
  const messages = listAt(api(ANN)('GET', MESSAGES, { query: { showDeleted: 'true' } }).body, 'messages')
  assert.deepEqual(
    messages.map((message) => at(message, 'createTime')),
    ['2026-02-24T10:00:00Z', '2026-02-25T10:00:00Z', '2026-02-27T10:00:00.500Z'],
  )
  assert.deepEqual(
    messages.map((message) => at(message, 'threadReply')),
    [undefined, true, undefined],
  )
  assert.equal(at(messages[1], 'lastUpdateTime'), '2026-02-26T10:00:00Z')
  assert.equal(at(messages[2], 'deletionMetadata', 'deletionType'), 'ADMIN')
})

test('a lagging read serves a true earlier state', () => {
  const { api, chat, advance } = testChat({ readLagMs: 2000 })
  const name = chat.as(BOB).post('TEAM', 'v1').name
  advance(5000)
  chat.as(BOB).edit(name, 'v2')
  const texts = (times: number) =>
    new Set(Array.from({ length: times }, () => at(api(ANN)('GET', `/v1/${name}`).body, 'text')))
  assert.deepEqual(texts(20), new Set(['v1']))
  advance(1000)
  assert.deepEqual(texts(40), new Set(['v1', 'v2']))
  advance(1001)
  assert.deepEqual(texts(20), new Set(['v2']))
})

test('a space without history forgets after a day', () => {
  const { api, chat, advance } = testChat({
    spaces: [{ id: 'TEAM', displayName: 'Team', members: [ANN, BOB], historyOff: true }],
  })
  chat.as(BOB).post('TEAM', 'fleeting')
  assert.equal(names(api(ANN)('GET', MESSAGES)).length, 1)
  advance(25 * 3_600_000)
  assert.deepEqual(api(ANN)('GET', MESSAGES, { query: { showDeleted: 'true' } }).body, {})
})
