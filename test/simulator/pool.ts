/** Spreads seeds over child processes, which answer a line for each. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { RunResult } from './world.ts'

export type Found = Omit<RunResult, 'trace' | 'shapes'>

export interface Job {
  readonly from: number
  readonly seeds: number
  readonly jobs: number
  readonly minutes: number | null
  readonly mutant: string | null
  readonly note: (result: Found) => void
}

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))
const MUTATE = fileURLToPath(new URL('mutate.ts', import.meta.url))

export async function runSeeds(job: Job): Promise<void> {
  await Promise.all(Array.from({ length: job.jobs }, (_, index) => child(job, index)))
}

/** Each child takes every so manieth seed. */
async function child(job: Job, index: number): Promise<void> {
  const { from, seeds, jobs, minutes, mutant } = job
  const first = from + index
  const args = ['--worker', '--from', String(first), '--seeds', String(from + seeds - first), '--step', String(jobs)]
  const hooks = mutant === null ? [] : ['--import', MUTATE]
  const process_ = spawn(process.execPath, [...hooks, MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...(mutant === null ? {} : { SIMULATOR_MUTANT: mutant }) },
  })
  const timer = minutes === null ? null : setTimeout(() => process_.kill(), minutes * 60_000)
  const ended = new Promise<number | null>((resolve) => process_.on('close', resolve))
  for await (const line of createInterface({ input: process_.stdout })) {
    job.note(JSON.parse(line) as Found)
  }
  if (timer !== null) clearTimeout(timer)
  const code = await ended
  if (code !== 0 && code !== null) throw new Error(`a run ended with code ${code}`)
}
