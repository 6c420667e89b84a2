/** The HTTP client: connections that are kept open, bounds on time and size, redirects handed back as they are. */
import { Agent, request as plainRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Bytes } from '../connector/blobs.ts'
import type { Http, HttpRequest, HttpResponse } from '../connector/ports.ts'

const SOCKETS_PER_HOST = 64
/** Servers drop idle connections after a while: a request must not meet one that is just being dropped. */
const IDLE_MS = 4000
/** Why nothing streams is told in so many bytes at most. */
const WORDS_BYTES = 1024 * 1024

export interface HttpClient extends Http {
  /** Drops the connections that are kept open, so that the process can end. */
  close(): void
}

/** `seen` is called with the headers of every answer and the milliseconds that it took. */
export function createHttp(seen: (request: HttpRequest, response: HttpResponse, tookMs: number) => void): HttpClient {
  const options = { keepAlive: true, maxSockets: SOCKETS_PER_HOST, timeout: IDLE_MS }
  const plain = new Agent(options)
  const secure = new SecureAgent(options)
  return {
    async send(request) {
      const began = performance.now()
      const response = await exchange(request, plain, secure)
      seen(request, response, performance.now() - began)
      return response
    },
    close() {
      plain.destroy()
      secure.destroy()
    },
  }
}

function exchange(request: HttpRequest, plain: Agent, secure: SecureAgent): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const { url, timeoutMs, maxBytes, sends } = request
    const isSecure = new URL(url).protocol === 'https:'
    const settings = { ...settingsOf(request), agent: isSecure ? secure : plain }
    let answered = false
    const receive = (answer: IncomingMessage): void => {
      answered = true
      if (request.streams === undefined || !isGood(answer))
        return collect(answer, request.streams === undefined ? maxBytes : Math.min(maxBytes, WORDS_BYTES), done, fail)
      done({ status: answer.statusCode ?? 0, headers: headersOf(answer), body: '', bytes: pieces(answer, request) })
    }
    const outgoing = isSecure ? secureRequest(settings, receive) : plainRequest(settings, receive)
    const timer = setTimeout(() => fail(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs)
    const done = (response: HttpResponse): void => {
      clearTimeout(timer)
      resolve(response)
    }
    const fail = (error: Error): void => {
      clearTimeout(timer)
      outgoing.destroy()
      reject(error)
    }
    outgoing.on('error', fail)
    // A body that is text leaves in one piece with its headers; bytes would be written apart, at a fifth more time.
    if (sends === undefined) outgoing.end(request.body)
    else
      pipeline(Readable.from(noted(sends.bytes(), () => timer.refresh())), outgoing).catch((error: unknown) => {
        // Whoever refuses a body may answer before it has come.
        if (!answered) fail(error instanceof Error ? error : new Error(String(error)))
      })
  })
}

function settingsOf({ method, url, headers, body, sends }: HttpRequest): RequestOptions {
  const { hostname, port, pathname, search, username, password } = new URL(url)
  const length = sends?.size ?? (body === undefined ? null : Buffer.byteLength(body))
  return {
    // The brackets of an address of IPv6 belong to the URL.
    hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    port,
    path: pathname + search,
    method,
    ...(username === '' ? {} : { auth: `${decodeURIComponent(username)}:${decodeURIComponent(password)}` }),
    headers: length === null ? headers : { ...headers, 'content-length': String(length) },
  }
}

function isGood({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300
}

async function* noted(bytes: Bytes, moved: () => void): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes) {
    moved()
    yield piece
  }
}

/** Whoever takes too long over the next piece, the other end or nobody who wants it, ends the connection. */
function pieces(answer: IncomingMessage, { timeoutMs, maxBytes }: HttpRequest): Bytes {
  const expire = (): void => void answer.destroy(new Error(`nothing came for ${timeoutMs / 1000} s`))
  const unwanted = setTimeout(expire, timeoutMs)
  return (async function* () {
    clearTimeout(unwanted)
    let size = 0
    let timer = setTimeout(expire, timeoutMs)
    try {
      for await (const piece of answer as AsyncIterable<Buffer>) {
        clearTimeout(timer)
        size += piece.length
        if (size > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`)
        yield piece
        timer = setTimeout(expire, timeoutMs)
      }
    } finally {
      clearTimeout(timer)
      answer.destroy()
    }
  })()
}

function collect(
  answer: IncomingMessage,
  maxBytes: number,
  done: (response: HttpResponse) => void,
  fail: (error: Error) => void,
): void {
  const chunks: Buffer[] = []
  let size = 0
  answer.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > maxBytes) fail(new Error(`the answer is longer than ${maxBytes} bytes`))
    else chunks.push(chunk)
  })
  answer.on('error', fail)
  answer.on('aborted', () => fail(new Error('the answer ended in the middle')))
  answer.on('end', () => {
    if (answer.complete)
      done({ status: answer.statusCode ?? 0, headers: headersOf(answer), body: Buffer.concat(chunks).toString('utf8') })
    else fail(new Error('the answer ended in the middle'))
  })
}

export function headersOf(message: IncomingMessage): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(message.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  return headers
}
