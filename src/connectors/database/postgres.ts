/** PostgreSQL: rows of a write travel as one JSON value, which the server reads by the types of the table itself. */
import { z } from 'zod'
import {
  ConnectorError,
  type Create,
  type Delete,
  type Json,
  type SqlRow,
  type Statement,
  type Update,
} from '../../connector/index.ts'
import { ROWS_ON_A_PAGE } from './config.ts'
import {
  quoted,
  tableName,
  valuesFor,
  type Became,
  type Dialect,
  type Noted,
  type Place,
  type Step,
  type Words,
  type Writing,
} from './dialect.ts'
import { changeOf, isTrue, passes, selected, textIn, versionOf } from './rows.ts'
import { columnsOf, newColumnsOf } from './columns.ts'
import { fixedValues, keyIn, type Column, type Table } from './table.ts'
import { fromJson } from './values.ts'
import { asked, namedParent, record, rowOf, sameKey } from './records.ts'
import { uuidOf } from './uuid.ts'

export const words: Words = {
  name: 'postgres',
  place: (at) => `$${at}`,
  text: (expression) => `${expression}::text`,
  texts: (expressions) => `json_build_array(${expressions.join(', ')})::text`,
  document: (columns, alias) => `json_build_array(${columns.map((each) => element(each, alias)).join(', ')})::text`,
  holds: (column, text) => `${column} = ${text}`,
  held: (_table, _column, text) => text,
  places: (columns) => words.texts(columns.map((each) => words.text(each))),
  placed: (text) => text,
  digest: (expression) => `left(encode(sha256(convert_to(${expression}, 'UTF8')), 'hex'), 32)`,
  read: fromJson,
  time: (expression) => expression,
  past: (expression) => `${expression}::timestamptz <= clock_timestamp()`,
  // As a text: a mark may also stand in a column of another type, as 0 and 1.
  unmarked: (expression) => `${expression} IS NULL OR ${expression}::text IN ('false', '0')`,
  value: (fixed) => (fixed === null ? null : String(fixed)),
}

/** A JSON number would not be exact. */
function element({ column, type, many }: Pick<Column, 'column' | 'type' | 'many'>, alias: string): string {
  const name = `${alias}.${quoted(column)}`
  if (type === 'text' || type === 'decimal') return many ? `${name}::text[]` : `${name}::text`
  return name
}

function keyRecord(table: Table, ref: string): { [column: string]: Json } {
  const key = keyIn(table, ref)
  if (key === null) throw new ConnectorError('rejected', `${ref} is no key of ${table.name}`)
  return Object.fromEntries(table.key.map((column, at) => [column, key[at] ?? null]))
}

/** Those that write the same columns go in one statement. */
export function alike<Intent>(
  intents: readonly Intent[],
  columns: (intent: Intent) => readonly string[],
): (readonly Intent[])[] {
  const groups = new Map<string, Intent[]>()
  for (const each of intents) {
    const name = JSON.stringify(columns(each).toSorted())
    groups.set(name, [...(groups.get(name) ?? []), each])
  }
  return [...groups.values()]
}

/** In the order of what was asked, whatever statement each went in. */
function inOrder<Intent>(
  intents: readonly Intent[],
  groups: readonly (readonly Intent[])[],
  read: (row: SqlRow, intent: Intent) => Became,
): Writing<Became>['answers'] {
  return (results) => {
    const became = new Map<Intent, Became>()
    for (const [at, group] of groups.entries())
      for (const row of results[at] ?? []) {
        const intent = group[Number(row['at']) - 1]
        if (intent !== undefined) became.set(intent, read(row, intent))
      }
    return intents.map((intent) => became.get(intent) ?? { is: 'missing' })
  }
}

export const postgres: Dialect = {
  words,
  noted: (schema): Noted => ({
    change: `${quoted(schema)}.change`,
    made: `${quoted(schema)}.made`,
    state: `${quoted(schema)}.state`,
  }),
  create(table, intents, { scope, made }) {
    const newRow = ({ key, values }: Create): { [column: string]: Json } => ({
      ...Object.fromEntries(fixedValues(table).map(({ column, value }) => [column, value])),
      ...newColumnsOf(table, values),
      ...(table.owner === null ? {} : { [table.owner]: scope }),
      ...(table.keys === 'uuid' ? { [table.key[0] ?? '']: uuidOf(key) } : {}),
    })
    const creation = (groups: readonly (readonly Create[])[]): Writing<Became> => ({
      statements: groups.map((group) => {
        const docs = group.map((each) => ({ key: each.key, new: newRow(each) }))
        return insertion(table, Object.keys(docs[0]?.new ?? {}), made, docs)
      }),
      answers: inOrder(intents, groups, createdOf(table)),
    })
    const together = creation(alike(intents, (each) => Object.keys(newRow(each))))
    if (table.keys !== 'database' || intents.length === 1) return together
    return { ...together, instead: () => creation(intents.map((each) => [each])) }
  },
  find(table, key, made) {
    const values = valuesFor(words)
    const name = tableName(table.name)
    const own = words.texts(table.key.map((column) => words.text(`k.${quoted(column)}`)))
    const select = selected(words, table, 't', values, own)
    const text = `SELECT ${select} FROM ${made} m CROSS JOIN LATERAL ${rowOf(table, 'm.row_key', 'k')}
      LEFT JOIN ${name} t ON ${sameKey(table, 't', 'k')} WHERE m.key = ${values.add(key)}::text AND m.relation = ${values.add(table.name)}::text`
    return { text, values: values.list }
  },
  update(table, scope, intents, _now) {
    const groups = alike(intents, ({ changed }) => Object.keys(columnsOf(table, changed)))
    const statements = groups.map((group) => {
      const docs = group.map(({ ref, changed, base }) => ({
        key: keyRecord(table, ref),
        new: columnsOf(table, changed),
        version: base.version ?? '',
      }))
      const sets = Object.keys(docs[0]?.new ?? {}).map((column) => `${quoted(column)} = n.${quoted(column)}`)
      return conditional(table, { scope, sets: [...sets, ...stamps(table)], docs })
    })
    return { statements, answers: inOrder(intents, groups, changedOf(table)) }
  },
  remove(table, scope, intents: readonly Delete[], _now) {
    const docs = intents.map(({ ref, base }) => ({ key: keyRecord(table, ref), version: base.version ?? '' }))
    const marker = table.deleted
    const sets =
      marker === null
        ? null
        : [`${quoted(marker.column)} = ${marker.type === 'boolean' ? 'true' : 'clock_timestamp()'}`, ...stamps(table)]
    return {
      statements: [conditional(table, { scope, sets, docs })],
      answers: inOrder(intents, [intents], changedOf(table)),
    }
  },
  changes,
  changed,
  purge: (schema, keepDays) => {
    const { change, made, state } = postgres.noted(schema)
    const old = `at < clock_timestamp() - make_interval(days => $1)`
    return [
      {
        text: `WITH gone AS (DELETE FROM ${change} WHERE id IN (SELECT id FROM ${change} WHERE ${old} ORDER BY id LIMIT 10000) RETURNING tx)
          UPDATE ${state} SET purged = greatest(purged, (SELECT tx FROM gone ORDER BY tx DESC LIMIT 1)) WHERE EXISTS (SELECT FROM gone)`,
        values: [keepDays],
      },
      { text: `DELETE FROM ${made} WHERE ${old}`, values: [keepDays] },
    ]
  },
}

/**
 * A new row is known again in the answer by its key, where that is given; else by all that was written into it, as the order of
 * an answer is not promised. Rows into which the same was written stand for each other. One that a trigger made into something
 * else fails the statement, unless it is alone.
 */
function insertion(table: Table, columns: readonly string[], made: string | null, docs: readonly Json[]): Statement {
  const name = tableName(table.name)
  const values = valuesFor(words)
  values.add(JSON.stringify(docs))
  const byDatabase = table.keys === 'database'
  const told = byDatabase ? (docs.length === 1 ? [] : columns) : table.key
  const said = (alias: string): string => `ROW(${told.map((each) => `${alias}.${quoted(each)}`).join(', ')})::text`
  const unused = made === null ? '' : ` AND NOT EXISTS (SELECT FROM ${made} m WHERE m.key = asked.doc->>'key')`
  const conflict = byDatabase ? '' : ` ON CONFLICT (${table.key.map(quoted).join(', ')}) ${revived(table, columns)}`
  const place = placeOf(table).map((each) => `n.${quoted(each)}`)
  const parts = [
    asked(docs),
    ...lockedParents(table),
    `free AS MATERIALIZED (SELECT${place.length === 0 ? '' : ` DISTINCT ON (${place.join(', ')})`} asked.at, asked.doc FROM asked ${record(table, 'new', 'n')}
    WHERE true${unused}${isFree(table)} ORDER BY ${[...place, 'asked.at'].join(', ')})`,
    `fresh AS (INSERT INTO ${name} AS t (${columns.map(quoted).join(', ')}) SELECT ${columns.map((each) => `n.${quoted(each)}`).join(', ')}
    FROM free ${record(table, 'new', 'n', 'free')} ORDER BY free.at${conflict} RETURNING *)`,
    `given AS MATERIALIZED (SELECT free.at, free.doc, w.said, row_number() OVER (PARTITION BY w.said ORDER BY free.at) AS nth
    FROM free ${record(table, 'new', 'n', 'free')} CROSS JOIN LATERAL (SELECT ${said('n')} AS said) w)`,
    `came AS MATERIALIZED (SELECT fresh.*, ${said('fresh')} AS ${SAID}, row_number() OVER (PARTITION BY ${said('fresh')}) AS ${NTH} FROM fresh)`,
  ]
  const same = `given.said = came.${SAID} AND given.nth = came.${NTH}`
  if (made !== null) {
    const keyed = table.key.map((column) => `${values.add(column)}::text, came.${quoted(column)}`).join(', ')
    parts.push(
      `noted AS (INSERT INTO ${made} (key, relation, row_key) SELECT given.doc->>'key', ${values.add(table.name)}::text, jsonb_build_object(${keyed}) FROM came JOIN given ON ${same})`,
    )
  }
  const shown = `SELECT coalesce(given.at, ('a trigger makes something else of ' || came.${SAID})::bigint) AS at, true AS made, ${selected(words, table, 'came', values)} FROM came LEFT JOIN given ON ${same}`
  const stood = byDatabase
    ? ''
    : ` UNION ALL SELECT asked.at, false AS made, ${selected(words, table, 't', values)} FROM asked ${record(table, 'new', 'k')} JOIN ${name} t ON ${sameKey(table, 't', 'k')}
    WHERE NOT EXISTS (SELECT FROM came JOIN given ON ${same} WHERE given.at = asked.at)`
  return { text: `WITH ${parts.join(', ')} ${shown}${stood}`, values: values.list }
}

/** Beside the columns of any table. */
const SAID = quoted('lockstep: said')
const NTH = quoted('lockstep: nth')

/** A row that is marked as deleted comes back, as what is new now; any other stays as it is. */
function revived(table: Table, columns: readonly string[]): string {
  if (table.deleted === null || table.keys !== 'given') return 'DO NOTHING'
  const { column, type } = table.deleted
  const sets = columns.map((each) => `${quoted(each)} = excluded.${quoted(each)}`)
  const all = [...sets, `${quoted(column)} = ${type === 'boolean' ? 'false' : 'NULL'}`, ...stamps(table)]
  return `DO UPDATE SET ${all.join(', ')} WHERE NOT (${words.unmarked(`t.${quoted(column)}`)})`
}

/** The columns that say which place a row takes, of which there is one of each; none: it takes none. */
function placeOf({ unique, owner }: Table): readonly string[] {
  return unique.length === 0 || owner === null ? unique : [...unique, owner]
}

/** That nothing stands in the place of a new row. */
function isFree(table: Table): string {
  const at = isUnder(table)
  if (table.unique.length === 0) return at
  const same = placeOf(table).map((each) => `s.${quoted(each)} IS NOT DISTINCT FROM n.${quoted(each)}`)
  const alive = table.deleted === null ? [] : [`(${words.unmarked(`s.${quoted(table.deleted.column)}`)})`]
  return `${at} AND NOT EXISTS (SELECT FROM ${tableName(table.name)} s WHERE ${[...same, ...alive].join(' AND ')})`
}

/** That its parent is no row of another owner by now. */
function isUnder({ parent, owner }: Table): string {
  if (parent === null || owner === null) return ''
  const { key, named } = namedParent(parent, owner)
  return ` AND NOT EXISTS (SELECT FROM ${named} JOIN parents p ON p.key = ${key} AND p.owner IS DISTINCT FROM k.${quoted(parent.owner)})`
}

/** Who moves a parent to another owner does so before, or finds its new rows: it stays as it is until they are committed. */
function lockedParents(table: Table): readonly string[] {
  const { parent, owner } = table
  if (parent === null || owner === null) return []
  const { key, named } = namedParent(parent, owner)
  return [
    `parents AS MATERIALIZED (SELECT p.${quoted(parent.key)} AS key, p.${quoted(parent.owner)} AS owner FROM ${tableName(parent.table)} p
    WHERE p.${quoted(parent.key)} IN (SELECT ${key} FROM asked ${record(table, 'new', 'n')} CROSS JOIN LATERAL ${named}) ORDER BY 1 FOR SHARE OF p)`,
  ]
}

function createdOf(table: Table): (row: SqlRow, intent: Create) => Became {
  return (row) => {
    const change = changeOf(words, table, row)
    if (isTrue(row['made']) || table.keys === 'uuid') return { is: 'done', change }
    return { is: 'taken' }
  }
}

/** What each write of ours sets as well. */
function stamps(table: Table): readonly string[] {
  return [
    ...(table.version === null ? [] : [`${quoted(table.version)} = t.${quoted(table.version)} + 1`]),
    ...(table.updated === null ? [] : [`${quoted(table.updated)} = clock_timestamp()`]),
  ]
}

interface Conditional {
  readonly scope: string
  /** Null: the rows are removed. */
  readonly sets: readonly string[] | null
  readonly docs: readonly Json[]
}

/** In one step: only rows that are still as they were seen. */
function conditional(table: Table, { scope, sets, docs }: Conditional): Statement {
  const name = tableName(table.name)
  const values = valuesFor(words)
  values.add(JSON.stringify(docs))
  const from = `asked ${record(table, 'key', 'k')}${sets === null ? '' : ` ${record(table, 'new', 'n')}`}`
  const owned = table.owner === null ? '' : ` AND t.${quoted(table.owner)} = ${values.add(scope)}`
  const alive = table.deleted === null ? '' : ` AND (${words.unmarked(`t.${quoted(table.deleted.column)}`)})`
  const is = `${sameKey(table, 't', 'k')}${alive} AND ${passes(words, table, 't', values)}`
  const seen = `${is}${owned} AND ${versionOf(words, table, 't')} = asked.doc->>'version'`
  const does =
    sets === null ? `DELETE FROM ${name} AS t USING ${from}` : `UPDATE ${name} AS t SET ${sets.join(', ')} FROM ${from}`
  const done = `done AS (${does} WHERE ${seen} RETURNING asked.at AS done_at, ${selected(words, table, 't', values)})`
  return {
    text: `WITH ${asked(docs)}, ${done} SELECT asked.at, done.*, EXISTS (SELECT FROM ${name} t WHERE ${is}) AS stands FROM asked ${record(table, 'key', 'k')} LEFT JOIN done ON done.done_at = asked.at`,
    values: values.list,
  }
}

function changedOf(table: Table): (row: SqlRow, intent: Update | Delete) => Became {
  return (row) => {
    if (textIn(row, 'done_at') !== null) return { is: 'done', change: changeOf(words, table, row) }
    return { is: isTrue(row['stands']) ? 'stale' : 'missing' }
  }
}

/**
 * A place is a snapshot: which transactions had ended when the table was read to its end. What was committed since then is
 * what the next one sees and this one does not, in whatever order they began. `to`, `tx` and `id` stand in the middle of
 * such a step.
 */
const placed = z.object({ of: z.string(), from: z.string(), to: z.string(), tx: z.string(), id: z.string() })

function changes(tables: readonly Table[], schema: string, after: Place | null): readonly Statement[] {
  const { change, state } = postgres.noted(schema)
  const place = after === null ? null : placeIn(after)
  const middle = place !== null && place.to !== ''
  const values = valuesFor(words)
  const from = `${values.add(place?.from ?? null)}::pg_snapshot`
  const to = `${values.add(middle ? place.to : null)}::pg_snapshot`
  const tx = `${values.add(middle ? place.tx : '0')}::xid8`
  const id = `${values.add(middle ? place.id : '0')}::bigint`
  const rows = tables.map((table) => {
    const name = tableName(table.name)
    const key = words.texts(table.key.map((column) => words.text(`k.${quoted(column)}`)))
    const select = selected(words, table, 't', values, key)
    return `SELECT ${values.add(table.kind)}::text AS kind, ${select} FROM ${rowOf(table, 'p.key', 'k')} LEFT JOIN ${name} t ON ${sameKey(table, 't', 'k')} WHERE p.relation = ${values.add(table.name)}::text`
  })
  const text = `WITH step AS (SELECT coalesce(${to}, pg_current_snapshot()) AS target, ${from} AS source),
      page AS MATERIALIZED (SELECT c.tx, c.id, c.relation, c.key, c.owner, c.what FROM ${change} c CROSS JOIN step
        WHERE c.tx >= pg_snapshot_xmin(step.source) AND NOT pg_visible_in_snapshot(c.tx, step.source)
        AND pg_visible_in_snapshot(c.tx, step.target) AND (c.tx, c.id) > (${tx}, ${id})
        ORDER BY c.tx, c.id LIMIT ${ROWS_ON_A_PAGE})
      SELECT step.target::text AS target, (SELECT installed FROM ${state}) AS of,
        (SELECT purged::text FROM ${state}) AS purged, pg_snapshot_xmax(pg_current_snapshot())::text AS now,
        p.tx::text AS tx, p.id::text AS id, p.owner AS was, p.what AS what, p.relation AS relation, r.*
      FROM step LEFT JOIN page p ON true LEFT JOIN LATERAL (${rows.join(' UNION ALL ')}) r ON true
      ORDER BY p.tx, p.id`
  return [{ text, values: values.list }]
}

function placeIn(place: Place): z.infer<typeof placed> {
  const found = placed.safeParse(place)
  if (!found.success) throw new ConnectorError('cursor-expired', 'the cursor is of another form')
  return found.data
}

function changed([rows = []]: readonly (readonly SqlRow[])[], after: Place | null): Step {
  const [first] = rows
  const before = after === null ? null : placeIn(after)
  const text = (column: string): string => (first === undefined ? '' : (textIn(first, column) ?? ''))
  const of = text('of')
  const target = text('target')
  if (before !== null) {
    if (before.of !== of) throw new ConnectorError('cursor-expired', 'the table of changes was made anew')
    if (BigInt(text('purged') || '0') >= xmin(before.from))
      throw new ConnectorError('cursor-expired', 'what changed since then is not kept any more')
    if (xmax(before.from) > BigInt(text('now')))
      throw new ConnectorError('cursor-expired', 'the database was put back to an earlier state')
  }
  const found = rows.filter((row) => textIn(row, 'id') !== null)
  const last = found.at(-1)
  const ids = new Set(found.map((row) => textIn(row, 'id')))
  const more = ids.size === ROWS_ON_A_PAGE
  if (!more || last === undefined || before === null)
    return { rows: found, place: { of, from: target, to: '', tx: '', id: '' }, more: false }
  return {
    rows: found,
    place: { of, from: before.from, to: target, tx: textIn(last, 'tx') ?? '', id: textIn(last, 'id') ?? '' },
    more,
  }
}

/** `xmin:xmax:list` */
function xmin(snapshot: string): bigint {
  return BigInt(snapshot.split(':')[0] ?? '0')
}

function xmax(snapshot: string): bigint {
  return BigInt(snapshot.split(':')[1] ?? '0')
}
