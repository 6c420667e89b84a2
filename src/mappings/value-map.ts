/**
 * Values that stand for each other: one to one, or several for one. A side that already holds one of several keeps it; a
 * new item gets the first that was named.
 */
import { canonical, type Json } from '../connector/values.ts'
import type { Side } from '../core/flow.ts'
import type { Form } from './form.ts'

/** Two values that stand for each other, in the order in which they are named. */
export type Twins = { readonly [side in Side]: Json }

export function valueMap(twins: readonly Twins[]): { readonly [side in Side]: Form } {
  const groups = groupsOf(twins)
  const form = (side: Side): Form => {
    const named = groups.map((group) => new Set(group.map((each) => canonical(each[side]))))
    const index = (held: Json) => named.findIndex((values) => values.has(canonical(held)))
    return {
      read: (held) => groups[index(held)]?.[0]?.a,
      write: (value) =>
        groups.find(([first]) => first !== undefined && canonical(first.a) === canonical(value))?.[0]?.[side],
      what: `one of ${[...new Set(twins.map((each) => show(each[side])))].join(', ')}`,
    }
  }
  return { a: form('a'), b: form('b') }
}

/** Twins that share a value belong together. */
function groupsOf(twins: readonly Twins[]): readonly (readonly Twins[])[] {
  let groups: Twins[][] = []
  for (const twin of twins) {
    const shares = (group: readonly Twins[]) =>
      group.some((each) => canonical(each.a) === canonical(twin.a) || canonical(each.b) === canonical(twin.b))
    const joined = groups.filter(shares)
    groups = [...groups.filter((group) => !joined.includes(group)), [...joined.flat(), twin]]
  }
  return groups
}

function show(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
