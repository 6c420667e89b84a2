import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { postgresStore } from '../postgres.ts'
import { json, SPACE, worldOf } from './world.ts'

test('a store on PostgreSQL: synced, asked, and again in step by another process', async (t) => {
  const world = await worldOf(t)
  const { store, schema, query } = postgresStore(t)
  world.configure((text) => `store: ${JSON.stringify(store)}\n${text}`)
  // Nothing is made by asking.
  assert.equal((await world.run('status')).code, 3)
  assert.deepEqual(await query(`SELECT count(*)::int AS n FROM pg_namespace WHERE nspname = '$schema'`), [{ n: 0 }])
  world.chat.as('101').post(SPACE, 'something to keep')
  assert.equal((await world.run('sync', '--yes')).code, 0)
  assert.deepEqual(await query('SELECT sum(links)::int AS links FROM $schema.sync_state'), [{ links: 3 }])
  world.chat.as('101').post(SPACE, 'something more to keep')
  assert.equal((await world.run('sync')).code, 0)
  const beside = `postgres.${schema}`
  assert.ok(existsSync(join(world.folder, `${beside}.key`)))
  assert.deepEqual(
    readdirSync(world.folder).filter((file) => file.startsWith('lockstep.db')),
    [],
  )
})

test('a store on PostgreSQL is backed up by its own tools, whose command is told, without the password', async (t) => {
  const world = await worldOf(t)
  world.configure((text) => `store: "postgres://sync:secret-word@db.test/app?schema=keep"\n${text}`)
  for (const command of [
    ['backup', 'x.backup'],
    ['restore', 'x.backup', '--yes'],
  ] as const) {
    const ran = await world.run(...command, '--json')
    assert.equal(ran.code, 2)
    assert.equal(json(ran).error?.code, 'store-in-postgres')
    assert.match(ran.err + ran.out, command[0] === 'backup' ? /pg_dump .*--schema=keep/ : /pg_restore/)
    assert.doesNotMatch(ran.err + ran.out, /secret-word/)
  }
})

test('a database server that is not there is told with a remedy', async (t) => {
  const world = await worldOf(t)
  world.configure((text) => `store: "postgres://sync:secret-word@127.0.0.1:1/app"\n${text}`)
  const ran = await world.run('sync', '--yes', '--json')
  assert.equal(ran.code, 1)
  assert.equal(json(ran).error?.code, 'store-unreachable')
  assert.doesNotMatch(ran.err + ran.out, /secret-word/)
})
