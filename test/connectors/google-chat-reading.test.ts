import assert from 'node:assert/strict'
import { test } from 'node:test'
import { googleChat } from '../../src/connectors/google-chat/index.ts'
import { failsWith, messages, spaces, threads } from './google-chat-kinds.ts'
import { briefly, ME, message, NOW, pathOf, setting, SPACE, tombstone } from './google-chat-setting.ts'
import { Answer } from './runtime.ts'

test('a message of another person reads with its author, its edit and what may be done to it', async () => {
  const edited = message('b', 'a', { lastUpdateTime: '2026-11-20T10:30:00.5Z', formattedText: '*text* b' })
  const { call } = setting(() => edited)
  assert.deepEqual(await messages.get(call, `${SPACE}/messages/a.b`), {
    scope: SPACE,
    ref: `${SPACE}/messages/a.b`,
    values: { space: SPACE, thread: `${SPACE}/threads/a`, text: '*text* b' },
    version: '2026-11-20T10:30:00.500000Z',
    author: { ref: 'users/2', name: 'Ada' },
    createdAt: '2026-11-20T10:00:00.000000Z',
    editedAt: '2026-11-20T10:30:00.500Z',
    may: { update: [], delete: false, why: 'Google Chat lets only its sender edit a message or delete it' },
  })
})

test('an edit by the engine itself is no user edit, and nothing stands against writing to its own message', async () => {
  const own = message('b', 'a', { sender: { name: 'users/1' }, lastUpdateTime: '2026-11-20T10:30:00Z' })
  const { call } = setting(() => own)
  const item = await messages.get(call, `${SPACE}/messages/a.b`)
  assert('values' in item)
  assert.equal(item.editedAt, undefined)
  assert.equal(item.may, undefined)
})

test('a manager may delete messages of other people but not edit them', async () => {
  const { call } = setting(() => message('b', 'a'), { config: { manager: true } })
  const item = await messages.get(call, `${SPACE}/messages/a.b`)
  assert('values' in item)
  assert.deepEqual(item.may?.update, [])
  assert.equal(item.may?.delete, undefined)
})

test('cards alone read as what Chat shows in their place, attachments alone as the empty text', async () => {
  const { call } = setting((_, url) =>
    message('b', 'a', { text: undefined, ...(url.pathname.endsWith('card') ? { fallbackText: 'A card' } : {}) }),
  )
  const card = await messages.get(call, `${SPACE}/messages/card`)
  const attachment = await messages.get(call, `${SPACE}/messages/attachment`)
  assert('values' in card && 'values' in attachment)
  assert.equal(card.values['text'], 'A card')
  assert.equal(attachment.values['text'], '')
})

test('a deleted message is a tombstone', async () => {
  const { call } = setting(() => tombstone('b', 'a'))
  assert.deepEqual(await messages.get(call, `${SPACE}/messages/a.b`), {
    scope: SPACE,
    ref: `${SPACE}/messages/a.b`,
    gone: 'deleted',
    final: true,
  })
})

test('a private message is not there', async () => {
  const { call } = setting(() => message('b', 'a', { privateMessageViewer: { name: 'users/3' } }))
  await assert.rejects(messages.get(call, `${SPACE}/messages/a.b`), failsWith('missing'))
})

test('a thread reads as its head, and an empty one is gone', async () => {
  let answer: object = { messages: [message('a', 'a', { text: '\n  Lunch? \nAt noon' })] }
  const { call, runtime } = setting(() => answer)
  const thread = await threads.get(call, `${SPACE}/threads/a`)
  assert('values' in thread)
  assert.deepEqual(thread.values, { space: SPACE, subject: 'Lunch?' })
  assert.match(decodeURIComponent(runtime.sent[0]?.url ?? ''), /filter=thread\.name\+=\+spaces\/A\/threads\/a/)
  answer = {}
  assert.deepEqual(await threads.get(call, `${SPACE}/threads/a`), {
    scope: SPACE,
    ref: `${SPACE}/threads/a`,
    gone: 'deleted',
  })
})

test('a thread whose head is deleted is older than all that was ever known of it', async () => {
  const { call } = setting(() => ({ messages: [message('b', 'a')] }))
  const thread = await threads.get(call, `${SPACE}/threads/a`)
  assert('values' in thread)
  assert(thread.version !== undefined && thread.version < '2000')
})

test('a create that was repeated and answered in part is read again', async () => {
  const { call, runtime } = setting((method, url) =>
    method === 'POST'
      ? { name: `${SPACE}/messages/a.b`, text: 'hello', thread: { name: `${SPACE}/threads/a` } }
      : message('b', 'a', { clientAssignedMessageId: 'client-k1', name: pathOf(url) }),
  )
  const values = { space: SPACE, thread: `${SPACE}/threads/a`, text: 'hello' }
  const made = await messages.create(call, { key: 'k1', values, since: NOW })
  assert.deepEqual(briefly(made), ['message a.b item'])
  assert.equal(made[0] !== undefined && 'key' in made[0] ? made[0].key : null, 'k1')
  const sent = new URL(runtime.sent[0]?.url ?? '')
  assert.equal(sent.searchParams.get('requestId'), 'k1')
  assert.equal(sent.searchParams.get('messageId'), 'client-k1')
  assert.equal(sent.searchParams.get('messageReplyOption'), 'REPLY_MESSAGE_OR_FAIL')
})

test('a thread and its head come from one request', async () => {
  const { call, runtime } = setting(() => message('a', 'a', { clientAssignedMessageId: 'client-k2' }))
  const head = { key: 'k2', values: { text: 'text a' }, since: NOW }
  const made = await threads.create(call, { key: 'k1', values: { space: SPACE, subject: 'x' }, since: NOW, head })
  assert.deepEqual(briefly(made), ['thread a item', 'message a.a item'])
  assert.equal(runtime.sent.length, 1)
  assert.equal(new URL(runtime.sent[0]?.url ?? '').searchParams.get('messageReplyOption'), null)
})

test('what a key made is found even when it is deleted since, and nothing where nothing was made', async () => {
  let answer: unknown = tombstone('b', 'a')
  const { call } = setting(() => answer)
  const intent = { key: 'k1', values: { space: SPACE, thread: `${SPACE}/threads/a`, text: 'x' }, since: NOW }
  assert.deepEqual(briefly((await messages.find(call, intent)) ?? []), ['message a.b deleted'])
  answer = new Answer(404, { error: { code: 404, status: 'NOT_FOUND', message: 'no such message' } })
  assert.equal(await messages.find(call, intent), null)
})

test('the message id of another message is a taken key; the name of another space is a refusal', async () => {
  const taken = new Answer(409, { error: { code: 409, status: 'ALREADY_EXISTS', message: 'exists' } })
  const { call } = setting(() => taken)
  const values = { space: SPACE, thread: `${SPACE}/threads/a`, text: 'x' }
  await assert.rejects(messages.create(call, { key: 'k1', values, since: NOW }), failsWith('key-taken'))
  await assert.rejects(spaces.create(call, { key: 'k1', values: { name: 'x' }, since: NOW }), failsWith('rejected'))
})

for (const [status, code, failure] of [
  [400, 'INVALID_ARGUMENT', 'rejected'],
  [400, 'FAILED_PRECONDITION', 'rejected'],
  [401, 'UNAUTHENTICATED', 'unauthorized'],
  [403, 'PERMISSION_DENIED', 'forbidden'],
  [403, 'RESOURCE_EXHAUSTED', 'limited'],
  [404, 'NOT_FOUND', 'missing'],
  [429, 'RESOURCE_EXHAUSTED', 'limited'],
  [503, 'UNAVAILABLE', 'unavailable'],
] as const)
  test(`an answer ${status} ${code} is ${failure}, in Google's words`, async () => {
    const { call } = setting(() => new Answer(status, { error: { code: status, status: code, message: 'because' } }))
    await assert.rejects(messages.get(call, `${SPACE}/messages/a.b`), (error) => {
      return failsWith(failure)(error) && error instanceof Error && error.message === `${status}: because`
    })
  })

test('an update answers what Chat stored', async () => {
  const { call, runtime } = setting(() => message('b', 'a', { sender: { name: ME.ref }, formattedText: 'trimmed' }))
  const base = { scope: SPACE, ref: `${SPACE}/messages/a.b`, values: {} }
  const stored = await messages.update(call, { key: 'k', ref: base.ref, changed: { text: 'trimmed ' }, base })
  assert('values' in stored)
  assert.equal(stored.values['text'], 'trimmed')
  assert.equal(runtime.sent[0]?.body, '{"text":"trimmed "}')
})

test('a name that is no Chat resource is never sent', async () => {
  const { call, runtime } = setting(() => ({}))
  await assert.rejects(messages.get(call, 'spaces/A/messages/b?x=/../../spaces'), failsWith('rejected'))
  assert.equal(runtime.sent.length, 0)
})

test('the probe tells whose token it is and which scopes it lacks', async () => {
  const { call } = setting((_, url) =>
    url.pathname === '/tokeninfo'
      ? { sub: '77', scope: 'openid https://www.googleapis.com/auth/chat.messages' }
      : new Answer(403, { error: { status: 'PERMISSION_DENIED', message: 'The API is off' } }),
  )
  const standing = await googleChat.probe(call.api)
  assert.deepEqual(standing.actor, { ref: 'users/77' })
  assert.deepEqual(
    standing.problems.map((problem) => problem.message),
    [
      'The token was not given the scope https://www.googleapis.com/auth/chat.spaces.',
      'Google Chat refuses to list spaces (403: The API is off).',
    ],
  )
})

test('each call draws on the quotas of the project and of its space', async () => {
  const { call, runtime } = setting(() => message('b', 'a'), { config: { projectId: 'project' } })
  await messages.get(call, `${SPACE}/messages/a.b`)
  assert.deepEqual(runtime.drawn, [{ 'google-chat.project.reads': 'project', 'google-chat.space.reads': SPACE }])
  const limits = googleChat.limits(googleChat.config.parse({ clientId: 'c', clientSecret: 's' }))
  for (const bucket of Object.keys(runtime.drawn[0] ?? {})) assert(limits[bucket])
})
