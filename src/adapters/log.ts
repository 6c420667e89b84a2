/** The log: lines for people on a terminal, JSON elsewhere; always without secrets. */
import type { Log } from '../connector/ports.ts'
import type { Redactor } from './redact.ts'

const LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type Level = (typeof LEVELS)[number]

/** As `LOG_LEVEL` of other programs has it; what is no level is `info`. */
export function levelOf(text: string | undefined): Level {
  const given = text?.trim().toLowerCase()
  return LEVELS.find((each) => each === given || `${each}ing` === given) ?? 'info'
}

export interface LogOptions {
  readonly write: (line: string) => void
  readonly redact: Redactor
  readonly now: () => number
  /** Lines for people instead of JSON. */
  readonly readable: boolean
  readonly colour: boolean
  /** Lines below it are left out. */
  readonly least: Level
}

const COLOURS = { debug: 2, info: 0, warn: 33, error: 31 } as const

export function createLog({ write, redact, now, readable, colour, least }: LogOptions): Log {
  return (level, message, fields = {}) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return
    const at = new Date(now()).toISOString()
    if (!readable) {
      write(redact.json({ at, level, message, ...fields }))
      return
    }
    const remedy = fields['remedy']
    const text = redact(typeof remedy === 'string' ? `${message}\n           → ${remedy}` : message)
    const time = new Date(now()).toTimeString().slice(0, 8)
    const code = COLOURS[level]
    write(colour && code !== 0 ? `${time}  \u001B[${code}m${text}\u001B[0m` : `${time}  ${text}`)
  }
}
