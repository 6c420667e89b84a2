/** Two fields that name an item each; the engine translates one ref into the other through links. */
import type { Values } from '../connector/values.ts'
import type { Lens, Policy, Side, Way } from '../core/flow.ts'

export interface ReferenceOptions {
  readonly id: string
  readonly a: string
  readonly b: string
  /** The kinds that the fields point to. */
  readonly to: { readonly [side in Side]: string }
  readonly way?: Way
  readonly policy?: Policy
}

export function reference(options: ReferenceOptions): Lens {
  const field = { a: options.a, b: options.b }
  return {
    id: options.id,
    way: options.way ?? 'both',
    fields: { a: [field.a], b: [field.b] },
    to: options.to,
    ...(options.policy === undefined ? {} : { policy: options.policy }),
    read: (side: Side, values: Values) => values[field[side]] ?? null,
    write: (side, value) => ({ [field[side]]: value }),
  }
}
