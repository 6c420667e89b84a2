/** The connection to one base: who calls, what a refusal says, and its records. */
import {
  ConnectorError,
  failedAs,
  httpClient,
  jsonIn,
  queryText,
  type Client,
  type Clock,
  type Failure,
  type HttpResponse,
  type RequestOptions,
  type Runtime,
} from '../../connector/index.ts'
import { drawsOf, type Config } from './config.ts'
import { tablesOf, type Table } from './table.ts'
import { records, refusal, type WireRecord } from './wire.ts'

export interface Api {
  readonly client: Client
  /** Of the host that takes bytes. */
  readonly content: Client
  readonly config: Config
  readonly tables: readonly Table[]
  readonly clock: Clock
}

/** Nothing is answered for so long once a limit was passed. */
const LOCKED_OUT_MS = 30_000

export function connect(config: Config, runtime: Runtime): Api {
  const clientOf = (baseUrl: string): Client =>
    httpClient(
      {
        baseUrl,
        headers: { authorization: `Bearer ${config.token}` },
        draw: drawsOf(config),
        failure,
        words,
        limitedMs: LOCKED_OUT_MS,
      },
      runtime,
    )
  return {
    client: clientOf(config.baseUrl),
    content: clientOf(config.contentUrl),
    config,
    tables: tablesOf(config),
    clock: runtime.clock,
  }
}

const FAILURES: Readonly<Record<string, Failure>> = {
  ROW_DOES_NOT_EXIST: 'stale',
  LIST_RECORDS_ITERATOR_NOT_AVAILABLE: 'cursor-expired',
  INVALID_OFFSET_VALUE: 'cursor-expired',
}

function failure(response: HttpResponse): Failure | null {
  return response.status === 422 ? (FAILURES[refusalIn(response)?.type ?? ''] ?? null) : null
}

function words(response: HttpResponse): string | null {
  const told = refusalIn(response)
  if (told === null) return null
  return told.message === undefined ? told.type : `${told.message} (${told.type})`
}

function refusalIn({ body }: HttpResponse): { type: string; message?: string | undefined } | null {
  return refusal.safeParse(jsonIn(body)).data ?? null
}

/** What has to be known of a table to read it. */
export type Readable = Pick<Table, 'name' | 'names' | 'byId'>

export function pathOf({ config }: Api, { name }: Pick<Table, 'name'>): string {
  return `/v0/${config.base}/${encodeURIComponent(name)}`
}

const PAGE_SIZE = 100
export const MOST_IDS = 100
/** Airtable takes addresses of 16,000 characters at most; the place in a list comes on top of this. */
const MOST_ADDRESS = 15_000

export interface Asked {
  readonly formula?: string | undefined
  readonly offset?: string | undefined
  readonly pageSize?: number
  readonly headed?: RequestOptions<never>['headed']
}

/**
 * A field that is not there any more is refused, where a record read by itself would not tell it from an empty one. What is
 * too long for an address goes in a body.
 */
export async function page(api: Api, table: Readable, { formula, offset, pageSize = PAGE_SIZE, headed }: Asked) {
  const { byId, names } = table
  const path = pathOf(api, table)
  const query = {
    pageSize,
    returnFieldsByFieldId: byId ? true : undefined,
    fields: names,
    filterByFormula: formula,
  }
  const answered = { as: records, ...(headed === undefined ? {} : { headed }) }
  return api.config.baseUrl.length + path.length + queryText(query).length > MOST_ADDRESS
    ? await api.client.post(`${path}/listRecords`, { body: { ...query, offset }, ...answered })
    : await api.client.get(path, { query: { ...query, offset }, ...answered })
}

/** Those of these records that are there, by their ids. */
export async function recordsBy(
  api: Api,
  table: Readable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, WireRecord>> {
  const found = new Map<string, WireRecord>()
  for (let from = 0; from < ids.length; from += MOST_IDS) {
    const some = ids.slice(from, from + MOST_IDS).map((id) => `RECORD_ID()=${quoted(id)}`)
    const formula = some.length === 1 ? some[0] : `OR(${some.join(',')})`
    for (let offset: string | undefined, more = true; more; more = offset !== undefined) {
      const answer = await page(api, table, { formula, offset })
      for (const each of answer.records) found.set(each.id, each)
      offset = answer.offset
    }
  }
  return found
}

/** As a text in a formula. */
export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

export function isForbidden(error: unknown): error is ConnectorError {
  return failedAs(error, 'forbidden')
}
