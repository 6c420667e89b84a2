/** A title for what has none on the other side: its first line. */
import type { Values } from '../connector/values.ts'
import type { Lens, Side, Way } from '../core/flow.ts'
import { cut } from './direct.ts'

export interface TitleOptions {
  readonly id: string
  readonly a: string
  readonly b: string
  readonly way: Way
  /** In code points. */
  readonly max: number
  /** What a text without any visible line is called. */
  readonly untitled: string
}

export function title(options: TitleOptions): Lens {
  const field = { a: options.a, b: options.b }
  const read = (side: Side, values: Values): string => titleOf(values[field[side]], options)
  return {
    id: options.id,
    way: options.way,
    fields: { a: [field.a], b: [field.b] },
    read,
    write(side, value, old) {
      const wanted = titleOf(value, options)
      const stays = old !== null && read(side, old) === wanted
      return { [field[side]]: stays ? (old[field[side]] ?? null) : wanted }
    },
  }
}

/** The first line that shows anything, trimmed; never empty. */
export function titleOf(text: unknown, { max, untitled }: Pick<TitleOptions, 'max' | 'untitled'>): string {
  if (typeof text !== 'string') return untitled
  const lines = text.split(/[\r\n\u2028\u2029]/).map((line) => cut(line.trim(), max))
  return lines.find((line) => /[^\p{Z}\p{C}]/u.test(line)) ?? untitled
}
