import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { z } from 'zod'
import { startPostgres } from '../postgres-server.ts'
import { runDemo } from './run-demo.ts'

const summary = z.object({
  ok: z.literal(true),
  items: z.int().min(20),
  lost: z.literal(0),
  duplicates: z.literal(0),
  echoes: z.literal(0),
  stale: z.literal(0),
  conflicts: z.literal(1),
  callsPerChange: z.number().min(0.9).max(1.1),
  failed: z.array(z.string()).length(0),
  database: z.enum(['SQLite', 'PostgreSQL']),
})

async function run(t: TestContext, url: string): Promise<z.infer<typeof summary>> {
  const ended = await runDemo(t, 'calendar', url)
  assert.match(ended.told, /Table and calendars agree\./)
  return summary.parse(ended.summary)
}

test('A table in SQLite and Google calendars end the demo alike', { timeout: 180_000 }, async (t) => {
  assert.equal((await run(t, '')).database, 'SQLite')
})

test('A table in PostgreSQL and Google calendars end the demo alike', { timeout: 180_000 }, async (t) => {
  const server = await startPostgres()
  t.after(() => server.stop())
  assert.equal((await run(t, server.url)).database, 'PostgreSQL')
})
