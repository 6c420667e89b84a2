import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Http, Values } from '../../src/connector/index.ts'
import { teamwork } from '../../src/connectors/teamwork/index.ts'
import { failing, present } from './discourse-forum.ts'
import { ANN, BUGS, LATER, RED, SITE, START, SYNC, testSite, type TestSite } from './teamwork-site.ts'

const { task, comment } = teamwork.kinds
const get = task?.get ?? assert.fail()

async function made({ call }: TestSite, values: Values): Promise<string> {
  const [first] = (await task?.create?.(call(), { key: 'k', values, since: START })) ?? []
  return first?.ref ?? assert.fail('nothing was made')
}

async function change({ call }: TestSite, ref: string, changed: Values) {
  return task?.update?.(call(), { key: 'k', ref, changed, base: present(await get(call(), ref)) })
}

test('a task is made with all its fields, and its assignees are sent no mail', async () => {
  const world = testSite()
  const parent = await made(world, { name: 'Above', tasklist: String(BUGS) })
  const values = {
    tasklist: String(BUGS),
    parent,
    name: 'Write',
    description: 'all of it',
    completed: true,
    priority: 'high',
    progress: '40',
    start: '2026-11-21',
    due: '2026-11-30',
    estimate: '90',
    assignees: [String(ANN)],
    tags: [String(RED)],
  }
  const ref = await made(world, values)
  const item = present(await get(world.call(), ref))
  assert.deepEqual(Object.fromEntries(Object.keys(values).map((field) => [field, item.values[field]])), values)
  assert.equal(item.author?.ref, String(SYNC))
  assert.equal(item.editedAt, undefined)
  assert.deepEqual(world.site.notified(), [])
})

test('a task that names no list goes to the first one of its project', async () => {
  const world = testSite()
  const ref = await made(world, { name: 'Write' })
  assert.equal(present(await get(world.call(), ref)).values['tasklist'], String(LATER))
})

// Seen red: where completed lists are asked for, and the first of all is taken.
test('a task that names no list goes to no completed one, and is refused where all are', async () => {
  const world = testSite()
  world.site.as(ANN).completeTasklist(LATER, true)
  const ref = await made(world, { name: 'Write' })
  assert.equal(present(await get(world.call(), ref)).values['tasklist'], String(BUGS))
  world.site.as(ANN).completeTasklist(BUGS, true)
  await assert.rejects(made(world, { name: 'Fix' }), failing('rejected', /no open task list: make one/))
})

test('completing and reopening travel as calls of their own, together with what else was changed', async () => {
  const world = testSite()
  const ref = await made(world, { name: 'Write', tasklist: String(LATER) })
  world.requests()
  const done = present(await change(world, ref, { completed: true, name: 'Written', tasklist: String(BUGS) }))
  assert.deepEqual(
    [done.values['completed'], done.values['name'], done.values['tasklist']],
    [true, 'Written', String(BUGS)],
  )
  assert.deepEqual(world.requests().slice(1), [
    `PATCH /projects/api/v3/tasks/${ref}.json`,
    `PUT /tasks/${ref}/complete.json`,
    'GET /projects/api/v3/tasks.json',
  ])
  assert.equal(present(await change(world, ref, { completed: false })).values['completed'], false)
})

test('what one field changes leaves the others as they are', async () => {
  const world = testSite()
  const ref = await made(world, { name: 'Write', description: 'all', due: '2026-12-01' })
  const read = present(await change(world, ref, { name: 'Write it' }))
  assert.deepEqual([read.values['description'], read.values['due']], ['all', '2026-12-01'])
})

test('who edits a task is told from the engine', async () => {
  const world = testSite()
  const ref = await made(world, { name: 'Write' })
  world.advance(60_000)
  world.site.as(ANN).editTask(Number(ref), { name: 'Write it' })
  assert.equal(present(await get(world.call(), ref)).editedAt, new Date(START + 60_000).toISOString())
})

test('a task is deleted, and a deleted one takes no more writes', async () => {
  const world = testSite()
  const ref = await made(world, { name: 'Write' })
  const base = present(await get(world.call(), ref))
  await task?.delete?.(world.call(), { key: 'k', ref, base })
  assert.deepEqual(await get(world.call(), ref), { scope: String(SITE), ref, gone: 'deleted' })
  const again = { key: 'k', ref, changed: { name: 'x' }, base }
  await assert.rejects(Promise.resolve(task?.update?.(world.call(), again)), failing('missing'))
})

// Seen red: Teamwork deletes the subtasks with their parent.
test('a task with subtasks is not deleted, as they would go with it, until they are gone or elsewhere', async () => {
  const world = testSite()
  const ref = await made(world, { name: 'Write' })
  const [open, completed, elsewhere] = ['Open', 'Done', 'Away'].map((name) =>
    world.site.as(ANN).addTask(BUGS, { name, parentTaskId: Number(ref) }),
  )
  world.site.as(ANN).complete(completed?.id ?? 0)
  const base = present(await get(world.call(), ref))
  const remove = () => Promise.resolve(task?.delete?.(world.call(), { key: 'k', ref, base }))
  const refused = failing('rejected', /subtasks.*delete or move them first/)
  await assert.rejects(remove(), refused)
  assert.equal(world.site.state().tasks.get(open?.id ?? 0)?.deleted, null)
  world.site.as(ANN).removeTask(open?.id ?? 0)
  world.site.as(ANN).editTask(elsewhere?.id ?? 0, { parentTaskId: 0 })
  await assert.rejects(remove(), refused)
  world.site.as(ANN).removeTask(completed?.id ?? 0)
  await remove()
  assert.deepEqual(await get(world.call(), ref), { scope: String(SITE), ref, gone: 'deleted' })
  assert.equal(world.site.state().tasks.get(elsewhere?.id ?? 0)?.deleted, null)
})

test('what Teamwork refuses is told in its words', async () => {
  const world = testSite()
  await assert.rejects(made(world, { name: ' ' }), failing('rejected', /a task needs a name/))
  const create = comment?.create?.(world.call(), { key: 'k', values: { task: '999', body: 'x' }, since: START })
  await assert.rejects(Promise.resolve(create), failing('missing', /Not found/))
})

test('F6 a task and a comment with the same number are two things', async () => {
  const world = testSite()
  const ref = await made(world, { name: 'Write' })
  await assert.rejects(Promise.resolve(comment?.get?.(world.call(), ref)), failing('missing'))
  assert.equal(present(await get(world.call(), ref)).values['name'], 'Write')
})

// Seen red: a read that lags says that the task is not there, which passed for a create that had made nothing.
test('a task that was made and completed stays made, whatever the read of it says', async () => {
  const through = (http: Http): Http => ({
    async send(request) {
      const response = await http.send(request)
      const isRead = request.method === 'GET' && request.url.includes('/tasks.json?')
      return isRead ? { ...response, body: '{"tasks":[],"meta":{"page":{"hasMore":false}}}' } : response
    },
  })
  const world = testSite({ through })
  const values = { name: 'Write', tasklist: String(BUGS), completed: true }
  const [change] = (await task?.create?.(world.call(), { key: 'k', values, since: START })) ?? []
  const [made] = world.site.state().tasks.values()
  assert.notEqual(made?.completed ?? null, null)
  assert.deepEqual(change, { kind: 'task', scope: String(SITE), ref: String(made?.id), unread: true })
})
