import assert from 'node:assert/strict'
import { test } from 'node:test'
import { teamwork } from '../../src/connectors/teamwork/index.ts'
import { probe } from '../../src/connectors/teamwork/api.ts'
import type { Change, Http } from '../../src/connector/index.ts'
import { failing, present } from './discourse-forum.ts'
import {
  ANN,
  BLUE,
  BUGS,
  feedOf,
  LATER,
  listed,
  OLD,
  OLD_LIST,
  pagesOf,
  pulled,
  RED,
  SITE,
  START,
  SYNC,
  testSite,
} from './teamwork-site.ts'

const MINUTE = 60_000
const cursorAt = (ms: number): string => JSON.stringify({ form: 1, after: new Date(ms).toISOString() })
const task = teamwork.kinds['task']
const get = task?.get ?? assert.fail()

test('a completed task is completed, and not gone: the feed, the listing and the read tell so', async () => {
  const { site, call, advance } = testSite()
  const { id } = site.as(ANN).addTask(LATER, { name: 'Write' })
  advance(10 * MINUTE)
  const { cursor } = await pulled('tasks', call(), cursorAt(START))
  site.as(ANN).complete(id)
  const pages = await pagesOf(feedOf('tasks').pull(call(), cursor))
  const told = pages.flatMap(({ changes }) => changes).find(({ kind }) => kind === 'task')
  assert.equal(present(told).values['completed'], true)
  assert.equal(present(told).values['completedBy'], String(ANN))
  assert.ok((await listed('tasks', call())).includes(`task ${id}: Write`))
  assert.equal(present(await get(call(), String(id))).values['completed'], true)
})

// Seen red: without includeCompletedSubtasks and includePrivateItems.
test('completed subtasks and private tasks are listed, told by the feed and read', async () => {
  const { site, call, advance } = testSite()
  const ann = site.as(ANN)
  const parent = ann.addTask(LATER, { name: 'Write' })
  const done = ann.addTask(LATER, { name: 'Done', parentTaskId: parent.id })
  const secret = ann.addTask(LATER, { name: 'Secret', private: true })
  ann.complete(done.id)
  advance(1000)
  const wanted = [`task ${parent.id}: Write`, `task ${done.id}: Done`, `task ${secret.id}: Secret`].toSorted()
  const tasksOf = (told: readonly string[]) => told.filter((each) => each.startsWith('task ')).toSorted()
  assert.deepEqual(tasksOf(await listed('tasks', call())), wanted)
  assert.deepEqual(tasksOf((await pulled('tasks', call(), cursorAt(START - MINUTE))).told), wanted)
  for (const { id } of [done, secret]) assert.equal(present(await get(call(), String(id))).ref, String(id))
})

test('tasks of an archived project are listed and read', async () => {
  const { site, call } = testSite()
  const { id } = site.as(ANN).addTask(OLD_LIST, { name: 'Old one' })
  assert.ok((await listed('tasks', call(String(OLD)))).includes(`task ${id}: Old one`))
  assert.equal(present(await get(call(String(OLD)), String(id))).scope, String(OLD))
})

test('F21 a deleted task is told by the feed, and reads as deleted whatever its webhook said', async () => {
  const { site, call, advance } = testSite()
  const { id } = site.as(ANN).addTask(LATER, { name: 'Write' })
  advance(60 * MINUTE)
  site.as(ANN).removeTask(id)
  const { told } = await pulled('tasks', call(), cursorAt(START + 30 * MINUTE))
  assert.deepEqual(told, [`task ${id} deleted`, `tasklist ${LATER} unread`])
  assert.deepEqual(await get(call(), String(id)), { scope: String(SITE), ref: String(id), gone: 'deleted' })
  assert.ok(!(await listed('tasks', call())).some((each) => each.startsWith('task ')))
})

test('F22 F25 all pages are read, also where everything happened in one second', async () => {
  const { site, call } = testSite({ mostPageSize: 4 })
  const names = Array.from({ length: 30 }, (_, at) => `task ${at}`)
  for (const name of names) site.as(ANN).addTask(LATER, { name })
  const namesIn = (told: readonly string[]) =>
    told
      .filter((each) => each.startsWith('task '))
      .map((each) => each.replace(/.*: /, ''))
      .toSorted()
  assert.deepEqual(namesIn(await listed('tasks', call())), names.toSorted())
  assert.deepEqual(namesIn((await pulled('tasks', call(), cursorAt(START - MINUTE))).told), names.toSorted())
})

// Seen red: oldest first, the rows behind a task that moves are skipped.
test('F25 a task that changes while pages are read hides no other', async () => {
  const names = Array.from({ length: 12 }, (_, at) => `task ${at}`)
  let between = (): void => undefined
  const through = (http: Http): Http => ({
    async send(request) {
      const response = await http.send(request)
      between()
      return response
    },
  })
  const { site, call, advance } = testSite({ mostPageSize: 4, through })
  const ids = names.map((name) => {
    advance(5 * MINUTE)
    return site.as(ANN).addTask(LATER, { name }).id
  })
  let at = 0
  between = () => {
    advance(5 * MINUTE)
    site.as(ANN).editTask(ids[at] ?? 0, { name: `task ${at}, again` })
    at += 1
  }
  const first = await pulled('tasks', call(), cursorAt(START - MINUTE))
  between = () => undefined
  const second = await pulled('tasks', call(), first.cursor)
  for (const id of ids)
    assert.ok(
      [...first.told, ...second.told].some((each) => each.startsWith(`task ${id}:`)),
      String(id),
    )
})

test('F23 F31 a page that fails is no empty page, and leaves the cursor where it was', async () => {
  let asked = 0
  const through = (http: Http): Http => ({
    send: (request) =>
      (asked += 1) === 2 ? Promise.resolve({ status: 502, headers: {}, body: '' }) : http.send(request),
  })
  const { site, call } = testSite({ mostPageSize: 2, through })
  for (let at = 0; at < 5; at += 1) site.as(ANN).addTask(LATER, { name: `task ${at}` })
  const start = cursorAt(START - MINUTE)
  const cursors: string[] = []
  await assert.rejects(async () => {
    for await (const { cursor } of feedOf('tasks').pull(call(), start)) cursors.push(cursor)
  }, failing('unavailable'))
  assert.deepEqual(cursors, [start])
})

test('F24 a poll asks for what changed since the last one, with one call for each feed, and people now and then', async () => {
  const { site, call, advance, runtime } = testSite()
  const scopes = [String(SITE), 'site']
  site.as(ANN).addTask(LATER, { name: 'Write' })
  const cursors = new Map<string, string | null>()
  const names = ['projects', 'tasks', 'comments', 'time', 'site'] as const
  const poll = async () => {
    for (const name of names)
      cursors.set(name, (await pulled(name, call('', scopes), cursors.get(name) ?? null)).cursor)
  }
  await poll()
  assert.equal(runtime.sent.length, 0)
  for (let minute = 0; minute < 9; minute += 1) {
    advance(MINUTE)
    await poll()
  }
  assert.equal(runtime.sent.length, 27)
  for (const { url } of runtime.sent) assert.ok(new URL(url).searchParams.has('updatedAfter'))
  advance(MINUTE)
  await poll()
  assert.equal(runtime.sent.length, 27 + 3 + 4)
})

test('F26 F27 an edit is found, and so is what shows two minutes late', async () => {
  const { site, call, advance } = testSite()
  const { id } = site.as(ANN).addTask(LATER, { name: 'Write' })
  advance(110_000)
  const seen = cursorAt(START + 110_000)
  assert.ok((await pulled('tasks', call(), seen)).told.includes(`task ${id}: Write`))
  advance(60 * MINUTE)
  site.as(ANN).editTask(id, { name: 'Write it' })
  assert.ok((await pulled('tasks', call(), seen)).told.includes(`task ${id}: Write it`))
})

test('a feed that nothing was read of for months asks for a listing, as Teamwork would cut its answer', async () => {
  const { call } = testSite()
  await assert.rejects(pulled('tasks', call(), cursorAt(START - 200 * 24 * 60 * MINUTE)), failing('cursor-expired'))
})

test('F11 the last tag, assignee and day that are removed are removed', async () => {
  const { site, call } = testSite()
  const { id } = site.as(ANN).addTask(LATER, { name: 'Write' })
  await task?.update?.(call(), {
    key: 'k',
    ref: String(id),
    changed: { tags: [String(RED), String(BLUE)], assignees: [String(ANN)], due: '2026-12-01', priority: 'high' },
    base: present(await get(call(), String(id))),
  })
  const full = present(await get(call(), String(id))).values
  assert.deepEqual(
    [full['tags'], full['assignees'], full['due'], full['priority']],
    [[String(RED), String(BLUE)], [String(ANN)], '2026-12-01', 'high'],
  )
  await task?.update?.(call(), {
    key: 'k',
    ref: String(id),
    changed: { tags: null, assignees: null, due: null, priority: null },
    base: present(await get(call(), String(id))),
  })
  const empty = present(await get(call(), String(id))).values
  assert.deepEqual([empty['tags'], empty['assignees'], empty['due'], empty['priority']], [null, null, null, null])
})

test('people, tags and projects are read from the site, and new names are told within ten minutes', async () => {
  const { call, advance } = testSite()
  const whole = call('site')
  assert.deepEqual(await listed('site', whole), [
    'listedProject 4: Old',
    'listedProject 1: Site',
    `person ${SYNC}: Sync Bot`,
    `person ${ANN}: Ann Lee`,
    `tag ${BLUE}: blue`,
    `tag ${RED}: red`,
  ])
  const { cursor } = await pulled('site', whole, null)
  advance(10 * MINUTE)
  assert.equal((await pulled('site', whole, cursor)).told.length, 6)
  const people = []
  for await (const some of teamwork.people?.list?.(whole) ?? []) people.push(...some)
  assert.deepEqual(people[1], { ref: String(ANN), name: 'Ann Lee', email: 'ann@acme.test' })
})

test('time is told with its task, and a deleted entry reads as missing', async () => {
  const { site, call, advance } = testSite()
  const { id } = site.as(ANN).addTask(BUGS, { name: 'Write' })
  const log = { date: '2026-11-20', time: '09:00:00', isUTC: true, hours: 1, minutes: 30 }
  const entry = site.as(ANN).logTime({ task: id }, log)
  advance(1000)
  const pages = await pagesOf(feedOf('time').pull(call(), cursorAt(START - MINUTE)))
  const [told] = pages.flatMap(({ changes }) => changes)
  assert.deepEqual(present(told).values, {
    id: String(entry.id),
    project: '1',
    task: String(id),
    person: String(ANN),
    personId: String(ANN),
    began: '2026-11-20T09:00:00.000Z',
    minutes: '90',
    description: null,
    billable: false,
    tags: null,
    createdAt: new Date(START).toISOString(),
    updatedAt: null,
  })
  site.as(ANN).removeTime(entry.id)
  await assert.rejects(Promise.resolve(teamwork.kinds['time']?.get?.(call(), String(entry.id))), failing('missing'))
})

// Seen red: one page of the active lists alone.
test('all task lists of a project are read, page by page, completed ones too, whether or not they hold a task', async () => {
  const { site, call } = testSite({ mostPageSize: 2 })
  const ann = site.as(ANN)
  const lists = ['Ideas', 'Sales', 'Shipped'].map((name) => ann.addTasklist(SITE, name))
  const [, , shipped] = lists
  ann.completeTasklist(BUGS, true)
  ann.completeTasklist(shipped?.id ?? 0, true)
  const { id } = ann.addTask(BUGS, { name: 'Write' })
  const names = (await listed('tasks', call())).filter((each) => each.startsWith('tasklist'))
  const rest = lists.map(({ id: list, name }) => `tasklist ${list}: ${name}`)
  assert.deepEqual(names.toSorted(), [`tasklist ${LATER}: Later`, `tasklist ${BUGS}: Bugs`, ...rest].toSorted())
  assert.ok((await listed('tasks', call())).includes(`task ${id}: Write`))
  const read = teamwork.kinds['tasklist']?.get ?? assert.fail()
  assert.equal(present(await read(call(), String(shipped?.id))).values['name'], 'Shipped')
})

test('a task list that is renamed or completed is read, and one that was deleted is missing', async () => {
  const { site, call } = testSite()
  const read = teamwork.kinds['tasklist']?.get ?? assert.fail()
  site.as(ANN).renameTasklist(LATER, 'Much later')
  assert.equal(present(await read(call(), String(LATER))).values['name'], 'Much later')
  site.as(ANN).completeTasklist(LATER, true)
  assert.equal(present(await read(call(), String(LATER))).values['name'], 'Much later')
  site.as(ANN).removeTasklist(LATER)
  await assert.rejects(Promise.resolve(read(call(), String(LATER))), failing('missing'))
})

// Seen red: where a listing tells lists in the words of version 1 first, and one that is looked at in those.
test('all that is told of a task list is the same wherever it is read, so that it is not written again and again', async () => {
  const { site, call, advance } = testSite({ config: { raw: true }, mostPageSize: 1 })
  for (const list of [BUGS, LATER, LATER]) site.as(ANN).addTask(list, { name: 'Write' })
  advance(1000)
  const rawIn = (changes: readonly Change[]): readonly unknown[] =>
    changes
      .filter(({ kind, ref }) => kind === 'tasklist' && ref === String(LATER))
      .map((each) => present(each).values['raw'])
  const listed = (await pagesOf(feedOf('tasks').list(call(), null))).flatMap(({ changes }) => changes)
  const pulled = (await pagesOf(feedOf('tasks').pull(call(), cursorAt(START - MINUTE)))).flatMap(
    ({ changes }) => changes,
  )
  const looked = await teamwork.kinds['tasklist']?.get?.(call(), String(LATER))
  const all = [...rawIn(listed), ...rawIn(pulled), present(looked).values['raw']]
  assert.ok(all.length > 3)
  for (const raw of all) assert.deepEqual(raw, all[0])
})

test('the limit of the site is told with the moment when it is over', async () => {
  const { call } = testSite({ callsPerMinute: 1 })
  await get(call(), '1').catch(() => undefined)
  const limited = await Promise.resolve(get(call(), '1')).catch((error: unknown) => error)
  assert.ok(failing('limited', /429/)(limited))
  const { retryAfterMs } = limited as { retryAfterMs?: number }
  assert.ok(retryAfterMs !== undefined && retryAfterMs > 0 && retryAfterMs <= MINUTE, String(retryAfterMs))
})

test('a wrong key is told as one, and a role that may not list projects in words', async () => {
  const wrong = testSite({ config: { apiKey: 'another key' } })
  await assert.rejects(probe(wrong.api), failing('unauthorized'))
  const body = '{"errors":[{"title":"Forbidden","detail":"The API is not part of your plan"}]}'
  const through = (http: Http): Http => ({
    send: (request) =>
      request.url.includes('/projects.json') ? Promise.resolve({ status: 403, headers: {}, body }) : http.send(request),
  })
  const { problems, actor } = await probe(testSite({ through }).api)
  assert.deepEqual(actor, { ref: String(SYNC), name: 'Sync Bot' })
  assert.match(problems[0]?.message ?? '', /Sync Bot list projects .*The API is not part of your plan/)
})
