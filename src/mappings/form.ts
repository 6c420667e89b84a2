/**
 * How one field holds a value: a lens between the field of one side and what the two sides compare. Two forms make a lens
 * of one field to one field.
 */
import { canonical, sameValue, type Json, type Values } from '../connector/values.ts'
import type { Lens, Policy, Side, Way } from '../core/flow.ts'
import { addDays, instantAt, instantOf, isDate, type WallClock } from './dates.ts'
import { decimalOf } from './decimal.ts'

/** Null is never handed in: an empty field is empty on both sides. */
export interface Form {
  /** Undefined: this cannot be read. */
  read(held: Json): Json | undefined
  /** `old`: what the field held; null: nothing, or nothing that is known. Undefined: it cannot hold this value. */
  write(value: Json, old: Json): Json | undefined
  /** 'a decimal number': what it cannot be read as. */
  readonly what: string
}

export interface RelatedOptions {
  readonly id: string
  readonly a: string
  readonly b: string
  readonly forms: { readonly [side in Side]: Form }
  readonly way?: Way
  readonly policy?: Policy
}

export function related(options: RelatedOptions): Lens {
  const { id, forms, way, policy } = options
  const heldOn = (side: Side, values: Values): Json => values[options[side]] ?? null
  const readOn = (side: Side, held: Json): Json | undefined => (held === null ? null : forms[side].read(held))
  const read = (side: Side, values: Values): Json => {
    const held = heldOn(side, values)
    const value = readOn(side, held)
    return value === undefined ? { unreadable: held } : value
  }
  return {
    id,
    way: way ?? 'both',
    fields: { a: [options.a], b: [options.b] },
    ...(policy === undefined ? {} : { policy }),
    read,
    write(side, value, old) {
      const held = old === null ? null : heldOn(side, old)
      const stays = old !== null && sameValue(read(side, old), value)
      return {
        [options[side]]: stays || value === null ? (stays ? held : null) : (forms[side].write(value, held) ?? null),
      }
    },
    unreadable: (side, values) =>
      readOn(side, heldOn(side, values)) === undefined ? { why: `cannot be read as ${forms[side].what}` } : null,
  }
}

export function setOf(values: readonly Json[]): readonly Json[] {
  const byText = new Map(values.map((each) => [canonical(each), each]))
  return [...byText.keys()].sort().map((text) => byText.get(text) ?? null)
}

/** '12.50' and '12.5' are the same. */
export const asDecimal: Form = { read: decimalOf, write: (value) => value, what: 'a decimal number' }

/** The date that lies `days` before the one that is held: an end that is itself no longer part, say. */
export function asDate(days = 0): Form {
  return {
    read: (held) => (typeof held === 'string' && isDate(held) ? addDays(held, -days) : undefined),
    write: (value) => (typeof value === 'string' && isDate(value) ? addDays(value, days) : undefined),
    what: 'a date',
  }
}

export const asInstant: Form = {
  read: (held) => (typeof held === 'string' ? instantOf(held) : undefined),
  write: (value) => value,
  what: 'an instant',
}

/** The day on which an instant falls. Its time of day stays; a new one gets `at` ('09:00'). */
export function asDayOf(clock: WallClock, at: string): Form {
  const wall = (held: Json): string | undefined => {
    const instant = typeof held === 'string' ? instantOf(held) : undefined
    return instant === undefined ? undefined : clock(instant)
  }
  return {
    read: (held) => wall(held)?.slice(0, 10),
    write(value, old) {
      const time = wall(old)?.slice(10) ?? `T${at}:00.000`
      return typeof value === 'string' ? instantAt(value + time, clock) : undefined
    },
    what: 'an instant',
  }
}
