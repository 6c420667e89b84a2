/** Hands seeds to child processes, one after the other, and gets a line back for each. */
import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { keptScenario } from './regressions.ts'
import { run, runSeed, type RunResult } from './world.ts'

export type Found = Omit<RunResult, 'trace' | 'story' | 'struck'>

export interface Job {
  readonly from: number
  readonly seeds: number
  readonly jobs: number
  readonly minutes: number | null
  /** Seeds that are passed over; absent: none. */
  readonly isLeftOut?: (seed: number) => boolean
  readonly mutant: string | null
  /** The Node that runs it; absent: the one that runs this. */
  readonly node?: string
  /** Answers false when no further seeds are wanted. */
  readonly note: (result: Found) => boolean
}

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))
const MUTATE = fileURLToPath(new URL('mutate.ts', import.meta.url))
/** Each child would compile everything anew, which takes as long as two seeds; what Node keeps is bound to each file's text. */
const COMPILED = fileURLToPath(new URL('../../node_modules/.cache/simulator', import.meta.url))

/** A wrong engine may work for ever: once one seed has found it, the others have so long to end. */
const PATIENCE_MS = 60_000

/**
 * Every seed that was handed out is run to its end: what was run is one range, however it ended. Only where a wrong engine is
 * found already, and does not end, it is ended.
 */
export async function runSeeds(job: Job): Promise<void> {
  const { from, seeds, minutes, isLeftOut = () => false } = job
  const until = minutes === null ? Infinity : performance.now() + minutes * 60_000
  let next = from
  let wanted = true
  const take = (): number | null => {
    while (next < from + seeds && isLeftOut(next)) next += 1
    if (!wanted || next >= from + seeds || performance.now() >= until) return null
    next += 1
    return next - 1
  }
  let isOver = false
  const children = Array.from({ length: Math.min(job.jobs, seeds) }, () => start(job))
  const end = (): void => {
    isOver = true
    for (const child of children) child.kill()
  }
  const note = (result: Found): void => {
    wanted = job.note(result) && wanted
    if (!wanted && job.mutant !== null) setTimeout(end, PATIENCE_MS).unref()
  }
  await Promise.all(children.map((child) => feed(child, take, note, () => isOver)))
}

/** The same for kept scenarios, by the names of their files. */
export async function runKept(files: readonly string[], job: Pick<Job, 'jobs' | 'mutant' | 'note'>): Promise<void> {
  const left = [...files]
  let wanted = true
  const take = (): string | null => (wanted ? (left.shift() ?? null) : null)
  const note = (result: Found): void => {
    wanted = job.note(result) && wanted
  }
  await Promise.all(Array.from({ length: Math.min(job.jobs, files.length) }, () => feed(start(job), take, note)))
}

function start({ mutant, node = process.execPath }: Pick<Job, 'mutant' | 'node'>): ChildProcess {
  const hooks = mutant === null ? [] : ['--import', MUTATE]
  return spawn(node, ['--disable-warning=ExperimentalWarning', ...hooks, MAIN, '--worker'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { NODE_COMPILE_CACHE: COMPILED, ...process.env, ...(mutant === null ? {} : { SIMULATOR_MUTANT: mutant }) },
  })
}

async function feed(
  child: ChildProcess,
  take: () => number | string | null,
  note: (result: Found) => void,
  isOver = (): boolean => false,
): Promise<void> {
  const { stdin, stdout } = child
  if (stdin === null || stdout === null) throw new Error('a child without pipes')
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const give = (): void => {
    const what = take()
    if (what === null) stdin.end()
    else stdin.write(`${what}\n`)
  }
  give()
  for await (const line of createInterface({ input: stdout })) {
    note(JSON.parse(line) as Found)
    give()
  }
  const code = await ended
  if (code !== 0 && !isOver()) throw new Error(`a run ended with code ${code ?? 'of a signal'}`)
}

/** In a child: reads seeds, or files of kept scenarios, and answers results. */
export async function work(): Promise<void> {
  // Who interrupts means the run as a whole, which ends with the seeds that are under way.
  process.on('SIGINT', () => undefined)
  for await (const line of createInterface({ input: process.stdin })) {
    const ran = /^\d+$/.test(line) ? runSeed(Number(line)) : run(keptScenario(line))
    const { trace: _, story: __, struck: ___, ...result } = await ran
    process.stdout.write(`${JSON.stringify(result)}\n`)
  }
}
