/** The HTTP client of connectors: limits, authentication, size and time bounds, failures by status, parsed answers. */
import type { ZodType } from 'zod'
import { ConnectorError, type Failure } from './failure.ts'
import type { Bytes } from './blobs.ts'
import { jsonIn } from './json.ts'
import type { Draws, HttpResponse, Runtime, Sending } from './ports.ts'
import { beginning } from './values.ts'

const TIMEOUT_MS = 30_000
const MAX_BYTES = 16 * 1024 * 1024

type QueryValue = string | number | boolean | readonly (string | number)[] | undefined

export interface RequestOptions<T> {
  readonly query?: { readonly [name: string]: QueryValue }
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as they are, instead of `body`. */
  readonly sends?: Sending & { readonly type: string }
  readonly headers?: Readonly<Record<string, string>>
  /** In addition to the client's own. */
  readonly draw?: Draws
  /** A redirect is an answer, `{ location }`: the target is told and not followed. */
  readonly redirect?: 'answer'
  /** Parses the answer; absent: the answer is not looked at. */
  readonly as?: ZodType<T>
  /** Is handed the headers of a good answer, their names in lower case. */
  readonly headed?: (headers: HttpResponse['headers']) => void
}

export interface ClientOptions {
  readonly baseUrl: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sends the connection's bearer token, and repeats a request once with a new token when the old one is refused. */
  readonly bearer?: true
  readonly draw: Draws
  /** The header that tells when a limit is over, in seconds since 1970; asked where there is no Retry-After. */
  readonly resets?: string
  /** How long a limit lasts, in milliseconds, where no answer ever tells. */
  readonly limitedMs?: number
  /** Names the failure of an answer where the status alone does not: null falls back to the status. */
  failure?(response: HttpResponse): Failure | null
  /** The system's own words in an error answer; null: it has none, and its text is told as it is. */
  words?(response: HttpResponse): string | null
}

export interface Client {
  get<T>(path: string, options?: RequestOptions<T>): Promise<T>
  post<T>(path: string, options?: RequestOptions<T>): Promise<T>
  put<T>(path: string, options?: RequestOptions<T>): Promise<T>
  patch<T>(path: string, options?: RequestOptions<T>): Promise<T>
  delete<T>(path: string, options?: RequestOptions<T>): Promise<T>
  /**
   * The bytes of the answer. They draw on the limits until the last one was taken, so they are read to their end, or
   * given up (`break`). An address of another host is asked without this client's headers and credentials.
   */
  download(path: string, options?: DownloadOptions): Promise<Bytes>
}

export interface DownloadOptions extends Pick<RequestOptions<never>, 'query' | 'headers' | 'draw'> {
  /** Absent: whoever reads bounds them. */
  readonly maxBytes?: number
}

export function httpClient(options: ClientOptions, runtime: Runtime): Client {
  const call =
    (method: string) =>
    async <T>(path: string, request: RequestOptions<T> = {}): Promise<T> => {
      const response = await exchange(options, runtime, method, path, request)
      request.headed?.(response.headers)
      return parse(response, request, nameOf(method, path))
    }
  return {
    get: call('GET'),
    post: call('POST'),
    put: call('PUT'),
    patch: call('PATCH'),
    delete: call('DELETE'),
    async download(path, request = {}) {
      const { bytes } = await exchange(options, runtime, 'GET', path, { ...request, streams: true })
      if (bytes === undefined)
        throw new ConnectorError('unavailable', `the answer to ${nameOf('GET', path)} did not stream`)
      return bytes
    },
  }
}

/** As a request is made: also what only downloads say. */
interface Exchange<T> extends RequestOptions<T> {
  readonly streams?: true
  readonly maxBytes?: number
}

async function exchange<T>(
  options: ClientOptions,
  runtime: Runtime,
  method: string,
  path: string,
  request: Exchange<T>,
): Promise<HttpResponse> {
  const draws = { ...options.draw, ...request.draw }
  const token = options.bearer === undefined || isElsewhere(options, path) ? null : await runtime.tokens.bearer()
  const first = await once(options, runtime, method, path, request, draws, token)
  if (first.status !== 401 || token === null) return checked(options, request, first)
  runtime.tokens.refused(token)
  const second = await once(options, runtime, method, path, request, draws, await runtime.tokens.bearer())
  return checked(options, request, second)
}

async function once<T>(
  options: ClientOptions,
  runtime: Runtime,
  method: string,
  path: string,
  request: Exchange<T>,
  draws: Draws,
  token: string | null,
): Promise<HttpResponse> {
  const own = isElsewhere(options, path) ? {} : options.headers
  const headers: Record<string, string> = { accept: 'application/json', ...own, ...request.headers }
  if (request.streams !== undefined) headers['accept'] = request.headers?.['accept'] ?? '*/*'
  if (token !== null) headers['authorization'] = `Bearer ${token}`
  if (request.body !== undefined) headers['content-type'] = 'application/json'
  if (request.sends !== undefined) headers['content-type'] = request.sends.type
  const send = async (): Promise<HttpResponse> => {
    const response = await runtime.http
      .send({
        method,
        url: (/^https?:/.test(path) ? path : options.baseUrl.replace(/\/$/, '') + path) + queryText(request.query),
        headers,
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
        ...(request.sends === undefined ? {} : { sends: request.sends }),
        ...(request.streams === undefined ? {} : { streams: request.streams }),
        timeoutMs: TIMEOUT_MS,
        maxBytes: request.maxBytes ?? (request.streams === undefined ? MAX_BYTES : Number.MAX_SAFE_INTEGER),
      })
      .catch((error: unknown) => {
        throw unanswered(nameOf(method, path), error)
      })
    if ((options.failure?.(response) ?? failureOf(response.status)) === 'limited')
      throw errorOf(options, response, runtime)
    return response
  }
  if (request.streams === undefined) return runtime.limits.within(draws, send)
  return new Promise((resolve, reject) => {
    const taken = async (): Promise<void> => {
      const response = await send()
      const { bytes } = response
      if (bytes === undefined) resolve(response)
      else await new Promise<void>((end) => resolve({ ...response, bytes: until(bytes, nameOf(method, path), end) }))
    }
    runtime.limits.within(draws, taken).catch(reject)
  })
}

/** What failed between two systems may pass; `end` is told when nothing comes any more, for whatever reason. */
function until(bytes: Bytes, what: string, end: () => void): Bytes {
  return {
    [Symbol.asyncIterator]() {
      const pieces = bytes[Symbol.asyncIterator]()
      return {
        async next() {
          try {
            const piece = await pieces.next()
            if (piece.done === true) end()
            return piece
          } catch (error) {
            end()
            throw unanswered(what, error)
          }
        },
        async return() {
          end()
          await pieces.return?.()
          return { done: true, value: undefined }
        },
      }
    },
  }
}

function unanswered(what: string, error: unknown): ConnectorError {
  if (error instanceof ConnectorError) return error
  return new ConnectorError('unavailable', `no answer to ${what}: ${messageOf(error)}`)
}

/** A call, as messages name it. An absolute address may be signed, and works for whoever has it: of that the host alone. */
function nameOf(method: string, path: string): string {
  return `${method} ${/^https?:/.test(path) ? new URL(path).origin : path}`
}

/** An absolute address, of a host that is not the client's own. */
function isElsewhere({ baseUrl }: ClientOptions, path: string): boolean {
  return /^https?:/.test(path) && new URL(path).origin !== new URL(baseUrl).origin
}

function checked<T>(options: ClientOptions, request: RequestOptions<T>, response: HttpResponse): HttpResponse {
  const location = response.headers['location']
  if (request.redirect === 'answer' && location !== undefined && response.status >= 300 && response.status < 400)
    return { ...response, body: JSON.stringify({ location }) }
  if (response.status >= 200 && response.status < 300 && (options.failure?.(response) ?? null) === null) return response
  throw errorOf(options, response, null)
}

function errorOf(options: ClientOptions, response: HttpResponse, runtime: Runtime | null): ConnectorError {
  const failure = options.failure?.(response) ?? failureOf(response.status)
  const words = options.words?.(response) ?? plainly(response.body)
  const retryAfterMs =
    runtime === null ? undefined : (retryAfter(response, options.resets, runtime.clock.now()) ?? options.limitedMs)
  return new ConnectorError(failure, `${response.status}: ${words}`, {
    status: response.status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

/** Limiters and proxies answer in plain text, or with a page. */
function plainly(body: string): string {
  if (body.trimStart().startsWith('<')) return 'a page instead of an answer'
  return beginning(body.replaceAll(/\s+/g, ' ').trim(), 300) || 'no reason is given'
}

/** A redirect is `rejected`: it is never followed, so that credentials go to the configured host alone. */
export function failureOf(status: number): Failure {
  if (status === 401) return 'unauthorized'
  if (status === 403) return 'forbidden'
  if (status === 404 || status === 410) return 'missing'
  if (status === 409 || status === 412) return 'stale'
  if (status === 429) return 'limited'
  if (status === 408 || status >= 500) return 'unavailable'
  return 'rejected'
}

function parse<T>(response: HttpResponse, request: RequestOptions<T>, what: string): T {
  if (request.as === undefined) return undefined as T
  const body = response.body === '' ? {} : jsonIn(response.body)
  if (body === undefined)
    throw new ConnectorError('unavailable', `the answer to ${what} is not JSON`, { unreadable: true })
  const parsed = request.as.safeParse(body)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new ConnectorError(
    'unavailable',
    `the answer to ${what} has another shape: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
    { unreadable: true },
  )
}

/** What follows the path: empty, or from the question mark on. */
export function queryText(query: RequestOptions<unknown>['query']): string {
  const pairs = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined) continue
    if (typeof value === 'object') for (const each of value) pairs.append(`${name}[]`, String(each))
    else pairs.append(name, String(value))
  }
  const text = pairs.toString()
  return text === '' ? '' : `?${text}`
}

/** Seconds or an HTTP date, else the moment that another header tells. */
function retryAfter(response: HttpResponse, resets: string | undefined, now: number): number | undefined {
  const value = response.headers['retry-after']
  const reset = response.headers[resets ?? '']
  if (value === undefined)
    return reset !== undefined && /^\d+$/.test(reset) ? Math.max(0, Number(reset) * 1000 - now) : undefined
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
