import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConnectorError } from '../../src/connector/index.ts'
import { googleChat as connector } from '../../src/connectors/google-chat/index.ts'
import { failsWith, list, messages, pull, spaces, threads } from './google-chat-kinds.ts'
import { briefly, ENGINE, itemIn, reply, SPACE, START, startThread, world } from './google-chat-world.ts'
import { pagesOf } from './runtime.ts'

test('the probe finds whose token it is and that nothing is amiss', async (t) => {
  const { call } = await world(t)
  assert.deepEqual(await connector.probe(call.api), { actor: ENGINE, problems: [] })
})

test('a thread is made with its head, replies follow in it, and both are found by their keys', async (t) => {
  const here = await world(t)
  const { thread, head } = await startThread(here, 'k1', 'Lunch?\nAt noon')
  assert.equal(thread.values['subject'], 'Lunch?')
  assert.equal(head.key, 'k1')
  const answer = await reply(here, 'k2', thread.ref, 'yes')
  assert.equal(answer.values['thread'], thread.ref)
  const intent = { key: 'k2', values: { space: SPACE, thread: thread.ref, text: 'yes' }, since: START }
  assert.equal((await messages.find(here.call, intent))?.[0]?.ref, answer.ref)
  assert.equal(await messages.find(here.call, { ...intent, key: 'k3' }), null)
  const found = await threads.find(here.call, {
    key: 'tk1',
    values: { space: SPACE },
    since: START,
    head: { key: 'k1', values: {}, since: START },
  })
  assert.deepEqual(
    found?.map(({ ref }) => ref),
    [thread.ref, head.ref],
  )
  const { kind: _kind, ...read } = { kind: 'thread', ...thread }
  assert.deepEqual(await threads.get(here.call, thread.ref), read)
})

for (const repeatsFullyPopulated of [true, false])
  test(`a create whose answer is lost is repeated without a second message (whole: ${repeatsFullyPopulated})`, async (t) => {
    const here = await world(t, { repeatsFullyPopulated })
    here.served.faults([{ method: 'POST', fault: { kind: 'lose-response' } }])
    await assert.rejects(startThread(here, 'k1', 'once'), failsWith('unavailable'))
    const { head } = await startThread(here, 'k1', 'once')
    assert.equal(head.key, 'k1')
    assert.equal(here.chat.as('200').messages(SPACE).length, 1)
  })

test('a create that is repeated after Google forgot the request meets its own key', async (t) => {
  const here = await world(t, { requestIdSeconds: 1 })
  await startThread(here, 'k1', 'once')
  here.advance(2000)
  await assert.rejects(startThread(here, 'k1', 'once'), failsWith('key-taken'))
})

for (const deletedMessagesReadable of [true, false])
  test(`a message that was deleted before its create was known is not made again (readable: ${deletedMessagesReadable})`, async (t) => {
    const here = await world(t, { deletedMessagesReadable })
    const { thread } = await startThread(here, 'k1', 'head')
    const { ref } = await reply(here, 'k2', thread.ref, 'gone soon')
    await messages.delete(here.call, { key: 'd', ref, base: { scope: SPACE, ref, values: {} } })
    const values = { space: SPACE, thread: thread.ref, text: 'gone soon' }
    const again = await messages.create(here.call, { key: 'k2', values, since: START })
    assert(again[0] !== undefined && !('values' in again[0]))
    assert.equal(here.chat.as('200').messages(SPACE).length, 1)
  })

test('own messages are edited, emptied and deleted; what answers a head is read before the head is deleted', async (t) => {
  const here = await world(t)
  const { thread, head } = await startThread(here, 'k1', 'head')
  const answer = await reply(here, 'k2', thread.ref, 'yes')
  const edited = await messages.update(here.call, { key: 'u', ref: answer.ref, changed: { text: 'no' }, base: answer })
  assert('values' in edited)
  assert.equal(edited.values['text'], 'no')
  assert.equal(edited.editedAt, undefined)
  await assert.rejects(messages.delete(here.call, { key: 'd', ref: head.ref, base: head }), failsWith('stale'))
  const emptied = await messages.empty(here.call, { key: 'e', ref: head.ref, base: head })
  assert('values' in emptied)
  assert.equal(emptied.values['text'], '(deleted)')
  await messages.delete(here.call, { key: 'd', ref: answer.ref, base: answer })
  await assert.rejects(messages.get(here.call, answer.ref), failsWith('missing'))
})

test('a message of another person says that it may not be edited, and Chat refuses it too', async (t) => {
  const here = await world(t)
  const posted = here.chat.as('200').post(SPACE, 'mine')
  const item = await messages.get(here.call, posted.name ?? '')
  assert('values' in item)
  assert.deepEqual(item.may?.update, [])
  assert.deepEqual(item.author, { ref: 'users/200', name: 'Ada' })
  await assert.rejects(
    messages.update(here.call, { key: 'u', ref: item.ref, changed: { text: 'yours' }, base: item }),
    failsWith('forbidden'),
  )
})

test('markup reads back as it was written', async (t) => {
  const here = await world(t)
  const { head } = await startThread(here, 'k1', 'a *bold* and <https://example.com|linked> _word_')
  assert.equal(head.values['text'], 'a *bold* and <https://example.com|linked> _word_')
})

test('a space is made once and renamed; a taken name is refused', async (t) => {
  const here = await world(t)
  const intent = { key: 's1', values: { name: 'Project' }, since: START }
  const made = itemIn((await spaces.create(here.spaceless, intent))[0])
  assert.equal((await spaces.create(here.spaceless, intent))[0]?.ref, made.ref)
  const renamed = await spaces.update(here.spaceless, {
    key: 'u',
    ref: made.ref,
    changed: { name: 'Plan' },
    base: made,
  })
  assert('values' in renamed)
  assert.deepEqual(renamed.values, { name: 'Plan' })
  await assert.rejects(
    spaces.create(here.spaceless, { key: 's2', values: { name: 'Team' }, since: START }),
    failsWith('rejected'),
  )
})

test('F26 people’s messages, edits and deletions arrive through the feed', async (t) => {
  const here = await world(t)
  const ada = here.chat.as('200')
  const old = ada.post(SPACE, 'old')
  here.advance(60_000)
  let cursor = (await pagesOf(pull(here.call, null))).at(-1)?.cursor ?? null
  const changes = async (): Promise<readonly string[]> => {
    const pages = await pagesOf(pull(here.call, cursor))
    cursor = pages.at(-1)?.cursor ?? null
    return briefly(pages)
  }
  here.advance(60_000)
  assert.deepEqual(await changes(), [])
  const head = ada.post(SPACE, 'Lunch?')
  ada.post(SPACE, 'yes', { thread: head.name ?? '' })
  here.advance(1000)
  assert.deepEqual(await changes(), ['thread Lunch?', 'message Lunch?', 'message yes'])
  here.advance(60_000)
  await changes()
  ada.edit(old.name ?? '', 'new')
  here.advance(60_000)
  assert.deepEqual(await changes(), ['thread new', 'message new'])
  ada.remove(old.name ?? '')
  here.advance(60_000)
  assert.deepEqual(await changes(), ['message deleted', 'thread deleted'])
  ada.rename(SPACE, 'Crew')
  assert.deepEqual(await changes(), ['space Crew'])
})

test('events that show late are not missed', async (t) => {
  const here = await world(t, { readLagMs: 10_000, eventLagMs: 10_000 }, { quietSpacesPerPull: 0 })
  let cursor = (await pagesOf(pull(here.call, null))).at(-1)?.cursor ?? null
  const seen = new Set<string>()
  const posted = new Set<string>()
  for (let turn = 0; turn < 60; turn += 1) {
    if (turn < 30) posted.add(here.chat.as('200').post(SPACE, `message ${turn}`).name ?? '')
    here.advance(3700)
    for (const page of await pagesOf(pull(here.call, cursor))) {
      cursor = page.cursor
      for (const change of page.changes) if (change.kind === 'message') seen.add(change.ref)
    }
  }
  assert.deepEqual(
    [...posted].filter((name) => !seen.has(name)),
    [],
  )
})

test('F25 a listing goes through small pages and names everything, whether or not it is interrupted', async (t) => {
  const here = await world(t, { pageCap: 3 })
  const ada = here.chat.as('200')
  for (let index = 0; index < 5; index += 1) {
    const head = ada.post(SPACE, `head ${index}`)
    here.advance(1000)
    ada.post(SPACE, `reply ${index}`, { thread: head.name ?? '' })
    here.advance(1000)
  }
  ada.remove(ada.post(SPACE, 'gone').name ?? '')
  const whole = await pagesOf(list(here.call, null))
  assert(whole.length > 3)
  assert.deepEqual(
    whole.map((page) => page.complete === true),
    whole.map((_, index) => index === whole.length - 1),
  )
  const seen = new Set<string>()
  let position: string | null = null
  for (let done = false; !done;) {
    const first = await list(here.call, position)[Symbol.asyncIterator]().next()
    assert(first.done !== true)
    for (const line of briefly([first.value])) seen.add(line)
    position = first.value.cursor
    done = first.value.complete === true
  }
  assert.deepEqual([...seen].sort(), [...new Set(briefly(whole))].sort())
  assert.equal(briefly(whole).filter((line) => line.startsWith('thread head')).length, 5)
  assert(briefly(whole).includes('thread deleted'))
  assert.deepEqual(briefly(await pagesOf(list(here.spaceless, null))), ['space Team'])
})

test('a thread lives on without its head, and goes with its last message', async (t) => {
  const here = await world(t, {
    spaces: [
      {
        id: 'AAA',
        displayName: 'Team',
        members: ['100', '200'],
        messages: [
          { thread: 'h', sender: '200', text: 'head', createTime: START - 5000, deleteTime: START - 1000 },
          { thread: 'h', sender: '200', text: 'reply', createTime: START - 4000 },
          { thread: 'd', sender: '200', text: 'all', createTime: START - 3000, deleteTime: START - 1000 },
        ],
      },
    ],
  })
  assert.deepEqual(briefly(await pagesOf(list(here.call, null))), [
    'message deleted',
    'thread reply',
    'message reply',
    'message deleted',
    'thread deleted',
  ])
})

test('after more than 28 days the feed begins anew', async (t) => {
  const here = await world(t)
  const [start] = await pagesOf(pull(here.call, null))
  here.advance(29 * 24 * 60 * 60 * 1000)
  await assert.rejects(pagesOf(pull(here.call, start?.cursor ?? null)), failsWith('cursor-expired'))
})

test('a space that the user was removed from is to be read, and reading it fails', async (t) => {
  const here = await world(t, {
    spaces: [{ id: 'AAA', displayName: 'Team', members: ['100'], managers: ['200'] }],
  })
  const [start] = await pagesOf(pull(here.call, null))
  here.chat.as('200').expel(SPACE, '100')
  assert.deepEqual(briefly(await pagesOf(pull(here.call, start?.cursor ?? null))), ['space unread'])
  await assert.rejects(messages.get(here.call, `${SPACE}/messages/x.x`), (error) => error instanceof ConnectorError)
})
