/** What is known of items: one, those under another, and their authors. */
import type { Person } from '../../connector/call.ts'
import type { Identity, Observation } from '../../core/state.ts'
import { itemOf, personIn, type Sql } from './rows.ts'

export interface Children {
  readonly connection: string
  readonly kinds: readonly string[]
  readonly parent: string
}

/** What is known to live under an item. */
export function children(sql: Sql, { connection, kinds, parent }: Children): readonly Child[] {
  return kinds.flatMap((kind) =>
    sql
      .get(
        `SELECT ref, scope FROM item WHERE connection = ? AND kind = ? AND parent = ? AND state = 'present' ORDER BY ref`,
      )
      .all(connection, kind, parent)
      .map((row) => ({ kind, ref: String(row['ref']), scope: String(row['scope']) })),
  )
}

export interface Child {
  readonly kind: string
  readonly ref: string
  readonly scope: string
}

/** Who wrote what is in a scope. */
export function authorsIn(
  sql: Sql,
  { connection, kind, scope }: { readonly connection: string; readonly kind: string; readonly scope: string },
): readonly Person[] {
  return sql
    .get(
      `SELECT DISTINCT author_json FROM item WHERE connection = ? AND kind = ? AND scope = ? AND author_json IS NOT NULL ORDER BY author_json`,
    )
    .all(connection, kind, scope)
    .map((row) => personIn(String(row['author_json'])))
}

/** What one item was last seen to be. */
export function item(sql: Sql, identity: Identity): Observation | null {
  return itemOf(sql, identity)
}
