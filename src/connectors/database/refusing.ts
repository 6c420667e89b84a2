/**
 * Tables of PostgreSQL with a column of a domain that refuses null: a row of such a table's own type cannot be told in
 * part, as by its key alone. It is found out where a statement fails, and then they are read by the types of their columns.
 */
import { z } from 'zod'
import { failedAs } from '../../connector/index.ts'
import { rowsOf, type DatabaseApi } from './api.ts'
import { tableName } from './dialect.ts'
import { textIn } from './rows.ts'
import { typesOf } from './records.ts'
import type { Table } from './table.ts'

/** Null: the table is not there any more. */
const types = z.record(z.string(), z.string()).nullable()

/** Does something with tables, and once more where it failed because one of them refuses. What fails has done nothing. */
export async function withTypes<Done>(
  api: DatabaseApi,
  tables: readonly Table[],
  work: (tables: readonly Table[]) => Promise<Done>,
): Promise<Done> {
  try {
    return await work(await typed(api, tables))
  } catch (error) {
    if (api.dialect.words.name !== 'postgres' || !failedAs(error, 'rejected')) throw error
    const known = api.refusing.size
    for (const name of namesIn(tables))
      if (!api.refusing.has(name) && (await refuses(api, name))) api.refusing.add(name)
    if (api.refusing.size === known) throw error
    return await work(await typed(api, tables))
  }
}

/** The types as they are at this moment: a column may have got another one. */
async function typed(api: DatabaseApi, tables: readonly Table[]): Promise<readonly Table[]> {
  const names = namesIn(tables).filter((name) => api.refusing.has(name))
  if (names.length === 0) return tables
  const each = names.map((_, at) => `${typesOf(`to_regclass($${at + 1})`)} AS "${at}"`)
  const [row] = await rowsOf(api, { text: `SELECT ${each.join(', ')}`, values: names.map(tableName) })
  const found = new Map(
    names.map((name, at) => [
      name,
      types.parse(JSON.parse((row === undefined ? null : textIn(row, String(at))) ?? 'null')),
    ]),
  )
  return tables.map((table) => ({
    ...table,
    types: found.get(table.name) ?? null,
    parent: table.parent === null ? null : { ...table.parent, types: found.get(table.parent.table) ?? null },
  }))
}

function namesIn(tables: readonly Table[]): readonly string[] {
  return [...new Set(tables.flatMap(({ name, parent }) => (parent === null ? [name] : [name, parent.table])))]
}

async function refuses(api: DatabaseApi, name: string): Promise<boolean> {
  try {
    const text = `SELECT jsonb_populate_record(NULL::${tableName(name)}, '{}') IS NULL AS is_empty`
    return (await rowsOf(api, { text, values: [] })).length === 0
  } catch (error) {
    if (failedAs(error, 'rejected')) return true
    throw error
  }
}
