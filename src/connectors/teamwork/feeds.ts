/**
 * What changed, and what there is. Each list is read by when its rows were changed, newest first: a row that moves while
 * pages are read then comes twice, and is not skipped. How far it was read is told by the times that Teamwork writes, so no
 * clock of this machine has to agree with it.
 */
import { z } from 'zod'
import { ConnectorError, type Call, type Change, type Feed, type Page } from '../../connector/index.ts'
import { PAGE_SIZE, type Api, type Query, type Rows } from './api.ts'
import { isProject } from './items.ts'

/** A list of rows with times of change, over some projects. */
export interface Stream<Row> {
  readonly kinds: readonly string[]
  /** Rows of one page, changed after an instant, or all. */
  page(api: Api, query: Query, after: string | null): Promise<Rows<Row>>
  /** When it changed last. */
  changedAt(row: Row): string | null
  changes(call: Call<Api>, row: Row): readonly Change[]
  /** What a listing tells beside these rows, as far as they have not told it themselves. */
  rest?(call: Call<Api>): Promise<readonly Change[]>
  /** The rows that a listing asks for. */
  readonly listed: Query
}

/** How far the clock of the site may be behind ours when a feed begins. */
const CLOCKS_MS = 10 * 60_000
/** Teamwork cuts large answers to six months without a word: what is older than this is listed instead. */
const LONGEST_MS = 150 * 24 * 3600_000

const cursorShape = z.object({ form: z.literal(1), after: z.iso.datetime() })
const placeShape = z.object({ form: z.literal(1), page: z.int().min(1) })

export function feedOf<Row>(stream: Stream<Row>): Feed<Api> {
  return {
    kinds: stream.kinds,
    pull: (call, cursor) => pull(stream, call, cursor),
    list: (...at) => list(stream, ...at),
  }
}

async function* pull<Row>(stream: Stream<Row>, call: Call<Api>, cursor: string | null): AsyncGenerator<Page> {
  const { api } = call
  const now = api.clock.now()
  const after = cursor === null ? instant(now - CLOCKS_MS) : parsed(cursor, cursorShape).after
  const before = JSON.stringify({ form: 1, after })
  const projects = call.scopes.filter(isProject)
  if (cursor === null || projects.length === 0) {
    yield { changes: [], cursor: before }
    return
  }
  if (now - Date.parse(after) > LONGEST_MS)
    throw new ConnectorError('cursor-expired', `nothing was read since ${after}`)
  const from = instant(Date.parse(after) - api.config.overlapSeconds * 1000)
  let latest = after
  for (let page = 1; ; page += 1) {
    const query = { ...pageOf(page), projectIds: projects.join(','), orderMode: 'desc' }
    const { rows, more } = await stream.page(api, query, from)
    for (const row of rows) latest = later(latest, stream.changedAt(row))
    const changes = once(rows.flatMap((row) => stream.changes(call, row)))
    // Until the last page nothing is behind us: a crash repeats them all.
    yield { changes, cursor: more ? before : JSON.stringify({ form: 1, after: latest }) }
    if (!more) return
  }
}

/** Deleted rows are asked for and not told, so that a deletion moves no row to a page that was read. */
async function* list<Row>(stream: Stream<Row>, call: Call<Api>, position: string | null): AsyncGenerator<Page> {
  if (!isProject(call.scope)) {
    yield { changes: [], cursor: '', complete: true }
    return
  }
  const start = position === null ? 1 : parsed(position, placeShape).page
  const known = new Set<string>()
  for (let page = start; ; page += 1) {
    const query = { ...pageOf(page), projectIds: call.scope, orderMode: 'asc', ...stream.listed }
    const { rows, more } = await stream.page(call.api, query, null)
    const told = rows.flatMap((row) => stream.changes(call, row)).filter((each) => !('gone' in each))
    for (const each of told) if ('values' in each) known.add(nameOf(each))
    const rest = more ? [] : ((await stream.rest?.(call)) ?? []).filter((each) => !known.has(nameOf(each)))
    const changes = once([...told, ...rest])
    const cursor = JSON.stringify({ form: 1, page: page + 1 })
    yield more ? { changes, cursor } : { changes, cursor, complete: true }
    if (!more) return
  }
}

const pageOf = (page: number): Query => ({ page, pageSize: PAGE_SIZE })

/** The last that is said of each: many tasks are in one list. */
function once(changes: readonly Change[]): readonly Change[] {
  return [...new Map(changes.map((each) => [nameOf(each), each])).values()]
}

function nameOf({ kind, ref }: Change): string {
  return `${kind} ${ref}`
}

/** In whole seconds, as Teamwork compares them. */
function instant(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString()
}

function later(one: string, two: string | null): string {
  return two !== null && two > one ? two : one
}

/** A place that this connector wrote itself, in this form or an older one. */
export function parsed<T>(text: string, shape: z.ZodType<T>): T {
  try {
    return shape.parse(JSON.parse(text))
  } catch {
    throw new ConnectorError('cursor-expired', 'the cursor is not one of this connector')
  }
}
