/** Teamwork and Missive into tables that people query. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Table } from './table.ts'
import { ANN, BLUE, BUGS, ingestOf, LATER, RED, URGENT, type Ingest } from './ingest.ts'

const MINUTE = 60_000

const rows = (table: Table, kind: string, ...fields: string[]) =>
  table.living(kind).map(({ values }) => fields.map((field) => values[field] ?? null))

const writesOf = ({ asked }: Ingest) =>
  asked.filter((each) => ['create', 'update', 'delete'].includes(each.do)).map((each) => `${each.do} ${each.kind}`)

test('both systems flow into tables: what was there, what is new, what was changed and what was deleted', async () => {
  const world = await ingestOf({ webhooks: true })
  const ann = world.teamwork.as(ANN)
  const write = ann.addTask(LATER, {
    name: 'Write',
    assignees: { userIds: [ANN] },
    tagIds: [RED, BLUE],
    dueAt: '2026-12-01',
  })
  const fix = ann.addTask(BUGS, { name: 'Fix' })
  ann.comment(write.id, 'soon')
  const entry = ann.logTime({ task: write.id }, { date: '2026-11-01', time: '09:00:00', isUTC: true, hours: 1 })
  const help = world.send('Help', '<p>It is broken</p>')
  world.missive.as('user-ann').label(help, [URGENT])
  world.missive.as('user-ann').comment(help, 'look at this')
  await world.sync()
  assert.deepEqual(rows(world.work, 'list', 'name').toSorted(), [['Bugs'], ['Later']])
  assert.deepEqual(rows(world.work, 'task', 'title', 'done', 'due', 'people', 'tags'), [
    ['Write', false, '2026-12-01', [String(ANN)], [String(RED), String(BLUE)]],
    ['Fix', false, null, null, null],
  ])
  assert.deepEqual(rows(world.work, 'comment', 'body'), [['soon']])
  assert.deepEqual(rows(world.work, 'entry', 'minutes'), [['60']])
  assert.deepEqual(rows(world.people, 'person', 'number', 'name', 'email')[1], [
    String(ANN),
    'Ann Lee',
    'ann@acme.test',
  ])
  assert.deepEqual(rows(world.mail, 'conversation', 'subject', 'labels', 'trashed'), [['Help', [URGENT], false]])
  assert.deepEqual(rows(world.mail, 'message', 'body', 'sender'), [['<p>It is broken</p>', 'dee@client.test']])
  assert.deepEqual(rows(world.mail, 'comment', 'body'), [['look at this']])
  ann.complete(write.id)
  ann.editTask(write.id, { tagIds: [], assignees: { userIds: [] } })
  ann.removeTask(fix.id)
  ann.removeTime(entry.id)
  world.missive.as('user-ann').unlabel(help, [URGENT])
  world.missive.as('user-sync').trash(help)
  world.send('Another', 'hello')
  await world.run(10 * MINUTE)
  assert.deepEqual(rows(world.work, 'task', 'title', 'done', 'people', 'tags'), [['Write', true, null, null]])
  assert.deepEqual(rows(world.work, 'entry', 'minutes'), [])
  assert.deepEqual(rows(world.mail, 'conversation', 'subject', 'labels', 'trashed'), [
    ['Help', null, true],
    ['Another', null, false],
  ])
  assert.deepEqual(await world.store.heldList({ flow: null }), [])
  assert.deepEqual(
    world.calls.filter(({ method }) => method !== 'GET'),
    [],
  )
})

test('F33 a burst of changes is read in a few calls, and each row is written once', async () => {
  const world = await ingestOf({ webhooks: true, flows: ['work'] })
  const ann = world.teamwork.as(ANN)
  const tasks = Array.from({ length: 90 }, (_, at) => ann.addTask(LATER, { name: `task ${at}` }))
  await world.sync()
  await world.run(5 * MINUTE)
  const [calls, writes] = [world.calls.length, writesOf(world).length]
  for (const { id } of tasks) for (const round of [1, 2, 3]) ann.editTask(id, { name: `task ${id}, round ${round}` })
  await world.run(3 * MINUTE)
  assert.deepEqual(
    rows(world.work, 'task', 'title'),
    tasks.map(({ id }) => [`task ${id}, round 3`]),
  )
  assert.deepEqual(
    writesOf(world).slice(writes),
    tasks.map(() => 'update task'),
  )
  assert.ok(world.calls.length - calls < 100, `${world.calls.length - calls} calls for 270 webhooks of 90 tasks`)
})

// Seen red: when only hints of items are asked for their scope.
test('webhooks of a project that no flow reads cost no call', async () => {
  const world = await ingestOf({ webhooks: true, flows: ['work'] })
  const ann = world.teamwork.as(ANN)
  ann.addTask(LATER, { name: 'Write' })
  await world.sync()
  const other = ann.addTasklist(ann.addProject('Elsewhere').id, 'There').id
  const before = world.calls.length
  for (let at = 0; at < 20; at += 1)
    ann.editTask(ann.addTask(other, { name: `task ${at}` }).id, { name: 'another name' })
  await world.run(0.9 * MINUTE)
  const polls = world.calls.length - before
  assert.ok(polls <= 5, `${polls} calls`)
})

test('F24 F33 two changes and 24 polls cost a few calls more than the polls', async () => {
  const world = await ingestOf({ webhooks: true })
  const task = world.teamwork.as(ANN).addTask(LATER, { name: 'Write' })
  const help = world.send('Help', 'it is broken')
  await world.sync()
  await world.run(20 * MINUTE)
  const counted = async (): Promise<number> => {
    const before = world.calls.length
    await world.run(24 * MINUTE)
    return world.calls.length - before
  }
  const quiet = await counted()
  world.teamwork.as(ANN).editTask(task.id, { name: 'Write it' })
  world.missive.as('user-ann').comment(help, 'look')
  const busy = await counted()
  assert.ok(busy - quiet <= 10, `${quiet} calls where nothing happened, ${busy} with two changes`)
})

test('F34 F48 a row that its table refuses is held with a reason, and holds up no other', async () => {
  const world = await ingestOf({ flows: ['work', 'mail'] })
  world.work.refuses = (_, values) => (values['title'] === 'poison' ? 'rejected' : null)
  world.mail.refuses = (_, values) => (values['body'] === 'poison' ? 'rejected' : null)
  const ann = world.teamwork.as(ANN)
  for (const name of ['one', 'poison', 'two']) ann.addTask(LATER, { name })
  const help = world.send('Help', 'it is broken')
  for (const body of ['one', 'poison', 'two']) world.missive.as('user-ann').comment(help, body)
  await world.sync()
  ann.addTask(LATER, { name: 'three' })
  await world.run(30 * MINUTE)
  assert.deepEqual(rows(world.work, 'task', 'title').flat().toSorted(), ['one', 'three', 'two'])
  assert.deepEqual(rows(world.mail, 'comment', 'body').flat().toSorted(), ['one', 'two'])
  const held = await world.store.heldList({ flow: null })
  assert.deepEqual(
    held.map(({ reason }) => reason),
    ['rejected', 'rejected'],
  )
})

test('F21 a deletion whose webhook says that the task was updated deletes its row', async () => {
  const world = await ingestOf({ webhooks: true, flows: ['work'] })
  const ann = world.teamwork.as(ANN)
  const { id } = ann.addTask(LATER, { name: 'Write' })
  ann.addTask(LATER, { name: 'Stays' })
  await world.sync()
  await world.store.receive({
    connection: 'teamwork',
    hints: [{ feed: 'tasks', kind: 'task', scope: '1', ref: String(id) }],
    now: world.time.now(),
  })
  ann.removeTask(id)
  await world.sync()
  assert.deepEqual(rows(world.work, 'task', 'title'), [['Stays']])
})

test('F36 what changes while everything is copied for the first time is there at the end', async () => {
  const world = await ingestOf({ webhooks: true, flows: ['work', 'mail'] })
  const ann = world.teamwork.as(ANN)
  const tasks = Array.from({ length: 60 }, (_, at) => ann.addTask(LATER, { name: `task ${at}` }))
  const help = world.send('Help', 'it is broken')
  for (let at = 0; at < 25; at += 1) world.missive.as('user-ann').comment(help, `comment ${at}`)
  for (const [at, { id }] of tasks.entries())
    world.time.after(at * 20, () => void ann.editTask(id, { name: `task ${at}, again` }))
  world.time.after(100, () => void world.missive.as('user-ann').comment(help, 'meanwhile'))
  await world.run(10 * MINUTE)
  assert.deepEqual(
    rows(world.work, 'task', 'title').flat().toSorted(),
    tasks.map((_, at) => `task ${at}, again`).toSorted(),
  )
  assert.equal(rows(world.mail, 'comment', 'body').length, 26)
})

test('F23 a system that fails for half an hour deletes nothing, and is caught up with after', async () => {
  let fails = false
  const world = await ingestOf({
    flows: ['work', 'mail'],
    fault: () => (fails ? { kind: 'answer-before', status: 502 } : null),
  })
  const ann = world.teamwork.as(ANN)
  ann.addTask(LATER, { name: 'one' })
  const help = world.send('Help', 'it is broken')
  await world.sync()
  fails = true
  world.time.after(30 * MINUTE, () => (fails = false))
  ann.addTask(LATER, { name: 'two' })
  world.missive.as('user-ann').comment(help, 'look')
  await world.run(60 * MINUTE)
  assert.deepEqual(rows(world.work, 'task', 'title'), [['one'], ['two']])
  assert.deepEqual(rows(world.mail, 'comment', 'body'), [['look']])
  assert.equal(writesOf(world).filter((each) => each.startsWith('delete')).length, 0)
})
