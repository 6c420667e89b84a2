/** After a store was lost: tells the engine's own corrections from people's items, and whom they are about. Pure. */
import { type Json, type Ref, type Values } from '../connector/values.ts'
import type { Identity, Observation } from './state.ts'
import { baseOn } from './base.ts'
import { isCompared, other, SIDES, type Origin, type Pair, type Side } from './flow.ts'

export type Items = { readonly [side in Side]: readonly Observation[] }

export interface Known {
  readonly side: Side
  readonly about: Observation
  readonly correction: Observation
  readonly told: string
  readonly incarnation: number
}

export interface Recognise {
  readonly pair: Pair
  readonly items: Items
  /** Who writes corrections. */
  readonly actors: { readonly [side in Side]: Ref | null }
  /** The keys that corrections about an item may have, by incarnation. */
  keysOf(about: Identity): readonly string[]
}

/** By the key where the system carries one, else by how it begins: under one parent, and written by our own user. */
export function findCorrections({ pair, items, actors, keysOf }: Recognise): readonly Known[] {
  const { words } = pair
  if (words === undefined) return []
  const found: Known[] = []
  for (const side of SIDES) {
    const taken = new Set<Observation>()
    const siblings = Map.groupBy(items[side], ({ parent }) => parent)
    const keys = new Map<string | null, ReadonlyMap<string, Keyed>>()
    for (const own of items[side]) {
      const told = own.values[words.field[side]]
      if (own.parent === null || typeof told !== 'string') continue
      if (own.author !== null && own.author.ref !== actors[side]) continue
      const others = (siblings.get(own.parent) ?? []).filter((each) => each !== own && !taken.has(each))
      if (own.key !== null && !keys.has(own.parent)) keys.set(own.parent, keyed(others, keysOf))
      const byKey = own.key === null ? undefined : keys.get(own.parent)?.get(own.key)
      const about = byKey?.about ?? others.find((each) => told.startsWith(words.opening(side, each)))
      if (about === undefined) continue
      taken.add(about)
      found.push({ side, about, correction: own, told, incarnation: byKey?.incarnation ?? 0 })
    }
  }
  return found
}

interface Keyed {
  readonly about: Observation
  readonly incarnation: number
}

function keyed(items: readonly Observation[], keysOf: Recognise['keysOf']): ReadonlyMap<string, Keyed> {
  return new Map(
    items.flatMap((about) => keysOf(about).map((key, incarnation) => [key, { about, incarnation }] as const)),
  )
}

/** People's items alone. */
export function without(items: Items, known: readonly Known[]): Items {
  const own = new Set(known.map(({ correction }) => correction))
  return { a: items.a.filter((item) => !own.has(item)), b: items.b.filter((item) => !own.has(item)) }
}

/** Whether it is this item's value of which a correction tells. */
export function isTold(pair: Pair, { side, about, told }: Known, far: Observation, complement: Json): boolean {
  const { words } = pair
  const lens = pair.lenses.find((each) => each.id === words?.lens)
  if (words === undefined || lens === undefined) return false
  return told === words.opening(side, about) + words.rest(side, lens.read(other(side), far.values, complement))
}

/** What the two agreed on before: as the item would be copied, so that the other side alone has changed since. */
export function baseBefore(
  pair: Pair,
  { side, about }: Known,
  far: Observation,
  complement: { readonly [lens: string]: Json },
): { readonly [side in Side]: Values } {
  const to = other(side)
  const base: { a: Record<string, Json>; b: Record<string, Json> } = { a: {}, b: {} }
  for (const lens of pair.lenses.filter(isCompared)) {
    const known = complement[lens.id] ?? null
    Object.assign(base[side], baseOn(lens, side, about.values, known))
    const there =
      lens.id === pair.words?.lens ? lens.write(to, lens.read(side, about.values, known), null, known) : far.values
    Object.assign(base[to], baseOn(lens, to, there, known))
  }
  return base
}

/** Whether it begins as a copy does of what one of these people wrote on the other side. */
export function beginsAsCopy(
  { lenses }: Pair,
  side: Side,
  { values }: Observation,
  authors: readonly Origin['author'][],
): boolean {
  return lenses.some((lens) =>
    authors.some((author) => {
      const complement = lens.complement?.(side, { author, parent: null }) ?? null
      if (complement === null) return false
      return Object.entries(lens.write(side, '', null, complement)).every(([field, opening]) => {
        const text = values[field]
        return typeof opening === 'string' && opening !== '' && typeof text === 'string' && text.startsWith(opening)
      })
    }),
  )
}
