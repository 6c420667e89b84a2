/**
 * Text that carries its author on the side where the engine wrote it.
 *
 * The attribution is kept in the link as the complement, {side: prefix}, and never guessed from the text: only a text
 * that starts with exactly this prefix is read without it, so a person may write the same words without losing them.
 * A mark stands before the colon that ends the prefix, and follows from it: "Ann: " becomes "Ann · edited here: ".
 */
import type { Json, Values } from '../connector/values.ts'
import type { Lens, Origin, Policy, Side, Way } from '../core/flow.ts'

export interface SignedOptions {
  readonly id: string
  readonly a: string
  readonly b: string
  /** What a new text on this side begins with; '' where its author is not shown. */
  readonly attribution: { readonly [side in Side]: (origin: Origin) => string }
  /** What a mark says. */
  readonly mark?: { readonly [side in Side]: string }
  readonly way?: Way
  readonly policy?: Policy
}

const MARK = 'edited here, not there'

export function signed(options: SignedOptions): Lens {
  const field = { a: options.a, b: options.b }
  const prefixesOn = (side: Side, complement: Json): Prefixes => {
    const prefix = prefixOf(complement, side)
    return { plain: prefix, marked: withMark(prefix, options.mark?.[side] ?? MARK) }
  }
  const read = (side: Side, values: Values, complement: Json): string => {
    const value = values[field[side]]
    return typeof value === 'string' ? unsigned(plain(value), prefixesOn(side, complement)).text : ''
  }
  return {
    id: options.id,
    way: options.way ?? 'both',
    fields: { a: [field.a], b: [field.b] },
    ...(options.policy === undefined ? {} : { policy: options.policy }),
    read,
    write(side, value, old, complement) {
      const text = plain(typeof value === 'string' ? value : '')
      if (old !== null && read(side, old, complement) === text) return { [field[side]]: old[field[side]] ?? null }
      return { [field[side]]: prefixOf(complement, side) + text }
    },
    complement(side, origin) {
      const prefix = options.attribution[side](origin)
      return prefix === '' ? null : { [side]: prefix }
    },
    mark(side, values, complement, marked) {
      const value = values[field[side]]
      const prefixes = prefixesOn(side, complement)
      if (typeof value !== 'string' || prefixes.marked === null) return null
      const { text, prefix } = unsigned(plain(value), prefixes)
      const wanted = marked ? prefixes.marked : prefixes.plain
      if (prefix === '') return null
      return { [field[side]]: prefix === wanted ? value : wanted + text }
    },
  }
}

/**
 * The text as systems keep it: they drop white space at the end, and tell neither line ends nor kinds of spaces apart.
 * Two texts with the same plain form are the same text.
 */
export function plain(text: string): string {
  return text.replaceAll('\0', '').replace(/\r+\n/g, '\n').replaceAll('\u00a0', ' ').trimEnd()
}

interface Prefixes {
  readonly plain: string
  /** Null: it has no place for a mark. */
  readonly marked: string | null
}

function withMark(prefix: string, words: string): string | null {
  const colon = /:\s*$/.exec(prefix)
  return colon === null ? null : `${prefix.slice(0, colon.index)} · ${words}${colon[0]}`
}

/** A system that drops white space at the end leaves of a signed empty text only the start of its attribution. */
function unsigned(text: string, { plain: own, marked }: Prefixes): { text: string; prefix: string } {
  for (const prefix of [own, marked]) {
    if (prefix === null || prefix === '') continue
    if (text === prefix.trimEnd()) return { text: '', prefix }
    if (text.startsWith(prefix)) return { text: text.slice(prefix.length), prefix }
  }
  return { text, prefix: '' }
}

function prefixOf(complement: Json, side: Side): string {
  if (typeof complement !== 'object' || complement === null || !(side in complement)) return ''
  const prefix: unknown = Object.getOwnPropertyDescriptor(complement, side)?.value
  return typeof prefix === 'string' ? prefix : ''
}
