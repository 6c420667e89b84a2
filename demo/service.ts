/** The product's own binary, as a person would start it: the service, and commands beside it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Configuration } from './configuration.ts'

const BINARY = fileURLToPath(new URL('../bin/lockstep.mjs', import.meta.url))

const status = z.object({
  running: z.boolean(),
  verdict: z.string(),
  notes: z.array(z.string()),
  flows: z.array(
    z.object({
      id: z.string(),
      links: z.number(),
      due: z.number(),
      open: z.number(),
      held: z.number(),
      conflicts: z.number(),
      settled: z.number(),
      divergences: z.number(),
      in_step_at: z.number().nullable(),
    }),
  ),
  /** `listing`: scopes that are still to be read whole. */
  connections: z.array(z.object({ id: z.string(), listing: z.number() })),
  inbox: z.number(),
  latencyMs: z.object({ count: z.number(), p50: z.number().nullable(), p99: z.number().nullable() }),
})
export type Status = z.infer<typeof status>

const event = z.looseObject({ is: z.string() })
export type ServiceEvent = z.infer<typeof event>

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface Service {
  /** Ends the service as an operator does; answers its exit code. */
  stop(): Promise<number | null>
  /** kill -9, as a machine that fails does it; resolves once it is dead. */
  kill(): Promise<unknown>
  /** Resolves with the exit code, whoever ended it. */
  readonly ended: Promise<number | null>
  readonly log: string
}

/** `lockstep run --yes`; resolves once its listeners are up. `told` hears what it says on standard output. */
export async function startService(
  { folder, path }: Configuration,
  told: (event: ServiceEvent) => void,
): Promise<Service> {
  const log = join(folder, 'lockstep.log')
  // A process group of its own: Ctrl-C is for this program, which then ends the service.
  const child = spawn(process.execPath, [BINARY, 'run', '--yes', '--json', '-c', path], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  child.stderr.pipe(createWriteStream(log))
  const ready = Promise.withResolvers<void>()
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = event.safeParse(jsonIn(line))
    if (!said.success) return
    if (said.data.is === 'ready') ready.resolve()
    told(said.data)
  })
  const early = ended.then((code) => Promise.reject(new Error(`lockstep ended with ${code ?? 'a signal'}: see ${log}`)))
  early.catch(() => undefined)
  const end = (): void => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
  }
  process.once('exit', end)
  await Promise.race([ready.promise, early])
  return {
    log,
    ended,
    kill() {
      process.removeListener('exit', end)
      // Its whole group: nothing of it ends in order.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      return ended
    },
    stop() {
      process.removeListener('exit', end)
      end()
      return ended
    },
  }
}

/** Any other command; the service goes on. */
export async function lockstep({ path }: Configuration, ...command: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [BINARY, ...command, '-c', path], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, COLUMNS: '78' },
  })
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: typeof code === 'number' ? code : null, out, err }
}

export async function statusOf(configuration: Configuration): Promise<Status> {
  const { out, err } = await lockstep(configuration, 'status', '--json')
  const found = status.safeParse(jsonIn(out))
  if (!found.success) throw new Error(`lockstep status said: ${out}${err}\n${z.prettifyError(found.error)}`)
  return found.data
}

export function jsonIn(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
