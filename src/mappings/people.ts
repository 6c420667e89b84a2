/** Persons, of one field on each side. A set keeps whom the other side does not know; a single one is not written over. */
import { isList, type Json, type Values } from '../connector/values.ts'
import type { Lens, Policy, Side, Way } from '../core/flow.ts'
import { staysIn } from '../core/people.ts'
import { setOf } from './form.ts'
import { merging } from './merging.ts'

export interface PeopleOptions {
  readonly id: string
  readonly a: string
  readonly b: string
  /** Both fields name several, in no order; else both name one. */
  readonly set: boolean
  readonly way?: Way
  readonly policy?: Policy
}

export function people(options: PeopleOptions): Lens {
  const field = { a: options.a, b: options.b }
  // Who was added or removed on one side contradicts nothing that was done on the other.
  const policy = options.policy ?? (options.set ? merging : undefined)
  const heldOn = (side: Side, values: Values): Json => values[field[side]] ?? null
  return {
    id: options.id,
    way: options.way ?? 'both',
    fields: { a: [field.a], b: [field.b] },
    people: true,
    ...(policy === undefined ? {} : { policy }),
    read(side, values) {
      const held = heldOn(side, values)
      return options.set ? setOf(members(held).filter((each) => staysIn(each) === null)) : held
    },
    write(side, value, old) {
      if (!options.set) return { [field[side]]: value }
      const stay = old === null ? [] : members(heldOn(side, old)).filter((each) => staysIn(each) !== null)
      return { [field[side]]: filled([...members(value), ...stay]) }
    },
    unreadable(side, values) {
      const stays = options.set ? null : staysIn(heldOn(side, values))
      return stays === null ? null : { why: `names ${stays.stays}: ${stays.why}`, told: true }
    },
  }
}

function members(value: Json): readonly Json[] {
  return value === null ? [] : isList(value) ? value : [value]
}

/** Nobody is null, as any empty field is. */
function filled(all: readonly Json[]): Json {
  return all.length === 0 ? null : all
}
