/** How a value of one type stands in a text, as a whole or as a part of it, and is read from there. */
import type { Json } from '../connector/values.ts'
import { instantAt, instantOf, isDate, type WallClock } from './dates.ts'
import { decimalOf } from './decimal.ts'
import { setOf, type Form } from './form.ts'
import { escaped, numberText, type NumberStyle } from './numbers.ts'
import { plain } from './signed.ts'

export interface Format {
  /** A regular expression of what may stand for a value; `lazy`: the shortest, else the longest, is tried first. */
  pattern(lazy: boolean): string
  /** The one form in which a field's value is compared; undefined: it is no value of this type. */
  normal(held: Json): Json | undefined
  /** Of a normal value that is not null. Undefined: the text cannot say it. */
  show(value: Json): string | undefined
  /** Null: nothing stands there. Undefined: it cannot be read. */
  read(text: string): Json | undefined
  /** Anything may stand for it, so that two side by side cannot be told apart. */
  readonly free: boolean
  readonly what: string
}

/** Texts are compared without the white space around them: systems drop it. */
function textFormat(pattern: string, free: boolean, what: string): Format {
  const whole = new RegExp(`^${pattern}$`, 'u')
  return {
    pattern: (lazy) => pattern + (lazy ? '?' : ''),
    normal: (held) => (typeof held === 'string' ? plain(held).trim() || null : undefined),
    show: (value) => (typeof value === 'string' && whole.test(value) ? value : undefined),
    read: (text) => plain(text).trim() || null,
    free,
    what,
  }
}

export const LINE = textFormat('[^\\n]*', true, 'one line')
export const TEXT = textFormat('[^]*', true, 'text')
export const WORD = textFormat('\\S*', false, 'one word')

export function numberFormat(style: NumberStyle): Format {
  const number = numberText(style)
  return {
    pattern: (lazy) => number.pattern(lazy),
    normal: decimalOf,
    show: (value) => (typeof value === 'string' ? number.show(value) : undefined),
    read: (text) => number.read(text),
    free: false,
    what: style.decimals === undefined ? 'a number' : `a number with at most ${style.decimals} decimals`,
  }
}

const UNITS = { YYYY: 4, MM: 2, DD: 2, HH: 2, mm: 2, ss: 2, M: 2, D: 2 } as const
const UNIT = /YYYY|MM|DD|HH|mm|ss|M|D/g

/** 'DD.MM.YYYY', 'D/M/YYYY'. Null: the pattern does not say a whole date. */
export function dateFormat(pattern: string): Format | null {
  const scan = scannerOf(pattern)
  if (!['Y', 'M', 'D'].every((unit) => scan.units.has(unit)) || scan.units.has('H')) return null
  const date = (text: string) => scan.read(text)?.slice(0, 10)
  return {
    pattern: () => scan.source,
    normal: (held) => (typeof held === 'string' && isDate(held) ? held : undefined),
    show: (value) => (typeof value === 'string' ? scan.show(`${value}T00:00:00`) : undefined),
    read: (text) => {
      const found = date(text)
      return found !== undefined && isDate(found) ? found : undefined
    },
    free: false,
    what: `a date (${pattern})`,
  }
}

/** 'YYYY-MM-DD HH:mm', as the clock of a zone shows it. Null: the pattern does not say a whole time. */
export function instantFormat(pattern: string, clock: WallClock): Format | null {
  const scan = scannerOf(pattern)
  if (!['Y', 'M', 'D', 'H', 'm'].every((unit) => scan.units.has(unit))) return null
  return {
    pattern: () => scan.source,
    normal: (held) => (typeof held === 'string' ? instantOf(held) : undefined),
    // What the pattern does not say, such as seconds, is no part of what can be shown.
    show: (value) => {
      const shown = typeof value === 'string' ? scan.show(clock(value)) : undefined
      return shown !== undefined && instantAt(`${scan.read(shown) ?? ''}.000`, clock) === value ? shown : undefined
    },
    read: (text) => {
      const wall = scan.read(text)
      if (wall === undefined || !isDate(wall.slice(0, 10)) || !isTime(wall.slice(11))) return undefined
      return instantAt(`${wall}.000`, clock)
    },
    free: false,
    what: `a time (${pattern})`,
  }
}

interface Scanner {
  readonly source: string
  readonly units: ReadonlySet<string>
  show(wall: string): string | undefined
  /** '2026-11-20T10:30:00', whether or not there is such a day. */
  read(text: string): string | undefined
}

function scannerOf(pattern: string): Scanner {
  const units = pattern.match(UNIT) ?? []
  const source = pattern
    .split(UNIT)
    .map(escaped)
    .flatMap((literal, index) => [literal, unitSource(units[index])])
    .join('')
  const captured = new RegExp(`^${source.replaceAll('(?:', '(')}$`, 'u')
  const initials = units.map((unit) => unit.charAt(0))
  return {
    source,
    units: new Set(initials),
    show(wall) {
      const found = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)/.exec(wall)
      if (found === null) return undefined
      const values = { Y: found[1], M: found[2], D: found[3], H: found[4], m: found[5], s: found[6] }
      return pattern.replaceAll(UNIT, (unit) => {
        const value = Object.entries(values).find(([name]) => name === unit.charAt(0))?.[1] ?? ''
        return unit.length === 1 ? value.replace(/^0/, '') : value
      })
    },
    read(text) {
      const found = captured.exec(text)
      if (found === null) return undefined
      const said = new Map(initials.map((unit, index) => [unit, found[index + 1] ?? '']))
      const two = (unit: string) => (said.get(unit) ?? '').padStart(2, '0')
      return `${said.get('Y') ?? ''}-${two('M')}-${two('D')}T${two('H')}:${two('m')}:${two('s')}`
    },
  }
}

function unitSource(unit: string | undefined): string {
  if (unit === undefined) return ''
  const length = Object.entries(UNITS).find(([name]) => name === unit)?.[1] ?? 2
  return unit.length === 1 ? '(?:\\d{1,2})' : `(?:\\d{${length}})`
}

function isTime(text: string): boolean {
  return /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(text)
}

/** A yes and a no, in words. */
export function yesNo(yes: string, no: string): Format {
  return {
    pattern: () =>
      `(?:${[yes, no]
        .toSorted((a, b) => b.length - a.length)
        .map(escaped)
        .join('|')})`,
    normal: (held) => (typeof held === 'boolean' ? held : undefined),
    show: (value) => (value === true ? yes : no),
    read: (text) => (text === yes ? true : text === no ? false : undefined),
    free: false,
    what: `${yes} or ${no}`,
  }
}

/** The values of a set, one after the other. */
export function listFormat(separator: string): Format {
  const mark = separator.trim() || separator
  return {
    pattern: LINE.pattern,
    normal: (held) => (Array.isArray(held) ? (held.length === 0 ? null : setOf(held)) : undefined),
    show(value) {
      const values: readonly Json[] = Array.isArray(value) ? value : []
      const isSayable = (each: Json): each is string =>
        typeof each === 'string' && each !== '' && each === each.trim() && !each.includes(mark) && !each.includes('\n')
      return values.every(isSayable) ? values.join(separator) : undefined
    },
    read(text) {
      const values = text.split(mark).map((each) => each.trim())
      const said = values.filter((each) => each !== '')
      return said.length === 0 ? null : setOf(said)
    },
    free: true,
    what: `a list with ${JSON.stringify(mark)} between its values`,
  }
}

/** The whole of a text field. */
export function asText(format: Format): Form {
  const whole = new RegExp(`^(?:${format.pattern(false)})$`, 'u')
  return {
    read(held) {
      const text = typeof held === 'string' ? plain(held).trim() : null
      return text === null || !whole.test(text) ? undefined : format.read(text)
    },
    write: (value) => format.show(value),
    what: format.what,
  }
}

/** A field of the type that the format is made for. */
export function asTyped(format: Format): Form {
  return { read: (held) => format.normal(held), write: (value) => value, what: format.what }
}
