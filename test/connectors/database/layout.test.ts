/** The documented tables in a schema of their own, for roles that may read them, on PostgreSQL. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { connect, type DatabaseApi } from '../../../src/connectors/database/api.ts'
import { databaseConfig } from '../../../src/connectors/database/config.ts'
import { layout } from '../../../src/connectors/database/layout.ts'
import { needsSessions } from '../../postgres.ts'
import { LATER, ANN } from '../../engine/ingest-systems.ts'
import { warehouseOf } from '../../engine/warehouse.ts'
import { testRuntime } from '../runtime.ts'
import { DATABASES, type Application } from './databases.ts'

interface Place {
  readonly application: Application
  /** Not there yet. */
  readonly schema: string
  /** A role that may do nothing. */
  readonly role: string
  apiOf(ingest: object): DatabaseApi
  /** What the role meets, in a session of its own. */
  asReader(text: string): Promise<unknown>
}

let places = 0

async function placeOf(t: TestContext): Promise<Place> {
  const make = DATABASES.find(({ name }) => name === 'PostgreSQL')?.make
  assert.ok(make !== undefined)
  const name = `layout_${process.pid}_${(places += 1)}`
  const place: { application?: Application } = {}
  // Before the sessions end that do it.
  const ends: (() => unknown)[] = []
  t.after(async () => {
    place.application?.run(`DROP SCHEMA IF EXISTS ${name} CASCADE`)
    place.application?.run(`DROP OWNED BY ${name}_reader`)
    place.application?.run(`DROP ROLE IF EXISTS ${name}_reader`)
    for (const end of ends) await end()
  })
  const application = await make({ after: (end) => void ends.push(end) })
  place.application = application
  application.run(`CREATE ROLE ${name}_reader`)
  const runtime = testRuntime({
    http: { send: () => Promise.reject(new Error('no network')) },
    databases: application.databases,
  })
  return {
    application,
    schema: name,
    role: `${name}_reader`,
    apiOf: (ingest) => connect(databaseConfig.parse({ url: application.url, capture: 'off', ingest }), runtime),
    async asReader(text) {
      const session = await application.another()
      session(`SET ROLE ${name}_reader`)
      return session(text)
    },
  }
}

async function create(api: DatabaseApi): Promise<readonly string[]> {
  const statements = await layout.missing(api)
  await layout.carry(api, statements)
  return statements
}

const beginning = (statements: readonly string[]): readonly string[] =>
  statements.map((each) => each.replace(/\s*\([\s\S]*| AS SELECT[\s\S]*| IS '[\s\S]*/, ''))

// Seen red: without the GRANT of usage.
test(
  'the schema is made where it is not there, and only those who are named may read in it',
  needsSessions,
  async (t) => {
    const { application, schema, role, apiOf, asReader } = await placeOf(t)
    application.run('CREATE TABLE mine (secret text)')
    const own = application.run('SELECT current_schema() AS name')[0]?.['name']
    const api = apiOf({ schema, readers: [role], only: ['tasks', 'people'] })
    assert.deepEqual(beginning(await create(api)), [
      `CREATE SCHEMA IF NOT EXISTS "${schema}"`,
      `CREATE TABLE IF NOT EXISTS "${schema}"."tasks"`,
      `CREATE INDEX IF NOT EXISTS "tasks_by_scope" ON "${schema}"."tasks"`,
      `CREATE TABLE IF NOT EXISTS "${schema}"."people"`,
      `CREATE INDEX IF NOT EXISTS "people_by_scope" ON "${schema}"."people"`,
      `DROP VIEW IF EXISTS "${schema}"."current_tasks"`,
      `CREATE VIEW "${schema}"."current_tasks"`,
      `COMMENT ON VIEW "${schema}"."current_tasks"`,
      `GRANT USAGE ON SCHEMA "${schema}" TO "${role}"`,
      `GRANT SELECT ON "${schema}"."tasks" TO "${role}"`,
      `GRANT SELECT ON "${schema}"."people" TO "${role}"`,
      `GRANT SELECT ON "${schema}"."current_tasks" TO "${role}"`,
    ])
    assert.deepEqual(await layout.missing(api), [])
    application.run(`INSERT INTO ${schema}.people (source, id, scope, name) VALUES ('teamwork', '7', 'site', 'Ann')`)
    application.run(
      `INSERT INTO ${schema}.tasks (source, id, scope, name, assignee_ids) VALUES ('teamwork', '1', '1', 'Write', '{7}')`,
    )
    assert.deepEqual(await asReader(`SELECT name, assignees FROM ${schema}.current_tasks`), [
      { name: 'Write', assignees: '{Ann}' },
    ])
    await assert.rejects(asReader(`DELETE FROM ${schema}.tasks`), /permission denied/)
    await assert.rejects(asReader(`SELECT * FROM ${String(own)}.mine`), /permission denied|does not exist/)
  },
)

// Seen red: where the right to use the schema is not looked at.
test('what was taken from a reader is given again, and nothing else is done', needsSessions, async (t) => {
  const { application, schema, role, apiOf, asReader } = await placeOf(t)
  const api = apiOf({ schema, readers: [role], only: ['tasks', 'people'] })
  await create(api)
  application.run(`REVOKE SELECT ON ${schema}.tasks FROM ${role}`)
  assert.deepEqual(await create(api), [
    `GRANT USAGE ON SCHEMA "${schema}" TO "${role}"`,
    `GRANT SELECT ON "${schema}"."tasks" TO "${role}"`,
  ])
  application.run(`REVOKE USAGE ON SCHEMA ${schema} FROM ${role}`)
  assert.ok((await create(api)).includes(`GRANT USAGE ON SCHEMA "${schema}" TO "${role}"`))
  assert.deepEqual(await asReader(`SELECT name FROM ${schema}.tasks`), [])
})

// Seen red: where a view is known by its text alone, which says `t.*`; and where readers of the old view are not given the
// new one.
test('a column that is new shows in the view too, which readers still read', needsSessions, async (t) => {
  const { schema, role, apiOf, asReader } = await placeOf(t)
  await create(apiOf({ schema, readers: [role], only: ['tasks', 'people'] }))
  const more = apiOf({ schema, readers: [role], only: ['tasks', 'people'], raw: true })
  assert.ok((await create(more)).includes(`ALTER TABLE "${schema}"."tasks" ADD COLUMN "raw" jsonb`))
  assert.deepEqual(await asReader(`SELECT raw FROM ${schema}.current_tasks`), [])
  assert.deepEqual(await layout.missing(more), [])
})

// Seen red: where readers are left out.
test('a reader that is no role is told in the words of the database, and nothing is made', needsSessions, async (t) => {
  const { application, schema, apiOf } = await placeOf(t)
  const api = apiOf({ schema, readers: ['nobody_at_all'] })
  await assert.rejects(create(api), /role "nobody_at_all" does not exist/)
  assert.deepEqual(application.run('SELECT nspname FROM pg_namespace WHERE nspname = $1', schema), [])
})

test('flows fill the tables of a schema', needsSessions, async (t) => {
  const { application, schema, role, asReader } = await placeOf(t)
  const world = await warehouseOf(application, { warehouse: { ingest: { schema, readers: [role] } } })
  world.teamwork.as(ANN).addTask(LATER, { name: 'Write' })
  world.send('Help', 'hello')
  await world.sync()
  assert.deepEqual(await asReader(`SELECT project, name FROM ${schema}.current_tasks`), [
    { project: 'Site', name: 'Write' },
  ])
  assert.deepEqual(await asReader(`SELECT body_text FROM ${schema}.current_emails`), [{ body_text: 'hello' }])
})
