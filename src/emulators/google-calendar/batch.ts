/** Many calls in one request: each part is a request of its own, with its own answer, its own quota and its own fate. */
import type { WireRequest, WireResponse } from '../emulator.ts'
import { CalendarError, errorResponse, invalid } from './errors.ts'

interface Part {
  readonly contentId: string | null
  readonly request: WireRequest | null
}

const HEAD_END = /\r?\n\r?\n/

/** Headers of the whole count for each part, apart from those of its content. */
export function answerBatch(
  outer: WireRequest,
  most: number,
  handle: (request: WireRequest) => WireResponse,
): WireResponse {
  const boundary = /^multipart\/mixed\s*;.*boundary="?([^";]+)"?/i.exec(outer.headers['content-type'] ?? '')?.[1]
  if (boundary === undefined) return errorResponse(invalid('A batch is multipart/mixed with a boundary.'))
  const parts = partsOf(outer, boundary)
  if (parts.length === 0) return errorResponse(invalid('The batch holds no call.'))
  if (parts.length > most)
    return errorResponse(
      new CalendarError({
        code: 400,
        reason: 'badRequest',
        message: `The batch request holds ${parts.length} calls, the limit is ${most}.`,
      }),
    )
  const answers = parts.map(({ contentId, request }) => {
    const answer = request === null ? errorResponse(invalid('Failed to parse batch request.')) : handle(request)
    return `--${boundary}_answer\r\n${partText(contentId, answer)}\r\n`
  })
  return {
    status: 200,
    headers: { 'content-type': `multipart/mixed; boundary=${boundary}_answer` },
    body: `${answers.join('')}--${boundary}_answer--\r\n`,
  }
}

function partsOf(outer: WireRequest, boundary: string): Part[] {
  const shared = Object.fromEntries(Object.entries(outer.headers).filter(([name]) => !name.startsWith('content-')))
  const [, ...chunks] = `\n${outer.body.toString('utf8')}`.split(`\n--${boundary}`)
  return chunks
    .filter((chunk) => !chunk.startsWith('--'))
    .map((chunk) => partOf(outer, shared, chunk.replace(/^\r?\n/, '')))
}

function partOf(outer: WireRequest, shared: Readonly<Record<string, string>>, chunk: string): Part {
  const [outside, inside] = cut(chunk)
  const contentId = headersOf(outside.split(/\r?\n/))['content-id'] ?? null
  const [head, body] = cut(inside)
  const [line = '', ...headers] = head.split(/\r?\n/)
  const [, method, target] = /^([A-Z]+) (\/\S*)( HTTP\/[\d.]+)?$/.exec(line.trim()) ?? []
  if (method === undefined || target === undefined) return { contentId, request: null }
  const url = new URL(target, 'http://localhost')
  return {
    contentId,
    request: {
      method,
      path: url.pathname,
      query: url.searchParams,
      headers: { ...shared, ...headersOf(headers) },
      body: Buffer.from(body.replace(/\r?\n$/, '')),
      address: outer.address,
    },
  }
}

function cut(text: string): [string, string] {
  const end = HEAD_END.exec(text)
  return end === null ? [text, ''] : [text.slice(0, end.index), text.slice(end.index + end[0].length)]
}

function headersOf(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim()
  }
  return headers
}

const PHRASES: Readonly<Record<number, string>> = { 200: 'OK', 204: 'No Content', 304: 'Not Modified' }

function partText(contentId: string | null, { status, headers, body }: WireResponse): string {
  const id = contentId === null ? '' : `Content-ID: ${contentId.replace(/^<?/, '<response-').replace(/>?$/, '>')}\r\n`
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = `HTTP/1.1 ${status} ${PHRASES[status] ?? 'Error'}\r\n${lines.join('')}`
  return `Content-Type: application/http\r\n${id}\r\n${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body.toString()}`
}
