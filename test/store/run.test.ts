import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { databaseOf, runVerbs } from '../../src/store/sqlite/run.ts'
import { redone } from '../../src/store/verb.ts'
import { folder, migrations } from './folder.ts'
import { verbs } from './made-up-verbs.ts'

function open(t: TestContext, path = ':memory:') {
  const { db } = openDatabase({ path, migrations, now: 1, busyTimeoutMs: 0 })
  t.after(() => db.isOpen && db.close())
  const run = (...calls: readonly (readonly [verb: string, input?: unknown])[]) =>
    runVerbs(
      db,
      verbs,
      calls.map(([verb, input = null]) => ({ verb, input })),
    )
  const notes = () => run(['read'])[0]
  return { db, run, notes }
}

const read = (...output: readonly string[]) => ({ ok: true, output })

test('a single call that throws undoes itself as well', (t) => {
  const { db, run, notes } = open(t)
  assert.equal(run(['writeAndRefuse', 'b'])[0]?.ok, false)
  assert.equal(db.isTransaction, false)
  assert.deepEqual(notes(), read())
})

test('no calls are no transaction', () => {
  const closed = new DatabaseSync(':memory:')
  closed.close()
  assert.deepEqual(runVerbs(closed, verbs, []), [])
})

test('when the commit fails nothing is written', (t) => {
  const { db, run, notes } = open(t)
  for (const calls of [[['replyToNobody']], [['write', 'a'], ['replyToNobody'], ['write', 'b']]] as const) {
    assert.throws(() => run(...calls), { name: 'StoreError', code: 'store-failed', message: /FOREIGN KEY/ })
    assert.equal(db.isTransaction, false)
  }
  assert.deepEqual(notes(), read())
})

test('a full disk fails the whole transaction, and there is room again once there is room', (t) => {
  const { run, notes } = open(t, join(folder(t), 'store.db'))
  run(['write', 'before'], ['fill', 12])
  assert.throws(() => run(['write', 'a'], ['write', 'x'.repeat(1e6)], ['write', 'b']), {
    code: 'store-full',
    remedy: /space/,
  })
  assert.throws(() => run(['write', 'x'.repeat(1e6)]), { code: 'store-full' })
  assert.deepEqual(notes(), read('before'))
  run(['fill', 100_000], ['write', 'after'])
  assert.deepEqual(notes(), read('before', 'after'))
})

test('a store that another program is writing to fails the transaction as locked', (t) => {
  const path = join(folder(t), 'store.db')
  const { run, notes } = open(t, path)
  const shell = new DatabaseSync(path)
  shell.exec('BEGIN IMMEDIATE')
  assert.throws(() => run(['write', 'a']), { code: 'store-locked' })
  shell.close()
  assert.deepEqual(notes(), read())
})

// Seen red: when the mode was set by a prepared statement, which SQLite carries out only once.
test('only a commit that somebody may be told of waits for the disk, also when it comes with others', (t) => {
  const { db } = open(t, join(folder(t), 'store.db'))
  const table = { ...verbs, again: redone(verbs.write) }
  const modes = [['write'], ['again'], ['again', 'write'], ['again'], ['write'], ['read']].map((names, turn) => {
    runVerbs(
      db,
      table,
      names.map((verb, index) => ({ verb, input: `${turn} ${index}` })),
    )
    return db.prepare('PRAGMA synchronous').get()?.['synchronous']
  })
  const [normal, full] = [1, 2]
  assert.deepEqual(modes, [full, normal, full, normal, full, full])
})

test('each statement is prepared once per database', (t) => {
  const { db, run } = open(t)
  const prepare = t.mock.method(db, 'prepare')
  for (let i = 0; i < 50; i++) run(['write', `a${i}`], ['write', `b${i}`])
  assert.deepEqual(
    prepare.mock.calls.map(({ arguments: [sql] }) => sql),
    ['BEGIN IMMEDIATE', 'INSERT INTO notes (text) VALUES (?) RETURNING id', 'COMMIT'],
  )
  assert.equal(databaseOf(db), databaseOf(db))
})
