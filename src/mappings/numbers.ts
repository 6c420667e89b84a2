/** Numbers as the people of a place write them, in and out of decimals, exactly. */
import { decimalOf, fractionOf } from './decimal.ts'

export interface NumberStyle {
  /** 'de-DE'. */
  readonly locale: string
  /** So many digits after the decimal sign, neither more nor fewer; absent: as many as there are. */
  readonly decimals?: number
  /** The code of a currency, which is shown and may be left out by whoever edits. */
  readonly currency?: string
  readonly showCurrency?: 'sign' | 'code'
  /** Absent: as the place does. */
  readonly grouping?: boolean
  /** How what is below zero is written; read are both. */
  readonly negative?: 'minus' | 'accounting'
}

export interface NumberText {
  /** A regular expression of what may stand for a number; `lazy`: the shortest, else the longest, is tried first. */
  pattern(lazy: boolean): string
  /** Undefined: it has more digits than are shown. */
  show(decimal: string): string | undefined
  read(text: string): string | undefined
}

/** What people and systems write for one and the same sign. */
const MINUS = '\\-\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d'
const SPACES = ' \u00a0\u2009\u202f'
const APOSTROPHES = "'\u2019"
const UNSEEN = /[\u061c\u200b\u200e\u200f\u2066-\u2069\ufeff]/g
const UNSEEN_PATTERN = '[\\u061c\\u200b\\u200e\\u200f\\u2066-\\u2069\\ufeff]'

/** Throws a RangeError where there is no such locale or currency. */
export function numberText(style: NumberStyle): NumberText {
  const facts = factsOf(style)
  const whole = new Map<boolean, RegExp>()
  const full = (lazy: boolean) => new RegExp(`^${patternOf(facts, lazy)}$`, 'u')
  return {
    pattern: (lazy) => patternOf(facts, lazy),
    show(decimal) {
      const digits = fractionOf(decimal)
      if (style.decimals !== undefined && digits > style.decimals) return undefined
      const least = style.decimals ?? Math.max(digits, facts.currencyDigits)
      return formatterOf(style, { minimumFractionDigits: least, maximumFractionDigits: Math.max(least, digits) })
        .formatToParts(decimalText(decimal))
        .map(({ value }) => value)
        .join('')
    },
    read(text) {
      const regex = whole.get(false) ?? full(false)
      whole.set(false, regex)
      return regex.test(text) ? readNumber(text.replace(UNSEEN, ''), facts) : undefined
    },
  }
}

interface Facts {
  readonly decimal: string
  /** All signs that may set groups apart. */
  readonly group: string
  /** The sizes of groups, the last one first: 3, 2 in India. */
  readonly sizes: readonly [number, number]
  readonly digits: readonly string[]
  readonly currency: readonly string[]
  readonly currencyDigits: number
}

function factsOf(style: NumberStyle): Facts {
  // Some places group money in another way than other numbers.
  const shown = formatterOf({ ...style, grouping: true }, { minimumFractionDigits: 1, maximumFractionDigits: 3 })
  const parts = shown.formatToParts(123_456_789)
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? ''
  const groups = parts.filter(({ type }) => type === 'integer').map(({ value }) => [...value].length)
  const digit = new Intl.NumberFormat(style.locale, { useGrouping: false })
  return {
    decimal: part('decimal'),
    group: part('group') + new Intl.NumberFormat(style.locale).format(1_234_567).replaceAll(/\p{N}/gu, ''),
    sizes: [groups.at(-1) ?? 3, groups.at(-2) ?? 3],
    digits: Array.from({ length: 10 }, (_, value) => digit.format(value)),
    ...currencyFacts(style, part('decimal')),
  }
}

/** A sign that is the decimal sign of the place as well says no currency. */
function currencyFacts({ locale, currency }: NumberStyle, decimal: string): Pick<Facts, 'currency' | 'currencyDigits'> {
  if (currency === undefined) return { currency: [], currencyDigits: 0 }
  const shown = (['symbol', 'narrowSymbol', 'code'] as const).map((currencyDisplay) => {
    const format = new Intl.NumberFormat(locale, { style: 'currency', currency, currencyDisplay })
    return format.formatToParts(0).find(({ type }) => type === 'currency')?.value ?? currency
  })
  const digits = new Intl.NumberFormat(locale, { style: 'currency', currency }).resolvedOptions()
  const names = [...shown, currency].map((each) => each.replace(UNSEEN, '')).filter((each) => each !== decimal)
  return { currency: [...new Set(names)], currencyDigits: digits.minimumFractionDigits ?? 0 }
}

function formatterOf(style: NumberStyle, digits: Intl.NumberFormatOptions): Intl.NumberFormat {
  const { locale, currency, grouping, negative, showCurrency } = style
  return new Intl.NumberFormat(locale, {
    ...digits,
    ...(grouping === undefined ? {} : { useGrouping: grouping }),
    ...(currency === undefined ? {} : { style: 'currency', currency }),
    ...(currency === undefined ? {} : { currencyDisplay: showCurrency === 'code' ? 'code' : 'symbol' }),
    ...(negative === 'accounting' ? { currencySign: 'accounting' } : {}),
  })
}

/** `Intl` takes decimals as text and shows them exactly; the type wants to know that they are decimals. */
function decimalText(decimal: string): Intl.StringNumericLiteral {
  return isNumeric(decimal) ? decimal : '0'
}

function isNumeric(text: string): text is `${number}` {
  return decimalOf(text) !== undefined
}

function patternOf(facts: Facts, lazy: boolean): string {
  const q = lazy ? '?' : ''
  const any = (...choices: string[]) => `(?:${(lazy ? choices.toReversed() : choices).join('|')})`
  const digit = `[0-9${facts.digits.join('')}]`
  const groups = `[${groupSigns(facts)}]`
  const [last, others] = facts.sizes
  const grouped = (size: number) =>
    `${digit}{1,${size}}${q}(?:${groups}${digit}{${size}}){0,40}${q}${groups}${digit}{${last}}`
  const integer = any(grouped(others), ...(others === 3 ? [] : [grouped(3)]), `${digit}{1,120}${q}`)
  const fraction = `${escaped(facts.decimal)}${digit}{1,120}${q}`
  const space = `(?:[${SPACES}]|${UNSEEN_PATTERN}){0,3}${q}`
  const sign = `(?:[+${MINUS}]${space})?${q}`
  const currency = facts.currency.length === 0 ? '' : `(?:(?:${facts.currency.map(escaped).join('|')})${space})?${q}`
  const core = any(`${integer}(?:${fraction})?${q}`, fraction)
  const signed = `${space}${sign}${currency}${sign}${core}${space}${currency}${sign}`
  return any(`${UNSEEN_PATTERN}{0,3}${q}\\(${signed}\\)${UNSEEN_PATTERN}{0,3}${q}`, signed)
}

function groupSigns({ group, decimal }: Facts): string {
  const signs = new Set([...group, ...SPACES, ...APOSTROPHES])
  signs.delete(decimal)
  return [...signs].map((sign) => escaped(sign)).join('')
}

function readNumber(text: string, facts: Facts): string | undefined {
  const bare = facts.currency.reduce((rest, name) => rest.replace(name, ''), text)
  const signs = bare.match(new RegExp(`[+(${MINUS}]`, 'g')) ?? []
  if (signs.length > 1) return undefined
  const [sign] = signs
  let digits = sign === undefined || sign === '+' ? '' : '-'
  for (const char of bare) {
    const value = /[0-9]/.test(char) ? Number(char) : facts.digits.indexOf(char)
    if (char === facts.decimal) digits += '.'
    else if (value >= 0) digits += String(value)
  }
  return decimalOf(digits)
}

export function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&').replaceAll('-', '\\x2d')
}
