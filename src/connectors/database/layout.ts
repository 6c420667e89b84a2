/**
 * The SQL that makes the documented tables, and what of it is missing in a database. Nothing is ever dropped but a view
 * that is made anew.
 */
import { createHash } from 'node:crypto'
import type { Layout, RowCount, Statement } from '../../connector/index.ts'
import { dialectOf, rowsOf, run, type DatabaseApi } from './api.ts'
import type { DatabaseConfig, Ingested } from './config.ts'
import { literal, quoted, tableName, valuesFor } from './dialect.ts'
import { columnsOf, DELETED, ingested, inSchema, KEY, SCOPE, SYNCED, type IngestType } from './ingest.ts'
import { isTrue, textIn } from './rows.ts'
import { viewsOf, type View } from './views.ts'

export const layout: Layout<DatabaseConfig, DatabaseApi> = {
  whole: (config) => statements(config, NOTHING),
  async missing(api) {
    const isAbsent = api.database.file?.isAbsent() === true
    return statements(api.config, isAbsent ? NOTHING : await thereIn(api))
  },
  async carry(api, given) {
    const { file } = api.database
    if (file?.isAbsent() === true) file.make()
    await run(
      api,
      given.map((text): Statement => ({ text, values: [] })),
    )
  },
  counts,
}

async function counts(api: DatabaseApi): Promise<readonly RowCount[]> {
  const { config, database } = api
  const names = ingested(config)
  if (names.length === 0 || database.file?.isAbsent() === true) return []
  const selects = names.map(
    (name) =>
      `SELECT ${literal(name)} AS name, source, CAST(count(${quoted(DELETED)}) AS text) AS deleted, CAST(count(*) AS text) AS whole FROM ${tableName(inSchema(name, config))} GROUP BY source`,
  )
  const rows = await rowsOf(api, { text: `${selects.join(' UNION ALL ')} ORDER BY 1, 2`, values: [] })
  return names.flatMap((table): readonly RowCount[] => {
    const own = rows.filter((row) => textIn(row, 'name') === table)
    if (own.length === 0) return [{ table, source: null, rows: 0, deleted: 0 }]
    return own.map((row) => {
      const deleted = Number(textIn(row, 'deleted'))
      return { table, source: textIn(row, 'source'), rows: Number(textIn(row, 'whole')) - deleted, deleted }
    })
  })
}

/** What a database has already. */
interface There {
  /** By relation: its columns. Of a view: none. */
  readonly columns: ReadonlyMap<string, ReadonlySet<string>>
  readonly indexes: ReadonlySet<string>
  /** By view: what it was made by. */
  readonly views: ReadonlyMap<string, string>
  /** Relations and roles that may read them, as `role relation`. */
  readonly readable: ReadonlySet<string>
}

const NOTHING: There = { columns: new Map(), indexes: new Set(), views: new Map(), readable: new Set() }

const TYPES: { readonly [dialect in 'postgres' | 'sqlite']: { readonly [type in IngestType]: string } } = {
  postgres: {
    text: 'text',
    set: 'text[]',
    decimal: 'numeric',
    boolean: 'boolean',
    date: 'date',
    instant: 'timestamptz',
    file: 'jsonb',
    json: 'jsonb',
  },
  sqlite: {
    text: 'TEXT',
    set: 'TEXT',
    decimal: 'NUMERIC',
    boolean: 'INTEGER',
    date: 'TEXT',
    instant: 'TEXT',
    file: 'TEXT',
    json: 'TEXT',
  },
}

const NOW = { postgres: 'clock_timestamp()', sqlite: `(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))` } as const

function statements(config: DatabaseConfig, there: There): readonly string[] {
  const dialect = dialectOf(config)
  const names = ingested(config)
  const relations = names.map((name) => inSchema(name, config))
  const { schema, readers = [] } = config.ingest ?? {}
  const isNew = !relations.some((each) => there.columns.has(each))
  const tables = names.flatMap((name) => tableStatements(name, config, there))
  const views = viewsOf(config, dialect)
  const made = views.filter((view) => isToMake(view, dialect.words.name, there))
  const anew = new Set(made.map(({ name }) => name))
  const all = [...relations, ...views.map(({ name }) => name)]
  const grants = readers.flatMap((role) => {
    // A view that is made anew is nobody's to read at first.
    const unread = all.filter((each) => anew.has(each) || !there.readable.has(`${role} ${each}`))
    const usage =
      schema === undefined || unread.length === 0 ? [] : [`GRANT USAGE ON SCHEMA ${quoted(schema)} TO ${quoted(role)}`]
    return [...usage, ...unread.map((each) => `GRANT SELECT ON ${tableName(each)} TO ${quoted(role)}`)]
  })
  return [
    ...(schema === undefined || !isNew ? [] : [`CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`]),
    ...tables,
    ...made.flatMap((view) => viewStatements(view, dialect.words.name)),
    ...grants,
  ]
}

function tableStatements(name: Ingested, config: DatabaseConfig, there: There): readonly string[] {
  const { words } = dialectOf(config)
  const relation = inSchema(name, config)
  const table = tableName(relation)
  const types = TYPES[words.name]
  const own = Object.entries(columnsOf(name, config)).map(([column, type]) => ({ column, type: types[type] }))
  const optional = [...own, { column: DELETED, type: types.instant }]
  const known = there.columns.get(relation)
  const index = `${name}_by_scope`
  const indexed = there.indexes.has(relation)
    ? []
    : [`CREATE INDEX IF NOT EXISTS ${quoted(index)} ON ${table} (${[SCOPE, ...KEY].map(quoted).join(', ')})`]
  if (known !== undefined)
    return [
      ...optional
        .filter(({ column }) => !known.has(column))
        .map(({ column, type }) => `ALTER TABLE ${table} ADD COLUMN ${quoted(column)} ${type}`),
      ...indexed,
    ]
  const columns = [
    ...[...KEY, SCOPE].map((column) => `${quoted(column)} ${types.text} NOT NULL`),
    ...optional.map(({ column, type }) => `${quoted(column)} ${type}`),
    `${quoted(SYNCED)} ${types.instant} NOT NULL DEFAULT ${NOW[words.name]}`,
    `PRIMARY KEY (${KEY.map(quoted).join(', ')})`,
  ]
  return [`CREATE TABLE IF NOT EXISTS ${table} (\n  ${columns.join(',\n  ')}\n)`, ...indexed]
}

/** A view that is as it should be stays. PostgreSQL writes a view in words of its own, so a comment says what it was made by. */
function isToMake(view: View, dialect: 'postgres' | 'sqlite', there: There): boolean {
  return there.views.get(view.name) !== (dialect === 'sqlite' ? view.sql : markOf(view))
}

function viewStatements(view: View, dialect: 'postgres' | 'sqlite'): readonly string[] {
  const name = tableName(view.name)
  const marked = dialect === 'sqlite' ? [] : [`COMMENT ON VIEW ${name} IS ${literal(markOf(view))}`]
  return [`DROP VIEW IF EXISTS ${name}`, view.sql, ...marked]
}

function markOf({ sql, columns }: View): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([sql, columns]))
    .digest('hex')
  return `Made by Lockstep (${digest.slice(0, 12)})`
}

async function thereIn(api: DatabaseApi): Promise<There> {
  const { config, dialect } = api
  const tables = ingested(config).map((name) => inSchema(name, config))
  const views = viewsOf(config, dialect).map(({ name }) => name)
  return dialect.words.name === 'sqlite' ? await sqliteThere(api) : await postgresThere(api, tables, views)
}

async function sqliteThere(api: DatabaseApi): Promise<There> {
  const rows = await rowsOf(api, {
    text: `SELECT m.type AS type, m.name AS name, m.tbl_name AS of, m.sql AS sql, c.name AS "column" FROM sqlite_master m LEFT JOIN pragma_table_info(CASE m.type WHEN 'table' THEN m.name END) c`,
    values: [],
  })
  const columns = new Map<string, Set<string>>()
  const indexes = new Set<string>()
  const views = new Map<string, string>()
  for (const row of rows) {
    const [type, name, of] = [textIn(row, 'type'), textIn(row, 'name') ?? '', textIn(row, 'of') ?? '']
    if (type === 'table') columns.set(name, (columns.get(name) ?? new Set()).add(textIn(row, 'column') ?? ''))
    if (type === 'index' && name === `${of}_by_scope`) indexes.add(of)
    if (type === 'view') views.set(name, textIn(row, 'sql') ?? '')
  }
  return { columns, indexes, views, readable: new Set() }
}

async function postgresThere(api: DatabaseApi, tables: readonly string[], views: readonly string[]): Promise<There> {
  const values = valuesFor(api.dialect.words)
  const { readers = [], schema } = api.config.ingest ?? {}
  const reads = [...tables, ...views].map((name) => {
    const relation = `to_regclass(${values.add(tableName(name))}::text)`
    const index = values.add(`${name.slice(name.indexOf('.') + 1)}_by_scope`)
    const may = readers.map((each) => {
      const role = `${values.add(each)}::text`
      const all = [
        `has_table_privilege(${role}, ${relation}, 'SELECT')`,
        ...(schema === undefined
          ? []
          : [`has_schema_privilege(${role}, to_regnamespace(${values.add(quoted(schema))}::text), 'USAGE')`]),
      ]
      return `coalesce(${all.join(' AND ')}, false)`
    })
    return `SELECT ${values.add(name)}::text AS name, ${relation} IS NOT NULL AS there, obj_description(${relation}, 'pg_class') AS comment,
      (SELECT json_agg(a.attname)::text FROM pg_attribute a WHERE a.attrelid = ${relation} AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
      EXISTS (SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = ${relation} AND c.relname = ${index}::text) AS indexed,
      array_to_json(ARRAY[${may.join(', ')}]::boolean[])::text AS readable`
  })
  const rows = reads.length === 0 ? [] : await rowsOf(api, { text: reads.join(' UNION ALL '), values: values.list })
  const there: {
    columns: Map<string, Set<string>>
    indexes: Set<string>
    views: Map<string, string>
    readable: Set<string>
  } = { columns: new Map(), indexes: new Set(), views: new Map(), readable: new Set() }
  for (const row of rows.filter((each) => isTrue(each['there']))) {
    const name = textIn(row, 'name') ?? ''
    if (tables.includes(name)) there.columns.set(name, new Set(listIn(textIn(row, 'columns')).map(String)))
    else there.views.set(name, textIn(row, 'comment') ?? '')
    if (isTrue(row['indexed'])) there.indexes.add(name)
    for (const [at, may] of listIn(textIn(row, 'readable')).entries())
      if (may === true) there.readable.add(`${readers[at] ?? ''} ${name}`)
  }
  return there
}

function listIn(text: string | null): readonly unknown[] {
  const found: unknown = JSON.parse(text ?? '[]')
  return Array.isArray(found) ? found : []
}
