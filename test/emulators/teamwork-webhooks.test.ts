import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { addTask, ANN, at, BOB, BUGS, LATER, listAt, MINUTE, SITE, testSite, V3 } from './teamwork-world.ts'
import type { TestSite } from './teamwork-world.ts'

const URL = 'https://hooks.example.com/teamwork'

/** Answers the new webhook's id. */
function hook({ api }: TestSite, event: string, more: object = {}): number {
  api(ANN)('PUT', '/webhooks/enable')
  const webhook = {
    event,
    url: URL,
    status: 'ACTIVE',
    version: '2',
    contentType: 'application/json',
    token: 'secret',
    ...more,
  }
  const answer = api(ANN)('POST', '/webhooks', { body: { webhook } })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return Number(at(answer.body, 'id'))
}

const events = ({ deliveries }: TestSite) => deliveries.map(({ headers }) => headers['X-Projects-Event'])

test('a webhook carries the object and its relatives, signed over its body', async () => {
  const site = testSite()
  hook(site, 'TASK.CREATED')
  const id = addTask(site.api(BOB), { name: 'Write', assignees: { userIds: [ANN] } })
  await site.advance(MINUTE)
  const [delivery] = site.deliveries
  assert.equal(delivery?.url, URL)
  assert.equal(delivery.headers['Content-Type'], 'application/json')
  assert.equal(
    delivery.headers['X-Projects-Signature'],
    createHmac('sha256', 'secret').update(delivery.body).digest('hex'),
  )
  assert.match(delivery.headers['X-Projects-Delivery'] ?? '', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  const body: unknown = JSON.parse(delivery.body)
  assert.deepEqual(
    [at(body, 'task', 'id'), at(body, 'task', 'name'), at(body, 'task', 'assignedUserIds')],
    [id, 'Write', [ANN]],
  )
  assert.deepEqual(
    [at(body, 'eventCreator', 'id'), at(body, 'taskList', 'id'), at(body, 'project', 'id')],
    [BOB, LATER, SITE],
  )
})

test('as a form the same comes with names in dots; version 1 tells ids alone and signs nothing', async () => {
  const site = testSite()
  hook(site, 'COMMENT.CREATED', { contentType: 'application/x-www-form-urlencoded' })
  hook(site, 'TASK.CREATED', { version: '1' })
  const id = addTask(site.api(BOB), { name: 'x' })
  const comment = site.site.as(BOB).comment(id, 'Hi & bye')
  await site.advance(MINUTE)
  const bodyOf = (event: string) => {
    const found = site.deliveries.find(({ headers }) => headers['X-Projects-Event'] === event)
    return { headers: found?.headers ?? {}, form: Object.fromEntries(new URLSearchParams(found?.body)) }
  }
  const second = bodyOf('COMMENT.CREATED')
  assert.equal(second.form['Comment.ID'], String(comment.id))
  assert.equal(second.form['Comment.Body'], 'Hi & bye')
  assert.equal(second.form['Comment.ObjectID'], String(id))
  assert.equal(second.form['EventCreator.FirstName'], 'Bob')
  assert.equal(typeof second.headers['X-Projects-Signature'], 'string')
  const first = bodyOf('TASK.CREATED')
  assert.deepEqual(first.form, {
    event: 'TASK.CREATED',
    objectId: String(id),
    accountId: '1',
    userId: String(BOB),
    projectId: String(SITE),
  })
  assert.equal(first.headers['X-Projects-Signature'], undefined)
})

test('each change has its event, and each webhook hears of one', async () => {
  const site = testSite()
  for (const event of ['UPDATED', 'COMPLETED', 'REOPENED', 'MOVED', 'DELETED']) hook(site, `TASK.${event}`)
  for (const event of ['CREATED', 'UPDATED', 'DELETED']) hook(site, `COMMENT.${event}`)
  const person = site.site.as(ANN)
  const { id } = person.addTask(LATER, { name: 'x' })
  const steps: readonly (readonly [string, () => unknown])[] = [
    ['TASK.UPDATED', () => person.editTask(id, { name: 'y' })],
    ['TASK.MOVED', () => person.editTask(id, { tasklistId: BUGS })],
    ['TASK.COMPLETED', () => person.complete(id)],
    ['TASK.REOPENED', () => person.reopen(id)],
    ['COMMENT.CREATED', () => person.comment(id, 'hi')],
    ['TASK.DELETED', () => person.removeTask(id)],
  ]
  for (const [event, step] of steps) {
    await site.advance(MINUTE)
    site.deliveries.length = 0
    step()
    await site.advance(MINUTE)
    assert.deepEqual(events(site), [event])
  }
})

test('task lists and projects have events of their own', async () => {
  const site = testSite()
  for (const event of [
    'TASKLIST.CREATED',
    'TASKLIST.UPDATED',
    'TASKLIST.DELETED',
    'PROJECT.CREATED',
    'PROJECT.UPDATED',
  ])
    hook(site, event)
  const call = site.api(ANN)
  const project = at(call('POST', '/projects', { body: { project: { name: 'New' } } }).body, 'id')
  const made = call('POST', `/projects/${String(project)}/tasklists`, { body: { 'todo-list': { name: 'First' } } })
  assert.equal(made.status, 201)
  const tasklist = Number(at(made.body, 'TASKLISTID'))
  addTask(call, { name: 'goes too' }, tasklist)
  call('PUT', `/tasklists/${tasklist}`, { body: { 'todo-list': { name: 'Renamed' } } })
  call('PUT', `/projects/${String(project)}`, { body: { project: { description: 'all new' } } })
  call('DELETE', `/tasklists/${tasklist}`)
  await site.advance(MINUTE)
  assert.deepEqual(events(site).toSorted(), [
    'PROJECT.CREATED',
    'PROJECT.UPDATED',
    'TASKLIST.CREATED',
    'TASKLIST.DELETED',
    'TASKLIST.UPDATED',
  ])
  const renamed = site.deliveries.find(({ headers }) => headers['X-Projects-Event'] === 'TASKLIST.UPDATED')
  const body: unknown = JSON.parse(renamed?.body ?? '')
  assert.deepEqual([at(body, 'taskList', 'name'), at(body, 'project', 'name')], ['Renamed', 'New'])
  assert.deepEqual(listAt(call('GET', `/projects/${String(project)}/tasklists`).body, 'tasklists'), [])
  assert.deepEqual(listAt(call('GET', `${V3}/tasks`).body, 'tasks'), [])
  assert.equal(call('DELETE', `/tasklists/${tasklist}`).status, 404)
  assert.equal(call('POST', `${V3}/tasklists/${tasklist}/tasks`, { body: { task: { name: 'late' } } }).status, 404)
})

test('a project that is archived in the window takes its tasks out of lists', () => {
  const { api, site } = testSite()
  addTask(api(ANN), { name: 'x' })
  site.as(ANN).archive(SITE, true)
  assert.deepEqual(listAt(api(ANN)('GET', `${V3}/tasks`).body, 'tasks'), [])
  site.as(ANN).archive(SITE, false)
  assert.equal(listAt(api(ANN)('GET', `${V3}/tasks`).body, 'tasks').length, 1)
})

test('a write may ask for no webhook', async () => {
  const site = testSite()
  hook(site, 'TASK.CREATED')
  site.api(ANN)('POST', `${V3}/tasklists/${LATER}/tasks`, {
    body: { task: { name: 'x' }, taskOptions: { fireWebhook: false } },
  })
  await site.advance(MINUTE)
  assert.deepEqual(site.deliveries, [])
})

test('only 200 is taken; other answers and none are tried again after 1, 5 and 10 minutes, and then no more', async () => {
  for (const answer of [204, 302, 500, null]) {
    const site = testSite({ webhookDelay: [0, 0] })
    hook(site, 'TASK.CREATED')
    site.receivers(() => answer)
    addTask(site.api(ANN), { name: 'x' })
    const counts: number[] = []
    for (const minutes of [0, 1, 5, 10, 1000]) {
      await site.advance(minutes * MINUTE)
      counts.push(site.deliveries.length)
    }
    assert.deepEqual(counts, [1, 2, 3, 4, 4], String(answer))
    assert.equal(new Set(site.deliveries.map(({ headers }) => headers['X-Projects-Delivery'])).size, 1)
  }
})

test('version 1 is tried three times, an hour apart', async () => {
  const site = testSite()
  hook(site, 'TASK.CREATED', { version: '1' })
  site.receivers(() => 500)
  addTask(site.api(ANN), { name: 'x' })
  await site.advance(61 * MINUTE)
  assert.equal(site.deliveries.length, 2)
  await site.advance(1000 * MINUTE)
  assert.equal(site.deliveries.length, 3)
})

test('deliveries are listed, and one is sent again by hand under its own id', async () => {
  const site = testSite()
  const id = hook(site, 'TASK.CREATED')
  addTask(site.api(ANN), { name: 'x' })
  await site.advance(MINUTE)
  const [delivery] = listAt(site.api(ANN)('GET', `/${id}/deliveries`).body, 'deliveries')
  assert.equal(at(delivery, 'response', 'code'), '200')
  const uuid = at(delivery, 'uuid')
  assert.equal(site.api(ANN)('POST', `/webhook/${id}/redeliver`, { body: { uuid } }).status, 200)
  assert.deepEqual(
    site.deliveries.map(({ headers }) => headers['X-Projects-Delivery']),
    [uuid, uuid],
  )
  assert.equal(site.api(ANN)('POST', `/webhook/${id}/redeliver`, { body: { uuid: 'other' } }).status, 404)
})

test('webhooks are switched on by an administrator, if the plan has them', () => {
  const site = testSite()
  const webhook = { event: 'TASK.CREATED', url: URL }
  const create = () => site.api(ANN)('POST', '/webhooks', { body: { webhook } })
  assert.deepEqual(create().body, { STATUS: 'Error', MESSAGE: 'Webhooks are not enabled' })
  assert.equal(site.api(BOB)('PUT', '/webhooks/enable').status, 403)
  assert.equal(site.api(ANN)('PUT', '/webhooks/enable').status, 200)
  assert.equal(create().status, 201)
  const poor = testSite({ webhooksInPlan: false })
  assert.equal(poor.api(ANN)('PUT', '/webhooks/enable').status, 403)
})

test('a webhook is listed, changed, paused, resumed and deleted; while switched off nothing is sent', async () => {
  const site = testSite()
  const id = hook(site, 'TASK.CREATED')
  const call = site.api(ANN)
  assert.deepEqual(listAt(call('GET', '/webhooks').body, 'webhooks'), [
    { id: String(id), event: 'TASK.CREATED', status: 'ACTIVE', url: URL, validated: '1' },
  ])
  const heard = async (): Promise<number> => {
    await site.advance(MINUTE)
    site.deliveries.length = 0
    addTask(site.api(BOB), { name: 'x' })
    await site.advance(MINUTE)
    return site.deliveries.length
  }
  assert.equal(await heard(), 1)
  call('PUT', `/webhooks/${id}/pause`)
  assert.equal(at(call('GET', `/webhooks/${id}`).body, 'webhook', 'status'), 'PAUSED')
  assert.equal(await heard(), 0)
  call('PUT', `/webhooks/${id}/resume`)
  assert.equal(await heard(), 1)
  call('PUT', '/webhooks/disable')
  assert.equal(await heard(), 0)
  addTask(site.api(BOB), { name: 'unheard' })
  call('PUT', '/webhooks/enable')
  await site.advance(MINUTE)
  assert.equal(site.deliveries.length, 0)
  call('PUT', `/webhooks/${id}`, { body: { webhook: { event: 'TASK.DELETED' } } })
  assert.equal(await heard(), 0)
  assert.equal(call('DELETE', `/webhooks/${id}`).status, 200)
  assert.equal(call('GET', `/webhooks/${id}`).status, 404)
  assert.equal(call('POST', '/webhooks', { body: { webhook: { event: 'TASK.SMELLED', url: URL } } }).status, 400)
})

test('webhooks may be lost or come twice', async () => {
  const lossy = testSite({ webhookLoss: 1 })
  hook(lossy, 'TASK.CREATED')
  addTask(lossy.api(ANN), { name: 'x' })
  await lossy.advance(MINUTE)
  assert.deepEqual(lossy.deliveries, [])
  const doubling = testSite({ webhookDuplication: 1 })
  hook(doubling, 'TASK.CREATED')
  addTask(doubling.api(ANN), { name: 'x' })
  await doubling.advance(MINUTE)
  assert.equal(doubling.deliveries.length, 2)
})
