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

/** What a text from outside says; undefined: it is no JSON. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
