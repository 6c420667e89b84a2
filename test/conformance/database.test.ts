import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, test } from 'node:test'
import { configured } from '../../src/connector/index.ts'
import { connect } from '../../src/connectors/database/api.ts'
import { capture } from '../../src/connectors/database/capture.ts'
import { databaseConfig, type DatabaseConfig } from '../../src/connectors/database/config.ts'
import { database } from '../../src/connectors/database/index.ts'
import type { Trial } from '../../src/testing/conformance-bench.ts'
import { conformance } from '../../src/testing/conformance.ts'
import { DATABASES, type Application } from '../connectors/database/databases.ts'
import { troubled } from '../connectors/database/troubled.ts'
import { testRuntime } from '../connectors/runtime.ts'
import { START } from './wire.ts'

const title = { type: 'text', required: true }
const owned = { key: 'id', owner: 'user_id', columns: { title } }

/** Tables as an application may have them: what is said of the connection, and what the application does in them. */
interface Setting {
  readonly name: string
  readonly config: Record<string, unknown>
  readonly untried: readonly string[]
  schema(key: string): readonly string[]
  /** Somebody writes a row of the first table. Answers its key. */
  say(run: Application['run'], text: string, beside: string | undefined, now: number): string
  /** Of the texts. */
  readonly table: string
  /** What an application sets beside the text. */
  readonly stamps?: boolean
  /** How a row goes; absent: it is deleted. */
  readonly marks?: boolean
}

const PARENTLESS = ['create: no parent', 'delete: parent']
/** Versions have no order. */
const NEVER = ['version', 'delete: last', 'empty']

const keyOf = (rows: readonly { readonly [column: string]: unknown }[]): string => String(rows[0]?.['id'])

const SETTINGS: readonly Setting[] = [
  {
    name: 'keys of the database',
    // There is always a note, so that the owner is named.
    config: { tables: { bill: { table: 'bills', ...owned }, note: { table: 'notes', ...owned } } },
    untried: ['create: repeated', ...PARENTLESS, ...NEVER],
    table: 'bills',
    schema: (key) => [
      ...['bills', 'notes'].map((name) => `CREATE TABLE ${name} (id ${key}, user_id int, title text NOT NULL)`),
      `INSERT INTO notes (user_id, title) VALUES (17, 'untouched')`,
    ],
    say: (run, text) => keyOf(run('INSERT INTO bills (user_id, title) VALUES (17, $1) RETURNING id', text)),
  },
  {
    name: 'rows under rows, with keys of our own',
    config: {
      tables: {
        folder: { table: 'notes', ...owned, takes: ['bill'] },
        bill: {
          table: 'bills',
          ...owned,
          keys: 'uuid',
          columns: { title, folder: { type: 'ref', to: 'folder', column: 'note_id', required: true } },
          under: 'folder',
        },
      },
    },
    untried: NEVER,
    table: 'bills',
    schema: (key) => [
      `CREATE TABLE notes (id ${key}, user_id int, title text NOT NULL)`,
      `CREATE TABLE bills (id char(36) PRIMARY KEY, user_id int, title text NOT NULL, note_id bigint NOT NULL REFERENCES notes (id) ON DELETE CASCADE)`,
    ],
    say(run, text, beside) {
      const above = beside === undefined ? [] : run('SELECT note_id AS id FROM bills WHERE id = $1', beside)
      const parent =
        above.length > 0 ? keyOf(above) : keyOf(run(`INSERT INTO notes (user_id, title) VALUES (17, 'n') RETURNING id`))
      const insert = 'INSERT INTO bills (id, user_id, title, note_id) VALUES ($1, 17, $2, $3) RETURNING id'
      return keyOf(run(insert, randomUUID(), text, Number(parent)))
    },
  },
  {
    name: 'without triggers',
    config: {
      capture: 'poll',
      tables: { bill: { table: 'bills', ...owned, keys: 'uuid', updated: 'updated', deleted: 'deleted' } },
    },
    // All of it on one page.
    untried: ['listing: resumed', ...PARENTLESS, ...NEVER],
    table: 'bills',
    stamps: true,
    marks: true,
    schema: () => [
      `CREATE TABLE bills (id char(36) PRIMARY KEY, user_id int, title text NOT NULL, updated text, deleted text)`,
    ],
    say(run, text, _, now) {
      const stamp = new Date(now).toISOString()
      const row = [randomUUID(), text, stamp]
      return keyOf(run('INSERT INTO bills (id, user_id, title, updated) VALUES ($1, 17, $2, $3) RETURNING id', ...row))
    },
  },
]

function startOn(application: Application, setting: Setting, config: DatabaseConfig): Trial {
  const { run, dialect } = application
  for (const text of [
    ...capture.remove(config).filter((each) => !/TRIGGER/.test(each)),
    ...['bills', 'notes'].map((name) => `DROP TABLE IF EXISTS ${name}`),
  ])
    run(text)
  const key =
    dialect === 'postgres' ? 'bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY' : 'INTEGER PRIMARY KEY AUTOINCREMENT'
  for (const text of setting.schema(key)) run(text)
  if (config.capture === 'triggers') for (const text of capture.install(config)) run(text)
  const wire = troubled(application.databases)
  const http = { send: () => Promise.reject(new Error('no network')) }
  const runtime = testRuntime({ http, databases: wire.databases, now: START })
  const now = (): string => new Date(runtime.clock.now()).toISOString()
  const { table, stamps = false, marks = false } = setting
  const set = (what: string, ref: string): void => {
    const values = stamps ? [what, ref, now()] : [what, ref]
    run(`UPDATE ${table} SET title = $1 ${stamps ? ', updated = $3' : ''} WHERE CAST(id AS text) = $2`, ...values)
  }
  return {
    call: { api: connect(config, runtime), actor: { ref: 'me' }, scope: '17', scopes: ['17'] },
    config,
    drawn: () => runtime.drawn.slice(),
    sent: () => runtime.drawn.length,
    now: () => runtime.clock.now(),
    advance: (ms) => runtime.advance(ms),
    trouble: wire.trouble,
    say: (text, beside) => setting.say(run, text, beside, runtime.clock.now()),
    edit: (ref, text) => set(text, ref),
    remove: (ref) =>
      void (marks
        ? run(`UPDATE ${table} SET deleted = $1, updated = $2 WHERE CAST(id AS text) = $3`, now(), now(), ref)
        : run(`DELETE FROM ${table} WHERE CAST(id AS text) = $1`, ref)),
    count: (text) => run(`SELECT id FROM ${table} WHERE title = $1 ${marks ? 'AND deleted IS NULL' : ''}`, text).length,
  }
}

for (const { name, make } of DATABASES) {
  const ends: (() => unknown)[] = []
  after(async () => {
    for (const end of ends) await end()
  })
  const application = await make({ after: (end) => void ends.push(end) })
  for (const setting of SETTINGS) {
    const { url } = application
    const config = databaseConfig.parse({ url, captureSchema: `conformance_${process.pid}`, ...setting.config })
    conformance(
      {
        connector: configured(database, config),
        untried: setting.untried,
        start: () => startOn(application, setting, config),
      },
      (check, run) => void test(`${name}, ${setting.name}: ${check}`, run),
    )
  }
}

test('the contract was tried on each database that is there', () => assert.ok(DATABASES.length === 2))
