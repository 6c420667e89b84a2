import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ANN,
  at,
  BOB,
  CHANNEL,
  conversation,
  CYD,
  DONE,
  entries,
  listAt,
  listed,
  MINUTE,
  NOW,
  ORG,
  SECOND,
  SUPPORT,
  testMissive,
  textAt,
  URGENT,
  type Call,
} from './missive-world.ts'

const notification = { title: 'Sync', body: 'said' }

function post(call: Call, posts: object): { readonly id: string; readonly conversation: string } {
  const { status, body } = call('POST', '/posts', { body: { posts: { notification, ...posts } } })
  assert.equal(status, 201, JSON.stringify(body))
  return { id: textAt(body, 'posts', 'id'), conversation: textAt(body, 'posts', 'conversation') }
}

const refusal = (call: Call, path: string, body: unknown) => call('POST', path, { body }).status

test('a post is said in a conversation, moves its activity, and is deleted by an owner', async () => {
  const { api, mail, advance } = testMissive()
  const id = mail()
  await advance(SECOND)
  const made = post(api(BOB), { conversation: id, text: 'Ticket 7 is open', username: 'Tickets' })
  assert.equal(made.conversation, id)
  const { body } = api(ANN)('GET', `/conversations/${id}/posts`)
  assert.equal(at(listAt(body, 'posts')[0], 'text'), 'Ticket 7 is open')
  assert.equal(at(listAt(body, 'posts')[0], 'username'), 'Tickets')
  assert.equal(at(conversation(api(ANN), id), 'last_activity_at'), NOW + 1)
  assert.equal(api(BOB)('DELETE', `/posts/${made.id}`).status, 403)
  assert.equal(api(ANN)('DELETE', `/posts/${made.id}`).status, 200)
  assert.equal(api(ANN)('DELETE', `/posts/${made.id}`).status, 404)
  assert.deepEqual(entries(api(ANN), id, 'posts', 'id'), [])
  assert.equal(api(ANN)('PATCH', `/posts/${made.id}`, { body: { posts: { text: 'x' } } }).status, 404)
})

test('references find the conversation that an earlier post started; others start a new one', () => {
  const { api, mail } = testMissive()
  const first = post(api(ANN), {
    text: 'one',
    references: ['task-7'],
    organization: ORG,
    conversation_subject: 'Task 7',
  })
  const second = post(api(ANN), { text: 'two', references: ['<task-7>', 'other'], organization: ORG })
  assert.equal(second.conversation, first.conversation)
  assert.notEqual(post(api(ANN), { text: 'three', references: ['task-8'] }).conversation, first.conversation)
  assert.notEqual(post(api(ANN), { text: 'four' }).conversation, first.conversation)
  assert.equal(at(conversation(api(ANN), first.conversation), 'subject'), 'Task 7')
  const mailed = mail({ messageId: '<m7@client.test>' })
  assert.equal(post(api(ANN), { text: 'five', references: ['m7@client.test'] }).conversation, mailed)
})

test('a post assigns, labels, moves and closes in the same call', () => {
  const { api, mail } = testMissive()
  const id = mail()
  const fields = {
    organization: ORG,
    add_assignees: [BOB],
    add_shared_labels: [URGENT, DONE],
    conversation_color: 'danger',
  }
  post(api(ANN), { conversation: id, text: 'x', ...fields, close: true })
  const found = conversation(api(ANN), id)
  assert.equal(at(found, 'assignee_names'), 'Bob Day')
  assert.equal(at(found, 'shared_label_names'), 'Urgent, Done')
  assert.equal(at(found, 'color'), 'danger')
  assert.deepEqual(listed(api(BOB), { closed: 'true' }), [id])
  post(api(ANN), {
    conversation: id,
    text: 'y',
    organization: ORG,
    remove_assignees: [BOB],
    remove_shared_labels: [DONE],
  })
  assert.deepEqual(listed(api(BOB), { assigned: 'true' }), [])
  assert.deepEqual(listed(api(BOB), { shared_label: DONE }), [])
})

test('a post leaves a closed conversation closed unless it reopens it; by the other reading it is the reverse', () => {
  for (const postsReopen of [false, true]) {
    const { api, mail, missive } = testMissive({ postsReopen })
    const [one, two] = [mail(), mail()]
    for (const id of [one, two]) missive.as(ANN).close(id)
    post(api(ANN), { conversation: one, text: 'x' })
    post(api(ANN), { conversation: two, text: 'x', reopen: true })
    assert.deepEqual(listed(api(ANN), { closed: 'true' }), [postsReopen ? two : one])
  }
})

test('what makes no post is refused, and changes nothing', () => {
  const { api, mail } = testMissive()
  const id = mail()
  const make = (posts: object) => refusal(api(ANN), '/posts', { posts: { conversation: id, text: 'x', ...posts } })
  assert.equal(make({ text: '' }), 400)
  assert.equal(make({ titel: 'x' }), 400)
  assert.equal(make({ add_assignees: [BOB] }), 400)
  assert.equal(make({ add_shared_labels: ['label-none'] }), 400)
  assert.equal(make({ add_to_team_inbox: true }), 400)
  assert.equal(make({ team: 'team-none' }), 400)
  assert.equal(make({ organization: 'org-none' }), 400)
  assert.equal(make({ conversation_color: 'reddish' }), 400)
  assert.equal(make({ conversation: 'none' }), 404)
  assert.equal(refusal(api(CYD), '/posts', { posts: { conversation: id, text: 'x' } }), 404)
  assert.equal(refusal(api(ANN), '/posts', '{'), 400)
  assert.deepEqual(entries(api(ANN), id, 'posts', 'id'), [])
  const elsewhere = { text: 'x', add_assignees: [BOB] }
  assert.equal(refusal(api(ANN), '/posts', { posts: elsewhere }), 400)
  const draft = { from_field: { address: 'ann@acme.test' }, team: 'team-none' }
  assert.equal(refusal(api(ANN), '/drafts', { drafts: draft }), 400)
  assert.deepEqual(listed(api(ANN)), [id])
})

test('references lead to no conversation that the user does not read', () => {
  const { api, mail } = testMissive()
  const id = mail({ messageId: '<m1@client.test>' })
  const made = post(api(CYD), { text: 'x', references: ['m1@client.test'] })
  assert.notEqual(made.conversation, id)
  assert.deepEqual(listed(api(CYD)), [made.conversation])
})

test('PATCH changes several conversations, one object for each id, and moves no activity', async () => {
  const { api, mail, advance } = testMissive()
  const [one, two] = [mail(), mail()]
  await advance(SECOND)
  const changes = {
    conversations: [
      { id: one, subject: 'First' },
      { id: two, close: true },
    ],
  }
  assert.equal(api(BOB)('PATCH', `/conversations/${one},${two}`, { body: changes }).status, 200)
  assert.equal(at(conversation(api(ANN), one), 'subject'), 'First')
  assert.equal(at(conversation(api(ANN), one), 'last_activity_at'), NOW)
  assert.deepEqual(listed(api(ANN), { closed: 'true' }), [two])
  const patch = (ids: string, conversations: object[]) =>
    api(BOB)('PATCH', `/conversations/${ids}`, { body: { conversations } }).status
  assert.equal(patch(`${one},${two}`, [{ id: one, close: true }]), 400)
  assert.equal(patch(one, [{ id: one, add_shared_labels: [URGENT] }]), 400)
  const second = { id: two, team: 'team-none' }
  assert.equal(patch(`${one},${two}`, [{ id: one, subject: 'Changed' }, second]), 400)
  assert.equal(at(conversation(api(ANN), one), 'subject'), 'First')
  assert.equal(patch(one, [{ id: one, add_shared_labels: [URGENT], organization: ORG }]), 200)
  assert.equal(patch(one, [{ id: one, reopen: true, team: SUPPORT, force_team: true }]), 200)
})

test('a draft waits, is deleted, or leaves at once or at its time', async () => {
  const { api, mail, missive, advance } = testMissive()
  const id = mail()
  const draft = (drafts: object) =>
    api(ANN)('POST', '/drafts', {
      body: { drafts: { conversation: id, body: 'Hi', from_field: { address: 'support@acme.test' }, ...drafts } },
    })
  const to = { to_fields: [{ address: 'dee@client.test' }] }
  const waiting = draft(to)
  assert.equal(waiting.status, 201)
  assert.equal(at(waiting.body, 'drafts', 'draft'), true)
  assert.equal(at(waiting.body, 'drafts', 'delivered_at'), null)
  assert.equal(at(conversation(api(ANN), id), 'drafts_count'), 1)
  assert.deepEqual(listed(api(ANN), { drafts: 'true' }), [id])
  assert.equal(entries(api(ANN), id, 'messages', 'id').length, 1)
  assert.equal(entries(api(ANN), id, 'drafts', 'id').length, 1)
  assert.equal(api(ANN)('DELETE', `/drafts/${textAt(waiting.body, 'drafts', 'id')}`).status, 200)
  assert.equal(draft({ ...to, send: true }).status, 201)
  assert.deepEqual([missive.outbox().length, entries(api(ANN), id, 'messages', 'id').length], [1, 2])
  assert.equal(draft({ ...to, send_at: NOW + 60 }).status, 201)
  assert.equal(at(conversation(api(ANN), id), 'send_later_messages_count'), 1)
  await advance(MINUTE)
  assert.equal(missive.outbox().length, 2)
  assert.equal(draft({ ...to, send: true, send_at: NOW + 90 }).status, 400)
  assert.equal(draft({ send: true }).status, 400)
  assert.equal(draft({ ...to, auto_followup: true }).status, 400)
  assert.equal(draft({ ...to, from_field: { address: 'else@acme.test' } }).status, 400)
})

test('a message comes in through a custom channel alone, once for each external id', () => {
  const { api, mail } = testMissive()
  const message = { account: CHANNEL, from_field: { id: '7', name: 'Eve' }, to_fields: [{ id: '1' }], body: 'Hello' }
  const made = api(ANN)('POST', '/messages', { body: { messages: { ...message, external_id: 'ext-1' } } })
  assert.equal(made.status, 201)
  assert.equal(at(made.body, 'messages', 'type'), 'custom')
  const id = textAt(made.body, 'messages', 'conversation', 'id')
  assert.deepEqual(listed(api(BOB), { team_inbox: SUPPORT }), [id])
  const answer = { ...message, references: ['ext-1'], attachments: [{ filename: 'a.txt', base64_data: 'aGk=' }] }
  const second = api(ANN)('POST', '/messages', { body: { messages: answer } })
  assert.equal(at(second.body, 'messages', 'conversation', 'id'), id)
  assert.equal(at(second.body, 'messages', 'attachments', 0, 'size'), 2)
  assert.equal(refusal(api(ANN), '/messages', { messages: { ...message, external_id: 'ext-1' } }), 400)
  assert.equal(refusal(api(ANN), '/messages', { messages: { ...message, account: 'account-support' } }), 400)
  assert.equal(entries(api(ANN), mail(), 'messages', 'id').length, 1)
})

test('labels are made and changed by who is in their organization', () => {
  const { api } = testMissive()
  const make = (call: Call, label: object) => call('POST', '/shared_labels', { body: { shared_labels: [label] } })
  const made = make(api(BOB), { name: 'New', organization: ORG, parent: URGENT, color: '#00ff00' })
  assert.equal(at(listAt(made.body, 'shared_labels')[0], 'name_with_parent_names'), 'Urgent/New')
  const id = textAt(made.body, 'shared_labels', 0, 'id')
  const changed = api(ANN)('PATCH', `/shared_labels/${id}`, {
    body: { shared_labels: [{ id, name: 'Newer', parent: null }] },
  })
  assert.equal(at(listAt(changed.body, 'shared_labels')[0], 'name_with_parent_names'), 'Newer')
  assert.equal(make(api(CYD), { name: 'x', organization: ORG }).status, 403)
  assert.equal(make(api(ANN), { name: 'x' }).status, 400)
})
