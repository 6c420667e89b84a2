/** One field to one field: whether their types can be related, and how. */
import type { Field, Json } from '../connector/values.ts'
import { other, SIDES, type Side } from '../core/flow.ts'
import {
  asDate,
  asDayOf,
  asDecimal,
  asInstant,
  asText,
  asTyped,
  decimalOf,
  valueMap,
  type Form,
  type Twins,
} from '../mappings/index.ts'
import type { FieldSetting } from './flow-schema.ts'
import { clockOf, formatOf } from './formats.ts'
import type { Named } from './named.ts'
import type { Finding, Path } from './problem.ts'

export type Forms = { readonly [side in Side]: Form }
type Ends = { readonly [side in Side]: Named }
type Report = (finding: Finding) => void

/** Undefined: the two hold the same type and nothing more is said. Null: a finding was reported. */
export function formsOf(ends: Ends, setting: FieldSetting, path: Path, report: Report): Forms | null | undefined {
  const { map, days } = setting
  if (map !== undefined) return mapForms(ends, map, [...path, 'map'], report)
  const types = { a: typeOf(ends.a.field), b: typeOf(ends.b.field) }
  const same = types.a === types.b
  const text = SIDES.find((side) => types[side] === 'text')
  if (days !== undefined && !(same && types.a === 'date'))
    return unfit(path, 'days', 'only dates lie days apart', report)
  if (setting.zone !== undefined || (types.a === 'date') !== (types.b === 'date')) {
    const day = SIDES.find((side) => types[side] === 'date' && types[other(side)] === 'instant')
    if (day !== undefined) return dayForms(day, setting, path, report)
    if (setting.zone !== undefined)
      return unfit(path, 'zone', 'a zone says which day a time is, and nothing else', report)
  }
  if (same && setting.format !== undefined) return unfit(path, 'format', 'both sides hold the same type', report)
  if (same) return sameForms(types.a, days ?? 0)
  return text === undefined ? undefined : textForms(text, ends, setting, path, report)
}

type Type = Field['type'] | 'set' | 'list'

/** Rich text is text. */
function typeOf({ type, many }: Field): Type {
  return many ?? (type === 'rich' ? 'text' : type)
}

function sameForms(type: Type, days: number): Forms | undefined {
  if (type === 'decimal') return { a: asDecimal, b: asDecimal }
  if (type === 'instant') return { a: asInstant, b: asInstant }
  return type === 'date' ? { a: asDate(), b: asDate(days) } : undefined
}

function textForms(
  text: Side,
  ends: Ends,
  setting: FieldSetting,
  path: Path,
  report: Report,
): Forms | null | undefined {
  const typed = ends[other(text)]
  if (typed.field.type === 'ref' || typed.field.type === 'person' || typed.field.type === 'file') return undefined
  const format = formatOf(typed.name, typed.field, setting.format ?? {}, [...path, 'format'], report)
  if (format === null) return null
  return text === 'a' ? { a: asText(format), b: asTyped(format) } : { a: asTyped(format), b: asText(format) }
}

function dayForms(day: Side, setting: FieldSetting, path: Path, report: Report): Forms | null {
  if (setting.zone === undefined) {
    const remedy = 'add `zone:` with the time zone whose day it is, such as Europe/Berlin'
    report({
      code: 'missing',
      path,
      message: 'one side is a date, the other a time: nothing says whose day it is',
      remedy,
    })
    return null
  }
  const clock = clockOf(setting.zone, [...path, 'zone'], report)
  if (clock === null) return null
  const time = asDayOf(clock, setting.at ?? '00:00')
  return day === 'a' ? { a: asDate(), b: time } : { a: time, b: asDate() }
}

function mapForms(ends: Ends, map: NonNullable<FieldSetting['map']>, path: Path, report: Report): Forms | null {
  const twins: Twins[] = []
  for (const [key, values] of Object.entries(map))
    for (const value of Array.isArray(values) ? values : [values]) {
      const [a, b] = [valueOf(key, ends.a.field), valueOf(value, ends.b.field)]
      const wrong = a === undefined ? ends.a : b === undefined ? ends.b : null
      if (a !== undefined && b !== undefined) twins.push({ a, b })
      if (wrong === null) continue
      const message = `${wrong.name} holds ${typeOf(wrong.field)}, which this is not`
      report({ code: 'invalid', path: [...path, key], message, remedy: 'write a value that the field can hold' })
      return null
    }
  return valueMap(twins)
}

/** A value as it is written in the configuration, as the field holds it. Undefined: it holds no such value. */
export function valueOf(written: string | number | boolean | null, { type, many }: Field): Json | undefined {
  if (many !== undefined || written === null) return undefined
  const text = String(written)
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined
  if (type === 'decimal') return decimalOf(text)
  if (type === 'date') return asDate().read(text)
  if (type === 'instant') return asInstant.read(text)
  return type === 'json' || type === 'person' || type === 'file' ? undefined : text
}

function unfit(path: Path, option: string, message: string, report: Report): null {
  report({ code: 'unfit-fields', path: [...path, option], message, remedy: 'leave it out' })
  return null
}
