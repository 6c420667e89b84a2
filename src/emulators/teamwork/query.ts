/** Query parameters, read strictly: an unknown name or a value of the wrong kind is refused. */
import { badRequest } from './answers.ts'

export interface Query {
  text(name: string): string | null
  flag(name: string): boolean
  count(name: string): number | null
  /** Ids, by comma or as a parameter that repeats. */
  numbers(name: string): readonly number[]
  /** Milliseconds since 1970, in whole seconds. */
  time(name: string): number | null
  /** A day, as it is given. */
  day(name: string): string | null
  oneOf<T extends string>(name: string, values: readonly T[]): T | null
  /** Whether a time lies after a bound, by the switch of the site. */
  after(at: number, bound: number): boolean
}

const RFC3339 = /^\d{4}-\d\d-\d\d([Tt]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d))?$/

export function readQuery(search: URLSearchParams, allowed: readonly string[], exclusive: boolean): Query {
  for (const name of search.keys()) if (!allowed.includes(name)) throw badRequest(`${name}: the parameter is unknown`)
  const text = (name: string): string | null => search.get(name) || null
  return {
    text,
    flag(name) {
      const value = text(name) ?? 'false'
      if (!['true', 'false', '1', '0'].includes(value)) throw badRequest(`${name}: not a boolean`)
      return value === 'true' || value === '1'
    },
    count(name) {
      const value = text(name)
      if (value !== null && !/^\d{1,9}$/.test(value)) throw badRequest(`${name}: not a number`)
      return value === null ? null : Number(value)
    },
    numbers(name) {
      const given = search
        .getAll(name)
        .flatMap((value) => value.split(','))
        .filter((value) => value !== '')
      if (given.some((value) => !/^\d{1,15}$/.test(value))) throw badRequest(`${name}: not a list of ids`)
      return given.map(Number)
    },
    time(name) {
      const value = text(name)
      if (value === null) return null
      const at = RFC3339.test(value) ? Date.parse(value) : Number.NaN
      if (Number.isNaN(at)) throw badRequest(`${name}: not a time`)
      return Math.floor(at / 1000) * 1000
    },
    day(name) {
      const value = text(name)
      if (value !== null && !/^\d{4}-\d\d-\d\d$/.test(value)) throw badRequest(`${name}: not a day`)
      return value
    },
    oneOf(name, values) {
      const value = text(name)
      if (value === null) return null
      const found = values.find((candidate) => candidate === value)
      if (found === undefined) throw badRequest(`${name}: ${value} is unknown`)
      return found
    },
    after(at, bound) {
      const seconds = Math.floor(at / 1000) * 1000
      return exclusive ? seconds > bound : seconds >= bound
    },
  }
}
