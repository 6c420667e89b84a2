import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { configured } from '../../src/connector/index.ts'
import { connect } from '../../src/connectors/database/api.ts'
import { capture } from '../../src/connectors/database/capture.ts'
import { databaseConfig } from '../../src/connectors/database/config.ts'
import { database } from '../../src/connectors/database/index.ts'
import type { Trial } from '../../src/testing/conformance-bench.ts'
import { conformance } from '../../src/testing/conformance.ts'
import { DATABASES, type Application } from '../connectors/database/databases.ts'
import { troubled } from '../connectors/database/troubled.ts'
import { testRuntime } from '../connectors/runtime.ts'
import { START } from './wire.ts'

const owned = { key: 'id', owner: 'user_id', columns: { title: { type: 'text', required: true } } }
/** There is always a note, so that the owner is named. */
const TABLES = { bill: { table: 'bills', ...owned }, note: { table: 'notes', ...owned } }

function startOn(application: Application): Trial {
  const { run, dialect } = application
  const config = databaseConfig.parse({
    url: application.url,
    tables: TABLES,
    captureSchema: `conformance_${process.pid}`,
  })
  for (const text of [
    ...capture.remove(config).filter((each) => !/TRIGGER/.test(each)),
    'DROP TABLE IF EXISTS bills',
    'DROP TABLE IF EXISTS notes',
  ])
    run(text)
  const key =
    dialect === 'postgres' ? 'bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY' : 'INTEGER PRIMARY KEY AUTOINCREMENT'
  for (const name of ['bills', 'notes']) run(`CREATE TABLE ${name} (id ${key}, user_id int, title text NOT NULL)`)
  run(`INSERT INTO notes (user_id, title) VALUES (17, 'untouched')`)
  for (const text of capture.install(config)) run(text)
  const wire = troubled(application.databases)
  const http = { send: () => Promise.reject(new Error('no network')) }
  const runtime = testRuntime({ http, databases: wire.databases, now: START })
  return {
    call: { api: connect(config, runtime), actor: { ref: 'me' }, scope: '17', scopes: ['17'] },
    config,
    drawn: () => runtime.drawn.slice(),
    sent: () => runtime.drawn.length,
    now: () => runtime.clock.now(),
    advance: (ms) => runtime.advance(ms),
    trouble: wire.trouble,
    say: (text) => String(run('INSERT INTO bills (user_id, title) VALUES (17, $1) RETURNING id', text)[0]?.['id']),
    edit: (ref, text) => void run('UPDATE bills SET title = $1 WHERE id = $2', text, Number(ref)),
    remove: (ref) => void run('DELETE FROM bills WHERE id = $1', Number(ref)),
    count: (text) => run('SELECT id FROM bills WHERE title = $1', text).length,
  }
}

for (const { name, make } of DATABASES) {
  const ends: (() => unknown)[] = []
  after(async () => {
    for (const end of ends) await end()
  })
  const application = await make({ after: (end) => void ends.push(end) })
  conformance(
    {
      connector: configured(database, databaseConfig.parse({ url: application.url, tables: TABLES })),
      // Keys are made by the database; versions have no order.
      untried: ['create: repeated', 'version', 'create: no parent', 'delete: parent', 'delete: last', 'empty'],
      start: () => startOn(application),
    },
    (check, run) => void test(`${name}: ${check}`, run),
  )
}

test('the contract was tried on each database that is there', () => assert.ok(DATABASES.length === 2))
