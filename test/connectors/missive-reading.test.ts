import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Http, Page } from '../../src/connector/index.ts'
import { probe } from '../../src/connectors/missive/api.ts'
import { missive } from '../../src/connectors/missive/index.ts'
import { failing, present } from './discourse-forum.ts'
import {
  ANN,
  briefly,
  changesOf,
  feedOf,
  listed,
  ORG,
  pagesOf,
  pulled,
  SUPPORT,
  SYNC,
  testSite,
  URGENT,
} from './missive-site.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const { conversation, message, comment, attachment } = missive.kinds
const get = conversation?.get ?? assert.fail()

test('a conversation tells its team, assignees, labels and the state of the user whose token it is', async () => {
  const { site, call, mail } = testSite()
  const ref = mail()
  site.as(ANN).label(ref, [URGENT])
  site.as(ANN).assign(ref, [ANN])
  site.as(SYNC).close(ref)
  const { values } = present(await get(call(), ref))
  assert.deepEqual(
    [values['team'], values['assignees'], values['assigneeIds'], values['labels'], values['closed'], values['trashed']],
    [SUPPORT, [ANN], [ANN], [URGENT], true, false],
  )
  assert.equal(values['latestSubject'], 'Help')
})

test('F11 the last label and assignee that are removed are removed', async () => {
  const { site, call, mail } = testSite()
  const ref = mail()
  site.as(ANN).label(ref, [URGENT])
  site.as(ANN).assign(ref, [ANN])
  site.as(ANN).unlabel(ref, [URGENT])
  site.as(ANN).unassign(ref, [ANN])
  const { values } = present(await get(call(), ref))
  assert.deepEqual([values['labels'], values['assignees']], [null, null])
})

test('F22 F25 all conversations are listed, also where more than a page were active in one second', async () => {
  const { call, mail, advance } = testSite()
  for (let at = 0; at < 120; at += 1) {
    if (at === 20 || at === 100) advance(SECOND)
    mail({ subject: `mail ${at}` })
  }
  const told = new Set(await listed('conversations', call()))
  assert.equal(told.size, 120)
})

// Seen red: when each page begins a second below the last one.
test('F25 a page that ends within a second goes on in that second', async () => {
  const { call, mail, advance } = testSite({ pagesExtend: false })
  for (let at = 0; at < 120; at += 1) {
    if (at % 20 === 0) advance(SECOND)
    mail({ subject: `mail ${at}` })
  }
  assert.equal(new Set(await listed('conversations', call())).size, 120)
})

test('F22 F25 all comments of a long conversation are listed, also where they were made in one second', async () => {
  for (const pause of [0, SECOND]) {
    const { site, call, mail, advance } = testSite()
    const ref = mail()
    for (let at = 0; at < 35; at += 1) {
      advance(pause)
      site.as(ANN).comment(ref, `comment ${at}`)
    }
    assert.equal(new Set(await listed('comments', call())).size, 35, `${pause} ms between them`)
  }
})

test('F26 what is new is told with its conversation: a message with its body and files, a comment', async () => {
  const { site, call, mail, advance } = testSite()
  const ref = mail()
  advance(10 * MINUTE)
  const cursors = { messages: '', comments: '' }
  for (const name of ['messages', 'comments'] as const) cursors[name] = (await pulled(name, call(), null)).cursor
  advance(10 * MINUTE)
  site.as(ANN).comment(ref, 'look')
  mail({
    subject: 'Another',
    body: '<p>All of it</p>',
    attachments: [{ filename: 'a.png', bytes: Buffer.from('abc') }],
  })
  assert.deepEqual((await pulled('comments', call(), cursors.comments)).told, ['comment: look'])
  const { told } = await pulled('messages', call(), cursors.messages)
  assert.deepEqual(told.slice(0, 2), ['message: <p>All of it</p>', 'attachment: a.png'])
})

// Seen red: when a conversation is read once for each activity.
test('F25 a second comment of the same second is told by a later poll', async () => {
  const { site, call, mail, advance } = testSite()
  const ref = mail()
  const first = await pulled('comments', call(), null)
  advance(10 * MINUTE)
  site.as(ANN).comment(ref, 'one')
  const second = await pulled('comments', call(), first.cursor)
  site.as(ANN).comment(ref, 'two')
  advance(MINUTE)
  const third = await pulled('comments', call(), second.cursor)
  assert.ok(second.told.includes('comment: one') && third.told.includes('comment: two'))
})

test('F24 F33 two changes and 24 polls cost a few calls more than the polls', async () => {
  const { site, call, mail, advance, runtime } = testSite()
  const ref = mail()
  for (let at = 0; at < 30; at += 1) mail({ subject: `mail ${at}` })
  advance(10 * MINUTE)
  let { cursor } = await pulled('comments', call(), null)
  const poll = async () => ({ cursor } = await pulled('comments', call(), cursor))
  // What was active just before the feed began is looked at first.
  for (let at = 0; at < 3; at += 1) await poll()
  const before = runtime.sent.length
  site.as(ANN).comment(ref, 'one')
  for (let at = 0; at < 24; at += 1) {
    if (at === 12) site.as(ANN).comment(ref, 'two')
    advance(MINUTE)
    await poll()
  }
  assert.equal(runtime.sent.length - before, 24 + 2 * 2)
})

test('F23 F31 a page that fails is no empty page, and leaves the cursor where it was', async () => {
  let fails = false
  const through = (http: Http): Http => ({
    send: (request) =>
      fails && request.url.includes('/comments')
        ? Promise.resolve({ status: 502, headers: {}, body: '' })
        : http.send(request),
  })
  const { site, call, mail, advance } = testSite({ through })
  const ref = mail()
  const { cursor } = await pulled('comments', call(), null)
  advance(10 * MINUTE)
  site.as(ANN).comment(ref, 'one')
  fails = true
  await assert.rejects(pulled('comments', call(), cursor), failing('unavailable'))
  fails = false
  assert.ok((await pulled('comments', call(), cursor)).told.includes('comment: one'))
})

test('what becomes active while a listing goes down is read at its end', async () => {
  let between: (() => void) | null = null
  const through = (http: Http): Http => ({
    async send(request) {
      const response = await http.send(request)
      if (request.url.includes('/conversations?')) between?.()
      return response
    },
  })
  const { site, call, mail, advance } = testSite({ through })
  const oldest = mail({ subject: 'oldest' })
  for (let at = 0; at < 12; at += 1) site.as(ANN).comment(oldest, `old comment ${at}`)
  for (let at = 0; at < 60; at += 1) {
    advance(SECOND)
    mail()
  }
  let calls = 0
  between = () => {
    calls += 1
    if (calls !== 2) return
    advance(SECOND)
    site.as(ANN).comment(oldest, 'it moves to the top')
  }
  assert.equal(new Set(await listed('comments', call())).size, 13)
})

test('what is thrown away reads as such and stays, is told of the conversations that were active last, and comes back', async () => {
  const { site, call, mail, advance } = testSite()
  const ref = mail()
  const { cursor } = await pulled('conversations', call(), null)
  advance(MINUTE)
  const trashed = async (): Promise<unknown[]> =>
    (await changesOf(feedOf('conversations').pull(call(), cursor))).map((each) => present(each).values['trashed'])
  site.as(SYNC).trash(ref)
  assert.deepEqual(await trashed(), [true])
  assert.equal(present(await get(call(), ref)).values['trashed'], true)
  assert.deepEqual(await listed('conversations', call()), ['conversation: Help'])
  site.as(ANN).untrash(ref)
  assert.deepEqual(await trashed(), [false])
})

test('labels and assignees of the conversations that were active last are told though they are no activity', async () => {
  const { site, call, mail, advance } = testSite()
  const ref = mail()
  const { cursor } = await pulled('conversations', call(), null)
  advance(60 * MINUTE)
  site.as(ANN).label(ref, [URGENT])
  const [told] = await changesOf(feedOf('conversations').pull(call(), cursor))
  assert.deepEqual(present(told).values['labels'], [URGENT])
})

test('a conversation that was merged into another is gone, and what it held is there', async () => {
  const { site, call, mail } = testSite()
  const [into, from] = [mail(), mail({ body: 'of the other' })]
  site.as(ANN).merge(from, into)
  assert.deepEqual(await get(call(), from), { scope: ORG, ref: from, gone: 'deleted' })
  const told = await changesOf(feedOf('messages').list(call(), null))
  assert.deepEqual(new Set(told.map((each) => present(each).values['conversation'])), new Set([into]))
  assert.equal(new Set(told.map(({ ref }) => ref)).size, 2)
})

// Seen red: where the entries of the conversation that it is part of now are taken for its own.
test('a comment in a conversation that was merged into another is missing there, and stands in the other', async () => {
  const { site, call, mail } = testSite()
  const [into, from] = [mail(), mail({ body: 'of the other' })]
  const { id } = site.as(ANN).comment(from, 'look')
  site.as(ANN).merge(from, into)
  assert.equal(present(await comment?.get?.(call(), `${into}/${id}`)).values['conversation'], into)
  await assert.rejects(Promise.resolve(comment?.get?.(call(), `${from}/${id}`)), failing('missing'))
})

test('a comment that was removed is missing, and so is a message that never was', async () => {
  const { site, call, mail } = testSite()
  const ref = mail()
  const { id } = site.as(ANN).comment(ref, 'look')
  assert.equal(present(await comment?.get?.(call(), `${ref}/${id}`)).values['body'], 'look')
  site.as(ANN).removeComment(id)
  await assert.rejects(Promise.resolve(comment?.get?.(call(), `${ref}/${id}`)), failing('missing'))
  await assert.rejects(Promise.resolve(message?.get?.(call(), 'nope')), failing('missing'))
})

// Seen red: with the address that the listing told.
test('F47 the bytes of an attachment are there long after its address has expired', async () => {
  const { call, mail, advance } = testSite()
  mail({ attachments: [{ filename: 'a.png', bytes: Buffer.from('abc') }] })
  const told = await changesOf(feedOf('messages').list(call(), null))
  const item = present(told.find(({ kind }) => kind === 'attachment'))
  advance(24 * 60 * MINUTE)
  assert.deepEqual(present(await attachment?.get?.(call(), item.ref)).values, item.values)
  const file = item.values['file'] as { ref: string; name: string }
  const chunks: Uint8Array[] = []
  const bytes = await missive.files?.open?.(call(), { kind: 'attachment', scope: ORG, ref: item.ref, file })
  for await (const chunk of bytes ?? assert.fail()) chunks.push(chunk)
  assert.equal(Buffer.concat(chunks).toString(), 'abc')
  const gone = { kind: 'attachment', scope: ORG, ref: item.ref, file: { ...file, ref: 'another' } }
  await assert.rejects(Promise.resolve(missive.files?.open?.(call(), gone)), failing('missing'))
})

test('people, teams and labels are read from their lists, and new names are told within ten minutes', async () => {
  const { site, call, advance } = testSite()
  assert.deepEqual(await listed('people', call()), ['person: Sync Bot', 'person: Ann Lee'])
  assert.deepEqual(await listed('teams', call()), ['team: Support'])
  const { cursor } = await pulled('labels', call(), null)
  site.as(ANN).renameLabel(URGENT, 'Very urgent')
  advance(9 * MINUTE)
  assert.deepEqual((await pulled('labels', call(), cursor)).told, [])
  advance(MINUTE)
  assert.deepEqual((await pulled('labels', call(), cursor)).told, ['label: Very urgent', 'label: Very urgent/Done'])
})

test('a plan without the API is told in the words of Missive, and a wrong token as one', async () => {
  await assert.rejects(probe(testSite({ plan: 'starter' }).api), failing('forbidden', /plan/i))
  await assert.rejects(probe(testSite({ config: { token: 'another' } }).api), failing('unauthorized'))
  assert.deepEqual((await probe(testSite().api)).actor, { ref: SYNC, name: 'Sync Bot' })
})

test('the limit is told with the time to wait', async () => {
  const { call } = testSite({ callsPerMinute: 1 })
  await get(call(), 'nope').catch(() => undefined)
  const limited: unknown = await get(call(), 'nope').catch((error: unknown) => error)
  assert.ok(failing('limited')(limited))
  assert.ok(((limited as { retryAfterMs?: number }).retryAfterMs ?? 0) > 0)
})

test('a page of a listing that is asked for again tells the same', async () => {
  const { call, mail } = testSite()
  for (let at = 0; at < 60; at += 1) mail({ subject: `mail ${at}` })
  const pages = await pagesOf(feedOf('conversations').list(call(), null))
  const [, second] = pages
  const rest = await changesOf(feedOf('conversations').list(call(), second?.cursor ?? ''))
  for (const each of second?.changes ?? [])
    assert.ok(
      rest.some(({ ref }) => ref === each.ref),
      briefly(each),
    )
})

// Seen red: what came after the organization that refuses was never told.
for (const status of [403, 404])
  test(`an organization that may not be read (${status}) keeps back none of the others, and is told`, async () => {
    const through = (http: Http): Http => ({
      send: (request) =>
        request.url.includes('organization=left')
          ? Promise.resolve({ status, headers: {}, body: '{"error":"You are no member"}' })
          : http.send(request),
    })
    const { api, call, mail, advance, ask } = testSite({ through })
    const both = { ...call(), scopes: ['left', ORG] }
    const told = async (name: 'conversations' | 'labels', cursor: string | null) => {
      const pages: Page[] = []
      const reading = async () => {
        for await (const page of feedOf(name).pull(both, cursor)) pages.push(page)
      }
      await assert.rejects(
        reading(),
        failing(status === 403 ? 'forbidden' : 'missing', /organization left: .*no member/),
      )
      return { told: pages.flatMap(({ changes }) => changes.map(briefly)), cursor: pages.at(-1)?.cursor ?? '' }
    }
    const start = await told('conversations', null)
    mail({ subject: 'New' })
    advance(MINUTE)
    assert.deepEqual((await told('conversations', start.cursor)).told, ['conversation: New'])
    const { cursor } = await pulled('labels', { ...both, api }, null)
    ask('POST', '/shared_labels', { shared_labels: [{ name: 'Later', organization: ORG }] })
    advance(11 * MINUTE)
    assert.ok((await told('labels', cursor)).told.includes('label: Later'))
  })
