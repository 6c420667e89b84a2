import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const summary = z.object({
  ok: z.boolean(),
  items: z.int().min(100),
  duplicates: z.literal(0),
  echoes: z.literal(0),
  lost: z.literal(0),
  stale: z.literal(0),
  misplaced: z.literal(0),
  disordered: z.literal(0),
  declared: z.int().min(1),
  conflicts: z.int().min(1),
  actions: z.int().min(50),
  callsPerChange: z.number().max(1.2),
  latencyMs: z.object({ p50: z.number(), p99: z.number() }),
})

test('The demo of the main job ends with two systems that agree', { timeout: 180_000 }, async (t) => {
  const script = fileURLToPath(new URL('../../demo/main.ts', import.meta.url))
  const child = spawn(process.execPath, [script, '--once', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => child.kill())
  const [out, told, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  const last = out.trimEnd().split('\n').at(-1) ?? ''
  assert.equal(code, 0, told)
  assert.equal(summary.parse(JSON.parse(last)).ok, true)
  assert.match(told, /The two systems agree\./)
})
