/**
 * Pages by a cursor in the token. All other parameters must repeat with a token; Google warns of unexpected results
 * otherwise, and the emulator refuses, so that a caller's slip cannot pass for luck.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { invalid } from './errors.ts'

export interface Page<T> {
  readonly items: readonly T[]
  readonly nextPageToken: string | null
}

export interface PageRequest {
  readonly pageToken: string | null
  /** Null: not asked for. */
  readonly pageSize: number | null
  readonly standard: number
  readonly most: number
  readonly cap: number | null
  /** What the token is bound to. */
  readonly parameters: readonly unknown[]
}

const TOKEN = z.tuple([z.string(), z.int()])

/** `items` in the order of the listing; `seqOf` is monotone over it, rising or falling. */
export function pageOf<T>(
  items: readonly T[],
  seqOf: (item: T) => number,
  descending: boolean,
  request: PageRequest,
): Page<T> {
  const size = sizeOf(request)
  const print = createHash('sha256').update(JSON.stringify(request.parameters)).digest('base64url').slice(0, 12)
  const after = request.pageToken === null ? null : cursorOf(request.pageToken, print)
  const past = (item: T): boolean => after === null || (descending ? seqOf(item) < after : seqOf(item) > after)
  const start = items.findIndex(past)
  const page = start < 0 ? [] : items.slice(start, start + size)
  const last = page.at(-1)
  const more = last !== undefined && start + page.length < items.length
  const token = more ? Buffer.from(JSON.stringify([print, seqOf(last)])).toString('base64url') : null
  return { items: page, nextPageToken: token }
}

/** The field of an answer, left out on the last page. */
export function nextToken(page: Page<unknown>): { nextPageToken?: string } {
  return page.nextPageToken === null ? {} : { nextPageToken: page.nextPageToken }
}

function sizeOf(request: PageRequest): number {
  const { pageSize } = request
  if (pageSize !== null && pageSize < 0) throw invalid('page_size must not be negative.')
  const asked = pageSize === null || pageSize === 0 ? request.standard : Math.min(pageSize, request.most)
  return request.cap === null ? asked : Math.min(asked, request.cap)
}

function cursorOf(token: string, print: string): number {
  let parsed: unknown
  try {
    parsed = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'))
  } catch {
    throw invalid('Invalid page token.')
  }
  const found = TOKEN.safeParse(parsed)
  if (!found.success) throw invalid('Invalid page token.')
  if (found.data[0] !== print) throw invalid('The page token belongs to a request with other parameters.')
  return found.data[1]
}
