/** Wrong engines: how many seeds it takes to find each. A seed counts that the engine itself passes. */
import { MUTANTS } from './mutants.ts'
import { runSeeds, type Found } from './pool.ts'
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
  /** How many seeds it took; null: it lives. */
  readonly seeds: number | null
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
    const row = await find(name, range, sound)
    table.push(row)
    console.error(
      row.seeds === null
        ? `${name}: ALIVE after ${range.seeds} seeds`
        : `${name}: found by ${row.property ?? ''} after ${row.seeds} seeds (${row.what ?? ''})`,
    )
  }
  const alive = table.filter((row) => row.seeds === null).length
  const longest = Math.max(...table.map((row) => row.seeds ?? Infinity))
  if (only === null) recordMutants({ from: range.from, seeds: range.seeds, mutants: table })
  if (json) console.log(JSON.stringify({ from: range.from, seeds: range.seeds, mutants: table, alive }))
  else console.log(`${table.length} mutants, ${alive} alive, each of the others found within ${longest} seeds`)
  return alive === 0 ? 0 : 1
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
