/** The log: lines for people on a terminal, JSON elsewhere; always without secrets. */
import type { Log } from '../connector/ports.ts'
import type { Redactor } from './redact.ts'

export interface LogOptions {
  readonly write: (line: string) => void
  readonly redact: Redactor
  readonly now: () => number
  /** Lines for people instead of JSON. */
  readonly readable: boolean
  readonly colour: boolean
  /** Debug lines too. */
  readonly verbose: boolean
}

const COLOURS = { debug: 2, info: 0, warn: 33, error: 31 } as const

export function createLog({ write, redact, now, readable, colour, verbose }: LogOptions): Log {
  return (level, message, fields = {}) => {
    if (level === 'debug' && !verbose) return
    const at = new Date(now()).toISOString()
    if (!readable) {
      write(redact(JSON.stringify({ at, level, message, ...fields })))
      return
    }
    const remedy = fields['remedy']
    const text = redact(typeof remedy === 'string' ? `${message}\n           → ${remedy}` : message)
    const time = new Date(now()).toTimeString().slice(0, 8)
    const code = COLOURS[level]
    write(colour && code !== 0 ? `${time}  \u001B[${code}m${text}\u001B[0m` : `${time}  ${text}`)
  }
}
