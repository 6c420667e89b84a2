/** What mappings into the documented tables share: a row keeps the source's own ids, so that tables are joined by them. */
import { direct } from './direct.ts'
import { files } from './files.ts'
import type { PairMapping } from './mapping.ts'
import { constant } from './rules.ts'
import type { Lens } from '../core/flow.ts'

/** By column: the field that it shows. */
type Shown = { readonly [column: string]: string }

export interface Rows {
  readonly kind: string
  readonly table: string
  readonly shows: Shown
  /** Columns that hold a set. */
  readonly sets?: Shown
  readonly files?: Shown
  readonly also?: readonly Lens[]
}

const WAY = 'a→b'

/** `source`: the system that they come from, in each row. */
export function rowsOf(
  source: string,
  { kind, table, shows, sets = {}, files: kept = {}, also = [] }: Rows,
): PairMapping {
  return {
    id: table,
    kinds: { a: kind, b: table },
    lenses: () => [
      constant({ id: 'source', side: 'b', field: 'source', value: source, way: WAY }),
      direct({ id: 'id', a: 'id', b: 'id', way: WAY }),
      ...Object.entries(shows).map(([column, field]) => direct({ id: column, a: field, b: column, way: WAY })),
      ...Object.entries(sets).map(([column, field]) =>
        direct({ id: column, a: field, b: column, way: WAY, set: true }),
      ),
      ...Object.entries(kept).map(([column, field]) => files({ id: column, a: field, b: column, way: WAY })),
      direct({ id: 'raw', a: 'raw', b: 'raw', way: WAY }),
      ...also,
    ],
    // A row is marked, and stays.
    onDelete: { a: 'delete', b: 'keep' },
    onLeave: { a: 'keep', b: 'keep' },
    match: ['source', 'id'],
  }
}

/** What has rows: its own ref is the scope that they have in every table. */
export function scopeOf(kind: string): PairMapping {
  return {
    id: 'scope',
    kinds: { a: kind, b: 'owner' },
    lenses: () => [direct({ id: 'scope', a: 'id', b: 'name', way: 'on create a→b' })],
    onDelete: { a: 'keep', b: 'keep' },
    onLeave: { a: 'keep', b: 'keep' },
    match: ['scope'],
  }
}
