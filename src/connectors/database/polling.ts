/** Changes without triggers: what was changed lately by a table's own account, or the table read whole. */
import { z } from 'zod'
import { ConnectorError, type Call, type Change, type Page } from '../../connector/index.ts'
import { rowsOf, type DatabaseApi } from './api.ts'
import { ROWS_ON_A_PAGE } from './config.ts'
import { quoted, tableName } from './dialect.ts'
import { changeOf, page, placeOfRow, textIn } from './rows.ts'
import type { Table } from './table.ts'
import { fromJson } from './values.ts'

/**
 * By kind: the time of the last change that was there when its table was last read. A time to come, as of a row with a
 * mistyped one, is none of a change yet: all that changes until then would be before it.
 */
const cursorOfPoll = z.object({ times: z.record(z.string(), z.string()) })

const LONG_AGO = '1970-01-01T00:00:00.000Z'

/**
 * A transaction may commit a row with a time that is past already, so each read begins earlier than the one before ended, by
 * the overlap. What takes longer is left to the next listing.
 */
export async function* poll(call: Call<DatabaseApi>, cursor: string | null): AsyncIterable<Page> {
  const { api } = call
  const before = cursor === null ? null : parse(cursor)
  const times: { [kind: string]: string } = {}
  for (const table of api.tables)
    if (table.updated !== null) times[table.kind] = await newestOf(api, table, table.updated)
  if (before !== null)
    for (const table of api.tables)
      for await (const changes of changed(call, table, before.times[table.kind] ?? null))
        yield { changes, cursor: JSON.stringify(before) }
  yield { changes: [], cursor: JSON.stringify({ times }) }
}

async function* changed(call: Call<DatabaseApi>, table: Table, last: string | null): AsyncIterable<readonly Change[]> {
  const { api } = call
  const scopes = new Set(call.scopes)
  const { words } = api.dialect
  const from = last === null ? null : new Date(Date.parse(last) - api.config.overlapSeconds * 1000).toISOString()
  const since = table.updated === null || from === null ? undefined : { column: table.updated, at: from }
  for (let after: readonly string[] | null = null; ;) {
    const rows: Awaited<ReturnType<typeof rowsOf>> = await rowsOf(
      api,
      page(words, table, { scope: null, after, limit: ROWS_ON_A_PAGE, since }),
    )
    yield rows.map((row) => changeOf(words, table, row)).filter(({ scope }) => scopes.has(scope))
    const last = rows.at(-1)
    if (rows.length < ROWS_ON_A_PAGE || last === undefined) return
    after = placeOfRow(last)
  }
}

async function newestOf(api: DatabaseApi, table: Table, column: string): Promise<string> {
  const { words } = api.dialect
  const at = `t.${quoted(column)}`
  const text = `SELECT ${words.text(`max(${words.time(at)})`)} AS newest FROM ${tableName(table.name)} t WHERE ${words.past(at)}`
  const [row] = await rowsOf(api, { text, values: [] })
  const found = row === undefined ? null : textIn(row, 'newest')
  const instant = {
    type: 'instant',
    many: false,
    field: '',
    column,
    values: null,
    empty: null,
    declared: { type: 'instant' },
  } as const
  const newest = fromJson(instant, found)
  return typeof newest === 'string' ? newest : LONG_AGO
}

function parse(cursor: string): z.infer<typeof cursorOfPoll> {
  try {
    return cursorOfPoll.parse(JSON.parse(cursor))
  } catch {
    throw new ConnectorError('cursor-expired', 'the cursor is of another form')
  }
}
