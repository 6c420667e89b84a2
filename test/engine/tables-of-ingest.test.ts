/** Teamwork and Missive in the documented tables of real databases, by the shipped mappings. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DATABASES } from '../connectors/database/databases.ts'
import { ANN, BLUE, BUGS, LATER, MAILBOX, RED, URGENT } from './ingest-systems.ts'
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

for (const { name, make } of DATABASES) {
  test(`two short flows fill the documented tables, with names in their views (${name})`, async (t) => {
    const application = await make(t)
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

  test(`F11 F21 F26 changes come by webhook and by polling; what is emptied is empty, what is deleted is marked, and what comes back is there (${name})`, async (t) => {
    const application = await make(t)
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
    assert.deepEqual(
      (await world.counts()).filter(({ table }) => ['tasks', 'people', 'emails', 'teams'].includes(table)),
      [
        { table: 'tasks', source: 'teamwork', rows: 2, deleted: 0 },
        { table: 'people', source: 'missive', rows: 2, deleted: 0 },
        { table: 'people', source: 'teamwork', rows: 2, deleted: 0 },
        { table: 'emails', source: 'missive', rows: 2, deleted: 0 },
        { table: 'teams', source: 'missive', rows: 1, deleted: 0 },
      ],
    )
    assert.deepEqual(await world.store.heldList({ flow: null }), [])
    assertWhole(world)
  })

  // Seen red: where only a parent, or nothing, says in which project something stands.
  test(`what moves to another project is told as what stands there, with its comments (${name})`, async (t) => {
    const projects = [
      { name: 'Site', tasklists: ['Later'] },
      { name: 'Shop', tasklists: ['Soon'] },
    ]
    const [, later, , soon] = [1, 2, 3, 4]
    const world = await warehouseOf(await make(t), { webhooks: true, site: { projects } })
    const ann = world.teamwork.as(ANN)
    const tasks = Array.from({ length: 12 }, (_, at) => ann.addTask(later, { name: `task ${at}` }))
    for (const { id } of tasks) ann.comment(id, 'soon')
    await world.sync()
    for (const { id } of tasks) ann.editTask(id, { tasklistId: soon })
    await world.run(3 * MINUTE)
    for (const table of ['tasks', 'comments'])
      assert.deepEqual(
        world
          .rows(`SELECT scope, deleted_at, count(*) AS n FROM ${table} GROUP BY 1, 2`)
          .map((row) => [row['scope'], row['deleted_at'], Number(row['n'])]),
        [['3', null, 12]],
      )
    assert.deepEqual(
      new Set(world.rows('SELECT project FROM current_tasks').map(({ project }) => project)),
      new Set(['Shop']),
    )
    assert.deepEqual(await world.store.heldList({ flow: null }), [])
  })

  test(`F24 a rerun writes nothing, and a store that was lost takes the rows that stand there (${name})`, async (t) => {
    const application = await make(t)
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

  test(`300 new rows are written by three statements, and as many changes by few (${name})`, async (t) => {
    const application = await make(t)
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

  // Seen red: where nobody asks about the intents of a process that died.
  test(`F30 F31 a process that dies while rows are written leaves none in progress, and none twice (${name})`, async (t) => {
    const application = await make(t)
    let writes = 0
    const world = await warehouseOf(application, {
      flows: { work: FLOWS.work },
      hangs: (statements) => statements.some(({ text }) => text.includes('INSERT INTO "tasks"')) && (writes += 1) === 1,
    })
    const ann = world.teamwork.as(ANN)
    for (let at = 0; at < 150; at += 1) ann.addTask(LATER, { name: `task ${at}` })
    const again = await world.dies(MINUTE)
    await again.run(5 * MINUTE)
    assert.ok(writes <= 4, `${writes} statements`)
    assert.equal(alive(again, 'tasks', 'id').length, 150)
    assert.deepEqual(await again.store.heldList({ flow: null }), [])
    ann.addTask(LATER, { name: 'and more' })
    await again.run(2 * MINUTE)
    assert.equal(alive(again, 'tasks', 'id').length, 151)
    assertWhole(again)
  })

  // Seen red: where a look that is over takes every hint of its item along, whatever generation it was claimed at.
  test(`F32 F35 a webhook that arrives while the one before it is looked at is not lost with it (${name})`, async (t) => {
    const application = await make(t)
    let edits = 0
    let edit = (): void => undefined
    const world = await warehouseOf(application, {
      flows: { work: FLOWS.work },
      webhooks: true,
      // Before the answer of the look under way: that takes 100 ms.
      site: { webhookDelay: [0, 50] },
      seen: ({ method, path }) => {
        if (method === 'GET' && path.endsWith('/tasks.json') && edits > 0) edit()
      },
    })
    const ann = world.teamwork.as(ANN)
    const { id } = ann.addTask(LATER, { name: 'name 0' })
    await world.sync()
    const change = (): void => {
      edits += 1
      ann.editTask(id, { name: `name ${edits}` })
    }
    edit = () => (edits < 8 ? change() : undefined)
    change()
    await world.run(50_000)
    assert.equal(edits, 8)
    assert.deepEqual(alive(world, 'tasks', 'name'), ['name 8'])
  })

  test(`F6 the same number in two systems, or of two kinds, is two rows (${name})`, async (t) => {
    const application = await make(t)
    const world = await warehouseOf(application)
    const ann = world.teamwork.as(ANN)
    const { id } = ann.addTask(LATER, { name: 'Write' })
    await world.sync()
    world.rows(`INSERT INTO tasks (source, id, scope, name) VALUES ('other', '${id}', '1', 'not ours')`)
    ann.editTask(id, { name: 'Write it' })
    await world.run(2 * MINUTE)
    assert.deepEqual(world.rows('SELECT source, name FROM tasks ORDER BY source'), [
      { source: 'other', name: 'not ours' },
      { source: 'teamwork', name: 'Write it' },
    ])
  })

  test(`F34 F48 a row that the database refuses is held in its words, and holds up no other (${name})`, async (t) => {
    const application = await make(t)
    const world = await warehouseOf(application, { flows: { work: FLOWS.work } })
    const isSqlite = application.dialect === 'sqlite'
    world.rows(
      isSqlite
        ? `CREATE TRIGGER strict BEFORE INSERT ON tasks WHEN NEW.name = 'poison' BEGIN SELECT RAISE(ABORT, 'no poison here'); END`
        : `ALTER TABLE tasks ADD CONSTRAINT no_poison_here CHECK (name <> 'poison')`,
    )
    const ann = world.teamwork.as(ANN)
    for (const name of ['one', 'poison', 'two']) ann.addTask(LATER, { name })
    await world.sync()
    await world.run(5 * MINUTE)
    assert.deepEqual(alive(world, 'tasks', 'name'), ['one', 'two'])
    const held = await world.store.heldList({ flow: null })
    assert.equal(held.length, 1)
    assert.match(JSON.stringify(held), /poison.here/)
  })

  // Seen red: where addresses of files are not left out, and where no lens carries it.
  test(`what the API told of a row is kept where that is asked for, and written again only when the row changes (${name})`, async (t) => {
    const application = await make(t)
    const world = await warehouseOf(application, { warehouse: { ingest: { raw: true } } })
    const ann = world.teamwork.as(ANN)
    const { id } = ann.addTask(LATER, { name: 'Write' })
    ann.comment(id, 'soon')
    ann.logTime({ task: id }, { date: '2026-11-01', time: '09:00:00', isUTC: true, hours: 1 })
    world.missive.receive(MAILBOX, {
      from: { name: 'Dee Roe', address: 'dee@client.test' },
      subject: 'Help',
      body: 'see the plan',
      attachments: [{ filename: 'plan.pdf', bytes: Buffer.from('the plan') }],
    })
    await world.sync()
    const [task] = world.rows('SELECT raw FROM current_tasks')
    assert.partialDeepStrictEqual(JSON.parse(String(task?.['raw'])), { id, name: 'Write', isPrivate: 0 })
    const [email] = world.rows('SELECT raw FROM current_emails')
    const told = JSON.parse(String(email?.['raw']))
    assert.partialDeepStrictEqual(told, { subject: 'Help', attachments: [{ filename: 'plan.pdf' }] })
    assert.ok(!String(email?.['raw']).includes('https://'), 'no address that expires')
    for (const table of ['comments', 'time_entries', 'people', 'conversations', 'attachments', 'projects', 'labels'])
      assert.equal(world.rows(`SELECT id FROM ${table} WHERE raw IS NULL`).length, 0, table)
    const before = writesIn(world)
    await world.run(15 * MINUTE)
    assert.equal(writesIn(world), before)
    ann.editTask(id, { name: 'Write it' })
    await world.run(2 * MINUTE)
    assert.equal(JSON.parse(String(world.rows('SELECT raw FROM tasks')[0]?.['raw'])).name, 'Write it')
    assert.deepEqual(await world.store.heldList({ flow: null }), [])
  })
}

/** Transactions that write, into one table or any. */
function writesIn({ statements }: Warehouse, table = ''): number {
  return statements.filter((each) =>
    each.some(({ text }) => /(INSERT INTO|UPDATE|DELETE FROM) "/.test(text) && text.includes(`"${table}`)),
  ).length
}
