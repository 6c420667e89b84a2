/**
 * The engine against the simulator: the same seed twice, the scenarios that once failed, and a stretch of seeds.
 * `npm run sim` runs more of them.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { MUTANTS } from './mutants.ts'
import { runSeeds } from './pool.ts'
import { regressions } from './regressions.ts'
import { run, runSeed } from './world.ts'

const SEEDS = 100
const JOBS = 2

function told(command: string, violations: readonly { property: string; what: string }[]): string {
  return [`npm run sim -- ${command}`, ...violations.map(({ property, what }) => `${property}: ${what}`)].join('\n')
}

test('one seed is one run: the same trace twice', async () => {
  for (const seed of [2, 11]) {
    const [one, two] = [await runSeed(seed), await runSeed(seed)]
    assert.equal(one.hash, two.hash)
    assert.deepEqual(one.faults, two.faults)
  }
})

test('every wrong engine has exactly one place in the source that it changes', () => {
  for (const mutant of MUTANTS)
    for (const { file, find } of mutant.also === undefined ? [mutant] : [mutant, mutant.also]) {
      const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
      assert.equal(text.split(find).length, 2, `${mutant.name} in ${file}`)
    }
})

test('what once failed holds, and what still fails is known', async () => {
  for (const { file, fixedIn, showed, scenario } of regressions()) {
    const { violations } = await run(scenario)
    const replay = `--replay test/simulator/regressions/${file} --trace`
    if (fixedIn === null)
      assert.notDeepEqual(violations, [], `${file} passes (${showed}): say in it where it was mended`)
    else assert.deepEqual(violations, [], told(replay, violations))
  }
})

test(`${SEEDS} seeds`, async () => {
  const open = new Set(
    regressions().flatMap(({ seed, alsoIn, fixedIn }) => (fixedIn === null ? [seed, ...alsoIn] : [])),
  )
  const failed: string[] = []
  await runSeeds({
    from: 1,
    seeds: SEEDS,
    jobs: JOBS,
    minutes: null,
    mutant: null,
    note: ({ seed, violations }) => {
      if (violations.length > 0 && !open.has(seed)) failed.push(told(`--seed ${seed} --shrink`, violations))
      return true
    },
  })
  assert.deepEqual(failed, [])
})
