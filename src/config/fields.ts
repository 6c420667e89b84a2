/** Lenses for pairs of kinds that the configuration itself describes. */
import type { Field } from '../connector/values.ts'
import type { KindFacts, Lens, Origin, Pair, Policy, Side, Way } from '../core/flow.ts'
import { direct } from '../mappings/direct.ts'
import { reference } from '../mappings/reference.ts'
import { signed } from '../mappings/signed.ts'
import { title } from '../mappings/title.ts'
import type { FieldSetting } from './flow-schema.ts'
import { suggestion, type Finding, type Path } from './problem.ts'
import { directions, policyOf, wayOf, type Between } from './sides.ts'

const TITLE_LENGTH = 255

export interface FieldContext {
  readonly between: Between
  readonly kinds: Pair['kinds']
  readonly report: (finding: Finding) => void
}

/** Null where a finding was reported. */
export function lensOf(id: string, setting: FieldSetting, path: Path, context: FieldContext): Lens | null {
  const a = fieldOf('a', setting.a, path, context)
  const b = fieldOf('b', setting.b, path, context)
  const way = readWay(setting, path, context)
  const policy = readPolicy(setting, path, context)
  if (a === null || b === null || way === null || policy === null) return null
  const unfit = misfit(a, b, setting, context.kinds)
  if (unfit !== null) {
    const message = `${a.name} of a ${context.kinds.a.kind} cannot be related to ${b.name} of a ${context.kinds.b.kind}: ${unfit}`
    context.report({ code: 'unfit-fields', path, message, remedy: 'relate it to another field, or leave it out' })
    return null
  }
  const options = { id, a: a.name, b: b.name, way: settled(way, a, b), ...(policy === undefined ? {} : { policy }) }
  if (setting.as === 'title') return title({ ...options, max: setting.max ?? TITLE_LENGTH, untitled: '(no text)' })
  if (setting.as === 'signed') return signed({ ...options, attribution: { a: attribution, b: attribution } })
  if (a.field.type === 'ref') return reference({ ...options, to: { a: a.field.to ?? '', b: b.field.to ?? '' } })
  return direct({
    ...options,
    set: a.field.many === 'set',
    ...(setting.max === undefined ? {} : { max: setting.max }),
  })
}

interface Named {
  readonly name: string
  readonly field: Field
}

function fieldOf(side: Side, name: string | undefined, path: Path, context: FieldContext): Named | null {
  const { fields, kind } = context.kinds[side]
  if (name === undefined) {
    const remedy = `add \`${side}: <a field of ${kind}>\`; it has ${Object.keys(fields).join(', ')}`
    context.report({ code: 'missing', path, message: `the field of side ${side} is not named`, remedy })
    return null
  }
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (field !== undefined) return { name, field }
  context.report({
    code: 'unknown-field',
    path: [...path, side],
    message: `a ${kind} has no field \`${name}\``,
    remedy: suggestion(name, Object.keys(fields)),
  })
  return null
}

function readWay(setting: FieldSetting, path: Path, { between, report }: FieldContext): Way | null {
  const words = setting.way ?? (setting.as === 'title' ? 'on create a->b' : 'both')
  const way = wayOf(words, between)
  if (way === null)
    report({
      code: 'bad-direction',
      path: [...path, 'way'],
      message: 'this is no way for changes to travel',
      remedy: `write ${directions(between)}, or \`on create\` before one of the last two`,
    })
  return way
}

/** Undefined: none is set. Null: a finding was reported. */
export function readPolicy(
  setting: { readonly conflict?: string | undefined },
  path: Path,
  { between, report }: Pick<FieldContext, 'between' | 'report'>,
): Policy | null | undefined {
  if (setting.conflict === undefined) return undefined
  const policy = policyOf(setting.conflict, between)
  if (policy === null)
    report({
      code: 'bad-policy',
      path: [...path, 'conflict'],
      message: 'this is no conflict policy',
      remedy: `write newest, ask, ${between[0]} or ${between[1]}`,
    })
  return policy
}

/** A field that the engine never writes takes no part in what travels towards it. */
function settled(way: Way, a: Named, b: Named): Way {
  if (way !== 'both') return way
  if (a.field.written === 'never') return 'a→b'
  return b.field.written === 'never' ? 'b→a' : 'both'
}

function misfit(a: Named, b: Named, { as }: FieldSetting, kinds: Pair['kinds']): string | null {
  if (a.field.written === 'never' && b.field.written === 'never') return 'neither can be written'
  if (a.field.many !== b.field.many) return 'only one of them holds many values'
  for (const { field, name } of [a, b])
    if (field.type === 'person' || field.type === 'file')
      return `${name} holds a ${field.type}, which does not travel yet`
  if (as === 'signed' || as === 'title')
    return isText(a.field) && isText(b.field) ? null : `\`as: ${as}\` needs text on both sides`
  if (a.field.type === 'ref' && b.field.type === 'ref') return misfitOfRefs(a, b, kinds)
  if (a.field.type === b.field.type || (isText(a.field) && isText(b.field))) return null
  return `one holds ${a.field.type}, the other ${b.field.type}`
}

function misfitOfRefs(a: Named, b: Named, kinds: Pair['kinds']): string | null {
  if (a.field.many !== undefined) return 'lists of references do not travel yet'
  const unclear = (facts: KindFacts, { field, name }: Named) =>
    field.to === undefined ? `${facts.kind}.${name} does not say which kind it points to` : null
  return unclear(kinds.a, a) ?? unclear(kinds.b, b)
}

function isText(field: Field): boolean {
  return (field.type === 'text' || field.type === 'rich') && field.many === undefined
}

function attribution({ author }: Origin): string {
  return author === null ? '' : `${(author.name ?? author.ref).replace(/\s+/g, ' ').trim()}: `
}
