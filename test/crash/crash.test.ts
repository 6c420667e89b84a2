import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { chanceOf, pointsFor, wordsOf } from '../../crash/points.ts'

const summary = z.object({
  ok: z.literal(true),
  kills: z.literal(6),
  lost: z.literal(0),
  duplicated: z.literal(0),
  stale: z.literal(0),
  misplaced: z.literal(0),
  disordered: z.literal(0),
  held: z.literal(0),
  items: z.int().min(90),
  deeds: z.int().min(5),
  atPoints: z.int().min(1),
  inStore: z.int().min(1),
})

test(
  'Killed six times while people work, the real process loses nothing and does nothing twice',
  {
    timeout: 300_000,
  },
  async (t) => {
    const script = fileURLToPath(new URL('../../crash/main.ts', import.meta.url))
    const child = spawn(process.execPath, [script, '--kills', '6', '--seed', '4', '--json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    t.after(() => child.kill())
    const [out, told, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    assert.equal(code, 0, told)
    summary.parse(JSON.parse(out.trimEnd().split('\n').at(-1) ?? ''))
  },
)

test('A run of two hundred kills names every sort of point, and moments without one', () => {
  const sorts = new Set(pointsFor(200, chanceOf(1)).map(wordsOf))
  const listed = ['before begin', 'within finish', 'after finish', 'after receive', 'forum write late', 'at any moment']
  for (const each of listed) assert.ok(sorts.has(each), each)
  assert.ok(sorts.size > 45, `${sorts.size} sorts`)
})

test('The same seed names the same points', () => {
  assert.deepEqual(pointsFor(50, chanceOf(7)), pointsFor(50, chanceOf(7)))
})
