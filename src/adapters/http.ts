/** The HTTP client: connections that are kept open, bounds on time and size, redirects handed back as they are. */
import { Agent, request as plainRequest, type IncomingMessage } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'
import type { Http, HttpRequest, HttpResponse } from '../connector/ports.ts'

const SOCKETS_PER_HOST = 64
/** Servers drop idle connections after a while: a request must not meet one that is just being dropped. */
const IDLE_MS = 4000

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

function exchange(
  { method, url, headers, body, timeoutMs, maxBytes }: HttpRequest,
  plain: Agent,
  secure: SecureAgent,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const { protocol, hostname, port, pathname, search, username, password } = new URL(url)
    const isSecure = protocol === 'https:'
    const settings = {
      // The brackets of an address of IPv6 belong to the URL.
      hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
      port,
      path: pathname + search,
      method,
      ...(username === '' ? {} : { auth: `${decodeURIComponent(username)}:${decodeURIComponent(password)}` }),
      headers: body === undefined ? headers : { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      agent: isSecure ? secure : plain,
    }
    const receive = (answer: IncomingMessage): void => collect(answer, maxBytes, done, fail)
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
    outgoing.end(body)
  })
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
