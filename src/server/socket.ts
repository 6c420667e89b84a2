/**
 * The control socket: how a second command speaks to the process that owns the store. It lies beside the store and only
 * its owner may open it. An operation is one POST; the answer is a line for each step on the way, and the outcome last.
 */
import { chmodSync, rmSync } from 'node:fs'
import { createHash } from 'node:crypto'
import type { Server } from 'node:http'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { stream } from 'hono/streaming'
import { EXIT, UserError, userError } from '../words/errors.ts'
import { messageOf } from '../store/errors.ts'
import type { Operations, Progress } from '../service/operations.ts'
import { isOperation, perform } from './calls.ts'
import { close } from './listen.ts'
import { isEnding, plainServer } from './control.ts'

/** One line of an answer. */
export type Line =
  | { readonly is: 'progress'; readonly progress: Progress }
  | { readonly is: 'output'; readonly output: unknown }
  | {
      readonly is: 'error'
      readonly code: string
      readonly message: string
      readonly remedy: string
      readonly exit: number
    }

/** Two releases may not understand each other. */
export const RELEASE_HEADER = 'x-lockstep-release'

/** The longest path that a socket can have on every system. */
const LONGEST_PATH = 100

/** Beside the store; where that path is too long, among temporary files. */
export function socketPath(besideStore: string): string {
  if (Buffer.byteLength(besideStore) <= LONGEST_PATH) return besideStore
  const name = createHash('sha256').update(besideStore).digest('hex').slice(0, 24)
  return join(tmpdir(), `lockstep-${userInfo().uid}-${name}.sock`)
}

export interface SocketOptions {
  readonly operations: Operations
  readonly path: string
  readonly release: string
}

/** The caller owns the store, so that a socket that lies there is of a process that is gone. */
export async function serveSocket({ operations, path, release }: SocketOptions): Promise<{ close(): Promise<void> }> {
  const server = plainServer(socketApp(operations, release))
  await listenPrivately(server, path)
  return {
    async close() {
      await close(server)
      rmSync(path, { force: true })
    },
  }
}

/** The socket is private from its first moment: it is bound within the call, while no other mode can be given. */
function listenPrivately(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(noSocket(path, error.message)))
    try {
      rmSync(path, { force: true })
    } catch (error) {
      throw noSocket(path, messageOf(error))
    }
    const before = process.umask(0o177)
    try {
      server.listen(path, () => {
        chmodSync(path, 0o600)
        resolve()
      })
    } finally {
      process.umask(before)
    }
  })
}

function noSocket(path: string, why: string): UserError {
  return new UserError({
    code: 'no-socket',
    message: `The control socket ${path} cannot be opened: ${why}.`,
    remedy: 'Put the store on a local disk, in a folder where this user may write, and delete what else has that name.',
    exit: EXIT.failed,
  })
}

function socketApp(operations: Operations, release: string): Hono {
  const app = new Hono()
  app.post('/:operation', async (c) => {
    const name = c.req.param('operation')
    c.header('content-type', 'application/x-ndjson')
    if (c.req.header(RELEASE_HEADER) !== release) return c.text(lineOf(otherRelease()))
    if (!isOperation(name)) return c.notFound()
    const body: unknown = await c.req.json().catch(() => undefined)
    return stream(c, async (out) => {
      // Steps that the reader is slow to take wait in memory; they are few and short.
      let written = Promise.resolve<unknown>(undefined)
      const write = (line: Line): void => void (written = written.then(() => out.write(`${JSON.stringify(line)}\n`)))
      try {
        const say = (progress: Progress): void => write({ is: 'progress', progress })
        write({ is: 'output', output: (await perform(operations, name, body, say)) ?? null })
      } catch (error) {
        write(errorLine(error))
      }
      await written
    })
  })
  return app
}

function errorLine(error: unknown): Line {
  const known = userError(error)
  if (known !== null) {
    const { code, message, remedy, exit } = known
    return { is: 'error', code, message, remedy, exit }
  }
  if (isEnding(error)) {
    const remedy = 'Start it again, and ask again; what was under way is carried on then.'
    return { is: 'error', code: 'service-ended', message: 'The service is ending.', remedy, exit: EXIT.failed }
  }
  const message = `The service failed: ${error instanceof Error ? error.message : String(error)}.`
  return { is: 'error', code: 'internal', message, remedy: "See the service's log.", exit: EXIT.failed }
}

function otherRelease(): Line {
  const message = 'The service that is running is another release than this command.'
  return { is: 'error', code: 'other-release', message, remedy: 'Restart the service.', exit: EXIT.failed }
}

function lineOf(line: Line): string {
  return `${JSON.stringify(line)}\n`
}
