/** The product's own binary as an operator starts it, which dies by SIGKILL at a point. */
import { spawn } from 'node:child_process'
import { createWriteStream, type WriteStream } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Point } from './points.ts'
import type { Wire } from './wire.ts'

const BINARY = fileURLToPath(new URL('../bin/lockstep.mjs', import.meta.url))
/** A point that is not met by then is made up for by a kill at that moment. */
const PATIENCE_MS = 6000

export interface Death {
  /** Whether it died where it was told to. */
  readonly met: boolean
  readonly livedMs: number
}

export function openLog(path: string): WriteStream {
  return createWriteStream(path, { flags: 'a' })
}

/** Starts it and resolves when it is dead. Rejects where it ended in any other way. */
export async function liveUntil(point: Point, config: string, wire: Wire, log: WriteStream): Promise<Death> {
  const began = performance.now()
  const hook = new URL('./in-store.ts', import.meta.url)
  hook.searchParams.set('point', JSON.stringify(point))
  const loaded = point.at === 'store' ? ['--import', hook.href] : []
  const child = spawn(process.execPath, [...loaded, BINARY, 'run', '--yes', '-c', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  child.stderr.pipe(log, { end: false })
  const kill = (): void => void child.kill('SIGKILL')
  let met = true
  wire.arm(point.at === 'wire' ? point : null, kill)
  const timer = setTimeout(
    () => {
      met = point.at === 'any'
      kill()
    },
    point.at === 'any' ? point.afterMs : PATIENCE_MS,
  )
  process.once('exit', kill)
  const { code, signal } = await new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  clearTimeout(timer)
  process.removeListener('exit', kill)
  wire.arm(null, kill)
  if (signal !== 'SIGKILL') throw new Error(`it ended by itself, with ${signal ?? code ?? 'nothing'}`)
  return { met, livedMs: performance.now() - began }
}
