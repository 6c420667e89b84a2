/** The bases of a link: what each side held when the two last agreed, per lens. Pure. */
import { sameValue, type Json, type Values } from '../connector/values.ts'
import type { Link, Observation } from './state.ts'
import { isDerived, type KindFacts, type Lens, type Pair, type Side } from './flow.ts'

/** What the system does not tell has not changed. */
export function hasChanged(pair: Pair, lens: Lens, side: Side, link: Link, item: Observation): boolean {
  if (isUntold(pair, lens, side, item)) return false
  const now = baseOn(lens, side, item.values, complementOf(link, lens))
  return Object.entries(now).some(([field, value]) => !sameValue(value, link.base[side][field]))
}

/** Whether the item, as it is, does not tell all that the lens reads of it. */
export function isUntold({ kinds }: Pair, lens: Lens, side: Side, { values }: Observation): boolean {
  const { untold } = kinds[side]
  const now = untold?.filter(({ where }) => values[where] === true) ?? []
  // What is derived is so of fields that are not named: it does not hang on a few of them.
  if (isDerived(lens, side)) return now.some((each) => 'but' in each)
  return now.length > 0 && lens.fields[side].some((field) => !isTold(untold, values, field))
}

/** Whether the item, as it is, tells this field. */
export function isTold(untold: KindFacts['untold'], values: Values, field: string): boolean {
  if (untold === undefined) return true
  return untold.every((each) => {
    if (values[each.where] !== true || field === each.where) return true
    return 'but' in each ? each.but.includes(field) : !each.only.includes(field)
  })
}

export function isBased(lens: Lens, side: Side, { base }: Link): boolean {
  const own = lens.fields[side].every((field) => field in base[side])
  return own && (!isDerived(lens, side) || derived(lens) in base[side])
}

/** What the base of a side keeps for a lens: its fields, or what it derived of fields that are not its own. */
export function baseOn(lens: Lens, side: Side, values: Values, complement: Json): Values {
  const own = pick(values, lens.fields[side])
  return isDerived(lens, side) ? { ...own, [derived(lens)]: lens.read(side, values, complement) } : own
}

function derived({ id }: Lens): string {
  return `(${id})`
}

export function pick(values: Values, fields: readonly string[]): Values {
  const picked: Record<string, Json> = {}
  for (const field of fields) picked[field] = values[field] ?? null
  return picked
}

export function complementOf(link: Link, lens: Lens): Json {
  return link.complement[lens.id] ?? null
}
