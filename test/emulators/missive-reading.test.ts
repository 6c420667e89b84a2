import assert from 'node:assert/strict'
import { test } from 'node:test'
import { routes } from '../../src/emulators/missive/routes.ts'
import {
  ANN,
  at,
  BOB,
  BOOK,
  conversation,
  CYD,
  DONE,
  entries,
  listAt,
  listed,
  MAILBOX,
  MINUTE,
  NOW,
  ORG,
  SECOND,
  send,
  shapes,
  START,
  SUPPORT,
  testMissive,
  textAt,
  URGENT,
} from './missive-world.ts'

const ALL = { all: 'true' }

test('a mail opens a conversation in the inbox of its team, and an answer to it goes into the same', async () => {
  const { api, mail, missive, advance } = testMissive()
  const id = mail({ messageId: '<one@client.test>' })
  await advance(SECOND)
  assert.equal(mail({ inReplyTo: '<one@client.test>', subject: 'Re: Help', body: 'still' }), id)
  const found = conversation(api(BOB), id)
  assert.equal(at(found, 'messages_count'), 2)
  assert.equal(at(found, 'latest_message_subject'), 'Re: Help')
  assert.equal(at(found, 'last_activity_at'), NOW + 1)
  assert.deepEqual(at(found, 'organization'), { id: ORG, name: 'Acme' })
  assert.equal(at(found, 'team', 'id'), SUPPORT)
  assert.deepEqual(
    listAt(found, 'users').map((user) => [at(user, 'name'), at(user, 'unassigned')]),
    [
      ['Ann Lee', true],
      ['Bob Day', true],
    ],
  )
  assert.deepEqual(at(found, 'authors'), [{ name: 'Dee Roe', address: 'dee@client.test' }])
  assert.deepEqual(listed(api(BOB), { team_inbox: SUPPORT }), [id])
  assert.deepEqual(listed(api(CYD)), [])
  assert.equal(missive.counters().reads, 3)
})

test('a list needs a mailbox, and limits from 2 to 50', () => {
  const { api } = testMissive()
  const refused = api(ANN)('GET', '/conversations')
  assert.equal(refused.status, 400)
  assert.deepEqual(refused.body, { error: 'You need to paginate at least one mailbox' })
  for (const limit of ['1', '51', 'ten'])
    assert.equal(api(ANN)('GET', '/conversations', { query: { ...ALL, limit } }).status, 400)
  const both = { ...ALL, email: 'a@b.test', domain: 'b.test' }
  assert.equal(api(ANN)('GET', '/conversations', { query: both }).status, 400)
  assert.equal(api(ANN)('GET', '/conversations', { query: { ...ALL, updated_after: '1' } }).status, 400)
})

test('a page goes down by whole seconds: the last one comes again, and a page may exceed its limit', async () => {
  const { api, mail, advance } = testMissive()
  const ids: string[] = []
  for (let second = 0; second < 3; second += 1) {
    for (let one = 0; one < 2; one += 1) ids.push(mail())
    await advance(SECOND)
  }
  const [a, b, c, d, e, f] = ids
  assert.deepEqual(listed(api(ANN), { ...ALL, limit: '2' }), [f, e])
  assert.deepEqual(listed(api(ANN), { ...ALL, limit: '3' }), [f, e, d, c])
  assert.deepEqual(listed(api(ANN), { ...ALL, limit: '3', until: String(NOW + 1) }), [d, c, b, a])
  const bounded = testMissive({ pagesExtend: false, untilIsInclusive: false })
  for (let one = 0; one < 4; one += 1) bounded.mail()
  assert.equal(listed(bounded.api(ANN), { ...ALL, limit: '3' }).length, 3)
  assert.deepEqual(listed(bounded.api(ANN), { ...ALL, until: String(NOW) }), [])
})

test('a second with more conversations than a page never lets one through to what is older', async () => {
  const { api, mail, advance } = testMissive()
  const oldest = mail()
  await advance(SECOND)
  for (let one = 0; one < 4; one += 1) mail()
  const page = (until: number) => listed(api(ANN), { ...ALL, limit: '3', until: String(until) })
  assert.equal(page(NOW + 1).length, 4)
  assert.ok(!page(NOW + 1).includes(oldest))
  assert.deepEqual(page(NOW), [oldest])
})

test('what moves up between two pages is missed by neither, as it comes first', async () => {
  const { api, mail, missive, advance } = testMissive()
  const ids: string[] = []
  for (let one = 0; one < 4; one += 1) {
    ids.push(mail())
    await advance(SECOND)
  }
  assert.deepEqual(listed(api(ANN), { ...ALL, limit: '2' }), [ids[3], ids[2]])
  missive.as(BOB).comment(ids[0] ?? '', 'me too')
  assert.deepEqual(listed(api(ANN), { ...ALL, limit: '2', until: String(NOW + 2) }), [ids[2], ids[1]])
  assert.equal(listed(api(ANN))[0], ids[0])
})

test('closing, labelling and trashing leave the last activity as it is; by a switch they move it', async () => {
  for (const statesMoveActivity of [false, true]) {
    const { api, mail, missive, advance } = testMissive({ statesMoveActivity })
    const id = mail()
    await advance(10 * SECOND)
    missive.as(ANN).label(id, [URGENT])
    missive.as(ANN).close(id)
    missive.as(ANN).trash(id)
    assert.equal(at(conversation(api(ANN), id), 'last_activity_at'), statesMoveActivity ? NOW + 10 : NOW)
  }
})

test('mailboxes are those of the user: closed, flagged, snoozed, assigned, trashed and junk', () => {
  const { api, mail, missive } = testMissive()
  const [open, closed, mine, junk] = [mail(), mail(), mail(), mail()]
  const ann = missive.as(ANN)
  ann.close(closed)
  ann.assign(mine, [ANN])
  ann.flag(mine, true)
  ann.snooze(mine, true)
  ann.junk(junk, true)
  assert.deepEqual(listed(api(ANN), { inbox: 'true' }), [open])
  assert.deepEqual(listed(api(BOB), { inbox: 'true' }), [mine, open])
  assert.deepEqual(listed(api(ANN), { closed: 'true' }), [closed])
  assert.deepEqual(listed(api(ANN), { assigned: 'true' }), [mine])
  assert.deepEqual(listed(api(BOB), { assigned: 'true' }), [])
  assert.deepEqual(listed(api(ANN), { flagged: 'true' }), [mine])
  assert.deepEqual(listed(api(ANN), { junked: 'true' }), [junk])
  assert.deepEqual(listed(api(ANN)), [mine, closed, open])
  assert.deepEqual(listed(api(ANN), { team_closed: SUPPORT }), [closed])
  assert.deepEqual(listed(api(ANN), { team_all: SUPPORT }), [mine, closed, open])
  assert.equal(at(conversation(api(ANN), mine), 'assignee_emails'), 'ann@acme.test')
  assert.equal(api(ANN)('GET', '/conversations', { query: { team_all: 'team-none' } }).status, 400)
})

test('what is thrown away is in the trash alone, can still be got, and comes back', () => {
  const { api, mail, missive } = testMissive()
  const id = mail()
  missive.as(ANN).label(id, [URGENT])
  missive.as(ANN).trash(id)
  assert.deepEqual([listed(api(BOB)), listed(api(BOB), { shared_label: URGENT })], [[], []])
  assert.deepEqual(listed(api(BOB), { trashed: 'true' }), [id])
  assert.equal(at(listAt(conversation(api(BOB), id), 'users')[0], 'trashed'), true)
  missive.as(BOB).untrash(id)
  assert.deepEqual([listed(api(ANN)), listed(api(ANN), { trashed: 'true' })], [[id], []])
  const alone = testMissive({ trashIsShared: false, mailboxesHoldTrash: true })
  const other = alone.mail()
  alone.missive.as(ANN).trash(other)
  assert.deepEqual(listed(alone.api(BOB), { trashed: 'true' }), [])
  assert.deepEqual(listed(alone.api(ANN)), [other])
})

test('an answer brings a closed or trashed conversation back to the inbox', async () => {
  const { api, mail, missive, advance } = testMissive()
  const id = mail({ messageId: '<m@client.test>' })
  missive.as(ANN).close(id)
  missive.as(ANN).trash(id)
  await advance(SECOND)
  mail({ inReplyTo: '<m@client.test>' })
  assert.deepEqual(listed(api(ANN), { inbox: 'true' }), [id])
})

test('a mail that comes in late is old by its delivery, and the conversation active by its arrival', async () => {
  for (const arrivalIsActivity of [true, false]) {
    const { api, mail, advance } = testMissive({ arrivalIsActivity })
    await advance(MINUTE)
    const id = mail({ deliveredAt: START })
    assert.deepEqual(entries(api(ANN), id, 'messages', 'delivered_at'), [NOW])
    assert.deepEqual(entries(api(ANN), id, 'messages', 'created_at'), [NOW + 60])
    assert.equal(at(conversation(api(ANN), id), 'last_activity_at'), arrivalIsActivity ? NOW + 60 : NOW)
  }
})

test('messages, comments and posts of a conversation come ten at a time, newest first', async () => {
  const { api, mail, missive, advance } = testMissive()
  const id = mail()
  for (let one = 0; one < 12; one += 1) {
    await advance(SECOND)
    missive.as(BOB).comment(id, `comment ${one}`)
  }
  const first = entries(api(ANN), id, 'comments', 'body')
  assert.equal(first.length, 10)
  assert.equal(first[0], 'comment 11')
  const oldest = entries(api(ANN), id, 'comments', 'created_at').at(-1)
  assert.deepEqual(entries(api(ANN), id, 'comments', 'body', { until: String(oldest) }), [
    'comment 2',
    'comment 1',
    'comment 0',
  ])
  assert.equal(api(ANN)('GET', `/conversations/${id}/comments`, { query: { limit: '11' } }).status, 400)
})

test('a comment tells its author, mentions, file and task; one that was removed is in no list', () => {
  const { api, mail, missive } = testMissive()
  const id = mail()
  const { id: said } = missive.as(BOB).comment(id, '@Ann look', {
    mentions: [{ id: ANN, index: 0, length: 4 }],
    attachment: { filename: 'log.txt', bytes: Buffer.from('boom') },
    task: { assigneeIds: [ANN] },
  })
  const { body } = api(ANN)('GET', `/conversations/${id}/comments`)
  const [comment] = listAt(body, 'comments')
  assert.equal(at(comment, 'author', 'email'), 'bob@acme.test')
  assert.deepEqual(at(comment, 'mentions'), [{ id: ANN, index: 0, length: 4 }])
  assert.equal(at(comment, 'attachment', 'filename'), 'log.txt')
  assert.equal(at(comment, 'task', 'state'), 'todo')
  missive.as(ANN).setTask(said, 'closed')
  assert.equal(at(conversation(api(ANN), id), 'completed_tasks_count'), 1)
  missive.as(BOB).removeComment(said)
  assert.deepEqual(entries(api(ANN), id, 'comments', 'id'), [])
})

test('messages are got with body and conversation, one as an object and several as a list', () => {
  const { api, mail, missive } = testMissive()
  const id = mail({ messageId: '<x@client.test>' })
  const [one, two] = [id, mail()].map((each) => textAt(entries(api(ANN), each, 'messages', 'id'), 0))
  const { body } = api(ANN)('GET', `/messages/${one}`)
  assert.equal(at(body, 'messages', 'body'), '<p>It is broken</p>')
  assert.equal(at(body, 'messages', 'preview'), 'It is broken')
  assert.equal(at(body, 'messages', 'conversation', 'id'), id)
  assert.deepEqual(
    listAt(api(ANN)('GET', `/messages/${one},${two}`).body, 'messages').map((each) => at(each, 'id')),
    [one, two],
  )
  assert.equal(api(CYD)('GET', `/messages/${one}`).status, 404)
  const query = { email_message_id: '<x@client.test>' }
  assert.equal(listAt(api(ANN)('GET', '/messages', { query }).body, 'messages').length, 1)
  assert.deepEqual(missive.outbox(), [])
})

test('the address of an attachment works for an hour, and every read makes a new one', async () => {
  const { api, mail, missive, advance } = testMissive()
  const id = mail({ attachments: [{ filename: 'a b.png', bytes: Buffer.from([1, 2, 3]) }] })
  const addressOf = () => new URL(textAt(entries(api(ANN), id, 'messages', 'attachments'), 0, 0, 'url'))
  const get = ({ pathname, searchParams }: URL) =>
    missive.handle({
      method: 'GET',
      path: pathname,
      query: searchParams,
      headers: {},
      body: Buffer.alloc(0),
      address: '127.0.0.1',
    })
  const first = addressOf()
  assert.equal(first.origin, 'http://missive.test')
  assert.deepEqual(get(first).body, Buffer.from([1, 2, 3]))
  assert.equal(get(first).headers['content-type'], 'image/png')
  await advance(61 * MINUTE)
  assert.equal(get(first).status, 403)
  const second = addressOf()
  assert.notEqual(second.href, first.href)
  assert.equal(get(second).status, 200)
  second.searchParams.set('Expires', '9999999999')
  assert.equal(get(second).status, 403)
})

test('a merged conversation is answered under its new id, and listed once', async () => {
  const { api, mail, advance } = testMissive()
  const [source, target] = [mail(), mail()]
  await advance(SECOND)
  const merged = api(ANN)('POST', `/conversations/${source}/merge`, { body: { target, subject: 'Both' } })
  assert.equal(merged.status, 200)
  assert.equal(at(conversation(api(ANN), source), 'id'), target)
  assert.equal(at(conversation(api(ANN), source), 'messages_count'), 2)
  assert.deepEqual(listed(api(ANN)), [target])
  assert.equal(entries(api(ANN), source, 'messages', 'id').length, 2)
})

test('a guest is told an id and a time', () => {
  const { api, mail, missive } = testMissive()
  const id = mail()
  missive.as(ANN).invite(id, CYD)
  assert.deepEqual(conversation(api(CYD), id), { id, last_activity_at: NOW })
  assert.deepEqual(listed(api(CYD)), [id])
  assert.equal(api(CYD)('GET', `/conversations/${id}/messages`).status, 403)
})

test('directories hold the organizations of the user, by offset', () => {
  const { api } = testMissive()
  const names = (path: string, key: string, query: Record<string, string> = {}) =>
    listAt(api(BOB)('GET', path, { query }).body, key).map((one) => at(one, 'name'))
  assert.deepEqual(names('/organizations', 'organizations'), ['Acme'])
  assert.deepEqual(names('/users', 'users'), ['Ann Lee', 'Bob Day'])
  assert.deepEqual(names('/users', 'users', { limit: '1', offset: '1' }), ['Bob Day'])
  assert.deepEqual(names('/teams', 'teams', { organization: ORG }), ['Support'])
  assert.deepEqual(names('/shared_labels', 'shared_labels'), ['Urgent', 'Done'])
  const labels = listAt(api(BOB)('GET', '/shared_labels').body, 'shared_labels')
  assert.equal(at(labels[1], 'name_with_parent_names'), 'Urgent/Done')
  assert.equal(at(listAt(api(BOB)('GET', '/users').body, 'users')[1], 'me'), true)
  assert.deepEqual(listAt(api(CYD)('GET', '/users').body, 'users'), [])
})

test('contacts are listed by what changed since, with those that were deleted', async () => {
  const { api, missive, advance } = testMissive()
  const ann = missive.as(ANN)
  const [old, gone] = [
    ann.addContact({ contact_book: BOOK, last_name: 'Roe', infos: [{ kind: 'email', value: 'dee@client.test' }] }),
    ann.addContact({ contact_book: BOOK, last_name: 'Poe' }),
  ]
  await advance(10 * SECOND)
  ann.removeContact(gone)
  const since = (more: Record<string, string>) =>
    listAt(api(BOB)('GET', '/contacts', { query: { contact_book: BOOK, ...more } }).body, 'contacts').map((contact) => [
      at(contact, 'id'),
      at(contact, 'deleted'),
    ])
  assert.deepEqual(since({}), [[old, false]])
  assert.deepEqual(since({ modified_since: String(NOW + 5) }), [])
  assert.deepEqual(since({ modified_since: String(NOW + 5), include_deleted: 'true' }), [[gone, true]])
  ann.editContact(old, { first_name: 'Dee' })
  assert.deepEqual(since({ modified_since: String(NOW + 5) }), [[old, false]])
  assert.deepEqual(since({ search: 'dee@client' }), [[old, false]])
  assert.equal(api(BOB)('GET', `/contacts/${gone}`).status, 404)
  assert.equal(api(BOB)('GET', '/contacts').status, 400)
  assert.equal(api(CYD)('GET', '/contacts', { query: { contact_book: BOOK } }).status, 404)
  assert.deepEqual(
    listAt(api(BOB)('GET', '/contact_groups', { query: { contact_book: BOOK, kind: 'group' } }).body, 'contact_groups'),
    [{ id: 'group-vip', name: 'VIP', kind: 'group' }],
  )
  assert.equal(listAt(api(BOB)('GET', '/contact_books').body, 'contact_books').length, 1)
})

test('300 calls a minute and 900 in 15 minutes, then 429 with the wait and the end of the window', async () => {
  const { api, advance } = testMissive()
  const get = () => api(ANN)('GET', '/users')
  for (let minute = 0; minute < 3; minute += 1) {
    for (let call = 0; call < 300; call += 1) assert.equal(get().status, 200)
    if (minute === 2) break
    const refused = get()
    assert.equal(refused.status, 429)
    assert.equal(refused.headers['retry-after'], '60')
    assert.equal(refused.headers['x-ratelimit-limit'], '300')
    assert.equal(refused.headers['x-ratelimit-remaining'], '0')
    assert.equal(refused.headers['x-ratelimit-reset'], String(NOW + (minute + 1) * 60))
    await advance(MINUTE)
  }
  await advance(MINUTE)
  const refused = get()
  assert.equal(refused.headers['x-ratelimit-limit'], '900')
  assert.equal(refused.headers['retry-after'], String(12 * 60))
  assert.equal(api(BOB)('GET', '/users').status, 200)
  await advance(12 * MINUTE)
  assert.equal(get().status, 200)
})

test('a sixth call while five are under way is refused', () => {
  const { api } = testMissive()
  assert.equal(api(ANN)('GET', '/users', { underWay: 5 }).status, 200)
  const refused = api(ANN)('GET', '/users', { underWay: 6 })
  assert.equal(refused.status, 429)
  assert.equal(refused.headers['retry-after'], '1')
})

test('without a token, with a wrong one and on a small plan nothing is answered', () => {
  const { missive } = testMissive()
  assert.equal(send(missive, '', 'GET', '/users').status, 401)
  assert.equal(send(missive, 'Bearer junk', 'GET', '/users').status, 401)
  assert.equal(testMissive({ plan: 'starter' }).api(ANN)('GET', '/users').status, 403)
  assert.equal(send(missive, `Bearer token-${ANN}`, 'GET', '/tasks').status, 404)
  assert.deepEqual([...missive.counters().refused], [[401, 2]])
})

test("every method of the emulator has the address and the parameters of Missive's pages", () => {
  const bare = (path: string): string => path.replaceAll(/\{[^}]+\}|:[a-z]+/g, '{}')
  const known = new Map(Object.values(shapes.methods).map((method) => [`${method.verb} ${bare(method.path)}`, method]))
  for (const route of routes) {
    const method = known.get(`${route.method} ${bare(route.path)}`)
    assert.ok(method !== undefined, `${route.method} ${route.path}`)
    assert.deepEqual([...route.query].toSorted(), Object.keys(method.query).toSorted(), route.path)
  }
  assert.equal(routes.length, known.size)
})

test('what is labelled is in its label, also under one that stands above it', () => {
  const { api, mail, missive } = testMissive()
  const id = mail()
  missive.as(ANN).label(id, [DONE])
  assert.deepEqual(listed(api(BOB), { shared_label: DONE }), [id])
  assert.deepEqual(listed(api(BOB), { shared_label: URGENT }), [])
  missive.as(ANN).renameLabel(DONE, 'Finished')
  assert.equal(at(conversation(api(BOB), id), 'shared_label_names'), 'Finished')
  missive.as(BOB).unlabel(id, [DONE])
  assert.deepEqual(listed(api(BOB), { shared_label: DONE }), [])
  assert.equal(missive.receive(MAILBOX, { from: { address: 'x@y.test' }, body: '' }).type, 'email')
})
