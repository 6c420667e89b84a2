/** SQLite: rows of a write go one by one, in one transaction. */
import { z } from 'zod'
import {
  ConnectorError,
  type Create,
  type Delete,
  type SqlRow,
  type Statement,
  type Update,
} from '../../connector/index.ts'
import { ROWS_ON_A_PAGE } from './config.ts'
import {
  literal,
  quoted,
  tableName,
  valuesFor,
  type Became,
  type Dialect,
  type Noted,
  type Place,
  type Step,
  type Values,
  type Words,
} from './dialect.ts'
import { columnsOf, newColumnsOf } from './columns.ts'
import { changeOf, isTrue, passes, selected, textIn, versionOf } from './rows.ts'
import { fixedValues, keyIn, type Column, type Table } from './table.ts'
import { uuidOf } from './uuid.ts'
import { fromLiteral, toSqlite, UNFIT } from './values.ts'

export const words: Words = {
  name: 'sqlite',
  place: (at) => `?${at}`,
  text: (expression) => `CAST(${expression} AS TEXT)`,
  texts: (expressions) => `json_array(${expressions.join(', ')})`,
  // `quote` writes every number so that it can be read back, which JSON does not.
  document: (columns, alias) =>
    `json_array(${columns.map(({ column }) => `quote(${alias}.${quoted(column)})`).join(', ')})`,
  // A column without a type keeps what each program writes, and an index finds a number only by a number.
  holds: (column, text) =>
    `(${column} IN (${text}, CAST(${text} AS NUMERIC)) AND (${column} = ${text} OR CAST(${column} AS TEXT) = ${text}))`,
  held: (table, column, text) =>
    `coalesce((SELECT h.${column} FROM ${table} h WHERE ${words.holds(`h.${column}`, text)} LIMIT 1), ${text})`,
  places: (columns) =>
    words.texts(
      columns.map((each) => `typeof(${each}) || ' ' || iif(typeof(${each}) = 'real', quote(${each}), ${each})`),
    ),
  placed: inOrder,
  digest: (expression) => `lockstep_digest(${expression})`,
  read: (column, element) => (typeof element === 'string' ? fromLiteral(column, element) : UNFIT),
  time: (expression) => `strftime('%Y-%m-%dT%H:%M:%fZ', ${expression})`,
  past: (expression) => `${words.time(expression)} <= ${words.time(literal('now'))}`,
  unmarked: (expression) => `${expression} IS NULL OR ${expression} IN (0, 'false')`,
  value: (fixed) => (typeof fixed === 'boolean' ? (fixed ? 1 : 0) : fixed),
}

/** Compared with a value of another type, a column without a type is before all of them or behind. */
function inOrder(text: string): string | number | bigint {
  const [, type, rest = ''] = /^(integer|real|text|blob) (.*)$/s.exec(text) ?? []
  if (type === 'blob') throw new ConnectorError('rejected', 'a key of bytes has no place in a listing of several pages')
  if (type === 'integer') return BigInt(rest)
  if (type === 'real') return Number(rest)
  return type === 'text' ? rest : text
}

function noted(schema: string): Noted {
  return { change: quoted(`${schema}_change`), made: quoted(`${schema}_made`), state: quoted(`${schema}_state`) }
}

export const sqlite: Dialect = {
  words,
  noted,
  create(table, intents, { scope, made, now }) {
    const each = intents.map((intent) => creation(table, scope, intent, made, now))
    return {
      statements: each.flat(),
      answers: (results) => {
        let at = 0
        return each.map((statements): Became => {
          const [row] = results[at + 1] ?? []
          at += statements.length
          if (row === undefined) return { is: 'missing' }
          const isDone = isTrue(row['made']) || table.keys === 'uuid'
          return isDone ? { is: 'done', change: changeOf(words, table, row) } : { is: 'taken' }
        })
      },
    }
  },
  find(table, key, made) {
    const values = valuesFor(words)
    const same = keyedBy(table, 'm.row_key')
    const text = `SELECT ${selected(words, table, 't', values, 'm.row_key')} FROM ${made} m
      LEFT JOIN ${tableName(table.name)} t ON ${same} WHERE m.key = ${values.add(key)} AND m.relation = ${values.add(table.name)}`
    return { text, values: values.list }
  },
  update(table, scope, intents, now) {
    const statements = intents.flatMap(({ ref, changed, base }: Update) => {
      const values = valuesFor(words)
      const sets = Object.entries(stored(table, columnsOf(table, changed))).map(
        ([column, value]) => `${quoted(column)} = ${values.add(value)}`,
      )
      const all = [...sets, ...stamps(table, now, values)]
      const seen = seenIn(table, { scope, ref, version: base.version ?? '' }, values)
      const text = `UPDATE ${tableName(table.name)} AS t SET ${all.join(', ')} WHERE ${seen}`
      return [{ text, values: values.list }, outcome(table, ref)]
    })
    return { statements, answers: (results) => intents.map((_, at) => became(table, results[2 * at + 1])) }
  },
  remove(table, scope, intents: readonly Delete[], now) {
    const { deleted } = table
    const statements = intents.flatMap(({ ref, base }) => {
      const values = valuesFor(words)
      const marks =
        deleted === null
          ? []
          : [
              `${quoted(deleted.column)} = ${values.add(deleted.type === 'boolean' ? 1 : now)}`,
              ...stamps(table, now, values),
            ]
      const seen = seenIn(table, { scope, ref, version: base.version ?? '' }, values)
      const does =
        deleted === null
          ? `DELETE FROM ${tableName(table.name)} AS t`
          : `UPDATE ${tableName(table.name)} AS t SET ${marks.join(', ')}`
      return [{ text: `${does} WHERE ${seen}`, values: values.list }, outcome(table, ref)]
    })
    return { statements, answers: (results) => intents.map((_, at) => became(table, results[2 * at + 1])) }
  },
  changes,
  changed,
  purge: (schema, keepDays, now) => {
    const { change, made, state } = noted(schema)
    const before = new Date(Date.parse(now) - keepDays * 86_400_000).toISOString()
    // Its number would be given again.
    const old = `SELECT id FROM ${change} WHERE at < ?1 AND id < (SELECT max(id) FROM ${change}) ORDER BY id LIMIT 10000`
    return [
      {
        text: `UPDATE ${state} SET purged = max(purged, coalesce((SELECT max(id) FROM (${old})), 0))`,
        values: [before],
      },
      { text: `DELETE FROM ${change} WHERE id IN (${old})`, values: [before] },
      { text: `DELETE FROM ${made} WHERE at < ?1`, values: [before] },
    ]
  },
}

function stored(table: Table, given: ReturnType<typeof columnsOf>): { [column: string]: string | number | null } {
  const types = new Map<string, Column>(table.columns.map((each) => [each.column, each]))
  return Object.fromEntries(
    Object.entries(given).map(([column, value]) => [
      column,
      toSqlite(types.get(column) ?? { type: 'text', many: false }, value),
    ]),
  )
}

/** Insert, then what stands there now, then the note of its key. */
function creation(
  table: Table,
  scope: string,
  { key, values: given }: Create,
  made: string | null,
  now: string,
): readonly Statement[] {
  const name = tableName(table.name)
  const row: { [column: string]: string | number | bigint | null } = {
    ...Object.fromEntries(fixedValues(table).map(({ column, value }) => [column, words.value(value)])),
    ...stored(table, newColumnsOf(table, given)),
    ...(table.owner === null ? {} : { [table.owner]: scope }),
    ...(table.keys === 'uuid' ? { [table.key[0] ?? '']: uuidOf(key) } : {}),
  }
  const values = valuesFor(words)
  const columns = Object.keys(row)
  const into = `INSERT INTO ${name} AS t (${columns.map(quoted).join(', ')}) SELECT ${columns.map((each) => values.add(row[each] ?? null)).join(', ')}`
  const free = isFree(table, row, values)
  const conflict =
    table.keys === 'database'
      ? ''
      : ` ON CONFLICT (${table.key.map(quoted).join(', ')}) ${revived(table, columns, now, values)}`
  const insert = { text: `${into} WHERE ${free}${conflict}`, values: values.list }
  const where = (own: Values): string =>
    table.keys === 'database'
      ? 't.rowid = last_insert_rowid() AND changes() > 0'
      : table.key.map((column) => has(`t.${quoted(column)}`, row[column], own)).join(' AND ')
  const reading = valuesFor(words)
  const shown = `SELECT (changes() > 0) AS made, ${selected(words, table, 't', reading)} FROM ${name} t WHERE ${where(reading)}`
  const noting = valuesFor(words)
  const keyed = words.texts(table.key.map((column) => words.text(`t.${quoted(column)}`)))
  const note =
    made === null
      ? []
      : [
          {
            text: `INSERT INTO ${made} (key, relation, row_key) SELECT ${noting.add(key)}, ${noting.add(table.name)}, ${keyed} FROM ${name} t WHERE changes() > 0 AND ${where(noting)}`,
            values: noting.list,
          },
        ]
  return [insert, { text: shown, values: reading.list }, ...note]
}

/** A row that is marked as deleted comes back, as what is new now; any other stays as it is. */
function revived(table: Table, columns: readonly string[], now: string, values: Values): string {
  if (table.deleted === null || table.keys !== 'given') return 'DO NOTHING'
  const { column, type } = table.deleted
  const sets = columns.map((each) => `${quoted(each)} = excluded.${quoted(each)}`)
  const all = [...sets, `${quoted(column)} = ${type === 'boolean' ? '0' : 'NULL'}`, ...stamps(table, now, values)]
  return `DO UPDATE SET ${all.join(', ')} WHERE NOT (${words.unmarked(`t.${quoted(column)}`)})`
}

function isFree(
  table: Table,
  row: { readonly [column: string]: string | number | bigint | null },
  values: Values,
): string {
  const at = isUnder(table, row, values)
  if (table.unique.length === 0) return at
  const scoped = table.owner === null ? [] : [table.owner]
  const same = [...table.unique, ...scoped].map((each) => has(`s.${quoted(each)}`, row[each], values))
  const alive = table.deleted === null ? [] : [`(${words.unmarked(`s.${quoted(table.deleted.column)}`)})`]
  return `${at} AND NOT EXISTS (SELECT 1 FROM ${tableName(table.name)} s WHERE ${[...same, ...alive].join(' AND ')})`
}

/** That its parent is no row of another owner by now. */
function isUnder(
  { parent, owner }: Table,
  row: { readonly [column: string]: string | number | bigint | null },
  values: Values,
): string {
  if (parent === null || owner === null) return 'true'
  const same = [
    has(`p.${quoted(parent.key)}`, row[parent.column], values),
    `(${has(`p.${quoted(parent.owner)}`, row[owner], values)}) IS NOT true`,
  ]
  return `NOT EXISTS (SELECT 1 FROM ${tableName(parent.table)} p WHERE ${same.join(' AND ')})`
}

function stamps({ version, updated }: Table, now: string, values: Values): readonly string[] {
  return [
    ...(version === null ? [] : [`${quoted(version)} = t.${quoted(version)} + 1`]),
    ...(updated === null ? [] : [`${quoted(updated)} = ${values.add(now)}`]),
  ]
}

function keyed(table: Table, ref: string, values: Values): string {
  const key = keyIn(table, ref)
  if (key === null) throw new ConnectorError('rejected', `${ref} is no key of ${table.name}`)
  return table.key.map((column, at) => has(`t.${quoted(column)}`, key[at], values)).join(' AND ')
}

/** By a key that was noted. */
function keyedBy(table: Table, noted: string): string {
  return table.key
    .map((column, at) => words.holds(`t.${quoted(column)}`, `json_extract(${noted}, '$[${at}]')`))
    .join(' AND ')
}

function has(column: string, value: string | number | bigint | null | undefined, values: Values): string {
  if (value === null || value === undefined) return `${column} IS NULL`
  const bound = values.add(value)
  return typeof value === 'string' ? words.holds(column, bound) : `${column} = ${bound}`
}

/** There, and among what is synced. */
function standing(table: Table, values: Values): string {
  const alive = table.deleted === null ? '' : `(${words.unmarked(`t.${quoted(table.deleted.column)}`)}) AND `
  return alive + passes(words, table, 't', values)
}

function seenIn(
  table: Table,
  { scope, ref, version }: { scope: string; ref: string; version: string },
  values: Values,
): string {
  const owned = table.owner === null ? '' : ` AND ${has(`t.${quoted(table.owner)}`, scope, values)}`
  return `${keyed(table, ref, values)} AND ${standing(table, values)}${owned} AND ${versionOf(words, table, 't')} = ${values.add(version)}`
}

/** What the statement before it did, and what stands there now. */
function outcome(table: Table, ref: string): Statement {
  const values = valuesFor(words)
  const select = selected(words, table, 't', values, `json(${values.add(JSON.stringify(keyIn(table, ref)))})`)
  const text = `SELECT o.done AS done, coalesce(${standing(table, values)}, 0) AS stands, ${select}
    FROM (SELECT (changes() > 0) AS done) o LEFT JOIN ${tableName(table.name)} t ON ${keyed(table, ref, values)}`
  return { text, values: values.list }
}

function became(table: Table, rows: readonly SqlRow[] | undefined): Became {
  const row = rows?.[0]
  if (row === undefined) return { is: 'missing' }
  if (isTrue(row['done'])) return { is: 'done', change: changeOf(words, table, row) }
  return { is: isTrue(row['there']) && isTrue(row['stands']) ? 'stale' : 'missing' }
}

/** Writers go one after the other, so that numbers are in the order of commits. */
const placed = z.object({ of: z.string(), id: z.string().regex(/^\d+$/) })

function changes(tables: readonly Table[], schema: string, after: Place | null): readonly Statement[] {
  const { change, state } = noted(schema)
  const newest = `coalesce((SELECT max(id) FROM ${change}), s.purged)`
  const head = { text: `SELECT s.installed AS of, s.purged AS purged, ${newest} AS newest FROM ${state} s`, values: [] }
  if (after === null) return [head]
  const values = valuesFor(words)
  const portion = `SELECT * FROM ${change} WHERE id > ${values.add(BigInt(placeIn(after).id))} ORDER BY id LIMIT ${ROWS_ON_A_PAGE}`
  const rows = tables.map((table) => {
    const same = keyedBy(table, 'p.key')
    const select = selected(words, table, 't', values, 'p.key')
    return `SELECT p.id AS id, p.owner AS was, p.what AS what, p.relation AS relation, ${values.add(table.kind)} AS kind, ${select}
      FROM (${portion}) p LEFT JOIN ${tableName(table.name)} t ON ${same} WHERE p.relation = ${values.add(table.name)}`
  })
  const ends = { text: `SELECT max(id) AS last, count(*) AS size FROM (${portion})`, values: values.list.slice(0, 1) }
  return [head, ends, { text: `${rows.join(' UNION ALL ')} ORDER BY id`, values: values.list }]
}

function placeIn(place: Place): z.infer<typeof placed> {
  const found = placed.safeParse(place)
  if (!found.success) throw new ConnectorError('cursor-expired', 'the cursor is of another form')
  return found.data
}

function changed([head = [], ends = [], rows = []]: readonly (readonly SqlRow[])[], after: Place | null): Step {
  const text = (of: readonly SqlRow[], column: string): string =>
    of[0] === undefined ? '' : (textIn(of[0], column) ?? '')
  const of = text(head, 'of')
  if (after === null) return { rows: [], place: { of, id: text(head, 'newest') }, more: false }
  const before = placeIn(after)
  if (before.of !== of) throw new ConnectorError('cursor-expired', 'the table of changes was made anew')
  if (BigInt(text(head, 'purged')) > BigInt(before.id))
    throw new ConnectorError('cursor-expired', 'what changed since then is not kept any more')
  if (BigInt(before.id) > BigInt(text(head, 'newest')))
    throw new ConnectorError('cursor-expired', 'the database was put back to an earlier state')
  const last = text(ends, 'last')
  return {
    rows,
    place: { of, id: last === '' ? before.id : last },
    more: Number(text(ends, 'size')) === ROWS_ON_A_PAGE,
  }
}
