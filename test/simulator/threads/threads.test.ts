/** Google Chat and Discourse, between the shipped connectors: a stretch of seeds. `npm run sim:threads` runs more of them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runThreads } from './run.ts'

const SEEDS = 8

/** Seeds that showed a fault. */
const KEPT = [66, 129, 50000332, 50000478]

test('threads and topics: one seed is one run', async () => {
  const [first, again] = [await runThreads(2), await runThreads(2)]
  assert.deepEqual(first, again)
})

test(`threads and topics: ${SEEDS} seeds, and those that once failed`, async () => {
  const failed: string[] = []
  for (const seed of [...Array.from({ length: SEEDS }, (_, at) => at + 1), ...KEPT]) {
    const { violations } = await runThreads(seed)
    if (violations.length > 0) failed.push(`npm run sim:threads -- --seed ${seed}`)
    failed.push(...violations.map(({ property, what }) => `${property}: ${what}`))
  }
  assert.deepEqual(failed, [])
})
