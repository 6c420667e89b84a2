/** A network of emulated systems in virtual time: each address answers through its emulator, after a latency. */
import type { Http, HttpRequest, HttpResponse } from '../connector/ports.ts'
import type { Emulator, WireRequest } from '../emulators/emulator.ts'
import { under, type Fault } from '../emulators/faults.ts'
import { inPieces } from './memory-blobs.ts'
import type { VirtualTime } from './virtual-time.ts'

export interface NetworkOptions {
  readonly time: VirtualTime
  /** Milliseconds there, and as many back. */
  readonly latency: () => number
  readonly fault?: (request: WireRequest, host: string) => Fault | null
  readonly seen?: (request: WireRequest, host: string, status: number | null) => void
}

/** `hosts`: origin ("http://chat.test") → emulator. A caller that died gets no answer; what it sent takes effect. */
export function networkOf(
  hosts: ReadonlyMap<string, Emulator>,
  options: NetworkOptions,
): (alive: () => boolean) => Http {
  const { time } = options
  /** By origin: requests that arrived, and whose answers have not. */
  const underWay = new Map<string, number>()
  const count = (origin: string, by: number): number => {
    const counted = (underWay.get(origin) ?? 0) + by
    underWay.set(origin, counted)
    return counted
  }
  const answer = (request: HttpRequest): HttpResponse | null => {
    const url = new URL(request.url)
    const wire = { ...wireOf(request, url), underWay: count(url.origin, 1) }
    const emulator = hosts.get(url.origin)
    if (emulator === undefined) return null
    const response = under(options.fault?.(wire, url.host) ?? null, () => emulator.handle(wire))
    options.seen?.(wire, url.host, response?.status ?? null)
    if (response === null) return null
    const { status, headers, body } = response
    if (request.streams === true && status >= 200 && status < 300)
      return { status, headers, body: '', bytes: inPieces(Buffer.from(body)) }
    return { status, headers, body: String(body) }
  }
  return (alive) => ({
    send: (request) =>
      new Promise((resolve, reject) => {
        if (!alive()) return
        const there = options.latency()
        time.after(there, () => {
          const response = answer(request)
          time.after(there, () => {
            count(new URL(request.url).origin, -1)
            if (!alive()) return
            if (response === null) reject(new Error('connection lost'))
            else resolve(response)
          })
        })
      }),
  })
}

function wireOf(request: HttpRequest, url: URL): WireRequest {
  return {
    method: request.method,
    path: url.pathname,
    query: url.searchParams,
    headers: {
      host: url.host,
      ...Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value])),
    },
    body: Buffer.from(request.body ?? ''),
    address: '10.0.0.1',
  }
}
