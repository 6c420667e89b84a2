/** What a verb is to a database: a synchronous function over prepared statements. */
import type { VerbTypes } from './group-commit.ts'
import type { Sql } from './sql.ts'

/**
 * Runs inside a transaction that it neither opens nor ends; throwing undoes what it wrote. Input and output are plain
 * data. It is synchronous, and reads no clock and no randomness.
 */
export interface Verb<Input = never, Output = unknown> {
  (sql: Sql, input: Input): Output
  /** Should a power cut take what it wrote, the program does it again by itself: its commit waits for no disk. */
  readonly redone?: true
}

/** Marks a verb whose lost commit only makes work be done again. Nobody outside may have been told of it. */
export function redone<Input, Output>(
  verb: (sql: Sql, input: Input) => Output,
): ((sql: Sql, input: Input) => Output) & { readonly redone: true } {
  return Object.assign((sql: Sql, input: Input) => verb(sql, input), { redone: true as const })
}

export type VerbTable = { readonly [name: string]: Verb }

/** The table of verbs that a type map calls for: `export const verbs: VerbsOf<StoreVerbs> = { … }`. */
export type VerbsOf<Verbs extends { [V in keyof Verbs]: VerbTypes }> = {
  readonly [V in keyof Verbs]: Verb<Verbs[V]['in'], Verbs[V]['out']>
}

/** Imports a module that exports `verbs`; `url` is a file URL or what a URL is made of. */
export async function loadVerbs(url: string | URL): Promise<VerbTable> {
  const module: unknown = await import(String(url))
  if (typeof module === 'object' && module !== null && 'verbs' in module && isVerbTable(module.verbs)) {
    return module.verbs
  }
  throw new TypeError(`${String(url)} does not export a table of verbs`)
}

function isVerbTable(value: unknown): value is VerbTable {
  return typeof value === 'object' && value !== null && Object.values(value).every((verb) => typeof verb === 'function')
}
