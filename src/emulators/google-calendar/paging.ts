/**
 * Pages and sync tokens, alike for events and for the list of calendars. A page token is bound to its query and a sync
 * token to the parameters that must repeat; Google calls the rest undefined, and the emulator refuses it.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { gone, invalid } from './errors.ts'
import type { World } from './state.ts'

const DAY_MS = 86_400_000

export interface Listed<T> {
  /** Orders the list; unique in it. */
  readonly key: string
  readonly item: T
}

export interface ListRequest<T> {
  readonly world: World
  /** The list and whose view of it. */
  readonly resource: readonly string[]
  readonly pageToken: string | null
  readonly syncToken: string | null
  readonly maxResults: number | null
  readonly standard: number
  readonly most: number
  /** Of the query, as far as it must repeat with a page token, and with a sync token. */
  readonly pageParameters: readonly unknown[]
  readonly syncParameters: readonly unknown[]
  /** Whether the last page tells a sync token. */
  readonly syncable: boolean
  /** What has changed after a version, or all where there is none. */
  items(since: number | null): readonly Listed<T>[]
}

export interface ListedPage<T> {
  readonly items: readonly T[]
  readonly next: { readonly nextPageToken?: string; readonly nextSyncToken?: string }
}

const PAGE = z.tuple([z.string(), z.string(), z.int()])
const SYNC = z.tuple([z.string(), z.string(), z.int(), z.int()])

/**
 * The sync token of the last page is as old as the first page, so that what changes while a caller pages is told again.
 */
export function listPage<T>(request: ListRequest<T>): ListedPage<T> {
  const { world, resource, syncToken, pageToken } = request
  const list = printOf(resource)
  const syncPrint = printOf(request.syncParameters)
  const pagePrint = printOf([resource, syncToken, request.pageParameters])
  const size = sizeOf(request)
  const since = syncToken === null ? null : versionOf(world, syncToken, list, syncPrint)
  const [after, version] = pageToken === null ? ['', world.version] : positionOf(pageToken, pagePrint)
  const left = request
    .items(since)
    .filter(({ key }) => key > after)
    .toSorted((one, other) => (one.key < other.key ? -1 : 1))
  const isEmpty = left.length > 0 && world.rules.emptyPages > 0 && world.ports.random() < world.rules.emptyPages
  const page = isEmpty ? [] : left.slice(0, size)
  const items = page.map(({ item }) => item)
  if (left.length > page.length) {
    const nextPageToken = encode([pagePrint, page.at(-1)?.key ?? after, version])
    return { items, next: { nextPageToken } }
  }
  if (!request.syncable) return { items, next: {} }
  return { items, next: { nextSyncToken: encode([list, syncPrint, version, world.ports.now()]) } }
}

function sizeOf({ maxResults, standard, most, world }: ListRequest<unknown>): number {
  if (maxResults !== null && maxResults < 1) throw invalid('Bad Request', 'maxResults')
  const asked = Math.min(maxResults ?? standard, most)
  return world.rules.pageCap === null ? asked : Math.min(asked, world.rules.pageCap)
}

function positionOf(token: string, print: string): [string, number] {
  const [bound, key, version] = decoded(PAGE, token) ?? []
  if (bound !== print || key === undefined || version === undefined)
    throw invalid('Invalid page token value.', 'pageToken')
  return [key, version]
}

function versionOf(world: World, token: string, list: string, print: string): number {
  const [ofList, bound, version, issued] = decoded(SYNC, token) ?? []
  if (ofList !== list || version === undefined || issued === undefined) throw gone('fullSyncRequired')
  if (version < world.tokensFrom || world.ports.now() >= issued + world.rules.syncTokenDays * DAY_MS)
    throw gone('fullSyncRequired')
  if (bound !== print)
    throw invalid('The query parameters differ from those of the first synchronization.', 'syncToken')
  return version
}

function printOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 12)
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function decoded<T>(schema: z.ZodType<T>, token: string): T | null {
  try {
    const parsed = schema.safeParse(JSON.parse(Buffer.from(token, 'base64url').toString('utf8')))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}
