/**
 * Wrong engines: how many seeds it takes to find each. A seed counts that the engine itself passes. What no seed finds may be
 * found by a scenario that was kept, all of which `npm test` runs.
 */
import { MUTANTS } from './mutants.ts'
import { runKept, runSeeds, type Found } from './pool.ts'
import { regressions } from './regressions.ts'
import { recordMutants } from './results.ts'
import { runSeed } from './world.ts'

export interface HuntOptions {
  readonly from: number
  readonly seeds: number
  readonly jobs: number
  readonly only: string | null
  readonly json: boolean
}

interface Row {
  readonly mutant: string
  /** How many seeds it took; null: none of them finds it. */
  readonly seeds: number | null
  /** The one that finds it, of the range or of what is kept; null: it lives. */
  readonly seed: number | null
  readonly property: string | null
  readonly what: string | null
}

/** Answers the exit code. */
export async function hunt({ only, json, ...range }: HuntOptions): Promise<number> {
  const table: Row[] = []
  /** Seeds that the engine itself passes, or not. */
  const sound = new Map<number, boolean>()
  for (const { name } of MUTANTS.filter((each) => only === null || each.name === only)) {
    const found = await find(name, range, sound)
    const row = found.seed === null ? await findKept(name, range.jobs) : found
    table.push(row)
    console.error(tell(row, range.seeds))
  }
  const alive = table.filter((row) => row.seed === null).length
  const kept = table.filter((row) => row.seed !== null && row.seeds === null).length
  const longest = Math.max(0, ...table.flatMap((row) => row.seeds ?? []))
  if (only === null) recordMutants({ from: range.from, seeds: range.seeds, mutants: table })
  if (json) console.log(JSON.stringify({ from: range.from, seeds: range.seeds, mutants: table, alive }))
  else
    console.log(
      `${table.length} mutants, ${alive} alive, ${kept} found by kept scenarios, each of the others within ${longest} seeds`,
    )
  return alive === 0 ? 0 : 1
}

function tell({ mutant, seeds, seed, property, what }: Row, tried: number): string {
  if (seed === null) return `${mutant}: ALIVE after ${tried} seeds and all that is kept`
  const by = seeds === null ? `in what is kept of seed ${seed}` : `after ${seeds} seeds`
  return `${mutant}: found by ${property ?? ''} ${by} (${what ?? ''})`
}

async function findKept(mutant: string, jobs: number): Promise<Row> {
  const mended = regressions().flatMap(({ file, fixedIn }) => (fixedIn === null ? [] : [file]))
  const found: Found[] = []
  const note = (result: Found): boolean => {
    if (result.violations.length > 0) found.push(result)
    return found.length === 0
  }
  await runKept(mended, { jobs, mutant, note })
  const [first] = found
  const { property = null, what = null } = first?.violations[0] ?? {}
  return { mutant, seeds: null, seed: first?.seed ?? null, property, what }
}

async function find(
  mutant: string,
  range: Omit<HuntOptions, 'only' | 'json'>,
  sound: Map<number, boolean>,
): Promise<Row> {
  let { from, seeds } = range
  while (seeds > 0) {
    const suspects: Found[] = []
    let last = from - 1
    const note = (result: Found): boolean => {
      last = Math.max(last, result.seed)
      if (result.violations.length > 0) suspects.push(result)
      return suspects.length === 0
    }
    await runSeeds({ ...range, from, seeds, minutes: null, mutant, note })
    for (const { seed, violations } of suspects.sort((left, right) => left.seed - right.seed)) {
      const [first] = violations
      const broken = violations.find(({ what }) => /ReferenceError|SyntaxError/.test(what))
      if (broken !== undefined) throw new Error(`${mutant} does not run: ${broken.what}`)
      if (!sound.has(seed)) sound.set(seed, (await runSeed(seed)).violations.length === 0)
      if (sound.get(seed) === true && first !== undefined)
        return { mutant, seeds: seed - range.from + 1, seed, property: first.property, what: first.what }
    }
    seeds -= last + 1 - from
    from = last + 1
  }
  return { mutant, seeds: null, seed: null, property: null, what: null }
}
