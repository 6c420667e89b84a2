import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { json, worldOf } from './world.ts'

const WAREHOUSE = `  warehouse:
    connector: database
    url: sqlite:warehouse.db
    capture: off
    ingest: {}
`

test('tables are shown before they are made, and what is missing of them later is added without touching anything else', async (t) => {
  const world = await worldOf(t)
  world.configure((text) => text.replace('  forum:\n', `${WAREHOUSE}  forum:\n`))
  const path = join(world.folder, 'warehouse.db')
  const printed = await world.run('tables', 'print', 'warehouse')
  assert.match(
    printed.out,
    /^BEGIN;\n(.|\n)*CREATE TABLE IF NOT EXISTS "tasks"(.|\n)*CREATE VIEW "current_tasks"(.|\n)*COMMIT;\n$/,
  )
  const asked = await world.run('tables', 'create', 'warehouse')
  assert.deepEqual([asked.code, asked.err.includes('CREATE TABLE'), existsSync(path)], [3, true, false])
  assert.equal((await world.run('tables', 'create', 'warehouse', '--yes')).code, 0)
  assert.deepEqual(json(await world.run('tables', 'plan', 'warehouse', '--json'))['statements'], [])
  const app = new DatabaseSync(path)
  app.exec(`CREATE TABLE mine (x); DROP VIEW current_tasks; ALTER TABLE tasks DROP COLUMN priority; ALTER TABLE tasks ADD COLUMN mood TEXT;
    INSERT INTO tasks (source, id, scope, mood) VALUES ('teamwork', '1', '1', 'fine'); DROP TABLE time_entries`)
  const planned = json(await world.run('tables', 'plan', 'warehouse', '--json'))['statements']
  assert.ok(Array.isArray(planned))
  assert.deepEqual(
    planned.map((each) =>
      String(each)
        .split(/ \(| AS /)[0]
        ?.replace(/\s+/g, ' '),
    ),
    [
      'ALTER TABLE "tasks" ADD COLUMN "priority" TEXT',
      'CREATE TABLE IF NOT EXISTS "time_entries"',
      'CREATE INDEX IF NOT EXISTS "time_entries_by_scope" ON "time_entries"',
      'DROP VIEW IF EXISTS "current_tasks"',
      'CREATE VIEW "current_tasks"',
    ],
  )
  assert.equal((await world.run('tables', 'create', 'warehouse', '--yes')).code, 0)
  assert.deepEqual(
    { ...app.prepare('SELECT mood, priority FROM current_tasks').get() },
    { mood: 'fine', priority: null },
  )
  app.close()
})

const COPIED = `  work:
    connector: teamwork
    base_url: http://127.0.0.1:9
    api_key: key
    webhooks: off
`
const COPYING = `  copied:
    between: [work, warehouse]
    direction: work->warehouse
    scopes: [[site, site]]
`

// Seen red: where countsOf() looks at no connection; where the deleted count as rows.
test('status counts the rows of each documented table by where they came from, and says why where it cannot', async (t) => {
  const world = await worldOf(t)
  world.configure((text) => `${text.replace('  forum:\n', `${WAREHOUSE}${COPIED}  forum:\n`)}${COPYING}`)
  const before = json(await world.run('status', '--json'))
  assert.deepEqual(before['tables'], [], 'there is no file yet')
  assert.equal((await world.run('tables', 'create', 'warehouse', '--yes')).code, 0)
  const app = new DatabaseSync(join(world.folder, 'warehouse.db'))
  app.exec(`INSERT INTO comments (source, id, scope, deleted_at) VALUES ('teamwork', '1', '1', NULL), ('teamwork', '2', '1', '2026-11-02T09:00:00Z'),
    ('missive', '3', 'org', NULL), ('missive', '4', 'org', NULL)`)
  const told = json(await world.run('status', 'copied', '--json'))
  assert.ok(Array.isArray(told['tables']))
  assert.deepEqual(
    told['tables'].filter(({ table }) => table === 'comments' || table === 'tasks'),
    [
      { connection: 'warehouse', table: 'tasks', source: null, rows: 0, deleted: 0 },
      { connection: 'warehouse', table: 'comments', source: 'missive', rows: 2, deleted: 0 },
      { connection: 'warehouse', table: 'comments', source: 'teamwork', rows: 1, deleted: 1 },
    ],
  )
  assert.match(
    (await world.run('status')).out,
    /TABLE +OF +FROM +ROWS +DELETED\n(.|\n)*comments +warehouse +missive +2 +0\n/,
  )
  assert.deepEqual(json(await world.run('status', 'team', '--json'))['tables'], [], 'of another flow')
  app.exec('DROP VIEW current_comments; DROP TABLE comments')
  app.close()
  assert.match((await world.run('status')).out, /! warehouse: its rows cannot be counted: no such table: comments/)
})

test('tables are told of a connection that has none', async (t) => {
  const world = await worldOf(t)
  const ran = await world.run('tables', 'create', 'forum', '--yes', '--json')
  assert.deepEqual([ran.code, json(ran).error?.code], [2, 'no-tables'])
})
