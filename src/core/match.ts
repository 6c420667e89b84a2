/** Pairs items that stand on both sides already, before the first write: by key, as a copy, by equal fields. Pure. */
import { canonical, sameValue, type Json, type Ref, type Values } from '../connector/values.ts'
import type { Identity, Observation } from './state.ts'
import { baseOn, pick } from './base.ts'
import { agreeOnFiles, shelfOf } from './files.ts'
import { baseBefore, isTold, type Known } from './recognise.ts'
import { slotLenses } from './slot.ts'
import { bySide, isCompared, other, SIDES, type Lens, type Pair, type Side } from './flow.ts'

export interface MatchInput {
  readonly pair: Pair
  readonly items: { readonly [side in Side]: readonly Observation[] }
  /** The key with which this flow would have created the counterpart of an item. */
  keyOf(source: Identity): string
  /** Of an item that is the head of its parent, made together with it: the parent's values. */
  readonly heads: ReadonlyMap<Observation, Values>
  /** Corrections that stand already, which are none of the items. */
  readonly known: readonly Known[]
  /** The counterpart at b of a's parent. */
  counterpart(parent: Ref): Ref | null
}

export interface Match {
  readonly refs: { readonly [side in Side]: Ref }
  readonly base: { readonly [side in Side]: Values }
  readonly complement: { readonly [lens: string]: Json }
  /** What shows that they are the same, in words. */
  readonly by: string
}

/** Of a match: the key is the one that this flow gives. */
export const BY_KEY = 'by its key'
/** Some engine has made one of the two from the other. */
export const AS_COPY = 'as a copy'

export interface Ambiguous {
  readonly side: Side
  readonly observation: Observation
  readonly why: string
}

export interface Matched {
  readonly links: readonly Match[]
  readonly ambiguous: readonly Ambiguous[]
}

/** Each item is paired at most once. Equal items are paired in order where both sides have as many; else they are held. */
export function matchItems(input: MatchInput): Matched {
  const left = { a: new Set(input.items.a), b: new Set(input.items.b) }
  const links: Match[] = []
  const ambiguous: Ambiguous[] = []
  const join = (
    a: Observation,
    b: Observation,
    by: string,
    complement: Match['complement'],
    base = baseOf(input, a, b, complement),
  ): void => {
    left.a.delete(a)
    left.b.delete(b)
    links.push({ refs: { a: a.ref, b: b.ref }, base, complement, by })
  }
  for (const each of input.known) {
    const complement = complementFor(input, each.side, each.about)
    const [far, second] = left[each.side].has(each.about) ? toldOf(input, left, each, complement) : []
    if (far === undefined || second !== undefined) continue
    const [a, b] = each.side === 'a' ? [each.about, far] : [far, each.about]
    join(a, b, 'by a correction', complement, baseBefore(input.pair, each, far, complement))
  }
  for (const { from, a, b } of byKey(input))
    if (left.a.has(a) && left.b.has(b)) join(a, b, BY_KEY, complementsOf(input, from, a, b))
  for (const from of SIDES)
    pairEqual(
      copies(input, left, from),
      (a, b) => join(a, b, AS_COPY, complementFor(input, from, from === 'a' ? a : b)),
      ambiguous,
    )
  for (const fields of [slotLenses(input.pair), input.pair.match])
    if (fields.length > 0)
      pairEqual(sameFields(input, left, fields), (a, b) => join(a, b, `by equal ${fields.join(', ')}`, {}), ambiguous)
  return { links, ambiguous }
}

/** Items that look the same, by what makes them the same. */
type Groups = Map<string, { readonly a: Observation[]; readonly b: Observation[] }>

function byKey({ items, keyOf }: MatchInput): { from: Side; a: Observation; b: Observation }[] {
  const pairs: { from: Side; a: Observation; b: Observation }[] = []
  for (const from of SIDES) {
    const keyed = new Map(items[other(from)].flatMap((item) => (item.key === null ? [] : [[item.key, item] as const])))
    if (keyed.size === 0) continue
    for (const source of items[from]) {
      const copy = keyed.get(keyOf(source))
      if (copy !== undefined) pairs.push({ from, ...bySide(from, source, copy) })
    }
  }
  return pairs
}

/** The items of the other side of which a correction tells. */
function toldOf(
  input: MatchInput,
  left: { a: Set<Observation>; b: Set<Observation> },
  known: Known,
  complement: Match['complement'],
): readonly Observation[] {
  const { side, about } = known
  const lens = input.pair.words?.lens ?? ''
  return [...left[other(side)]].filter(
    (far) =>
      parentAtB(input, side, about) === parentAtB(input, other(side), far) &&
      isTold(input.pair, known, far, complement[lens] ?? null),
  )
}

/** What one side would be copied as, held against what the other side has. */
function copies(input: MatchInput, left: { a: Set<Observation>; b: Set<Observation> }, from: Side): Groups {
  const groups: Groups = new Map()
  const to = other(from)
  const lenses = input.pair.lenses
    .filter(isCompared)
    .filter((lens) => lens.to === undefined && lens.files === undefined && lens.people === undefined)
  if (!lenses.some((lens) => lens.complement !== undefined)) return groups
  for (const item of left[from]) {
    const complement = complementFor(input, from, item)
    const written = lenses.map((lens) =>
      lens.write(to, lens.read(from, item.values, null), null, complement[lens.id] ?? null),
    )
    add(groups, input, from, item, canonical(written.map((values) => ({ ...values }))))
  }
  for (const item of left[to])
    add(groups, input, to, item, canonical(lenses.map((lens) => pick(item.values, lens.fields[to]))))
  return groups
}

function sameFields(
  input: MatchInput,
  left: { a: Set<Observation>; b: Set<Observation> },
  fields: readonly string[],
): Groups {
  const groups: Groups = new Map()
  const lenses = input.pair.lenses.filter((lens) => fields.includes(lens.id))
  for (const side of SIDES)
    for (const item of left[side])
      add(groups, input, side, item, canonical(lenses.map((lens) => lens.read(side, item.values, null))))
  return groups
}

/** Children are the same only under parents that are linked. */
function add(groups: Groups, input: MatchInput, side: Side, item: Observation, face: string): void {
  const parent = parentAtB(input, side, item)
  if (parent === null) return
  const name = `${parent} ${face}`
  const group = groups.get(name) ?? { a: [], b: [] }
  group[side].push(item)
  groups.set(name, group)
}

/** '' where there is none; null where a's has no counterpart. */
function parentAtB(input: MatchInput, side: Side, item: Observation): Ref | null {
  const hasParent = input.pair.kinds[side].parent !== null
  return !hasParent || item.parent === null ? '' : side === 'b' ? item.parent : input.counterpart(item.parent)
}

function pairEqual(groups: Groups, join: (a: Observation, b: Observation) => void, ambiguous: Ambiguous[]): void {
  for (const { a, b } of groups.values()) {
    if (a.length === 0 || b.length === 0) continue
    if (a.length === b.length) {
      a.forEach((item, index) => {
        const twin = b[index]
        if (twin !== undefined) join(item, twin)
      })
      continue
    }
    const why = `${a.length} equal items on one side and ${b.length} on the other`
    for (const observation of a) ambiguous.push({ side: 'a', observation, why })
    for (const observation of b) ambiguous.push({ side: 'b', observation, why })
  }
}

function complementFor(
  { pair, heads }: Pick<MatchInput, 'pair' | 'heads'>,
  from: Side,
  item: Observation,
): { [lens: string]: Json } {
  const complement: { [lens: string]: Json } = {}
  for (const lens of pair.lenses) {
    const known = lens.complement?.(other(from), { author: item.author, parent: heads.get(item) ?? null }) ?? null
    if (known !== null) complement[lens.id] = known
  }
  return complement
}

/**
 * Found by key, so one is a copy of the other: whichever way reads the two as the same, else the way that the key tells.
 * A copy that was edited since still begins with its author.
 */
function complementsOf(
  input: Pick<MatchInput, 'pair' | 'heads'>,
  source: Side,
  a: Observation,
  b: Observation,
): Match['complement'] {
  const sides = { a, b }
  // A first child that stands under a parent made before it shows nothing of that parent.
  const ways = [source, other(source)].flatMap((from) => [
    complementFor(input, from, sides[from]),
    complementFor({ ...input, heads: new Map() }, from, sides[from]),
  ])
  for (const complement of ways)
    if (
      input.pair.lenses
        .filter(isCompared)
        .every((lens) => isTranslated(lens) || agrees(lens, a, b, complement[lens.id] ?? null))
    )
      return complement
  return complementFor(input, source, sides[source])
}

/** What it names says nothing about whether two texts are the same. */
function isTranslated({ to, people }: Lens): boolean {
  return to !== undefined || people === true
}

function agrees(lens: Lens, a: Observation, b: Observation, complement: Json): boolean {
  if (lens.files === true) return agreeOnFiles(shelfOf({ link: null, a, b }, lens))
  return sameValue(lens.read('a', a.values, complement), lens.read('b', b.values, complement))
}

/** Only what agrees has a base; where the two differ, the flow's policy decides in the plan. */
function baseOf(input: MatchInput, a: Observation, b: Observation, complement: Match['complement']): Match['base'] {
  const base: { a: Record<string, Json>; b: Record<string, Json> } = { a: {}, b: {} }
  for (const lens of input.pair.lenses.filter(isCompared)) {
    if (lens.to === undefined && !agrees(lens, a, b, complement[lens.id] ?? null)) continue
    Object.assign(base.a, baseOn(lens, 'a', a.values, complement[lens.id] ?? null))
    Object.assign(base.b, baseOn(lens, 'b', b.values, complement[lens.id] ?? null))
  }
  return base
}

/** Two that a person says stand for each other: as they are, they agree. */
export function matchGiven(pair: Pair, a: Observation, b: Observation, heads: MatchInput['heads']): Match {
  const base: { a: Record<string, Json>; b: Record<string, Json> } = { a: {}, b: {} }
  for (const lens of pair.lenses.filter(isCompared)) {
    Object.assign(base.a, baseOn(lens, 'a', a.values, null))
    Object.assign(base.b, baseOn(lens, 'b', b.values, null))
  }
  const complement = [complementsOf({ pair, heads }, 'a', a, b), complementsOf({ pair, heads }, 'b', b, a)]
  const reads = complement.find((each) =>
    pair.lenses.filter(isCompared).every((lens) => isTranslated(lens) || agrees(lens, a, b, each[lens.id] ?? null)),
  )
  return { refs: { a: a.ref, b: b.ref }, base, complement: reads ?? {}, by: 'as a person said' }
}
