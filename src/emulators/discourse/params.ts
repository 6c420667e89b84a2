/** A request's parameters as Rails sees them: query and body together, nested by brackets. */
import { z } from 'zod'
import type { WireRequest } from '../emulator.ts'

export type Params = Readonly<Record<string, unknown>>

const record = z.record(z.string(), z.unknown())
const scalar = z.union([z.string(), z.number(), z.boolean()])
const items = z.array(scalar)

/** Null: a body that says it is JSON and is not. */
export function paramsOf(request: WireRequest): Params | null {
  const params = unflatten(request.query)
  const text = request.body.toString('utf8')
  if (text === '') return params
  const type = request.headers['content-type'] ?? ''
  if (!type.includes('json')) return { ...params, ...unflatten(new URLSearchParams(text)) }
  try {
    const body = record.safeParse(JSON.parse(text))
    return body.success ? { ...params, ...body.data } : params
  } catch {
    return null
  }
}

function unflatten(pairs: URLSearchParams): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const [key, value] of pairs) {
    const nested = /^([^[\]]+)\[([^[\]]+)\]$/.exec(key)
    if (key.endsWith('[]')) {
      const name = key.slice(0, -2)
      const list = items.safeParse(out[name])
      out[name] = list.success ? [...list.data, value] : [value]
    } else if (nested?.[1] !== undefined && nested[2] !== undefined) {
      const inner = record.safeParse(out[nested[1]])
      out[nested[1]] = { ...(inner.success ? inner.data : {}), [nested[2]]: value }
    } else out[key] = value
  }
  return out
}

export function text(params: Params, name: string): string | undefined {
  const value = scalar.safeParse(params[name])
  return value.success ? String(value.data) : undefined
}

export function flag(params: Params, name: string): boolean {
  const value = text(params, name)
  return value === 'true' || value === 't' || value === '1'
}

export function integer(params: Params, name: string): number | undefined {
  const value = text(params, name)
  return value === undefined || !/^-?\d+$/.test(value) ? undefined : Number(value)
}

/** A list, a single value, or values joined by commas. */
export function list(params: Params, name: string): string[] {
  const values = items.safeParse(params[name])
  if (values.success) return values.data.map(String)
  const value = text(params, name)
  return value === undefined || value === '' ? [] : value.split(',')
}

export function integers(params: Params, name: string): number[] {
  return list(params, name)
    .filter((item) => /^-?\d+$/.test(item))
    .map(Number)
}

export function nested(params: Params, name: string): Params | undefined {
  const value = record.safeParse(params[name])
  return value.success ? value.data : undefined
}
