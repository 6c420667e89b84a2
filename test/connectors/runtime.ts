/** What connectors are handed in tests: real HTTP or a script of answers, a clock that stands until it is moved. */
import { request as httpRequest } from 'node:http'
import { NO_DATABASES, NO_FOLDERS } from '../../src/connector/index.ts'
import type {
  Databases,
  Folders,
  Http,
  HttpRequest,
  HttpResponse,
  Page,
  Runtime,
  Tokens,
} from '../../src/connector/index.ts'

export interface TestRuntime extends Runtime {
  /** Every request that was sent, in order. */
  readonly sent: readonly HttpRequest[]
  /** The buckets that were drawn on, one entry per request. */
  readonly drawn: readonly Readonly<Record<string, string>>[]
  advance(ms: number): void
}

export interface TestRuntimeOptions {
  readonly http: Http
  readonly tokens?: Tokens
  readonly databases?: Databases
  readonly folders?: Folders
  /** Milliseconds since 1970; absent: the real clock. */
  readonly now?: number
}

export function testRuntime({ http, tokens, databases, folders, now }: TestRuntimeOptions): TestRuntime {
  const sent: HttpRequest[] = []
  const drawn: Readonly<Record<string, string>>[] = []
  let moved = 0
  return {
    sent,
    drawn,
    advance: (ms) => {
      moved += ms
    },
    clock: { now: () => (now ?? Date.now()) + moved, sleep: () => Promise.resolve() },
    random: { next: () => 0.5, hex: (bytes) => '5'.repeat(bytes * 2) },
    http: {
      send(request) {
        sent.push(request)
        return http.send(request)
      },
    },
    databases: databases ?? NO_DATABASES,
    folders: folders ?? NO_FOLDERS,
    limits: {
      within(draws, call) {
        drawn.push(draws)
        return call()
      },
    },
    tokens: tokens ?? { bearer: () => Promise.resolve('token'), refused: () => undefined },
    log: () => undefined,
  }
}

/** Real HTTP, one connection per request. */
export const loopbackHttp: Http = {
  send: (request) =>
    new Promise((resolve, reject) => {
      const outgoing = httpRequest(
        request.url,
        { method: request.method, headers: { ...request.headers }, timeout: request.timeoutMs, agent: false },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () => {
            const headers: Record<string, string> = {}
            for (const [name, value] of Object.entries(response.headers))
              if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
            resolve({ status: response.statusCode ?? 0, headers, body: Buffer.concat(chunks).toString('utf8') })
          })
        },
      )
      outgoing.on('timeout', () => outgoing.destroy(new Error('timeout')))
      outgoing.on('error', reject)
      outgoing.end(request.body)
    }),
}

/** Answers each request by a function of it: a JSON value, or a status and a JSON value; within the bound of the request. */
export function scriptedHttp(answer: (method: string, url: URL, body: unknown) => unknown): Http {
  return {
    send(request): Promise<HttpResponse> {
      const body: unknown = request.body === undefined ? undefined : JSON.parse(request.body)
      const value = answer(request.method, new URL(request.url), body)
      const given = value instanceof Answer ? value : new Answer(200, value)
      const text = JSON.stringify(given.value)
      if (Buffer.byteLength(text) > request.maxBytes) return Promise.reject(new Error('the answer is too long'))
      return Promise.resolve({ status: given.status, headers: { 'content-type': 'application/json' }, body: text })
    },
  }
}

/** An answer with a status of its own. */
export class Answer {
  readonly status: number
  readonly value: unknown
  constructor(status: number, value: unknown) {
    this.status = status
    this.value = value
  }
}

/** All pages of a feed's pull or listing. */
export async function pagesOf(pages: AsyncIterable<Page>): Promise<readonly Page[]> {
  const all: Page[] = []
  for await (const page of pages) all.push(page)
  return all
}
