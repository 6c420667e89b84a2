/** Text as a terminal takes it. */
import { stripVTControlCharacters } from 'node:util'

export function oneLine(text: string): string {
  // Controls would move the cursor: what other people wrote must not draw on this terminal.
  return stripVTControlCharacters(text)
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
}

/** Of several lines, which stay. */
export function calm(text: string): string {
  return stripVTControlCharacters(text.replaceAll('\r\n', '\n')).replaceAll(/(?![\n\t])\p{Cc}/gu, ' ')
}

/** Text of others, on one line and without anything that could draw on the terminal. */
export function plain(text: string, width = 60): string {
  return cut(oneLine(text), width)
}

/** Ends in an ellipsis where it is wider. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let shown = ''
  for (const letter of text) {
    if (widthOf(shown + letter) > width - 1) break
    shown += letter
  }
  return `${shown.trimEnd()}…`
}

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}]/u

/** Wide characters are two columns, marks none. */
export function widthOf(text: string): number {
  let width = 0
  for (const letter of text) width += WIDE.test(letter) ? 2 : /\p{Mn}/u.test(letter) ? 0 : 1
  return width
}

/** As a shell takes it for one word. */
export function shellWord(text: string): string {
  return /^[\w:@.,/+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
