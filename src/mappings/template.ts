/**
 * A text made of several fields of the other side, from which they are read back: a title such as
 * '{title} · {amount} {currency}', or a description of labelled lines.
 *
 * A text that could be read in two ways is not read. What is shown is compared by the values that it stands for, so a
 * text that a person wrote in another way, with other signs or spaces, stays as it is while it says the same.
 */
import { canonical, isObject, sameValue, type Json, type Values } from '../connector/values.ts'
import { other, type Lens, type Policy, type Side, type Unreadable, type Way } from '../core/flow.ts'
import type { Format } from './format.ts'
import { escaped } from './numbers.ts'
import { plain } from './signed.ts'
import { variantsOf, type Placed } from './template-text.ts'

export interface TemplateOptions {
  readonly id: string
  /** The side that holds the text, in this field. */
  readonly side: Side
  readonly text: string
  readonly parts: readonly Placed[]
  /** Of every field of the other side that the template names. */
  readonly formats: ReadonlyMap<string, Format>
  readonly way?: Way
  readonly policy?: Policy
}

export function template(options: TemplateOptions): Lens {
  const { id, side: there, text: field, formats, way, policy } = options
  const names = [...formats.keys()]
  const scan = scannerOf(options.parts, formats)
  const textIn = (values: Values) => textOf(values[field])
  const read = (side: Side, values: Values): Json => {
    const said = side === there ? scan(textIn(values)) : normal(values, formats)
    return typeof said === 'string' ? { unreadable: said } : said
  }
  return {
    id,
    way: way ?? 'both',
    fields: there === 'a' ? { a: [field], b: names } : { a: names, b: [field] },
    ...(policy === undefined ? {} : { policy }),
    read,
    write(side, value, old) {
      if (side === there) {
        if (old !== null && sameValue(read(side, old), value)) return { [field]: old[field] ?? null }
        return { [field]: show(options.parts, formats, membersOf(value)) ?? '' }
      }
      const wanted = membersOf(value)
      return Object.fromEntries(names.map((name) => [name, kept(name, wanted[name] ?? null, old, formats)]))
    },
    unreadable(side, values): Unreadable | null {
      const said = side === there ? scan(textIn(values)) : normal(values, formats)
      if (typeof said === 'string') return { why: said }
      if (side === there || show(options.parts, formats, said) !== null) return null
      const bad = names.find((name) => isUnsayable(formats.get(name), said[name] ?? null)) ?? ''
      return { why: `cannot be said: ${bad} is not ${formats.get(bad)?.what ?? 'as the template wants it'}` }
    },
  }
}

/** A text made of fields of the other side that is never read back. */
export function computed(options: Omit<TemplateOptions, 'way'> & { readonly way: Way }): Lens {
  const { id, side: there, text: field, formats, parts, way, policy } = options
  return {
    id,
    way,
    fields: { a: there === 'a' ? [field] : [], b: there === 'b' ? [field] : [] },
    ...(policy === undefined ? {} : { policy }),
    read(side, values) {
      if (side === there) return textOf(values[field])
      const said = normal(values, formats)
      return typeof said === 'string' ? { unreadable: said } : (show(parts, formats, said) ?? { unreadable: '' })
    },
    write(side, value, old) {
      if (side !== there) return {}
      const stays = old !== null && sameValue(textOf(old[field]), value)
      return { [field]: stays ? (old[field] ?? null) : typeof value === 'string' ? value : '' }
    },
    unreadable(side, values): Unreadable | null {
      if (side !== other(there)) return null
      const said = normal(values, formats)
      if (typeof said === 'string') return { why: said }
      return show(parts, formats, said) === null ? { why: 'cannot be said as the template wants it' } : null
    },
  }
}

/** As systems keep it. */
function textOf(held: Json | undefined): string {
  return typeof held === 'string' ? plain(held).trim() : ''
}

/** The fields in the form in which they are compared, or why there is none. */
function normal(values: Values, formats: ReadonlyMap<string, Format>): Values | string {
  const found: Record<string, Json> = {}
  for (const [name, format] of formats) {
    const held = values[name] ?? null
    const value = held === null ? null : format.normal(held)
    if (value === undefined) return `cannot be said: ${name} is not ${format.what}`
    found[name] = value
  }
  return found
}

function isUnsayable(format: Format | undefined, value: Json): boolean {
  return format === undefined || (value !== null && format.show(value) === undefined)
}

/** Null: it cannot be said. */
function show(parts: readonly Placed[], formats: ReadonlyMap<string, Format>, said: Values): string | null {
  const isShown = (group: number | null) =>
    group === null ||
    parts.some((part) => part.group === group && 'field' in part && (said[part.field] ?? null) !== null)
  let text = ''
  for (const part of parts) {
    if (!isShown(part.group)) continue
    const value = 'field' in part ? (said[part.field] ?? null) : null
    const shown = 'literal' in part ? part.literal : value === null ? '' : formats.get(part.field)?.show(value)
    if (shown === undefined) return null
    text += shown
  }
  return plain(text).trim()
}

function kept(name: string, value: Json, old: Values | null, formats: ReadonlyMap<string, Format>): Json {
  const held = old?.[name] ?? null
  const before = held === null ? null : formats.get(name)?.normal(held)
  return old !== null && sameValue(before, value) && before !== undefined ? held : value
}

/** Reads a text: the values that it stands for, or why it cannot be read. */
function scannerOf(parts: readonly Placed[], formats: ReadonlyMap<string, Format>): (text: string) => Values | string {
  const variants = variantsOf(parts).map((variant) => ({
    fields: variant.flatMap((part) => ('field' in part ? [part.field] : [])),
    count: new Set(variant.map(({ group }) => group)).size,
    absent: parts.filter((part) => !variant.includes(part)).flatMap(signOf),
    longest: lazily(() => patternOf(variant, formats, false)),
    shortest: lazily(() => patternOf(variant, formats, true)),
    edges: edgesOf(variant),
  }))
  const shape = parts.map((part) => ('field' in part ? `{${part.field}}` : part.literal)).join('')
  return (text) => {
    const readings = new Map<string, Values>()
    let count = -1
    for (const variant of variants) {
      if (variant.count < count) break
      for (const pattern of [variant.longest(), variant.shortest()]) {
        const found = pattern.exec(text) ?? pattern.exec(`${variant.edges.start}${text}${variant.edges.end}`)
        const said = valuesIn(found, variant.fields, formats)
        if (said === null) continue
        const sign = variant.absent.find((each) => Object.values(said).some((value) => holds(value, each)))
        if (sign !== undefined) return `cannot be read after ${JSON.stringify(sign.trim())}`
        readings.set(canonical(said), said)
      }
      if (readings.size > 0) count = variant.count
    }
    const [first, second] = readings.values()
    if (first === undefined) return `does not read as ${JSON.stringify(shape)}`
    return second === undefined ? first : `can be read in two ways as ${JSON.stringify(shape)}`
  }
}

/** The white space that no text shows where the fields before the first sign are empty, or those after the last. */
function edgesOf(variant: readonly Placed[]): { readonly start: string; readonly end: string } {
  const literals = variant.flatMap((part) => ('literal' in part ? [part.literal] : []))
  return { start: /^\s*/.exec(literals[0] ?? '')?.[0] ?? '', end: /\s*$/.exec(literals.at(-1) ?? '')?.[0] ?? '' }
}

/** What tells that a part which may be left out was meant to be there. */
function signOf(part: Placed): readonly string[] {
  const sign = 'literal' in part ? part.literal.replaceAll(/ +/g, ' ').trimEnd() : ''
  return sign === '' ? [] : [sign]
}

function holds(value: Json, sign: string): boolean {
  return typeof value === 'string' && value.replaceAll(/[ \t\u00a0\u202f]+/g, ' ').includes(sign)
}

function patternOf(variant: readonly Placed[], formats: ReadonlyMap<string, Format>, lazy: boolean): RegExp {
  const source = variant.map((part) =>
    'literal' in part ? literalPattern(part.literal) : `(${formats.get(part.field)?.pattern(lazy) ?? ''})`,
  )
  return new RegExp(`^${source.join('')}$`, 'u')
}

/** Spaces of any kind and number, and any white space at the end of a line. */
function literalPattern(literal: string): string {
  return escaped(literal.replaceAll('\u00a0', ' '))
    .replaceAll(/ +/g, '[ \\t\\u00a0\\u202f]{1,8}')
    .replaceAll('\n', '[ \\t]{0,8}\\n')
}

function valuesIn(
  found: RegExpExecArray | null,
  fields: readonly string[],
  formats: ReadonlyMap<string, Format>,
): Values | null {
  if (found === null) return null
  const said: Record<string, Json> = Object.fromEntries([...formats.keys()].map((name) => [name, null]))
  for (const [index, name] of fields.entries()) {
    const text = (found[index + 1] ?? '').trim()
    const value = text === '' ? null : formats.get(name)?.read(text)
    if (value === undefined) return null
    said[name] = value
  }
  return said
}

function membersOf(value: Json): Values {
  return isObject(value) ? value : {}
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null
  return () => (made ??= { value: make() }).value
}
