/** Cells as they are written: a value of the API becomes what a row holds, or is refused. Null empties a cell. */
import { z } from 'zod'
import { attachmentsOf } from './attachments.ts'
import { leftOut, unprocessable } from './answers.ts'
import {
  freshId,
  keepField,
  newRow,
  tableOf,
  textCell,
  type Actor,
  type Base,
  type Cell,
  type Choice,
  type Field,
  type World,
} from './state.ts'

export const COMPUTED = new Set([
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

export interface Writing {
  readonly world: World
  readonly base: Base
  readonly tableId: string
  readonly actor: Actor
  readonly typecast: boolean
}

const TEXTS = new Set(['singleLineText', 'multilineText', 'richText', 'email', 'url', 'phoneNumber'])
const NUMBERS = new Set(['number', 'currency', 'percent', 'rating', 'duration'])
const COLORS = ['blueLight2', 'cyanLight2', 'tealLight2', 'greenLight2', 'yellowLight2', 'orangeLight2', 'redLight2']

/** Null: the cell is empty. */
export function cellOf(writing: Writing, field: Field, value: unknown): Cell | null {
  const { type, name } = field
  if (COMPUTED.has(type))
    throw unprocessable(
      'INVALID_VALUE_FOR_COLUMN',
      `Field "${name}" cannot accept a value because the field is computed`,
    )
  if (value === null || value === '' || value === false || (Array.isArray(value) && value.length === 0)) return null
  if (TEXTS.has(type)) return textOf(writing, field, value)
  if (NUMBERS.has(type)) return numberOf(writing, field, value)
  switch (type) {
    case 'checkbox':
      return checkOf(writing, field, value)
    case 'singleSelect':
      return choiceOf(writing, field, value)
    case 'multipleSelects':
      return [
        ...new Set(listOf(writing, field, value).map((each) => choiceOf(writing, fieldNow(writing, field), each))),
      ]
    case 'date':
    case 'dateTime':
      return timeOf(writing, field, value)
    case 'multipleRecordLinks':
      return [...new Set(listOf(writing, field, value).map((each) => linkOf(writing, field, each)))]
    case 'multipleAttachments':
      return attachmentsOf(writing.world, writing.base, field, value)
    case 'singleCollaborator':
      return collaboratorOf(writing, field, value)
    case 'multipleCollaborators':
      return listOf(writing, field, value).map((each) => collaboratorOf(writing, field, each))
    case 'barcode':
      return barcodeOf(field, value)
    default:
      throw leftOut(`cells of ${type}`)
  }
}

function refuse({ name }: Field): Error {
  return unprocessable('INVALID_VALUE_FOR_COLUMN', `Field "${name}" cannot accept the provided value`)
}

/** The field as it is by now: choices may have been added. */
function fieldNow({ base, tableId }: Writing, field: Field): Field {
  return tableOf(base, tableId).fields.find(({ id }) => id === field.id) ?? field
}

function textOf({ typecast }: Writing, field: Field, value: unknown): string {
  if (typeof value === 'string') return value
  if (!typecast || (typeof value !== 'number' && typeof value !== 'boolean')) throw refuse(field)
  return String(value)
}

/** With `typecast` a text that is no number empties the cell. */
function numberOf({ typecast }: Writing, field: Field, value: unknown): number | null {
  const text = typecast && typeof value === 'string' ? value.replaceAll(/[,\s$€%]/g, '') : null
  const number = text === null ? value : Number(text)
  if (text !== null && Number.isNaN(number)) return null
  if (typeof number !== 'number' || !Number.isFinite(number)) throw refuse(field)
  if (field.type === 'rating') {
    if (!Number.isInteger(number) || number < 0 || number > (field.options?.max ?? 5)) throw refuse(field)
    return number === 0 ? null : number
  }
  return field.type === 'duration' ? Math.trunc(number) : number
}

function checkOf({ typecast }: Writing, field: Field, value: unknown): true | null {
  if (value === true) return true
  if (!typecast || typeof value !== 'string') throw refuse(field)
  return /^(true|yes|checked|1)$/i.test(value) ? true : null
}

/** With `typecast` one text counts as a list that commas part. */
function listOf({ typecast }: Writing, field: Field, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (!typecast || typeof value !== 'string') throw refuse(field)
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** An option by its exact name; with `typecast` a new one where there is none. */
function choiceOf(writing: Writing, field: Field, value: unknown): string {
  const { world, base, tableId, typecast } = writing
  if (typeof value !== 'string') throw refuse(field)
  const choices = field.options?.choices ?? []
  const found = choices.find(({ name }) => name === value)
  if (found !== undefined) return found.id
  if (!typecast)
    throw unprocessable(
      'INVALID_MULTIPLE_CHOICE_OPTIONS',
      `Insufficient permissions to create new select option "${JSON.stringify(value)}"`,
    )
  const choice: Choice = {
    id: freshId(world.ports, 'sel'),
    name: value,
    color: COLORS[choices.length % COLORS.length] ?? 'blueLight2',
  }
  keepField(base, tableId, { ...field, options: { ...field.options, choices: [...choices, choice] } })
  return choice.id
}

const DAY = /^\d{4}-\d\d-\d\d$/
const TIME = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)?)?$/

/** Days and UTC times. A time without an offset is UTC; other zones of fields are left out. */
function timeOf({ typecast }: Writing, field: Field, value: unknown): string {
  if (typeof value !== 'string') throw refuse(field)
  const hasOffset = /([Zz]|[+-]\d\d:?\d\d)$/.test(value)
  const zone = field.options?.['timeZone'] ?? 'utc'
  if (field.type === 'dateTime' && !hasOffset && zone !== 'utc' && zone !== 'client')
    throw leftOut(`times without an offset in fields of the zone ${JSON.stringify(zone)}`)
  const isIso = TIME.test(value)
  const at = isIso || typecast ? Date.parse(isIso && !hasOffset && !DAY.test(value) ? `${value}Z` : value) : Number.NaN
  if (Number.isNaN(at)) throw refuse(field)
  return field.type === 'date' ? new Date(at).toISOString().slice(0, 10) : new Date(at).toISOString()
}

/** A record by its id; with `typecast` by what it is called, and a new one where there is none. */
function linkOf({ world, base, actor, typecast }: Writing, field: Field, value: unknown): string {
  if (typeof value !== 'string') throw refuse(field)
  const linked = tableOf(base, field.options?.linkedTableId ?? '')
  if (linked.rows.has(value)) return value
  if (!typecast) throw unprocessable('ROW_DOES_NOT_EXIST', `Record ID ${value} does not exist in this table`)
  const named = [...linked.rows.values()].find((row) => textCell(row, linked.primaryFieldId) === value)
  if (named !== undefined) return named.id
  const row = newRow(world, actor, linked.id, new Map([[linked.primaryFieldId, value]]))
  linked.rows.set(row.id, row)
  return row.id
}

const COLLABORATOR = z.union([z.string(), z.looseObject({ id: z.string() }), z.looseObject({ email: z.string() })])

function collaboratorOf({ world }: Writing, field: Field, value: unknown): string {
  const parsed = COLLABORATOR.safeParse(value)
  if (!parsed.success) throw refuse(field)
  const given = parsed.data
  const wanted = typeof given === 'string' ? given : 'id' in given ? given['id'] : given['email']
  const user = [...world.users.values()].find(({ id, email }) => id === wanted || email === wanted)
  if (user === undefined) throw refuse(field)
  return user.id
}

const BARCODE = z.strictObject({ text: z.string(), type: z.string().nullish() })

function barcodeOf(field: Field, value: unknown): Cell {
  const parsed = BARCODE.safeParse(value)
  if (!parsed.success) throw refuse(field)
  const { text, type } = parsed.data
  return type ? { text, type } : { text }
}
