/** An emulator behind a wire on which the next state-changing request can go wrong. */
import type { Http, HttpResponse } from '../../src/connector/ports.ts'
import type { Emulator, WireRequest } from '../../src/emulators/emulator.ts'
import { under, type Fault } from '../../src/emulators/faults.ts'
import { inPieces } from '../../src/testing/memory-blobs.ts'
import type { Trial } from '../../src/testing/conformance-bench.ts'

type Trouble = Parameters<Trial['trouble']>[0]

export const START = Date.parse('2026-11-20T12:00:00Z')

const FAULTS: { readonly [trouble in NonNullable<Trouble>]: Fault } = {
  'lose-request': { kind: 'lose-request' },
  'lose-response': { kind: 'lose-response' },
  'error-before': { kind: 'answer-before', status: 502 },
  'error-after': { kind: 'answer-after', status: 502 },
  limited: {
    kind: 'answer-before',
    status: 429,
    headers: { 'retry-after': '7' },
    body: '{"extras":{"wait_seconds":7}}',
  },
}

export interface Wire {
  readonly http: Http
  trouble(next: Trouble): void
  /** As an administrator of the forum. */
  ask(method: string, path: string, body: unknown): void
}

export function wireOf(emulator: Emulator): Wire {
  let next: Trouble = null
  const send = (request: WireRequest, streams: boolean): HttpResponse | null => {
    const strikes = next !== null && request.method !== 'GET'
    const response = under(strikes && next !== null ? FAULTS[next] : null, () => emulator.handle(request))
    if (strikes) next = null
    if (response === null) return null
    const headers = Object.fromEntries(
      Object.entries(response.headers).map(([name, value]) => [name.toLowerCase(), value]),
    )
    const { status, body } = response
    if (streams && status >= 200 && status < 300)
      return { status, headers, body: '', bytes: inPieces(Buffer.from(body)) }
    return { status, headers, body: body.toString() }
  }
  return {
    http: {
      send({ method, url, headers, body, streams }) {
        const { pathname, searchParams, host } = new URL(url)
        const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
        const request = {
          method,
          path: pathname,
          query: searchParams,
          headers: { ...lower, host },
          address: '10.0.0.1',
        }
        const response = send({ ...request, body: Buffer.from(body ?? '') }, streams === true)
        return response === null ? Promise.reject(new Error('connection lost')) : Promise.resolve(response)
      },
    },
    trouble: (wanted) => {
      next = wanted
    },
    ask: (method, path, body) =>
      void emulator.handle({
        method,
        path,
        query: new URLSearchParams(),
        headers: { 'api-key': 'api-key', 'api-username': 'sync_bot', 'content-type': 'application/json' },
        body: Buffer.from(JSON.stringify(body)),
        address: '10.0.0.9',
      }),
  }
}
