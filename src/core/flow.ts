/** What a flow is, compiled from the configuration: everything that planning needs to know, as data and pure lenses. */
import type { Untold } from '../connector/connector.ts'
import type { Fields, Json, Ref, Values } from '../connector/values.ts'

export type Side = 'a' | 'b'
export const SIDES: readonly Side[] = ['a', 'b']
export function other(side: Side): Side {
  return side === 'a' ? 'b' : 'a'
}

export type Direction = 'both' | 'a→b' | 'b→a'

/** Which way a lens carries changes. 'on create': written once, never compared. */
export type Way = Direction | 'on create a→b' | 'on create b→a'

/** What a lens may know besides the values: for text that carries its author. */
export interface Origin {
  readonly author: { readonly ref: string; readonly name?: string | undefined } | null
  /** The parent's values where the item is the head of its parent, on the origin's side; else null. */
  readonly parent: Values | null
}

/**
 * Relates some fields of one side to some of the other.
 *
 * `read` answers what the two sides compare: equal answers mean that the sides agree. `write` puts such an answer into
 * the fields of a side, keeping what the other side cannot say. Laws: write(s, read(s)) = s; read(write(s, v)) = v.
 */
export interface Lens {
  readonly id: string
  readonly way: Way
  /** The fields that it writes on each side. */
  readonly fields: { readonly [side in Side]: readonly string[] }
  /** On this side its value depends on fields that it does not write. So it does on each side where it writes none. */
  readonly derives?: Side
  /** A reference: its values are refs of items of these kinds, translated through links. */
  readonly to?: { readonly [side in Side]: string }
  /** Its values are files: they are compared by what both sides tell of them, and copied where they are new. */
  readonly files?: true
  /** Its values are persons, whom planning holds by who they are (core/people.ts). */
  readonly people?: true
  /** Conflict policy of this lens, before the pair's and the flow's. */
  readonly policy?: Policy
  read(side: Side, values: Values, complement: Json): Json
  write(side: Side, value: Json, old: Values | null, complement: Json): Values
  /** Of values that it cannot carry to the other side; absent: it carries all. Nothing is written over them. */
  unreadable?(side: Side, values: Values, complement: Json): Unreadable | null
  /** What `read` and `write` of the new item will need to know on its side; absent: nothing. */
  complement?(side: Side, origin: Origin): Json
  /**
   * What the fields of a side hold once they say, or say no more, that the other side does not say the same. `read`
   * answers as before: a mark lies in what only this side shows. Null: there is no place for one.
   */
  mark?(side: Side, values: Values, complement: Json, marked: boolean): Values | null
}

export interface Unreadable {
  /** Follows the name of the lens: 'cannot be read as a date'. */
  readonly why: string
  /** As the flow wants it: it is no divergence, and nothing is written over it whatever changes. */
  readonly wanted?: true
  /** A difference of its own tells it. */
  readonly told?: true
}

export type Policy = 'newest' | 'a' | 'b' | 'ask' | Resolver

/** Settles conflicts by their values alone. Pure: the same values have the same verdict, on every machine and at any time. */
export interface Resolver {
  /** As people know it: 'merge', './resolve.ts'. */
  readonly name: string
  /** What the lens read. `base`: what the two last agreed on; null: nothing, or nothing that is known. */
  settle(contest: { readonly base: Json; readonly a: Json; readonly b: Json }): Verdict
}

/** The side that stands, a value that both get, or a person's task, and why. */
export type Verdict = { readonly side: Side } | { readonly value: Json } | { readonly ask: string }

/** What becomes of the other side's item when one side deletes its own. */
export type OnDelete = 'delete' | 'empty' | 'keep' | 'hold'
export type OnLeave = 'keep' | 'delete' | 'hold'

/** What a connector declares about a kind, as far as planning needs it. */
export interface KindFacts {
  readonly connection: string
  readonly kind: string
  readonly fields: Fields
  readonly container: boolean
  /** The field that names the parent, and the parent's kind. */
  readonly parent: { readonly field: string; readonly kind: string } | null
  /** Creates under one parent go one by one, in order. */
  readonly siblings: boolean
  readonly head: string | null
  readonly takes: readonly string[]
  /** Fields whose values only one item of a scope has; empty: there are none. */
  readonly unique: readonly string[]
  /** When its system tells only some fields; absent: it always tells all. */
  readonly untold?: readonly Untold[]
  readonly scopeField: string | null
  /** What its system does with files; absent: nothing. `mostBytes`: of one file; null: it tells no bound. */
  readonly files?: { readonly opens: boolean; readonly uploads: boolean; readonly mostBytes: number | null }
  readonly can: {
    readonly create: boolean
    readonly update: boolean
    readonly delete: boolean
    readonly empty: boolean
  }
}

export interface Pair {
  /** Unique in its flow and never changed: 'message-post'. */
  readonly id: string
  readonly kinds: { readonly [side in Side]: KindFacts }
  readonly lenses: readonly Lens[]
  readonly policy?: Policy
  readonly onDelete: { readonly [side in Side]: OnDelete } // by the side that deleted
  readonly onLeave: { readonly [side in Side]: OnLeave }
  readonly onRefused: { readonly [side in Side]: OnRefused } // by the side that cannot be changed
  readonly words?: Words
  /** Lenses whose equal values pair items that exist on both sides at first contact; empty: only keys and copies pair. */
  readonly match: readonly string[]
  /** Items that are wanted at all, by side; absent: all. */
  readonly where?: (side: Side, values: Values) => boolean
}

/**
 * What is done about a change that cannot be written on a side. `declare`: it is listed; `reply`: a correction tells it
 * there; `mark`: where it was made, our own copy says that it stands there alone.
 */
export type OnRefused = 'declare' | 'reply' | 'mark'

/** How a side says, in a reply, what became of the other side's copy of one of its items. */
export interface Words {
  /** The lens whose value is told. */
  readonly lens: string
  /** The field that holds a reply. */
  readonly field: { readonly [side in Side]: string }
  /** With this a reply about an item begins, whatever it tells. It is known again by it after a store was lost. */
  opening(side: Side, item: { readonly author: Origin['author']; readonly values: Values }): string
  /** What follows. `now`: the value on the other side; null: it was deleted there. */
  rest(side: Side, now: Json): string
}

export interface BrakeLimits {
  readonly deletes: { readonly atLeast: number; readonly share: number }
  readonly writes: { readonly atLeast: number; readonly share: number }
}

export const DEFAULT_BRAKE: BrakeLimits = {
  deletes: { atLeast: 10, share: 0.2 },
  writes: { atLeast: 100, share: 0.5 },
}

/** A pair of containers named in the configuration. `create`: made with the name of the other. */
export interface PinnedScopes {
  readonly a: ScopeChoice
  readonly b: ScopeChoice
}
export type ScopeChoice =
  | { readonly ref: Ref }
  | {
      readonly create: true
      /** Fields that only the configuration knows, such as the parent category. */
      readonly values?: Values
    }

/** The refs that the configuration names; null: it is to be made. */
export function pinnedRefs({ a, b }: PinnedScopes): { readonly [side in Side]: Ref | null } {
  return { a: 'ref' in a ? a.ref : null, b: 'ref' in b ? b.ref : null }
}

/** Containers found while running: every one on `from`'s side that passes `where` gets a counterpart. */
export interface EachScope {
  readonly from: Side
  readonly where: (values: Values) => boolean
  /** Fields of the containers that the engine creates on the other side, such as the parent. */
  readonly under: Values
}

export interface Flow {
  readonly id: string
  readonly title: string
  /** What it is for one account of; its brake counts over all flows of the template too. Absent: it stands for itself. */
  readonly template?: string
  readonly connections: { readonly [side in Side]: string }
  readonly direction: Direction
  /** On a one-way flow: what becomes of changes at the far end. */
  readonly astray: 'leave' | 'restore' | 'hold'
  readonly policy: Policy
  /** The pair of containers; its links are the flow's instances. */
  readonly containers: Pair
  /** Parents before children. Does not hold `containers`. */
  readonly pairs: readonly Pair[]
  readonly scopes: readonly PinnedScopes[]
  readonly each: EachScope | null
  /** Only items created from this instant on are new; null: all. What a wanted item needs as its parent is wanted too. */
  readonly start: string | null
  readonly brake: BrakeLimits
  /** Larger files stay where they are; absent: than 100 MB. */
  readonly mostFileBytes?: number
  /**
   * What the configuration says of it, as a digest: where that is another one, everything is planned anew. Absent: nothing
   * is.
   */
  readonly settings?: string
}

export function pairsOf(flow: Flow): readonly Pair[] {
  return [flow.containers, ...flow.pairs]
}

/** Whether changes of `from` may travel to the other side. */
export function carries(direction: Direction, from: Side): boolean {
  return direction === 'both' || direction === (from === 'a' ? 'a→b' : 'b→a')
}

/** The ways of a lens that is compared; of one that is written on create only, both. */
export function wayOf({ way }: Lens): Direction {
  return way === 'a→b' || way === 'b→a' ? way : 'both'
}

/** Whether what a lens carries travels from this side to the other: the flow and the lens both let it. */
export function travelsFrom({ direction }: Pick<Flow, 'direction'>, lens: Lens, from: Side): boolean {
  return carries(direction, from) && carries(wayOf(lens), from)
}

/** Whether the lens is compared at all: what is written on create only is not. */
export function isCompared({ way }: Lens): boolean {
  return !way.startsWith('on create')
}

/** Whether its value on this side is made of fields that it does not write. */
export function isDerived({ fields, derives }: Lens, side: Side): boolean {
  return derives === side || fields[side].length === 0
}

/** The fields of one side that have a base: those of the lenses that are compared. */
export function comparedFields(pair: Pair, side: Side): readonly string[] {
  return pair.lenses.filter(isCompared).flatMap((lens) => lens.fields[side])
}

/** What belongs to `side`, and what belongs to the other. */
export function bySide<T>(side: Side, own: T, far: T): { readonly [each in Side]: T } {
  return side === 'a' ? { a: own, b: far } : { a: far, b: own }
}

/** Whether a field that travels says in which scope an item stands. */
export function movesByField({ kinds, lenses }: Pair): boolean {
  return SIDES.some((side) => {
    const { scopeField } = kinds[side]
    return scopeField !== null && lenses.some(({ fields }) => fields[side].includes(scopeField))
  })
}
