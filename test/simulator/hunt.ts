/**
 * Wrong engines: how many seeds it takes to find each. A seed counts that the engine itself passes. What no seed finds may be
 * found by a scenario that was kept, all of which `npm test` runs.
 */
import { MUTANTS } from './mutants.ts'
import { runKept, runSeeds, type Found } from './pool.ts'
import { regressions, type Kept } from './regressions.ts'
import { lastHunt, recordMutants, type MutantRow } from './results.ts'
import { drawScenario, isOf, type Worlds } from './scenario.ts'
import { runSeed } from './world.ts'

export interface HuntOptions {
  readonly from: number
  readonly seeds: number
  readonly jobs: number
  readonly only: string | null
  /** Only such worlds are run; null: all. */
  readonly worlds: Worlds | null
  readonly json: boolean
}

/**
 * Answers the exit code. Each is recorded as it is found: a hunt that was cut off goes on where it stopped, as long as engine,
 * simulator and range are the same.
 */
export async function hunt({ only, json, ...range }: HuntOptions): Promise<number> {
  const { from, seeds, worlds } = range
  const last = lastHunt(range)
  const finders = new Map(last.mutants.map(({ mutant, seed }) => [mutant, seed]))
  const known = new Map(last.isOfNow && worlds === null ? last.mutants.map((row) => [row.mutant, row]) : [])
  /** Seeds that the engine itself passes, or not. */
  const sound = new Map<number, boolean>()
  const wanted = MUTANTS.map(({ name }) => name).filter((name) => only === null || name === only)
  for (const name of wanted) {
    if (only === null && (known.get(name)?.seed ?? null) !== null) continue
    const found = await find(name, range, sound)
    const row = found.seed === null ? await findKept(name, range.jobs, finders.get(name) ?? null) : found
    known.set(name, row)
    console.error(tell(row, seeds))
    if (worlds === null && (only === null || last.isOfNow))
      recordMutants({ from, seeds, mutants: MUTANTS.flatMap((each) => known.get(each.name) ?? []) })
  }
  const table = wanted.flatMap((name) => known.get(name) ?? [])
  const alive = table.filter((row) => row.seed === null).length
  const kept = table.filter((row) => row.seed !== null && row.seeds === null).length
  const longest = Math.max(0, ...table.flatMap((row) => row.seeds ?? []))
  if (json) console.log(JSON.stringify({ from, seeds, mutants: table, alive }))
  else
    console.log(
      `${table.length} mutants, ${alive} alive, ${kept} found by kept scenarios, each of the others within ${longest} seeds`,
    )
  return alive === 0 ? 0 : 1
}

function tell({ mutant, seeds, seed, property, what }: MutantRow, tried: number): string {
  if (seed === null) return `${mutant}: ALIVE after ${tried} seeds and all that is kept`
  const by = seeds === null ? `in what is kept of seed ${seed}` : `after ${seeds} seeds`
  return `${mutant}: found by ${property ?? ''} ${by} (${what ?? ''})`
}

/** `finder`: the seed that found it last, of which what is kept is tried first. */
async function findKept(mutant: string, jobs: number, finder: number | null): Promise<MutantRow> {
  const passing = regressions().filter(({ fixedIn }) => fixedIn !== null)
  const rank = ({ finds, seed }: Kept): number => (finds === mutant || seed === finder ? 0 : 1)
  const files = passing.toSorted((left, right) => rank(left) - rank(right)).map(({ file }) => file)
  const found: Found[] = []
  const note = (result: Found): boolean => {
    if (result.violations.length > 0) found.push(result)
    return found.length === 0
  }
  await runKept(files, { jobs, mutant, note })
  const [first] = found
  const { property = null, what = null } = first?.violations[0] ?? {}
  return { mutant, seeds: null, seed: first?.seed ?? null, property, what }
}

async function find(
  mutant: string,
  range: Omit<HuntOptions, 'only' | 'json'>,
  sound: Map<number, boolean>,
): Promise<MutantRow> {
  let { from, seeds } = range
  while (seeds > 0) {
    const suspects: Found[] = []
    let last = from - 1
    const note = (result: Found): boolean => {
      last = Math.max(last, result.seed)
      if (result.violations.length > 0) suspects.push(result)
      return suspects.length === 0
    }
    const { jobs, worlds } = range
    const isLeftOut = (seed: number): boolean => worlds !== null && !isOf(worlds, drawScenario(seed))
    await runSeeds({ jobs, from, seeds, minutes: null, mutant, isLeftOut, note })
    for (const { seed, violations } of suspects.sort((left, right) => left.seed - right.seed)) {
      const [first] = violations
      const broken = violations.find(({ what }) => /ReferenceError|SyntaxError/.test(what))
      if (broken !== undefined) throw new Error(`${mutant} does not run: ${broken.what}`)
      if (!sound.has(seed)) sound.set(seed, (await runSeed(seed)).violations.length === 0)
      if (sound.get(seed) === true && first !== undefined)
        return { mutant, seeds: seed - range.from + 1, seed, property: first.property, what: first.what }
    }
    if (suspects.length === 0) break
    seeds -= last + 1 - from
    from = last + 1
  }
  return { mutant, seeds: null, seed: null, property: null, what: null }
}
