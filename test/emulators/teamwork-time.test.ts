import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TIME_QUERY } from '../../src/emulators/teamwork/time.ts'
import {
  addTask,
  ANN,
  at,
  BLUE,
  BOB,
  BUGS,
  LATER,
  listAt,
  MINUTE,
  OLD,
  RED,
  SECOND,
  shapes,
  SITE,
  START,
  testSite,
  V3,
} from './teamwork-world.ts'
import type { Call } from './teamwork-world.ts'

const hour = { date: '2026-03-01', time: '09:00:00', isUTC: true, hours: 1 }

function log(call: Call, on: string, timelog: object = {}): number {
  const answer = call('POST', `${V3}/${on}/time`, { body: { timelog: { ...hour, ...timelog } } })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return Number(at(answer.body, 'timelog', 'id'))
}

function listed(call: Call, query: Record<string, string> = {}, path = `${V3}/time`): unknown[] {
  const answer = call('GET', path, { query })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return listAt(answer.body, 'timelogs').map((entry) => at(entry, 'id'))
}

test('time is logged on a task or on a project, hours and minutes together, for oneself or another', () => {
  const { api } = testSite()
  const task = addTask(api(ANN), { name: 'Write' })
  const id = log(api(ANN), `tasks/${task}`, {
    minutes: 30,
    description: 'draft',
    isBillable: true,
    userId: BOB,
    tagIds: [RED],
  })
  const { body } = api(BOB)('GET', `${V3}/time/${id}`)
  assert.equal(at(body, 'timelog', 'minutes'), 90)
  assert.equal(at(body, 'timelog', 'timeLogged'), '2026-03-01T09:00:00Z')
  assert.deepEqual([at(body, 'timelog', 'userId'), at(body, 'timelog', 'loggedBy')], [BOB, ANN])
  assert.deepEqual(
    [at(body, 'timelog', 'task'), at(body, 'timelog', 'project')],
    [
      { id: task, type: 'tasks' },
      { id: SITE, type: 'projects' },
    ],
  )
  assert.deepEqual([at(body, 'timelog', 'billable'), at(body, 'timelog', 'tagIds')], [true, [RED]])
  assert.deepEqual([at(body, 'timelog', 'updatedAt'), at(body, 'timelog', 'deleted')], [null, false])
  const alone = log(api(ANN), `projects/${SITE}`)
  assert.equal(at(api(ANN)('GET', `${V3}/time/${alone}`).body, 'timelog', 'task'), null)
})

test('a time that is not UTC is one of the zone of who writes', () => {
  const people = [
    {
      id: ANN,
      firstName: 'Ann',
      lastName: 'Lee',
      email: 'ann@example.com',
      apiKey: `key-${ANN}`,
      utcOffsetMinutes: 120,
    },
  ]
  const { api } = testSite({ people })
  const timeOf = (id: number): unknown => at(api(ANN)('GET', `${V3}/time/${id}`).body, 'timelog', 'timeLogged')
  assert.equal(timeOf(log(api(ANN), `projects/${SITE}`, { isUTC: false })), '2026-03-01T07:00:00Z')
  const id = log(api(ANN), `projects/${SITE}`)
  assert.equal(timeOf(id), '2026-03-01T09:00:00Z')
  api(ANN)('PATCH', `${V3}/time/${id}`, { body: { timelog: { time: '23:30', isUTC: true } } })
  assert.equal(timeOf(id), '2026-03-01T23:30:00Z')
})

test('what makes no time entry is refused', () => {
  const { api } = testSite()
  const post = (timelog: object, path = `projects/${SITE}`) =>
    api(ANN)('POST', `${V3}/${path}/time`, { body: { timelog: { ...hour, ...timelog } } }).status
  assert.equal(post({ hours: 0 }), 400)
  assert.equal(post({ date: null }), 400)
  assert.equal(post({ date: '20260301' }), 400)
  assert.equal(post({ userId: 999 }), 400)
  assert.equal(post({ tagIds: [999] }), 400)
  assert.equal(post({ billable: true }), 400)
  assert.equal(post({}, 'projects/999'), 404)
  assert.equal(post({}, 'tasks/999'), 404)
})

test('a change keeps what it does not name; a deletion is told only where deleted entries are asked for', async () => {
  const { api, advance } = testSite()
  const id = log(api(ANN), `projects/${SITE}`, { description: 'draft' })
  await advance(10 * SECOND)
  const changed = api(BOB)('PATCH', `${V3}/time/${id}`, { body: { timelog: { minutes: 15, description: null } } })
  assert.deepEqual([at(changed.body, 'timelog', 'minutes'), at(changed.body, 'timelog', 'description')], [15, 'draft'])
  assert.equal(at(changed.body, 'timelog', 'updatedBy'), BOB)
  assert.deepEqual(listed(api(ANN), { updatedAfter: new Date(START + 5 * SECOND).toISOString() }), [id])
  await advance(10 * SECOND)
  assert.equal(api(ANN)('DELETE', `${V3}/time/${id}`).status, 204)
  assert.equal(api(ANN)('GET', `${V3}/time/${id}`).status, 404)
  assert.equal(api(ANN)('DELETE', `${V3}/time/${id}`).status, 404)
  const late = new Date(START + 15 * SECOND).toISOString()
  assert.deepEqual([listed(api(ANN)), listed(api(ANN), { showDeleted: 'true' })], [[], [id]])
  assert.deepEqual(listed(api(ANN), { showDeleted: 'true', updatedAfter: late }), [])
  assert.equal(api(ANN)('PUT', `/trashcan/timelogs/${id}/restore`).status, 200)
  assert.deepEqual(listed(api(ANN), { updatedAfter: late }), [id])
})

test('by a switch a deletion moves updatedAt, so that updatedAfter finds it', async () => {
  const { api, advance } = testSite({ deletionUpdates: true })
  const id = log(api(ANN), `projects/${SITE}`)
  await advance(10 * SECOND)
  api(ANN)('DELETE', `${V3}/time/${id}`)
  const updatedAfter = new Date(START + 5 * SECOND).toISOString()
  assert.deepEqual(listed(api(ANN), { showDeleted: 'true', updatedAfter }), [id])
})

test('lists go by day, task, project, user, tag and bill, in pages', () => {
  const { api } = testSite()
  const call = api(ANN)
  const task = addTask(call, { name: 'Write' }, BUGS)
  const other = log(call, `projects/${SITE}`, { date: '2026-03-03', userId: BOB, tagIds: [RED, BLUE] })
  const mine = log(call, `tasks/${task}`, { isBillable: true, tagIds: [RED] })
  const archived = log(call, `projects/${OLD}`)
  assert.deepEqual(listed(call), [mine, other])
  assert.deepEqual(listed(call, { orderMode: 'desc' }), [other, mine])
  assert.deepEqual(listed(call, { includeArchivedProjects: 'true', projectIds: String(OLD) }), [archived])
  assert.deepEqual(listed(call, { startDate: '2026-03-02', endDate: '2026-03-03' }), [other])
  assert.deepEqual(listed(call, {}, `${V3}/tasks/${task}/time`), [mine])
  assert.deepEqual(listed(call, {}, `${V3}/projects/${SITE}/time`), [mine, other])
  assert.deepEqual(listed(call, { tasklistId: String(BUGS) }), [mine])
  assert.deepEqual(listed(call, { assignedToUserIds: String(BOB) }), [other])
  assert.deepEqual(listed(call, { billableType: 'billable' }), [mine])
  assert.deepEqual(listed(call, { tagIds: `${RED},${BLUE}`, matchAllTags: 'true' }), [other])
  assert.deepEqual(listed(call, { pageSize: '1', page: '2' }), [other])
  const { body } = call('GET', `${V3}/time`, { query: { include: 'projects,users,tags,tasks' } })
  assert.equal(at(body, 'included', 'tasks', task, 'name'), 'Write')
  assert.equal(at(body, 'included', 'users', BOB, 'firstName'), 'Bob')
  assert.equal(call('GET', `${V3}/time`, { query: { startDate: 'today' } }).status, 400)
  assert.equal(call('GET', `${V3}/tasks/999/time`).status, 404)
})

test('an entry goes with its task to another project', () => {
  const { api, site } = testSite()
  const elsewhere = site.as(ANN).addProject('Elsewhere').id
  const list = site.as(ANN).addTasklist(elsewhere, 'There').id
  const task = addTask(api(ANN), { name: 'Write' }, LATER)
  const id = log(api(ANN), `tasks/${task}`)
  site.as(ANN).editTask(task, { tasklistId: list })
  assert.equal(at(api(ANN)('GET', `${V3}/time/${id}`).body, 'timelog', 'projectId'), elsewhere)
  assert.deepEqual(listed(api(ANN), {}, `${V3}/projects/${SITE}/time`), [])
})

test('webhooks tell of time that is logged, changed and deleted', async () => {
  const site = testSite({ webhooksEnabled: true })
  for (const event of ['TIME.CREATED', 'TIME.UPDATED', 'TIME.DELETED']) {
    const webhook = { event, url: 'https://hooks.example.com/t', version: '2', contentType: 'application/json' }
    assert.equal(site.api(ANN)('POST', '/webhooks', { body: { webhook } }).status, 201)
  }
  const { id } = site.site.as(BOB).logTime({ project: SITE }, hour)
  site.site.as(BOB).editTime(id, { minutes: 5 })
  site.site.as(BOB).removeTime(id)
  await site.advance(MINUTE)
  assert.deepEqual(site.deliveries.map(({ headers }) => headers['X-Projects-Event']).toSorted(), [
    'TIME.CREATED',
    'TIME.DELETED',
    'TIME.UPDATED',
  ])
  const body: unknown = JSON.parse(site.deliveries[0]?.body ?? '')
  assert.deepEqual([at(body, 'timelog', 'id'), at(body, 'eventCreator', 'id')], [id, BOB])
})

test("the parameters that lists of time take are Teamwork's", () => {
  const known = Object.keys(shapes.methods['GET /projects/api/v3/time.json']?.query ?? {})
  for (const name of TIME_QUERY) assert.ok(known.includes(name), name)
})
