/** What an operator says about one base of Airtable: which of its tables are synced, and as what. */
import { z } from 'zod'
import { createHash } from 'node:crypto'
import type { Draws, Limit } from '../../connector/index.ts'

export const BASE = 'base'

const name = z.string().min(1).max(255)
const field = z.string().regex(/^[a-zA-Z][\w-]{0,62}$/)
const types = ['text', 'rich', 'decimal', 'boolean', 'date', 'instant', 'person', 'ref', 'file', 'json'] as const

const column = z.union([
  z.enum(types),
  z.strictObject({
    type: z.enum(types).meta({ description: 'What it holds.' }),
    field: name.optional().meta({
      description: 'Its id (`fld…`), which stays when it is renamed, or its name. Default: the name here.',
    }),
    required: z.boolean().default(false).meta({ description: 'It is never empty.' }),
    written: z.enum(['never', 'on-create']).optional().meta({
      description:
        '`never`: it is read alone, as formulas and lookups have to be; `on-create`: with a new record alone.',
    }),
    many: z.enum(['set', 'list']).optional().meta({ description: 'It holds several; a `set` compares without order.' }),
    to: z.string().optional().meta({ description: 'Of a `ref`: the table that it links to.' }),
  }),
])

export const tableConfig = z.strictObject({
  table: name.optional().meta({ description: 'Its id (`tbl…`) or name. Default: the name here.' }),
  fields: z.record(field, column).meta({
    description: 'The fields, by name: a type, or what there is to say. Any other field is never touched.',
  }),
  sync: name.optional().meta({
    description:
      'A field of single line text that belongs to Lockstep alone: by it a new record is made once. Absent: no records are made.',
  }),
  author: name.optional().meta({ description: 'A field of the type *Created by*: whose a record is.' }),
  edited: name.optional().meta({
    description: 'A field of the type *Last modified time*. With `editor`: when a person last edited.',
  }),
  editor: name.optional().meta({ description: 'A field of the type *Last modified by*.' }),
  under: field.optional().meta({ description: 'The field, a `ref`, that names the parent.' }),
  match: z.array(field).min(1).optional().meta({ description: 'Fields that pair records at the first sync.' }),
})

const uploads = z
  .strictObject({
    table: name.meta({ description: 'Its id or name. It holds nothing else.' }),
    sync: name.meta({ description: 'Its field of single line text.' }),
    files: name.meta({ description: 'Its field of attachments.' }),
  })
  .meta({
    description:
      'A table of the base where files stand on their way into attachments: Airtable takes bytes into a record alone. What is older than a week is deleted there. Absent: no files are written.',
  })

const kind = z.string().regex(/^[a-z][\w-]{0,62}$/)

const address = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''))

export const configuration = z
  .object({
    token: z.string().min(1).meta({
      secret: true,
      description: 'A personal access token with the scopes of the documentation, for this base.',
    }),
    base: z
      .string()
      .regex(/^app[A-Za-z0-9]+$/)
      .meta({ description: 'The id of the base: `app…` in its address.' }),
    tables: z.record(kind, tableConfig).meta({ description: 'The tables, by the names of their kinds.' }),
    uploads: uploads.optional(),
    changes: z.enum(['webhooks', 'poll']).default('webhooks').meta({
      description:
        'How changes are found: in the list that a webhook of Airtable keeps, or, where none may be made, by a `poll` of what was modified.',
    }),
    overlapSeconds: z.int().min(10).max(3600).default(120).meta({
      description: 'With `changes: poll`: how far reads overlap.',
    }),
    requestsPerSecond: z.int().min(1).max(5).default(5).meta({
      description: 'Calls a second for the base: less where other programs use its API too.',
    }),
    baseUrl: address.default('https://api.airtable.com').meta({ description: 'Where the API is.' }),
    contentUrl: address.default('https://content.airtable.com').meta({ description: 'Where bytes are sent.' }),
  })
  .superRefine(({ tables }, context) => {
    for (const [kind, each] of Object.entries(tables))
      for (const { path, message } of mistakesIn(kind, each, tables))
        context.addIssue({ code: 'custom', path: ['tables', kind, ...path], message })
  })

export type TableConfig = z.infer<typeof tableConfig>
export type Config = z.infer<typeof configuration>

interface Mistake {
  readonly path: readonly (string | number)[]
  readonly message: string
}

function mistakesIn(kind: string, each: TableConfig, tables: Config['tables']): readonly Mistake[] {
  const found: Mistake[] = []
  const say = (path: Mistake['path'], message: string): void => void found.push({ path, message })
  const { fields, under, match = [] } = each
  if (kind === BASE) say([], 'this name belongs to the base itself: give it another one')
  if (Object.keys(fields).length === 0) say(['fields'], 'a table without fields has nothing to sync')
  for (const [name, given] of Object.entries(fields)) {
    const { type, to } = typeof given === 'string' ? { type: given, to: undefined } : given
    if (type === 'ref' && (to === undefined || tables[to] === undefined))
      say(['fields', name], '`to` has to name one of these tables')
    if (type !== 'ref' && to !== undefined) say(['fields', name], 'only a `ref` has a `to`')
  }
  const named = namesIn(each)
  if (named.some(isFieldId) && !named.every(isFieldId))
    say([], `fields are named by their ids, all of them, or none: ${named.filter((one) => !isFieldId(one)).join(', ')}`)
  for (const twice of named.filter((one, at) => named.indexOf(one) !== at)) say([], `${twice} is named twice`)
  for (const [at, name] of match.entries())
    if (fields[name] === undefined) say(['match', at], `there is no field \`${name}\``)
  const parent = under === undefined ? undefined : fields[under]
  if (under !== undefined && (typeof parent !== 'object' || parent.type !== 'ref'))
    say(['under'], 'the parent has to be a field of type `ref`')
  if ((each.edited === undefined) !== (each.editor === undefined)) say(['edited'], '`edited` and `editor` go together')
  for (const [other, { table = other }] of Object.entries(tables))
    if (other < kind && table === (each.table ?? kind)) say([], `\`${other}\` is the same table`)
  return found
}

/** Every field of Airtable's that is read. */
export function namesIn({ fields, sync, author, edited, editor }: TableConfig): readonly string[] {
  const columns = Object.entries(fields).map(([name, given]) =>
    typeof given === 'string' ? name : (given.field ?? name),
  )
  return [...columns, ...[sync, author, edited, editor].filter((each) => each !== undefined)]
}

export function isFieldId(text: string): boolean {
  return /^fld[A-Za-z0-9]{14}$/.test(text)
}

/** A call too many costs half a minute, and calls do not arrive as far apart as they are sent. */
const SECOND = 1.1
const OF_BASE = 'airtable.base'
const OF_TOKEN = 'airtable.token'

export function limitsOf({ requestsPerSecond }: Config): { readonly [bucket: string]: Limit } {
  return {
    [OF_BASE]: { requests: requestsPerSecond, perSeconds: SECOND },
    [OF_TOKEN]: { requests: 50, perSeconds: SECOND },
  }
}

/** Whoever calls draws on the base's limit; a token is known by its digest. */
export function drawsOf({ base, token }: Config): Draws {
  const whose = createHash('sha256').update(token).digest('hex').slice(0, 12)
  return { [OF_BASE]: base, [OF_TOKEN]: whose }
}
