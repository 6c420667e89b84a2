/** Many seeds, with progress; what fails is cut down, told and kept, and what passed is added to the published results. */
import { runSeeds, type Found } from './pool.ts'
import { keep } from './regressions.ts'
import { record } from './results.ts'
import { drawScenario, isOf, type Worlds } from './scenario.ts'
import { shrink } from './shrink.ts'

export interface ManyOptions {
  readonly from: number
  readonly seeds: number
  readonly jobs: number
  readonly minutes: number | null
  /** Only such worlds are run; null: all. */
  readonly worlds: Worlds | null
  /** Whether failing seeds are cut down and kept as files. */
  readonly keeps: boolean
  readonly command: readonly string[]
}

/** So many failing seeds are cut down; the others are only named. */
const MOST_SHRUNK = 12
/** Runs of fewer seeds are not worth publishing. */
const WORTH_RECORDING = 250

interface Failed {
  readonly seed: number
  readonly property: string
  readonly what: string
}

/** Answers the exit code. */
export async function many({ keeps, command, worlds, ...job }: ManyOptions): Promise<number> {
  const started = performance.now()
  const total = {
    seeds: 0,
    from: job.from,
    crashes: 0,
    faults: 0,
    userChanges: 0,
    writes: 0,
    forgivenEdits: 0,
    takenUnseen: 0,
  }
  const failed: Failed[] = []
  let told = started
  let isStopped = false
  const stop = (): void => {
    isStopped = true
    console.error('ends with the seeds that are under way; once more, and it ends at once')
  }
  const note = (result: Found): boolean => {
    total.seeds += 1
    total.crashes += result.crashes
    total.userChanges += result.deeds
    total.writes += result.writes
    total.forgivenEdits += result.forgiven
    total.takenUnseen += result.takenUnseen
    for (const count of Object.values(result.faults)) total.faults += count
    const [first] = result.violations
    if (first !== undefined) {
      failed.push({ seed: result.seed, property: first.property, what: first.what })
      console.error(
        `seed ${result.seed}: ${first.property}: ${first.what}\n  npm run sim -- --seed ${result.seed} --shrink`,
      )
    }
    if (performance.now() - told < 5000) return !isStopped
    told = performance.now()
    const perSecond = (total.seeds * 1000) / (told - started)
    console.error(
      `${total.seeds} of ${job.seeds} seeds, ${perSecond.toFixed(1)}/s, ${total.crashes} crashes, ${total.faults} faults, ${failed.length} violations`,
    )
    return !isStopped
  }
  const isLeftOut = (seed: number): boolean => worlds !== null && !isOf(worlds, drawScenario(seed))
  process.once('SIGINT', stop)
  await runSeeds({ ...job, mutant: null, isLeftOut, note }).finally(() => process.removeListener('SIGINT', stop))
  const seconds = (performance.now() - started) / 1000
  const { seeds, from, crashes, faults, ...rest } = total
  const counted = { seeds, from, crashes, faults, violations: failed.length, ...rest }
  if (keeps && worlds === null && seeds >= WORTH_RECORDING)
    record({ ...counted, command: `npm run sim -- ${command.join(' ')}` })
  const perSecond = Number((seeds / seconds).toFixed(2))
  if (keeps) for (const each of failed.slice(0, MOST_SHRUNK)) await tell(each)
  console.log(JSON.stringify({ ...counted, failed, seconds: Math.round(seconds), perSecond }))
  return failed.length === 0 ? 0 : 1
}

/** Cuts a failing seed down and tells its shortest story. */
async function tell({ seed, property, what }: Failed): Promise<void> {
  const { scenario, result, runs } = await shrink(drawScenario(seed), property, { runs: 300, seconds: 40 })
  const showed = result.violations[0]
  const file = keep({
    seed,
    alsoIn: [],
    showed: `${property}: ${showed?.what ?? what}`,
    fixedIn: null,
    finds: null,
    scenario,
  })
  console.error(
    `\nseed ${seed}, cut down in ${runs} runs to ${scenario.deeds.length} deeds and ${result.struck.length} faults:`,
  )
  for (const line of result.story) console.error(`  ${line}`)
  console.error(`  ${property}: ${showed?.what ?? what}\n  npm run sim -- --replay ${file} --trace`)
}
