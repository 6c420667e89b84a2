/**
 * Chat's own markup: `*bold*`, `_italic_`, `~strike~`, backticks, `<url|label>`, `<users/ID>`, `<users/all>`.
 * A message keeps the plain body, the marked-up body and where the mentions are; indices count UTF-16 units.
 */

export interface Mention {
  /** A user's id, or `all`. */
  readonly user: string
  readonly start: number
  readonly length: number
}

export interface MarkedText {
  readonly text: string
  readonly formatted: string
  readonly mentions: readonly Mention[]
}

/** The id and name behind `users/{ref}`, where ref may be an e-mail address; null when unknown. */
export type Naming = (ref: string) => { readonly id: string; readonly name: string } | null

interface Output {
  text: string
  formatted: string
  readonly mentions: Mention[]
}

const SPANS = new Set(['*', '_', '~'])
const LINK = /<((?:https?:\/\/|mailto:)[^|>\s]+)\|([^>\n]+)>/y
const MENTION = /<users\/([^>\s]+)>/y
const WORD = /[\p{L}\p{N}]/u

export function readMarkup(source: string, naming: Naming): MarkedText {
  const out: Output = { text: '', formatted: '', mentions: [] }
  walk(source, naming, out)
  return out
}

function walk(source: string, naming: Naming, out: Output): void {
  let at = 0
  while (at < source.length) {
    const next = code(source, at, out) ?? angle(source, at, naming, out) ?? span(source, at, naming, out)
    if (next !== null) {
      at = next
      continue
    }
    const character = source.charAt(at)
    out.text += character
    out.formatted += character
    at += 1
  }
}

function code(source: string, at: number, out: Output): number | null {
  for (const fence of ['```', '`']) {
    if (!source.startsWith(fence, at)) continue
    const end = source.indexOf(fence, at + fence.length)
    const inner = end < 0 ? '' : source.slice(at + fence.length, end)
    if (inner === '' || (fence === '`' && inner.includes('\n'))) continue
    out.text += inner
    out.formatted += `${fence}${inner}${fence}`
    return end + fence.length
  }
  return null
}

function angle(source: string, at: number, naming: Naming, out: Output): number | null {
  if (source.charAt(at) !== '<') return null
  LINK.lastIndex = at
  const link = LINK.exec(source)
  if (link !== null) {
    out.text += link[2] ?? ''
    out.formatted += link[0]
    return at + link[0].length
  }
  MENTION.lastIndex = at
  const mention = MENTION.exec(source)
  const named = mention === null ? null : naming(mention[1] ?? '')
  if (mention === null || named === null) return null
  const label = `@${named.name}`
  out.mentions.push({ user: named.id, start: out.text.length, length: label.length })
  out.text += label
  out.formatted += `<users/${named.id}>`
  return at + mention[0].length
}

/** Opens only at a word's edge and closes at one on the same line, so that `2*3*4` and `snake_case` stay. */
function span(source: string, at: number, naming: Naming, out: Output): number | null {
  const mark = source.charAt(at)
  if (!SPANS.has(mark) || WORD.test(source.charAt(at - 1))) return null
  if (/^\s?$/.test(source.charAt(at + 1)) || source.charAt(at + 1) === mark) return null
  for (let end = source.indexOf(mark, at + 2); end >= 0; end = source.indexOf(mark, end + 1)) {
    const inner = source.slice(at + 1, end)
    if (inner.includes('\n')) return null
    if (/\s$/.test(inner) || WORD.test(source.charAt(end + 1))) continue
    out.formatted += mark
    walk(inner, naming, out)
    out.formatted += mark
    return end + 1
  }
  return null
}
