/**
 * The text of a document in HTML, as people read it: for those who search and count in it. Pure, and in one pass over what
 * it reads.
 */
import type { Lens } from '../core/flow.ts'

/** Names of the characters from U+00A1 to U+00FF, in their order. */
const LATIN = `
  iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro
  para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig
  Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times
  Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave
  eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave
  uacute ucirc uuml yacute thorn yuml
`

const NAMED: ReadonlyMap<string, string> = new Map([
  ...LATIN.trim()
    .split(/\s+/)
    .map((name, at) => [name, String.fromCodePoint(0xa1 + at)] as const),
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', ' '],
  ['ndash', '–'],
  ['mdash', '—'],
  ['hellip', '…'],
  ['lsquo', '‘'],
  ['rsquo', '’'],
  ['sbquo', '‚'],
  ['ldquo', '“'],
  ['rdquo', '”'],
  ['bdquo', '„'],
  ['lsaquo', '‹'],
  ['rsaquo', '›'],
  ['bull', '•'],
  ['euro', '€'],
  ['trade', '™'],
  ['OElig', 'Œ'],
  ['oelig', 'œ'],
])

/** What is never read: it is no text of the document. Nor is there any in a head beside these; its end may be left out. */
const SILENT = new Set(['script', 'style', 'title', 'template'])
const PARAGRAPHS = new Set(['p', 'blockquote', 'ul', 'ol', 'table', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'pre'])
const LINES = new Set(['br', 'div', 'tr', 'hr', 'section', 'article', 'header', 'footer'])

export function plainTextOf(html: string): string {
  const parts: string[] = []
  let silent: string | null = null
  for (const [, comment, closing, name = '', text = ''] of html.matchAll(
    /(<!--[\s\S]*?(?:-->|$)|<[!?][^>]*>?)|<(\/?)([a-zA-Z][a-zA-Z0-9]*)\b(?:=\s*(?:"[^"]*"|'[^']*')|=|[^>=]+)*>?|([^<]+|<)/g,
  )) {
    if (comment !== undefined) continue
    const tag = name.toLowerCase()
    if (silent !== null) {
      if (closing === '/' && tag === silent) silent = null
    } else if (tag === '') parts.push(decoded(text.replace(/\s+/g, ' ')))
    else if (SILENT.has(tag)) silent = closing === '/' ? null : tag
    else if (PARAGRAPHS.has(tag)) parts.push('\n\n')
    else if (tag === 'li') parts.push(closing === '/' ? '' : '\n- ')
    else if (tag === 'br') parts.push('\n')
    else if (LINES.has(tag)) parts.push('\n')
    else if (tag === 'td' || tag === 'th') parts.push(' ')
  }
  return parts
    .join('')
    .split('\n')
    .map((line) => line.replace(/[ \t]+/g, ' ').trim())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

function decoded(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z][a-zA-Z0-9]{1,7}));/g,
    (found, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return NAMED.get(name) ?? found
      const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
      return point > 0 && point <= 0x10_ff_ff && (point < 0xd8_00 || point > 0xdf_ff)
        ? String.fromCodePoint(point)
        : found
    },
  )
}

/** HTML of side `a` in a column of its own, and what it says as plain text in another one. One way. */
export function plainText({
  id,
  a,
  html,
  text,
}: {
  readonly id: string
  readonly a: string
  readonly html: string
  readonly text: string
}): Lens {
  return {
    id,
    way: 'a→b',
    fields: { a: [a], b: [html, text] },
    read: (side, values) => values[side === 'a' ? a : html] ?? null,
    write: (side, value) =>
      side === 'a'
        ? { [a]: value }
        : { [html]: value, [text]: typeof value === 'string' ? plainTextOf(value) || null : null },
  }
}
