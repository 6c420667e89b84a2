/** What the two databases say differently. Every name is quoted; no value ever stands in a statement's text. */
import type { Change, Create, Delete, Json, SqlRow, SqlValue, Statement, Update } from '../../connector/index.ts'
import type { Column, Table } from './table.ts'
import type { Read } from './values.ts'

/** The words of a dialect that reading needs. */
export interface Words {
  readonly name: 'postgres' | 'sqlite'
  /** Where the nth value goes, from 1. */
  place(at: number): string
  text(expression: string): string
  /** A JSON list of texts. */
  texts(expressions: readonly string[]): string
  /** A JSON list of what the columns hold, exact, as a text. */
  document(columns: readonly Pick<Column, 'column' | 'type' | 'many'>[], alias: string): string
  /** That a column holds what a text says, however it is stored. */
  holds(column: string, text: string): string
  /** What such a column of a table holds, to be compared with it; the text itself where no row has it. */
  held(table: string, column: string, text: string): string
  /** A JSON list of texts: where a row stands in the order of these columns. */
  places(columns: readonly string[]): string
  /** What such a text is compared with. */
  placed(text: string): SqlValue
  digest(expression: string): string
  /** What an element of a document is. */
  read(column: Column, element: Json): Read
  /** Compares and sorts as time. */
  time(expression: string): string
  /** That a time is not to come yet, by the clock of the database. */
  past(expression: string): string
  /** Of a marker that is not set. */
  unmarked(expression: string): string
  value(fixed: string | number | boolean | null): SqlValue
}

/** A write of some rows of one table: its statements, and what their answers say of each row. */
export interface Writing<Done> {
  readonly statements: readonly Statement[]
  readonly answers: (rows: readonly (readonly SqlRow[])[]) => readonly Done[]
  /** The same, where it is refused although each of them alone would not be. */
  readonly instead?: () => Writing<Done>
}

/** What became of a row. */
export type Became =
  | { readonly is: 'done'; readonly change: Change }
  /** The row is there, and not as it was seen. */
  | { readonly is: 'stale' }
  | { readonly is: 'missing' }
  /** Something stands there already, or the key was used before. */
  | { readonly is: 'taken' }

/** Where capture keeps what it notes. */
export interface Noted {
  readonly change: string
  readonly made: string
  readonly state: string
}

export interface Making {
  readonly scope: string
  /** Where the keys of new rows are noted; null: nowhere. */
  readonly made: string | null
  readonly now: string
}

export interface Dialect {
  readonly words: Words
  readonly noted: (schema: string) => Noted
  create(table: Table, intents: readonly Create[], making: Making): Writing<Became>
  /** What a create with this key made: a row where the key was noted. */
  find(table: Table, key: string, made: string): Statement
  update(table: Table, scope: string, intents: readonly Update[], now: string): Writing<Became>
  remove(table: Table, scope: string, intents: readonly Delete[], now: string): Writing<Became>
  /** What the table of changes tells after a place in it, a page at a time; after none: nothing, but where it ends. */
  changes(tables: readonly Table[], schema: string, after: Place | null): readonly Statement[]
  /** Throws `cursor-expired` where the place is not known any more. */
  changed(results: readonly (readonly SqlRow[])[], after: Place | null): Step
  /** Drops what is older, a portion at a time. */
  purge(schema: string, keepDays: number, now: string): readonly Statement[]
}

export interface Step {
  /** A row for each change and kind. */
  readonly rows: readonly SqlRow[]
  /** Behind it. */
  readonly place: Place
  readonly more: boolean
}

/** A place in the table of changes, as its dialect writes it. */
export type Place = { readonly [part: string]: string }

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** A table, with its schema where it has one. */
export function tableName(name: string): string {
  const dot = name.indexOf('.')
  return dot < 1 ? quoted(name) : `${quoted(name.slice(0, dot))}.${quoted(name.slice(dot + 1))}`
}

/** The values of a statement, in order. */
export interface Values {
  readonly list: SqlValue[]
  add(value: SqlValue): string
}

export function valuesFor({ place }: Pick<Words, 'place'>): Values {
  const list: SqlValue[] = []
  return { list, add: (value) => place(list.push(value)) }
}
