/** What the machine itself takes, beside which the figures have to be read. */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { median, quantile, round } from './figure.ts'

/** How `bin/lockstep.mjs` starts the project's own Node. The bare processes are started in the same way. */
export const NODE_OPTIONS: readonly string[] = ['--max-semi-space-size=8', '--heap-growing-percent=50']

const TIMES = 200

/** The time of one fsync after 4 KiB, where the stores of the measurements lie. */
export async function measureFsync(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-fsync-'))
  const file = openSync(join(folder, 'file'), 'w')
  const took: number[] = []
  try {
    const block = Buffer.alloc(4096, 1)
    for (let time = 0; time < TIMES; time += 1) {
      writeSync(file, block)
      const began = performance.now()
      fdatasyncSync(file)
      took.push(performance.now() - began)
    }
  } finally {
    closeSync(file)
    rmSync(folder, { recursive: true, force: true })
  }
  const times = `${round(median(took))} ms (99 %: ${round(quantile(took, 0.99))} ms)`
  return `fsync ${times}; ${availableParallelism()} cores; Node ${process.versions.node}`
}
