/**
 * The text of a template, as it is written: '{title}[ · {amount} {currency}]'. Braces name a field, brackets hold what is
 * said only where one of their fields has a value; '{{', '}}', '[[' and ']]' stand for the signs themselves.
 */

export type Part = { readonly literal: string } | { readonly field: string }

/** `group`: which brackets it stands in, from 0; null: in none. */
export type Placed = Part & { readonly group: number | null }

export interface Mistake {
  readonly message: string
  readonly remedy: string
}

const MOST_GROUPS = 8

export function parseTemplate(text: string): readonly Placed[] | Mistake {
  const parts: Placed[] = []
  let group: number | null = null
  let groups = 0
  let literal = ''
  const flush = () => {
    if (literal !== '') parts.push({ literal, group })
    literal = ''
  }
  const pieces = text.match(/\{\{|\}\}|\[\[|\]\]|\{[^{}]*\}|[^{}[\]]+|[^]/g) ?? []
  for (const piece of pieces) {
    if (/^(\{\{|\}\}|\[\[|\]\])$/.test(piece)) literal += piece.charAt(0)
    else if (/^\{.+\}$/s.test(piece)) {
      flush()
      parts.push({ field: piece.slice(1, -1).trim(), group })
    } else if (piece === '[' && group === null) {
      flush()
      group = groups
      groups += 1
    } else if (piece === ']' && group !== null) {
      flush()
      group = null
    } else if (/^[{}[\]]/.test(piece))
      return {
        message: `a single \`${piece.charAt(0)}\` stands in the template`,
        remedy: `write {field} for a field, [ … ] around what may be left out, and \`${piece.charAt(0).repeat(2)}\` for the sign itself`,
      }
    else literal += piece
  }
  flush()
  if (group !== null) return { message: 'a `[` of the template is not closed', remedy: 'close it with `]`' }
  if (groups > MOST_GROUPS)
    return { message: `the template has ${groups} parts that may be left out`, remedy: `keep at most ${MOST_GROUPS}` }
  const empty = Array.from({ length: groups }, (_, index) => index).find(
    (index) => !parts.some((part) => part.group === index && 'field' in part),
  )
  if (empty !== undefined)
    return { message: 'brackets of the template hold no field', remedy: 'put a field in them, or take them away' }
  return parts
}

/** Every choice of groups that are there, those with more of them first. */
export function variantsOf(parts: readonly Placed[]): readonly (readonly Placed[])[] {
  const groups = Math.max(-1, ...parts.map(({ group }) => group ?? -1)) + 1
  return Array.from({ length: 2 ** groups }, (_, bits) => bits)
    .toSorted((left, right) => ones(right) - ones(left) || right - left)
    .map((bits) => parts.filter(({ group }) => group === null || (bits & (1 << group)) !== 0))
}

function ones(bits: number): number {
  return [...bits.toString(2)].filter((bit) => bit === '1').length
}

/** Two fields that could not be told apart in a text; null: none. */
export function ambiguity(parts: readonly Placed[], isFree: (field: string) => boolean): Mistake | null {
  for (const variant of variantsOf(parts))
    for (const [index, part] of variant.entries()) {
      const next = variant[index + 1]
      const after = variant[index + 2]
      if (!('field' in part) || next === undefined) continue
      if ('field' in next) return apart(part.field, next.field)
      const isBlank = next.literal.trim() === '' && !next.literal.includes('\n')
      if (isBlank && after !== undefined && 'field' in after && isFree(part.field) && isFree(after.field))
        return apart(part.field, after.field)
    }
  return null
}

function apart(one: string, two: string): Mistake {
  return {
    message: `nothing tells where {${one}} ends and {${two}} begins`,
    remedy: `put a sign between them that neither holds, as in "{${one}} · {${two}}"`,
  }
}
