/** What of a system the contract of connectors is tried with: texts, under a parent where they have one. */
import type { Configured, Kind, Kinds } from '../connector/connector.ts'
import type { FieldType, Json, Values } from '../connector/values.ts'

export interface Shape {
  /** The kind of the scope. */
  readonly container: string
  /** The kind of texts. */
  readonly child: string
  /** The field that holds the text. */
  readonly text: string
  /** Null: texts stand in the scope itself. */
  readonly parent: {
    /** The field of the child that names it. */
    readonly field: string
    readonly kind: string
    /** It is made in one call with its first child. */
    readonly head: boolean
  } | null
}

/** By what the connector declares; null: it makes no texts. */
export function shapeOf({ kinds }: Configured): Shape | null {
  const container = Object.keys(kinds).find((kind) => kinds[kind]?.is === 'container')
  const found = Object.entries(kinds).flatMap(([child, declared]) => {
    const text = textFieldOf(declared)
    // What has a place of its own, as a time of a series, is no text among others.
    const isText = declared.create !== undefined && declared.unique === undefined
    return container === undefined || declared.in !== container || !isText || text === null
      ? []
      : [{ container, child, text, parent: parentOf(kinds, child, declared) }]
  })
  // Whatever is a parent of others is tried along with them.
  return found.find(({ parent }) => parent !== null) ?? found[0] ?? null
}

function textFieldOf({ fields, sample = {}, update }: Kind<unknown>): string | null {
  const texts = Object.entries(fields).filter(
    ([field, { type, written, many }]) =>
      (type === 'text' || type === 'rich') &&
      (written === undefined || (written === 'on-create' && update === undefined)) &&
      many === undefined &&
      !(field in sample),
  )
  return (texts.find(([, { required }]) => required === true) ?? texts[0])?.[0] ?? null
}

function parentOf(kinds: Kinds<unknown>, child: string, declared: Kind<unknown>): Shape['parent'] {
  const field = declared.siblings ?? declared.under
  const kind = field === undefined ? undefined : declared.fields[field]?.to
  if (field === undefined || kind === undefined || kind === child || kinds[kind]?.create === undefined) return null
  return { field, kind, head: kinds[kind].head === child }
}

/** What a new item of a kind needs besides its text: its scope, a title, and something of each type that it has to have. */
export function valuesFor({ kinds }: Configured, kind: string, scope: string, title: string): Values {
  const declared = kinds[kind]
  if (declared?.sample !== undefined) return declared.sample
  const values: { [field: string]: Json } = {}
  for (const [at, [field, { type, written, required, many }]] of Object.entries(declared?.fields ?? {}).entries()) {
    if (written === 'never' || many !== undefined) continue
    if (field === declared?.scopeField) values[field] = scope
    else if (required === true) values[field] = valueOf(type, title, at)
  }
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null))
}

/** Of two times the one that is declared later is later, as an end is. Null: there is nothing that would do. */
function valueOf(type: FieldType, title: string, at: number): Json {
  switch (type) {
    case 'text':
    case 'rich':
      return title
    case 'boolean':
      return false
    case 'decimal':
      return '1'
    case 'date':
      return '2099-01-05'
    case 'instant':
      return new Date(Date.UTC(2099, 0, 5, 9, at)).toISOString()
    case 'ref':
    case 'person':
    case 'file':
    case 'json':
      return null
  }
}
