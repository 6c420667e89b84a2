/** Query parameters and bodies, read strictly: an unknown name or a value of the wrong kind is refused. */
import type { z } from 'zod'
import { badRequest } from './answers.ts'

export interface Query {
  text(name: string): string | null
  flag(name: string): boolean
  /** At most `most`, `standard` where it is absent. */
  limit(standard: number, most: number, least?: number): number
  count(name: string): number | null
}

export function readQuery(search: URLSearchParams, allowed: readonly string[]): Query {
  for (const name of search.keys()) if (!allowed.includes(name)) throw badRequest(`unknown parameter '${name}'`)
  const text = (name: string): string | null => search.get(name) || null
  const count = (name: string): number | null => {
    const value = text(name)
    if (value !== null && !/^\d{1,12}$/.test(value)) throw badRequest(`'${name}' is not a number`)
    return value === null ? null : Number(value)
  }
  return {
    text,
    count,
    flag(name) {
      const value = text(name)
      if (value !== null && value !== 'true' && value !== 'false') throw badRequest(`'${name}' is not a boolean`)
      return value === 'true'
    },
    limit(standard, most, least = 1) {
      const limit = count('limit') ?? standard
      if (limit < least) throw badRequest(`min 'limit' value is ${least}`)
      if (limit > most) throw badRequest(`max 'limit' value is ${most}`)
      return limit
    },
  }
}

/** What a body holds under the resource's name. */
export function readBody<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw badRequest(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
}
