import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from '../../src/connector/index.ts'
import { changesOf, failsWith, list, pull } from './google-chat-kinds.ts'
import { briefly, message, NOW, pathOf, setting, SPACE, spacesNamed, tombstone } from './google-chat-setting.ts'
import { Answer, pagesOf } from './runtime.ts'

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

function event(type: string, data: object): object {
  return { eventTime: '2026-11-20T12:00:30Z', eventType: `google.workspace.chat.message.v1.${type}`, ...data }
}

/** One space, of which these events are told. */
function told(spaceEvents: readonly object[]): ReturnType<typeof setting>['call'] {
  return setting((_, url) =>
    pathOf(url) === 'spaces'
      ? { spaces: spacesNamed('A') }
      : pathOf(url).endsWith('spaceEvents')
        ? { spaceEvents }
        : {},
  ).call
}

test('events name each message once, as it is now, and a thread before its head', async () => {
  const call = told([
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
  ])
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

// Seen red: a page of 1000 such messages is longer than any answer that is taken, and was so at each try.
test('a full page of the longest messages is read', async () => {
  const text = 'x'.repeat(32_000)
  const longest = (_: unknown, at: number): object =>
    message(`m${at}`, 'a', { text, formattedText: text, argumentText: text, fallbackText: text })
  const { call } = setting((_, url) => {
    const room = Array.from({ length: Number(url.searchParams.get('pageSize')) }, longest)
    if (pathOf(url) === 'spaces') return { spaces: spacesNamed('A') }
    if (!pathOf(url).endsWith('spaceEvents')) return { messages: room }
    const told = { eventTime: '2026-11-20T12:00:30Z', eventType: 'google.workspace.chat.message.v1.created' }
    return { spaceEvents: room.map((each) => ({ ...told, messageCreatedEventData: { message: each } })) }
  })
  const messagesIn = (pages: readonly Page[]): number =>
    changesOf(pages).filter((change) => change.kind === 'message').length
  const [start] = await pagesOf(pull(call, null))
  assert.equal(messagesIn(await pagesOf(pull(call, start?.cursor ?? null))), 100)
  assert.equal(messagesIn(await pagesOf(list(call, null))), 100)
})

// Seen red: no space after the refused one was read any more.
test('a space that refuses its events, or is gone, keeps back none of the others, and keeps its place', async () => {
  const active = new Date(NOW + 60_000).toISOString()
  const answers: Record<string, Answer> = {
    'spaces/A/spaceEvents': new Answer(403, { error: { status: 'PERMISSION_DENIED', message: 'not allowed here' } }),
    'spaces/B/spaceEvents': new Answer(404, { error: { status: 'NOT_FOUND', message: 'no such space' } }),
  }
  const names = ['A', 'B', 'C']
  const { call, runtime } = setting(
    (_, url) =>
      pathOf(url) === 'spaces'
        ? { spaces: spacesNamed(...names).map((space) => ({ ...space, lastActiveTime: active })) }
        : (answers[pathOf(url)] ?? {
            spaceEvents: [
              {
                eventTime: active,
                eventType: 'google.workspace.chat.message.v1.created',
                messageCreatedEventData: { message: message('c', 'c', { name: 'spaces/C/messages/c.c' }) },
              },
            ],
          }),
    { scopes: names.map((name) => `spaces/${name}`) },
  )
  const [start] = await pagesOf(pull(call, null))
  runtime.advance(120_000)
  const pages: Page[] = []
  const all = async (): Promise<void> => {
    for await (const page of pull(call, start?.cursor ?? null)) pages.push(page)
  }
  await assert.rejects(all, failsWith('forbidden', /the space spaces\/A: .*not allowed here/))
  assert.deepEqual(
    changesOf(pages).map(({ kind, ref }) => `${kind} ${ref}`),
    ['space spaces/B', 'thread spaces/A/threads/c', 'message spaces/C/messages/c.c'],
  )
  const placesIn = (page: Page | undefined): Readonly<Record<string, string>> =>
    (JSON.parse(page?.cursor ?? '') as { events: Record<string, string> }).events
  const [before, after] = [placesIn(start), placesIn(pages.at(-1))]
  assert.deepEqual([after['spaces/A'], after['spaces/B']], [before['spaces/A'], before['spaces/B']])
  assert.notEqual(after['spaces/C'], before['spaces/C'])
})

test('a quiet space that refuses its events does not take the turn of the others', async () => {
  const { call, runtime } = setting(
    (_, url) => {
      if (pathOf(url) === 'spaces') return { spaces: spacesNamed('A', 'B', 'C') }
      return pathOf(url).startsWith('spaces/A/') ? new Answer(403, { error: { status: 'PERMISSION_DENIED' } }) : {}
    },
    { scopes: ['spaces/A', 'spaces/B', 'spaces/C'] },
  )
  let cursor = (await pagesOf(pull(call, null))).at(-1)?.cursor ?? null
  const take = async (): Promise<void> => {
    for await (const page of pull(call, cursor)) cursor = page.cursor
  }
  for (let turn = 0; turn < 2; turn += 1) {
    runtime.advance(60_000)
    await assert.rejects(take, failsWith('forbidden'))
  }
  const searched = runtime.sent.map((request) => pathOf(new URL(request.url))).filter((path) => path !== 'spaces')
  assert.deepEqual(
    searched,
    ['A', 'B', 'A', 'C'].map((name) => `spaces/${name}/spaceEvents`),
  )
})

// Seen red: nothing was told of them, and the cursor went on.
test('an event of a message that cannot be made out tells of it by its name', async () => {
  const odd = (id: string): object => message(id, 'a', { sender: { type: 'HUMAN' } })
  const call = told([
    event('updated', { messageUpdatedEventData: { message: odd('u') } }),
    event('batchCreated', {
      messageBatchCreatedEventData: { messages: [{ message: odd('b') }, { message: {} }] },
    }),
    event('deleted', { messageDeletedEventData: { message: message('d', 'x', { thread: {} }) } }),
  ])
  const [start] = await pagesOf(pull(call, null))
  assert.deepEqual(briefly(changesOf(await pagesOf(pull(call, start?.cursor ?? null)))), [
    'message a.u unread',
    'message a.b unread',
    'message x.d deleted',
    'thread x deleted',
  ])
})
