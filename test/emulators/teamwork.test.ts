import assert from 'node:assert/strict'
import { test } from 'node:test'
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
  named,
  OLD,
  OLD_LIST,
  RED,
  SECOND,
  send,
  shapes,
  SITE,
  START,
  testSite,
  V3,
} from './teamwork-world.ts'
import { TASK_QUERY } from '../../src/emulators/teamwork/tasks-read.ts'

const after = (ms: number) => new Date(START + ms).toISOString()

test('a task comes back as it was written: days in, times out', () => {
  const { api } = testSite()
  const id = addTask(api(ANN), {
    name: 'Write',
    description: 'all of it',
    priority: 'high',
    startAt: '2026-03-02',
    dueAt: '2026-03-09',
    estimatedMinutes: 90,
    assignees: { userIds: [BOB] },
    tagIds: [RED],
  })
  const { body } = api(BOB)('GET', `${V3}/tasks/${id}`)
  assert.equal(at(body, 'task', 'name'), 'Write')
  assert.equal(at(body, 'task', 'startDate'), '2026-03-02T00:00:00Z')
  assert.equal(at(body, 'task', 'dueDate'), '2026-03-09T00:00:00Z')
  assert.equal(at(body, 'task', 'status'), 'new')
  assert.deepEqual(at(body, 'task', 'assigneeUserIds'), [BOB])
  assert.deepEqual(at(body, 'task', 'tags'), [{ id: RED, type: 'tags' }])
  assert.equal(at(body, 'task', 'createdBy'), ANN)
  assert.equal(at(body, 'task', 'createdAt'), '2026-03-01T10:00:00Z')
})

test('put and patch both change only what they name', () => {
  const { api } = testSite()
  const id = addTask(api(ANN), { name: 'Write', description: 'all', dueAt: '2026-03-09', tagIds: [RED] })
  for (const verb of ['PUT', 'PATCH']) {
    const { body } = api(BOB)(verb, `${V3}/tasks/${id}`, { body: { task: { name: `${verb} it` } } })
    assert.equal(at(body, 'task', 'name'), `${verb} it`)
    assert.equal(at(body, 'task', 'description'), 'all')
    assert.equal(at(body, 'task', 'updatedBy'), BOB)
  }
  const cleared = api(BOB)('PATCH', `${V3}/tasks/${id}`, { body: { task: { dueAt: null, tagIds: [] } } })
  assert.equal(at(cleared.body, 'task', 'dueDate'), null)
  assert.deepEqual(at(cleared.body, 'task', 'tagIds'), [])
})

test('what makes no task is refused', () => {
  const { api } = testSite()
  const post = (task: object) => api(ANN)('POST', `${V3}/tasklists/${LATER}/tasks`, { body: { task } }).status
  assert.equal(post({}), 400)
  assert.equal(post({ name: ' ' }), 400)
  assert.equal(post({ name: 'x', titel: 'y' }), 400)
  assert.equal(post({ name: 'x', startAt: '2026-03-02', dueAt: '2026-03-01' }), 400)
  assert.equal(post({ name: 'x', dueAt: '20260301' }), 400)
  assert.equal(post({ name: 'x', assignees: { userIds: [999] } }), 400)
  assert.equal(post({ name: 'x', tagIds: [999] }), 400)
  assert.equal(post({ name: 'x', customFields: [] }), 501)
  assert.equal(api(ANN)('POST', `${V3}/tasklists/999/tasks`, { body: { task: { name: 'x' } } }).status, 404)
  assert.equal(api(ANN)('POST', `${V3}/tasklists/${LATER}/tasks`, { body: '{' }).status, 400)
})

test('lists leave out completed, deleted and archived tasks unless they are asked for', () => {
  const { api, site } = testSite()
  const call = api(ANN)
  addTask(call, { name: 'open' })
  site.as(ANN).complete(addTask(call, { name: 'completed' }))
  site.as(ANN).removeTask(addTask(call, { name: 'deleted' }))
  addTask(call, { name: 'archived' }, OLD_LIST)
  assert.deepEqual(named(call), ['open'])
  assert.deepEqual(named(call, { includeCompletedTasks: 'true' }).toSorted(), ['completed', 'open'])
  assert.deepEqual(named(call, { showDeleted: 'true' }).toSorted(), ['deleted', 'open'])
  assert.deepEqual(named(call, { includeArchivedProjects: 'true' }).toSorted(), ['archived', 'open'])
  assert.deepEqual(named(call, {}, `${V3}/projects/${SITE}/tasks`), ['open'])
  assert.deepEqual(named(call, { includeArchivedProjects: 'true' }, `${V3}/tasklists/${OLD_LIST}/tasks`), ['archived'])
})

test('completed subtasks and private tasks have to be asked for by names of their own', () => {
  const { api, site } = testSite()
  const call = api(ANN)
  const parent = addTask(call, { name: 'parent' })
  site.as(ANN).complete(addTask(call, { name: 'child', parentTaskId: parent }))
  addTask(call, { name: 'private', private: true })
  assert.deepEqual(named(call, { includeCompletedTasks: 'true' }), ['parent'])
  const all = { includeCompletedTasks: 'true', includeCompletedSubtasks: 'true', includePrivateItems: 'true' }
  assert.deepEqual(named(call, all).toSorted(), ['child', 'parent', 'private'])
})

test('updatedAfter compares whole seconds and leaves out the second itself; by a switch it does not', async () => {
  for (const afterIsExclusive of [true, false]) {
    const { api, advance } = testSite({ afterIsExclusive })
    const id = addTask(api(ANN), { name: 'early' })
    await advance(1500)
    addTask(api(ANN), { name: 'late' })
    assert.deepEqual(
      named(api(ANN), { updatedAfter: after(0) }).toSorted(),
      afterIsExclusive ? ['late'] : ['early', 'late'],
    )
    assert.deepEqual(named(api(ANN), { updatedAfter: after(1900) }), afterIsExclusive ? [] : ['late'])
    await advance(2000)
    api(BOB)('PATCH', `${V3}/tasks/${id}`, { body: { task: { name: 'early, again' } } })
    assert.deepEqual(named(api(ANN), { updatedAfter: after(1 * SECOND) }).includes('early, again'), true)
  }
})

test('deletions go by deletedAfter, and do not move updatedAt', async () => {
  const { api, advance } = testSite()
  const [one, two] = [addTask(api(ANN), { name: 'one' }), addTask(api(ANN), { name: 'two' })]
  await advance(10 * SECOND)
  api(ANN)('DELETE', `${V3}/tasks/${one}`)
  await advance(10 * SECOND)
  assert.equal(api(ANN)('DELETE', `${V3}/tasks/${two}`).status, 204)
  const query = { showDeleted: 'true', updatedAfter: after(5 * SECOND) }
  assert.deepEqual(named(api(ANN), query), [])
  assert.deepEqual(named(api(ANN), { ...query, deletedAfter: after(15 * SECOND) }), ['two'])
  const { body } = api(ANN)('GET', `${V3}/tasks`, { query: { showDeleted: 'true' } })
  assert.deepEqual(
    listAt(body, 'tasks').map((task) => at(task, 'status')),
    ['deleted', 'deleted'],
  )
  assert.equal(api(ANN)('GET', `${V3}/tasks/${one}`).status, 404)
  assert.equal(api(ANN)('DELETE', `${V3}/tasks/${one}`).status, 404)
})

test('subtasks are deleted with their parent, and come back one by one', () => {
  const { api } = testSite()
  const parent = addTask(api(ANN), { name: 'parent' })
  const child = addTask(api(ANN), { name: 'child', parentTaskId: parent })
  assert.deepEqual(at(api(ANN)('GET', `${V3}/tasks/${parent}`).body, 'task', 'subTaskIds'), [child])
  api(ANN)('POST', `${V3}/tasks/bulk/delete`, { body: { ids: [parent] } })
  assert.deepEqual(named(api(ANN)), [])
  assert.equal(api(ANN)('PUT', `/trashcan/tasks/${parent}/restore`).status, 200)
  assert.deepEqual(named(api(ANN)), ['parent'])
})

test('a task is completed and reopened by calls of v1, as often as one likes', () => {
  const { api } = testSite()
  const id = addTask(api(ANN), { name: 'x' })
  const status = () => at(api(ANN)('GET', `${V3}/tasks/${id}`).body, 'task', 'status')
  assert.deepEqual(api(BOB)('PUT', `/tasks/${id}/complete`).body, { STATUS: 'OK' })
  assert.equal(api(BOB)('PUT', `/tasks/${id}/complete`).status, 200)
  assert.equal(status(), 'completed')
  assert.equal(api(BOB)('PUT', `/tasks/${id}/uncomplete`).status, 200)
  assert.equal(status(), 'reopened')
  const unknown = api(BOB)('PUT', '/tasks/999/complete')
  assert.equal(unknown.status, 404)
  assert.deepEqual(unknown.body, { STATUS: 'Error', MESSAGE: 'Not found' })
})

test('pages are numbers over what is there: what moves between them is skipped', async () => {
  const { api, advance } = testSite()
  const call = api(ANN)
  const ids: number[] = []
  for (const name of ['a', 'b', 'c', 'd']) {
    ids.push(addTask(call, { name }))
    await advance(SECOND)
  }
  const page = (number: string) => {
    const query = { orderBy: 'dateupdated', orderMode: 'asc', page: number, pageSize: '2' }
    return call('GET', `${V3}/tasks`, { query })
  }
  const first = page('1')
  assert.deepEqual(at(first.body, 'meta', 'page'), { pageOffset: 0, pageSize: 2, count: 4, hasMore: true })
  call('PATCH', `${V3}/tasks/${ids[0]}`, { body: { task: { name: 'a, moved' } } })
  assert.deepEqual(
    listAt(page('2').body, 'tasks').map((task) => at(task, 'name')),
    ['d', 'a, moved'],
  )
  assert.equal(at(page('2').body, 'meta', 'page', 'hasMore'), false)
  const uncounted = call('GET', `${V3}/tasks`, { query: { pageSize: '1', page: '2', skipCounts: 'true' } })
  assert.deepEqual(at(uncounted.body, 'meta', 'page'), { pageOffset: 1, pageSize: 1, count: 3, hasMore: true })
  assert.equal(call('GET', `${V3}/tasks`, { query: { page: '0' } }).status, 400)
})

test('a result that is too large is cut to six months, silently, when it is asked for by updatedAfter', async () => {
  const { api, advance } = testSite({ largeResult: 2 })
  for (const name of ['old', 'older']) addTask(api(ANN), { name })
  await advance(200 * 24 * 60 * MINUTE)
  addTask(api(ANN), { name: 'new' })
  assert.deepEqual(named(api(ANN), { updatedAfter: after(-MINUTE) }), ['new'])
  assert.equal(named(api(ANN)).length, 3)
})

test('tasks are found by list, tag, parent, id and text, and ordered', () => {
  const { api } = testSite()
  const call = api(ANN)
  const parent = addTask(call, { name: 'parent', tagIds: [RED], dueAt: '2026-05-01' })
  const child = addTask(call, { name: 'child', tagIds: [RED, BLUE], parentTaskId: parent, dueAt: '2026-04-01' }, BUGS)
  addTask(call, { name: 'other', description: 'of the Child' })
  assert.deepEqual(named(call, { tasklistIds: String(BUGS) }), ['child'])
  assert.deepEqual(named(call, { projectIds: String(OLD) }), [])
  assert.deepEqual(named(call, { tagIds: `${RED},${BLUE}` }), ['child', 'parent'])
  assert.deepEqual(named(call, { tagIds: `${RED},${BLUE}`, matchAllTags: 'true' }), ['child'])
  assert.deepEqual(named(call, { parentTaskId: String(parent) }), ['child'])
  assert.deepEqual(named(call, { ids: `${child}` }), ['child'])
  assert.deepEqual(named(call, { searchTerm: 'child' }), ['child', 'other'])
  assert.deepEqual(named(call, { orderBy: 'taskname', orderMode: 'desc' }), ['parent', 'other', 'child'])
  assert.equal(call('GET', `${V3}/tasks`, { query: { orderBy: 'manual' } }).status, 400)
  assert.equal(call('GET', `${V3}/tasks`, { query: { updated: '1' } }).status, 400)
  assert.equal(call('GET', `${V3}/tasks`, { query: { updatedAfter: 'yesterday' } }).status, 400)
})

test('a list brings along what it is asked to include', () => {
  const { api } = testSite()
  addTask(api(ANN), { name: 'x', tagIds: [RED], assignees: { userIds: [BOB] } })
  const { body } = api(ANN)('GET', `${V3}/tasks`, { query: { include: 'projects,tasklists,users,tags' } })
  assert.equal(at(body, 'included', 'projects', SITE, 'name'), 'Site')
  assert.equal(at(body, 'included', 'tasklists', LATER, 'name'), 'Later')
  assert.equal(at(body, 'included', 'users', BOB, 'firstName'), 'Bob')
  assert.equal(at(body, 'included', 'tags', RED, 'name'), 'red')
  assert.equal(api(ANN)('GET', `${V3}/tasks`, { query: { include: 'timeTotals' } }).status, 501)
})

test('comments are written by v1 and listed by v3', async () => {
  const { api, advance } = testSite()
  const task = addTask(api(ANN), { name: 'x' })
  const posted = api(BOB)('POST', `/tasks/${task}/comments`, {
    body: { comment: { body: 'First', 'content-type': 'TEXT' } },
  })
  assert.equal(posted.status, 201)
  const id = String(at(posted.body, 'id'))
  assert.equal(at(posted.body, 'id'), id)
  const list = (query: Record<string, string> = {}) =>
    listAt(api(ANN)('GET', `${V3}/comments`, { query }).body, 'comments')
  assert.deepEqual(
    list().map((comment) => [at(comment, 'body'), at(comment, 'postedBy'), at(comment, 'objectId')]),
    [['First', BOB, task]],
  )
  await advance(10 * SECOND)
  assert.deepEqual(list({ updatedAfter: after(5 * SECOND) }), [])
  assert.equal(api(BOB)('PUT', `/comments/${id}`, { body: { comment: { body: 'Better' } } }).status, 200)
  assert.deepEqual(
    list({ updatedAfter: after(5 * SECOND) }).map((comment) => at(comment, 'body')),
    ['Better'],
  )
  assert.equal(at(api(ANN)('GET', `/comments/${id}`).body, 'comment', 'body'), 'Better')
  assert.equal(api(BOB)('DELETE', `/comments/${id}`).status, 200)
  assert.deepEqual(list(), [])
  assert.equal(api(BOB)('DELETE', `/comments/${id}`).status, 404)
  assert.equal(api(BOB)('POST', `/tasks/${task}/comments`, { body: { comment: { body: ' ' } } }).status, 400)
})

test('projects, task lists, people and tags can be looked up', () => {
  const { api } = testSite()
  const call = api(ANN)
  const names = (path: string, key: string, query: Record<string, string> = {}) =>
    listAt(call('GET', path, { query }).body, key).map((one) => at(one, 'name') ?? at(one, 'firstName'))
  assert.deepEqual(names(`${V3}/projects`, 'projects'), ['Site'])
  assert.deepEqual(names(`${V3}/projects`, 'projects', { includeArchivedProjects: 'true' }), ['Old', 'Site'])
  assert.deepEqual(names(`/projects/${SITE}/tasklists`, 'tasklists'), ['Later', 'Bugs'])
  assert.deepEqual(names(`${V3}/people`, 'people'), ['Ann', 'Bob'])
  assert.deepEqual(names(`${V3}/tags`, 'tags'), ['blue', 'red'])
  assert.equal(at(call('GET', '/me').body, 'person', 'id'), String(ANN))
  assert.equal(call('POST', `${V3}/tags`, { body: { tag: { name: 'green' } } }).status, 201)
  assert.equal(call('POST', `${V3}/tags`, { body: { tag: { name: 'Green' } } }).status, 400)
})

test('task lists of a project come 250 a page, the active ones unless it is asked for others', () => {
  const { api, site } = testSite()
  const lists = (query: Record<string, string>, path = `/projects/${SITE}/tasklists`) => {
    const { body, headers } = api(ANN)('GET', path, { query })
    const pages = ['x-page', 'x-pages', 'x-records'].map((name) => Number(headers[name]))
    return { names: listAt(body, 'tasklists').map((one) => at(one, 'name')), pages }
  }
  site.as(ANN).completeTasklist(BUGS, true)
  assert.deepEqual(lists({}), { names: ['Later'], pages: [1, 1, 1] })
  assert.deepEqual(lists({ status: 'completed' }), { names: ['Bugs'], pages: [1, 1, 1] })
  assert.deepEqual(lists({ status: 'all' }), { names: ['Later', 'Bugs'], pages: [1, 1, 2] })
  for (let count = 0; count < 300; count += 1) site.as(ANN).addTasklist(SITE, `list ${count}`)
  assert.deepEqual([lists({}).names.length, lists({}).pages], [250, [1, 2, 301]])
  assert.deepEqual([lists({ page: '2' }).names.length, lists({ page: '2' }).pages], [51, [2, 2, 301]])
  assert.deepEqual(lists({ page: '3' }).names, [])
  addTask(api(ANN), { name: 'of a completed list' }, BUGS)
  assert.deepEqual(named(api(ANN)), [])
  assert.deepEqual(named(api(ANN), { showCompletedLists: 'true' }), ['of a completed list'])
})

test('a key gets 150 calls a minute, and each answer tells how many are left', async () => {
  const { api, advance } = testSite()
  const get = (person: number) => api(person)('GET', `${V3}/projects`)
  const first = get(ANN)
  assert.equal(first.headers['x-rate-limit-limit'], '150')
  assert.equal(first.headers['x-rate-limit-remaining'], '149')
  assert.equal(first.headers['x-rate-limit-reset'], String((START + MINUTE) / 1000))
  for (let call = 2; call <= 150; call += 1) assert.equal(get(ANN).status, 200)
  const refused = get(ANN)
  assert.equal(refused.status, 429)
  assert.equal(refused.headers['x-rate-limit-remaining'], '0')
  assert.equal(get(BOB).status, 200)
  await advance(MINUTE)
  assert.equal(get(ANN).status, 200)
})

test('whoever pages through everything again and again may be allowed fewer calls, and is told', async () => {
  const { api, advance } = testSite({ fullLists: { perHour: 2, thenCallsPerMinute: 10 } })
  const list = (query: Record<string, string> = {}) => api(ANN)('GET', `${V3}/tasks`, { query })
  for (let round = 0; round < 5; round += 1) list({ updatedAfter: after(0) })
  for (let round = 0; round < 5; round += 1) list({ page: '2' })
  for (let round = 0; round < 3; round += 1) assert.equal(list().headers['x-rate-limit-limit'], '150')
  const refused = list()
  assert.equal(refused.status, 429)
  assert.equal(refused.headers['x-rate-limit-limit'], '10')
  await advance(61 * MINUTE)
  assert.equal(list().headers['x-rate-limit-limit'], '150')
})

test('a wrong key is refused, and a right one is taken as a bearer token too', () => {
  const { site } = testSite()
  assert.equal(send(site, 'Basic junk', 'GET', `${V3}/projects`).status, 401)
  assert.equal(send(site, '', 'GET', `${V3}/projects`).status, 401)
  assert.equal(send(site, `Bearer key-${ANN}`, 'GET', `${V3}/projects`).status, 200)
  assert.deepEqual([...site.counters().refused], [[401, 2]])
})

test('assignees are told by mail only when a write says so', () => {
  const { api, site } = testSite()
  const task = { name: 'x', assignees: { userIds: [BOB] } }
  const path = `${V3}/tasklists/${LATER}/tasks`
  api(ANN)('POST', path, { body: { task } })
  assert.deepEqual(site.notified(), [])
  api(ANN)('POST', path, { body: { task, taskOptions: { notify: true } } })
  assert.deepEqual(
    site.notified().map(({ to }) => to),
    [[BOB]],
  )
})

test("the parameters that lists take are Teamwork's", () => {
  const known = Object.keys(shapes.methods['GET /projects/api/v3/tasks.json']?.query ?? {})
  for (const name of TASK_QUERY) assert.ok(known.includes(name), name)
})
