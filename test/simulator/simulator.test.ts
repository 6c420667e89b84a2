/**
 * The engine against the simulator: the same seed twice, a run that ends at many of its points, the seeds that once
 * failed, and a stretch of seeds. `npm run sim` runs more of them.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runSeeds } from './pool.ts'
import { OPEN, REGRESSIONS } from './regressions.ts'
import { run } from './world.ts'

const SEEDS = 100
const JOBS = 2
const CRASH_STRIDE = 37

function told(seed: number, violations: readonly { property: string; what: string }[]): string {
  const lines = violations.map(({ property, what }) => `${property}: ${what}`)
  return [`node test/simulator/main.ts --seed ${seed} --trace`, ...lines].join('\n')
}

test('one seed is one run: the same trace twice', async () => {
  for (const seed of [2, 11]) {
    const [one, two] = [await run({ seed }), await run({ seed })]
    assert.equal(one.hash, two.hash)
    assert.deepEqual(one.faults, two.faults)
  }
})

test('a process may end at any port call and any commit', async () => {
  const calm = { seed: 3, calm: true, deeds: 3 }
  for (let crashAt = 1; crashAt <= 400; crashAt += CRASH_STRIDE) {
    const { violations, seed } = await run({ ...calm, crashAt })
    assert.deepEqual(violations, [], `crash at ${crashAt}: ${told(seed, violations)}`)
  }
})

test('what once failed holds', async () => {
  for (const seed of REGRESSIONS) {
    const { violations } = await run({ seed })
    assert.deepEqual(violations, [], told(seed, violations))
  }
})

test(`${SEEDS} seeds`, async () => {
  const failed: string[] = []
  await runSeeds({
    from: 1,
    seeds: SEEDS,
    jobs: JOBS,
    minutes: null,
    mutant: null,
    note: ({ seed, violations }) => {
      const open = OPEN.get(seed)
      if (violations.length > 0 && open === undefined) failed.push(told(seed, violations))
      if (violations.length === 0 && open !== undefined) failed.push(`seed ${seed} passes: it is open no more`)
    },
  })
  assert.deepEqual(failed, [])
})
