/** All that a system told of an item, for tables that keep it: the field `raw`, where the configuration asks for it. */
import { z } from 'zod'
import { json } from './json.ts'
import type { Field, Json } from './values.ts'

/** Beside what a shape reads of an object: `shape.and(TOLD)` has all of it. */
export const TOLD = z.unknown().transform((told) => ({ told }))

export const rawField: Field = { type: 'json', written: 'never' }

/** Of `without`, members of these names are left out, at any depth: what differs at each read although the item does not. */
export function rawOf(
  { raw }: { readonly raw: boolean },
  { told }: { readonly told: unknown },
  without: readonly string[] = [],
): { readonly raw?: Json } {
  return raw ? { raw: less(json.parse(told), new Set(without)) } : {}
}

function less(value: Json, names: ReadonlySet<string>): Json {
  if (names.size === 0 || value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map((each: Json) => less(each, names))
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !names.has(name))
      .map(([name, member]) => [name, less(member, names)]),
  )
}

export const rawOption = z.boolean().default(false).meta({
  description:
    'Items tell all that the API told of them, as `raw`. It is asked for by itself where a flow goes into tables with `ingest: { raw: true }`.',
})
