/**
 * The engine against the simulator: the same seed twice, the scenarios that once failed, and a stretch of seeds.
 * `npm run sim` runs more of them.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { MUTANTS } from './mutants.ts'
import { runSeeds } from './pool.ts'
import { HOW, previousNode } from './previous-node.ts'
import { regressions } from './regressions.ts'
import { run } from './world.ts'

const SEEDS = 100
/** Whose traces are compared. */
const SAMPLE = { from: 2, seeds: 8 }
const JOBS = 2

function told(command: string, violations: readonly { property: string; what: string }[]): string {
  return [`npm run sim -- ${command}`, ...violations.map(({ property, what }) => `${property}: ${what}`)].join('\n')
}

/** The hash of the trace of each seed of a sample, run in a process of its own. */
async function hashes(node: string): Promise<Map<number, string>> {
  const found = new Map<number, string>()
  const note = ({ seed, hash }: { seed: number; hash: string }): boolean => {
    found.set(seed, hash)
    return true
  }
  await runSeeds({ ...SAMPLE, jobs: 1, minutes: null, mutant: null, node, note })
  return found
}

test('one seed is one run: the same trace in another process', async () => {
  const [one, two] = await Promise.all([hashes(process.execPath), hashes(process.execPath)])
  assert.equal(one.size, SAMPLE.seeds)
  assert.deepEqual(one, two)
})

test('one seed is one run: the same trace on the Node line before', async (t) => {
  const before = previousNode()
  if (before === null) t.skip(`it is not installed: ${HOW}`)
  else assert.deepEqual(await hashes(before), await hashes(process.execPath))
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
