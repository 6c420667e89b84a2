/** The control listener: health and commands, for programs on this machine. */
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { createServer, type Server } from 'node:http'
import { z } from 'zod'
import { userError, type UserError } from '../words/errors.ts'
import type { Log } from '../connector/ports.ts'
import type { Operations, Status } from '../service/operations.ts'
import { StoreError } from '../store/errors.ts'
import { isToken } from './access.ts'

export interface ControlOptions {
  readonly operations: Operations
  /** Throws a user error where there is no such flow; null: all are meant. */
  readonly assertFlow: (flow: string | null) => void
  readonly token: string
  readonly log: Log
  /** In the text format of Prometheus. */
  readonly metrics: (status: Status) => Promise<string>
  /** The port that was really taken, once it was. */
  readonly port: () => number
}

const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via']
const SyncBody = z.strictObject({ flow: z.string().nullable().default(null), full: z.boolean().default(false) })
const MAX_BODY = 64 * 1024

export function controlServer(options: ControlOptions): Server {
  const { operations, token, log } = options
  const app = new Hono()
  app.use(async (c, next) => {
    if (FORWARDED.some((name) => c.req.header(name) !== undefined))
      return c.json({ error: 'forwarded', cause: 'This listener is not for the outside: a proxy forwarded this.' }, 403)
    if (!isLocal(c.req.header('host'), options.port()))
      return c.json({ error: 'host', cause: 'The Host header names another machine.' }, 403)
    if (!isToken(c.req.header('authorization'), token))
      return c.json({ error: 'token', cause: 'The token is missing or wrong; it is in the file <store>.token.' }, 401)
    if (c.req.method === 'POST' && !/^application\/json(;|$)/.test(c.req.header('content-type') ?? ''))
      return c.json({ error: 'content-type', cause: 'Send JSON, and say so: content-type: application/json.' }, 415)
    if (Number(c.req.header('content-length') ?? '0') > MAX_BODY)
      return c.json({ error: 'too-long', cause: 'The body is too long.' }, 413)
    return next()
  })
  app.get('/health', async (c) => {
    const status = await operations.status()
    return c.json(healthOf(status), status.verdict === 'failed' ? 503 : 200)
  })
  app.get('/status', async (c) => c.json(await operations.status()))
  app.get('/metrics', async (c) => c.text(await options.metrics(await operations.status())))
  app.post('/sync', async (c) => {
    const body = SyncBody.safeParse(await c.req.json().catch(() => null))
    if (!body.success) return c.json({ error: 'body', cause: 'Send {"flow": <id or null>, "full": <boolean>}.' }, 400)
    const refused = refusalOf(() => options.assertFlow(body.data.flow))
    if (refused !== null) return c.json({ error: refused.code, cause: refused.message, remedy: refused.remedy }, 400)
    const request = { ...body.data, item: null, approval: null }
    operations
      .sync(request, () => undefined)
      .catch((error: unknown) => {
        if (isEnding(error))
          log('info', 'a sync that was asked for ends with the service, and is carried on by the next')
        else log('error', `a sync that was asked for failed: ${userError(error)?.message ?? String(error)}`)
      })
    return c.json({ accepted: true }, 202)
  })
  app.notFound((c) => c.json({ error: 'not-found', cause: 'There is nothing here.' }, 404))
  app.onError((error, c) => {
    const known = userError(error)
    if (known === null) log('error', 'a control request failed', { error: String(error) })
    return c.json({ error: known?.code ?? 'internal', cause: known?.message ?? 'A fault of the program.' }, 500)
  })
  return plainServer(app)
}

function refusalOf(check: () => void): UserError | null {
  try {
    check()
    return null
  } catch (error) {
    const known = userError(error)
    if (known === null) throw error
    return known
  }
}

/** hono's adapter makes servers of several protocols; this one is HTTP/1. */
export function plainServer(app: Hono): Server {
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false, createServer })
  if (!('closeIdleConnections' in server)) throw new Error('not an HTTP/1 server')
  return server
}

/** Loopback by name or number, with this port: a page in a browser can name another host only. */
function isLocal(host: string | undefined, port: number): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].some((name) => host === `${name}:${port}`)
}

function healthOf(status: Status): object {
  const queue = {
    inbox: status.inbox,
    due: sum(status, 'due'),
    held: sum(status, 'held'),
    conflicts: sum(status, 'conflicts'),
    open: sum(status, 'open'),
  }
  return { ok: status.verdict !== 'failed', verdict: status.verdict, notes: status.notes, queue }
}

function sum(status: Status, field: 'due' | 'held' | 'conflicts' | 'open'): number {
  return status.flows.reduce((total, flow) => total + flow[field], 0)
}

/** The service was told to end while it was at it. */
export function isEnding(error: unknown): boolean {
  if (error instanceof StoreError) return error.code === 'store-closed'
  return error instanceof Error && error.name === 'AbortError'
}
