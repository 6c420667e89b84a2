/** Checks requests and answers against the bare shapes of a vendor's own description of its API in test/shapes. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'

const TYPE = z.union([z.string(), z.strictObject({ enum: z.array(z.string()) })])
const METHOD = z.strictObject({
  verb: z.string(),
  path: z.string(),
  query: z.record(z.string(), TYPE),
  request: z.string().optional(),
  response: z.string().optional(),
  scopes: z.array(z.string()),
})
const SHAPES = z.strictObject({
  origin: z.string(),
  revision: z.string(),
  date: z.string(),
  rootUrl: z.string(),
  commonQuery: z.array(z.string()),
  methods: z.record(z.string(), METHOD),
  schemas: z.record(z.string(), z.record(z.string(), TYPE)),
})

type Type = z.infer<typeof TYPE>
export type ShapeMethod = z.infer<typeof METHOD>

export interface Shapes extends z.infer<typeof SHAPES> {
  /** The method that a verb and a path mean; search wins over message names, as it holds a colon. */
  methodOf(verb: string, path: string): ShapeMethod | null
  /** What does not fit, as sentences; empty when all fits. */
  misfits(schema: string, value: unknown, at?: string): string[]
}

/** `emptyLists`: whether the service answers a list without items, instead of leaving it out. */
export function shapesOf(file: string, { emptyLists }: { readonly emptyLists: boolean }): Shapes {
  const shapes = SHAPES.parse(JSON.parse(readFileSync(new URL(`../shapes/${file}`, import.meta.url), 'utf8')))
  const misfits = (schema: string, value: unknown, at = schema): string[] => {
    const fields = shapes.schemas[schema]
    if (fields === undefined) return [`${at}: the shapes hold no ${schema}`]
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${at}: not an object`]
    return Object.entries(value).flatMap(([name, inner]) => {
      const type = fields[name]
      return type === undefined ? [`${at}.${name}: unknown field`] : misfit(type, inner, `${at}.${name}`)
    })
  }
  const misfit = (type: Type, value: unknown, at: string): string[] => {
    if (typeof type !== 'string') return type.enum.some((one) => one === value) ? [] : [`${at}: not in the enum`]
    if (type.startsWith('null:')) return value === null ? [] : misfit(type.slice(5), value, at)
    if (type.startsWith('ref:')) return misfits(type.slice(4), value, at)
    if (type.startsWith('list:')) {
      if (!Array.isArray(value)) return [`${at}: not a list`]
      if (value.length === 0) return emptyLists ? [] : [`${at}: an empty list is left out`]
      return value.flatMap((item: unknown, index) => misfit(type.slice(5), item, `${at}[${index}]`))
    }
    if (type.startsWith('map:')) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${at}: not a map`]
      return Object.entries(value).flatMap(([key, inner]) => misfit(type.slice(4), inner, `${at}.${key}`))
    }
    return fits(type, value) ? [] : [`${at}: not ${type}`]
  }
  return {
    ...shapes,
    misfits,
    methodOf(verb, path) {
      for (const method of Object.values(shapes.methods)) {
        const pattern = method.path.replace(/\{[^}]+\}/g, '[^/:]+')
        if (method.verb === verb && new RegExp(`^${pattern}$`).test(path)) return method
      }
      return null
    },
  }
}

function fits(type: string, value: unknown): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string'
    case 'boolean':
      return typeof value === 'boolean'
    case 'int32':
    case 'integer':
      return Number.isInteger(value)
    // A 64-bit number travels as text.
    case 'int64':
      return typeof value === 'string' && /^-?\d+$/.test(value)
    case 'google-datetime':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}|\.\d{6})?Z$/.test(value)
    case 'date-time':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?(Z|[+-]\d\d:\d\d)$/.test(value)
    case 'date':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value)
    case 'google-fieldmask':
      return typeof value === 'string'
    // What a cell holds goes by its field.
    case 'any':
      return value !== undefined
    default:
      return false
  }
}
