/** The real process under measurement: `lockstep run --yes` on a configuration for the bench's two systems. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { ENGINE, KEYS } from './lay.ts'
import { NODE_OPTIONS } from './machine.ts'
import type { Systems } from './systems-process.ts'

export const BINARY = fileURLToPath(new URL('../bin/lockstep.mjs', import.meta.url))
const UNLIMITED = fileURLToPath(new URL('./unlimited.ts', import.meta.url))
/** Where bin/lockstep.mjs keeps what Node has compiled. */
const COMPILED = fileURLToPath(new URL('../node_modules/.cache/lockstep', import.meta.url))
/** More than any measurement asks for; yet what is kept of a limit has to fit in memory when the next process begins. */
const MANY = 1_000_000

export interface Home {
  readonly folder: string
  readonly config: string
  readonly store: string
  storeMegabytes(): number
  leave(): void
}

/** A folder with a configuration. `poll`: as it is written there. */
export function homeFor({ ready }: Systems, poll = '1s'): Home {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-bench-'))
  const config = join(folder, 'lockstep.yaml')
  writeFileSync(
    config,
    `store: ./lockstep.db
poll: ${poll}
listen:
  webhooks: 127.0.0.1:0
  control: off
  max_per_minute: ${MANY}
connections:
  chat:
    connector: google-chat
    client_id: ${KEYS.clientId}
    client_secret: ${KEYS.clientSecret}
    refresh_token: ${KEYS.refreshToken}
    manager: true
    lag_seconds: 2
    base_url: ${ready.chat}
    token_url: ${ready.chat}/token
    tokeninfo_url: ${ready.chat}/tokeninfo
  forum:
    connector: discourse
    base_url: ${ready.forum}
    api_username: ${ENGINE.forum}
    api_key: ${KEYS.apiKey}
    webhook_secret: ${KEYS.webhookSecret}
    requests_per_minute: ${MANY}
    address_per_minute: ${MANY}
    address_burst: ${MANY}
flows:
  bench:
    between: [chat, forum]
    scopes:
${ready.scopes.map(([space, category]) => `      - [${space}, ${category}]`).join('\n')}
    brake:
      deletes: { at_least: ${MANY} }
      writes: { at_least: ${MANY} }
`,
  )
  return {
    folder,
    config,
    store: join(folder, 'lockstep.db'),
    storeMegabytes: () => statSync(join(folder, 'lockstep.db')).size / 2 ** 20,
    leave: () => rmSync(folder, { recursive: true, force: true }),
  }
}

export interface Engine {
  readonly pid: number
  readonly webhooks: string
  /** Megabytes that the process holds now, and the most that it ever held. */
  memory(): Memory
  stop(): Promise<void>
}

export interface Memory {
  readonly now: number
  readonly peak: number
}

const ready = z.object({ is: z.literal('ready'), listeners: z.object({ webhooks: z.string() }) })

/** `node`: more options for Node itself. Resolves once it listens. */
export async function startEngine({ config, folder }: Home, node: readonly string[] = []): Promise<Engine> {
  const own = [...NODE_OPTIONS, '--import', UNLIMITED, ...node]
  const child = spawn(process.execPath, [...own, BINARY, 'run', '--yes', '--json', '-c', config], {
    stdio: ['ignore', 'pipe', 'ignore'],
    cwd: folder,
    // What is imported before the product's own start finds what that has compiled.
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILED },
  })
  const listening = Promise.withResolvers<string>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.startsWith('{"is":"ready"')) return
    listening.resolve(ready.parse(JSON.parse(line)).listeners.webhooks)
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  void ended.then(() => listening.reject(new Error('lockstep ended by itself')))
  const end = (): void => void child.kill('SIGKILL')
  process.once('exit', end)
  return {
    webhooks: await listening.promise,
    pid: child.pid ?? 0,
    memory: () => memoryOf(child.pid ?? 0),
    async stop() {
      process.removeListener('exit', end)
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** As Linux tells it of any process. */
export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const megabytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024
  return { now: megabytes('VmRSS'), peak: megabytes('VmHWM') }
}

const status = z.object({
  inbox: z.number(),
  flows: z.array(
    z.object({
      links: z.number(),
      due: z.number(),
      open: z.number(),
      held: z.number(),
      in_step_at: z.number().nullable(),
    }),
  ),
})
export interface State {
  readonly quiet: boolean
  readonly links: number
  readonly held: number
}

/** What `lockstep status` says. */
export async function stateOf({ config }: Home): Promise<State> {
  const child = spawn(process.execPath, [BINARY, 'status', '--json', '-c', config], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const { inbox, flows } = status.parse(JSON.parse(await text(child.stdout)))
  const [flow] = flows
  if (flow === undefined) throw new Error('lockstep status names no flow')
  const quiet = inbox === 0 && flow.due === 0 && flow.open === 0 && flow.in_step_at !== null
  return { quiet, links: flow.links, held: flow.held }
}

/** Until it is in step with so many links. */
export async function untilInStep(home: Home, links: number, patienceMs: number): Promise<State> {
  const until = performance.now() + patienceMs
  for (;;) {
    const state = await stateOf(home)
    if (state.quiet && state.links >= links) return state
    if (performance.now() > until) throw new Error(`it did not come into step: ${JSON.stringify(state)}`)
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}
