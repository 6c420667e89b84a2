/** The tables of a configuration, as the rest of the connector sees them. */
import type { Field } from '../../connector/index.ts'
import { ingestTables } from './ingest.ts'
import { fieldOf, keyOf, type DatabaseConfig, type TableConfig } from './config.ts'

export type ColumnType = 'text' | 'decimal' | 'boolean' | 'date' | 'instant' | 'json'

export interface Column {
  readonly field: string
  readonly column: string
  /** How it is stored, whatever the field means. */
  readonly type: ColumnType
  readonly many: boolean
  readonly values: readonly string[] | null
  /** What it holds where its field is empty; null: nothing. */
  readonly empty: string | boolean | null
  readonly declared: Field
}

type Fixed = string | number | boolean | null

export interface Condition {
  readonly column: string
  readonly is: readonly Fixed[]
  readonly not: boolean
}

export interface Marker {
  readonly column: string
  readonly type: 'time' | 'boolean'
}

export interface Table extends Pick<TableConfig, 'keys'> {
  readonly kind: string
  /** As configured: with its schema before a dot where it has one. */
  readonly name: string
  readonly key: readonly string[]
  readonly owner: string | null
  readonly columns: readonly Column[]
  readonly where: readonly Condition[]
  readonly version: string | null
  readonly updated: string | null
  readonly deleted: Marker | null
  readonly created: string | null
  readonly edited: string | null
  /** Columns of which one row of a scope has the same values. */
  readonly unique: readonly string[]
  /** The row that its rows are under, where both have owners: those have to be the same. */
  readonly parent: Parent | null
  readonly types: Types | null
  readonly config: TableConfig
}

/** By column, as PostgreSQL names them. Null: they need not be told. */
type Types = { readonly [column: string]: string }

export interface Parent {
  readonly kind: string
  /** The field and the column that name it. */
  readonly field: string
  readonly column: string
  readonly table: string
  readonly key: string
  readonly owner: string
  readonly types: Types | null
}

export function tablesOf(config: DatabaseConfig): readonly Table[] {
  const all = { ...ingestTables(config), ...config.tables }
  return Object.entries(all).map(([kind, each]) => tableOf(kind, each, all))
}

function tableOf(kind: string, config: TableConfig, all: { readonly [kind: string]: TableConfig }): Table {
  const columns = Object.entries(config.columns).map(([field, given]) => columnOf(field, given, config))
  const columnNamed = (field: string): string => columns.find((each) => each.field === field)?.column ?? field
  const { version = null, updated = null, deleted = null, created = null, edited = null, owner = null } = config
  return {
    kind,
    name: config.table ?? kind,
    key: keyOf(config),
    keys: config.keys,
    owner,
    columns,
    where: Object.entries(config.where).map(([column, given]) => conditionOf(column, given)),
    version,
    updated,
    deleted: typeof deleted === 'string' ? { column: deleted, type: 'time' } : deleted,
    created,
    edited,
    unique: uniqueOf(config).map(columnNamed),
    parent: parentOf(config, columns, all),
    types: null,
    config,
  }
}

function parentOf(
  { under, owner }: TableConfig,
  columns: readonly Column[],
  all: { readonly [kind: string]: TableConfig },
): Parent | null {
  const column = columns.find(({ field }) => field === under)
  const kind = column?.declared.to ?? ''
  const parent = all[kind]
  const [key] = parent === undefined ? [] : keyOf(parent)
  if (column === undefined || key === undefined || parent?.owner === undefined || owner === undefined) return null
  const { table = kind, owner: owned } = parent
  return { kind, field: column.field, column: column.column, table, key, owner: owned, types: null }
}

/** A key that is given is unique by itself. */
export function uniqueOf(config: TableConfig): readonly string[] {
  if (config.unique !== undefined) return config.unique
  return config.keys === 'given' ? keyOf(config).flatMap((column) => fieldOf(config, column) ?? []) : []
}

const STORED = {
  text: 'text',
  rich: 'text',
  person: 'text',
  enum: 'text',
  ref: 'text',
  decimal: 'decimal',
  boolean: 'boolean',
  date: 'date',
  instant: 'instant',
  json: 'json',
  file: 'json',
} as const satisfies { readonly [type: string]: ColumnType }

function columnOf(field: string, given: TableConfig['columns'][string], config: TableConfig): Column {
  const said = typeof given === 'string' ? { type: given, required: false } : given
  const { type, required, column = field, written, many, to, values, empty = null } = said
  const isKey = keyOf(config).includes(column)
  const may = written ?? (isKey ? (config.keys === 'given' ? 'on-create' : 'never') : undefined)
  return {
    field,
    column,
    type: STORED[type],
    // Several files are one document.
    many: many !== undefined && type !== 'file',
    values: values ?? null,
    empty: typeof empty === 'number' ? String(empty) : empty,
    declared: {
      type: type === 'enum' ? 'text' : type,
      ...(required ? { required: true } : {}),
      ...(may === undefined ? {} : { written: may }),
      ...(many === undefined ? {} : { many }),
      ...(to === undefined ? {} : { to }),
    },
  }
}

function conditionOf(column: string, given: TableConfig['where'][string]): Condition {
  if (Array.isArray(given)) return { column, is: given, not: false }
  if (typeof given === 'object' && given !== null) return { column, is: [given.not], not: true }
  return { column, is: [given], not: false }
}

/** What a new row gets because it would not be among the table's otherwise. */
export function fixedValues({ where }: Table): readonly { readonly column: string; readonly value: Fixed }[] {
  return where.flatMap(({ column, is, not }) => {
    const [value] = is
    return not || is.length > 1 || value === undefined || value === null ? [] : [{ column, value }]
  })
}

/** The text of a key: as it is where it is one column, else a JSON list. */
export function refOf(key: readonly string[]): string {
  return key.length === 1 ? (key[0] ?? '') : JSON.stringify(key)
}

/** Null: it is no ref of this table. */
export function keyIn({ key }: Table, ref: string): readonly string[] | null {
  if (key.length === 1) return [ref]
  try {
    const found: unknown = JSON.parse(ref)
    const isKey = Array.isArray(found) && found.length === key.length && found.every((each) => typeof each === 'string')
    return isKey ? found : null
  } catch {
    return null
  }
}
