/**
 * Runs seeds and tells what they found.
 *
 * node test/simulator/main.ts [--seeds N] [--from S] [--jobs J] [--minutes M] [--json]
 *                             [--seed X [--trace]] [--mutants [--only NAME]]
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { MUTANTS } from './mutants.ts'
import { runSeeds, type Found } from './pool.ts'
import { run, type RunResult } from './world.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    jobs: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    minutes: { type: 'string' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    mutants: { type: 'boolean', default: false },
    only: { type: 'string' },
    worker: { type: 'boolean', default: false },
    step: { type: 'string', default: '1' },
  },
})

/** Mutants are tried over so many seeds before what they found is looked at. */
const PORTION = 10
const from = Number(values.from)
const seeds = Number(values.seeds)

if (values.worker) await work()
else if (values.seed !== undefined) await one(Number(values.seed))
else if (values.mutants) await hunt()
else await many()

/** One run, with its story. */
async function one(seed: number): Promise<void> {
  const result = await run({ seed, trace: values.trace })
  for (const line of result.trace) console.log(line)
  for (const line of result.shapes) console.log(line)
  tell(seed, result.violations)
  if (values.json) console.log(JSON.stringify({ ...result, trace: undefined }))
  process.exitCode = result.violations.length === 0 ? 0 : 1
}

/** In a child: each result is a line. */
async function work(): Promise<void> {
  for (let seed = from; seed < from + seeds; seed += Number(values.step)) {
    const { trace: _, shapes: __, ...result } = await run({ seed })
    process.stdout.write(`${JSON.stringify(result)}\n`)
  }
}

function tell(seed: number, violations: RunResult['violations']): void {
  for (const { property, what } of violations) console.error(`seed ${seed}: ${property}: ${what}`)
}

async function many(): Promise<void> {
  const started = performance.now()
  const total = { done: 0, crashes: 0, faults: 0, deeds: 0, writes: 0, forgiven: 0, takenUnseen: 0 }
  const failed: { seed: number; property: string; what: string }[] = []
  let told = 0
  const note = (result: Found): void => {
    total.done += 1
    total.crashes += result.crashes
    total.deeds += result.deeds
    total.writes += result.writes
    total.forgiven += result.forgiven
    total.takenUnseen += result.takenUnseen
    for (const count of Object.values(result.faults)) total.faults += count
    tell(result.seed, result.violations)
    const first = result.violations[0]
    if (first !== undefined) failed.push({ seed: result.seed, property: first.property, what: first.what })
    if (performance.now() - told < 5000) return
    told = performance.now()
    const perSecond = (total.done * 1000) / (performance.now() - started)
    console.error(
      `${total.done} of ${seeds} seeds, ${perSecond.toFixed(1)}/s, ${total.crashes} crashes, ${total.faults} faults, ${failed.length} failed`,
    )
  }
  const minutes = values.minutes === undefined ? null : Number(values.minutes)
  await runSeeds({ from, seeds, jobs: Number(values.jobs), minutes, mutant: null, note })
  const seconds = (performance.now() - started) / 1000
  console.log(
    JSON.stringify({
      seeds: total.done,
      from,
      crashes: total.crashes,
      faults: total.faults,
      violations: failed.length,
      userChanges: total.deeds,
      writes: total.writes,
      forgivenEdits: total.forgiven,
      takenUnseen: total.takenUnseen,
      failed,
      seconds: Math.round(seconds),
      perSecond: Number((total.done / seconds).toFixed(2)),
    }),
  )
  process.exitCode = failed.length === 0 ? 0 : 1
}

interface Row {
  readonly mutant: string
  readonly seeds: number | null
  readonly seed: number | null
  readonly property: string | null
}

/** How many seeds it takes to find each wrong engine: a seed counts that the engine itself passes. */
async function hunt(): Promise<void> {
  const table: Row[] = []
  for (const { name } of MUTANTS.filter((each) => values.only === undefined || each.name === values.only)) {
    const suspects: Found[] = []
    let tried = 0
    const note = (result: Found): void => {
      tried += 1
      if (result.violations.length > 0) suspects.push(result)
    }
    let row: Row = { mutant: name, seeds: null, seed: null, property: null }
    for (let at = from; row.seeds === null && at < from + seeds; at += PORTION) {
      const portion = Math.min(PORTION, from + seeds - at)
      await runSeeds({ from: at, seeds: portion, jobs: Number(values.jobs), minutes: null, mutant: name, note })
      for (const { seed, violations } of suspects.splice(0).sort((left, right) => left.seed - right.seed)) {
        const broken = violations.find(({ what }) => /ReferenceError|SyntaxError/.test(what))
        if (broken !== undefined) throw new Error(`${name} does not run: ${broken.what}`)
        if (row.seeds !== null || (await run({ seed })).violations.length > 0) continue
        row = { mutant: name, seeds: seed - from + 1, seed, property: violations[0]?.property ?? null }
      }
    }
    table.push(row)
    console.error(
      row.seeds === null
        ? `${name}: ALIVE after ${tried} seeds`
        : `${name}: found by ${row.property ?? ''} after ${row.seeds} seeds`,
    )
  }
  console.log(JSON.stringify({ from, seeds, mutants: table, alive: table.filter((row) => row.seeds === null).length }))
  process.exitCode = table.every((row) => row.seeds !== null) ? 0 : 1
}
