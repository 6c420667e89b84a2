/**
 * Tables and fields that the configuration names and the base lacks. Named by ids they are there, or the configuration is
 * wrong; so only what has a name is made. A statement is a call of Airtable's API, with tables by their names.
 */
import { z } from 'zod'
import { ConnectorError, type Json, type Layout } from '../../connector/index.ts'
import type { Api } from './api.ts'
import { isFieldId, type Config } from './config.ts'
import { schemaOf } from './schema.ts'
import { isTableId, tablesOf, type Column, type Table } from './table.ts'

export const layout: Layout<Config, Api> = {
  whole: (config) => statements(config, []),
  missing: async (api) => statements(api.config, await schemaOf(api)),
  /** One call after the other: Airtable has no way to make all or none. What is made already is missing no more. */
  async carry(api, all) {
    for (const each of all) await make(api, each)
  },
}

type Schema = Awaited<ReturnType<typeof schemaOf>>
type Spec = { readonly name: string; readonly type: string; readonly options?: Json }

/** Links come last, when the tables are there that they lead to. */
function statements(config: Config, schema: Schema): readonly string[] {
  const all = tablesOf(config)
  const tables: string[] = []
  const fields: string[] = []
  for (const table of all) {
    const there = schema.find(({ id, name }) => id === table.name || name === table.name)
    const wanted = specsOf(table, all).filter(
      ({ name }) => there === undefined || !there.fields.some((each) => each.id === name || each.name === name),
    )
    const isMade = there === undefined && !isTableId(table.name)
    const first = isMade ? wanted.filter(({ type }) => type !== LINK) : []
    if (first.length > 0) tables.push(statement(config, '', { name: table.name, fields: first }))
    if (there === undefined && first.length === 0) continue
    const path = `/${encodeURIComponent(table.name)}/fields`
    for (const spec of wanted) if (!first.includes(spec)) fields.push(statement(config, path, spec))
  }
  return [...tables, ...fields]
}

function statement({ base }: Config, path: string, body: Json): string {
  return `POST /v0/meta/bases/${base}/tables${path} ${JSON.stringify(body)}`
}

const LINK = 'multipleRecordLinks'

/** The first of them names a new table's records. */
function specsOf({ columns, config }: Table, all: readonly Table[]): readonly Spec[] {
  const own = config.sync === undefined ? [] : [{ name: config.sync, type: 'singleLineText' }]
  const specs = [...columns.flatMap((column) => specOf(column, all) ?? []), ...own]
  const primary = specs.find(({ type }) => type === 'singleLineText')
  const sorted = primary === undefined ? specs : [primary, ...specs.filter((each) => each !== primary)]
  return sorted.filter(({ name }) => !isFieldId(name))
}

const ISO = { name: 'iso' }

/** Null: Airtable works it out, or people choose what it takes. */
function specOf({ name, declared: { type, many, written, to } }: Column, all: readonly Table[]): Spec | null {
  if (written === 'never') return null
  switch (type) {
    case 'text':
      return many === undefined ? { name, type: 'singleLineText' } : null
    case 'rich':
      return { name, type: 'richText' }
    case 'decimal':
      return { name, type: 'number', options: { precision: 8 } }
    case 'boolean':
      return { name, type: 'checkbox', options: { icon: 'check', color: 'greenBright' } }
    case 'date':
      return { name, type: 'date', options: { dateFormat: ISO } }
    case 'instant':
      return { name, type: 'dateTime', options: { dateFormat: ISO, timeFormat: { name: '24hour' }, timeZone: 'utc' } }
    case 'person':
      return { name, type: many === undefined ? 'singleCollaborator' : 'multipleCollaborators' }
    case 'ref':
      return { name, type: LINK, options: { linkedTableId: all.find(({ kind }) => kind === to)?.name ?? '' } }
    case 'file':
      return { name, type: 'multipleAttachments' }
    case 'json':
      return null
  }
}

const linking = z.looseObject({ options: z.looseObject({ linkedTableId: z.string() }) })

/** Airtable takes the ids of tables: some are told only when the table before was made. */
async function make(api: Api, text: string): Promise<void> {
  const [, start = '', table, end = '', body = ''] =
    /^POST (\/v0\/meta\/bases\/app\w+\/tables)(?:\/([^/ ]+)(\/fields))? (\{.*\})$/.exec(text) ?? []
  if (start === '') throw new ConnectorError('rejected', `this is no statement of a layout: ${text}`)
  const schema = table === undefined && !linking.safeParse(JSON.parse(body)).success ? [] : await schemaOf(api)
  const idOf = (name: string): string => schema.find((each) => each.id === name || each.name === name)?.id ?? name
  const link = linking.safeParse(JSON.parse(body)).data
  const sent: unknown =
    link === undefined
      ? JSON.parse(body)
      : { ...link, options: { ...link.options, linkedTableId: idOf(link.options.linkedTableId) } }
  const path = table === undefined ? start : `${start}/${idOf(decodeURIComponent(table))}${end}`
  await api.client.post(path, { body: sent })
}
