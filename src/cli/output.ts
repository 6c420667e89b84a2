/** Where commands write: results on stdout, everything on the way on stderr. No secret passes. */
import type { Redactor } from '../adapters/redact.ts'
import { calm } from '../words/text.ts'

export interface Streams {
  readonly out: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number }
  readonly err: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number }
  /** One line of what a person types; null where nobody sits there. */
  readonly readLine: (question: string) => Promise<string | null>
}

export interface Output {
  readonly json: boolean
  readonly width: number
  readonly colour: boolean
  /** The outcome: `value` as JSON, or `text` for people. */
  result(value: unknown, text: () => string): void
  /** The same for what is made up and meant to be seen, such as the credentials of a stand-in. */
  made(value: unknown, text: () => string): void
  /** One line of a stream of JSON objects; nothing for people. */
  line(value: unknown): void
  note(text: string): void
  /** Replaces the line at the bottom of the terminal; '' removes it. */
  bar(text: string): void
  /** Whether there is a terminal to draw a bar on. */
  readonly live: boolean
  /** Null: nobody is there to answer. */
  ask(question: string): Promise<boolean | null>
}

export function createOutput(streams: Streams, json: boolean, redact: Redactor, noColour: boolean): Output {
  const { out, err } = streams
  const live = err.isTTY === true
  /** What a system says is told in its own words, which may hold anything. */
  const shown = (text: string): string => calm(redact(text))
  let drawn = false
  const clear = (): void => {
    if (drawn) err.write('\r\u001B[2K')
    drawn = false
  }
  return {
    json,
    width: widthOf(out.columns ?? 0),
    colour: out.isTTY === true && !noColour,
    live,
    result(value, text) {
      clear()
      out.write(`${json ? redact.json(value, 2) : shown(text())}\n`)
    },
    made(value, text) {
      out.write(`${json ? JSON.stringify(value, null, 2) : text()}\n`)
    },
    line(value) {
      if (json) out.write(`${redact.json(value)}\n`)
    },
    note(text) {
      clear()
      err.write(`${shown(text)}\n`)
    },
    bar(text) {
      if (!live) return
      clear()
      if (text === '') return
      err.write(shown(text))
      drawn = true
    },
    async ask(question) {
      clear()
      const answer = await streams.readLine(`${question} [y/N] `)
      return answer === null ? null : /^y(es)?$/i.test(answer.trim())
    },
  }
}

/** Between what a table needs and what an eye can follow; 80 where a terminal does not say. */
function widthOf(columns: number): number {
  return columns < 40 ? 80 : Math.min(columns, 120)
}
