/** Rows as items: which expressions a statement selects of a table, and what they say. */
import { z } from 'zod'
import { json, jsonIn, type Change, type Item, type Json, type SqlRow, type SqlValue } from '../../connector/index.ts'
import { ALL } from './config.ts'
import { quoted, valuesFor, tableName, type Values, type Words } from './dialect.ts'
import { refOf, type Column, type Table } from './table.ts'
import { UNFIT, type Read } from './values.ts'

const INSTANT = { type: 'instant', many: false, values: null, empty: null, declared: { type: 'instant' } } as const

/** What is read beside the fields. */
function besides({ created, edited }: Table): readonly Column[] {
  return [
    ...(created === null ? [] : [{ ...INSTANT, field: 'created', column: created }]),
    ...(edited === null ? [] : [{ ...INSTANT, field: 'edited', column: edited }]),
  ]
}

/** `alias` is the row; `key` tells its key where there may be no row. */
export function selected(words: Words, table: Table, alias: string, values: Values, key?: string): string {
  const of = (column: string): string => `${alias}.${quoted(column)}`
  const all = [...table.columns, ...besides(table)]
  const owner = table.owner === null ? 'NULL' : words.text(of(table.owner))
  return [
    `${key ?? words.texts(table.key.map((each) => words.text(of(each))))} AS ref_key`,
    `${owner} AS owner`,
    `${words.document(all, alias)} AS document`,
    `${versionOf(words, table, alias)} AS version`,
    `(${of(table.key[0] ?? '')} IS NOT NULL) AS there`,
    `(${table.deleted === null ? '1 = 1' : words.unmarked(of(table.deleted.column))}) AS alive`,
    `(${passes(words, table, alias, values)}) AS passes`,
  ].join(', ')
}

/** Changes whenever the row does, as far as it is synced. */
export function versionOf(words: Words, table: Table, alias: string): string {
  if (table.version !== null) return words.text(`${alias}.${quoted(table.version)}`)
  const also = [table.owner, table.deleted?.column ?? null].flatMap((column) =>
    column === null ? [] : [{ column, type: 'text' as const, many: false }],
  )
  return words.digest(words.document([...table.columns, ...besides(table), ...also], alias))
}

export function passes(words: Words, { where }: Table, alias: string, values: Values): string {
  const all = where.map(({ column, is, not }) => {
    const name = `${alias}.${quoted(column)}`
    if (not) {
      const [value = null] = is
      return value === null ? `${name} IS NOT NULL` : `${name} IS DISTINCT FROM ${values.add(words.value(value))}`
    }
    const some = is.filter((each) => each !== null).map((each) => values.add(words.value(each)))
    const ways = [
      ...(some.length === 0 ? [] : [`${name} IN (${some.join(', ')})`]),
      ...(is.includes(null) ? [`${name} IS NULL`] : []),
    ]
    return `(${ways.join(' OR ')})`
  })
  return all.length === 0 ? '1 = 1' : all.join(' AND ')
}

const list: z.ZodType<readonly Json[]> = z.array(json)

export function isTrue(value: SqlValue | undefined): boolean {
  return value === 't' || value === 'true' || value === 1 || value === 1n
}

export function textIn(row: SqlRow, column: string): string | null {
  const value = row[column] ?? null
  return value === null ? null : String(value)
}

const keyShape = z.array(z.string())

export function keyOfRow(row: SqlRow): readonly string[] | null {
  return textsIn(row, 'ref_key')
}

/** Where a row of a page stands, for the page after it. */
export function placeOfRow(row: SqlRow): readonly string[] | null {
  return textsIn(row, 'place')
}

function textsIn(row: SqlRow, column: string): readonly string[] | null {
  const found = keyShape.safeParse(jsonIn(textIn(row, column) ?? 'null'))
  return found.success ? found.data : null
}

export function scopeOf(table: Table, row: SqlRow): string | null {
  return table.owner === null ? ALL : textIn(row, 'owner')
}

/** `was`: whose row it was when the change was noted. */
export function changeOf(words: Words, table: Table, row: SqlRow, was: string | null = null): Change {
  const kind = table.kind
  const key = keyOfRow(row)
  if (key === null) throw new TypeError(`a row of ${table.name} has no key`)
  const ref = refOf(key)
  const there = isTrue(row['there'])
  const scope = there ? scopeOf(table, row) : (was ?? (table.owner === null ? ALL : null))
  const place = { kind, scope: scope ?? was ?? '', ref }
  if (!there || !isTrue(row['alive'])) return { ...place, gone: 'deleted' }
  if (!isTrue(row['passes']) || scope === null) return { ...place, gone: 'moved' }
  const item = itemOf(words, table, row, { scope, ref })
  return item === null ? { ...place, unread: true } : { kind, ...item }
}

/** Null: a column holds what no value can say. */
function itemOf(words: Words, table: Table, row: SqlRow, place: { scope: string; ref: string }): Item | null {
  const elements = list.parse(jsonIn(textIn(row, 'document') ?? '[]'))
  const values: { [field: string]: Json } = {}
  const times: { [field: string]: string } = {}
  const beside = besides(table)
  for (const [at, column] of [...table.columns, ...beside].entries()) {
    const value = readOf(words, column, elements[at] ?? null)
    if (value === UNFIT) return null
    if (at < table.columns.length) values[column.field] = value
    else if (typeof value === 'string') times[column.field] = value
  }
  return {
    ...place,
    values,
    version: textIn(row, 'version') ?? undefined,
    createdAt: times['created'],
    editedAt: times['edited'],
  }
}

const file = z.looseObject({ ref: z.string(), name: z.string() })
const files = z.array(file)

/** A document in which somebody else wrote need not be one of files. */
function readOf(words: Words, column: Column, element: Json): Read {
  const value = words.read(column, element)
  if (isEmpty(column, value)) return null
  if (column.declared.type !== 'file' || value === null || value === UNFIT) return value
  return (column.declared.many === undefined ? file : files).safeParse(value).success ? value : UNFIT
}

/** A database may show more digits of a decimal than it was given. */
function isEmpty({ type, empty }: Column, value: Read): boolean {
  if (empty === null || value === UNFIT) return false
  return type === 'decimal' && typeof value === 'string' && typeof empty === 'string'
    ? plain(value) === plain(empty)
    : value === empty
}

function plain(decimal: string): string {
  const shorter = decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal
  return shorter === '-0' ? '0' : shorter
}

/** Which columns of a row cannot be read, for a person. */
export function unfitIn(words: Words, table: Table, row: SqlRow): readonly string[] {
  const elements = list.parse(jsonIn(textIn(row, 'document') ?? '[]'))
  return [...table.columns, ...besides(table)]
    .filter((column, at) => readOf(words, column, elements[at] ?? null) === UNFIT)
    .map(({ column }) => column)
}

/** The statement that reads one row. */
export function one(words: Words, table: Table, key: readonly string[]): { text: string; values: readonly SqlValue[] } {
  const values = valuesFor(words)
  const select = selected(words, table, 't', values)
  const is = table.key.map((column, at) => words.holds(`t.${quoted(column)}`, values.add(key[at] ?? null)))
  return { text: `SELECT ${select} FROM ${tableName(table.name)} t WHERE ${is.join(' AND ')}`, values: values.list }
}

export interface PageOf {
  /** Null: of everybody. */
  readonly scope: string | null
  /** The place of the last row before. */
  readonly after: readonly string[] | null
  readonly limit: number
  /** Only what was changed since then, by the column that tells. */
  readonly since?: { readonly column: string; readonly at: string } | undefined
}

/** The statement that reads the next rows of a table, in order of its key. */
export function page(words: Words, table: Table, { scope, after, limit, since }: PageOf) {
  const values = valuesFor(words)
  const select = selected(words, table, 't', values)
  const name = tableName(table.name)
  const keys = table.key.map((column) => `t.${quoted(column)}`)
  const owned = (owner: string, of: string): string =>
    `t.${quoted(owner)} = ${words.held(name, quoted(owner), values.add(of))}`
  const conditions = [
    ...(scope === null || table.owner === null ? [] : [owned(table.owner, scope)]),
    ...(since === undefined ? [] : [`${words.time(`t.${quoted(since.column)}`)} >= ${values.add(since.at)}`]),
    ...(after === null
      ? []
      : [`(${keys.join(', ')}) > (${after.map((each) => values.add(words.placed(each))).join(', ')})`]),
  ]
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
  return {
    text: `SELECT ${select}, ${words.places(keys)} AS place FROM ${name} t${where} ORDER BY ${keys.join(', ')} LIMIT ${limit}`,
    values: values.list,
  }
}
