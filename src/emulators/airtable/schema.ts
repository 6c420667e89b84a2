/** The structure of bases: read, and extended by tables and fields. */
import { z } from 'zod'
import { invalid, leftOut, unprocessable } from './answers.ts'
import { COMPUTED } from './cells.ts'
import {
  fieldOf,
  freshId,
  keepField,
  keepTable,
  tableOf,
  transact,
  type Actor,
  type Base,
  type Field,
  type FieldOptions,
  type Table,
  type World,
} from './state.ts'

const NAME = z.string().min(1).max(255)
const DESCRIPTION = z.string().max(20_000).optional()
const FIELD = z.strictObject({
  name: NAME,
  type: z.string(),
  description: DESCRIPTION,
  options: z.record(z.string(), z.unknown()).optional(),
})
const TABLE = z.strictObject({ name: NAME, description: DESCRIPTION, fields: z.array(FIELD).min(1) })
const RENAME = z.strictObject({ name: NAME.optional(), description: DESCRIPTION })
export type NewField = z.input<typeof FIELD> & { readonly id?: string | undefined }

export function tableJson(table: Table, withFields = false) {
  const { id, name, description, primaryFieldId, fields, viewId } = table
  const visible = withFields ? { visibleFieldIds: fields.map((field) => field.id) } : {}
  return {
    id,
    name,
    ...(description === undefined ? {} : { description }),
    primaryFieldId,
    fields: fields.map(fieldJson),
    views: [{ id: viewId, name: 'Grid view', type: 'grid', ...visible }],
  }
}

export function fieldJson({ id, name, type, description, options }: Field) {
  return {
    id,
    name,
    type,
    ...(description === undefined ? {} : { description }),
    ...(options === undefined ? {} : { options }),
  }
}

export function createTable(world: World, baseId: string, actor: Actor, value: unknown) {
  const body = read(TABLE, value)
  return tableJson(transact(world, baseId, actor, (draft) => addTable(world, draft, body)))
}

/** Its first field is the primary one. */
export function addTable(
  world: World,
  draft: Base,
  given: {
    readonly id?: string
    readonly name: string
    readonly description?: string | undefined
    readonly fields: readonly NewField[]
  },
): Table {
  if ([...draft.tables.values()].some(({ name }) => name === given.name))
    throw unprocessable('DUPLICATE_TABLE_NAME', `Table name "${given.name}" already exists`)
  const id = given.id ?? freshId(world.ports, 'tbl')
  const [first] = given.fields
  if (first === undefined || COMPUTED.has(first.type)) throw unprocessable('INVALID_PRIMARY_FIELD', 'no primary field')
  keepTable(draft, {
    id,
    name: given.name,
    ...(given.description === undefined ? {} : { description: given.description }),
    primaryFieldId: '',
    viewId: freshId(world.ports, 'viw'),
    fields: [],
    rows: new Map(),
  })
  const primary = addField(world, draft, id, first)
  keepTable(draft, { ...tableOf(draft, id), primaryFieldId: primary.id })
  for (const field of given.fields.slice(1)) addField(world, draft, id, field)
  return tableOf(draft, id)
}

export function changeTable(world: World, baseId: string, tableId: string, actor: Actor, value: unknown) {
  const { name, description } = read(RENAME, value)
  if (name === undefined && description === undefined) throw invalid()
  return transact(world, baseId, actor, (draft) => {
    const table = tableOf(draft, tableId)
    if ([...draft.tables.values()].some((each) => each.name === name && each.id !== table.id))
      throw unprocessable('DUPLICATE_TABLE_NAME', `Table name "${name ?? ''}" already exists`)
    const kept = {
      ...table,
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
    }
    keepTable(draft, kept)
    return tableJson(kept)
  })
}

export function createField(world: World, baseId: string, tableId: string, actor: Actor, value: unknown) {
  const body = read(FIELD, value)
  if (COMPUTED.has(body.type))
    throw unprocessable(
      'UNSUPPORTED_FIELD_TYPE_FOR_CREATE',
      `Creating ${body.type} fields is not supported at this time`,
    )
  return fieldJson(transact(world, baseId, actor, (draft) => addField(world, draft, tableOf(draft, tableId).id, body)))
}

export function addField(world: World, draft: Base, tableId: string, given: NewField): Field {
  nameIsFree(tableOf(draft, tableId), given.name, null)
  const field: Field = {
    id: given.id ?? freshId(world.ports, 'fld'),
    name: given.name,
    type: given.type,
    ...(given.description === undefined ? {} : { description: given.description }),
  }
  const options = optionsOf(world, draft, field, given.options ?? {})
  const whole = options === null ? field : { ...field, options }
  keepField(draft, tableId, whole)
  return whole.type === 'multipleRecordLinks' ? withInverse(world, draft, tableId, whole) : whole
}

/** A new link makes one back in the other table. */
function withInverse(world: World, draft: Base, tableId: string, field: Field): Field {
  const linked = tableOf(draft, field.options?.linkedTableId ?? '')
  const table = tableOf(draft, tableId)
  if (linked.id === table.id) return field
  const taken = (name: string): boolean => linked.fields.some((each) => each.name.toLowerCase() === name.toLowerCase())
  let name = table.name
  for (let number = 2; taken(name); number += 1) name = `${table.name} ${number}`
  const inverse: Field = {
    id: freshId(world.ports, 'fld'),
    name,
    type: 'multipleRecordLinks',
    options: {
      linkedTableId: table.id,
      isReversed: false,
      prefersSingleRecordLink: false,
      inverseLinkFieldId: field.id,
    },
  }
  keepField(draft, linked.id, inverse)
  const whole = { ...field, options: { ...field.options, inverseLinkFieldId: inverse.id } }
  keepField(draft, tableId, whole)
  return whole
}

/** Names alone: neither types nor options are changed. */
export function changeField(
  world: World,
  baseId: string,
  tableId: string,
  fieldId: string,
  actor: Actor,
  value: unknown,
) {
  const { name, description } = read(RENAME, value)
  if (name === undefined && description === undefined) throw invalid()
  return transact(world, baseId, actor, (draft) => {
    const table = tableOf(draft, tableId)
    const field = fieldOf(table, fieldId)
    if (name !== undefined) nameIsFree(table, name, field.id)
    const kept = {
      ...field,
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
    }
    keepField(draft, table.id, kept)
    return fieldJson(kept)
  })
}

function nameIsFree({ fields }: Table, name: string, ownId: string | null): void {
  if (fields.some((field) => field.id !== ownId && field.name.toLowerCase() === name.toLowerCase()))
    throw unprocessable('DUPLICATE_OR_EMPTY_FIELD_NAME', `Field name "${name}" already exists`)
}

const CHOICES = z.array(
  z.looseObject({ name: z.string().min(1), id: z.string().optional(), color: z.string().optional() }),
)
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  number: ['precision'],
  percent: ['precision'],
  currency: ['precision', 'symbol'],
  duration: ['durationFormat'],
  rating: ['icon', 'max', 'color'],
  checkbox: ['icon', 'color'],
  date: ['dateFormat'],
  dateTime: ['dateFormat', 'timeFormat', 'timeZone'],
  singleSelect: ['choices'],
  multipleSelects: ['choices'],
  multipleRecordLinks: ['linkedTableId'],
}
const PLAIN = new Set([
  'singleLineText',
  'multilineText',
  'richText',
  'email',
  'url',
  'phoneNumber',
  'barcode',
  'multipleAttachments',
  'singleCollaborator',
  'multipleCollaborators',
])

/** Null: the type has none. What a computed field tells of itself is taken as it is given. */
function optionsOf({ ports }: World, draft: Base, { name, type }: Field, given: FieldOptions): FieldOptions | null {
  if (COMPUTED.has(type)) return Object.keys(given).length === 0 ? null : given
  const needed = NEEDED[type]
  if (needed === undefined && !PLAIN.has(type)) throw leftOut(`fields of the type ${type}`)
  const missing = needed?.find((option) => given[option] === undefined)
  if (missing !== undefined)
    throw unprocessable('INVALID_FIELD_TYPE_OPTIONS_FOR_CREATE', `Field "${name}" needs the option ${missing}`)
  if (needed?.includes('choices') === true) {
    const choices = read(CHOICES, given.choices).map((choice) => ({
      id: choice.id ?? freshId(ports, 'sel'),
      name: choice.name,
      ...(choice.color === undefined ? {} : { color: choice.color }),
    }))
    return { choices }
  }
  if (type === 'multipleRecordLinks') {
    const linkedTableId = tableOf(draft, given.linkedTableId ?? '').id
    return { linkedTableId, isReversed: false, prefersSingleRecordLink: given['prefersSingleRecordLink'] === true }
  }
  if (type === 'multipleAttachments') return { isReversed: false }
  return needed === undefined ? null : given
}

function read<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw invalid()
  return parsed.data
}
