/** The published results: what was run over one state of the engine, added up as long as that state is the same. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Row } from './points.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const FOLDER = join(ROOT, 'docs/results')
const FILE = join(FOLDER, 'simulation.json')
const MUTANTS_FILE = join(FOLDER, 'mutants.json')
const PARTS = ['core', 'engine', 'store', 'connectors', 'connector', 'mappings'].map((part) => `src/${part}`)

const counted = {
  seeds: z.number(),
  crashes: z.number(),
  faults: z.number(),
  violations: z.number(),
  userChanges: z.number(),
  writes: z.number(),
  forgivenEdits: z.number(),
  takenUnseen: z.number(),
}
const Run = z.object({
  commit: z.string(),
  command: z.string(),
  /** Of the simulator that drew these seeds: the same seeds of another are other runs. */
  simulator: z.string(),
  from: z.number(),
  ...counted,
})
type Run = z.infer<typeof Run>
const Results = z.object({
  /** Of the engine that was run. */
  engine: z.string(),
  total: z.object(counted),
  runs: z.array(Run),
})
type Results = z.infer<typeof Results>

export function record(run: Omit<Run, 'commit' | 'simulator'>): void {
  const engine = hashOf(PARTS)
  const old = existsSync(FILE) ? Results.parse(JSON.parse(readFileSync(FILE, 'utf8'))) : null
  const known = old?.engine === engine ? old.runs : []
  const runs = added(known, { ...run, commit: commit(), simulator: hashOf(['test/simulator']) })
  const results: Results = { engine, total: totalOf(runs), runs: [...runs] }
  write(FILE, results)
}

/** The crash points of one state of the engine. */
export function recordPoints(points: { readonly total: object; readonly rows: readonly Row[] }): void {
  const about = { engine: hashOf(PARTS), commit: commit(), command: 'npm run sim:crash-points' }
  write(join(FOLDER, 'crash-points.json'), { ...about, ...points })
}

const MutantRow = z.object({
  mutant: z.string(),
  /** How many seeds it took; null: none of them finds it. */
  seeds: z.number().nullable(),
  /** The one that finds it, of the range or of what is kept; null: it lives. */
  seed: z.number().nullable(),
  property: z.string().nullable(),
  what: z.string().nullable(),
})
export type MutantRow = z.infer<typeof MutantRow>
const Hunted = z.object({
  engine: z.string(),
  simulator: z.string(),
  from: z.number(),
  seeds: z.number(),
  mutants: z.array(MutantRow),
})

interface Range {
  readonly from: number
  readonly seeds: number
}

/** What the last hunt found; `isOfNow`: of these seeds, on the engine and by the simulator as they stand. */
export function lastHunt({ from, seeds }: Range): {
  readonly mutants: readonly MutantRow[]
  readonly isOfNow: boolean
} {
  if (!existsSync(MUTANTS_FILE)) return { mutants: [], isOfNow: false }
  const last = Hunted.parse(JSON.parse(readFileSync(MUTANTS_FILE, 'utf8')))
  const isOfNow =
    last.engine === hashOf(PARTS) &&
    last.simulator === hashOf(['test/simulator']) &&
    last.from === from &&
    last.seeds === seeds
  return { mutants: last.mutants, isOfNow }
}

/** How many seeds each wrong engine took. */
export function recordMutants(hunt: Range & { readonly mutants: readonly MutantRow[] }): void {
  const about = { engine: hashOf(PARTS), simulator: hashOf(['test/simulator']), commit: commit() }
  write(MUTANTS_FILE, { ...about, command: 'npm run sim:mutants', ...hunt })
}

function write(file: string, results: object): void {
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`)
}

/** No seed counts twice: a run replaces those whose seeds it runs again, and is left out where it adds none. */
export function added(known: readonly Run[], run: Run): readonly Run[] {
  const isWithin = (inner: Run, outer: Run): boolean =>
    inner.simulator === outer.simulator &&
    outer.from <= inner.from &&
    inner.from + inner.seeds <= outer.from + outer.seeds
  const overlaps = (other: Run): boolean =>
    other.simulator === run.simulator && other.from < run.from + run.seeds && run.from < other.from + other.seeds
  const rest = known.filter((each) => !isWithin(each, run))
  return rest.some(overlaps) ? known : [...rest, run]
}

function totalOf(runs: readonly Run[]): Results['total'] {
  const sum = (of: (run: Run) => number): number => runs.reduce((all, each) => all + of(each), 0)
  return {
    seeds: sum((each) => each.seeds),
    crashes: sum((each) => each.crashes),
    faults: sum((each) => each.faults),
    violations: sum((each) => each.violations),
    userChanges: sum((each) => each.userChanges),
    writes: sum((each) => each.writes),
    forgivenEdits: sum((each) => each.forgivenEdits),
    takenUnseen: sum((each) => each.takenUnseen),
  }
}

function hashOf(folders: readonly string[]): string {
  const hash = createHash('sha256')
  for (const folder of folders)
    for (const file of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).toSorted())
      if (/\.(ts|sql)$/.test(file)) hash.update(`${folder}/${file}\n`).update(readFileSync(join(ROOT, folder, file)))
  return hash.digest('hex').slice(0, 16)
}

function commit(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()
  return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', 'src') === '' ? '' : ' with changes'}`
}
