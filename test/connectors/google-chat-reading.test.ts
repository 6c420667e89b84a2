import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConnectorError, type Call, type Change, type Page } from '../../src/connector/index.ts'
import type { ChatApi } from '../../src/connectors/google-chat/api.ts'
import { googleChat } from '../../src/connectors/google-chat/index.ts'
import { Answer, pagesOf, scriptedHttp, testRuntime, type TestRuntime } from './runtime.ts'

const NOW = Date.parse('2026-11-20T12:00:00Z')
const ME = { ref: 'users/1' }
const SPACE = 'spaces/A'

interface Setting {
  readonly call: Call<ChatApi>
  readonly runtime: TestRuntime
}

function setting(
  answer: (method: string, url: URL, body: unknown) => unknown,
  { config = {}, scopes = [SPACE], scope = SPACE }: { config?: object; scopes?: string[]; scope?: string } = {},
): Setting {
  const runtime = testRuntime({ http: scriptedHttp(answer), now: NOW })
  const parsed = googleChat.config.parse({ clientId: 'client', clientSecret: 'secret', ...config })
  return { runtime, call: { api: googleChat.connect(parsed, runtime), actor: ME, scope, scopes } }
}

function message(id: string, thread: string, more: object = {}): object {
  return {
    name: `${SPACE}/messages/${thread}.${id}`,
    sender: { name: 'users/2', displayName: 'Ada' },
    createTime: '2026-11-20T10:00:00Z',
    text: `text ${id}`,
    thread: { name: `${SPACE}/threads/${thread}` },
    ...(id === thread ? {} : { threadReply: true }),
    ...more,
  }
}

function tombstone(id: string, thread: string, more: object = {}): object {
  return {
    name: `${SPACE}/messages/${thread}.${id}`,
    createTime: '2026-11-20T10:00:00Z',
    deleteTime: '2026-11-20T11:00:00Z',
    deletionMetadata: { deletionType: 'CREATOR' },
    thread: { name: `${SPACE}/threads/${thread}` },
    ...more,
  }
}

function pathOf(url: URL): string {
  return url.pathname.slice('/v1/'.length)
}

const { message: messages, thread: threads, space: spaces } = googleChat.kinds
const feed = googleChat.feeds['chat']
assert(messages?.get && messages.create && messages.find && messages.update && messages.empty)
assert(threads?.get && threads.create && spaces?.create && feed)
const { get: getMessage, create: createMessage, find: findMessage, update: updateMessage } = messages
const { get: getThread, create: createThread } = threads
const { create: createSpace } = spaces
const { pull, list } = feed

function changesOf(pages: readonly Page[]): readonly Change[] {
  return pages.flatMap((page) => page.changes)
}

function briefly(changes: readonly Change[]): readonly string[] {
  return changes.map((change) => {
    const what = 'gone' in change ? change.gone : 'unread' in change ? 'unread' : 'item'
    return `${change.kind} ${change.ref.split('/').at(-1) ?? ''} ${what}`
  })
}

function failsWith(failure: string): (error: unknown) => boolean {
  return (error) => error instanceof ConnectorError && error.failure === failure
}

test('a message of another person reads with its author, its edit and what may be done to it', async () => {
  const edited = message('b', 'a', { lastUpdateTime: '2026-11-20T10:30:00.5Z', formattedText: '*text* b' })
  const { call } = setting(() => edited)
  assert.deepEqual(await getMessage(call, `${SPACE}/messages/a.b`), {
    scope: SPACE,
    ref: `${SPACE}/messages/a.b`,
    values: { space: SPACE, thread: `${SPACE}/threads/a`, text: '*text* b' },
    version: '2026-11-20T10:30:00.500000Z',
    author: { ref: 'users/2', name: 'Ada' },
    createdAt: '2026-11-20T10:00:00.000Z',
    editedAt: '2026-11-20T10:30:00.500Z',
    may: { update: [], delete: false, why: 'Google Chat lets only its sender edit a message or delete it' },
  })
})

test('an edit by the engine itself is no user edit, and nothing stands against writing to its own message', async () => {
  const own = message('b', 'a', { sender: { name: 'users/1' }, lastUpdateTime: '2026-11-20T10:30:00Z' })
  const { call } = setting(() => own)
  const item = await getMessage(call, `${SPACE}/messages/a.b`)
  assert('values' in item)
  assert.equal(item.editedAt, undefined)
  assert.equal(item.may, undefined)
})

test('a manager may delete messages of other people but not edit them', async () => {
  const { call } = setting(() => message('b', 'a'), { config: { manager: true } })
  const item = await getMessage(call, `${SPACE}/messages/a.b`)
  assert('values' in item)
  assert.deepEqual(item.may?.update, [])
  assert.equal(item.may?.delete, undefined)
})

test('cards alone read as what Chat shows in their place, attachments alone as the empty text', async () => {
  const { call } = setting((_, url) =>
    message('b', 'a', { text: undefined, ...(url.pathname.endsWith('card') ? { fallbackText: 'A card' } : {}) }),
  )
  const card = await getMessage(call, `${SPACE}/messages/card`)
  const attachment = await getMessage(call, `${SPACE}/messages/attachment`)
  assert('values' in card && 'values' in attachment)
  assert.equal(card.values['text'], 'A card')
  assert.equal(attachment.values['text'], '')
})

test('a deleted message is a tombstone', async () => {
  const { call } = setting(() => tombstone('b', 'a'))
  assert.deepEqual(await getMessage(call, `${SPACE}/messages/a.b`), {
    scope: SPACE,
    ref: `${SPACE}/messages/a.b`,
    gone: 'deleted',
  })
})

test('a private message is not there', async () => {
  const { call } = setting(() => message('b', 'a', { privateMessageViewer: { name: 'users/3' } }))
  await assert.rejects(getMessage(call, `${SPACE}/messages/a.b`), failsWith('missing'))
})

test('a thread reads as its head, and an empty one is gone', async () => {
  let answer: object = { messages: [message('a', 'a', { text: '\n  Lunch? \nAt noon' })] }
  const { call, runtime } = setting(() => answer)
  const thread = await getThread(call, `${SPACE}/threads/a`)
  assert('values' in thread)
  assert.deepEqual(thread.values, { space: SPACE, subject: 'Lunch?' })
  assert.match(decodeURIComponent(runtime.sent[0]?.url ?? ''), /filter=thread\.name\+=\+spaces\/A\/threads\/a/)
  answer = {}
  assert.deepEqual(await getThread(call, `${SPACE}/threads/a`), {
    scope: SPACE,
    ref: `${SPACE}/threads/a`,
    gone: 'deleted',
  })
})

test('a thread whose head is deleted is older than all that was ever known of it', async () => {
  const { call } = setting(() => ({ messages: [message('b', 'a')] }))
  const thread = await getThread(call, `${SPACE}/threads/a`)
  assert('values' in thread)
  assert(thread.version !== undefined && thread.version < '2000')
})

test('a create that was repeated and answered in part is read again', async () => {
  const { call, runtime } = setting((method, url) =>
    method === 'POST'
      ? { name: `${SPACE}/messages/a.b`, text: 'hello', thread: { name: `${SPACE}/threads/a` } }
      : message('b', 'a', { clientAssignedMessageId: 'client-k1', name: `${pathOf(url)}` }),
  )
  const values = { space: SPACE, thread: `${SPACE}/threads/a`, text: 'hello' }
  const made = await createMessage(call, { key: 'k1', values, since: NOW })
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
  const made = await createThread(call, { key: 'k1', values: { space: SPACE, subject: 'x' }, since: NOW, head })
  assert.deepEqual(briefly(made), ['thread a item', 'message a.a item'])
  assert.equal(runtime.sent.length, 1)
  assert.equal(new URL(runtime.sent[0]?.url ?? '').searchParams.get('messageReplyOption'), null)
})

test('what a key made is found even when it is deleted since, and nothing where nothing was made', async () => {
  let answer: unknown = tombstone('b', 'a')
  const { call } = setting(() => answer)
  const intent = { key: 'k1', values: { space: SPACE, thread: `${SPACE}/threads/a`, text: 'x' }, since: NOW }
  assert.deepEqual(briefly((await findMessage(call, intent)) ?? []), ['message a.b deleted'])
  answer = new Answer(404, { error: { code: 404, status: 'NOT_FOUND', message: 'no such message' } })
  assert.equal(await findMessage(call, intent), null)
})

test('the message id of another message is a taken key; the name of another space is a refusal', async () => {
  const taken = new Answer(409, { error: { code: 409, status: 'ALREADY_EXISTS', message: 'exists' } })
  const { call } = setting(() => taken)
  const values = { space: SPACE, thread: `${SPACE}/threads/a`, text: 'x' }
  await assert.rejects(createMessage(call, { key: 'k1', values, since: NOW }), failsWith('key-taken'))
  await assert.rejects(createSpace(call, { key: 'k1', values: { name: 'x' }, since: NOW }), failsWith('rejected'))
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
    await assert.rejects(getMessage(call, `${SPACE}/messages/a.b`), (error) => {
      return failsWith(failure)(error) && error instanceof Error && error.message === `${status}: because`
    })
  })

test('an update answers what Chat stored', async () => {
  const { call, runtime } = setting(() => message('b', 'a', { sender: { name: ME.ref }, formattedText: 'trimmed' }))
  const base = { scope: SPACE, ref: `${SPACE}/messages/a.b`, values: {} }
  const stored = await updateMessage(call, { key: 'k', ref: base.ref, changed: { text: 'trimmed ' }, base })
  assert('values' in stored)
  assert.equal(stored.values['text'], 'trimmed')
  assert.equal(runtime.sent[0]?.body, '{"text":"trimmed "}')
})

test('a name that is no Chat resource is never sent', async () => {
  const { call, runtime } = setting(() => ({}))
  await assert.rejects(getMessage(call, 'spaces/A/messages/b?x=/../../spaces'), failsWith('rejected'))
  assert.equal(runtime.sent.length, 0)
})

function spacesNamed(...names: readonly string[]): readonly object[] {
  return names.map((name) => ({ name: `spaces/${name}`, displayName: name, spaceType: 'SPACE' }))
}

test('a pull that finds nothing makes two calls, whatever the number of spaces', async () => {
  const all = Array.from({ length: 300 }, (_, index) => `S${index}`)
  const { call, runtime } = setting((_, url) => (pathOf(url) === 'spaces' ? { spaces: spacesNamed(...all) } : {}), {
    scopes: ['', ...all.map((name) => `spaces/${name}`)],
  })
  const [start] = await pagesOf(pull(call, null))
  runtime.advance(60_000)
  const calls = runtime.sent.length
  const pages = await pagesOf(pull(call, start?.cursor ?? null))
  assert.equal(runtime.sent.length - calls, 2)
  assert.deepEqual(changesOf(pages), [])
})

test('quiet spaces are searched in turn', async () => {
  const { call, runtime } = setting(
    (_, url) => (pathOf(url) === 'spaces' ? { spaces: spacesNamed('A', 'B', 'C') } : {}),
    { scopes: ['spaces/A', 'spaces/B', 'spaces/C'] },
  )
  let cursor = (await pagesOf(pull(call, null))).at(-1)?.cursor ?? null
  for (let turn = 0; turn < 3; turn += 1) {
    runtime.advance(60_000)
    cursor = (await pagesOf(pull(call, cursor))).at(-1)?.cursor ?? null
  }
  const searched = runtime.sent.map((request) => pathOf(new URL(request.url))).filter((path) => path !== 'spaces')
  assert.deepEqual(searched, ['spaces/A/spaceEvents', 'spaces/B/spaceEvents', 'spaces/C/spaceEvents'])
})

test('a space with a new message is read until a read came later than the lag', async () => {
  const active = new Date(NOW + 60_000).toISOString()
  const { call, runtime } = setting(
    (_, url) => (pathOf(url) === 'spaces' ? { spaces: [{ ...spacesNamed('A')[0], lastActiveTime: active }] } : {}),
    { config: { quietSpacesPerPull: 0 } },
  )
  let cursor = (await pagesOf(pull(call, null))).at(-1)?.cursor ?? null
  const reads: number[] = []
  for (let turn = 0; turn < 4; turn += 1) {
    runtime.advance(turn === 0 ? 61_000 : 10_000)
    const before = runtime.sent.length
    cursor = (await pagesOf(pull(call, cursor))).at(-1)?.cursor ?? null
    reads.push(runtime.sent.length - before - 1)
  }
  assert.deepEqual(reads, [1, 1, 1, 0])
})

test('events name each message once, as it is now, and a thread before its head', async () => {
  const event = (type: string, data: object): object => ({
    eventTime: '2026-11-20T12:00:30Z',
    eventType: `google.workspace.chat.message.v1.${type}`,
    ...data,
  })
  const { call } = setting((_, url) =>
    pathOf(url) === 'spaces'
      ? { spaces: spacesNamed('A') }
      : !pathOf(url).endsWith('spaceEvents')
        ? {}
        : {
            spaceEvents: [
              event('created', { messageCreatedEventData: { message: message('a', 'a') } }),
              event('batchCreated', {
                messageBatchCreatedEventData: {
                  messages: [{ message: message('b', 'a') }, { message: { name: `${SPACE}/messages/a.c` } }, {}],
                },
              }),
              event('updated', { messageUpdatedEventData: { message: message('b', 'a') } }),
              event('created', {
                messageCreatedEventData: { message: message('p', 'a', { privateMessageViewer: { name: 'users/3' } }) },
              }),
              event('deleted', {
                messageDeletedEventData: {
                  message: { name: `${SPACE}/messages/x.y`, deletionMetadata: { deletionType: 'CREATOR' } },
                },
              }),
            ],
          },
  )
  const [start] = await pagesOf(pull(call, null))
  assert.deepEqual(briefly(changesOf(await pagesOf(pull(call, start?.cursor ?? null)))), [
    'thread a item',
    'message a.a item',
    'message a.b item',
    'message a.c unread',
    'message x.y deleted',
    'thread x deleted',
  ])
})

test('new, renamed and missing spaces are told once', async () => {
  let listed = spacesNamed('A', 'B')
  const { call } = setting((_, url) => (pathOf(url) === 'spaces' ? { spaces: listed } : {}), { scopes: [''] })
  const [start] = await pagesOf(pull(call, null))
  listed = [{ ...spacesNamed('A')[0], displayName: 'Renamed' }, ...spacesNamed('C')]
  const pages = await pagesOf(pull(call, start?.cursor ?? null))
  assert.deepEqual(briefly(changesOf(pages)), ['space A item', 'space C item', 'space B unread'])
  assert.deepEqual(changesOf(await pagesOf(pull(call, pages.at(-1)?.cursor ?? null))), [])
})

test('direct messages, spaces without reply threads and imports under way are not offered', async () => {
  const { call } = setting(
    () => ({
      spaces: [
        ...spacesNamed('A'),
        { name: 'spaces/D', spaceType: 'DIRECT_MESSAGE' },
        { name: 'spaces/G', spaceType: 'SPACE', spaceThreadingState: 'GROUPED_MESSAGES' },
        { name: 'spaces/I', spaceType: 'SPACE', importMode: true },
      ],
    }),
    { scope: '' },
  )
  const pages = await pagesOf(list(call, null))
  assert.deepEqual(briefly(changesOf(pages)), ['space A item'])
  assert.equal(pages.at(-1)?.complete, true)
})

test('a cursor that is older than the events that Google keeps has expired', async () => {
  const { call, runtime } = setting((_, url) => (pathOf(url) === 'spaces' ? { spaces: spacesNamed('A') } : {}))
  const [start] = await pagesOf(pull(call, null))
  runtime.advance(29 * 24 * 60 * 60 * 1000)
  await assert.rejects(pagesOf(pull(call, start?.cursor ?? null)), failsWith('cursor-expired'))
  await assert.rejects(pagesOf(pull(call, 'of an older version')), failsWith('cursor-expired'))
})

test('a listing names threads before their messages, and as gone those of which only tombstones are left', async () => {
  const { call } = setting((_, url) =>
    url.searchParams.get('showDeleted') === 'true'
      ? {
          messages: [
            message('a', 'a'),
            tombstone('h', 'h'),
            tombstone('d', 'd'),
            tombstone('b', 'a'),
            message('r', 'h'),
            tombstone('e', 'd'),
          ],
        }
      : { messages: [message('r', 'h')] },
  )
  const pages = await pagesOf(list(call, null))
  assert.deepEqual(briefly(changesOf(pages)), [
    'thread a item',
    'message a.a item',
    'message h.h deleted',
    'message d.d deleted',
    'message a.b deleted',
    'thread h item',
    'message h.r item',
    'message d.e deleted',
    'thread d deleted',
  ])
  assert.equal(pages.at(-1)?.complete, true)
})

test('a resumed listing goes on a little before where it was, and reads the threads that it cannot judge', async () => {
  const { call, runtime } = setting((_, url) =>
    url.searchParams.get('pageToken') === 'second'
      ? new Answer(503, {})
      : (url.searchParams.get('filter') ?? '').startsWith('create_time')
        ? { messages: [message('a', 'a'), tombstone('b', 'c')] }
        : (url.searchParams.get('filter') ?? '').endsWith('threads/c')
          ? { messages: [message('c', 'c')] }
          : (url.searchParams.get('filter') ?? '').endsWith('threads/d')
            ? {}
            : { messages: [message('a', 'a'), tombstone('d', 'd')], nextPageToken: 'second' },
  )
  const iterator = list(call, null)[Symbol.asyncIterator]()
  const first: Page = (await iterator.next()).value
  await assert.rejects(iterator.next(), failsWith('unavailable'))
  const rest = await pagesOf(list(call, first.cursor))
  assert.deepEqual(briefly(changesOf(rest)), [
    'thread a item',
    'message a.a item',
    'message c.b deleted',
    'thread d deleted',
  ])
  const filters = runtime.sent.map((request) => new URL(request.url).searchParams.get('filter'))
  assert(filters.includes('create_time > "2026-11-20T09:59:59.999Z"'))
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
  await getMessage(call, `${SPACE}/messages/a.b`)
  assert.deepEqual(runtime.drawn, [{ 'google-chat.project.reads': 'project', 'google-chat.space.reads': SPACE }])
  const limits = googleChat.limits(googleChat.config.parse({ clientId: 'c', clientSecret: 's' }))
  for (const bucket of Object.keys(runtime.drawn[0] ?? {})) assert(limits[bucket])
})
