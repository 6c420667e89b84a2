import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const BENCH = fileURLToPath(new URL('../../bench/main.ts', import.meta.url))
const figures = z.array(
  z.object({ name: z.string(), value: z.number(), unit: z.string(), aim: z.string(), met: z.boolean() }),
)

// Seen red: when the process that measures was put together without a port that the engine had come to need.
test('npm run bench measures, and its last line is the list of figures', () => {
  const out = execFileSync(process.execPath, [BENCH, '--only', 'no-change', '--quick', '--json'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const found = figures.parse(JSON.parse(out.trim().split('\n').at(-1) ?? ''))
  assert.deepEqual(
    found.map(({ unit }) => unit),
    ['ms', 'ms'],
  )
  assert.ok(found.every(({ value }) => value > 0))
})
