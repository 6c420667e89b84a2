/** The same value on both sides, where one side may hold less of it. */
import { canonical, sameValue, type Json, type Values } from '../connector/values.ts'
import type { Lens, Policy, Side, Way } from '../core/flow.ts'

export interface DirectOptions {
  readonly id: string
  readonly a: string
  readonly b: string
  readonly way?: Way
  /**
   * The longest text in code points that both sides hold. Sides agree when they agree up to there, and a longer text
   * stays as long as nobody changes what is compared.
   */
  readonly max?: number
  /** Compared without order and without repetition. */
  readonly set?: boolean
  readonly policy?: Policy
}

export function direct(options: DirectOptions): Lens {
  const field = { a: options.a, b: options.b }
  const read = (side: Side, values: Values): Json => compared(values[field[side]] ?? null, options)
  return {
    id: options.id,
    way: options.way ?? 'both',
    fields: { a: [field.a], b: [field.b] },
    ...(options.policy === undefined ? {} : { policy: options.policy }),
    read,
    write(side, value, old) {
      const wanted = compared(value, options)
      const stays = old !== null && sameValue(read(side, old), wanted)
      return { [field[side]]: stays ? (old[field[side]] ?? null) : wanted }
    },
  }
}

function compared(value: Json, { max, set }: DirectOptions): Json {
  if (typeof value === 'string' && max !== undefined) return cut(value, max)
  if (Array.isArray(value) && set === true) return sorted(value)
  return value
}

function sorted(value: readonly Json[]): readonly Json[] {
  const byText = new Map(value.map((each) => [canonical(each), each]))
  return [...byText.keys()].sort().map((text) => byText.get(text) ?? null)
}

/** The first `max` code points, without white space at the end of a text that was cut. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text
  const points = [...text]
  return points.length <= max ? text : points.slice(0, max).join('').trimEnd()
}
