/** Filters on fields: as a predicate, and as far as two of them can be proven to let through different items. */
import { sameValue, type Json, type Values } from '../connector/values.ts'
import { compareDecimals, decimalOf } from '../mappings/index.ts'
import type { Condition, Filter } from './flow-schema.ts'

export function predicateOf(filter: Filter): (values: Values) => boolean {
  const conditions = Object.entries(filter)
  return (values) => conditions.every(([field, condition]) => holds(condition, values[field] ?? null))
}

function holds(condition: Condition, value: Json): boolean {
  const { is, not, starts_with, contains, below, at_least } = long(condition)
  if (below !== undefined && !(compared(value, below) < 0)) return false
  if (at_least !== undefined && !(compared(value, at_least) >= 0)) return false
  if (is !== undefined && !some(is, value)) return false
  if (not !== undefined && some(not, value)) return false
  if (starts_with !== undefined && !(typeof value === 'string' && value.startsWith(starts_with))) return false
  return contains === undefined || (typeof value === 'string' && value.includes(contains))
}

/** By value where both are numbers, as text where both are dates or times; else NaN. */
function compared(value: Json, bound: string | number): number {
  const numbers = [decimalOf(value), decimalOf(String(bound))] as const
  if (numbers[0] !== undefined && numbers[1] !== undefined) return compareDecimals(numbers[0], numbers[1])
  const isMoment = (text: unknown): text is string => typeof text === 'string' && /^\d{4}-\d\d-\d\d/.test(text)
  if (!isMoment(value) || !isMoment(bound)) return Number.NaN
  return value < bound ? -1 : value > bound ? 1 : 0
}

/** True only if no item can pass both. */
export function areDisjoint(left: Filter, right: Filter): boolean {
  return Object.entries(left).some(([field, condition]) => {
    const counterpart = right[field]
    return counterpart !== undefined && excludes(long(condition), long(counterpart))
  })
}

function excludes(left: Long, right: Long): boolean {
  return allOutside(left, right) || allOutside(right, left)
}

/** Whether each value that `one` allows is refused by the other. */
function allOutside({ is }: Long, other: Long): boolean {
  return is !== undefined && list(is).every((value) => !holds(other, value))
}

type Long = Exclude<Condition, Scalar | readonly Scalar[]>
type Scalar = string | number | boolean | null

function long(condition: Condition): Long {
  const isObject = typeof condition === 'object' && condition !== null && !Array.isArray(condition)
  return isObject ? condition : { is: condition }
}

function list(value: Scalar | Scalar[]): readonly Scalar[] {
  return Array.isArray(value) ? value : [value]
}

function some(values: Scalar | Scalar[], value: Json): boolean {
  return list(values).some((each) => equals(each, value))
}

/** Decimals, dates and refs are text in items; in YAML they may look like numbers. */
function equals(wanted: Scalar, value: Json): boolean {
  return sameValue(wanted, value) || (typeof wanted === 'number' && value === String(wanted))
}
