/** Exact decimal numbers: digits as text, never a floating-point number. */
import type { Json } from '../connector/values.ts'

/** '-12.50' is '-12.5', '007' is '7', '-0.0' is '0'. Undefined: it is no decimal number. */
export function decimalOf(held: Json): string | undefined {
  const text = typeof held === 'number' && Number.isSafeInteger(held) ? String(held) : held
  const found = typeof text === 'string' ? /^([-+]?)(\d*)(?:\.(\d*))?$/.exec(text.trim()) : null
  if (found === null) return undefined
  const [, sign = '', whole = '', fraction = ''] = found
  if (whole + fraction === '') return undefined
  const digits = whole.replace(/^0+(?=\d)/, '') || '0'
  const rest = fraction.replace(/0+$/, '')
  const shown = rest === '' ? digits : `${digits}.${rest}`
  return sign === '-' && shown !== '0' ? `-${shown}` : shown
}

export function fractionOf(decimal: string): number {
  return (decimal.split('.')[1] ?? '').length
}

/** Below, at and above zero as the first is to the second. */
export function compareDecimals(left: string, right: string): number {
  const negative = { left: left.startsWith('-'), right: right.startsWith('-') }
  if (negative.left !== negative.right) return negative.left ? -1 : 1
  const size = compareSizes(left.replace('-', ''), right.replace('-', ''))
  return negative.left ? -size : size
}

function compareSizes(left: string, right: string): number {
  const [a = '', fractionA = ''] = left.split('.')
  const [b = '', fractionB = ''] = right.split('.')
  if (a.length !== b.length) return a.length - b.length
  const length = Math.max(fractionA.length, fractionB.length)
  const [one, two] = [a + fractionA.padEnd(length, '0'), b + fractionB.padEnd(length, '0')]
  return one < two ? -1 : one > two ? 1 : 0
}
