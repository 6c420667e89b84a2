/** Lines for people: within 80 columns where nothing is to be copied, colours only where a terminal shows them. */
import { styleText } from 'node:util'

export interface Screen {
  /** A line of its own, whole: an address or a command in it is there to be copied. */
  say(text?: string): void
  head(text: string): void
  /** Something that happened, with the time. */
  told(text: string): void
  /** How it went on. */
  arrived(text: string): void
  trouble(text: string): void
  /** A line that the next one replaces, where a terminal is. */
  progress(text: string): void
  /** Lets the line stand that `progress` drew. */
  keep(): void
  /** The output of a command, as it is, at most so many lines. */
  quote(command: string, output: string, most: number): void
}

const COLUMNS = 80
/** In the place of the time. */
const ASIDE = ' '.repeat(8)
/** What is left of a line behind the time. */
const TOLD = COLUMNS - 9

export function screenOn(stream: NodeJS.WriteStream): Screen {
  const isTerminal = stream.isTTY
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    isTerminal ? styleText(style, text, { validateStream: false }) : text
  let open = false
  let last = ''
  const put = (text: string): void => {
    if (open) stream.write('\r\u001b[K')
    open = false
    stream.write(`${text}\n`)
  }
  return {
    say: (text = '') => put(text),
    head: (text) => put(`\n${paint('bold', fit(text))}`),
    told(text) {
      for (const [at, line] of wrapped(text).entries()) put(`${at === 0 ? paint('dim', clock()) : ASIDE} ${line}`)
    },
    arrived(text) {
      for (const line of wrapped(`→ ${text}`)) put(`${ASIDE} ${paint('green', line)}`)
    },
    trouble: (text) => put(paint('red', text)),
    progress(text) {
      if (text === last) return
      last = text
      if (!isTerminal) {
        put(fit(text))
        return
      }
      stream.write(`\r\u001b[K${fit(text, COLUMNS - 1)}`)
      open = true
    },
    keep() {
      if (open) stream.write('\n')
      open = false
    },
    quote(command, output, most) {
      put(`\n  ${paint('cyan', `$ ${command}`)}`)
      const lines = output.trimEnd().split('\n')
      for (const each of lines.slice(0, most)) put(`  ${paint('dim', each)}`)
      if (lines.length > most) put(paint('dim', `  … ${lines.length - most} more lines`))
    },
  }
}

export function bar(done: number, total: number, width = 30): string {
  const full = total === 0 ? width : Math.min(width, Math.floor((done / total) * width))
  return `${'█'.repeat(full)}${'░'.repeat(width - full)}`
}

/** By words, the lines after the first one indented. */
function wrapped(text: string): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.pop()
    const longer = last === undefined ? word : `${last} ${word}`
    if (last === undefined || widthOf(longer) <= TOLD) lines.push(longer)
    else lines.push(last, `  ${word}`)
  }
  return lines
}

/** Words and, in quotation marks, as much of what a person said as fits behind them. */
export function quoted(before: string, text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return `${before}“${fit(line, TOLD - widthOf(before) - 2)}”`
}

/** Cut to so many columns, with a sign where something is missing. */
export function fit(text: string, most = COLUMNS): string {
  let width = 0
  let cut = ''
  for (const { segment } of segments.segment(text)) {
    width += columnsOf(segment)
    if (width > most) return `${shortened(cut, most - 1)}…`
    cut += segment
  }
  return cut
}

function widthOf(text: string): number {
  let width = 0
  for (const { segment } of segments.segment(text)) width += columnsOf(segment)
  return width
}

function shortened(text: string, most: number): string {
  let width = 0
  let cut = ''
  for (const { segment } of segments.segment(text)) {
    width += columnsOf(segment)
    if (width > most) break
    cut += segment
  }
  return cut
}

const segments = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** East Asian and emoji signs take two columns. */
function columnsOf(segment: string): number {
  return /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|\p{Emoji_Presentation}/u.test(
    segment,
  )
    ? 2
    : 1
}

function clock(): string {
  return new Date().toTimeString().slice(0, 8)
}
