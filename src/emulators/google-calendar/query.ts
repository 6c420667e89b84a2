/** Query parameters and JSON bodies, read strictly: an unknown name or a value of the wrong type is refused. */
import type { z } from 'zod'
import { CalendarError, invalid } from './errors.ts'

/** Every method takes these; the emulator gives a meaning only to `fields`. */
const COMMON = ['alt', 'fields', 'key', 'prettyPrint', 'quotaUser', 'userIp', 'access_token', 'oauth_token', '$.xgafv']

export interface Query {
  text(name: string): string | null
  /** All values of a parameter that may be repeated. */
  texts(name: string): readonly string[]
  /** Null: not given. */
  flag(name: string): boolean | null
  count(name: string): number | null
  oneOf<T extends string>(name: string, values: readonly T[]): T | null
}

export function readQuery(search: URLSearchParams, allowed: readonly string[]): Query {
  for (const name of search.keys())
    if (!COMMON.includes(name) && !allowed.includes(name)) throw invalid(`Unknown query parameter "${name}".`, name)
  const text = (name: string): string | null => search.get(name) || null
  const wrong = (name: string): CalendarError => invalid(`Invalid value for: ${name}`, name)
  return {
    text,
    texts: (name) => search.getAll(name),
    flag(name) {
      const value = text(name)
      if (value !== null && value !== 'true' && value !== 'false') throw wrong(name)
      return value === null ? null : value === 'true'
    },
    count(name) {
      const value = text(name)
      if (value !== null && !/^-?\d{1,9}$/.test(value)) throw wrong(name)
      return value === null ? null : Number(value)
    },
    oneOf(name, values) {
      const value = text(name)
      if (value === null) return null
      const found = values.find((candidate) => candidate === value)
      if (found === undefined) throw wrong(name)
      return found
    },
  }
}

export function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.length === 0 ? '{}' : body.toString('utf8'))
  } catch {
    throw new CalendarError({ code: 400, reason: 'parseError', message: 'Parse Error' })
  }
}

/** A body that is what the schema says, or a refusal that names the place. */
export function parseAs<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw invalid(`Invalid value for: ${parsed.error.issues[0]?.path.join('.') ?? ''}`)
}
