import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { startPostgres } from '../postgres-server.ts'

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
  const script = fileURLToPath(new URL('../../demo/calendar/main.ts', import.meta.url))
  const child = spawn(process.execPath, [script, '--once', '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DATABASE_URL: url },
  })
  t.after(() => child.kill())
  const [out, told, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  assert.equal(code, 0, told)
  assert.match(told, /Table and calendars agree\./)
  return summary.parse(JSON.parse(out.trimEnd().split('\n').at(-1) ?? ''))
}

test('A table in SQLite and Google calendars end the demo alike', { timeout: 180_000 }, async (t) => {
  assert.equal((await run(t, '')).database, 'SQLite')
})

test('A table in PostgreSQL and Google calendars end the demo alike', { timeout: 180_000 }, async (t) => {
  const server = await startPostgres()
  t.after(() => server.stop())
  assert.equal((await run(t, server.url)).database, 'PostgreSQL')
})
