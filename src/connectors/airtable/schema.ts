/** The structure of the base, and what of the configuration it does not fit. */
import type { Finding } from '../../connector/index.ts'
import type { Api } from './api.ts'
import type { Column, Table } from './table.ts'
import { tables, type WireField } from './wire.ts'

export async function schemaOf({ client, config }: Api) {
  return (await client.get(`/v0/meta/bases/${config.base}/tables`, { as: tables })).tables
}

const TEXTS = [
  'singleLineText',
  'multilineText',
  'richText',
  'email',
  'url',
  'phoneNumber',
  'singleSelect',
  'multipleSelects',
]
/** What Airtable works out by itself, of whatever type its result is. */
const COMPUTED: ReadonlySet<string> = new Set([
  'formula',
  'rollup',
  'count',
  'multipleLookupValues',
  'createdTime',
  'lastModifiedTime',
  'createdBy',
  'lastModifiedBy',
  'autoNumber',
  'button',
  'externalSyncSource',
  'aiText',
])

/** Which types of Airtable's a type of ours is written to and read from. */
const FITS: { readonly [type in Column['declared']['type']]: readonly string[] } = {
  text: TEXTS,
  rich: ['richText', 'multilineText'],
  decimal: ['number', 'currency', 'percent', 'rating', 'duration'],
  boolean: ['checkbox'],
  date: ['date'],
  instant: ['dateTime'],
  person: ['singleCollaborator', 'multipleCollaborators'],
  ref: ['multipleRecordLinks'],
  file: ['multipleAttachments'],
  json: [],
}

export async function misfits(api: Api): Promise<readonly Finding[]> {
  const all = await schemaOf(api)
  return api.tables.flatMap((table): readonly Finding[] => {
    const there = all.find(({ id, name }) => id === table.name || name === table.name)
    if (there === undefined)
      return [
        { message: `the base has no table ${table.name}`, remedy: `correct \`table\` of ${table.kind}, or make it` },
      ]
    const fieldOf = (name: string): WireField | undefined =>
      there.fields.find((each) => (table.byId ? each.id : each.name) === name)
    const absent = table.names.filter((name) => fieldOf(name) === undefined)
    return [
      ...absent.map((name) => ({
        message: `${there.name} has no field ${name}`,
        remedy: 'correct its name or id (names are exact, capitals too), or make it in Airtable',
      })),
      ...table.columns.flatMap((column) => misfit(there.name, column, fieldOf(column.name), api, all)),
      ...ownMisfits(table, there.name, fieldOf),
    ]
  })
}

function misfit(
  table: string,
  { name, declared }: Column,
  field: WireField | undefined,
  api: Api,
  all: Awaited<ReturnType<typeof schemaOf>>,
): readonly Finding[] {
  if (field === undefined) return []
  const isComputed = COMPUTED.has(field.type)
  const { type, written, to } = declared
  if (isComputed && written !== 'never')
    return [
      {
        message: `${name} of ${table} is worked out by Airtable (${field.type})`,
        remedy: 'say `written: never` of it',
      },
    ]
  if (!isComputed && type !== 'json' && !FITS[type].includes(field.type))
    return [
      {
        message: `${name} of ${table} is of Airtable's type ${field.type}, which is not read as ${type}`,
        remedy: `write a type that fits in \`fields\`: ${typesFor(field.type).join(', ')}`,
      },
    ]
  const linked = api.tables.find(({ kind }) => kind === to)
  const target = all.find(({ id }) => id === field.options?.['linkedTableId'])
  if (type !== 'ref' || linked === undefined || target === undefined) return []
  return [target.id, target.name].includes(linked.name)
    ? []
    : [{ message: `${name} of ${table} links to ${target.name}, not to ${linked.name}`, remedy: 'correct `to` of it' }]
}

function typesFor(type: string): readonly string[] {
  return [...Object.entries(FITS).flatMap(([ours, theirs]) => (theirs.includes(type) ? [ours] : [])), 'json']
}

/** Fields that are named beside the columns have types of their own. */
function ownMisfits(
  { config }: Table,
  table: string,
  fieldOf: (name: string) => WireField | undefined,
): readonly Finding[] {
  const wanted = [
    ['sync', config.sync, 'singleLineText'],
    ['author', config.author, 'createdBy'],
    ['edited', config.edited, 'lastModifiedTime'],
    ['editor', config.editor, 'lastModifiedBy'],
  ] as const
  return wanted.flatMap(([option, name, type]) => {
    const field = name === undefined ? undefined : fieldOf(name)
    return field === undefined || field.type === type
      ? []
      : [
          {
            message: `\`${option}\` of ${table} is of the type ${field.type}`,
            remedy: `name a field of the type ${type}`,
          },
        ]
  })
}
