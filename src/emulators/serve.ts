/** Puts emulators on real loopback HTTP, with the real clock and real outgoing webhooks. */
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Delivery, Emulator, EmulatorPorts, WireRequest } from './emulator.ts'
import { faultScript, under, type FaultRule } from './faults.ts'

const MAX_BODY = 20 * 1024 * 1024

/** The ports of an emulator that lives in real time. `host`: the only address webhooks may go to is loopback. */
export function realPorts(): EmulatorPorts {
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    after: (ms, task) => void setTimeout(task, ms).unref(),
    deliver,
  }
}

export interface Served {
  readonly url: string
  /** Replaces the fault script. */
  faults(rules: readonly FaultRule[]): void
  close(): Promise<void>
}

export interface ServeOptions {
  /** 0 or absent: a free port. */
  readonly port?: number
  readonly faults?: readonly FaultRule[]
  /** Added before each answer, in milliseconds. */
  readonly latencyMs?: number
}

export async function serve(emulator: Emulator, options: ServeOptions = {}): Promise<Served> {
  let nextFault = faultScript(options.faults ?? [])
  let underWay = 0
  const server = createServer((incoming, outgoing) => {
    underWay += 1
    const { latencyMs = 0 } = options
    void answer(emulator, incoming, outgoing, { nextFault: (request) => nextFault(request), latencyMs, underWay }).then(
      () => {
        underWay -= 1
      },
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the emulator has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    faults: (rules) => {
      nextFault = faultScript(rules)
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Circumstances {
  readonly nextFault: (request: WireRequest) => Parameters<typeof under>[0]
  readonly latencyMs: number
  /** Requests that are being answered, this one included. */
  readonly underWay: number
}

async function answer(
  emulator: Emulator,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { nextFault, latencyMs, underWay }: Circumstances,
): Promise<void> {
  try {
    const request = { ...(await read(incoming)), underWay }
    if (latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, latencyMs))
    const response = under(nextFault(request), () => emulator.handle(request))
    if (response === null) {
      incoming.socket.destroy()
      return
    }
    const body = typeof response.body === 'string' ? Buffer.from(response.body) : response.body
    outgoing.writeHead(response.status, { ...response.headers, 'content-length': String(body.length) })
    outgoing.end(body)
  } catch (error) {
    if (!outgoing.headersSent) outgoing.writeHead(500, { 'content-type': 'text/plain' })
    outgoing.end(`the ${emulator.name} emulator failed: ${String(error)}`)
  }
}

async function read(incoming: IncomingMessage): Promise<WireRequest> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming) {
    const bytes = Buffer.from(chunk as Uint8Array)
    size += bytes.length
    if (size > MAX_BODY) throw new Error('request body too large')
    chunks.push(bytes)
  }
  const url = new URL(incoming.url ?? '/', 'http://localhost')
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers,
    body: Buffer.concat(chunks),
    address: incoming.socket.remoteAddress ?? '127.0.0.1',
  }
}

function deliver(delivery: Delivery): Promise<number | null> {
  return new Promise((resolve) => {
    const outgoing = httpRequest(
      delivery.url,
      {
        method: 'POST',
        headers: { ...delivery.headers, 'content-length': String(Buffer.byteLength(delivery.body)) },
        timeout: 30_000,
      },
      (response) => {
        response.resume()
        response.on('end', () => resolve(response.statusCode ?? null))
        response.on('error', () => resolve(null))
      },
    )
    outgoing.on('timeout', () => outgoing.destroy())
    outgoing.on('error', () => resolve(null))
    outgoing.end(delivery.body)
  })
}
