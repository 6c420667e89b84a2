/** Teamwork and Missive in tables, between the shipped connectors: a stretch of seeds. `npm run sim:tables` runs more of them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runTables } from './run.ts'

const SEEDS = 4

/** Seeds that show what was mended, where it is broken again; so does 2. */
const KEPT = [16, 3018]

test('Teamwork and Missive in tables: one seed is one run', async () => {
  const [first, again] = [await runTables(6), await runTables(6)]
  assert.deepEqual(first, again)
})

test(`Teamwork and Missive in tables: ${SEEDS} seeds, and those that once failed`, async () => {
  const failed: string[] = []
  for (const seed of [...Array.from({ length: SEEDS }, (_, at) => at + 1), ...KEPT]) {
    const { violations } = await runTables(seed)
    if (violations.length > 0) failed.push(`npm run sim:tables -- --seed ${seed}`)
    failed.push(...violations.map(({ property, what }) => `${property}: ${what}`))
  }
  assert.deepEqual(failed, [])
})
