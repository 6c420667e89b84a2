/** Teamwork and Missive in the documented tables of real databases, by the shipped mappings. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DATABASES, type Application } from '../connectors/database/databases.ts'
import { ANN, BLUE, BUGS, LATER, RED, URGENT } from './ingest-systems.ts'
import { FLOWS, warehouseOf, type Warehouse } from './warehouse.ts'

const MINUTE = 60_000

/** A set, as either database shows it. */
const set = (value: unknown): readonly unknown[] | null => {
  if (value === null) return null
  if (typeof value !== 'string') throw new TypeError(`no set: ${JSON.stringify(value)}`)
  return value.startsWith('{')
    ? value
        .slice(1, -1)
        .split(',')
        .map((each) => each.replaceAll('"', ''))
    : JSON.parse(value)
}
const truth = (value: unknown): boolean => value === 1 || value === true || value === 't'

const alive = (world: Warehouse, table: string, column: string): readonly unknown[] =>
  world.rows(`SELECT ${column} FROM ${table} WHERE deleted_at IS NULL ORDER BY 1`).map((row) => row[column])

/** No key stands twice, whatever happened. */
function assertWhole(world: Warehouse): void {
  for (const table of ['tasks', 'comments', 'emails', 'conversations', 'people'])
    assert.deepEqual(world.rows(`SELECT source, id FROM ${table} GROUP BY source, id HAVING count(*) > 1`), [])
}

for (const { name, make, options } of DATABASES) {
  const over = (title: string, work: (application: Application) => Promise<void>): void =>
    void test(`${title} (${name})`, options, async (t) => await work(await make(t)))

  over('two short flows fill the documented tables, with names in their views', async (application) => {
    const world = await warehouseOf(application, { webhooks: true })
    const ann = world.teamwork.as(ANN)
    const write = ann.addTask(LATER, {
      name: 'Write',
      assignees: { userIds: [ANN] },
      tagIds: [RED, BLUE],
      dueAt: '2026-12-01',
    })
    ann.comment(write.id, 'soon')
    ann.logTime({ task: write.id }, { date: '2026-11-01', time: '09:00:00', isUTC: true, hours: 1 })
    const help = world.send('Help', '<p>It is <b>broken</b> &amp; cold</p><p>Bye</p>')
    world.missive.as('user-ann').label(help, [URGENT])
    world.missive.as('user-ann').comment(help, 'look at this')
    await world.sync()
    assert.deepEqual(await world.store.heldList({ flow: null }), [])
    const [task] = world.rows('SELECT * FROM current_tasks')
    assert.ok(task !== undefined)
    assert.deepEqual(
      [task['source'], task['id'], task['name'], task['project'], task['task_list'], task['due_on']],
      ['teamwork', String(write.id), 'Write', 'Site', 'Later', '2026-12-01'],
    )
    assert.deepEqual(set(task['assignees']), ['Ann Lee'])
    assert.deepEqual(set(task['tags']), ['blue', 'red'])
    assert.deepEqual(world.rows('SELECT source, body_text, author FROM current_comments ORDER BY source'), [
      { source: 'missive', body_text: 'look at this', author: 'Ann Lee' },
      { source: 'teamwork', body_text: 'soon', author: 'Ann Lee' },
    ])
    const [entry] = world.rows('SELECT task, person, minutes FROM current_time_entries')
    assert.deepEqual([entry?.['task'], entry?.['person'], String(entry?.['minutes'])], ['Write', 'Ann Lee', '60'])
    const [email] = world.rows('SELECT * FROM current_emails')
    assert.equal(email?.['body_html'], '<p>It is <b>broken</b> &amp; cold</p><p>Bye</p>')
    assert.equal(email['body_text'], 'It is broken & cold\n\nBye')
    assert.deepEqual([email['from_address'], email['conversation']], ['dee@client.test', 'Help'])
    const [conversation] = world.rows('SELECT * FROM current_conversations')
    assert.deepEqual(set(conversation?.['labels']), ['Urgent'])
    assert.deepEqual(alive(world, 'projects', 'name'), ['Site'])
    assertWhole(world)
  })

  over(
    'changes come by webhook and by polling; what is deleted is marked, and what comes back is there again',
    async (application) => {
      const world = await warehouseOf(application, { webhooks: true })
      const ann = world.teamwork.as(ANN)
      const write = ann.addTask(LATER, { name: 'Write', assignees: { userIds: [ANN] }, tagIds: [RED, BLUE] })
      const fix = ann.addTask(BUGS, { name: 'Fix' })
      const entry = ann.logTime({ task: write.id }, { date: '2026-11-01', time: '09:00:00', isUTC: true, hours: 1 })
      const help = world.send('Help', '<p>It is broken</p>')
      world.missive.as('user-ann').label(help, [URGENT])
      await world.sync()
      ann.complete(write.id)
      ann.editTask(write.id, { tagIds: [], assignees: { userIds: [] } })
      ann.removeTask(fix.id)
      ann.removeTime(entry.id)
      world.missive.as('user-ann').unlabel(help, [URGENT])
      world.missive.as('user-sync').trash(help)
      world.send('Another', 'hello')
      await world.run(10 * MINUTE)
      const [task] = world.rows('SELECT name, completed, assignee_ids, tag_ids FROM tasks WHERE deleted_at IS NULL')
      assert.deepEqual([task?.['name'], task?.['assignee_ids'], task?.['tag_ids']], ['Write', null, null])
      assert.ok(truth(task?.['completed']))
      const [gone] = world.rows('SELECT name, deleted_at FROM tasks WHERE deleted_at IS NOT NULL')
      assert.equal(gone?.['name'], 'Fix')
      assert.equal(typeof gone['deleted_at'], 'string')
      assert.deepEqual(alive(world, 'time_entries', 'id'), [])
      const trashed = () => world.rows(`SELECT label_ids, trashed FROM conversations WHERE subject = 'Help'`)[0]
      assert.deepEqual([trashed()?.['label_ids'], truth(trashed()?.['trashed'])], [null, true])
      assert.deepEqual(alive(world, 'conversations', 'subject'), ['Another', 'Help'])
      world.missive.as('user-sync').untrash(help)
      await world.run(10 * MINUTE)
      assert.equal(truth(trashed()?.['trashed']), false)
      ann.restore(fix.id)
      ann.restoreTime(entry.id)
      await world.run(10 * MINUTE)
      assert.deepEqual(alive(world, 'tasks', 'name'), ['Fix', 'Write'])
      assert.deepEqual(alive(world, 'time_entries', 'id'), [String(entry.id)])
      assert.deepEqual(await world.store.heldList({ flow: null }), [])
      assertWhole(world)
    },
  )

  over('a rerun writes nothing, and a store that was lost takes the rows that stand there', async (application) => {
    const world = await warehouseOf(application)
    const ann = world.teamwork.as(ANN)
    const tasks = Array.from({ length: 30 }, (_, at) => ann.addTask(LATER, { name: `task ${at}` }))
    world.send('Help', 'hello')
    await world.sync()
    const before = { rows: world.rows('SELECT * FROM tasks ORDER BY id'), writes: writesIn(world) }
    await world.sync()
    await world.run(10 * MINUTE)
    assert.equal(writesIn(world), before.writes)
    const [first] = tasks
    if (first !== undefined) ann.editTask(first.id, { name: 'renamed' })
    const anew = await world.anew()
    await anew.sync()
    await anew.run(10 * MINUTE)
    assert.deepEqual(await anew.store.heldList({ flow: null }), [])
    const rows = anew.rows('SELECT id, name, synced_at FROM tasks ORDER BY id')
    assert.equal(rows.length, 30)
    assert.ok(rows.some((row) => row['name'] === 'renamed'))
    assert.equal(writesIn(anew), 1, 'one row differs, and one statement writes it')
    assertWhole(anew)
  })

  over('300 new rows are written by three statements, and as many changes by few', async (application) => {
    const world = await warehouseOf(application, {
      flows: { work: { ...FLOWS.work, brake: { writes: { at_least: 100_000 } } } },
    })
    const ann = world.teamwork.as(ANN)
    const tasks = Array.from({ length: 300 }, (_, at) => ann.addTask(LATER, { name: `task ${at}` }))
    await world.sync()
    const created = writesIn(world, 'tasks')
    for (const { id } of tasks) ann.editTask(id, { name: `task ${id}, again` })
    await world.run(3 * MINUTE)
    const updated = writesIn(world, 'tasks') - created
    assert.equal(world.rows(`SELECT count(*) AS n FROM tasks WHERE name LIKE '%again'`)[0]?.['n'], 300)
    assert.equal(created, 3)
    assert.ok(updated <= 5, `${updated} statements`)
  })
}

/** Transactions that write, into one table or any. */
function writesIn({ statements }: Warehouse, table = ''): number {
  return statements.filter((each) =>
    each.some(({ text }) => /(INSERT INTO|UPDATE|DELETE FROM) "/.test(text) && text.includes(`"${table}`)),
  ).length
}
