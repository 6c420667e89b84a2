/** Values of columns as fields hold them, and back: exact both ways. */
import { json, jsonIn, type Json } from '../../connector/index.ts'
import type { Column } from './table.ts'

/** What a column holds has no form among values: a time without end, bytes, a number that is none. */
export const UNFIT = Symbol('unfit')
export type Read = Json | typeof UNFIT

/** From what PostgreSQL puts into JSON. */
export function fromJson(column: Column, value: Json): Read {
  if (value === null) return null
  if (!column.many) return one(column, value)
  if (!isList(value)) return UNFIT
  const all = value.map((each) => one(column, each))
  return all.every((each) => each !== UNFIT) ? all : UNFIT
}

/** From what `quote()` of SQLite writes: NULL, a number, a text in quotes, bytes. */
export function fromLiteral(column: Column, literal: string): Read {
  if (literal === 'NULL') return null
  const isText = literal.startsWith("'")
  if (!isText && !/^[-+\d.]/.test(literal)) return UNFIT
  const text = isText ? literal.slice(1, -1).replaceAll("''", "'") : literal
  if (column.many || column.type === 'json') {
    const parsed = parse(text)
    return parsed === UNFIT ? UNFIT : fromJson(column, parsed)
  }
  if (column.type === 'boolean') return TRUTHS.get(text.toLowerCase()) ?? UNFIT
  if (!isText && column.type === 'decimal') return decimal(text.replace(/\.0+$/, ''))
  return one(column, text)
}

const TRUTHS: ReadonlyMap<string, boolean> = new Map([
  ['1', true],
  ['0', false],
  ['true', true],
  ['false', false],
])

function parse(text: string): Read {
  const said = json.safeParse(jsonIn(text))
  return said.success ? said.data : UNFIT
}

function one({ type }: Column, value: Json): Read {
  if (type === 'json') return value
  if (type === 'boolean') return typeof value === 'boolean' ? value : UNFIT
  if (typeof value !== 'string') return UNFIT
  if (type === 'decimal') return decimal(value)
  if (type === 'date') return /^\d{4}-\d\d-\d\d$/.test(value) ? value : UNFIT
  return type === 'instant' ? instant(value) : value
}

/** A float may come with an exponent. */
function decimal(text: string): Read {
  const found = /^([-+]?)(\d*)\.?(\d*)(?:[eE]([-+]?\d{1,3}))?$/.exec(text)
  const [, sign = '', whole = '', part = '', exponent = '0'] = found ?? []
  if (found === null || whole + part === '') return UNFIT
  const minus = sign === '-' ? '-' : ''
  const power = Number(exponent)
  if (power === 0) return `${minus}${whole === '' ? '0' : whole}${part === '' ? '' : `.${part}`}`
  const digits = whole + part
  const point = whole.length + power
  const padded =
    point > digits.length ? digits.padEnd(point, '0') : digits.padStart(digits.length - Math.min(0, point), '0')
  const at = Math.max(0, point)
  const before = padded.slice(0, at).replace(/^0+(?=\d)/, '')
  const after = padded.slice(at).replace(/0+$/, '')
  return `${minus}${before === '' ? '0' : before}${after === '' ? '' : `.${after}`}`
}

/** To the millisecond, which is what an instant holds. A time without a zone is one of UTC. */
function instant(text: string): Read {
  const found = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d+))?\s*(Z|[-+]\d\d(?::?\d\d)?)?$/.exec(text)
  if (found === null) return UNFIT
  const [, day = '', time = '', fraction = '', zone = 'Z'] = found
  const offset = zone.length === 3 ? `${zone}:00` : zone
  const at = Date.parse(
    `${day}T${time.length === 5 ? `${time}:00` : time}.${fraction.slice(0, 3).padEnd(3, '0')}${offset}`,
  )
  return Number.isNaN(at) ? UNFIT : new Date(at).toISOString()
}

/** As a value that SQLite binds. */
export function toSqlite({ type, many }: Pick<Column, 'type' | 'many'>, value: Json): string | number | null {
  if (value === null) return null
  if (many || type === 'json') return JSON.stringify(value)
  if (typeof value === 'boolean') return value ? 1 : 0
  return typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value)
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
