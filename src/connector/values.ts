/**
 * The values that items are made of, in the one form in which the engine stores, compares and prints them.
 * All are plain JSON, exact: decimals and dates are text in a fixed form, never numbers or Date objects.
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** The system's own id of an item. */
export type Ref = string

/**
 * What a field holds.
 * text: a string · rich: Markdown source · boolean · decimal: '-12.50' · date: '2026-11-20' ·
 * instant: '2026-11-20T09:30:00.000Z' · ref: the ref of an item of kind `to` · person: a ref of a person or an e-mail ·
 * file: a `FileValue` · json: anything.
 */
export type FieldType =
  | 'text'
  | 'rich'
  | 'boolean'
  | 'decimal'
  | 'date'
  | 'instant'
  | 'ref'
  | 'person'
  | 'file'
  | 'json'

export interface Field {
  readonly type: FieldType
  /** Never null. */
  readonly required?: true
  /** By the engine; absent: on create and on update. */
  readonly written?: 'never' | 'on-create'
  /** A set compares without order. */
  readonly many?: 'set' | 'list'
  /** The kind that a `ref` points to. */
  readonly to?: string
}

export type Fields = { readonly [field: string]: Field }

/**
 * A file as its item shows it. Never its bytes, nor an address that expires: the connector finds them by `ref`. Two values
 * with one ref are one file; a replaced file has another.
 */
export type FileValue = {
  readonly ref: Ref
  readonly name: string
  /** The media type. */
  readonly type?: string
  /** In bytes. */
  readonly size?: number
  /** SHA-256 of the bytes, lower-case hex. */
  readonly digest?: string
}

/** One item's fields. A field that is absent is null. */
export type Values = { readonly [field: string]: Json }

/** JSON with sorted keys: equal values have equal text. Null members are dropped, as an absent field is null. */
export function canonical(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (isList(value)) return `[${value.map(canonical).join(',')}]`
  const parts: string[] = []
  for (const key of Object.keys(value).sort()) {
    const member = value[key]
    if (member !== undefined && member !== null) parts.push(`${JSON.stringify(key)}:${canonical(member)}`)
  }
  return `{${parts.join(',')}}`
}

export function sameValue(left: Json | undefined, right: Json | undefined): boolean {
  const a = left ?? null
  const b = right ?? null
  if (a === b) return true
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false
  if (isList(a) || isList(b))
    return isList(a) && isList(b) && a.length === b.length && a.every((member, at) => sameValue(member, b[at]))
  return sameValues(a, b)
}

export function sameValues(left: Values, right: Values): boolean {
  if (left === right) return true
  for (const name in left) if (!sameValue(left[name], own(right, name))) return false
  // What only the right one has.
  for (const name in right) if ((right[name] ?? null) !== null && own(left, name) === null) return false
  return true
}

/** Never what every object has: a member may be called `constructor`. */
function own(values: Values, name: string): Json {
  return (Object.hasOwn(values, name) ? values[name] : null) ?? null
}

/** The text of a field; null where it is absent. Throws where the field holds something else. */
export function textOf(values: Values, field: string): string | null {
  const value = values[field] ?? null
  if (value === null || typeof value === 'string') return value
  throw new TypeError(`the field ${field} holds no text`)
}

/** The text of a field that must be there. */
export function requiredText(values: Values, field: string): string {
  const value = textOf(values, field)
  if (value === null) throw new TypeError(`the field ${field} is missing`)
  return value
}

/** The first `most` characters of a text, each of them whole. */
export function beginning(text: string, most: number): string {
  return text.length <= most
    ? text
    : Array.from(text.slice(0, 2 * most))
        .slice(0, most)
        .join('')
}

/** The files that a field holds: one, several or none. */
export function filesIn(value: Json | undefined): readonly FileValue[] {
  if (value === undefined || value === null) return []
  return (isList(value) ? value : [value]).map((each) => {
    const file = fileOf(each)
    if (file === null) throw new TypeError('the field holds something that is no file')
    return file
  })
}

function fileOf(value: Json): FileValue | null {
  if (!isObject(value)) return null
  const { ref, name, type, size, digest } = value
  if (typeof ref !== 'string' || typeof name !== 'string') return null
  return {
    ref,
    name,
    ...(typeof type === 'string' ? { type } : {}),
    ...(typeof size === 'number' ? { size } : {}),
    ...(typeof digest === 'string' ? { digest } : {}),
  }
}

export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

export function isObject(json: Json): json is Values {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}
