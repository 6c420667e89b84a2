/**
 * A value by rule: the first rule whose condition holds says what the other side shows, a colour say. Nothing travels back,
 * but where the side of the rules has a field for what people choose: then a value that no rule gives is kept there, and
 * goes before the rules.
 */
import { canonical, sameValue, type Json, type Values } from '../connector/values.ts'
import { other, type Lens, type Policy, type Side, type Unreadable, type Way } from '../core/flow.ts'

export interface Rule {
  readonly when: (values: Values) => boolean
  readonly value: Json
}

export interface RulesOptions {
  readonly id: string
  /** The side that shows the value, in this field. */
  readonly side: Side
  readonly field: string
  /** What holds where no rule does is empty. */
  readonly rules: readonly Rule[]
  readonly policy?: Policy
}

/** What `others` are: values that no rule gives. 'replace': they are written over when the rules say something new. */
export function ruled(options: RulesOptions & { readonly others: 'keep' | 'replace'; readonly way: Way }): Lens {
  const { id, side: there, field, rules, others, way, policy } = options
  const given = new Set([null, ...rules.map(({ value }) => value)].map(canonical))
  return {
    id,
    way,
    fields: { a: there === 'a' ? [field] : [], b: there === 'b' ? [field] : [] },
    ...(policy === undefined ? {} : { policy }),
    read: (side, values) => (side === there ? (values[field] ?? null) : byRule(rules, values)),
    write: (side, value) => (side === there ? { [field]: value } : {}),
    unreadable(side, values): Unreadable | null {
      const isOwn = side === there && others === 'keep' && !given.has(canonical(values[field] ?? null))
      return isOwn ? { why: 'was chosen by a person', wanted: true } : null
    },
  }
}

/** `chosen`: the field at the rules' side that holds what a person chose. */
export function ruledOrChosen(options: RulesOptions & { readonly chosen: string }): Lens {
  const { id, side: there, field, rules, chosen, policy } = options
  const from = other(there)
  const names = there === 'a' ? { a: [field], b: [chosen] } : { a: [chosen], b: [field] }
  const read = (side: Side, values: Values): Json => {
    if (side === there) return values[field] ?? null
    const own = values[chosen] ?? null
    return own === null ? byRule(rules, values) : own
  }
  return {
    id,
    way: 'both',
    fields: names,
    derives: from,
    ...(policy === undefined ? {} : { policy }),
    read,
    write(side, value, old) {
      if (side === there) return { [field]: value }
      if (old !== null && sameValue(read(from, old), value)) return { [chosen]: old[chosen] ?? null }
      return { [chosen]: old !== null && sameValue(byRule(rules, old), value) ? null : value }
    },
  }
}

/** The same on every item. */
export function constant(options: {
  readonly id: string
  readonly side: Side
  readonly field: string
  readonly value: Json
  readonly way: Way
}): Lens {
  const { value, ...rest } = options
  return ruled({ ...rest, rules: [{ when: () => true, value }], others: 'replace' })
}

function byRule(rules: readonly Rule[], values: Values): Json {
  return rules.find(({ when }) => when(values))?.value ?? null
}
