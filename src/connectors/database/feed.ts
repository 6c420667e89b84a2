/** One feed for all tables, scopes and accounts; and what a scope holds. */
import { z } from 'zod'
import {
  ConnectorError,
  SqlError,
  type Call,
  type Change,
  type Feeds,
  type Page,
  type SqlRow,
} from '../../connector/index.ts'
import { failureOf, rowsOf, run, type DatabaseApi } from './api.ts'
import { take } from './capture.ts'
import { ALL, OWNER, ROWS_ON_A_PAGE, type DatabaseConfig } from './config.ts'
import { quoted, tableName, valuesFor, type Place } from './dialect.ts'
import { poll } from './polling.ts'
import { changeOf, keyOfRow, page, placeOfRow, textIn } from './rows.ts'
import { tablesOf, type Table } from './table.ts'
import { withTypes } from './refusing.ts'

export const FEED = 'rows'

export function feedsOf(config: DatabaseConfig): Feeds<DatabaseApi> {
  const captured = config.capture === 'triggers'
  const pulled = { triggers: pull, poll, off: nothing }[config.capture]
  return {
    [FEED]: {
      kinds: [OWNER, ...tablesOf(config).map(({ kind }) => kind)],
      pull: (call, cursor) => pulled(call, cursor),
      list: (call, position) => (call.scope === '' ? listOwners(call, position) : listRows(call, position)),
      ...(captured ? { listen } : {}),
    },
  }
}

/** Nobody else writes these tables: a listing tells what there is. */
async function* nothing(): AsyncIterable<Page> {
  yield { changes: [], cursor: '{}' }
}

const placed = z.record(z.string(), z.string())
/** How often a pull also drops what is old: one in so many. */
const PURGE_EVERY = 50

/** One statement for a page, however many rows it tells of. */
async function* pull(call: Call<DatabaseApi>, cursor: string | null): AsyncIterable<Page> {
  const { api } = call
  const { dialect, tables, config } = api
  const scopes = new Set(call.scopes)
  if (cursor === null) await take(api)
  for (let after = cursor === null ? null : placeOf(cursor), more = true; more;) {
    const from = after
    const read = (all: readonly Table[]) => run(api, dialect.changes(all, config.captureSchema, from))
    const step = dialect.changed(await withTypes(api, tables, read), from)
    yield { changes: changesIn(api, step.rows, scopes), cursor: JSON.stringify(step.place) }
    ;({ place: after, more } = step)
  }
  if (cursor !== null && api.runtime.random.next() * PURGE_EVERY < 1)
    await run(
      api,
      dialect.purge(config.captureSchema, config.keepDays, new Date(api.runtime.clock.now()).toISOString()),
    )
}

/** Of many changes of a row the last one is enough: each shows the row as it is now. */
function changesIn(api: DatabaseApi, rows: readonly SqlRow[], scopes: ReadonlySet<string>): readonly Change[] {
  const found = new Map<string, Change>()
  for (const row of rows) {
    const relation = textIn(row, 'relation')
    const isOurs = api.tables.some(({ name }) => name === relation)
    if (isOurs && textIn(row, 'what') === 'truncate')
      throw new ConnectorError('cursor-expired', `${relation ?? ''} was emptied by TRUNCATE`)
    const table = api.tables.find(({ kind }) => kind === textIn(row, 'kind'))
    if (table === undefined) continue
    if (keyOfRow(row)?.length !== table.key.length)
      throw new ConnectorError(
        'rejected',
        `what is noted of ${table.name} has no key: "lockstep capture check" says why`,
      )
    const was = table.owner === null ? ALL : textIn(row, 'was')
    const change = changeOf(api.dialect.words, table, row, was)
    if (scopes.has(change.scope) || (was !== null && scopes.has(was))) found.set(`${change.kind} ${change.ref}`, change)
  }
  return [...found.values()]
}

function placeOf(cursor: string): Place {
  const found = placed.safeParse(parsed(cursor))
  if (!found.success) throw new ConnectorError('cursor-expired', 'the cursor is of another form')
  return found.data
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const inListing = z.object({ table: z.int().min(0), after: z.array(z.string()).nullable() })

/** Table after table, in order of their keys. */
async function* listRows({ api, scope }: Call<DatabaseApi>, position: string | null): AsyncIterable<Page> {
  const tables = api.tables.filter((table) => (table.owner === null) === (scope === ALL))
  const { words } = api.dialect
  let { table: at, after } = position === null ? { table: 0, after: null } : positionOf(position)
  for (;;) {
    const table = tables[at]
    if (table === undefined) return yield { changes: [], cursor: '', complete: true }
    const rows = await rowsOf(api, page(words, table, { scope, after, limit: ROWS_ON_A_PAGE }))
    const changes = rows.map((row) => changeOf(words, table, row)).filter((change) => !('gone' in change))
    const last = rows.at(-1)
    const isThrough = rows.length < ROWS_ON_A_PAGE
    after = isThrough || last === undefined ? null : [...(placeOfRow(last) ?? [])]
    if (isThrough) at += 1
    const isLast = at >= tables.length
    yield isLast ? { changes, cursor: '', complete: true } : { changes, cursor: JSON.stringify({ table: at, after }) }
    if (isLast) return
  }
}

function positionOf(position: string): z.infer<typeof inListing> {
  const found = inListing.safeParse(parsed(position))
  if (!found.success) throw new ConnectorError('rejected', 'not a place in a listing of rows')
  return found.data
}

/** Every value of an owner's column, in order. */
async function* listOwners({ api }: Call<DatabaseApi>, position: string | null): AsyncIterable<Page> {
  const { words } = api.dialect
  const owned = api.tables.flatMap(({ name, owner }) => (owner === null ? [] : [{ name, owner }]))
  const shared = owned.length < api.tables.length && position === null ? [ALL] : []
  for (let after = position ?? ''; ;) {
    const values = valuesFor(words)
    const bound = values.add(after)
    const each = owned.map(({ name, owner }) => {
      const text = words.text(`t.${quoted(owner)}`)
      return `SELECT ${text} AS owner FROM ${tableName(name)} t WHERE ${text} > ${bound}`
    })
    const rows =
      owned.length === 0
        ? []
        : await rowsOf(api, {
            text: `SELECT DISTINCT owner FROM (${each.join(' UNION ALL ')}) o ORDER BY owner LIMIT ${ROWS_ON_A_PAGE}`,
            values: values.list,
          })
    const refs = rows.flatMap((row) => textIn(row, 'owner') ?? [])
    const changes = [...(after === (position ?? '') ? shared : []), ...refs].map((ref): Change => ({
      kind: OWNER,
      scope: '',
      ref,
      values: { name: ref },
    }))
    if (refs.length < ROWS_ON_A_PAGE) return yield { changes, cursor: '', complete: true }
    after = refs.at(-1) ?? after
    yield { changes, cursor: after }
  }
}

/** How often SQLite is asked whether anybody has written, and PostgreSQL is read where it cannot notify. */
const LOOK_MS = 500
const UNHEARD_MS = 5000

async function listen({ api }: Call<DatabaseApi>, ring: () => void, signal: AbortSignal): Promise<void> {
  try {
    await hear(api, ring, signal)
  } catch (error) {
    throw error instanceof SqlError ? failureOf(error) : error
  }
}

async function hear(api: DatabaseApi, ring: () => void, signal: AbortSignal): Promise<void> {
  const { database, config, runtime } = api
  if (database.listen === undefined) return await watch(api, ring, signal)
  if (!config.notify) return await every(api, UNHEARD_MS, ring, signal)
  try {
    await database.listen(config.captureSchema, ring, signal)
  } catch (error) {
    if (!(error instanceof SqlError) || error.failure !== 'deaf') throw error
    runtime.log('warn', `notifications of the database do not come through: ${error.message}`, {
      remedy: `It is read every ${UNHEARD_MS / 1000} seconds instead. For notifications, connect to PostgreSQL itself, or to a pooler in session mode.`,
    })
    await every(api, UNHEARD_MS, ring, signal)
  }
}

async function every({ runtime }: DatabaseApi, ms: number, ring: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await runtime.clock.sleep(ms, signal).catch(() => undefined)
    if (!signal.aborted) ring()
  }
}

/**
 * The number changes whenever another connection has committed. The first look rings: what came before it may not have been
 * read.
 */
async function watch(api: DatabaseApi, ring: () => void, signal: AbortSignal): Promise<void> {
  let known: string | null = null
  while (!signal.aborted) {
    const [[row] = []] = await api.database.run([{ text: 'PRAGMA data_version', values: [] }])
    const version = row === undefined ? null : textIn(row, 'data_version')
    if (version !== known) ring()
    known = version
    await api.runtime.clock.sleep(LOOK_MS, signal).catch(() => undefined)
  }
}
