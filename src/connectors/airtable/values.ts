/** Cells as fields hold them, and back. A cell that is empty is not told; of a checkbox that says no. */
import { ConnectorError, filesIn, type FileValue, type Json } from '../../connector/index.ts'
import type { Column } from './table.ts'
import { attachment, collaborator } from './wire.ts'

/** What a cell holds has no form among the values of its field. */
export const UNFIT = Symbol('unfit')
export type Read = Json | typeof UNFIT

export function read({ declared: { type, many } }: Column, cell: Json | undefined): Read {
  if (type === 'boolean') return cell === undefined || typeof cell === 'boolean' ? cell === true : UNFIT
  if (cell === undefined || cell === null || cell === '') return null
  if (many !== undefined) return isList(cell) ? all(cell.map((each) => one(type, each))) : UNFIT
  // A link and a file are lists, of one here.
  if ((type !== 'ref' && type !== 'file') || !isList(cell)) return one(type, cell)
  return cell.length > 1 ? UNFIT : cell[0] === undefined ? null : one(type, cell[0])
}

function all(values: readonly Read[]): Read {
  const fit = values.filter((each) => each !== UNFIT)
  if (fit.length < values.length) return UNFIT
  return fit.length === 0 ? null : fit
}

function one(type: Column['declared']['type'], cell: Json): Read {
  switch (type) {
    case 'json':
      return cell
    case 'decimal':
      return typeof cell === 'number' ? plain(String(cell)) : UNFIT
    case 'date':
      return typeof cell === 'string' && /^\d{4}-\d\d-\d\d$/.test(cell) ? cell : UNFIT
    case 'instant': {
      const at = typeof cell === 'string' ? Date.parse(cell) : Number.NaN
      return Number.isNaN(at) ? UNFIT : new Date(at).toISOString()
    }
    case 'person':
      return personIn(cell) ?? UNFIT
    case 'file':
      return fileIn(cell)
    case 'boolean':
      return typeof cell === 'boolean' ? cell : UNFIT
    case 'ref':
      return typeof cell === 'string' ? cell : UNFIT
    case 'text':
    case 'rich':
      return typeof cell === 'string' ? cell : typeof cell === 'number' ? plain(String(cell)) : UNFIT
  }
}

/** By the address, by which anybody in the base can be named. */
function personIn(cell: Json): string | null {
  const { data } = collaborator.safeParse(cell)
  return data === undefined ? null : (data.email?.toLowerCase() ?? data.id)
}

/** Its address is another one at each read, and so no part of it. Size and type are told once Airtable has the bytes. */
function fileIn(cell: Json): FileValue | typeof UNFIT {
  const { data } = attachment.safeParse(cell)
  if (data === undefined) return UNFIT
  const { id, filename, size, type } = data
  return { ref: id, name: filename, ...(type === undefined ? {} : { type }), ...(size === undefined ? {} : { size }) }
}

/**
 * As a cell is written; null and an empty list empty it. `sent`: what stands for files that are not in it yet. Throws
 * `rejected` where it would not be the same.
 */
export function written(
  { field, declared: { type, many } }: Column,
  value: Json,
  sent: ReadonlyMap<string, Json>,
): Json {
  if (type === 'boolean' && many === undefined) return value === true
  if (type === 'file') return filesIn(value).map(({ ref }) => sent.get(ref) ?? { id: ref })
  if (type === 'ref' || many !== undefined) {
    const values = value === null ? [] : isList(value) ? value : [value]
    return values.map((each) => cellOf(field, type, each))
  }
  return value === null ? null : cellOf(field, type, value)
}

function cellOf(field: string, type: Column['declared']['type'], value: Json): Json {
  if (type === 'decimal') return numberOf(field, value)
  if (type === 'person' && typeof value === 'string') return value.includes('@') ? { email: value } : { id: value }
  return value
}

/** Airtable holds a number as a float of 64 bits. */
function numberOf(field: string, value: Json): number {
  const text = typeof value === 'string' ? normal(value) : null
  const number = Number(text)
  if (text === null || normal(plain(String(number))) !== text)
    throw new ConnectorError('rejected', `${field}: Airtable cannot hold ${JSON.stringify(value)} without changing it`)
  return number
}

/** Null: it is no decimal. */
function normal(text: string): string | null {
  const [, sign = '', whole = '', part = ''] = /^([-+]?)0*(\d*)(?:\.(\d*?)0*)?$/.exec(text) ?? []
  if (!/\d/.test(text) || !/^[-+]?\d*\.?\d*$/.test(text)) return null
  const number = `${whole === '' ? '0' : whole}${part === '' ? '' : `.${part}`}`
  return sign === '-' && number !== '0' ? `-${number}` : number
}

/** Without an exponent. */
function plain(text: string): string {
  const [, sign = '', whole = '', part = '', exponent] = /^(-?)(\d+)(?:\.(\d+))?e([-+]\d+)$/.exec(text) ?? []
  if (exponent === undefined) return text
  const at = whole.length + Number(exponent)
  const digits = at > 0 ? (whole + part).padEnd(at, '0') : '0'.repeat(1 - at) + whole + part
  const cut = Math.max(at, 1)
  return `${sign}${digits.slice(0, cut)}${digits.length > cut ? `.${digits.slice(cut)}` : ''}`
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
