/** The demo of ingest ends well, and its judge sees what is wrong. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { runDemo } from './run-demo.ts'
import { lay } from '../../demo/ingest/people.ts'
import { verdict } from '../../demo/ingest/question.ts'
import { startSystems } from '../../demo/ingest/systems.ts'
import { databaseConfig } from '../../src/connectors/database/config.ts'
import { layout } from '../../src/connectors/database/layout.ts'
import { startPostgres } from '../postgres-server.ts'

const summary = z.object({
  ok: z.literal(true),
  items: z.int().min(100),
  lost: z.literal(0),
  duplicates: z.literal(0),
  stale: z.literal(0),
  deleted: z.int().min(2),
  webhooks: z.int().min(500),
  failed: z.array(z.string()).length(0),
  database: z.enum(['SQLite', 'PostgreSQL']),
})

async function run(t: TestContext, url: string): Promise<z.infer<typeof summary>> {
  return summary.parse((await runDemo(t, 'ingest', url)).summary)
}

test('Teamwork and Missive end the demo as tables of SQLite', { timeout: 180_000 }, async (t) => {
  assert.equal((await run(t, '')).database, 'SQLite')
})

test('Teamwork and Missive end the demo as tables of PostgreSQL', { timeout: 180_000 }, async (t) => {
  const server = await startPostgres()
  t.after(() => server.stop())
  assert.equal((await run(t, server.url)).database, 'PostgreSQL')
})

test('the judge of the tables names what is lost, what is otherwise, and what is not marked', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-judge-'))
  const url = `sqlite:${join(folder, 'tables.db')}`
  const systems = await startSystems()
  t.after(async () => {
    await systems.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const { tasks } = lay(systems, 2, 1)
  const db = new DatabaseSync(join(folder, 'tables.db'))
  for (const each of layout.whole(databaseConfig.parse({ url, ingest: {} }))) db.exec(each)
  db.exec(`INSERT INTO tasks (source, id, scope, name) VALUES ('teamwork', '${tasks[0]}', '1', 'another name');
    INSERT INTO tags (source, id, scope, name) VALUES ('teamwork', '999', 'site', 'gone');
    INSERT INTO tags (source, id, scope, name, deleted_at) VALUES ('teamwork', '998', 'site', 'gone', '2026-11-01')`)
  db.close()
  const script = fileURLToPath(new URL('../../demo/ingest/judge.ts', import.meta.url))
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify({ database: { url, schema: '' }, ...systems.urls }))
  const [answer, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
  const found = verdict.parse(JSON.parse(answer))
  assert.equal(code, 1)
  assert.deepEqual(
    found.stale.map(({ item }) => item),
    [`teamwork tasks ${tasks[0]}`, 'teamwork tags 999'],
  )
  assert.deepEqual([found.items, found.deleted], [0, 1])
  assert.ok(found.lost.some(({ item }) => item === `teamwork tasks ${tasks[1]}`))
  assert.ok(found.lost.some(({ item }) => item.startsWith('missive emails')))
})
