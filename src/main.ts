/** The composition root: joins configuration, store, engine, listeners and commands to the real world. */
import { createRequire } from 'node:module'
import { createInterface as createLines } from 'node:readline'
import { createInterface } from 'node:readline/promises'
import { fileURLToPath } from 'node:url'
import pkg from '../package.json' with { type: 'json' }
import { systemClock } from './adapters/clock.ts'
import { tellCommand } from './adapters/command.ts'
import { readFile, writeFile } from './adapters/files.ts'
import { createFolders } from './adapters/blobs.ts'
import type { Prompts } from './init/asking.ts'
import { createDatabases } from './adapters/databases.ts'
import { createHttp, type HttpClient } from './adapters/http.ts'
import { createLog, levelOf } from './adapters/log.ts'
import { systemRandom } from './adapters/random.ts'
import { joinWrites } from './adapters/joined.ts'
import { createRedactor } from './adapters/redact.ts'
import { createSkewWatch, skewWords } from './adapters/skew.ts'
import { ConfigError, EXIT, userError } from './words/errors.ts'
import { calm } from './words/text.ts'
import { toldOf } from './cli/files.ts'
import { createOutput, type Output } from './cli/output.ts'
import type { Common } from './cli/command.ts'
import { runProgram } from './cli/program.ts'
import type { Shell } from './cli/shell.ts'
import { loadConfig, type Config } from './config/index.ts'
import { connectors } from './connectors/index.ts'
import type { Log } from './connector/ports.ts'
import { mappingOf } from './mappings/index.ts'
import { backUpStore, restoreStore } from './service/restoring.ts'
import { createSystem, type System } from './service/system.ts'

/** Lenses and policies of the user's own. */
const loadModule: (path: string) => unknown = createRequire(import.meta.url)

/** Secrets that are known so far; nothing that is written shows them. */
const secrets = new Set<string>()
const redact = createRedactor(secrets)

/** A terminal is written to at once: somebody is looking. */
const joined = {
  out: joinWrites((text) => process.stdout.write(text)),
  err: joinWrites((text) => process.stderr.write(text)),
}
const streams = {
  out: process.stdout.isTTY ? process.stdout : joined.out,
  err: process.stderr.isTTY ? process.stderr : joined.err,
}
process.once('exit', flush)

const stop = new AbortController()
let graceful = 0
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    if (stop.signal.aborted || graceful === 0) process.exit(130)
    stop.abort()
  })
// Whoever started this was killed: it ends as if it had been itself.
process.on('disconnect', () => process.exit(EXIT.failed))
process.channel?.unref()
for (const stream of [process.stdout, process.stderr])
  // Whoever read this has gone: there is nobody left to tell.
  stream.on('error', () => process.exit(EXIT.failed))

const code = await main()
flush()
// What a pipe has not taken when a process exits is lost.
await Promise.all([process.stdout, process.stderr].map(taken))
process.exit(code)

function flush(): void {
  joined.out.flush()
  joined.err.flush()
}

function taken(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()))
}

async function main(): Promise<number> {
  let out: Output | null = null
  try {
    return await runProgram(process.argv.slice(2), {
      version: pkg.version,
      write: { out: (text) => streams.out.write(text), err: (text) => streams.err.write(text) },
      emulation: {
        known: ['google-chat', 'discourse', 'google-calendar', 'teamwork', 'missive', 'airtable'],
        joins: (a, b) => mappingOf(a, b) !== null,
        // Loaded when it is asked for: no other command needs it.
        start: async (name, port) => (await import('./service/emulated.ts')).emulate(name, port),
      },
      texts: {
        schema: (): unknown => JSON.parse(shipped('docs/config.schema.json')),
        environment: () => shipped('.env.example'),
        example: () => shipped('docs/guide/example.yaml'),
      },
      async start(common, work) {
        out = outputOf(common)
        const shell = shellOf(common, out)
        try {
          return await work(shell)
        } finally {
          shell.http.close()
          await shell.databases.close()
        }
      },
    })
  } catch (error) {
    return fail(error, out)
  }
}

/** A file that comes with the product. */
function shipped(path: string): string {
  return readFile(fileURLToPath(new URL(`../${path}`, import.meta.url))) ?? ''
}

/** Loaded when a question is asked: no other command needs them. */
function laterPrompts(): Prompts {
  return {
    text: async (question) => (await import('./adapters/prompts.ts')).terminalPrompts.text(question),
    choose: async (question) => (await import('./adapters/prompts.ts')).terminalPrompts.choose(question),
    note: async (title, text) => (await import('./adapters/prompts.ts')).terminalPrompts.note(title, text),
  }
}

function outputOf({ json }: Common): Output {
  return createOutput({ ...streams, readLine }, json, redact, process.env['NO_COLOR'] !== undefined)
}

async function readLine(question: string): Promise<string | null> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return null
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return await terminal.question(question, { signal: stop.signal })
  } catch {
    return null
  } finally {
    terminal.close()
  }
}

function fail(error: unknown, out: Output | null): number {
  const output = out ?? outputOf({ json: false, config: '', command: '', verbose: false })
  if (error instanceof ConfigError) {
    const { problems } = error
    if (output.json) output.result({ error: { code: error.code, message: error.message, problems } }, () => '')
    output.note(error.message)
    return error.exit
  }
  const known = userError(error)
  if (known === null) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
    if (output.json) output.result({ error: { code: 'internal', message: 'a fault of the program' } }, () => '')
    output.note(`lockstep: a fault of the program. Please report it with this:\n${detail}`)
    return EXIT.failed
  }
  const { code, message, remedy } = known
  if (output.json) output.result({ error: { code, message, remedy } }, () => '')
  output.note(
    `lockstep: ${message}\n${remedy
      .split('\n')
      .map((line) => `  → ${line}`)
      .join('\n')}`,
  )
  return known.exit
}

function shellOf(common: Common, out: Output): Shell {
  const log = logOf(common, out)
  const watch = createSkewWatch(systemClock.now, (host, ahead) =>
    log('warn', `this machine's clock is ${skewWords(ahead)} that of ${host}`, {
      remedy: "set this machine's clock by the network (NTP)",
    }),
  )
  const http: HttpClient = createHttp(watch.seen)
  const databases = createDatabases()
  const folders = createFolders()
  const learned = (secret: string): void => void secrets.add(secret)
  const ports = {
    clock: systemClock,
    random: systemRandom,
    http,
    databases,
    folders,
    log,
    learned,
    tell: tellCommand,
    skew: watch.skew,
  }
  const system: System = createSystem({ ports, release: pkg.version, signal: stop.signal, busy })
  const readConfig = (): ReturnType<Shell['readConfig']> => {
    const loaded = loadConfig({ path: common.config, readFile, env: process.env, connectors, loadModule })
    for (const secret of loaded.config?.secrets ?? []) secrets.add(secret)
    return loaded.config === null ? { config: null, problems: loaded.problems } : { config: loaded.config }
  }
  return {
    out,
    clock: systemClock,
    random: systemRandom,
    http,
    databases,
    folders,
    files: toldOf({ read: readFile, write: writeFile }),
    connectors,
    prompts: process.stdin.isTTY && process.stderr.isTTY ? laterPrompts() : null,
    variable: (name) => process.env[name],
    zone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
    signal: stop.signal,
    readConfig,
    config(): Config {
      const found = readConfig()
      if (found.config === null) throw new ConfigError(found.problems)
      return found.config
    },
    operate: system.operate,
    serve: system.serve,
    backUp: backUpStore,
    restore: (config, from) => restoreStore(config, from, { clock: systemClock, random: systemRandom }),
    learned,
    busy,
    lines: linesIn,
  }
}

async function* linesIn(signal: AbortSignal): AsyncGenerator<string> {
  const lines = createLines({ input: process.stdin, signal })
  try {
    yield* lines
  } finally {
    lines.close()
  }
}

/** While `work` is under way, the first signal asks it to end instead of ending the process. */
async function busy<T>(work: () => Promise<T>): Promise<T> {
  graceful += 1
  try {
    return await work()
  } finally {
    graceful -= 1
  }
}

function logOf({ command, verbose }: Common, out: Output): Log {
  if (command !== 'run')
    return (level, message, fields) => {
      // What a status tells of ends the answer of the command as well.
      if ((level === 'warn' || level === 'error') && fields?.['alert'] === undefined) out.note(`  ! ${message}`)
    }
  return createLog({
    write: (line) => streams.err.write(`${line}\n`),
    redact: Object.assign((text: string) => calm(redact(text)), { json: redact.json }),
    now: systemClock.now,
    readable: process.stderr.isTTY,
    colour: process.stderr.isTTY && process.env['NO_COLOR'] === undefined,
    least: verbose ? 'debug' : levelOf(process.env['LOG_LEVEL']),
  })
}
