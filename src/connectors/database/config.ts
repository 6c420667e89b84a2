/** What an operator says about one database: where it is, and which of its tables are synced. */
import { z } from 'zod'
import { ENCODED, isServerUrl, type Limit } from '../../connector/index.ts'

export const OWNER = 'owner'
/** The scope of tables whose rows belong to nobody in particular. */
export const ALL = 'all'

const name = z
  .string()
  .min(1)
  .max(120)
  .regex(/^[^\0"]+$/)
const field = z.string().regex(/^[a-zA-Z][\w-]{0,62}$/)
const types = [
  'text',
  'rich',
  'decimal',
  'boolean',
  'date',
  'instant',
  'person',
  'enum',
  'ref',
  'json',
  'file',
] as const
const fixed = z.union([z.string(), z.number(), z.boolean(), z.null()])

const column = z.union([
  z.enum(types),
  z.strictObject({
    type: z.enum(types).meta({ description: 'What it holds.' }),
    column: name.optional().meta({ description: 'Its name in the table. Default: the name of the field.' }),
    required: z.boolean().default(false).meta({ description: 'It is never null.' }),
    written: z.enum(['never', 'on-create']).optional().meta({
      description: 'Whether Lockstep writes it. Default: when a row is made and when it changes.',
    }),
    many: z.enum(['set', 'list']).optional().meta({ description: 'An array; a `set` compares without order.' }),
    to: z.string().optional().meta({ description: 'Of a `ref`: the table whose key it holds.' }),
    values: z.array(z.string()).min(1).optional().meta({ description: 'Of an `enum`: all that it takes.' }),
    empty: z.union([z.string(), z.number(), z.boolean()]).optional().meta({
      description:
        'What the column holds where the field is empty, of one that may not be null: `0`, or an empty text. It reads as empty.',
    }),
  }),
])

const condition = z.union([
  fixed,
  z.array(fixed).min(1),
  z.strictObject({ not: fixed.meta({ description: 'Any value but this one.' }) }),
])

export const tableConfig = z.strictObject({
  table: name.optional().meta({
    description: 'Its name in the database, with the schema before a dot where it has one. Default: the name here.',
  }),
  key: z
    .union([name, z.array(name).min(1).max(8)])
    .meta({ description: 'The column, or columns, of its primary key.' }),
  keys: z.enum(['database', 'uuid', 'given']).default('database').meta({
    description:
      'Who makes the key of a new row: the `database` by its default, Lockstep as a `uuid`, or `given` by a field of the same column.',
  }),
  owner: name.optional().meta({
    description: 'The column that tells whose a row is: each value is a scope of its own. Default: one scope, `all`.',
  }),
  columns: z.record(field, column).meta({ description: 'The fields, by name: a type, or what there is to say.' }),
  where: z.record(name, condition).default({}).meta({
    description:
      'Only rows with these values in these columns: a value, a list of them, or `{ not: value }`. A new row gets them.',
  }),
  version: name.optional().meta({
    description: 'An integer column that each write raises by one, where the application does so as well.',
  }),
  updated: name.optional().meta({
    description:
      'The column with the time of the last change. Lockstep sets it too. With `capture: poll`, changes are found by it.',
  }),
  deleted: z
    .union([
      name,
      z.strictObject({
        column: name.meta({ description: 'Its name.' }),
        type: z.enum(['time', 'boolean']).meta({ description: 'What it holds: the time of the delete, or `true`.' }),
      }),
    ])
    .optional()
    .meta({
      description:
        'The column that marks a deleted row: with the time, or as `{ column, type: boolean }`. Rows are marked then, never removed.',
    }),
  created: name.optional().meta({ description: 'The column with the time at which a row was made.' }),
  edited: name.optional().meta({
    description: 'The column with the time of the last edit by a person, which Lockstep leaves alone.',
  }),
  under: field.optional().meta({ description: 'The field, a `ref`, that names the parent.' }),
  unique: z.array(field).min(1).optional().meta({
    description:
      'Fields of which only one row of a scope has the same values, as an exception its series and its first time.',
  }),
  match: z.array(field).min(1).optional().meta({ description: 'Fields that pair rows at the first sync.' }),
  takes: z.array(z.string()).default([]).meta({
    description: 'Tables whose rows go with their parent here, as by a foreign key with `ON DELETE CASCADE`.',
  }),
})

const place = z.union([
  z.strictObject({ folder: z.string().min(1).meta({ description: 'A folder of this machine; it is made.' }) }),
  z.strictObject({
    endpoint: z.url().meta({ description: 'Where the storage is: `https://s3.eu-central-1.amazonaws.com`.' }),
    bucket: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/)
      .meta({ description: 'The bucket; it has to be there.' }),
    region: z.string().min(1).default('us-east-1').meta({ description: 'As its signatures name it.' }),
    prefix: z
      .string()
      .regex(/^[\w./-]*$/)
      .default('')
      .meta({ description: 'What the names begin with.' }),
  }),
])
export type FilesPlace = z.infer<typeof place>

const table = z.string().regex(/^[a-z][\w-]{0,62}$/)

export const INGESTED = [
  'projects',
  'task_lists',
  'tasks',
  'comments',
  'time_entries',
  'people',
  'tags',
  'conversations',
  'emails',
  'attachments',
  'labels',
  'teams',
] as const
export type Ingested = (typeof INGESTED)[number]

const ingestConfig = z.strictObject({
  schema: name.optional().meta({ description: 'The schema that they are in, in PostgreSQL; it is made.' }),
  readers: z
    .array(name)
    .min(1)
    .optional()
    .meta({ description: 'Roles of PostgreSQL that may read them: `lockstep tables create` grants it.' }),
  raw: z.boolean().default(false).meta({
    description: 'Each table has a column `raw` with all that the API told of a row.',
  }),
  only: z.array(z.enum(INGESTED)).min(1).optional().meta({
    description: 'These of them alone: nothing is read for the others.',
  }),
})

export const databaseConfig = z
  .object({
    url: z
      .string()
      .regex(/^(postgres(ql)?:\/\/.+|sqlite:.+)$/)
      .meta({
        description: `Where it is: \`postgres://user:password@host:5432/database\` (${ENCODED}), or \`sqlite:/path/to/file.db\`.`,
        secret: true,
      }),
    capture: z.enum(['triggers', 'poll', 'off']).default('triggers').meta({
      description:
        'How changes are found: by `triggers` that note them in a table of their own (`lockstep capture`), or, where none may be made, by a `poll` of the tables. `off`: not at all but by a listing every six hours, for tables that nobody else writes.',
    }),
    captureSchema: z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,50}$/)
      .default('lockstep_capture')
      .meta({ description: 'The schema of the table of changes, in PostgreSQL; in SQLite what its names begin with.' }),
    notify: z.boolean().default(true).meta({
      description:
        'PostgreSQL: the triggers notify as well, so that changes travel at once. Off, they wait for the poll.',
    }),
    keepDays: z.int().min(1).max(3650).default(30).meta({
      description: 'How long the table of changes keeps what it noted.',
    }),
    people: z.enum(['refs', 'emails']).default('refs').meta({
      description:
        'What columns of persons hold: `refs` that this database alone knows, or `emails`, by which anybody is known elsewhere and may be written here.',
    }),
    overlapSeconds: z.int().min(0).max(86_400).default(300).meta({
      description:
        'With `capture: poll`: how far reads overlap. Covers transactions that commit later than they began.',
    }),
    files: place.optional().meta({
      description:
        'Where the bytes of columns of type `file` are kept, each under its SHA-256: a folder, or a bucket of S3 or what speaks like it.',
    }),
    filesKey: z.string().min(1).optional().meta({
      description: 'With `files` in a bucket: the id of an access key that may read and write there.',
    }),
    filesSecret: z.string().min(1).optional().meta({ description: 'The secret of `files_key`.', secret: true }),
    tables: z
      .record(table, tableConfig)
      .default({})
      .meta({ description: 'The tables, by the names of their kinds. Needed where there is no `ingest`.' }),
    ingest: ingestConfig.optional().meta({
      description:
        'The documented tables for what Teamwork and Missive hold, which `lockstep tables create` makes. A table of `tables` with the same name stands in for one of them.',
    }),
  })
  .superRefine(({ url, tables, ingest, files, filesKey, filesSecret }, context) => {
    if (!url.startsWith('sqlite:') && !isServerUrl(url))
      context.addIssue({ code: 'custom', path: ['url'], message: 'a part of it ends where it should not' })
    if (ingest === undefined && Object.keys(tables).length === 0)
      context.addIssue({ code: 'custom', path: ['tables'], message: 'name the tables here, or write `ingest: {}`' })
    for (const option of ['schema', 'readers'] as const)
      if (url.startsWith('sqlite:') && ingest?.[option] !== undefined)
        context.addIssue({ code: 'custom', path: ['ingest', option], message: 'SQLite has none' })
    if (files !== undefined && 'endpoint' in files && (filesKey === undefined || filesSecret === undefined))
      context.addIssue({ code: 'custom', path: ['files'], message: 'a bucket needs `files_key` and `files_secret`' })
    for (const [kind, { columns }] of Object.entries(tables))
      for (const [field, given] of Object.entries(columns))
        if (files === undefined && (typeof given === 'string' ? given : given.type) === 'file')
          context.addIssue({
            code: 'custom',
            path: ['tables', kind, 'columns', field],
            message: '`files` of this connection has to say where the bytes are kept',
          })
    for (const [kind, each] of Object.entries(tables))
      for (const { path, message } of mistakesIn(kind, each, tables))
        context.addIssue({ code: 'custom', path: ['tables', kind, ...path], message })
  })

export type TableConfig = z.infer<typeof tableConfig>
export type DatabaseConfig = z.infer<typeof databaseConfig>

interface Mistake {
  readonly path: readonly (string | number)[]
  readonly message: string
}

function mistakesIn(kind: string, each: TableConfig, tables: DatabaseConfig['tables']): readonly Mistake[] {
  const found: Mistake[] = []
  const say = (path: Mistake['path'], message: string): void => void found.push({ path, message })
  const known = Object.keys(each.columns)
  if (kind === OWNER) say([], 'this name belongs to those whose rows they are: give it another one')
  if (known.length === 0) say(['columns'], 'a table without columns has nothing to sync')
  for (const [field, given] of Object.entries(each.columns)) {
    const { type, to } = typeof given === 'string' ? { type: given, to: undefined } : given
    const there = to === undefined ? undefined : tables[to]
    if (type === 'ref' && there === undefined) say(['columns', field], '`to` has to name one of these tables')
    if (there !== undefined && keyOf(there).length > 1)
      say(['columns', field], 'a key of several columns cannot be referred to')
    if (type !== 'ref' && to !== undefined) say(['columns', field], 'only a `ref` has a `to`')
    const mistake = typeof given === 'string' ? null : mistakenEmpty(given)
    if (mistake !== null) say(['columns', field, 'empty'], mistake)
  }
  for (const option of ['unique', 'match'] as const)
    for (const [at, field] of (each[option] ?? []).entries())
      if (!known.includes(field)) say([option, at], `there is no field \`${field}\``)
  const under = each.under === undefined ? undefined : each.columns[each.under]
  if (each.under !== undefined && (typeof under !== 'object' || under.type !== 'ref'))
    say(['under'], 'the parent has to be a field of type `ref`')
  for (const [at, taken] of each.takes.entries())
    if (tables[taken] === undefined) say(['takes', at], `there is no table \`${taken}\` here`)
  const key = keyOf(each)
  if (each.keys === 'uuid' && key.length > 1) say(['keys'], 'a `uuid` is the key of a single column')
  if (each.keys === 'given' && key.some((one) => fieldOf(each, one) === null))
    say(['keys'], 'each column of the key has to be a field')
  for (const [other, { table: name = other, ...rest }] of Object.entries(tables))
    if (other < kind && name === (each.table ?? kind))
      if (keyOf(rest).join() !== key.join() || rest.owner !== each.owner)
        say([], `\`${other}\` is the same table: both need the same \`key\` and \`owner\``)
  return found
}

const EMPTIES: { readonly [type in (typeof types)[number]]?: (value: string | number | boolean) => boolean } = {
  text: isText,
  rich: isText,
  enum: isText,
  decimal: (value) => typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)),
  boolean: (value) => typeof value === 'boolean',
}

function isText(value: string | number | boolean): boolean {
  return typeof value === 'string'
}

function mistakenEmpty({ type, empty, required, many }: Exclude<z.infer<typeof column>, string>): string | null {
  if (empty === undefined) return null
  if (required) return 'what is `required` is never empty: leave one of the two out'
  const fits = EMPTIES[type]
  if (fits === undefined || many !== undefined)
    return `a column of this type has none; of these: ${Object.keys(EMPTIES).join(', ')}`
  return fits(empty) ? null : `it is no value of the type ${type}`
}

export function keyOf({ key }: Pick<TableConfig, 'key'>): readonly string[] {
  return typeof key === 'string' ? [key] : key
}

/** The field that holds a column. */
export function fieldOf({ columns }: TableConfig, column: string): string | null {
  for (const [field, given] of Object.entries(columns))
    if ((typeof given === 'string' ? field : (given.column ?? field)) === column) return field
  return null
}

/** How many rows one write takes, and how many a page holds. */
export const ROWS_IN_A_WRITE = 100
export const ROWS_ON_A_PAGE = 500

export const bucket = 'database.statements'

/** Of the storage that keeps files. */
export const storageBucket = 'database.storage'

export function limits(): { readonly [name: string]: Limit } {
  return {
    [bucket]: { requests: 2000, perSeconds: 1, concurrent: 4 },
    [storageBucket]: { requests: 100, perSeconds: 1, concurrent: 4 },
  }
}

/** Which database it is, without user and password. */
export function whose({ url }: Pick<DatabaseConfig, 'url'>): string {
  if (!URL.canParse(url)) return url
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}
