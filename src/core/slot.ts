/** The values that only one item of a scope can have, where its kind declares such fields: its slot. Pure. */
import { canonical, type Values } from '../connector/values.ts'
import { SIDES, type Pair } from './flow.ts'

/** As text that is equal for equal slots. Null: its kind has none, or not all of its fields are known. */
export function slotOf(unique: readonly string[], values: Values): string | null {
  const slot = unique.map((field) => values[field] ?? null)
  return slot.length === 0 || slot.includes(null) ? null : canonical(slot)
}

/** The lenses whose equal values put two items, under linked parents, into one slot; empty: none do. */
export function slotLenses({ kinds, lenses }: Pair): readonly string[] {
  for (const side of SIDES) {
    const { unique, parent } = kinds[side]
    const fields = unique.filter((field) => field !== parent?.field)
    const found = lenses.filter(
      (lens) => lens.to === undefined && lens.fields[side].some((each) => fields.includes(each)),
    )
    if (fields.length > 0 && fields.every((field) => found.some((lens) => lens.fields[side].includes(field))))
      return found.map(({ id }) => id)
  }
  return []
}
