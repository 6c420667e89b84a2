/** What the kinds of two systems have to do with each other, before a flow's own wishes. */
import {
  other,
  type KindFacts,
  type Lens,
  type OnDelete,
  type OnLeave,
  type Pair,
  type Side,
  type Way,
  type Words,
} from '../core/flow.ts'

export interface PairMapping {
  /** Unique in its mapping and never changed. */
  readonly id: string
  readonly kinds: { readonly [side in Side]: string }
  readonly lenses: (kinds: Pair['kinds']) => readonly Lens[]
  /** By the side that deleted. */
  readonly onDelete: { readonly [side in Side]: OnDelete }
  readonly onLeave: { readonly [side in Side]: OnLeave }
  /** Ids of the lenses whose equal values pair items at first contact. */
  readonly match: readonly string[]
  /** How a correction is put; absent: items of these kinds cannot answer each other. */
  readonly words?: Words
}

/** The names of the two connectors, and their pairs: containers first, then parents before children. */
export interface Mapping {
  readonly connectors: { readonly [side in Side]: string }
  readonly pairs: readonly PairMapping[]
  /**
   * Of what a configuration need not have: pairs whose kinds are not there are left out, and lenses whose fields are not. A
   * pair of the configuration's own takes the place of the one that joins the same kind.
   */
  readonly partial?: true
}

/** The same mapping for a flow that names the two connections the other way round. Ids stay. */
export function flipped(mapping: Mapping): Mapping {
  return { ...mapping, connectors: swap(mapping.connectors), pairs: mapping.pairs.map(flippedPair) }
}

function flippedPair(pair: PairMapping): PairMapping {
  return {
    ...pair,
    kinds: swap(pair.kinds),
    lenses: (kinds) => pair.lenses(swap<KindFacts>(kinds)).map(flippedLens),
    onDelete: swap(pair.onDelete),
    onLeave: swap(pair.onLeave),
    ...(pair.words === undefined ? {} : { words: flippedWords(pair.words) }),
  }
}

function flippedWords({ lens, field, opening, rest }: Words): Words {
  return {
    lens,
    field: swap(field),
    opening: (side, item) => opening(other(side), item),
    rest: (side, now) => rest(other(side), now),
  }
}

/** Complements keep the sides under the names that the lens itself gives them. */
export function flippedLens(lens: Lens): Lens {
  const { complement, derives, mark, unreadable } = lens
  return {
    id: lens.id,
    way: flippedWay(lens.way),
    fields: swap(lens.fields),
    ...(derives === undefined ? {} : { derives: other(derives) }),
    ...(lens.to === undefined ? {} : { to: swap(lens.to) }),
    ...(lens.policy === undefined ? {} : { policy: flippedPolicy(lens.policy) }),
    read: (side, values, known) => lens.read(other(side), values, known),
    write: (side, value, old, known) => lens.write(other(side), value, old, known),
    ...(unreadable === undefined
      ? {}
      : { unreadable: (side, values, known) => unreadable(other(side), values, known) }),
    ...(complement === undefined ? {} : { complement: (side, origin) => complement(other(side), origin) }),
    ...(mark === undefined ? {} : { mark: (side, values, known, marked) => mark(other(side), values, known, marked) }),
  }
}

function flippedPolicy(policy: NonNullable<Lens['policy']>): NonNullable<Lens['policy']> {
  if (typeof policy !== 'object') return policy === 'a' ? 'b' : policy === 'b' ? 'a' : policy
  return {
    name: policy.name,
    settle({ base, a, b }) {
      const verdict = policy.settle({ base, a: b, b: a })
      return 'side' in verdict ? { side: other(verdict.side) } : verdict
    },
  }
}

const OPPOSITE: { readonly [way in Way]: Way } = {
  both: 'both',
  'a→b': 'b→a',
  'b→a': 'a→b',
  'on create a→b': 'on create b→a',
  'on create b→a': 'on create a→b',
}

function flippedWay(way: Way): Way {
  return OPPOSITE[way]
}

function swap<T>(sides: { readonly [side in Side]: T }): { readonly [side in Side]: T } {
  return { a: sides.b, b: sides.a }
}
