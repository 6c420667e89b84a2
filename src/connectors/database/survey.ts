/** What stands in a database, for whoever writes a configuration. */
import { z } from 'zod'
import type { Database, SqlRow } from '../../connector/index.ts'

export interface SurveyedColumn {
  readonly name: string
  /** As the database names it. */
  readonly type: string
  readonly isKey: boolean
  readonly required: boolean
  /** What a row gets that says nothing of it, in the words of the database; null: nothing. */
  readonly preset: string | null
  /** Of an array. */
  readonly many: boolean
}

export interface SurveyedTable {
  readonly name: string
  readonly columns: readonly SurveyedColumn[]
  /** Some of its rows, as texts. */
  readonly rows: readonly { readonly [column: string]: string | null }[]
}

const ROWS = 20

const TABLES = {
  postgres: `SELECT CASE WHEN pg_table_is_visible(c.oid) THEN c.relname ELSE n.nspname || '.' || c.relname END AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
      AND n.nspname <> 'lockstep_capture' ORDER BY 1`,
  sqlite: `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE 'lockstep\\_%' ESCAPE '\\' ORDER BY 1`,
} as const

export async function tablesIn(database: Database): Promise<readonly string[]> {
  const [rows = []] = await database.run([{ text: TABLES[database.dialect], values: [] }])
  return rows.map((row) => textIn(row, 'name'))
}

const COLUMNS = {
  postgres: `SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type, a.attnotnull AS required,
      coalesce(a.attnum = ANY (i.indkey), false) AS key, pg_get_expr(d.adbin, d.adrelid) AS preset
    FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
  sqlite: `SELECT name, type, "notnull" AS required, pk > 0 AS key, dflt_value AS preset FROM pragma_table_info(?1) ORDER BY cid`,
} as const

export async function surveyed(database: Database, table: string): Promise<SurveyedTable> {
  const isPostgres = database.dialect === 'postgres'
  const quotedName = table.split('.').map(quoted).join('.')
  const [rows = []] = await database.run([
    { text: COLUMNS[database.dialect], values: [isPostgres ? quotedName : table] },
  ])
  const columns = rows.map((row): SurveyedColumn => {
    const type = textIn(row, 'type').toLowerCase()
    return {
      name: textIn(row, 'name'),
      type: type.replace(/\[\]$/, ''),
      isKey: isTrue(row['key']),
      required: isTrue(row['required']),
      preset: row['preset'] === null || row['preset'] === undefined ? null : String(row['preset']),
      many: type.endsWith('[]'),
    }
  })
  if (columns.length === 0) return { name: table, columns, rows: [] }
  const texts = columns.map(({ name }) => `CAST(${quoted(name)} AS TEXT) AS ${quoted(name)}`)
  const [found = []] = await database.run([
    { text: `SELECT ${texts.join(', ')} FROM ${quotedName} LIMIT ${ROWS}`, values: [] },
  ])
  return { name: table, columns, rows: found.map((row) => cells.parse(row)) }
}

const cells = z.record(z.string(), z.union([z.string(), z.null()]))

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function textIn(row: SqlRow, column: string): string {
  return String(row[column] ?? '')
}

function isTrue(value: unknown): boolean {
  return value === 't' || value === 'true' || value === 1 || value === 1n
}
