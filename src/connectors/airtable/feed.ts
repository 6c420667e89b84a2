/** What changed, and what there is: one feed for all tables of the base. */
import { z } from 'zod'
import { ConnectorError, failedAs, type Call, type Change, type Feeds, type Page } from '../../connector/index.ts'
import { page, recordsBy, type Api } from './api.ts'
import { BASE, type Config } from './config.ts'
import { beginning, hooksPath, KEPT_MS, type Place } from './hook.ts'
import { baseChange, changeOf } from './items.ts'
import { poll } from './polling.ts'
import { schemaOf } from './schema.ts'
import { isTableId, type Table } from './table.ts'
import { payloads, type WirePayload } from './wire.ts'

export const FEED = 'records'

export function feedsOf({ tables, changes }: Config): Feeds<Api> {
  return { [FEED]: { kinds: [BASE, ...Object.keys(tables)], pull: changes === 'webhooks' ? pull : poll, list } }
}

const cursorShape = z.object({ form: z.literal(1), hook: z.string(), next: z.int(), readAt: z.number() })

/** A place is kept anew at most so often where nothing is new. */
const KEPT_EVERY_MS = 3600_000
const MOST_PAYLOADS = 50

async function* pull(call: Call<Api>, cursor: string | null): AsyncGenerator<Page> {
  const { api } = call
  const now = api.clock.now()
  const { readAt, ...from } = cursor === null ? { ...(await beginning(api)), readAt: now } : placeOf(cursor)
  // A webhook that nobody read for so long is dead, and notes no more.
  if (now - readAt > KEPT_MS - KEPT_EVERY_MS) throw expired('the list of changes was not read for a week')
  const kept = now - readAt > KEPT_EVERY_MS ? now : readAt
  let place: Place = from
  if (cursor !== null)
    for (let more = true; more;) {
      const read = await portion(api, place)
      place = { ...place, next: read.next }
      more = read.more
      if (more) yield { changes: await changesIn(call, read.payloads), cursor: cursorOf(place, now) }
      else if (read.payloads.length > 0)
        return yield { changes: await changesIn(call, read.payloads), cursor: cursorOf(place, now) }
    }
  yield { changes: [], cursor: cursorOf(place, kept) }
}

function cursorOf({ hook, next }: Place, readAt: number): string {
  return JSON.stringify({ form: 1, hook, next, readAt })
}

function placeOf(cursor: string): z.infer<typeof cursorShape> {
  try {
    return cursorShape.parse(JSON.parse(cursor))
  } catch {
    throw expired('the cursor is of another form')
  }
}

interface Portion {
  readonly payloads: readonly WirePayload[]
  readonly next: number
  readonly more: boolean
}

/** Changes are counted: where the numbers go further than the list is long, some are lost. */
async function portion(api: Api, { hook, next }: Place): Promise<Portion> {
  const answer = await api.client
    .get(hooksPath(api, hook, 'payloads'), { query: { cursor: next, limit: MOST_PAYLOADS }, as: payloads })
    .catch((error: unknown) => {
      if (failedAs(error, 'missing')) throw expired('the webhook is gone')
      throw error
    })
  const broken = answer.payloads.find(({ error }) => error === true)
  if (broken !== undefined) throw expired(`the webhook tells an error: ${broken.code ?? 'without a code'}`)
  if (answer.cursor - next > answer.payloads.length) throw expired('changes were dropped before they were read')
  return { payloads: answer.payloads, next: answer.cursor, more: answer.mightHaveMore }
}

/** Of what was made or changed only the ids are used: the records are read as they are now, a hundred in a call. */
async function changesIn(call: Call<Api>, portions: readonly WirePayload[]): Promise<readonly Change[]> {
  const { api } = call
  const changes: Change[] = []
  for (const [id, touched] of touchedIn(portions)) {
    const table = await tableBy(api, id)
    if (table === null) continue
    const there = [...touched].filter(([, isThere]) => isThere).map(([ref]) => ref)
    const found = await recordsBy(api, table, there)
    for (const [ref, isThere] of touched) {
      const record = found.get(ref)
      const place = { kind: table.kind, scope: api.config.base, ref }
      if (record !== undefined) changes.push(changeOf(call, table, record))
      else changes.push(isThere ? { ...place, unread: true } : { ...place, gone: 'deleted' })
    }
  }
  return changes
}

/** By table, the records that were touched, and whether the last that was told leaves them there. */
function touchedIn(portions: readonly WirePayload[]): ReadonlyMap<string, ReadonlyMap<string, boolean>> {
  const touched = new Map<string, Map<string, boolean>>()
  for (const { changedTablesById = {} } of portions)
    for (const [id, changed] of Object.entries(changedTablesById)) {
      const records = touched.get(id) ?? new Map<string, boolean>()
      touched.set(id, records)
      const { createdRecordsById = {}, changedRecordsById = {}, destroyedRecordIds = [] } = changed
      for (const ref of [...Object.keys(createdRecordsById), ...Object.keys(changedRecordsById)]) records.set(ref, true)
      for (const ref of destroyedRecordIds) records.set(ref, false)
    }
  return touched
}

/** The list of changes names tables by their ids. Null: it is none of ours. */
async function tableBy(api: Api, id: string): Promise<Table | null> {
  const found = api.tables.find(({ name }) => name === id)
  if (found !== undefined || api.tables.every(({ name }) => isTableId(name))) return found ?? null
  const named = (await schemaOf(api)).find((each) => each.id === id)?.name
  return api.tables.find(({ name }) => name === named) ?? null
}

const inListing = z.object({ table: z.int().min(0), offset: z.string().optional() })

/** Table after table; where Airtable does not know a place any more, its table begins again. */
async function* list(call: Call<Api>, position: string | null): AsyncGenerator<Page> {
  const { api, scope } = call
  if (scope !== api.config.base) {
    yield { changes: scope === '' ? [baseChange(api)] : [], cursor: '', complete: true }
    return
  }
  let { table: at, offset } = position === null ? { table: 0, offset: undefined } : positionOf(position)
  for (;;) {
    const table = api.tables[at]
    if (table === undefined) return yield { changes: [], cursor: '', complete: true }
    const answer = await page(api, table, { offset }).catch((error: unknown) => {
      if (offset !== undefined && failedAs(error, 'cursor-expired')) return null
      throw error
    })
    offset = answer?.offset
    if (answer === null) continue
    const changes = answer.records.map((each) => changeOf(call, table, each))
    if (offset === undefined) at += 1
    const isLast = at >= api.tables.length
    yield isLast ? { changes, cursor: '', complete: true } : { changes, cursor: JSON.stringify({ table: at, offset }) }
    if (isLast) return
  }
}

function positionOf(position: string): z.infer<typeof inListing> {
  try {
    return inListing.parse(JSON.parse(position))
  } catch {
    throw new ConnectorError('rejected', 'not a place in a listing of records')
  }
}

function expired(why: string): ConnectorError {
  return new ConnectorError('cursor-expired', why)
}
