/**
 * PostgreSQL for tests: the one that LOCKSTEP_TEST_POSTGRES names, or a private one started from what is installed, in a
 * folder of its own and on a socket in it. Where none is, or LOCKSTEP_TEST_POSTGRES is `pglite`, one in memory, which has
 * a single session.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'

export const ENVIRONMENT = 'LOCKSTEP_TEST_POSTGRES'
export const HOW = `install it (Debian: apt-get install postgresql), or name one: ${ENVIRONMENT}=postgres://… npm test`

/** What to ask for to have the one in memory where another could be had. */
const IN_MEMORY = 'pglite'
const MEMORY_FOLDER = 'lockstep-pglite-'

export interface Postgres {
  readonly url: string
  /** Ends it at once; nothing in it is kept. */
  stop(): void
}

/** Whether this is the one in memory: sessions take turns in it, and nothing can be asked of another. */
export function hasOneSession({ url }: Pick<Postgres, 'url'>): boolean {
  return url.includes(MEMORY_FOLDER)
}

export async function startPostgres(): Promise<Postgres> {
  const given = process.env[ENVIRONMENT] ?? ''
  if (given !== '' && given !== IN_MEMORY) return { url: given, stop: () => undefined }
  const bin = given === IN_MEMORY ? null : binaries()
  return bin === null ? startInMemory() : startInstalled(bin)
}

/** In a process of its own: those who ask may stand still until they have their answer. */
async function startInMemory(): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), MEMORY_FOLDER))
  const file = fileURLToPath(new URL('pglite/process.ts', import.meta.url))
  const child = spawn(process.execPath, [file, join(folder, '.s.PGSQL.5432')], { stdio: ['pipe', 'pipe', 'inherit'] })
  const stop = (): void => {
    child.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await new Promise<void>((resolve, reject) => {
      child.stdout.once('data', () => resolve())
      child.once('exit', () => reject(new Error('PGlite does not start')))
    })
  } catch (error) {
    stop()
    throw error
  }
  child.unref()
  for (const stream of [child.stdin, child.stdout]) if (stream instanceof Socket) stream.unref()
  return { url: `postgres://postgres@${encodeURIComponent(folder)}/postgres`, stop }
}

async function startInstalled(bin: string): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-postgres-'))
  const user = unprivileged()
  if (user !== null) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  const options = { ...user, cwd: folder, env: { LC_ALL: 'C' } }
  const args = ['--pgdata', data, '--username', 'postgres', '--auth', 'trust', '--encoding', 'UTF8', '--locale', 'C']
  execFileSync(join(bin, 'initdb'), [...args, '--no-sync'], { ...options, stdio: 'ignore' })
  const settings = ['fsync=off', 'listen_addresses=', `unix_socket_directories=${folder}`, 'shared_buffers=32MB']
  const server = spawn(join(bin, 'postgres'), ['-D', data, ...settings.flatMap((each) => ['-c', each])], {
    ...options,
    stdio: 'ignore',
  })
  const url = `postgres://postgres@${encodeURIComponent(folder)}/postgres`
  const stop = (): void => {
    server.kill('SIGQUIT')
    server.unref()
    // Its processes end by themselves, and write until then; this one may be ending too, and cannot wait otherwise.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
  try {
    await answers(url, server)
    server.unref()
  } catch (error) {
    stop()
    throw error
  }
  return { url, stop }
}

/** The newest that is installed; Debian keeps each version in a folder of its own. */
function binaries(): string | null {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).toSorted((left, right) => Number(right) - Number(left)) : []
  const folders = [...versions.map((each) => join(root, each, 'bin')), ...(process.env['PATH'] ?? '').split(':')]
  return folders.find((each) => existsSync(join(each, 'initdb')) && existsSync(join(each, 'postgres'))) ?? null
}

/** PostgreSQL refuses to run as root. */
function unprivileged(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const user = ['postgres', 'nobody'].map((name) => users.find(([each]) => each === name)).find(Boolean)
  return user === undefined ? null : { uid: Number(user[2]), gid: Number(user[3]) }
}

async function answers(url: string, server: ChildProcess): Promise<void> {
  for (let tries = 0; server.exitCode === null && tries < 300; tries += 1) {
    try {
      return await query(url, 'SELECT 1').then(() => undefined)
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  throw new Error('the private PostgreSQL does not answer')
}

/** One statement as any other program may run it. Fails where it would have to wait for others for a minute. */
export async function query(url: string, text: string): Promise<readonly { readonly [column: string]: unknown }[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 60_000, lock_timeout: 60_000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query<{ [column: string]: unknown }>(text)).rows
  } finally {
    await client.end()
  }
}
