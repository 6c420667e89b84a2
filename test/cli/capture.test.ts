import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { json, worldOf, type World } from './world.ts'

const APP = `  app:
    connector: database
    url: sqlite:app.db
    tables:
      bill: { table: bills, key: id, columns: { title: text } }
`

function names(world: World): readonly unknown[] {
  const app = new DatabaseSync(join(world.folder, 'app.db'))
  const rows = app.prepare('SELECT name FROM sqlite_master ORDER BY name').all()
  app.close()
  return rows.map(({ name }) => name)
}

test('capture is shown before it is run, is run after a yes alone, and goes without a trace', async (t) => {
  const world = await worldOf(t)
  world.configure((text) => text.replace('  forum:\n', `${APP}  forum:\n`))
  const app = new DatabaseSync(join(world.folder, 'app.db'))
  app.exec('CREATE TABLE bills (id INTEGER PRIMARY KEY, title TEXT)')
  app.close()
  const printed = await world.run('capture', 'print', 'app')
  assert.equal(printed.code, 0)
  assert.match(printed.out, /^BEGIN;\n(.|\n)*CREATE TRIGGER "lockstep_capture_bills_insert"(.|\n)*COMMIT;\n$/)
  const missing = await world.run('capture', 'check', 'app')
  assert.deepEqual(
    [missing.code, /nothing notes the changes.*\n {2}→ install it: lockstep capture install app,/.test(missing.out)],
    [2, true],
  )
  const asked = await world.run('capture', 'install', 'app')
  assert.deepEqual([asked.code, asked.err.includes('CREATE TRIGGER'), names(world)], [3, true, ['bills']])
  assert.equal((await world.run('capture', 'install', 'app', '--yes')).code, 0)
  assert.ok(names(world).includes('lockstep_capture_bills_update'))
  assert.deepEqual(json(await world.run('capture', 'check', 'app', '--json'))['findings'], [])
  assert.equal((await world.run('capture', 'remove', 'app', '--yes')).code, 0)
  assert.deepEqual(names(world), ['bills'])
})

test('capture is told of a connection that has none, and of one that is not there', async (t) => {
  const world = await worldOf(t)
  for (const [connection, code] of [
    ['forum', 'no-capture'],
    ['nobody', 'unknown-connection'],
  ] as const) {
    const ran = await world.run('capture', 'install', connection, '--yes', '--json')
    assert.deepEqual([ran.code, json(ran).error?.code], [2, code])
  }
})
