/**
 * What mappings into tables of a base share: the columns of the documented tables, as far as a base has fields of these
 * names.
 */
import type { Json } from '../connector/values.ts'
import type { Lens } from '../core/flow.ts'
import { direct } from './direct.ts'
import type { PairMapping } from './mapping.ts'
import { reference } from './reference.ts'
import { rowsOf, type Rows } from './tables.ts'

/** By field: the one that names another item, and the kinds of both sides. */
export type Links = { readonly [field: string]: { readonly a: string; readonly to: readonly [a: string, b: string] } }

/** A link beside the ids, and sets as text: a base makes no choices of its own for a program. */
export function recordsOf(source: string, rows: Rows, links: Links = {}): PairMapping {
  const { sets = {}, ...rest } = rows
  const joined = Object.entries(sets).map(([column, field]) => asLine(column, field))
  const linked = Object.entries(links).map(
    ([
      id,
      {
        a,
        to: [kind, table],
      },
    ]) => reference({ id, a, b: id, to: { a: kind, b: table }, way: 'a→b' }),
  )
  return rowsOf(source, { ...rest, also: [...(rows.also ?? []), ...joined, ...linked] })
}

/** The container of all records. It keeps its name. */
export function baseOf(kind: string): PairMapping {
  return {
    id: 'scope',
    kinds: { a: kind, b: 'base' },
    lenses: () => [],
    onDelete: { a: 'keep', b: 'keep' },
    onLeave: { a: 'keep', b: 'keep' },
    match: [],
  }
}

function asLine(column: string, field: string): Lens {
  const lens = direct({ id: column, a: field, b: column, way: 'a→b' })
  return { ...lens, read: (side, values, known) => lineOf(lens.read(side, values, known)) }
}

function lineOf(value: Json): Json {
  return Array.isArray(value) ? value.map(String).toSorted().join(', ') : value
}
