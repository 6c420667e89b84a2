/** What becomes of a post's text: the raw form as stored, a plain HTML form, and how far two texts differ. */
import { escapeHtml } from './titles.ts'

/** NUL goes, all kinds of spaces become plain ones, trailing white space goes; all else stays as sent. */
export function stored(raw: string): string {
  return raw
    .replaceAll('\0', '')
    .replaceAll(/[\u00a0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/g, ' ')
    .replace(/[\t\n\v\f\r ]+$/, '')
}

/** A stand-in for Discourse's Markdown: paragraphs, line breaks and the commonest inline marks. */
export function cook(raw: string): string {
  return raw
    .replaceAll('\r\n', '\n')
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== '')
    .map((paragraph) => `<p>${inline(paragraph)}</p>`)
    .join('\n')
}

function inline(paragraph: string): string {
  return paragraph
    .split('\n')
    .map((line) =>
      escapeHtml(line.trim())
        .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
        .replace(/(^|\s)_([^_]+)_(?=\s|$)/g, '$1<em>$2</em>')
        .replace(/~~([^~]+)~~/g, '<s>$1</s>')
        .replace(/`([^`]+)`/g, '<code>$1</code>')
        .replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, '<a href="$2">$1</a>'),
    )
    .join('<br>\n')
}

/** Words as Discourse counts them. */
export function wordCount(raw: string): number {
  return raw.match(/[\p{L}\p{N}_]+/gu)?.length ?? 0
}

/** Whether turning `before` into `after` inserts and removes more than `limit` characters (a bounded Myers diff). */
export function differsByMoreThan(before: string, after: string, limit: number): boolean {
  if (Math.abs(before.length - after.length) > limit) return true
  const furthest = new Map<number, number>([[1, 0]])
  for (let distance = 0; distance <= limit; distance += 1) {
    for (let diagonal = -distance; diagonal <= distance; diagonal += 2) {
      const down = furthest.get(diagonal + 1) ?? -1
      const right = furthest.get(diagonal - 1) ?? -1
      let x = diagonal === -distance || (diagonal !== distance && right < down) ? down : right + 1
      let y = x - diagonal
      while (x < before.length && y < after.length && before[x] === after[y]) {
        x += 1
        y += 1
      }
      furthest.set(diagonal, x)
      if (x >= before.length && y >= after.length) return false
    }
  }
  return true
}
