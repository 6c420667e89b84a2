/** What is asked of PostgreSQL as one JSON value, read as rows of a table by the types of its columns. */
import type { Json } from '../../connector/index.ts'
import { literal, quoted, tableName } from './dialect.ts'
import type { Parent, Table } from './table.ts'

/** The rows of a write, numbered. The limit tells the planner how many there are, which decides between index and scan. */
export function asked(docs: readonly Json[]): string {
  return `asked AS (SELECT e.at, e.doc FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS e (doc, at) LIMIT ${docs.length})`
}

/** A JSON value as a row: of the table's own type, unless that refuses a row of which only a part is told. */
export function rowOf({ name, types }: Pick<Table, 'name' | 'types'>, value: string, alias: string): string {
  if (types === null) return `jsonb_populate_record(NULL::${tableName(name)}, ${value}) AS ${alias}`
  const columns = Object.entries(types).map(([column, type]) => `${quoted(column)} ${type}`)
  return `jsonb_to_record(${value}) AS ${alias} (${columns.join(', ')})`
}

/** A part of what was asked, as a row of the table. */
export function record(table: Pick<Table, 'name' | 'types'>, part: string, alias: string, of = 'asked'): string {
  return `CROSS JOIN LATERAL ${rowOf(table, `${of}.doc->'${part}'`, alias)}`
}

/** Key and owner as the parent's own table has them: the columns that name them may have other types. */
export function namedParent(
  { table: name, types, key, owner, column }: Parent,
  ownerOfRow: string,
): { readonly key: string; readonly named: string } {
  const both = `${literal(key)}, n.${quoted(column)}, ${literal(owner)}, n.${quoted(ownerOfRow)}`
  return { key: `k.${quoted(key)}`, named: rowOf({ name, types }, `jsonb_build_object(${both})`, 'k') }
}

export function sameKey(table: Pick<Table, 'key'>, left: string, right: string): string {
  return table.key.map((column) => `${left}.${quoted(column)} = ${right}.${quoted(column)}`).join(' AND ')
}

/** The types of a relation's columns by their names, as a JSON text; of a domain the one that is beneath it. */
export function typesOf(relation: string): string {
  return `(SELECT json_object_agg(a.attname, beneath.type) FROM pg_attribute a CROSS JOIN LATERAL (
      WITH RECURSIVE step (type, modifier) AS (SELECT a.atttypid, a.atttypmod UNION ALL
        SELECT d.typbasetype, d.typtypmod FROM step JOIN pg_type d ON d.oid = step.type AND d.typtype = 'd')
      SELECT format_type(step.type, step.modifier) AS type FROM step JOIN pg_type t ON t.oid = step.type WHERE t.typtype <> 'd'
    ) beneath WHERE a.attrelid = ${relation} AND a.attnum > 0 AND NOT a.attisdropped)::text`
}
