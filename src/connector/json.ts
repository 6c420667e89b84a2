/** Schemas of what items are made of, for what comes from outside or out of the store. */
import { z } from 'zod'
import type { Json, Values } from './values.ts'

/** Answers what it was given, not a copy: a copy by names would lose a member that is called `__proto__`. */
export const json: z.ZodType<Json> = z.custom<Json>(isJson, 'no JSON')
export const values: z.ZodType<Values> = z.custom<Values>(
  (given) => isJson(given) && typeof given === 'object' && given !== null && !Array.isArray(given),
  'no values by the names of their fields',
)

function isJson(given: unknown): given is Json {
  if (given === null || typeof given === 'string' || typeof given === 'boolean') return true
  if (typeof given === 'number') return Number.isFinite(given)
  if (typeof given !== 'object') return false
  if (Array.isArray(given)) return given.every(isJson)
  const kind: unknown = Object.getPrototypeOf(given)
  return (kind === Object.prototype || kind === null) && Object.values(given).every(isJson)
}

/** What a text from outside says, with every character whole (`jsonText`); undefined: it is no JSON. */
export function jsonIn(text: string): unknown {
  try {
    const said: unknown = JSON.parse(text)
    return /\\u[dD]/.test(text) ? whole(said) : said
  } catch {
    return undefined
  }
}

/**
 * JSON as text. Half of a character, as is left where a text was cut within an emoji, is U+FFFD: no encoding has it, so a
 * system or a database refuses it or answers something else, which would differ from it for ever.
 */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value)
  return hasHalves(text) ? text.replaceAll(HALF, '$1\u{FFFD}') : text
}

/** What is plain data, with every character whole: itself, where it has no halves. */
export function whole<Data>(value: Data): Data {
  if (!hasHalves(JSON.stringify(value))) return value
  const data: Data = JSON.parse(jsonText(value))
  return data
}

/** JSON.stringify escapes halves alone, in lower case; after an odd backslash it is such an escape. */
const HALF = /(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g

/** Told fast of what has none; what has a backslash of its own there is told to have some. */
function hasHalves(text: string): boolean {
  return text.includes('\\ud')
}
