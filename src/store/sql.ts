/** What a verb sees of a database. The SQL is what SQLite and PostgreSQL both understand (docs/decisions/0020). */

export type Value = null | number | bigint | string | Uint8Array
export type Row = { readonly [column: string]: Value }

/** A statement is shared: finish with its rows before the same SQL is run again. */
export interface Statement {
  run(...values: (string | number | null)[]): { readonly changes: number | bigint }
  get(...values: (string | number | null)[]): Row | undefined
  all(...values: (string | number | null)[]): Row[]
}

/** Hands out the statements prepared on one database, one for each text. */
export interface Sql {
  get(text: string): Statement
}
