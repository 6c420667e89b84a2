/** The flow between two made-up tables: each field of a kind travels to the field of the same name. */
import { factsOf } from '../../src/config/facts.ts'
import type { Configured } from '../../src/connector/index.ts'
import { DEFAULT_BRAKE, type Flow, type Lens, type Pair as KindPair, type Policy } from '../../src/core/flow.ts'
import { direct, files as filesLens, people, reference } from '../../src/mappings/index.ts'

export type Rules = Partial<Pick<KindPair, 'onLeave' | 'onDelete' | 'where'>>

export function flowOf(
  kinds: readonly string[],
  policy: Policy,
  connectors: { a: Configured; b: Configured },
  given?: readonly Lens[],
  rules: Rules = {},
  shelves = 1,
): Flow {
  const pair = (kind: string): KindPair => {
    const facts = { a: factsOf('a', connectors.a, kind), b: factsOf('b', connectors.b, kind) }
    if (facts.a === null || facts.b === null) throw new Error(`there is no ${kind}`)
    const there = facts.b.fields
    // What only one side has does not travel.
    const shared = Object.entries(facts.a.fields).filter(([field]) => field in there)
    const same = shared.map(([field, { to, type, many }]) =>
      type === 'person'
        ? people({ id: field, a: field, b: field, set: many === 'set' })
        : type === 'file'
          ? filesLens({ id: field, a: field, b: field })
          : to === undefined
            ? direct({ id: field, a: field, b: field })
            : reference({ id: field, a: field, b: field, to: { a: to, b: to } }),
    )
    return {
      id: kind,
      kinds: { a: facts.a, b: facts.b },
      lenses: kind === 'shelf' ? same : (given ?? same),
      onDelete: { a: 'delete', b: 'delete' },
      onLeave: { a: 'keep', b: 'keep' },
      onRefused: { a: 'declare', b: 'declare' },
      match: connectors.a.kinds[kind]?.match ?? [],
      ...(kind === 'shelf' ? {} : rules),
    }
  }
  return {
    id: 'team',
    title: 'Team',
    connections: { a: 'a', b: 'b' },
    direction: 'both',
    astray: 'leave',
    policy,
    containers: pair('shelf'),
    pairs: kinds.map(pair),
    scopes: Array.from({ length: shelves }, (_, at) => ({
      a: { ref: `shelf-${at + 1}` },
      b: { ref: `shelf-${at + 1}` },
    })),
    each: null,
    start: null,
    brake: DEFAULT_BRAKE,
  }
}
