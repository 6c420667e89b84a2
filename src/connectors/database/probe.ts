/** Whose rights these are, and what stands in the way: a table, a column, a right, a trigger. */
import type { Finding, SqlRow, Standing, Statement } from '../../connector/index.ts'
import { rowsOf, type DatabaseApi } from './api.ts'
import { capture } from './capture.ts'
import { quoted, tableName } from './dialect.ts'
import { unkept } from './files.ts'
import { ingested } from './ingest.ts'
import { typesOf } from './records.ts'
import { isTrue, textIn } from './rows.ts'
import type { Table } from './table.ts'

export async function probe(api: DatabaseApi): Promise<Standing> {
  const isSqlite = api.dialect.words.name === 'sqlite'
  const actor = isSqlite ? 'sqlite' : await userOf(api)
  const findings = [...(isSqlite ? await sqliteTables(api) : await postgresTables(api, actor))]
  if (findings.length === 0 && api.config.capture === 'triggers') findings.push(...(await capture.check(api)))
  const place = await unkept(api)
  // Two kinds may be one table.
  const once = new Map([...findings, ...(place === null ? [] : [place])].map((each) => [each.message, each]))
  return { actor: { ref: actor, name: actor }, problems: [...once.values()] }
}

async function userOf(api: DatabaseApi): Promise<string> {
  const [row] = await rowsOf(api, { text: 'SELECT current_user::text AS name', values: [] })
  return row === undefined ? '' : (textIn(row, 'name') ?? '')
}

/** Every column that is read or written. */
function columnsOf(table: Table): readonly string[] {
  const { columns, key, owner, version, updated, deleted, created, edited, where } = table
  const named = [owner, version, updated, deleted?.column ?? null, created, edited].filter((each) => each !== null)
  return [...new Set([...columns.map(({ column }) => column), ...key, ...named, ...where.map(({ column }) => column)])]
}

/** Which types of PostgreSQL a stored type is read from; any other is told. */
const FITS: { readonly [type: string]: RegExp } = {
  decimal: /^(smallint|integer|bigint|numeric|real|double precision)/,
  boolean: /^boolean/,
  date: /^date/,
  instant: /^timestamp/,
  json: /^jsonb?$/,
}

/** Which types take what marks a row as deleted. */
const TAKES_MARK = { boolean: /^boolean/, time: /^(timestamp|date|text|character varying)/ } as const

async function postgresTables(api: DatabaseApi, user: string): Promise<readonly Finding[]> {
  const values: string[] = []
  const bound = (value: string): string => `$${values.push(value)}`
  const each = api.tables.map(({ kind, name }) => {
    const relation = `to_regclass(${bound(tableName(name))})`
    const right = (what: string): string => `has_table_privilege(${relation}, '${what}')`
    return `SELECT ${bound(kind)}::text AS kind, ${relation} IS NOT NULL AS there, ${right('SELECT')} AS reads,
      has_any_column_privilege(${relation}, 'INSERT') AS inserts, has_any_column_privilege(${relation}, 'UPDATE') AS updates, ${right('DELETE')} AS deletes,
      row_security_active(${relation}::oid) AS hidden,
      ${typesOf(relation)} AS columns`
  })
  const statement: Statement = { text: each.join(' UNION ALL '), values }
  const rows = await rowsOf(api, statement)
  return rows.flatMap((row) => {
    const table = api.tables.find(({ kind }) => kind === textIn(row, 'kind'))
    const isParent = api.tables.some(({ parent }) => parent?.kind === table?.kind)
    return table === undefined ? [] : findingsOf(table, row, { user, isParent, ...missingOf(api) })
  })
}

interface Looked extends Missing {
  readonly user: string
  /** Rows of other tables are under its own, which are locked while those are made. */
  readonly isParent: boolean
}

function findingsOf(table: Table, row: SqlRow, { user, isParent, absent, withoutColumn }: Looked): readonly Finding[] {
  const name = tableName(table.name)
  if (!isTrue(row['there'])) return [absent(table)]
  const types = new Map<string, unknown>(Object.entries(JSON.parse(textIn(row, 'columns') ?? '{}')))
  const rights = [
    ['SELECT', 'reads'],
    ['INSERT', 'inserts'],
    ['UPDATE', 'updates'],
    ['DELETE', 'deletes'],
  ] as const
  const missing = rights.filter(([what, has]) => !isTrue(row[has]) && (what !== 'DELETE' || table.deleted === null))
  return [
    ...columnsOf(table)
      .filter((column) => !types.has(column))
      .map((column): Finding => withoutColumn(table, column)),
    ...unfitting(table, types),
    ...missing.map(([what]): Finding => ({
      message: `${user} may not ${what} in ${table.name}`,
      remedy:
        isParent && what === 'UPDATE'
          ? `GRANT UPDATE ON ${name} TO ${quoted(user)}: a row stays locked while others are made under it`
          : `GRANT ${what} ON ${name} TO ${quoted(user)}; or, where nothing travels that way, leave it`,
    })),
    ...(isTrue(row['hidden'])
      ? [
          {
            message: `row security hides rows of ${table.name} from ${user}: they would look deleted`,
            remedy: `ALTER ROLE ${quoted(user)} BYPASSRLS; or use a user for whom no policy of this table applies`,
          },
        ]
      : []),
  ]
}

function unfitting(table: Table, types: ReadonlyMap<string, unknown>): readonly Finding[] {
  const found = table.columns.flatMap(({ column, type, many }): Finding[] => {
    const is = types.get(column)
    if (typeof is !== 'string') return []
    const isArray = is.endsWith('[]')
    const fits = many === isArray && (FITS[type]?.test(is) ?? true)
    const wanted = `${type}${many ? ', many' : ''}`
    return fits
      ? []
      : [
          {
            message: `${column} of ${table.name} is of the type ${is}, which is not read as ${wanted}`,
            remedy: 'write the type that fits in `columns`, or change the type of the column',
          },
        ]
  })
  if (table.deleted === null) return found
  const { column, type } = table.deleted
  const is = types.get(column)
  if (typeof is !== 'string' || TAKES_MARK[type].test(is)) return found
  const mark: Finding = {
    message: `${column} of ${table.name} is of the type ${is}, in which ${type === 'boolean' ? 'true' : 'the time'} cannot be written to mark a row as deleted`,
    remedy: 'write the type that fits in `deleted`, or change the type of the column',
  }
  return [...found, mark]
}

interface Missing {
  absent(table: Table): Finding
  withoutColumn(table: Table, column: string): Finding
}

const MADE = 'make it: lockstep tables create <connection>'

/** The documented tables are made by a command. */
function missingOf({ config }: DatabaseApi): Missing {
  const made: readonly string[] = ingested(config)
  return {
    absent: (table) => (made.includes(table.kind) ? { ...absentOf(table), remedy: MADE } : absentOf(table)),
    withoutColumn: (table, column) =>
      made.includes(table.kind) ? { ...withoutColumnOf(table, column), remedy: MADE } : withoutColumnOf(table, column),
  }
}

function absentOf(table: Table): Finding {
  return {
    message: `there is no table ${table.name}`,
    remedy: `correct \`table\` of ${table.kind} (with its schema: \`public.${table.name.replace(/^.*\./, '')}\`), or make it: CREATE TABLE ${tableName(table.name)} (…)`,
  }
}

function withoutColumnOf(table: Table, column: string): Finding {
  return {
    message: `${table.name} has no column ${column}`,
    remedy: `correct its name, or make it: ALTER TABLE ${tableName(table.name)} ADD COLUMN ${quoted(column)} …`,
  }
}

async function sqliteTables(api: DatabaseApi): Promise<readonly Finding[]> {
  const found: Finding[] = []
  const { absent, withoutColumn } = missingOf(api)
  for (const table of api.tables) {
    const rows = await rowsOf(api, { text: 'SELECT name FROM pragma_table_info(?1)', values: [table.name] })
    const there = new Set(rows.map((row) => textIn(row, 'name')))
    if (there.size === 0) found.push(absent(table))
    else found.push(...columnsOf(table).flatMap((column) => (there.has(column) ? [] : [withoutColumn(table, column)])))
  }
  return found
}
